"""An endpoint gives the same Applications wherever it is written: in the inventory, or in a file that it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloom.render import render
from kloom.sdk.yaml_writer import to_yaml, to_yaml_documents

CLUSTER_API, BYOH = "cluster.x-k8s.io", "infrastructure.cluster.x-k8s.io"
Endpoint = dict[str, Any]


def cluster_file(endpoint: Endpoint) -> str:
    return to_yaml({"name": "cluster-a", "controlPlaneEndpoint": endpoint})


def cluster(endpoint: Endpoint, version: str) -> str:
    obj = {"apiVersion": f"{CLUSTER_API}/{version}", "kind": "Cluster", "metadata": {"name": "cluster-a"}}
    return to_yaml({**obj, "spec": {"controlPlaneEndpoint": endpoint}})


def referred_to(endpoint: Endpoint) -> str:
    reference = {"apiGroup": BYOH, "kind": "ByoCluster", "name": "other"}
    of_api = {"apiVersion": f"{CLUSTER_API}/v1beta2", "kind": "Cluster", "metadata": {"name": "cluster-a"}}
    of_byoh = {"apiVersion": f"{BYOH}/v1beta1", "kind": "ByoCluster", "metadata": {"name": "other"}}
    return to_yaml_documents(
        [
            {**of_api, "spec": {"infrastructureRef": reference}},
            {**of_byoh, "spec": {"controlPlaneEndpoint": endpoint}},
        ]
    )


def inline(endpoint: Endpoint) -> str:
    config = {"apiVersion": "kloom.dev/v1alpha1", "kind": "ByohClusterGenerator", "metadata": {"name": "management"}}
    return to_yaml({**config, "spec": {"clusters": {"cluster-a": {"controlPlaneEndpoint": endpoint}}}})


WRITTEN = {
    "cluster file": cluster_file,
    "Cluster at v1beta1": lambda endpoint: cluster(endpoint, "v1beta1"),
    "Cluster at v1beta2": lambda endpoint: cluster(endpoint, "v1beta2"),
    "ByoCluster of a Cluster": referred_to,
    "ByohClusterGenerator": inline,
}
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec: {clusters: clusters.yaml, services: web.yaml}
"""
SERVICE = """\
global: {name: web}
source: {repoURL: https://git.example.com/r.git, targetRevision: v1, path: web}
cluster-A: {enable: true}
"""


@pytest.mark.parametrize("way", WRITTEN)
def test_from_a_file_as_from_the_inventory(way: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "kustomization.yaml").write_text("generators: [config.yaml]")
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "web.yaml").write_text(SERVICE)

    @settings(max_examples=25)
    @given(st.ip_addresses(), st.integers(1, 65535))
    def compare(address: Any, port: int) -> None:
        host = str(address)
        server = f"https://[{host}]:{port}" if address.version == 6 else f"https://{host}:{port}"
        (tmp_path / "endpoint.yaml").write_text(WRITTEN[way]({"host": host, "port": port}))
        made = []
        for entry in ({"from": "endpoint.yaml"}, {"destination": {"server": server}}):
            (tmp_path / "clusters.yaml").write_text(to_yaml({"cluster-A": entry}))
            made.append(render(str(tmp_path)).objects)
        taken, said = made
        assert taken == said
        assert said[0]["spec"]["destination"] == {"server": server}

    compare()
