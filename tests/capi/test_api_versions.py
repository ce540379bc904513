"""Durations as Go writes them: any other spelling of the same time would look like drift for ever."""

from __future__ import annotations

import pytest

from kloom.capi.api_versions import go_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (30, "30s"), (60, "1m0s"), (300, "5m0s"), (3600, "1h0m0s"), (3725, "1h2m5s"), (90000, "25h0m0s")],
)
def test_durations(seconds, text):
    assert go_duration(seconds) == text
