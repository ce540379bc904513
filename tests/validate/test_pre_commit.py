"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in a scratch repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    ".pre-commit-config.yaml": "repos: [{{repo: 'file://{hooks}', rev: v1, hooks: [{{id: {hook}}}]}}]\n",
    "clusters.yaml": "cluster-A: {destination: {server: https://10.0.0.10:6443}}\n",
    "dev/kustomization.yaml": "generators: [applications.yaml]\n",
    "dev/applications.yaml": (
        "apiVersion: kloom.dev/v1alpha1\nkind: ApplicationGenerator\nmetadata: {name: dev}\n"
        "spec: {clusters: ../clusters.yaml, services: services/*.yaml}\n"
    ),
    "dev/services/cart.yaml": (
        "global: {name: cart}\nsource: {repoURL: https://example.com/shop.git, targetRevision: v1.2.3, path: cart}\n"
        "cluster-A: {enable: true, destination: {namespace: cart}}\n"
    ),
    "dev/services/till.yaml": "global: {name: till}\nsource: {pth: till}\n",
    "other/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\n",
    "other/app.yaml": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: other, namespace: argocd}\n"
        "spec: {project: shop, source: {repoURL: https://example.com/shop.git}, destination: {name: a}}\n"
    ),
}


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """No configuration of the machine, and pre-commit's own folder apart."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    identity = {f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    home = str(tmp_path_factory.mktemp("pre-commit"))
    return {**own, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": home, "PRE_COMMIT_COLOR": "never"}


@pytest.fixture(scope="session")
def git(environment):
    def run(folder, *words):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)

    return run


@pytest.fixture(scope="session")
def hooks(tmp_path_factory, git):
    """What Git would keep of this repository, as others clone it, with one version."""
    folder = tmp_path_factory.mktemp("hooks")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(lambda name: (ROOT / name).is_file(), filter(None, names)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"], ["tag", "v1"]):
        git(folder, *words)
    return folder


@pytest.fixture
def pre_commit(tmp_path, environment, git, hooks):
    """Runs a hook on files of a repository that are staged; (exit status, output)."""
    command = Path(sys.executable).with_name("pre-commit")
    assert command.exists(), f"{command} must be there: install the test extra"

    def run(hook, *staged):
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.format(hooks=hooks, hook=hook) if name.startswith(".") else text)
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", ".pre-commit-config.yaml", *staged)
        words = [command, "run", "--verbose"]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_wrong_values_file_is_not_committed(pre_commit):
    status, said = pre_commit("kloom-values", "dev/services/till.yaml")
    assert "2:10  error    source.pth: unknown key (did you mean path?)" in said, said
    assert status == 1


def test_a_correct_values_file_passes_beside_a_wrong_one(pre_commit):
    status, said = pre_commit("kloom-values", "dev/services/cart.yaml")
    assert status == 0, said
    assert "nothing to complain about" in said


def test_what_all_services_share_is_checked_with_all_of_them(pre_commit):
    status, said = pre_commit("kloom-values", "clusters.yaml")
    assert "dev/services/till.yaml" in said
    assert status == 1


def test_manifests_are_checked_and_other_files_are_not(pre_commit):
    status, said = pre_commit("kloom-manifests", "other/deployment.yaml")
    assert status == 0, said
    status, said = pre_commit("kloom-manifests", "other/app.yaml")
    assert "spec.source: must have a path or a chart" in said
    assert status == 1
