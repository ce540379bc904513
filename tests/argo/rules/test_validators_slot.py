"""ManifestValidator under `validators:`: kustomize keeps every resource, in both forms."""

import os
import subprocess
from pathlib import Path

import pytest

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cart, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example.com/shop.git, path: PATH}
  destination: {server: https://kubernetes.default.svc, namespace: cart}
"""
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ManifestValidator
metadata:
  name: argo-cd
"""
EXEC = """\
  annotations:
    config.kubernetes.io/function: "exec: {path: kloom}"
"""
KUSTOMIZATION = """\
resources: [application.yaml]
configMapGenerator: [{name: other, literals: [a=b]}]
SLOT: [config.yaml]
"""
FORMS = pytest.mark.parametrize("config", [CONFIG, CONFIG + EXEC], ids=["plugin home", "exec"])


@FORMS
@pytest.mark.parametrize("slot", ["validators", "transformers"])
def test_what_is_right_passes_whole(  # noqa: PLR0913  # fixtures
    config: str, slot: str, tmp_path: Path, kustomize: str, kloom: str, plugin_home: Path
) -> None:
    done = build(tmp_path, config, slot, "deploy", kustomize, kloom, plugin_home)
    assert (done.returncode, done.stdout.count("kind: ")) == (0, 2), done.stderr


@FORMS
def test_what_is_wrong_fails(config: str, tmp_path: Path, kustomize: str, kloom: str, plugin_home: Path) -> None:
    done = build(tmp_path, config, "validators", "/deploy", kustomize, kloom, plugin_home)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Application/cart spec.source.path: must be relative" in done.stderr


@FORMS
@pytest.mark.parametrize("other", ["../configs", "../../outside.yaml"])
def test_where_a_folder_may_hold_it_too_nothing_is_deleted(  # noqa: PLR0913  # fixtures
    config: str, other: str, tmp_path: Path, kustomize: str, kloom: str, plugin_home: Path
) -> None:
    """kustomize runs it in both slots, and nothing tells a function in which of them it is."""
    folder = tmp_path / "repository" / "build"
    configs = tmp_path / "repository" / "configs"
    for made in (folder, configs, tmp_path / "repository" / ".git"):
        made.mkdir(parents=True)
    (configs / "config.yaml").write_text(config)
    (configs / "kustomization.yaml").write_text("resources: [config.yaml]\n")
    (tmp_path / "outside.yaml").write_text(config)
    slots = f"validators: [config.yaml]\ntransformers: [{other}]\n#"
    done = build(folder, config, slots, "deploy", kustomize, kloom, plugin_home)
    assert done.returncode != 0
    assert done.stdout == ""
    if other == "../configs":  # the other one kustomize itself refuses
        assert f"must be listed under transformers, not validators: {other} under" in done.stderr


def build(  # noqa: PLR0913  # what is built, by what
    folder: Path, config: str, slot: str, path: str, kustomize: str, kloom: str, plugin_home: Path
) -> subprocess.CompletedProcess[str]:
    (folder / "application.yaml").write_text(APPLICATION.replace("PATH", path))
    (folder / "config.yaml").write_text(config)
    (folder / "kustomization.yaml").write_text(KUSTOMIZATION.replace("SLOT", slot))
    search = os.pathsep.join((str(Path(kloom).parent), os.environ["PATH"]))
    return subprocess.run(
        [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", folder],
        env={**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home), "PATH": search},
        capture_output=True,
        text=True,
        check=False,
    )
