"""After kustomize's namespace, namePrefix and nameSuffix every reference of a cluster leads where it led before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kloom.capi.api_versions import as_v1beta1
from kloom.capi.rules import Facts, findings
from kloom.sdk.yaml_reader import kustomize_plain, read_documents
from kloom.sdk.yaml_writer import to_yaml, to_yaml_documents

SAMPLE = Path(__file__).parents[1] / "capi_rules" / "sample.yaml"
EXPECTED = Path(__file__).parent / "expected"
TRANSFORMER = {
    "apiVersion": "kloom.dev/v1alpha1",
    "kind": "ByohMachineTemplateTransformer",
    "metadata": {"name": "hosts"},
    "spec": {},
}


class Builder:
    """Writes kustomizations and builds them."""

    def __init__(self, folder: Path, kustomize: str, plugin_home: Path) -> None:
        self.folder = folder
        self._command = [kustomize, "build", "--enable-alpha-plugins"]
        self._environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}

    def write(self, place: str, kustomization: dict[str, Any], **files: str) -> None:
        (self.folder / place).mkdir(parents=True, exist_ok=True)
        (self.folder / place / "kustomization.yaml").write_text(to_yaml(kustomization), encoding="utf-8")
        for name, text in files.items():
            (self.folder / place / f"{name}.yaml").write_text(text, encoding="utf-8")

    def build(self, place: str) -> subprocess.CompletedProcess[str]:
        command = [*self._command, str(self.folder / place)]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)

    def built(self, place: str) -> str:
        done = self.build(place)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def builder(tmp_path: Path, kustomize: str, plugin_home: Path) -> Builder:
    return Builder(tmp_path, kustomize, plugin_home)


def sample(version: str) -> str:
    objects = read_documents(SAMPLE.read_text(encoding="utf-8"), kustomize_plain)
    return to_yaml_documents([as_v1beta1(obj) for obj in objects] if version == "v1beta1" else objects)


def problems(text: str) -> list[tuple[str, str, str]]:
    objects = read_documents(text, kustomize_plain)
    return [(finding.rule.id, finding.obj["kind"], finding.message) for finding in findings(objects, Facts())]


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_the_cluster_is_whole_in_its_new_names(builder: Builder, version: str, update_golden: bool) -> None:
    builder.write("base", {"resources": ["cluster.yaml"], "nameSuffix": "-x"}, cluster=sample(version))
    overlay = {"resources": ["../base"], "namespace": "production", "namePrefix": "east-"}
    builder.write("plain", overlay)
    assert {rule for rule, _, _ in problems(builder.built("plain"))} >= {"reference-dangling", "cluster-unknown"}

    builder.write("overlay", {**overlay, "transformers": ["hosts.yaml"]}, hosts=to_yaml(TRANSFORMER))
    built = builder.built("overlay")
    assert problems(built) == []
    expected = EXPECTED / f"renamed-{version}.yaml"
    if update_golden:
        expected.write_text(built, encoding="utf-8")
    assert built == expected.read_text(encoding="utf-8")

    builder.write("again", {"resources": ["built.yaml"], "transformers": ["hosts.yaml"]}, built=built)
    builder.write("again", {"resources": ["built.yaml"], "transformers": ["hosts.yaml"]}, hosts=to_yaml(TRANSFORMER))
    assert builder.built("again") == built


def test_two_overlays_of_one_base_stay_apart(builder: Builder) -> None:
    builder.write("base", {"resources": ["cluster.yaml"]}, cluster=sample("v1beta2"))
    for name in ("east", "west"):
        builder.write(name, {"resources": ["../base"], "namePrefix": f"{name}-"})
    both = {"resources": ["../east", "../west"], "transformers": ["hosts.yaml"]}
    builder.write("both", both, hosts=to_yaml(TRANSFORMER))
    found = {rule for rule, _, _ in problems(builder.built("both"))}
    assert found == {"endpoint-of-two-clusters", "host-selectors-overlap"}


def test_a_name_that_could_be_either_is_an_error(builder: Builder) -> None:
    cluster = "\n---\n".join(text for text in sample("v1beta2").split("---\n") if "kind: ByoCluster" in text[:120])
    owner = "\n---\n".join(text for text in sample("v1beta2").split("---\n") if "kind: Cluster\n" in text[:120])
    builder.write("base", {"resources": ["cluster.yaml"]}, cluster=cluster)
    for name in ("east", "west"):
        builder.write(name, {"resources": ["../base"], "namePrefix": f"{name}-"})
    both = {"resources": ["../east", "../west", "owner.yaml"], "transformers": ["hosts.yaml"]}
    builder.write("both", both, owner=owner, hosts=to_yaml(TRANSFORMER))
    done = builder.build("both")
    assert done.returncode != 0
    assert done.stdout == ""
    message = "must be clear: cluster-a is what east-cluster-a, west-cluster-a were called"
    assert f"Cluster/cluster-a spec.infrastructureRef.name: {message}" in done.stderr
