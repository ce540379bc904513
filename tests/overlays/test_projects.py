"""The samples' AppProjects permit the samples' Applications, and nothing that they do not need."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from kloom.argo.rules import findings
from kloom.argo.rules.rule import Facts
from kloom.manifest_validator import known_clusters
from kloom.render import render

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
ENVIRONMENTS = sorted(path.parent.name for path in OVERLAYS.glob("*/services"))
DENIED = {"project-source-denied", "project-destination-denied"}
VALIDATOR = """\
apiVersion: kloom.dev/v1alpha1
kind: ManifestValidator
metadata: {name: all-together}
spec: {argocdNamespace: argocd, argocdVersion: "3.4", clusters: ../shared/clusters.yaml, failOn: warning}
"""
FOR_A_CHART_S_OWN_OBJECTS = {"name": "cluster-*", "namespace": "kube-system"}


def objects(done: subprocess.CompletedProcess[str]) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def test_there_is_one_for_each_environment_and_one_for_the_roots(kustomize):
    done = subprocess.run([kustomize, "build", OVERLAYS / "projects"], capture_output=True, text=True, check=False)
    assert {one["metadata"]["name"] for one in objects(done)} == {*ENVIRONMENTS, "roots"}


def test_they_permit_all_that_is_built_with_them(overlays, tools):
    """Every environment, the roots and the projects as one build, with a validator at its end."""
    folder = overlays / "all"
    folder.mkdir()
    (folder / "validator.yaml").write_text(VALIDATOR)
    resources = [f"../{name}" for name in ("projects", "roots", *ENVIRONMENTS)]
    kustomization = {"resources": resources, "transformers": ["validator.yaml"]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    assert {one["kind"] for one in objects(tools.build(folder))} == {"Application", "AppProject"}


@pytest.mark.parametrize("name", [*ENVIRONMENTS, "roots"])
def test_every_repository_and_destination_is_needed(name):
    project = yaml.safe_load((OVERLAYS / "projects" / f"{name}.yaml").read_text())
    facts = Facts(clusters=known_clusters("clusters.yaml", (), str(OVERLAYS / "shared")))
    applications = render(str(OVERLAYS / name)).objects
    for field in ("sourceRepos", "destinations"):
        for entry in project["spec"][field]:
            left = [other for other in project["spec"][field] if other != entry]
            facts.projects = [{**project, "spec": {**project["spec"], field: left}}]
            refused = {found.rule.id for found in findings(applications, facts)} & DENIED
            assert bool(refused) != (entry == FOR_A_CHART_S_OWN_OBJECTS), entry


def test_validate_holds_the_applications_against_them(overlays, kloom):
    path = overlays / "projects" / "dev.yaml"
    path.write_text(path.read_text().replace("cluster-d, namespace: dev", "cluster-d, namespace: other"))
    done = subprocess.run([kloom, "validate"], cwd=overlays.parent, capture_output=True, text=True, check=False)
    assert "[project-destination-denied]" in done.stdout
