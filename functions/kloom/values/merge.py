"""Merge values as `helm -f a -f b` does: maps deeply, lists and scalars replaced, later wins, null takes away."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


def merge(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """The overlay on the base, both unchanged; parts that only one of them has are shared with it.

    A null stays as a null: whoever reads the result takes it for absent, and a null deep inside a field
    that is passed on whole is passed on, as Helm does.
    """
    result = dict(base)
    for key, value in overlay.items():
        below = result.get(key)
        result[key] = merge(below, value) if value.__class__ is dict and below.__class__ is dict else value
    return result


class Merger:
    """Puts overlays on one base, as `merge` does; what two of them merge alike is one object, made once."""

    __slots__ = ("_base", "_made")

    def __init__(self, base: Mapping[str, Any]) -> None:
        self._base = base
        # by the identity of both parts, which are kept beside the result so that the identity stays their own
        self._made: dict[tuple[int, int], tuple[object, object, dict[str, Any]]] = {}

    def merge(self, overlay: Mapping[str, Any]) -> dict[str, Any]:
        """The overlay on the base, both unchanged."""
        result = dict(self._base)
        for key, value in overlay.items():
            below = result.get(key)
            result[key] = self._part(below, value) if value.__class__ is dict and below.__class__ is dict else value
        return result

    def _part(self, below: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
        made = self._made.get((id(below), id(value)))
        if made is None:
            made = self._made[id(below), id(value)] = (below, value, merge(below, value))
        return made[2]


def merge_all(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All layers merged, first to last."""
    result: dict[str, Any] = {}
    for layer in layers:
        result = merge(result, layer)
    return result
