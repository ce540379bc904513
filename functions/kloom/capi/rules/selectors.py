"""Label selectors: whether Kubernetes takes one, what it matches, and whether two can match the same."""

from __future__ import annotations

import json
import re

from kloom.capi.rules.objects import maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kloom.capi.rules.rule import Path

    Selector = Mapping[str, Any]
    Labels = Mapping[str, Any]

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
_PREFIX = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_MAX_PREFIX = 253


def problems(selector: Selector) -> Iterator[tuple[Path, str]]:
    """Why Kubernetes refuses a selector: where in it, and what must hold."""
    labels = selector.get("matchLabels")
    if labels is not None and not isinstance(labels, dict):
        yield ("matchLabels",), "must be a map"
    for key, value in (labels if isinstance(labels, dict) else {}).items():
        yield from ((("matchLabels", key), problem) for problem in label_problems(key, value))
    for key in selector.keys() - {"matchLabels", "matchExpressions"}:
        yield (key,), "is no field of a selector; there are matchLabels and matchExpressions"
    for at, entry in maps(selector.get("matchExpressions")):
        yield from ((("matchExpressions", at, *path), problem) for path, problem in _expression_problems(entry))


def label_problems(key: str, value: Any) -> Iterator[str]:
    """Why Kubernetes refuses a label."""
    yield from _key_problems(key)
    if not isinstance(value, str):
        yield f"must be a string, was {json.dumps(value, ensure_ascii=False, default=str)}: quote it"
    elif not re.fullmatch(_VALUE, value):
        yield (
            'must be at most 63 letters, digits, "-", "_" and ".", '
            f"and begin and end with a letter or digit, was {value}"
        )


def _key_problems(key: str) -> Iterator[str]:
    prefix, slash, name = key.rpartition("/")
    is_prefixed = len(prefix) <= _MAX_PREFIX and re.fullmatch(_PREFIX, prefix) if slash else True
    if not is_prefixed or not name or not re.fullmatch(_VALUE, name):
        yield f"the key must be a label's, as rack or example.com/rack, was {key or 'empty'}"


def is_empty(selector: Selector) -> bool:
    """Whether it says nothing."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def matches(selector: Selector, labels: Labels) -> bool:
    """Whether it selects what has these labels; an empty one selects everything."""
    return all(_holds(requirement, labels) for requirement in _requirements(selector))


def can_both_match(one: Selector, other: Selector) -> bool:
    """Whether anything may have labels that both select."""
    wanted: dict[str, _Wanted] = {}
    for key, operator, values in (*_requirements(one), *_requirements(other)):
        wanted.setdefault(key, _Wanted()).require(operator, values)
    return all(of_key.is_possible() for of_key in wanted.values())


class _Wanted:
    """What is asked of the label of one key."""

    __slots__ = ("absent", "allowed", "forbidden", "present")

    def __init__(self) -> None:
        self.allowed: set[str] | None = None
        self.forbidden: set[str] = set()
        self.present = False
        self.absent = False

    def require(self, operator: str, values: set[str]) -> None:
        if operator == "In":
            self.allowed = values if self.allowed is None else self.allowed & values
            self.present = True
        elif operator == "NotIn":
            self.forbidden |= values
        elif operator == "Exists":
            self.present = True
        elif operator == "DoesNotExist":
            self.absent = True

    def is_possible(self) -> bool:
        if self.absent and self.present:
            return False
        return self.allowed is None or bool(self.allowed - self.forbidden)


def _requirements(selector: Selector) -> Iterator[tuple[str, str, set[str]]]:
    """Key, operator and values of everything that a selector asks for."""
    labels = selector.get("matchLabels")
    for key, value in (labels if isinstance(labels, dict) else {}).items():
        yield key, "In", {str(value)}
    for _, entry in maps(selector.get("matchExpressions")):
        values = entry.get("values")
        yield (
            str(entry.get("key")),
            str(entry.get("operator")),
            {str(value) for value in values} if isinstance(values, list) else set(),
        )


def _holds(requirement: tuple[str, str, Iterable[str]], labels: Labels) -> bool:
    key, operator, values = requirement
    if operator in ("In", "NotIn"):
        return (str(labels[key]) in values if key in labels else False) == (operator == "In")
    return (key in labels) == (operator == "Exists")


def _expression_problems(entry: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    operator, values = entry.get("operator"), entry.get("values")
    yield from ((("key",), problem) for problem in _key_problems(str(entry.get("key") or "")))
    if operator not in OPERATORS:
        yield ("operator",), f"must be {' or '.join(OPERATORS)}, was {operator or 'absent'}"
    elif operator in ("In", "NotIn") and not values:
        yield ("values",), f"must be there with {operator}"
    elif operator in ("Exists", "DoesNotExist") and values:
        yield ("values",), f"must not be there with {operator}"
