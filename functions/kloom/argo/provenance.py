"""Where a field of a generated Application comes from: the places in the merged values that say it, nearest first.

    spec.source.path on cluster-A   →   cluster-A.source.path, roles.active.source.path, source.path

The first one is what the Application holds; the others are what it overrides. The same levels as in `application`.
"""

from __future__ import annotations

from kloom.argo.application import levels_of
from kloom.argo.levels import is_absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    Step = str | int
    Place = tuple[Step, ...]

FIELD_BY_FIELD = ("source", "destination")
_TEXTS = {"labels": "additionalLabels", "annotations": "additionalAnnotations"}


def places(values: Mapping[str, Any], cluster: str, field: Sequence[Step]) -> list[Place]:
    """The places in the merged values that say a field (or something inside of it) of the Application on the cluster.

    Empty for a default, for what no values file can say (apiVersion, kind), and for a field that is not there.
    """
    match tuple(field):
        case ("metadata", "name", *_):
            return list(_said(values, _name_places(cluster, values)))
        case ("metadata", "namespace", *_):
            return list(_said(values, [(cluster, "namespace"), ("global", "argocdNamespace")]))
        case ("metadata", "labels" | "annotations" as kind, *rest):
            candidates = [*_at_levels(values, cluster, (_TEXTS[kind], *rest)), ("global", kind, *rest)]
            return [found for found in candidates if _value(values, found) is not None]  # "" is a label's value
        case ("metadata", *rest) if rest:
            return list(_whole(values, _at_levels(values, cluster, tuple(rest[:1])), rest[1:]))
        case ("spec", "project", *_):
            return list(_said(values, [*_at_levels(values, cluster, ("project",)), ("global", "project")]))
        case ("spec", head, *rest) if head in FIELD_BY_FIELD:
            return list(_whole(values, _at_levels(values, cluster, (head, *rest[:1])), rest[1:]))
        case ("spec", head, *rest):
            return list(_whole(values, _at_levels(values, cluster, (head,)), rest))
    return []


def place(values: Mapping[str, Any], cluster: str, field: Sequence[Step]) -> Place:
    """Where to look for what is wrong with a field: what says it, else its nearest parent, else the cluster's block."""
    steps = tuple(field)
    while steps:
        if found := places(values, cluster, steps):
            return found[0]
        steps = steps[:-1]
    return (cluster,)


def _name_places(cluster: str, values: Mapping[str, Any]) -> list[Place]:
    """The block's own name, else what the name is formatted from."""
    if not is_absent((values.get(cluster) or {}).get("name")):
        return [(cluster, "name")]
    return [("global", part) for part in ("name", "environment", "nameFormat")]


def _at_levels(values: Mapping[str, Any], cluster: str, field: Place) -> list[Place]:
    return [(*path, *field) for path, _ in levels_of(values, cluster)]


def _whole(values: Mapping[str, Any], candidates: Sequence[Place], rest: Sequence[Step]) -> Iterator[Place]:
    """A field that comes whole from one level: what stands inside of the nearest one, then the others as wholes."""
    for at, found in enumerate(_said(values, candidates)):
        inside = (*found, *rest)
        if at == 0 and not _exists(values, inside):
            return
        yield found if at and rest and not _exists(values, inside) else inside


def _said(values: Mapping[str, Any], candidates: Sequence[Place]) -> Iterator[Place]:
    for candidate in candidates:
        if not is_absent(_value(values, candidate)):
            yield candidate


def _exists(values: Any, path: Place) -> bool:
    parent = _value(values, path[:-1])
    last = path[-1]
    return last in parent if isinstance(parent, dict) else isinstance(parent, list) and isinstance(last, int)


def _value(values: Any, path: Place) -> Any:
    for step in path:
        if isinstance(values, dict):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return None
    return values
