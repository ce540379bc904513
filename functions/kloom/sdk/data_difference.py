"""Whether and where YAML data differs."""

from __future__ import annotations

import json
from difflib import SequenceMatcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any


def same(one: object, other: object) -> bool:
    """Whether both are the same YAML data: unlike for ==, neither true nor 1.0 is 1. Keys have no order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(key in other and same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return type(one) is type(other) and one == other


def differences(
    old: Sequence[Any], new: Sequence[Any], *, same_too: bool = False
) -> Iterator[tuple[str, int, int, int, int]]:
    """How the lists differ: (what, start, end in the old list, start, end in the new one)."""
    one, other = ([json.dumps(item, sort_keys=True) for item in items] for items in (old, new))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return (opcode for opcode in matcher.get_opcodes() if same_too or opcode[0] != "equal")
