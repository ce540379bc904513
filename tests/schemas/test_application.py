from pathlib import Path

from kloom import schemas
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

CASE = Path(__file__).resolve().parents[1] / "cases" / "application_generator" / "every_field_of_the_spec"


def said(schema, definitions, value):
    """The parts of the schema, by their description, that a value says."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for name, field in schema.get("properties", {}).items():
        if isinstance(value, dict) and name in value:
            yield id(field)
            yield from said(field, definitions, value[name])
    for item in value if isinstance(value, list) else ():
        yield from said(schema.get("items", {}), definitions, item)


def fields(schema, path=()):
    """Every field of the schema, each definition once."""
    for name, field in schema.get("properties", {}).items():
        yield ".".join([*path, name]), id(field)
        yield from fields(field, (*path, name))
    if "items" in schema:
        yield from fields(schema["items"], path)
    for name, definition in schema.get("definitions", {}).items():
        yield from fields(definition, (f"<{name}>",))


def test_the_case_of_every_field_says_every_field():
    schema = schemas.load("application")
    applications = read_documents((CASE / "expected.yaml").read_text(), kustomize_plain)
    found = {
        field for application in applications for field in said(schema, schema["definitions"], application["spec"])
    }
    assert [path for path, field in fields(schema) if field not in found] == []
