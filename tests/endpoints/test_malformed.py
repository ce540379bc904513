"""Nothing that stands in an item, a config, an inventory or a cluster file is a bug: a sentence, or a result."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kloom.catalog import dispatch
from kloom.sdk.execute import DONE, REFUSED, execute
from kloom.sdk.yaml_writer import to_yaml

KIND = "ClusterEndpointTransformer"
ODD = (None, True, 0, 1.5, "", "text", "https://x:1", [], [None], ["a"], {}, {"a": None}, {"name": []}, [{"host": []}])
CLUSTER_FILE = {
    "name": "cluster-a",
    "controlPlaneEndpoint": {"host": "10.0.0.10", "port": 6443},
    "clusterNetwork": {"pods": ["192.168.0.0/16"], "services": "10.128.0.0/12"},
}
INVENTORY = {
    "cluster-A": {
        "from": "cluster-a.yaml",
        "destination": {"namespace": "shop"},
        "role": "active",
        "failoverGroup": "shop",
        "clusterLabels": {"a": "b"},
    },
    "cluster-B": {"destination": {"server": "https://10.0.1.10:6443"}, "role": "standby", "failoverGroup": "shop"},
}
SPEC = {"clusters": "clusters.yaml", "from": ["cluster-a.yaml"], "clusterSecrets": {"namespace": "argocd"}}
NETWORKS = {"pods": {"cidrBlocks": ["192.168.0.0/16"]}, "services": {"cidrBlocks": ["10.128.0.0/12"]}}
REFERENCE = {"apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "ByoCluster", "name": "cluster-c"}


READERS: dict[str, Any] = {
    KIND: {},
    "ApplicationGenerator": {"spec": {"clusters": "clusters.yaml", "services": "web.yaml"}, "items": []},
    "ManifestValidator": {"spec": {"clusters": "clusters.yaml"}, "items": []},
}


def obj(api_version: str, kind: str, name: str, **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"kloom.dev/cluster": "cluster-c"}, "annotations": {"note": "kept"}}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


ITEMS = [
    obj(
        "cluster.x-k8s.io/v1beta2",
        "Cluster",
        "cluster-c",
        spec={"infrastructureRef": REFERENCE, "clusterNetwork": NETWORKS},
    ),
    obj(
        "infrastructure.cluster.x-k8s.io/v1beta1",
        "ByoCluster",
        "cluster-c",
        spec={"controlPlaneEndpoint": {"host": "10.0.2.10", "port": 6443}},
    ),
    obj(
        "kloom.dev/v1alpha1",
        "ByohClusterGenerator",
        "x",
        spec={"clusters": {"cluster-d": {"controlPlaneEndpoint": {"host": "d"}}}},
    ),
    obj(
        "argoproj.io/v1alpha1", "Application", "shop", spec={"destination": {"name": "cluster-c", "namespace": "shop"}}
    ),
    obj("v1", "Secret", "cluster-c", stringData={"project": "shop"}, data={"server": "eA=="}),
]


def mutations(value: Any) -> Iterator[Any]:
    """The data with one part of it replaced by something odd, for each part."""
    whole = {"value": value}
    for path in list(paths(value, ("value",))):
        for odd in ODD:
            changed = copy.deepcopy(whole)
            parent: Any = changed
            for step in path[:-1]:
                parent = parent[step]
            parent[path[-1]] = odd
            yield changed["value"]


def paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inside:
        yield from paths(item, (*path, step))


def status(folder: Path, spec: Any = None, items: Any = None, kind: str = KIND) -> tuple[int, str]:
    config = {
        "apiVersion": "kloom.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": "endpoints"},
        "spec": SPEC if spec is None else spec,
    }
    given = {"kind": "ResourceList", "items": ITEMS if items is None else items, "functionConfig": config}
    outcome = execute(dispatch, json.dumps(given).encode())
    assert (folder / "clusters.yaml").exists()
    return outcome.status, outcome.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "clusters.yaml").write_text(to_yaml(INVENTORY))
    (tmp_path / "cluster-a.yaml").write_text(to_yaml(CLUSTER_FILE))
    (tmp_path / "web.yaml").write_text(
        "global: {name: web}\nsource: {repoURL: r, path: p}\ncluster-A: {enable: true}\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_as_it_should_be(folder):
    assert status(folder) == (DONE, "")


@pytest.mark.parametrize("name", ["clusters.yaml", "cluster-a.yaml"])
@pytest.mark.parametrize("kind", READERS)
def test_files(name, kind, folder):
    for changed in mutations(INVENTORY if name == "clusters.yaml" else CLUSTER_FILE):
        (folder / name).write_text(to_yaml(changed))
        found, stderr = status(folder, kind=kind, **READERS[kind])
        assert found in (DONE, REFUSED), f"{changed}\n{stderr}"
        assert found == DONE or stderr


def test_items(folder):
    for changed in mutations(ITEMS):
        found, stderr = status(folder, items=changed)
        assert found in (DONE, REFUSED), f"{changed}\n{stderr}"


def test_config(folder):
    for changed in mutations(SPEC):
        found, stderr = status(folder, spec=changed)
        assert found in (DONE, REFUSED), f"{changed}\n{stderr}"
