"""The package that docs/kpt.md shows, under the commands that it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from .conftest import need_kpt

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "kpt.md").read_text()
FILES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
COMMANDS = re.search(r"^```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)[1].splitlines()
MADE = re.search(r"Each writes `package/(\S+)`", TEXT)[1]


@pytest.fixture
def run(tmp_path, kustomize, kloom):
    assert kustomize
    (tmp_path / "package").mkdir()
    for name, text in FILES:
        (tmp_path / "package" / name).write_text(text)
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(kloom).parent), os.environ["PATH"]])}

    def run(command):
        if command.startswith("kpt"):
            need_kpt()
        return subprocess.run(
            shlex.split(command), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_writes_the_file(command, run, tmp_path):
    done = run(command)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "package") == {MADE, *(name for name, _ in FILES)}


@pytest.mark.parametrize("command", ["kustomize fn run package", "kpt fn render package"])
def test_what_may_not_run_writes_nothing(command, run, tmp_path):
    done = run(command)
    assert (done.returncode != 0) == command.startswith("kpt")
    assert files(tmp_path / "package") == {name for name, _ in FILES}


def test_the_workflow_installs_the_version_that_the_docs_tell_of():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    (installed,) = re.findall(r"kpt/releases/download/v(\S+)/kpt_linux_amd64", workflow)
    assert f"kpt {installed} " in (ROOT / "docs" / "compatibility.md").read_text()
