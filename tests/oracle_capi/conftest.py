"""What only `make e2e` runs: it needs kubectl-validate and the Go module of Cluster API.

pytest                     # leaves this folder out
pytest tests/oracle_capi   # part of what make e2e does
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from processes import needed

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "capi")]  # where its modules are

from custom_resources import FOLDER, OF_BYOH  # noqa: E402  # needs the path above


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which definitions of BYOH's kinds the objects were held against: its own are in no Go module."""
    said = f"BYOH's kinds were held against: {', '.join(OF_BYOH)}"
    own = f"; NOT COMPARED with BYOH's own definitions, which are not in {FOLDER} (KLOOM_BYOH_CRDS says where)"
    missing = "" if len(OF_BYOH) > 1 else own
    terminalreporter.write_line(said + missing)


@pytest.fixture(scope="session")
def kubectl_validate() -> str:
    return needed("kubectl-validate")


@pytest.fixture(scope="session")
def go() -> str:
    return needed("go")
