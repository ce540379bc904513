"""What all tests share: the real tools, which must be there, and the option that writes goldens anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the tests expect anew")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


def tool(name: str) -> str:
    """The path of a tool that tests need; without it they fail, since a skip would prove nothing."""
    path = shutil.which(name)
    assert path, f"{name} must be on PATH: run the tests by `make test`, which sets it up"
    return path


@pytest.fixture(scope="session")
def kustomize() -> str:
    return tool("kustomize")


@pytest.fixture(scope="session")
def kubectl() -> str:
    return tool("kubectl")


@pytest.fixture(scope="session")
def helm() -> str:
    return tool("helm")


@pytest.fixture(scope="session")
def kloom() -> str:
    """The command that is installed beside the Python which runs the tests."""
    path = Path(sys.executable).with_name("kloom")
    assert os.access(path, os.X_OK), f"{path}: kloom must be installed beside {sys.executable}"
    return str(path)


@pytest.fixture(scope="session")
def plugin_home(kloom: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plugin home that kloom itself has set up."""
    home = tmp_path_factory.mktemp("plugin-home")
    subprocess.run([kloom, "plugin", "install", "--home", home], check=True, capture_output=True)
    return home
