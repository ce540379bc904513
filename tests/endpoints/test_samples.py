"""The samples' endpoints: one file says each; clusters, Applications and Argo CD's Secrets have it from there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kloom.render import render

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
ENVIRONMENTS = sorted(path.parent.name for path in OVERLAYS.glob("*/services"))
SERVERS = {f"cluster-{name}": f"https://10.0.{at}.10:6443" for at, name in enumerate("abcd")}


@pytest.fixture
def build(kustomize: str, plugin_home: Path) -> Any:
    def objects(folder: Path) -> list[dict[str, Any]]:
        environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
        command = [kustomize, "build", "--enable-alpha-plugins", folder]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return list(yaml.safe_load_all(done.stdout))

    return objects


def test_every_destination_is_a_server_that_a_secret_tells(build):
    secrets = {secret["stringData"]["name"]: secret for secret in build(OVERLAYS / "cluster-secrets")}
    assert {name: secret["stringData"]["server"] for name, secret in secrets.items()} == SERVERS
    made = [app for name in ENVIRONMENTS for app in render(str(OVERLAYS / name)).objects]
    assert {app["spec"]["destination"]["server"] for app in made} == set(SERVERS.values())


def test_secrets_hold_facts_and_no_credentials(build):
    inventory = yaml.safe_load((OVERLAYS / "shared/clusters.yaml").read_text())
    entries = {alias.lower(): entry for alias, entry in inventory.items()}
    for secret in build(OVERLAYS / "cluster-secrets"):
        entry = entries[secret["metadata"]["name"]]
        assert secret.keys() == {"apiVersion", "kind", "metadata", "stringData"}
        assert secret["stringData"].keys() == {"name", "server"}
        own = {"argocd.argoproj.io/secret-type": "cluster", "example.com/role": entry["role"]}
        assert secret["metadata"]["labels"] == {**entry["clusterLabels"], **own}


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_the_clusters_that_are_generated_tell_the_same_endpoints(version, build, tmp_path):
    """Applications that stand beside what ByohClusterGenerator makes, in either version of Cluster API."""
    (tmp_path / ".git").mkdir()
    management = shutil.copytree(OVERLAYS / "management", tmp_path / "management")
    config = management / "clusters.yaml"
    assert "clusterApiVersion: v1beta2" in config.read_text()
    config.write_text(config.read_text().replace("clusterApiVersion: v1beta2", f"clusterApiVersion: {version}"))
    applications = [
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name},
            "spec": {"destination": {"name": name}},
        }
        for name in SERVERS
    ]
    files = {
        "kustomization.yaml": "resources: [management, applications.yaml]\ntransformers: [endpoints.yaml]\n",
        "applications.yaml": yaml.safe_dump_all(applications),
        "endpoints.yaml": (
            "apiVersion: kloom.dev/v1alpha1\nkind: ClusterEndpointTransformer\nmetadata: {name: endpoints}\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    built = build(tmp_path)
    assert f"cluster.x-k8s.io/{version}" in {obj["apiVersion"] for obj in built if obj["kind"] == "Cluster"}
    made = {obj["metadata"]["name"]: obj["spec"]["destination"] for obj in built if obj["kind"] == "Application"}
    assert made == {name: {"server": server} for name, server in SERVERS.items()}
