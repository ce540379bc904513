"""What only `make e2e` runs: a whole Argo CD of local processes, built from its own code, and kloom in its repo server.

pytest                      # leaves this folder out
pytest tests/argocd_chain   # what make e2e does
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "servers")]  # the modules beside this one, and the API server's

from chain import Chain, chain_of  # noqa: E402  # needs the path above


@pytest.fixture(scope="session")
def running(kloom: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """Production's root Application on a real Argo CD, from the first sync on."""
    folder = tmp_path_factory.mktemp("chain")
    sys.stderr.write(f"the servers' logs stay below {folder}\n")  # which pytest shows where something fails
    with chain_of(ROOT / "overlays", "prod", folder, kloom) as chain:
        yield chain


@pytest.fixture
def chain(running: Chain) -> Iterator[Chain]:
    """The chain as the samples have it in Git; what a test commits is taken back afterwards."""
    yield running
    running.take_back()
