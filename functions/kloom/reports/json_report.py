"""For scripts: the findings as JSON, by the schema `schemas/report.json`."""

from __future__ import annotations

import json

from kloom.reports.report import rule_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kloom.reports.report import Report
    from kloom.sdk.result import Result

VERSION = 1
"""Of the format: raised when a field changes its meaning or goes away, not when one is added."""


def json_report(report: Report) -> str:
    """One JSON object: what was found, and the counts."""
    found = {
        "version": VERSION,
        "findings": [_finding(result) for result in report.results],
        "summary": {
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "infos": report.count("info"),
            "applications": report.applications,
            "clusters": report.clusters,
            "files": len(report.files),
            "skipped": report.skipped,
            "seconds": round(report.seconds, 3),
        },
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _finding(result: Result) -> dict[str, Any]:
    """Only what is known is there; line and column count from 1."""
    finding: dict[str, Any] = {"severity": result.severity, "message": result.message}
    known = {
        "rule": rule_of(result),
        "file": result.file,
        "line": result.line,
        "column": result.column,
        "field": result.field,
        "resource": dict(result.resource or {}),
    }
    return finding | {name: value for name, value in known.items() if value}
