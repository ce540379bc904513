"""What `pip install` brings: a working command, with schemas and charts, and nothing of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command: object, cwd: Path) -> str:
    """The output of a command that must succeed; the tests' own Python path does not reach it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("kloom-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kloom command of an environment that holds the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)  # a bare Debian has none to put there
    run(sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", wheel, cwd=folder)
    return folder / "bin" / "kloom"


def test_the_wheel_holds_charts_and_schemas_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "kloom/charts/argo-app/templates/application.yaml",
        "kloom/charts/argo-app-root/templates/applications.yaml",
        "kloom/schemas/values.json",
        "kloom/py.typed",
    } <= names
    assert {name.split("/")[0] for name in names} == {
        "kloom",
        next(n for n in names if ".dist-info/" in n).split("/")[0],
    }


def test_an_installed_kloom_does_its_work(installed: Path, helm: str, tmp_path: Path) -> None:
    assert run(installed, "--version", cwd=tmp_path).startswith("kloom ")
    run("git", "init", "--quiet", cwd=tmp_path)
    run(installed, "init", cwd=tmp_path)
    assert "name: guestbook-dev-in-cluster" in run(installed, "render", "overlays/dev", cwd=tmp_path)
    assert Path(helm).is_file()
    assert "the same 1 Applications" in run(installed, "eject", "overlays/dev", cwd=tmp_path)
