"""The components on Argo CD's own manifests, held against the schemas of Kubernetes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml
from processes import needed

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "overlays/components"


@pytest.fixture(scope="module")
def manifests() -> Path:
    """The manifests of the Argo CD that the oracle is built from."""
    command = ["go", "list", "-C", ROOT / "tests/oracle", "-m", "-f", "{{.Dir}}", "github.com/argoproj/argo-cd/v3"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()) / "manifests/base"


@pytest.mark.parametrize("components", [["argocd-cmp"], ["argocd-plugin-home"], ["argocd-cmp", "argocd-plugin-home"]])
def test_argo_cd_with_the_components_is_valid(components, manifests, kustomize, tmp_path):
    kustomization = {
        "namespace": "argocd",
        "resources": [os.path.relpath(manifests / part, tmp_path) for part in ("config", "repo-server")],
        "components": [os.path.relpath(COMPONENTS / name, tmp_path) for name in components],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    built = subprocess.run([kustomize, "build", tmp_path], capture_output=True, text=True, check=True).stdout
    (tmp_path / "built.yaml").write_text(built)
    command = [needed("kubectl-validate"), tmp_path / "built.yaml"]
    validated = subprocess.run(command, capture_output=True, text=True, check=False)
    assert validated.returncode == 0, validated.stdout + validated.stderr
    (pod,) = (one["spec"]["template"]["spec"] for one in yaml.safe_load_all(built) if one["kind"] == "Deployment")
    there = {volume["name"] for volume in pod["volumes"]}
    every = [*pod["initContainers"], *pod["containers"]]
    assert {mount["name"] for container in every for mount in container["volumeMounts"]} <= there
    assert len({container["name"] for container in every}) == len(every) == 2 + len(components)
