"""The checker, which says yes or no on every build, against jsonschema, which says why."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from kloom import schemas
from kloom.schemas.checker import Checker

SCHEMAS = {name: schemas.load(name) for name in ("application", "values", "application_generator")}
SCALARS = st.sampled_from([None, True, False, 0, 1, -1, 1.5, 1.0, 1e300, "", "x", "error", "warning", ".", "ab"])


def valid(schema, definitions):
    """Data that mostly conforms to a schema: `pattern` is left to chance."""
    schema = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([of_type(name, schema, definitions) for name in types])


def of_type(name, schema, definitions):
    match name:
        case "object":
            return objects(schema, definitions)
        case "array":
            return st.lists(st.deferred(lambda: valid(schema["items"], definitions)), max_size=2)
        case "string":
            return st.sampled_from(schema.get("enum", ["x", "some text"]))
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(-3, 3)
    return st.none()


@st.composite
def objects(draw, schema, definitions):
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    chosen = draw(st.lists(st.sampled_from(sorted(properties)), max_size=3)) if properties else []
    result = {key: draw(valid(properties[key], definitions)) for key in [*required, *chosen]}
    rest = schema.get("additionalProperties", True)
    if rest is not False:
        values = SCALARS if rest is True else valid(rest, definitions)
        result |= draw(st.dictionaries(st.sampled_from("ab"), values, max_size=2))
    return result


@st.composite
def near_misses(draw, data):
    """The data with one thing changed: a value replaced, a key added or taken away."""
    value = draw(data)
    if not isinstance(value, (dict, list)) or not value or draw(st.integers(0, 3)) == 0:
        return draw(SCALARS | st.just([]) | st.just({}))
    if isinstance(value, list):
        return [draw(near_misses(st.just(value[0]))), *value[1:]]
    key = draw(st.sampled_from(sorted(value)))
    changed = {
        "change": lambda: {**value, key: draw(near_misses(st.just(value[key])))},
        "add": lambda: {**value, "unknown": 1},
        "take": lambda: {name: item for name, item in value.items() if name != key},
    }
    return changed[draw(st.sampled_from(["change", "change", "add", "take"]))]()


@pytest.mark.parametrize("name", SCHEMAS)
def test_checker_and_jsonschema_agree(name):
    schema = SCHEMAS[name]
    definitions = schema.get("definitions", {})
    check, validator = Checker(definitions).compile(schema), Draft7Validator(schema)
    verdicts = Counter()
    data = valid(schema, definitions)

    @settings(max_examples=150)
    @given(data | near_misses(data))
    def agree(value):
        verdict = check(value)
        assert verdict == validator.is_valid(value)
        verdicts[verdict] += 1

    agree()
    assert min(verdicts[True], verdicts[False]) > verdicts.total() / 10, verdicts


@pytest.mark.parametrize("value", [1, 1.0, 1e300, True, "1", None, 1.5, float("nan")])
def test_they_agree_on_what_an_integer_is(value):
    schema = {"type": "integer"}
    assert Checker({}).compile(schema)(value) == Draft7Validator(schema).is_valid(value)


@pytest.mark.parametrize("keyword", ["oneOf", "maxLength", "const", "patternProperties", "minimum", "not"])
def test_a_keyword_that_it_does_not_know_is_refused(keyword):
    with pytest.raises(ValueError, match=keyword):
        Checker({}).compile({"type": "string", keyword: {}})


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_knows_every_keyword_of_every_part_of_our_schemas(name):
    checker = Checker(SCHEMAS[name].get("definitions", {}))
    for part in parts(SCHEMAS[name]):
        checker.compile(part)


def parts(schema):
    yield schema
    below = [*schema.get("properties", {}).values(), *schema.get("definitions", {}).values()]
    below += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    for part in below:
        yield from parts(part)


def test_an_open_map_with_known_fields_is_refused():
    with pytest.raises(ValueError, match="open map"):
        Checker({}).compile({"type": "object", "properties": {"a": {"type": "string"}}})
