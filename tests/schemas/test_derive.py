import json
import runpy
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from kloom import schemas
from kloom.schemas import derive

ROOT = Path(__file__).resolve().parents[2]
HACK = runpy.run_path(str(ROOT / "hack" / "schemas.py"), run_name="hack_schemas")


@pytest.mark.parametrize("path", HACK["derived"]())
def test_what_is_in_the_repository_is_what_is_derived(path):
    assert (ROOT / path).read_text() == HACK["derived"]()[path], "run: python hack/schemas.py"


SCHEMAS = {path: text for path, text in HACK["derived"]().items() if path.endswith(".json")}


@pytest.mark.parametrize(
    "schema",
    [schemas.load("application"), schemas.load("application_generator"), *map(json.loads, SCHEMAS.values())],
    ids=["application", "application_generator", *SCHEMAS],
)
def test_every_schema_is_one(schema):
    Draft7Validator.check_schema(schema)


def test_every_part_of_every_schema_is_described():
    missing = [
        path for path, part in parts(schemas.load("application"), ()) if "type" in part and "description" not in part
    ]
    assert [path for path in missing if path[-1] not in ("items", "additionalProperties")] == []


def test_a_layer_takes_null_everywhere_but_in_lists():
    schema = derive.values_schema(["east"])
    check = Draft7Validator(schema).is_valid
    assert check({"source": {"helm": None, "path": None}, "sources": None, "east": {"syncPolicy": {"retry": None}}})
    assert check({"source": {"targetRevision": "main"}})
    assert not check({"sources": [None]})
    assert not check({"sources": [{"path": "a"}]})
    assert not check({"sources": [{"repoURL": "a", "helm": None}]})


def parts(schema, path):
    """Every sub-schema with its path."""
    yield path or ("the schema itself",), schema
    for name in ("properties", "definitions"):
        for key, part in schema.get(name, {}).items():
            yield from parts(part, (*path, name, key))
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from parts(schema[name], (*path, name))
