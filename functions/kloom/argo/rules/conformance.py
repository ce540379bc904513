"""Whether an Application or AppProject conforms to its schema, and what of it the rules can look at where not."""

from __future__ import annotations

from kloom import schemas
from kloom.schemas.checker import Checker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.rule import Path
    from kloom.schemas.findings import SchemaError, Written
    from kloom.sdk.result import Severity

    Schema = Mapping[str, Any]
    Object = Mapping[str, Any]

API_VERSION = "argoproj.io/v1alpha1"
_SPEC = ("spec",)


class Nonconformity:
    """One violation: where in the object, what must hold there, and whether Kubernetes refuses it."""

    __slots__ = ("message", "path", "severity")

    def __init__(self, path: Path, message: str, severity: Severity = "error") -> None:
        self.path = path
        self.message = message
        self.severity = severity


class Conformance:
    """What the schema says of one object.

    `rest` is what the rules can look at: the object itself, without nulls, or without what does not conform; None where
    that leaves nothing. `concerns` tells findings in what was left out.
    """

    __slots__ = ("_left_out", "problems", "rest")

    def __init__(self, rest: Object | None, problems: list[Nonconformity], left_out: list[Path]) -> None:
        self.rest = rest
        self.problems = problems
        self._left_out = left_out

    def concerns(self, path: Path) -> bool:
        """Whether a finding at the path would be about something that was left out, or about what holds it."""
        return any(path[: len(left)] == left[: len(path)] for left in self._left_out)


class Conforming:
    """Holds the objects of one kind against their schema; those that conform cost little."""

    __slots__ = ("_conforms", "_schema")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._conforms = Checker(schema["definitions"]).compile(schema)

    def of(self, obj: Object, written: Written | None = None) -> Conformance:
        """What the schema says of the object, and where it has a text, what is `written` there."""
        return Conformance(obj, [], []) if self._conforms(obj) else self._explained(obj, written)

    def _explained(self, obj: Object, written: Written | None) -> Conformance:
        from kloom.schemas.findings import nowhere, schema_errors

        nulls: list[Path] = []
        bare = _without_nulls(obj, self._schema, self._schema["definitions"], (), nulls)
        problems = [
            Nonconformity(path, "should be left out: null says nothing, and Kubernetes drops it", "warning")
            for path in nulls
            if path[0] != "metadata"
        ]
        left_out: list[Path] = []
        for error in schema_errors(self._schema, bare, written or nowhere):
            problems.append(Nonconformity(error.path, error.message()))
            left_out += _to_leave_out(error, bare)
        return Conformance(_without(bare, left_out), problems, left_out)


def application() -> Conforming:
    """For Applications: every field of the spec, as `application.json` knows them."""
    spec = schemas.load("application")
    kept = {key: value for key, value in spec.items() if key not in ("$schema", "definitions")}
    beyond = schemas.load("manifest_validator")["definitions"]
    whole = {
        "type": "object",
        "additionalProperties": False,
        "required": ["metadata", "spec"],
        "properties": {
            "apiVersion": {"type": "string", "enum": [API_VERSION]},
            "kind": {"type": "string"},
            "metadata": beyond["metadata"],
            "spec": kept,
            "operation": {"type": "object"},
            "status": {"type": "object"},
        },
        "definitions": spec["definitions"],
    }
    return Conforming(whole)


def app_project() -> Conforming:
    """For AppProjects."""
    definitions = schemas.load("manifest_validator")["definitions"]
    return Conforming({**definitions["appProject"], "definitions": definitions})


def _without_nulls(value: Any, schema: Schema, definitions: Schema, path: Path, nulls: list[Path]) -> Any:
    """The value without the nulls of known fields, whose places are added to `nulls`; open maps keep theirs."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    if isinstance(value, dict) and "properties" in schema:
        nulls += [(*path, key) for key, item in value.items() if item is None and key in schema["properties"]]
        return {
            key: _without_nulls(item, schema["properties"].get(key, {}), definitions, (*path, key), nulls)
            for key, item in value.items()
            if item is not None or key not in schema["properties"]
        }
    if isinstance(value, list) and "items" in schema:
        items = schema["items"]
        return [_without_nulls(item, items, definitions, (*path, at), nulls) for at, item in enumerate(value)]
    return value


def _to_leave_out(error: SchemaError, obj: Object) -> Iterator[Path]:
    """What the rules must not look at: the value itself, the whole list where it is in one, a spec's missing fields."""
    path = error.path
    if path == _SPEC and isinstance(obj["spec"], dict):
        yield from ((*path, field) for field in ("destination", "project") if field not in obj["spec"])
    else:
        yield next((path[:at] for at, step in enumerate(path) if isinstance(step, int)), path)


def _without(obj: Any, paths: list[Path]) -> Object | None:
    """A copy of the object without the values at the paths; None where it lacks metadata or a spec then."""
    from copy import deepcopy

    if not isinstance(obj, dict) or any(path in ((), ("metadata",), _SPEC) for path in paths):
        return None
    copy = deepcopy(dict(obj))
    for path in paths:
        holder: Any = copy
        for step in path[:-1]:
            holder = holder.get(step, {}) if isinstance(holder, dict) else {}
        if isinstance(holder, dict):
            holder.pop(path[-1], None)
    return copy
