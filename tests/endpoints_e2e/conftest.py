"""What only `make e2e` runs: it needs a real Kubernetes API.

pytest                       # leaves this folder out
pytest tests/endpoints_e2e   # what make e2e does
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_server import ApiServer

HERE = Path(__file__).resolve().parent


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Whether to leave this folder out: yes, unless it is asked for by name."""
    asked = any(HERE.name in Path(argument.partition("::")[0]).parts for argument in config.args)
    return None if asked else True


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with ApiServer(tmp_path_factory.mktemp("api")) as api:
        yield api
