"""What manifestGeneratePaths makes of the samples' roots, asked of Argo CD: no change that matters is passed over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from kloom.render import render
from kloom.sdk.result import Refusal

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
ENVIRONMENTS = sorted(path.parent.name for path in OVERLAYS.glob("*/services"))
ANNOTATION = "argocd.argoproj.io/manifest-generate-paths"


@pytest.fixture
def roots(checkout, path, plugin_home, kustomize):
    """The root Applications by their paths, made with the field."""
    config = checkout / "overlays/roots/applications.yaml"
    config.write_text(config.read_text() + "  manifestGeneratePaths: https://github.com/example/platform.git\n")
    environment = {"PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    command = [kustomize, "build", "--enable-alpha-plugins", checkout / "overlays/roots"]
    built = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return {one["spec"]["source"]["path"]: one["metadata"]["annotations"] for one in yaml.safe_load_all(built)}


def printed(folder):
    """What a folder renders to, or why it does not."""
    try:
        return render(str(folder)).objects
    except Refusal as refusal:
        return str(refusal)


def that_matter(checkout, folder):
    """The files without which the folder renders to something else."""
    before = printed(checkout / folder)
    for file in sorted((checkout / "overlays").rglob("*.yaml")):
        text = file.read_text()
        file.write_text("broken: [\n")
        if printed(checkout / folder) != before:
            yield str(file.relative_to(checkout))
        file.write_text(text)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_matters_refreshes_and_other_environments_do_not(environment, roots, with_plugin_home, checkout):
    folder = f"overlays/{environment}"
    matter = [*that_matter(checkout, folder), f"{folder}/services/new.yaml"]
    assert "overlays/shared/clusters.yaml" in matter
    others = [f"overlays/{other}/services/new.yaml" for other in ENVIRONMENTS if f"/{other}/" not in str(matter)]
    assert others
    argocd = with_plugin_home.but(annotations={ANNOTATION: roots[folder][ANNOTATION]})
    assert argocd.refreshing(checkout, {"path": folder}, [*matter, *others, "README.md"]) == matter


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_sidecar_needs_no_more_than_the_paths(environment, roots, with_sidecar, with_plugin_home, checkout):
    """--plugin-use-manifest-generate-paths sends it the folder above them."""
    source = {"path": f"overlays/{environment}"}
    part = with_sidecar.but(annotations={ANNOTATION: roots[source["path"]][ANNOTATION]}, only_generate_paths=True)
    made = part.manifests(checkout, {**source, "plugin": {"name": "kloom"}}).made()
    assert made == with_plugin_home.manifests(checkout, source).made()


def test_the_root_of_the_repository_is_everything(with_plugin_home, checkout):
    argocd = with_plugin_home.but(annotations={ANNOTATION: "/"})
    files = ["README.md", "overlays/dev/services/new.yaml"]
    assert argocd.refreshing(checkout, {"path": "overlays/roots"}, files) == files
