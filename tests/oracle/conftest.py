"""What only `make e2e` runs: it needs the oracle, which is built from Argo CD's own code, and kubectl-validate.

pytest                # leaves this folder out
pytest tests/oracle   # what make e2e does
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import needed

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the modules beside this one

from argocd import ArgoCD  # noqa: E402  # needs the path above


@pytest.fixture(scope="session")
def argocd() -> Iterator[ArgoCD]:
    """Argo CD's own code, ready to be asked."""
    with ArgoCD(needed("argocd-oracle")) as argocd:
        yield argocd


@pytest.fixture(scope="session")
def kubectl_validate() -> str:
    return needed("kubectl-validate")
