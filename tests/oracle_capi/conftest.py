"""What only `make e2e` runs: it needs kubectl-validate and the Go module of Cluster API.

pytest                     # leaves this folder out
pytest tests/oracle_capi   # part of what make e2e does
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "capi"), str(ROOT / "tests" / "servers")]  # where its modules are

from custom_resources import FOLDER, OF_BYOH  # noqa: E402  # needs the path above


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Whether to leave this folder out: yes, unless it is asked for by name."""
    return None if _is_asked_for(config) else True


def _is_asked_for(config: pytest.Config) -> bool:
    return any(HERE.name in Path(argument.partition("::")[0]).parts for argument in config.args)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which definitions of BYOH's kinds the objects were held against: its own are in no Go module."""
    if not _is_asked_for(config):
        return
    said = f"BYOH's kinds were held against: {', '.join(OF_BYOH)}"
    own = f"; NOT COMPARED with BYOH's own definitions, which are not in {FOLDER} (KLOOM_BYOH_CRDS says where)"
    missing = "" if len(OF_BYOH) > 1 else own
    terminalreporter.write_line(said + missing)


def needed(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} must be on PATH: run these tests by `make e2e`, which builds it"
    return path


@pytest.fixture(scope="session")
def kubectl_validate() -> str:
    return needed("kubectl-validate")


@pytest.fixture(scope="session")
def go() -> str:
    return needed("go")
