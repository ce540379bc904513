"""Where a key belongs that is known, but not where it was written; and what is no values file at all."""

from __future__ import annotations

from kloom.schemas.compact import APPLICATION_GENERATOR, VALUES
from kloom.values.vocabulary import BLOCK_KEYS, TOP_LEVEL_KEYS, slip_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_HOMES = (
    ("global", VALUES["definitions"]["global"]["properties"].keys() - TOP_LEVEL_KEYS, "under global"),
    ("top", TOP_LEVEL_KEYS, "at the top level"),
    ("block", BLOCK_KEYS, "in a cluster's block"),
)
"""Which keys are known at a level, and what that is called; the first one that knows a key is where most mean it."""
_NAMESPACE = "destination.namespace is where a service is deployed, global.argocdNamespace where its Application is"
_BY_NAME = "a cluster's block stands at the top level, under the cluster's name"


def kind_of_manifest(values: Mapping[str, Any]) -> str | None:
    """The kind of what was taken for values and is a Kubernetes object."""
    kind = values.get("kind")
    return kind if isinstance(kind, str) and "apiVersion" in values else None


def misplaced(path: Sequence[str | int], values: Any) -> str | None:
    """Where the key at the end of a path belongs, which is unknown there; None for one that is known nowhere.

    None, too, for one that misses by a letter what is known there: a map `role` at the top level is `roles`.
    """
    key, level = str(path[-1]), _level(path[:-1])
    if level is None or _is_slip(key, level, values, path):
        return None
    if key == "namespace":
        return _NAMESPACE
    here = f"additional{key.capitalize()}"
    if level in ("block", "role") and here in BLOCK_KEYS:
        return f"here it is called {here}"
    for home, keys, where in _HOMES:
        if key in keys and home != level:
            return f"it belongs {where}"
    if key == "clusters" or path[0] == "clusters":
        return _BY_NAME
    return "it belongs in the config" if level == "top" and key in APPLICATION_GENERATOR["properties"] else None


def _is_slip(key: str, level: str, values: Any, path: Sequence[str | int]) -> bool:
    """Whether a known key is near that holds such a value: maps at the top level, other values in a cluster's block."""
    for step in path:
        values = values[step]
    known = {"top": TOP_LEVEL_KEYS, "block": BLOCK_KEYS}.get(level, ())
    return slip_of(key, known) is not None and isinstance(values, dict) == (level == "top")


def _level(parents: Sequence[str | int]) -> str | None:
    """Which level of values a path of keys leads to; None for what is inside of a field."""
    if not parents:
        return "top"
    if parents[0] == "roles":
        return "role" if len(parents) == len(("roles", "role")) else None
    if len(parents) > 1:
        return None
    if parents[0] == "global":
        return "global"
    return None if parents[0] in TOP_LEVEL_KEYS else "block"
