"""Compile a JSON Schema into a predicate: does this data conform, yes or no.

The predicate runs on every build, so it must cost nothing to import and little to run. It knows the keywords that our
schemas use and refuses to compile any other, so it cannot silently accept what jsonschema, which tells what is wrong
once the answer was no, would refuse; a test holds the two against each other.
"""

from __future__ import annotations

from kloom.sdk.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Predicate = Callable[[Any], bool]

_ANNOTATIONS = frozenset(("$schema", "title", "description", "definitions"))
_KNOWN = _ANNOTATIONS | {
    "$ref", "type", "properties", "additionalProperties", "required", "items",
    "minLength", "minItems", "pattern", "enum",
}  # fmt: skip
_CLASSES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
}


class Checker:
    """Predicates for the definitions of one schema, each part of it compiled when data needs it."""

    __slots__ = ("_by_name", "_definitions")

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._by_name: dict[str, Predicate] = {}

    def named(self, name: str) -> Predicate:
        """The predicate of `#/definitions/NAME`."""
        if name not in self._by_name:
            self._by_name[name] = self.compile(self._definitions[name])
        return self._by_name[name]

    def compile(self, schema: Mapping[str, Any]) -> Predicate:
        """The predicate of a schema. Raises ValueError for a keyword that it does not know."""
        if unknown := schema.keys() - _KNOWN:
            raise ValueError(f"schema keywords that the checker does not know: {', '.join(sorted(unknown))}")
        if "$ref" in schema:
            return self.named(schema["$ref"].removeprefix("#/definitions/"))
        types = schema["type"]
        classes = frozenset(cls for name in ([types] if isinstance(types, str) else types) for cls in _CLASSES[name])
        checks: dict[type, Predicate] = {
            cls: check
            for cls, check in ((dict, self._object(schema)), (list, self._array(schema)), (str, _string(schema)))
            if cls in classes and check is not None
        }

        if int in classes:
            checks[float] = float.is_integer  # to JSON Schema 1e300 is an integer

        def conforms(value: Any) -> bool:
            cls = value.__class__
            if cls in checks:
                return checks[cls](value)
            return cls in classes

        return conforms

    def _object(self, schema: Mapping[str, Any]) -> Predicate | None:
        properties = schema.get("properties", {})
        fields: dict[str, Predicate] = {}  # compiled when first met: most never are
        required = frozenset(schema.get("required", ()))
        rest = schema.get("additionalProperties", True)
        if rest is True:
            if properties or required:
                raise ValueError("an open map with known fields is not among the schemas that the checker knows")
            return None
        if rest is not False:
            return _every_value(self.compile(rest))

        def conforms(value: dict[str, Any]) -> bool:
            for key, item in value.items():
                field = fields.get(key)
                if field is None:
                    if key not in properties:
                        return False
                    field = fields[key] = self.compile(properties[key])
                if not field(item):
                    return False
            return required <= value.keys()

        return conforms

    def _array(self, schema: Mapping[str, Any]) -> Predicate | None:
        if "items" not in schema:
            return None
        item_conforms = self.compile(schema["items"])
        fewest = schema.get("minItems", 0)
        return lambda value: len(value) >= fewest and all(map(item_conforms, value))


def _every_value(conforms: Predicate) -> Predicate:
    return lambda value: all(map(conforms, value.values()))


def _string(schema: Mapping[str, Any]) -> Predicate | None:
    if "enum" in schema:
        return frozenset(schema["enum"]).__contains__
    if "pattern" not in schema and "minLength" not in schema:
        return None
    shortest = schema.get("minLength", 0)
    if "pattern" not in schema:
        return lambda value: len(value) >= shortest
    expression = pattern(schema["pattern"])
    return lambda value: len(value) >= shortest and expression.search(value) is not None
