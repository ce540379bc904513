"""Version requirements as `>=0.4,<0.5`, for plain dotted versions."""

from __future__ import annotations

import operator
import re

_COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CLAUSE = re.compile(r"\s*(==|!=|>=|<=|>|<)\s*([0-9]+(?:\.[0-9]+)*)\s*")


def satisfies(version: str, requirement: str) -> bool:
    """Whether the version meets every clause. Raises ValueError for a requirement that cannot be read."""
    return all(_COMPARISONS[comparison](_numbers(version), bound) for comparison, bound in _clauses(requirement))


def minor_version(version: str) -> tuple[int, int]:
    """Major and minor of a version as "3.3", "v3.3" or "3.3.6"."""
    major, minor = version.removeprefix("v").split(".")[:2]
    return int(major), int(minor)


def _clauses(requirement: str) -> list[tuple[str, tuple[int, ...]]]:
    matches = [_CLAUSE.fullmatch(clause) for clause in requirement.split(",")]
    if not all(matches):
        raise ValueError(f'must be clauses as ">=0.1,<0.2", was "{requirement}"')
    return [(match[1], _numbers(match[2])) for match in matches if match]


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a dotted version, trailing zeros apart, so that 0.4 and 0.4.0 are one."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
