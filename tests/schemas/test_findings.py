import json
from functools import partial

import pytest

from kloom.schemas.findings import schema_errors
from kloom.sdk.yaml_reader import plain_text_at
from kloom.values.helm_yaml import HELM

TEXT = {"type": ["string", "null"]}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "name"],
    "properties": {
        "kind": {"type": "string", "enum": ["Deployment", "Service"]},
        "name": TEXT,
        "count": {"type": "integer"},
        "items": {"type": "array", "items": {"type": "boolean"}},
        "path": {"type": "string", "pattern": "^/", "description": "An absolute path."},
        "mixed": {"type": ["string", "object"], "additionalProperties": TEXT},
    },
}


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        ({"kind": "Service", "name": None}, []),
        ({}, [": must have kind and name"]),
        ([], [": must be a map, was a list"]),
        ({"kind": "service", "name": ""},
         ['kind: must be Deployment or Service, was "service" (did you mean Service?)']),
        ({"kind": "Service", "name": 1}, ["name: must be a string, was a number, read as 1: quote what is written"]),
        ({"kind": "Service", "name": True}, ["name: must be a string, was a boolean: true: quote it"]),
        ({"kind": "Service", "name": {}}, ["name: must be a string, was a map"]),
        ({"kind": "Service", "name": "", "count": "1"}, ['count: must be an integer, was a string: "1"']),
        ({"kind": "Service", "name": "", "items": [True, "é"]}, ['items.1: must be true or false, was a string: "é"']),
        ({"kind": "Service", "name": "", "path": "a"}, ['path: must be an absolute path, was "a"']),
        ({"kind": "Service", "name": "", "mixed": 1}, ["mixed: must be a string or a map, was a number, read as 1"]),
        (
            {"kind": "Service", "nmae": "", "Count": 1, "x": 1},
            [
                ": must have name",
                "Count: unknown key (did you mean count?)",
                "nmae: unknown key (did you mean name?)",
                "x: unknown key",
            ],
        ),
    ],
)  # fmt: skip
def test_every_violation_is_one_sentence(data, messages):
    found = [f"{'.'.join(map(str, error.path))}: {error.message()}" for error in schema_errors(SCHEMA, data)]
    assert sorted(found) == messages


@pytest.mark.parametrize("written", ["1.10", "0123456", "12345e6", "1_000"])
def test_a_number_is_told_as_it_is_written(written):
    text = f"kind: Service\nname: {written}\n"
    (error,) = schema_errors(SCHEMA, HELM.document(text), partial(plain_text_at, text))
    assert error.message() == f"must be a string, was a number: {written}: quote it"


def test_what_is_no_plain_scalar_has_no_plain_text():
    text = "a: '1'\nb: [1.10]\nc: &x 2\nd: {}\n"
    found = [plain_text_at(text, path) for path in (("a",), ("b",), ("b", 0), ("b", 1), ("c",), ("d",), ("e", "f"), ())]
    assert found == [None, None, "1.10", None, "2", None, None, None]


def test_a_long_text_is_cut():
    (error,) = schema_errors({"type": "integer"}, "x" * 1000)
    assert len(error.message()) < 150


def test_a_hint_stands_before_the_suggestion():
    (error,) = schema_errors(
        {"type": "object", "additionalProperties": False, "properties": {"name": TEXT}}, {"nam": 1}
    )
    assert error.message("there are others") == "unknown key; there are others (did you mean name?)"


def test_each_violation_is_told_once():
    data = {"kind": "Service", "name": "a", "a": 1, "b": 2}
    assert json.dumps([error.path for error in schema_errors(SCHEMA, data)]) == '[["a"], ["b"]]'
