"""For test reports: JUnit XML, a suite per file, a failed case per error, a passed one per file without findings."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from kloom.reports.report import rule_of, what

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kloom.reports.report import Report
    from kloom.sdk.result import Result

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """Warnings and remarks are passed cases with their text as output: only errors fail."""
    suites: dict[str, list[Result]] = {file: [] for file in report.files} | dict(report.by_file())
    total = sum(max(len(results), 1) for results in suites.values())
    counts = f'tests="{total}" failures="{report.count("error")}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="kloom validate" {counts} errors="0" time="{report.seconds:.3f}">',
        *(line for file in sorted(suites) for line in _suite(file, suites[file])),
        "</testsuites>",
    ]
    return "".join(f"{line}\n" for line in lines)


def _suite(file: str, results: Sequence[Result]) -> Iterator[str]:
    failures = sum(result.severity == "error" for result in results)
    tests = max(len(results), 1)
    yield f'  <testsuite name={_attribute(file)} tests="{tests}" failures="{failures}" errors="0" skipped="0">'
    if not results:
        yield f'    <testcase classname={_attribute(file)} name="no findings"/>'
    for result in results:
        yield f"    <testcase classname={_attribute(file)} name={_attribute(_name(result))}>"
        if result.severity == "error":
            kind = _attribute(rule_of(result) or "error")
            yield f"      <failure type={kind} message={_attribute(what(result))}>{_text(str(result))}</failure>"
        else:
            yield f"      <system-out>{_text(str(result))}</system-out>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _name(result: Result) -> str:
    place = f" at {result.line}:{result.column}" if result.line else ""
    return f"{rule_of(result) or result.severity}{place}"


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))
