"""Clusters that fail over to each other: in each group one is active, and a failover is a change of roles alone.

    cluster-A: {failoverGroup: production, role: active}
    cluster-B: {failoverGroup: production, role: standby}

An environment may give its clusters other roles than the inventory does, as a drill; a service never runs on two active
ones of a group.
"""

from __future__ import annotations

from kloom.sdk.suggestion import did_you_mean
from kloom.values.layers import origin
from kloom.values.merge import merge_all
from kloom.values.vocabulary import ACTIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.placement import Placement
    from kloom.sdk.result import Result
    from kloom.values.layers import Layer

GROUP = "failoverGroup"


def group_findings(layers: Sequence[Layer], clusters: Sequence[str]) -> Iterator[Result]:
    """Groups of an inventory that have none or several active clusters, or nowhere to fail over to."""
    values = merge_all(layer.data for layer in layers)
    groups = _groups(values, clusters)
    for group, members in groups.items():
        roles = {cluster: values[cluster].get("role") for cluster in members}
        active = [cluster for cluster in members if roles[cluster] == ACTIVE]
        if len(members) == 1:
            yield _at(layers, (members[0], GROUP), _alone(group, members[0], groups))
        elif not active:
            told = " and ".join(f"{cluster} is {role or 'without a role'}" for cluster, role in roles.items())
            message = f"a cluster of the failover group {group} must have the role {ACTIVE}; {told}"
            yield from (_at(layers, (cluster, "role"), message) for cluster in members)
        elif len(active) > 1:
            yield from (_at(layers, (cluster, "role"), _several(group, active)) for cluster in active)


def placement_findings(placements: Iterable[Placement], shared: Sequence[Layer]) -> Iterator[Result]:
    """Services that run on several active clusters of a group, told at the role that was said last."""
    active: dict[tuple[Layer, str], list[Placement]] = {}
    for placement in placements:
        block = placement.values[placement.cluster]
        if block.get(GROUP) and block.get("role") == ACTIVE:
            active.setdefault((placement.service, block[GROUP]), []).append(placement)
    for (service, group), found in active.items():
        if len(found) > 1:
            layers = [*shared, service]
            paths = [(placement.cluster, "role") for placement in found]
            latest = max(paths, key=lambda path: layers.index(origin(layers, path)))
            yield _at(layers, latest, _several(group, [placement.cluster for placement in found]))


def _groups(values: Mapping[str, Any], clusters: Iterable[str]) -> dict[str, list[str]]:
    """The clusters of each group."""
    groups: dict[str, list[str]] = {}
    for cluster in clusters:
        if group := (values.get(cluster) or {}).get(GROUP):
            groups.setdefault(group, []).append(cluster)
    return groups


def _several(group: str, active: Sequence[str]) -> str:
    return f"one cluster of the failover group {group} must have the role {ACTIVE}, and {' and '.join(active)} have it"


def _alone(group: str, cluster: str, groups: Iterable[str]) -> str:
    hint = did_you_mean(group, (name for name in groups if name != group))
    return f"a failover group must hold two clusters or more, and {group} holds {cluster} alone{hint}"


def _at(layers: Sequence[Layer], path: Sequence[str], message: str) -> Result:
    return origin(layers, path).finding(path, message)
