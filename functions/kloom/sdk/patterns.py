"""Regular expressions that cost nothing until one is used: `re` takes longer to import than a small build to read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any


LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
DIGITS = frozenset("0123456789")


class _Pattern:
    """A pattern that compiles when it is first asked for anything."""

    __slots__ = ("_compiled", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._compiled: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._compiled is None:
            import re

            self._compiled = re.compile(self._text)
        return getattr(self._compiled, name)


def pattern(text: str) -> re.Pattern[str]:
    """The pattern as `re.compile` makes it; flags stand in it, as (?s)."""
    return _Pattern(text)  # type: ignore[return-value]  # all that a pattern has, it gets from one
