"""Write the schemas that are derived from functions/kloom/schemas/application.json: `python hack/schemas.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kloom.schemas import derive

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_CLUSTERS = ("cluster-A", "cluster-B", "cluster-C", "cluster-D")


def derived() -> dict[str, dict[str, Any]]:
    """Each derived schema by its path in the repository."""
    return {
        "functions/kloom/schemas/values.json": derive.values_schema(),
        "charts/argo-app/values.schema.json": derive.chart_schema(),
        "charts/argo-app-root/values.schema.json": derive.root_chart_schema(SAMPLE_CLUSTERS),
    }


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, schema in derived().items():
        (ROOT / path).write_text(text_of(schema), encoding="utf-8")
        print(path)
