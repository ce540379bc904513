"""What a rule of `kloom validate` itself is: one that takes more than an object to check."""

from __future__ import annotations

from kloom.rule_record import RuleRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kloom.sdk.result import Severity


class RepositoryRule(RuleRecord):
    """A rule of `kloom validate` itself, told in the same words as those on Applications.

    bad and good are files, or parts of files, each below a comment with its name; or links, as `ls -l` shows them.
    """

    __slots__ = ("title",)

    def __init__(  # noqa: PLR0913  # a record, all by name
        self, name: str, severity: Severity, title: str, *, why: str, source: str, bad: str, good: str
    ) -> None:
        super().__init__(name, severity, why=why, source=source, bad=bad, good=good)
        self.title = title
