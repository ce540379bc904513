"""Git and whoever holds the credentials share one Secret: neither takes away what the other one said."""

from __future__ import annotations

import os
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_server import ApiServer, as_list, namespace

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
CONFIG = b64encode(b'{"tlsClientConfig": {"insecure": false}}').decode()
CLIENT_SIDE, SERVER_SIDE = ("--filename=-",), ("--server-side", "--field-manager=argocd-controller", "--filename=-")


@pytest.fixture(scope="session")
def secrets(kustomize: str, plugin_home: Path) -> list[dict[str, Any]]:
    """The sample's Secrets, as the real kustomize builds them."""
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    command = [kustomize, "build", "--enable-alpha-plugins", OVERLAYS / "cluster-secrets"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


@pytest.mark.parametrize(("way", "name"), [(CLIENT_SIDE, "client-side"), (SERVER_SIDE, "server-side")])
def test_credentials_stay_when_git_says_its_part_again(way, name, api: ApiServer, secrets):
    """As `kubectl apply` does, and as Argo CD does with ServerSideApply=true."""
    said = [{**one, "metadata": {**one["metadata"], "namespace": name}} for one in secrets]
    api.apply(namespace(name))
    api.output("apply", *way, stdin=as_list(said))
    api.patch("secret", "cluster-a", {"data": {"config": CONFIG}}, namespace=name)

    moved = [
        {**one, "metadata": {**one["metadata"], "labels": {**one["metadata"]["labels"], "region": "north"}}}
        for one in said
    ]
    api.output("apply", *way, stdin=as_list(moved))
    stored = api.get("secret", "cluster-a", namespace=name)
    assert stored["metadata"]["labels"] == moved[0]["metadata"]["labels"]
    assert stored["data"].pop("config") == CONFIG
    assert {key: b64decode(value).decode() for key, value in stored["data"].items()} == said[0]["stringData"]


def test_applying_again_changes_nothing(api: ApiServer, secrets):
    api.apply(namespace("argocd"))
    versions = []
    for _ in range(2):
        api.output("apply", *SERVER_SIDE, stdin=as_list(secrets))
        versions.append([one["metadata"]["resourceVersion"] for one in api.objects("secrets", namespace="argocd")])
    first, second = versions
    assert first == second
