"""Say what is wrong with data that does not conform to a schema, in the words of who must fix it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator

from kloom.sdk.suggestion import likely
from kloom.sdk.yaml_reader import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jsonschema import ValidationError

    Path = Sequence[str | int]
    Written = Callable[[Path], str | None]
    """What stands in the text at a path, where a plain scalar stands there and there is a text."""

_TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "a string",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
}
_LONGEST_QUOTE = 80
MAX_ERRORS = 100
"""How many mistakes of one file are told."""
MORE_ERRORS = f"also wrong; only the first {MAX_ERRORS} mistakes are told"


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaError:
    """One violation: where, and what must hold there.

    `unknown_key` is set when the path ends in a key that must not be there, `suggestion` when a similar key may.
    """

    path: tuple[str | int, ...]
    rule: str
    unknown_key: bool = False
    suggestion: str | None = None

    def message(self, hint: str = "") -> str:
        """The rule, a hint of the caller's, and the suggestion."""
        more = f"; {hint}" if hint else ""
        question = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return f"{self.rule}{more}{question}"


def nowhere(_path: Path) -> None:
    """For data without a text."""


def schema_errors(schema: Mapping[str, Any], data: object, written: Written = nowhere) -> Iterator[SchemaError]:
    """Every violation of the schema, in the order of the data; of more than MAX_ERRORS the first, and a last one.

    Numbers are told as they are `written`: 1.10 is read as 1.1, and would be another revision in quotes.
    """
    errors = islice(Draft7Validator(schema).iter_errors(data), MAX_ERRORS + 1)
    seen: set[SchemaError] = set()
    for error in sorted(errors, key=lambda error: [str(step) for step in error.absolute_path]):
        for found in _errors_of(error, written):
            if len(seen) == MAX_ERRORS:
                yield SchemaError(path=found.path, rule=MORE_ERRORS, unknown_key=found.unknown_key)
                return
            if found not in seen:
                seen.add(found)
                yield found


def _errors_of(error: ValidationError, written: Written) -> Iterator[SchemaError]:
    path = tuple(error.absolute_path)
    schema: Any = error.schema
    instance: Any = error.instance
    expected: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known = sorted(schema["properties"])
            for key in instance:
                if key not in known:
                    yield _unknown_key((*path, key), key, known)
        case "required":
            missing = [name for name in expected if name not in instance]
            yield SchemaError(path=path, rule=f"must have {' and '.join(missing)}")
        case "type":
            yield SchemaError(path=path, rule=_type_rule(expected, instance, written(path)))
        case "enum":
            choices = [str(choice) for choice in expected]
            rule = f"must be {' or '.join(choices)}, was {_quoted(instance)}"
            yield SchemaError(path=path, rule=rule, suggestion=likely(str(instance), choices))
        case "minItems":
            yield SchemaError(path=path, rule=f"must have at least {expected} item, was empty")
        case "pattern" | "minLength":
            what = schema["description"].rstrip(".")
            yield SchemaError(path=path, rule=f"must be {what[0].lower()}{what[1:]}, was {_quoted(instance)}")
        case _:
            yield SchemaError(path=path, rule=f"{error.message}")


def _unknown_key(path: tuple[str | int, ...], key: str, known: Sequence[str]) -> SchemaError:
    return SchemaError(path=path, rule="unknown key", unknown_key=True, suggestion=likely(key, known))


def _type_rule(types: str | Sequence[str], instance: object, written: str | None) -> str:
    wanted = [_TYPES[name] for name in ([types] if isinstance(types, str) else types) if name != "null"]
    was, advice = _told(instance, written)
    return f"must be {' or '.join(wanted)}, was {was}{advice if wanted == ['a string'] else ''}"


def _told(value: object, written: str | None) -> tuple[str, str]:
    """What a value is, and what to do about it where a string is wanted."""
    kind = kind_of(value)
    if isinstance(value, str):
        return f"{kind}: {_quoted(value)}", ""
    if not isinstance(value, (int, float)):
        return kind, ""
    if written:
        return f"{kind}: {_cut(written)}", ": quote it"
    if isinstance(value, bool):
        return f"{kind}: {_quoted(value)}", ": quote it"
    return f"{kind}, read as {_quoted(value)}", ": quote what is written"


def _quoted(value: object) -> str:
    """The value as JSON, long texts cut."""
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
