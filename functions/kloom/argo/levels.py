"""Levels of values: a cluster's block, its role, the shared fields, `global`; the nearest one that says a field wins.

Absent is null, "", {} and []; 0 and false are values. A level that is there but empty, where a farther level would
fill it, is a contradiction: its author meant to switch something off, which emptiness does not do.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Path = tuple[str, ...]
    Level = tuple[Path, Mapping[str, Any]]
    """Where the level stands in the merged values, and what it says."""


class Contradiction(Exception):  # noqa: N818  # the word for what it is
    """The levels do not add up: the paths in the merged values of which one must change, and what must hold."""

    def __init__(self, path: Path, message: str, *others: Path) -> None:
        super().__init__(message)
        self.paths = (path, *others)
        self.message = message


def is_absent(value: object) -> bool:
    """Whether a value counts as not said; 0 and false count as said."""
    return not value and value.__class__ not in (bool, int, float)


def nearest(levels: Sequence[Level], field: str) -> Any:
    """The field's value at the nearest level that says it, None where none does.

    Raises Contradiction for an empty value nearer than that.
    """
    for _, level in levels:
        value = level.get(field)
        if value is None:
            continue
        if value or not is_absent(value):
            return value
        return first_said([((*path, field), level.get(field)) for path, level in levels])
    return None


def first_said(values: Sequence[tuple[Path, Any]]) -> Any:
    """The first of these values, nearest first, that is not absent; None where all are.

    Raises Contradiction for an empty value nearer than that.
    """
    empty: Path | None = None
    for path, value in values:
        if not is_absent(value):
            if empty is not None:
                raise _empty_but_inheriting(empty, path)
            return value
        if value is not None and empty is None:
            empty = path
    return None


def choice(levels: Sequence[Level], members: Sequence[str]) -> str | None:
    """Which of fields that exclude each other is used: the one that the nearest level with any of them says.

    Raises Contradiction where that level says two.
    """
    for path, level in levels:
        said = [member for member in members if member in level and not is_absent(level[member])]
        if len(said) > 1:
            message = f"{' and '.join(said)} exclude each other, and are set together in {place(path)}"
            raise Contradiction((*path, said[0]), message, *((*path, member) for member in said[1:]))
        if said:
            return said[0]
    return None


def below(levels: Sequence[Level], field: str) -> list[Level]:
    """The levels inside a map field: what each level says in it."""
    return [((*path, field), level[field]) for path, level in levels if level.get(field)]


def union(levels: Sequence[Mapping[str, str | None] | None]) -> dict[str, str]:
    """Labels or annotations of all levels, nearest level first, which wins a key; a null says nothing."""
    result: dict[str, str] = {}
    for level in reversed(levels):
        if level:
            result.update({key: value for key, value in level.items() if value is not None})
    return result


def place(path: Path) -> str:
    """A level's name in messages."""
    return ".".join(path) if path else "the shared fields"


def _empty_but_inheriting(empty: Path, inherited: Path) -> Contradiction:
    instead = "; syncPolicy: {automated: {enabled: false}} switches syncing off" if empty[-1] == "syncPolicy" else ""
    return Contradiction(
        empty,
        f"must not be empty where {'.'.join(inherited)} says something, which it would inherit: "
        f"leave it out to inherit, or say what shall hold{instead}",
    )
