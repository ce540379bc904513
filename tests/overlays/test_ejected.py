"""Every sample renders alike by the charts and the real helm: `kloom eject` writes nothing where it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kloom.eject import eject

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
EJECTABLE = sorted(path.parent.name for path in OVERLAYS.glob("*/applications.yaml"))


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("name", EJECTABLE)
def test_helm_renders_the_same_applications(name: str, tmp_path: Path) -> None:
    told = eject(str(OVERLAYS / name), str(tmp_path / name))
    assert re.search(r"helm renders the same [1-9][0-9]* Applications? of [1-9][0-9]* services? as kloom does", told)
