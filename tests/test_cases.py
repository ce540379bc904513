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

FOLDER = Path(__file__).parent / "cases"
CASES = [pytest.param(case, id=str(case.folder.relative_to(FOLDER))) for case in cases(FOLDER)]


@pytest.mark.parametrize("case", CASES)
def test_in_process(case: Case, update_golden: bool) -> None:
    check(dispatch, case, update=update_golden)


@pytest.mark.parametrize("case", CASES)
def test_through_kustomize(case: Case, kustomize: str, plugin_home: Path) -> None:
    done = subprocess.run(
        [kustomize, "build", "--enable-alpha-plugins", case.folder],
        env={**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)},
        capture_output=True,
        text=True,
        check=False,
    )
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


def sorted_objects(documents: list[dict]) -> list[dict]:
    """The objects that kustomize prints, in one order: it drops what is local-config."""
    kept = [obj for obj in documents if "config.kubernetes.io/local-config" not in annotations(obj)]
    return sorted(kept, key=lambda obj: (obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]))


def annotations(obj: dict) -> dict:
    return obj["metadata"].get("annotations") or {}
