"""What the rules know of schemas is what Cluster API's own definitions say."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from custom_resources import ROOT, of_byoh, of_cluster_api, refusals

from kloom.capi.api_versions import as_v1beta1
from kloom.capi.rules import Facts, findings, form
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

Object = dict[str, Any]
SAMPLE = ROOT / "tests" / "capi_rules" / "sample.yaml"
JUNK = (None, True, 0, 7, "", "x", [], [None], [{}], {}, {"a": "b"}, ["x"])
SELECTORS = ("selector", "clusterSelector")
FILLED_IN = ("strategy", "type")
NUMBER = 600
OF_SCHEMAS = {rule.id for rule in form.RULES} | {"selector-invalid", "endpoint-incomplete"}
"""The rules that say what schemas say."""


def test_the_shapes_are_written_from_the_definitions() -> None:
    written = runpy.run_path(str(ROOT / "hack" / "capi_shapes.py"))["shapes"]()
    assert (ROOT / "functions" / "kloom" / "capi" / "shapes.json").read_text(encoding="utf-8") == written


def test_objects_that_were_spoilt_are_refused_by_both(kubectl_validate: str, tmp_path: Path) -> None:
    changed = {f"{at:04d}": spoilt for at, spoilt in enumerate(spoilt_objects(Random(20261123)))}
    (tmp_path / "byoh").mkdir()
    (tmp_path / "objects").mkdir()
    definitions = [*of_cluster_api(), of_byoh("the fields that kloom writes", tmp_path / "byoh")]
    refused = refusals(
        kubectl_validate, definitions, {name: [obj] for name, obj in changed.items()}, tmp_path / "objects"
    )
    told = {name: told_of(obj) for name, obj in changed.items()}
    assert len(refused) > NUMBER / 2
    assert {name: (message, changed[name]) for name, message in refused.items() if not told[name]} == {}
    assert {name: told[name] for name in changed if name not in refused and told[name] & OF_SCHEMAS} == {}


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_what_the_transformer_makes_is_taken(version: str, kubectl_validate: str, tmp_path: Path) -> None:
    made = ROOT / "tests" / "capi_templates" / "expected" / f"renamed-{version}.yaml"
    (tmp_path / "byoh").mkdir()
    (tmp_path / "objects").mkdir()
    definitions = [*of_cluster_api(), of_byoh("the fields that kloom writes", tmp_path / "byoh")]
    objects = read_documents(made.read_text(encoding="utf-8"), kustomize_plain)
    assert refusals(kubectl_validate, definitions, {version: objects}, tmp_path / "objects") == {}


def told_of(obj: Object) -> set[str]:
    """The rules by which kloom refuses an object."""
    return {finding.rule.id for finding in findings([obj], Facts()) if finding.rule.severity == "error"}


def spoilt_objects(random: Random) -> Iterator[Object]:
    """The objects of a cluster in both versions, each with one thing in its spec put out of order."""
    objects = read_documents(SAMPLE.read_text(encoding="utf-8"), kustomize_plain)
    right = [obj for obj in (*objects, *map(as_v1beta1, objects)) if obj["kind"] != "ConfigMap"]
    for _ in range(NUMBER):
        obj = deepcopy(random.choice(right))
        *above, last = random.choice(list(places(obj["spec"])))
        holder: Any = obj["spec"]
        for step in above:
            holder = holder[step]
        spoil(holder, last, random)
        yield obj


def spoil(holder: Any, key: str | int, random: Random) -> None:
    way = random.choice(("junk", "junk", "without", "renamed", "capital", "more"))
    if way == "junk" or isinstance(key, int):
        holder[key] = deepcopy(random.choice(JUNK))
    elif way == "without":
        del holder[key]
    elif way == "more":
        holder["extra"] = 1
    else:
        holder[f"{key}x" if way == "renamed" else key.capitalize()] = holder.pop(key)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every path into a value; of selectors only to themselves, and none to what webhooks fill in."""
    entries: Mapping[Any, Any] = (
        value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    )
    for key, item in entries.items():
        if (*path[-1:], key) == FILLED_IN:
            continue
        yield (*path, key)
        if key not in SELECTORS:
            yield from places(item, (*path, key))
