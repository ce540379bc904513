"""What a rule of `kloom validate` itself is: one that takes more than an object to check."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kloom.sdk.result import Severity


class RepositoryRule:
    """A rule of `kloom validate` itself, told in the same words as those on Applications."""

    __slots__ = ("bad", "good", "id", "severity", "source", "title", "why")

    def __init__(  # noqa: PLR0913  # a record, all by name
        self, name: str, severity: Severity, title: str, *, why: str, source: str, bad: str, good: str
    ) -> None:
        self.id = name
        self.severity = severity
        self.title = title
        self.why = why
        self.source = source
        self.bad = bad
        self.good = good
