"""For GitHub Actions: workflow commands, which become annotations of a pull request.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from kloom.reports.report import rule_of, what
from kloom.reports.text import summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kloom.reports.report import Report
    from kloom.sdk.result import Result

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def github(report: Report) -> str:
    """A command a finding, paths relative to the repository's root; last, for the log, the summary."""
    return "".join(f"{line}\n" for line in [*(_command(result, report) for result in report.results), summary(report)])


def _command(result: Result, report: Report) -> str:
    properties = {
        "file": report.from_root(result.file),
        "line": str(result.line or ""),
        "col": str(result.column or ""),
        "title": rule_of(result),
    }
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{_COMMANDS[result.severity]}{f' {told}' if told else ''}::{_data(what(result))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
