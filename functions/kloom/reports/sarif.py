"""For code scanning: SARIF 2.1.0 (OASIS), https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

import json
from urllib.parse import quote

from kloom import __version__
from kloom.reports.report import rule_of, what

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kloom.reports.report import Report, RuleNote
    from kloom.sdk.result import Result

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(report: Report) -> str:
    """One run, its paths relative to the repository's root, its columns in code points."""
    rules = report.notes()
    index = {rule.id: at for at, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": "kloom", "version": __version__, "rules": [_rule(rule) for rule in rules]}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, report, index) for result in report.results],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: RuleNote) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.help},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(result: Result, report: Report, index: dict[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {"level": _LEVELS[result.severity], "message": {"text": what(result)}}
    if rule := rule_of(result):
        found["ruleId"] = rule
        if rule in index:
            found["ruleIndex"] = index[rule]
    if result.file:
        uri = quote(report.from_root(result.file))
        place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
        if result.line:
            place["region"] = {"startLine": result.line} | ({"startColumn": result.column} if result.column else {})
        found["locations"] = [{"physicalLocation": place}]
    return found
