"""What all tests share: the real tools, which must be there, the same surroundings on every machine, and one option.

pytest --update-golden               # writes what the tests expect anew
pytest --hypothesis-profile=others   # other generated values in each run, and more of them
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings

ROOT = Path(__file__).resolve().parent.parent

OF_E2E = re.findall(r"^E2E_TESTS := (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[0].split()
"""The folders of tests that take programs built from Go modules, or minutes."""
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

# The same generated values in each run, as long as the same modules are imported (Hypothesis draws from the constants
# in them, too), and no limit that a slow machine could reach
BY_CHANCE = {
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.filter_too_much,
}
UNLIMITED = settings(deadline=None, database=None, suppress_health_check=BY_CHANCE)
settings.register_profile("same", UNLIMITED, derandomize=True)
settings.register_profile("others", UNLIMITED, derandomize=False, max_examples=1000)
ASKING_FOR_MORE = {"KLOOM_EXAMPLES", "ORACLE_EXAMPLES"}
"""Variables that say how many values some tests draw: whoever sets one wants other values, too."""
settings.load_profile("same" if ASKING_FOR_MORE.isdisjoint(os.environ) else "others")
MOST_TURNS = 12


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Whether to leave a folder out: one that only `make e2e` runs, unless it is asked for by name."""
    folder = collection_path.relative_to(ROOT).as_posix()
    asked = any(collection_path.name in Path(argument.partition("::")[0]).parts for argument in config.args)
    return True if folder in OF_E2E and not asked else None


def pytest_configure() -> None:
    for name in [*OF_THE_MACHINE, *(name for name in os.environ if name.startswith(("GIT_", "HELM_")))]:
        os.environ.pop(name, None)  # a hook of Git would have the tests work on its own repository
    os.umask(0o022)  # containers read what the tests write, as another user


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the tests expect anew")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def run_until_none() -> Callable[[Callable[[], None], Callable[[], object]], None]:
    """Run a test of generated values again, with others each time, until nothing is missing that is rare among them."""

    def run(test: Callable[[], None], missing: Callable[[], object]) -> None:
        first = 0 if settings().derandomize else random.randrange(2**32)
        for turn in range(MOST_TURNS):
            seed(first + turn)(test)()
            if not missing():
                return
        pytest.fail(f"never drawn in {MOST_TURNS} turns: {missing()}")

    return run


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
