"""What is released. These tests take minutes, so only `make e2e` runs them.

pytest                  # leaves this folder out
pytest tests/release    # what make e2e does
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Whether to leave this folder out: yes, unless it is asked for by name."""
    asked = any(HERE.name in Path(argument.partition("::")[0]).parts for argument in config.args)
    return None if asked else True
