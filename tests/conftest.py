"""What all tests share: the real tools, which must be there, the same surroundings on every machine, and one option.

pytest --update-golden               # writes what the tests expect anew
pytest --hypothesis-profile=others   # other generated values in each run, and more of them
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

OF_THE_MACHINE = (
    "COLUMNS",
    "FORCE_COLOR",
    "KLOOM_ROOT",
    "KUSTOMIZE_PLUGIN_HOME",
    "NO_COLOR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONWARNINGS",
    "XDG_CONFIG_HOME",
)
"""Variables by which a machine could have kloom, or a tool, do something else than the tests expect."""

# The same generated values in each run, and no limit that a slow machine could reach
BY_CHANCE = {
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.filter_too_much,
}
UNLIMITED = settings(deadline=None, database=None, suppress_health_check=BY_CHANCE)
settings.register_profile("same", UNLIMITED, derandomize=True)
settings.register_profile("others", UNLIMITED, derandomize=False, max_examples=1000)
settings.load_profile("same")


def pytest_configure() -> None:
    for name in [*OF_THE_MACHINE, *(name for name in os.environ if name.startswith(("GIT_", "HELM_")))]:
        os.environ.pop(name, None)  # a hook of Git would have the tests work on its own repository
    os.umask(0o022)  # containers read what the tests write, as another user


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
