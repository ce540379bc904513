"""What the golden cases of ByohClusterGenerator expect, a real Kubernetes API would store as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from api_server import ApiServer, Object, namespace
from management import changes

CASES = Path(__file__).resolve().parents[1] / "cases/byoh_cluster_generator"
LOCAL = "config.kubernetes.io/local-config"
GOLDENS = sorted(CASES.glob("*/expected.yaml"))


@pytest.fixture(scope="module", autouse=True)
def namespaces(api: ApiServer) -> None:
    names = {obj["metadata"]["namespace"] for golden in GOLDENS for obj in objects(golden)}
    api.apply(*map(namespace, sorted(names)))


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.parent.name)
def test_it_would_be_stored_as_it_is_written(api: ApiServer, golden: Path):
    said = objects(golden)
    changed = changes(said, api.would_store(*said))
    assert not changed, "\n".join(changed)


def objects(golden: Path) -> list[Object]:
    """What is for the API: kustomize prints no object that is marked as local."""
    found = yaml.load_all(golden.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return [obj for obj in found if LOCAL not in obj["metadata"].get("annotations", {})]
