"""Every part of every schema is one that the checker can compile, which it does only where data leads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kloom.schemas.checker import Checker

SCHEMAS = Path(__file__).resolve().parents[2] / "functions" / "kloom" / "schemas"
CHECKED = (
    "application",
    "values",
    "application_generator",
    "byoh_cluster_generator",
    "cluster",
    "host",
    "manifest_validator",
    "settings",
)


def subschemas(schema: Any) -> list[dict[str, Any]]:
    if not isinstance(schema, dict):
        return []
    parts = [schema]
    for keyword in ("properties", "definitions"):
        for part in schema.get(keyword, {}).values():
            parts += subschemas(part)
    for keyword in ("items", "additionalProperties"):
        parts += subschemas(schema.get(keyword))
    return parts


@pytest.mark.parametrize("name", CHECKED)
def test_the_checker_compiles_every_part(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    checker = Checker(schema.get("definitions", {}))
    parts = subschemas(schema)
    assert parts
    for part in parts:
        checker.compile(part)


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(ValueError, match="maxLength"):
        Checker({}).compile({"type": "string", "maxLength": 3})
