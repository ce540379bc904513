"""The definitions of BYOH's kinds that these tests bring say what BYOH's own say, of the fields that they have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import byoh
import pytest
import yaml

BESIDE_THE_CLONE = Path(__file__).resolve().parents[3] / "shared/crds/byoh"
FOLDER = Path(os.environ.get("KLOOM_BYOH_CRDS", BESIDE_THE_CLONE))
FORKS = ("vmware-tanzu", "platform9")


@pytest.mark.parametrize("fork", FORKS)
def test_ours_are_part_of_byohs_own(fork):
    if not (FOLDER / fork).is_dir():
        pytest.skip(f"NOT COMPARED: BYOH's own definitions are not in {FOLDER / fork} (KLOOM_BYOH_CRDS says where)")
    ours, real = by_kind(byoh.definitions()), by_kind(definitions_in(FOLDER / fork))
    differences = [difference for kind in ours for difference in differing(ours[kind], real[kind], kind)]
    assert differences == []


def definitions_in(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.yaml")):
        yield from yaml.load_all(file.read_text(encoding="utf-8"), yaml.CSafeLoader)


def by_kind(definitions: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """The names and the schema of each kind."""
    return {
        definition["spec"]["names"]["kind"]: {**definition["spec"]["names"], **schema_of(definition)}
        for definition in definitions
    }


def schema_of(definition: dict[str, Any]) -> dict[str, Any]:
    [version] = definition["spec"]["versions"]
    assert version["name"] == byoh.VERSION
    return version["schema"]["openAPIV3Schema"]


def differing(ours: Any, real: Any, path: str) -> Iterator[str]:
    """Where a schema of ours says something that BYOH's own does not."""
    for word, value in ours.items():
        if word not in real:
            yield f"{path}: BYOH has no {word}"
        elif word == "properties":
            for name in value.keys() - real[word].keys():
                yield f"{path}.{name}: BYOH has no such field"
            for name in value.keys() & real[word].keys():
                yield from differing(value[name], real[word][name], f"{path}.{name}")
        elif isinstance(value, dict):
            yield from differing(value, real[word], path)
        elif value != real[word]:
            yield f"{path}: {word} is {value} here and {real[word]} there"
    missing = set(real.get("required", [])) - set(ours.get("required", []))
    if missing:
        yield f"{path}: BYOH requires {sorted(missing)}"
