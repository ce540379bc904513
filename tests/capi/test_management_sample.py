"""The four clusters of the samples, whole, in both versions of Cluster API."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kloom.render import render
from kloom.sdk.yaml_reader import kustomize_plain, read_documents
from kloom.sdk.yaml_writer import to_yaml_documents

HERE = Path(__file__).parent
OVERLAYS = HERE.parents[1] / "overlays"
VERSIONS = ("v1beta1", "v1beta2")


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def management(version, tmp_path) -> Path:
    """The samples' folder in a repository of its own, in that version."""
    (tmp_path / ".git").mkdir()
    subprocess.run(["cp", "-r", OVERLAYS / "management", tmp_path], check=True)
    config = tmp_path / "management" / "clusters.yaml"
    config.write_text(config.read_text().replace("clusterApiVersion: v1beta2", f"clusterApiVersion: {version}"))
    return tmp_path / "management"


def test_all_that_is_made(version, management, update_golden):
    golden = HERE / "expected" / f"management-{version}.yaml"
    objects = render(str(management)).objects
    if update_golden:
        golden.write_text(to_yaml_documents(objects))
    assert read_documents(golden.read_text(), kustomize_plain) == objects


def test_kustomize_builds_the_same(management, kustomize, plugin_home):
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    command = [kustomize, "build", "--enable-alpha-plugins", management]
    built = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert read_documents(built.stdout, kustomize_plain) == render(str(management)).objects


def test_nothing_is_wrong_with_them(management):
    assert [str(result) for result in render(str(management)).results] == []


def test_a_new_cluster_is_one_new_file(management):
    before = {name_of(obj): obj for obj in render(str(management)).objects}
    (management / "clusters" / "cluster-e.yaml").write_text(
        "name: cluster-e\ncontrolPlaneEndpoint: {host: 10.0.4.10}\n"
        "controlPlane: {hostSelector: {matchLabels: {example.com/cluster: e}}}\n"
    )
    with (management / "hosts.yaml").open("a") as hosts:
        hosts.writelines(f"- {{name: e-{at}, labels: {{example.com/cluster: e}}}}\n" for at in range(3))
    after = {name_of(obj): obj for obj in render(str(management)).objects}
    assert {name: after[name] for name in before} == before
    assert {name.partition("/")[2].split("-")[1] for name in after.keys() - before.keys()} == {"e"}


def name_of(obj):
    return f"{obj['kind']}/{obj['metadata']['name']}"
