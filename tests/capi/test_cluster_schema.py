"""The schema of clusters: what `machines`, the control plane and pools can say is the same."""

from __future__ import annotations

import pytest

from kloom import schemas
from kloom.capi import provenance
from kloom.capi.versions import PROVIDERS
from kloom.schemas.checker import Checker
from kloom.versions import satisfies

SCHEMA = schemas.load("cluster")
POOL = SCHEMA["definitions"]["pool"]["properties"]
SHARED = SCHEMA["properties"]["machines"]["properties"]


@pytest.mark.parametrize("block", [SCHEMA["properties"]["controlPlane"], SCHEMA["definitions"]["pool"]])
def test_a_pool_can_say_all_that_holds_for_every_machine(block):
    assert {name: block["properties"].get(name) for name in SHARED} == SHARED


@pytest.mark.parametrize("name", ["cluster", "host", "byoh_cluster_generator"])
def test_the_checker_knows_every_part(name):
    schema = schemas.load(name)
    checker = Checker(schema.get("definitions", {}))
    checker.compile(schema)
    for definition in schema.get("definitions", {}):
        checker.named(definition)


def test_findings_are_told_at_fields_that_there_are():
    assert {path[0] for path in provenance.OF_CLUSTER.values()} <= SCHEMA["properties"].keys()
    assert {*provenance.OF_POOL.values()} <= {*POOL, *SCHEMA["properties"]["controlPlane"]["properties"]}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_versions_that_can_be_read(provider):
    assert satisfies("1.99", PROVIDERS[provider].kubernetes) is False
