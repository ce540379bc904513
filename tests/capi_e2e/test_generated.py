"""Whatever ByohClusterGenerator accepts, a real Kubernetes API with Cluster API's webhooks stores as it is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from api_server import ApiServer, Object, namespace
from hypothesis import given, settings
from management import changes

sys.path.append(str(Path(__file__).resolve().parents[1] / "capi"))

from compact_clusters import NAMESPACES, clusters, made  # needs the path above

NUMBER = int(os.environ.get("ORACLE_EXAMPLES", "1000")) // 20
VERSIONS = ("v1beta1", "v1beta2")


def test_generated_clusters_would_be_stored_as_they_are_written(api: ApiServer) -> None:
    found: list[list[Object]] = []

    @settings(max_examples=NUMBER)
    @given(clusters())
    def collect(cluster: dict[str, Any]) -> None:
        found.extend(objects for version in VERSIONS if (objects := made(cluster, version)))

    collect()
    api.apply(*map(namespace, NAMESPACES))
    changed = [change for objects in found for change in changes(objects, api.would_store(*objects))]
    assert len(found) > NUMBER // 5
    assert not changed, "\n".join(changed)
