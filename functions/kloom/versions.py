"""Version requirements as `>=0.4,<0.5`, for plain dotted versions."""

from __future__ import annotations

from kloom.sdk.patterns import DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARISONS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "==": lambda version, bound: version == bound,
    "!=": lambda version, bound: version != bound,
    ">=": lambda version, bound: version >= bound,
    "<=": lambda version, bound: version <= bound,
    ">": lambda version, bound: version > bound,
    "<": lambda version, bound: version < bound,
}


def satisfies(version: str, requirement: str) -> bool:
    """Whether the version meets every clause. Raises ValueError for a requirement that cannot be read."""
    return all(_COMPARISONS[comparison](_numbers(version), bound) for comparison, bound in _clauses(requirement))


def unmet(requirement: str) -> str | None:
    """Why this kloom does not meet what a config requires, None where it does."""
    from kloom import __version__

    try:
        if satisfies(__version__, requirement):
            return None
    except ValueError as error:
        return str(error)
    return f"kloom must be {requirement}, and this is {__version__}: install one that is, or change the line"


def minor_version(version: str) -> tuple[int, int]:
    """Major and minor of a version as "3.3", "v3.3" or "3.3.6"."""
    major, minor = version.removeprefix("v").split(".")[:2]
    return int(major), int(minor)


def _clauses(requirement: str) -> list[tuple[str, tuple[int, ...]]]:
    clauses = [_clause(text.strip()) for text in requirement.split(",")]
    if not all(all(map(_is_number, bound.split("."))) for _, bound in clauses):
        raise ValueError(f'must be clauses as ">=0.1,<0.2", was "{requirement}"')
    return [(comparison, _numbers(bound)) for comparison, bound in clauses]


def _clause(text: str) -> tuple[str, str]:
    """The comparison and what follows it; nothing follows one that is unknown."""
    comparison = next((known for known in _COMPARISONS if text.startswith(known)), "")
    return comparison, text.removeprefix(comparison).strip() if comparison else ""


def _is_number(text: str) -> bool:
    return text != "" and DIGITS.issuperset(text)


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a dotted version, trailing zeros apart, so that 0.4 and 0.4.0 are one."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
