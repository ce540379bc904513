"""What a check of files has to tell: its findings, and what it looked at."""

from __future__ import annotations

import os

from kloom.sdk.result import in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kloom.sdk.result import Result, Severity

RULE_TAG = "rule"
"""The tag of a Result that holds the id of the rule which found it."""


class RuleNote:
    """A rule as reports tell of it: a title of one line, and why it is there."""

    __slots__ = ("help", "id", "severity", "title")

    def __init__(self, name: str, severity: Severity, title: str, text: str) -> None:
        self.id = name
        self.severity = severity
        self.title = title
        self.help = text


class Report:
    """The findings of one run, in order.

    Files, those checked and those of findings, are relative to where the command runs; `folder` is that place, seen
    from the repository's root. `applications` and `clusters` count what was checked, `skipped` the files that hold
    nothing to check. `color` is for terminals.
    """

    __slots__ = ("applications", "clusters", "color", "files", "folder", "results", "rules", "seconds", "skipped")

    def __init__(  # noqa: PLR0913  # a record, all by name
        self,
        results: Iterable[Result],
        *,
        files: Sequence[str] = (),
        applications: int = 0,
        clusters: int = 0,
        skipped: int = 0,
        seconds: float = 0.0,
        rules: Mapping[str, RuleNote] | None = None,
        folder: str = "",
        color: bool = False,
    ) -> None:
        self.results: Sequence[Result] = in_order(results)
        self.files = files
        self.applications = applications
        self.clusters = clusters
        self.skipped = skipped
        self.seconds = seconds
        self.rules = rules or {}
        self.folder = folder
        self.color = color

    def count(self, severity: Severity) -> int:
        """How many findings are of this severity."""
        return sum(result.severity == severity for result in self.results)

    def by_file(self) -> Iterator[tuple[str, list[Result]]]:
        """Each file that has findings, with them; what is about no file comes under the empty name."""
        groups: dict[str, list[Result]] = {}
        for result in self.results:
            groups.setdefault(result.file, []).append(result)
        yield from groups.items()

    def notes(self) -> list[RuleNote]:
        """The rules that found something, sorted."""
        found = {rule_of(result) for result in self.results}
        return [self.rules[name] for name in sorted(found & self.rules.keys())]

    def from_root(self, file: str) -> str:
        """A file's path as seen from the repository's root, with slashes."""
        return os.path.normpath(os.path.join(self.folder, file)).replace(os.sep, "/") if file else ""


def rule_of(result: Result) -> str:
    """The id of the rule that found it; empty where none is told."""
    return result.tags.get(RULE_TAG, "")


def what(result: Result) -> str:
    """A finding without its place: field and message; the object's name where no line tells which one is meant."""
    resource = result.resource
    named = f"{resource.get('kind')}/{resource.get('name')}" if resource and not result.line else ""
    subject = " ".join(part for part in (named, result.field) if part)
    message = result.message.removesuffix(f" [{rule_of(result)}]")  # told beside the message, in every format
    return f"{subject}: {message}" if subject else message
