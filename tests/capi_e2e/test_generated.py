"""Whatever ByohClusterGenerator accepts, a real Kubernetes API with Cluster API's webhooks stores as it is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from api_server import ApiServer, Object, namespace
from hypothesis import HealthCheck, given, settings
from management import changes

from kloom.byoh_cluster_generator import byoh_cluster_generator
from kloom.sdk.resource_list import ResourceList

sys.path.append(str(Path(__file__).resolve().parents[1] / "capi"))

from compact_clusters import NAMESPACES, clusters  # needs the path above

NUMBER = int(os.environ.get("ORACLE_EXAMPLES", "1000")) // 20
VERSIONS = ("v1beta1", "v1beta2")


def made(cluster: dict[str, Any], version: str) -> list[Object]:
    """What the generator makes of a cluster; nothing where it refuses it."""
    config = {
        "apiVersion": "kloom.dev/v1alpha1",
        "kind": "ByohClusterGenerator",
        "metadata": {"name": "one"},
        "spec": {"clusters": {"one": cluster}, "clusterApiVersion": version},
    }
    resources = ResourceList((), config)
    byoh_cluster_generator(resources)
    return resources.items


def test_generated_clusters_would_be_stored_as_they_are_written(api: ApiServer) -> None:
    found: list[list[Object]] = []

    @settings(
        max_examples=NUMBER,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize="ORACLE_EXAMPLES" not in os.environ,
        database=None,
    )
    @given(clusters())
    def collect(cluster: dict[str, Any]) -> None:
        found.extend(objects for version in VERSIONS if (objects := made(cluster, version)))

    collect()
    api.apply(*map(namespace, NAMESPACES))
    changed = [change for objects in found for change in changes(objects, api.would_store(*objects))]
    assert len(found) > NUMBER // 5
    assert not changed, "\n".join(changed)
