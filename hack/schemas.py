"""Write what is derived from the schemas in functions/kloom/schemas: `python hack/schemas.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kloom import schemas
from kloom.schemas import derive

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_CLUSTERS = ("cluster-A", "cluster-B", "cluster-C", "cluster-D")
ON_EVERY_BUILD = ("application_generator", "values")
NAMED = ("properties", "definitions")
"""What holds names of their own, not keywords."""
SAYS_NOTHING = ("$schema", "title", "description", "examples", "default")
"""Keywords that people and editors read."""


def derived() -> dict[str, str]:
    """Each derived file by its path in the repository."""
    texts = {
        "functions/kloom/schemas/values.json": text_of(derive.values_schema()),
        "charts/argo-app/values.schema.json": text_of(derive.chart_schema()),
        "charts/argo-app-root/values.schema.json": text_of(derive.root_chart_schema(SAMPLE_CLUSTERS)),
    }
    return {**texts, "functions/kloom/schemas/compact.py": compact_module()}


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def compact_module() -> str:
    """The schemas that every build needs, as Python loads them fastest."""
    lines = [
        '"""What every build needs of the schemas, as loads fastest; `python hack/schemas.py` writes it."""',
        "# fmt: off",
        "# ruff: noqa: E501",
        "",
        "from __future__ import annotations",
        "",
        "TYPE_CHECKING = False",
        "if TYPE_CHECKING:",
        "    from typing import Any",
    ]
    derived_anew = {"values": derive.values_schema()}
    for name in ON_EVERY_BUILD:
        schema = compact(derived_anew.get(name) or schemas.load(name))
        parts = [f"    {key!r}: {value!r}," for key, value in schema.items() if key not in NAMED]
        for group in NAMED:
            entries = [f"        {key!r}: {value!r}," for key, value in schema.get(group, {}).items()]
            parts += [f"    {group!r}: {{", *entries, "    },"]
        lines += ["", f"{name.upper()}: dict[str, Any] = {{", *parts, "}"]
    return "\n".join(lines).replace("'", '"') + "\n"


def compact(schema: Any, *, are_names: bool = False) -> Any:
    """The schema without what only people read."""
    if isinstance(schema, list):
        return [compact(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = schema if are_names else {key: value for key, value in schema.items() if key not in SAYS_NOTHING}
    return {key: compact(value, are_names=key in NAMED and not are_names) for key, value in kept.items()}


if __name__ == "__main__":
    for path, text in derived().items():
        (ROOT / path).write_text(text, encoding="utf-8")
        print(path)
