"""What README.md and docs/applicationsets.md tell of roots beside ApplicationSets is the same, and is so."""

from __future__ import annotations

import re
from pathlib import Path

from kloom.render import render

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "applicationsets.md").read_text()


def table(text: str, first: str) -> list[str]:
    """The table whose heading begins like this."""
    (found,) = re.findall(rf"^{re.escape(first)}.*\n(?:\|.*\n)+", text, re.MULTILINE)
    return str(found).splitlines()


def test_readme_shows_what_the_page_tells() -> None:
    first = "| | all Applications, from nothing"
    assert table((ROOT / "README.md").read_text(), first) == table(PAGE, first)


def test_the_sample_roots_carry_the_options_that_decide() -> None:
    told = {row.split("`")[1] for row in table(PAGE, "| sync option of the root")[2:]}
    for root in render(str(ROOT / "overlays" / "roots")).objects:
        assert told <= set(root["spec"]["syncPolicy"]["syncOptions"])
