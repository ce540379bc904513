"""What tests of clusters share: one cluster that is right, and what the generator makes of a changed one."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kloom.byoh_cluster_generator import byoh_cluster_generator
from kloom.sdk.resource_list import ResourceList
from kloom.values.merge import merge

sys.path.insert(0, str(Path(__file__).resolve().parent))  # the modules beside this one

Object = dict[str, Any]
CLUSTER: Mapping[str, Any] = {
    "namespace": "clusters",
    "kubernetesVersion": "v1.34.2",
    "controlPlaneEndpoint": {"host": "10.0.0.10"},
    "clusterNetwork": {"pods": "192.168.0.0/16", "services": "10.128.0.0/12"},
    "controlPlane": {"replicas": 3, "hostSelector": {"matchLabels": {"example.com/role": "control-plane"}}},
    "workers": {
        "general": {"replicas": 2, "hostSelector": {"matchLabels": {"example.com/role": "worker"}}},
        "storage": {"replicas": 2, "hostSelector": {"matchLabels": {"example.com/role": "storage"}}},
    },
}


def made(values: Mapping[str, Any] | None = None, **spec: Any) -> dict[str, Object]:
    """The objects of one cluster by kind and name, with values merged over the usual ones."""
    clusters = {"a": merge(copy.deepcopy(dict(CLUSTER)), values or {})}
    config = {"apiVersion": "kloom.dev/v1alpha1", "kind": "ByohClusterGenerator", "metadata": {"name": "management"}}
    resources = ResourceList((), {**config, "spec": {"clusters": clusters, **spec}})
    byoh_cluster_generator(resources)
    assert [str(result) for result in resources.results if result.severity == "error"] == []
    return {f"{obj['kind']}/{obj['metadata']['name']}": obj for obj in resources.items}


@pytest.fixture
def make() -> Callable[..., dict[str, Object]]:
    return made
