"""Paths of fields: `spec.containers[0].image`, `metadata.annotations["a.b/c"]`, or the tuple of their steps.

The bracket form of list positions is the one that the functions spec describes. A key that is no plain word
stands in brackets and quotes, so every path can be written and read back.
"""

from __future__ import annotations

from .patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Steps = tuple[str | int, ...]

_STEP = pattern(r'(?:\A|\.)([^.\[\]"]+)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\]')
_PLAIN_KEY = pattern(r"[^.\[\]\"\s]+")
_REMEMBERED = 1_000


def steps_of(path: str | Sequence[str | int]) -> Steps:
    """The steps of a path: keys as str, list positions as int. Raises ValueError for what is no path."""
    return _parsed(path) if isinstance(path, str) else tuple(path)


_parsed_paths: dict[str, Steps] = {}


def _parsed(path: str) -> Steps:
    """The steps of a path as text; those of the paths that a program says are parsed once."""
    steps = _parsed_paths.get(path)
    if steps is None:
        if len(_parsed_paths) > _REMEMBERED:
            _parsed_paths.clear()
        steps = _parsed_paths[path] = tuple(_steps(path))
    return steps


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise ValueError(f"no field path: {path!r} (position {position})")
        key, index, quoted = match.groups()
        steps.append(key if key is not None else int(index) if index is not None else _unquoted(quoted))
        position = match.end()
    return steps


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
            text += f"[{_quoted(step)}]"
    return text


def _quoted(key: str) -> str:
    import json

    return json.dumps(key, ensure_ascii=False)


def _unquoted(text: str) -> str:
    import json

    return str(json.loads(text))
