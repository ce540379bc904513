"""`kloom validate --since REV`: clusters against what Git has of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kloom.cli import main
from kloom.sdk.yaml_reader import kustomize_plain, read_documents
from kloom.sdk.yaml_writer import to_yaml_documents

SAMPLE = Path(__file__).parents[1] / "capi_rules" / "sample.yaml"
CLUSTER = "lab/cluster.yaml"
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ByohClusterGenerator
metadata: {name: management}
spec: {clusters: "*-cluster.yaml"}
"""
COMPACT = """\
name: cluster-b
namespace: clusters
kubernetesVersion: v1.33.5
controlPlaneEndpoint: {host: 10.0.1.10}
clusterNetwork: {pods: 192.168.0.0/16, services: 10.128.0.0/12}
controlPlane: {replicas: 3, hostSelector: {matchLabels: {role: b}}}
"""


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Git in an empty repository, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]

    def run(*arguments: str) -> str:
        return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout

    run("init", "--quiet")
    return run


@pytest.fixture
def repository(git: Callable[..., str]) -> Callable[..., str]:
    """A repository of two clusters, committed: manifests, and a compact one."""
    write("lab/kustomization.yaml", "resources: [cluster.yaml]\n")
    write(CLUSTER, SAMPLE.read_text(encoding="utf-8"))
    write("management/kustomization.yaml", "generators: [clusters.yaml]\n")
    write("management/clusters.yaml", CONFIG)
    write("management/b-cluster.yaml", COMPACT)
    git("add", ".")
    git("commit", "--quiet", "--message", "clusters")
    return git


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def replace(path: str, *changes: tuple[str, str]) -> None:
    text = Path(path).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(path).write_text(text, encoding="utf-8")


def validated(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["validate", *arguments])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


@pytest.mark.usefixtures("repository")
def test_nothing_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert validated(capsys, "--since", "HEAD")[0] == 0


@pytest.mark.usefixtures("repository")
def test_changes_are_told_where_the_files_say_them(capsys: pytest.CaptureFixture[str]) -> None:
    replace(CLUSTER, ("v1.34.2", "v1.33.1"), ("bundleRepo: registry", "bundleRepo: mirror"))
    replace("management/b-cluster.yaml", ("v1.33.5", "v1.35.0"), ("10.0.1.10", "10.0.1.11"))
    assert validated(capsys)[0] == 0
    status, printed = validated(capsys, "--since", "HEAD")
    assert status == 1
    line = Path(CLUSTER).read_text(encoding="utf-8").splitlines().index("  version: v1.33.1") + 1
    assert f"  {line}:12   error    spec.version: must not be older than v1.34.2, was v1.33.1" in printed
    assert printed.count("[template-changed-in-place]") == 2
    assert "3:20  error    kubernetesVersion: KubeadmControlPlane spec.version: must be at most v1.34, " in printed
    assert "must stay 10.0.1.10, was changed to 10.0.1.11  [endpoint-changed]" in printed


@pytest.mark.usefixtures("repository")
def test_of_one_file_only_its_own_changes(capsys: pytest.CaptureFixture[str]) -> None:
    replace(CLUSTER, ("v1.34.2", "v1.33.1"))
    replace("management/b-cluster.yaml", ("10.0.1.10", "10.0.1.11"))
    _, printed = validated(capsys, "--since", "HEAD", "management/b-cluster.yaml")
    assert "endpoint-changed" in printed
    assert CLUSTER not in printed


@pytest.mark.usefixtures("repository")
def test_a_version_of_the_api_is_no_change(capsys: pytest.CaptureFixture[str]) -> None:
    from kloom.capi.api_versions import as_v1beta1

    objects = [as_v1beta1(obj) for obj in read_documents(SAMPLE.read_text(encoding="utf-8"), kustomize_plain)]
    write(CLUSTER, to_yaml_documents(objects))
    assert validated(capsys, "--since", "HEAD")[0] == 0


@pytest.mark.usefixtures("repository")
def test_what_was_not_there_cannot_have_changed(capsys: pytest.CaptureFixture[str]) -> None:
    write("new/cluster.yaml", SAMPLE.read_text(encoding="utf-8").replace("v1.34.2", "v1.31.0"))
    assert validated(capsys, "--since", "HEAD", "new")[0] == 0


@pytest.mark.parametrize("revision", ["nowhere", "--help", "HEAD:lab/cluster.yaml", "-1"])
@pytest.mark.usefixtures("repository")
def test_a_revision_must_be_there(revision: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, printed = validated(capsys, f"--since={revision}")
    assert status == 1
    assert printed == f"--since {revision}: must be a revision of the repository that the files are in, as HEAD~1\n"


def test_without_git_there_is_no_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write(CLUSTER, SAMPLE.read_text(encoding="utf-8"))
    assert validated(capsys, "--since", "HEAD")[0] == 1


def test_nothing_runs_that_is_configured_for_files(
    repository: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "ran"
    for configured in ("filter.trap.smudge", "diff.trap.textconv", "core.fsmonitor", "core.pager", "core.sshCommand"):
        repository("config", configured, f"touch {ran} && cat")
    write(".gitattributes", "*.yaml filter=trap diff=trap\n")
    write(".git/hooks/post-checkout", f"#!/bin/sh\ntouch {ran}\n")
    Path(".git/hooks/post-checkout").chmod(0o755)
    replace(CLUSTER, ("v1.34.2", "v1.33.1"))
    _, printed = validated(capsys, "--since", "HEAD")
    assert "kubernetes-version-decreases" in printed
    assert not ran.exists()


def test_links_of_a_revision_are_not_followed(
    repository: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text(SAMPLE.read_text(encoding="utf-8").replace("10.0.0.10", "10.9.9.9"), encoding="utf-8")
    Path("linked").mkdir()
    Path("linked/cluster.yaml").symlink_to(outside)
    repository("add", ".")
    repository("commit", "--quiet", "--message", "a link")
    Path("linked/cluster.yaml").unlink()
    write("linked/cluster.yaml", SAMPLE.read_text(encoding="utf-8"))
    _, printed = validated(capsys, "--since", "HEAD", "linked")
    assert "endpoint-changed" not in printed
