"""The golden cases: each folder is a complete kustomization, run in process and through the real kustomize.

    kustomization.yaml, config.yaml, the values files    what a user writes
    input.yaml                                           what kustomize hands to a transformer
    expected.yaml or errors.txt                          what must come out

`make golden` writes what comes out anew.
"""

import os
import subprocess
from pathlib import Path

import pytest

from kloom.catalog import dispatch
from kloom.sdk.testing import Case, cases, check
from kloom.sdk.yaml_reader import kustomize_plain, read_documents
from kloom.sdk.yaml_writer import to_yaml

FOLDER = Path(__file__).parent / "cases"
CASES = [pytest.param(case, id=str(case.folder.relative_to(FOLDER))) for case in cases(FOLDER)]


def build(kustomize: str, plugin_home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [kustomize, "build", "--enable-alpha-plugins", folder],
        env={**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("case", CASES)
def test_in_process(case: Case, update_golden: bool) -> None:
    check(dispatch, case, update=update_golden)


@pytest.mark.parametrize("case", CASES)
def test_through_kustomize(case: Case, kustomize: str, plugin_home: Path) -> None:
    done = build(kustomize, plugin_home, case.folder)
    if (case.folder / "expected.yaml").exists():
        assert done.returncode == 0, done.stderr
        assert sorted_objects(read_documents(done.stdout, kustomize_plain)) == sorted_objects(
            case.documents("expected.yaml")
        )
    else:
        assert done.returncode != 0
        assert done.stdout == ""
        lines = done.stderr.removeprefix("Error: ").splitlines()
        assert [line for line in case.text("errors.txt").splitlines() if line not in lines] == []


def test_files_that_no_repository_holds_are_refused_one_line_each(
    kustomize: str, plugin_home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "repository" / "dev"
    folder.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    (tmp_path / "secret.yaml").write_text("global: {name: secret}")
    (folder / "kustomization.yaml").write_text("generators: [config.yaml]")
    (folder / "common.yaml").write_text("cluster-A: {destination: {name: a}}")
    (folder / "latin.yaml").write_bytes(b"global:\n  name: \xfc\n")
    (folder / "controls.yaml").write_text("global:\n  name: a\x1b[31m\n")
    (folder / "large.yaml").write_text("#" * 5_000_000)
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "fifo.yaml")
    wanted = {
        "../../secret.yaml": "../../secret.yaml: must stay inside the repository (the Git repository around",
        "link.yaml": "link.yaml: must not be a symbolic link out of the repository (the Git repository around",
        "folder/secret.yaml": "must not be a symbolic link out of the repository",
        "folder/s*.yaml": "folder/secret.yaml: must not be a symbolic link out of the repository",
        "fifo.yaml": "fifo.yaml: must be a regular file, was a named pipe",
        "large.yaml": "large.yaml:1:1: must be at most 4 MiB, was 4.8 MiB",
        "latin.yaml": "latin.yaml:2:9: must be UTF-8, was the byte 0xfc in line 2",
        "controls.yaml": "controls.yaml:2:10: no valid YAML: control characters are not allowed",
    }
    config = {"apiVersion": "kloom.dev/v1alpha1", "kind": "ApplicationGenerator", "metadata": {"name": "dev"}}
    (folder / "config.yaml").write_text(
        to_yaml({**config, "spec": {"common": "common.yaml", "services": list(wanted)}})
    )
    done = build(kustomize, plugin_home, folder)
    assert done.returncode != 0
    assert done.stdout == ""
    for message in wanted.values():
        assert message in done.stderr
    assert "name: secret" not in done.stderr


def sorted_objects(documents: list[dict]) -> list[dict]:
    """The objects that kustomize prints, in one order: it drops what is local-config."""
    kept = [obj for obj in documents if "config.kubernetes.io/local-config" not in annotations(obj)]
    return sorted(kept, key=lambda obj: (obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]))


def annotations(obj: dict) -> dict:
    return obj["metadata"].get("annotations") or {}
