"""What a check found, written for people and for machines: one function per format, from a Report to its text.

text = report_as("sarif", report)
"""

from __future__ import annotations

from importlib import import_module

from kloom.reports.report import Report, RuleNote, rule_of

__all__ = ["FORMATS", "Report", "RuleNote", "report_as", "rule_of"]

FORMATS = {
    "text": "kloom.reports.text:text",
    "json": "kloom.reports.json_report:json_report",
    "sarif": "kloom.reports.sarif:sarif",
    "junit": "kloom.reports.junit:junit",
    "github": "kloom.reports.github:github",
}
"""Where the function of each format is; imported when it is called."""


def report_as(name: str, report: Report) -> str:
    """The report in one of FORMATS, ending with a line break."""
    module, function = FORMATS[name].split(":")
    return getattr(import_module(module), function)(report)  # type: ignore[no-any-return]  # by the table
