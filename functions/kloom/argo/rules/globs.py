"""Patterns as AppProjects write them: Go globs, `!` before one that denies, regular expressions between slashes."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def is_denial(pattern: str) -> bool:
    """Whether the pattern denies what it matches."""
    return pattern.startswith("!")


def matches(pattern: str, text: str, separators: str = "") -> bool:
    """Whether a glob matches: `*` and `?` stop at separators, `**` does not; [a-z], [!a], {a,b} and \\ as usual.

    A pattern that cannot be read matches nothing.
    """
    if pattern == "*":
        return True
    if not any(character in pattern for character in "*?[]{}\\"):
        return pattern == text
    try:
        return re.fullmatch(_expression(pattern, separators), text, re.DOTALL) is not None
    except re.error:
        return False


def permits(pattern: str, text: str, separators: str = "") -> bool:
    """Whether a pattern of an AppProject takes the text: a denial takes what it does not match."""
    if is_denial(pattern):
        return not _matches_strictly(pattern[1:], text, separators)
    return matches(pattern, text, separators)


def matches_any(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the globs, or of the regular expressions between slashes, matches."""
    return any(_is_expression_matching(pattern, text) or matches(pattern, text) for pattern in patterns)


def _matches_strictly(pattern: str, text: str, separators: str) -> bool:
    """A denied `*` stops at separators, as Argo CD has its short cut only for what is permitted."""
    if pattern == "*":
        return not any(separator in text for separator in separators)
    return matches(pattern, text, separators)


def _is_expression_matching(pattern: str, text: str) -> bool:
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.search(pattern[1:-1], text) is not None
        except re.error:  # Go may read what Python does not: no reason to blame the Application
            return True
    return False


def _expression(pattern: str, separators: str) -> str:
    """The glob as a regular expression. What has no partner in it makes the expression unreadable too."""
    one = f"[^{re.escape(separators)}]" if separators else "."
    result: list[str] = []
    depth = 0
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern):
            at += 1
            result.append(re.escape(pattern[at]))
        elif pattern.startswith("**", at):
            at += 1
            result.append(".*")
        elif character == "*":
            result.append(f"{one}*")
        elif character == "?":
            result.append(one)
        elif character == "[":
            end = pattern.find("]", at + 2)
            if end < 0:
                raise re.error("unterminated [")  # as re itself says of brackets without a partner
            inside = pattern[at + 1 : end].replace("\\", "\\\\")
            result.append(f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]")
            at = end
        elif character == "{":
            depth += 1
            result.append("(?:")
        elif character == "}" and depth:
            depth -= 1
            result.append(")")
        elif character == "," and depth:
            result.append("|")
        else:
            result.append(re.escape(character))
        at += 1
    return "".join(result)
