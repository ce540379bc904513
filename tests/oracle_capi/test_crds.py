"""Whatever the generator accepts, an API server accepts: its own validation, and the definitions of all kinds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from compact_clusters import Values, clusters, made
from custom_resources import BEFORE_V1BETA2, OF_BYOH, of_byoh, of_cluster_api, refusals
from hypothesis import given, settings

from kloom.sdk.yaml_reader import kustomize_plain, read_documents

ROOT = Path(__file__).resolve().parents[2]
NUMBER = int(os.environ.get("ORACLE_EXAMPLES", "1000")) // 6
VERSIONS = ("v1beta1", "v1beta2")


@pytest.fixture(scope="module", params=OF_BYOH)
def definitions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders with the definitions of all kinds."""
    return [*of_cluster_api(), of_byoh(request.param, tmp_path_factory.mktemp("byoh"))]


@pytest.fixture(scope="module")
def accepted() -> dict[str, Sequence[Any]]:
    """The objects of every cluster that the generator accepts, in both versions."""
    found: dict[str, Sequence[Any]] = {}

    @settings(max_examples=NUMBER)
    @given(clusters())
    def collect(cluster: Values) -> None:
        for version in VERSIONS:
            if objects := made(cluster, version):
                found[f"{len(found)}-{version}"] = objects

    collect()
    return found


def test_generated_clusters(
    accepted: dict[str, Sequence[Any]], kubectl_validate: str, definitions: list[Path], tmp_path: Path
) -> None:
    assert len(accepted) > NUMBER // 5
    refused = refusals(kubectl_validate, definitions, accepted, tmp_path)
    assert not refused, f"{len(refused)} of {len(accepted)}:\n" + "\n".join(list(refused.values())[:10])


def test_v1beta1_suits_a_cluster_api_that_has_no_other(
    accepted: dict[str, Sequence[Any]], kubectl_validate: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The BYOH of platform9 is tested with this one."""
    ours = next(iter(OF_BYOH))
    definitions = [*of_cluster_api(BEFORE_V1BETA2), of_byoh(ours, tmp_path_factory.mktemp("byoh"))]
    objects = {name: listed for name, listed in accepted.items() if name.endswith("v1beta1")}
    assert refusals(kubectl_validate, definitions, objects, tmp_path_factory.mktemp("objects")) == {}


def test_goldens(kubectl_validate: str, definitions: list[Path], tmp_path: Path) -> None:
    paths = [*ROOT.glob("tests/cases/byoh_*/*/expected.yaml"), *ROOT.glob("tests/capi/expected/*.yaml")]
    objects = {
        f"{path.parent.parent.name}-{path.parent.name}-{path.stem}": [
            obj
            for obj in read_documents(path.read_text(), kustomize_plain)
            if obj and "kloom.dev" not in obj["apiVersion"]
        ]
        for path in paths
    }
    objects = {name: listed for name, listed in objects.items() if listed}
    assert len(objects) > 10
    assert refusals(kubectl_validate, definitions, objects, tmp_path) == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_api_server_refuses_what_is_wrong(
    version: str, kubectl_validate: str, definitions: list[Path], tmp_path: Path
) -> None:
    """The question that the other tests ask can be answered with no, for each of the objects."""
    cluster = {
        "namespace": "clusters",
        "kubernetesVersion": "v1.34.2",
        "controlPlaneEndpoint": {"host": "10.0.0.10"},
        "clusterNetwork": {"pods": "192.168.0.0/16", "services": "10.128.0.0/12"},
        "machines": {"machineHealthCheck": {}},
        "controlPlane": {"replicas": 1},
        "workers": {"general": {"replicas": 1}},
    }
    objects = made(cluster, version)
    wrong = {f"{at}-{obj['kind']}": [{**obj, "spec": {**obj["spec"], "no-field": 1}}] for at, obj in enumerate(objects)}
    assert refusals(kubectl_validate, definitions, wrong, tmp_path).keys() == wrong.keys()
