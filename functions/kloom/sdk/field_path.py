"""Paths of fields: `spec.containers[0].image`, `metadata.annotations["a.b/c"]`, or the tuple of their steps.

The bracket form of list positions is the one that the functions spec describes. A key that is no plain word
stands in brackets and quotes, so every path can be written and read back.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Steps = tuple[str | int, ...]

_STEP = re.compile(r'(?:\A|\.)([^.\[\]"]+)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\]')
_PLAIN_KEY = re.compile(r"[^.\[\]\"\s]+")


def steps_of(path: str | Sequence[str | int]) -> Steps:
    """The steps of a path: keys as str, list positions as int. Raises ValueError for what is no path."""
    return _parsed(path) if isinstance(path, str) else tuple(path)


@lru_cache(maxsize=1000)
def _parsed(path: str) -> Steps:
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise ValueError(f"no field path: {path!r} (position {position})")
        key, index, quoted = match.groups()
        steps.append(key if key is not None else int(index) if index is not None else json.loads(quoted))
        position = match.end()
    return tuple(steps)


def text_of(path: str | Sequence[str | int]) -> str:
    """The path as text; `steps_of` reads it back to the same steps."""
    if isinstance(path, str):
        return path
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text
