"""What only `make e2e` runs: it needs a real Kubernetes API.

pytest                       # leaves this folder out
pytest tests/endpoints_e2e   # what make e2e does
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_server import ApiServer


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with ApiServer(tmp_path_factory.mktemp("api")) as api:
        yield api
