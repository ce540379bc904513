"""Patterns as AppProjects write them: Go globs, `!` before one that denies, regular expressions between slashes."""

from __future__ import annotations

from kloom.sdk.patterns import pattern as lazy_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

_SIGN = lazy_pattern(r"(?s)\\(?P<escaped>.)|\*\*|\[(?P<not>!?)(?P<characters>[^\]]+)\]|.")
_REMEMBERED = 1_000


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
    expression = _compiled(pattern, separators)
    return expression is not None and expression.fullmatch(text) is not None


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
        import re

        try:
            return re.search(pattern[1:-1], text) is not None
        except re.error:  # Go may read what Python does not: no reason to blame the Application
            return True
    return False


_expressions: dict[tuple[str, str], re.Pattern[str] | None] = {}


def _compiled(pattern: str, separators: str) -> re.Pattern[str] | None:
    key = pattern, separators
    if key not in _expressions:
        if len(_expressions) > _REMEMBERED:
            _expressions.clear()
        _expressions[key] = _compile(pattern, separators)
    return _expressions[key]


def _compile(pattern: str, separators: str) -> re.Pattern[str] | None:
    import re

    try:
        return re.compile(_expression(pattern, separators), re.DOTALL)
    except re.error:
        return None


def _expression(pattern: str, separators: str) -> str:
    """The glob as a regular expression. What has no partner in it makes an expression that is unreadable, too."""
    import re

    one = f"[^{re.escape(separators)}]" if separators else "."
    plain = {"**": ".*", "*": f"{one}*", "?": one, "{": "(?:"}
    result: list[str] = []
    depth = 0
    for match in _SIGN.finditer(pattern):
        sign, characters = match[0], match["characters"]
        closes = sign == "}" and depth > 0
        depth += (sign == "{") - closes
        if characters is not None:
            inside = re.sub(r"([\\^\[&~|]|(?<=-)-)", r"\\\1", characters)
            result.append(f"[{'^' if match['not'] else ''}{inside}]")
        elif sign in plain:
            result.append(plain[sign])
        elif closes:
            result.append(")")
        elif sign == "," and depth > 0:
            result.append("|")
        elif sign == "[":
            return "("
        else:
            result.append(re.escape(match["escaped"] or sign))
    return "".join(result)
