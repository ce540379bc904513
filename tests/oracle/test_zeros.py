"""Zero values, field by field: kloom finds those that Argo CD leaves out of what it writes, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from argocd import ArgoCD, Object, World

from kloom import schemas
from kloom.argo.rules import RULES, Facts
from kloom.argo.rules.walk import Walk

SCHEMA = schemas.load("application")
SAMPLES = {"string": "x", "integer": 1, "number": 1, "boolean": True}
ZEROS = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
NOT_LOOKED_AT = {"info"}
"""What kloom has no rule on."""

Path = tuple[str | int, ...]


def test_the_zero_value_of_each_field(argocd: ArgoCD) -> None:
    whole = filled(SCHEMA)
    places = [(path, zero) for path, zero in zeros(SCHEMA, whole) if dotted(path) not in NOT_LOOKED_AT]
    assert len(places) > 250, "the schema has as many fields"
    wrong = {}
    for path, zero in places:
        spec = with_value(whole, path, zero)
        by_argocd, by_kloom = dropped(argocd, spec), found(spec)
        if by_argocd != by_kloom:
            wrong[dotted(path)] = by_argocd, by_kloom
    assert wrong == {}


def found(spec: Object) -> set[str]:
    """Where kloom finds a zero value that goes."""
    findings = Walk(RULES, Facts()).over([application(spec)])
    return {dotted(one.path[1:]) for one in findings if one.rule.id.endswith("-zero-dropped")}


def dropped(argocd: ArgoCD, spec: Object) -> set[str]:
    """What Argo CD drops of it."""
    return set(argocd.judge(World(applications=[application(spec)])).applications[0].get("dropped", ()))


def application(spec: Object) -> Object:
    metadata = {"name": "cart", "namespace": "argocd"}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}


def dotted(path: Path) -> str:
    return ".".join(map(str, path))


def filled(schema: Object) -> Any:
    """A value that says all that there is."""
    schema = resolved(schema)
    kind = kind_of(schema)
    if kind == "object":
        if "properties" in schema:
            return {name: filled(part) for name, part in schema["properties"].items()}
        return {"x": filled(inside) if isinstance(inside := schema.get("additionalProperties"), dict) else "x"}
    return [filled(schema["items"])] if kind == "array" else SAMPLES[kind]


def zeros(schema: Object, whole: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each place below a value, and the zero value that it can have."""
    schema = resolved(schema)
    if isinstance(whole, dict):
        inside = schema.get("properties") or dict.fromkeys(whole, schema.get("additionalProperties"))
        parts = [(name, inside[name]) for name in whole if isinstance(inside[name], dict)]
    else:
        parts = [(0, schema["items"])] if isinstance(whole, list) else []
    for step, part in parts:
        if step != 0:  # an entry of a list is as it is
            yield (*at, step), ZEROS[kind_of(resolved(part))]
        yield from zeros(part, whole[step], (*at, step))


def resolved(schema: Object) -> Object:
    return SCHEMA["definitions"][schema["$ref"].removeprefix("#/definitions/")] if "$ref" in schema else schema


def kind_of(schema: Object) -> str:
    kind = schema["type"]
    return kind if isinstance(kind, str) else kind[0]


def with_value(whole: Object, path: Path, value: Any) -> Object:
    copy = deepcopy(whole)
    holder: Any = copy
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return copy
