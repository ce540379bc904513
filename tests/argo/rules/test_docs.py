"""docs/rules.md is what `python hack/rules.py` writes."""

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_written_from_the_rules() -> None:
    written = runpy.run_path(str(ROOT / "hack" / "rules.py"))["page"]()
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == written
