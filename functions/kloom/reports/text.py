"""For people: findings grouped by file, and a line that sums up."""

from __future__ import annotations

from kloom.reports.report import rule_of, what

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.reports.report import Report
    from kloom.sdk.result import Result

_COLORS = {"error": "31", "warning": "33", "info": "36", "file": "1", "quiet": "2"}


def text(report: Report) -> str:
    """One block a file, its findings in the order of their lines."""
    return "".join(f"{line}\n" for line in _lines(report))


def summary(report: Report) -> str:
    """`2 errors, 1 warning in 3 files; 65 Applications and 4 clusters checked in 0.2 s`."""
    counts = [
        _counted(count, noun)
        for noun, count in (
            ("error", report.count("error")),
            ("warning", report.count("warning")),
            ("remark", report.count("info")),
        )
        if count or noun == "error"
    ]
    files = len({result.file for result in report.results})
    skipped = f"; {_counted(report.skipped, 'file')} skipped" if report.skipped else ""
    if not (report.results or report.files or report.applications or report.clusters):
        return f"nothing was checked: no file here is about Applications or clusters{skipped}"
    found = f"{', '.join(counts)} in {_counted(files, 'file')}" if report.results else "nothing to complain about"
    clusters = _counted(report.clusters, "cluster") if report.clusters else ""
    applications = _counted(report.applications, "Application") if report.applications or not clusters else ""
    checked = " and ".join(filter(None, (applications, clusters)))
    return f"{found}; {checked} checked in {report.seconds:.1f} s{skipped}"


def _lines(report: Report) -> Iterator[str]:
    for file, results in report.by_file():
        yield _painted(file or "(no file)", "file", report)
        places = [_place(result) for result in results]
        width = max(map(len, places))
        for place, result in zip(places, results, strict=True):
            severity = _painted(f"{result.severity:<7}", result.severity, report)
            rule = rule_of(result)
            name = _painted(f"  [{rule}]", "quiet", report) if rule else ""
            yield f"  {place:<{width}}  {severity}  {what(result)}{name}"
        yield ""
    yield summary(report)


def _place(result: Result) -> str:
    return f"{result.line}:{result.column}" if result.line else "-"


def _painted(text: str, style: str, report: Report) -> str:
    return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if report.color else text


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
