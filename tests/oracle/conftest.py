"""What only `make e2e` runs: it needs the oracle, which is built from Argo CD's own code, and kubectl-validate.

pytest                # leaves this folder out
pytest tests/oracle   # what make e2e does
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))  # the modules beside this one

from argocd import ArgoCD  # noqa: E402  # needs the path above


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Whether to leave this folder out: yes, unless it is asked for by name."""
    asked = any(HERE.name in Path(argument.partition("::")[0]).parts for argument in config.args)
    return None if asked else True


def needed(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} must be on PATH: run these tests by `make e2e`, which builds it"
    return path


@pytest.fixture(scope="session")
def argocd() -> Iterator[ArgoCD]:
    """Argo CD's own code, ready to be asked."""
    with ArgoCD(needed("argocd-oracle")) as argocd:
        yield argocd


@pytest.fixture(scope="session")
def kubectl_validate() -> str:
    return needed("kubectl-validate")
