"""What every rule is, whatever it looks at: how severe, why it is there, where that is written down, and examples."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kloom.sdk.result import Severity


class RuleRecord:
    """One thing that must hold.

    why: what happens otherwise, one sentence. source: where that is written down. bad and good: what triggers the rule
    and what does not, of which only what matters here is written.
    """

    __slots__ = ("bad", "good", "id", "severity", "source", "why")

    def __init__(  # noqa: PLR0913  # a record, all by name
        self, name: str, severity: Severity, *, why: str, source: str, bad: str, good: str
    ) -> None:
        self.id = name
        self.severity = severity
        self.why = why
        self.source = source
        self.bad = bad
        self.good = good

    def examples(self) -> tuple[str, str]:
        """The bad and the good example as text."""
        from textwrap import dedent

        return dedent(self.bad).strip("\n") + "\n", dedent(self.good).strip("\n") + "\n"
