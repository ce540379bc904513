"""Hosts against pools: who gets what, whether there are enough, and whether two pools want the same.

BYOH gives a machine the first free host that its selector matches, in no order that one could rely on. So a host that
two pools match goes to either of them, and each pool must have enough whatever the others take.
"""

from __future__ import annotations

from kloom.capi.labels import CLUSTER_NAME
from kloom.capi.problem import Problem
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.capi.cluster import Cluster, Pool

_TOLD_HOSTS = 10


class Host:
    """A registered host: its labels decide who may take it. Without a namespace it counts in every one."""

    __slots__ = ("labels", "name", "namespace")

    def __init__(self, name: str, labels: Mapping[str, str], namespace: str | None = None) -> None:
        self.name = name
        self.labels = labels
        self.namespace = namespace


class Claim:
    """A pool of a cluster, and the hosts that it may take."""

    __slots__ = ("cluster", "hosts", "pool")

    def __init__(self, cluster: Cluster, pool: Pool, hosts: Sequence[Host]) -> None:
        self.cluster = cluster
        self.pool = pool
        self.hosts = [host for host in hosts if is_open_to(host, cluster) and selects(pool.selector, host.labels)]

    @property
    def title(self) -> str:
        """How messages call the pool."""
        return f"{'.'.join(self.pool.path)} of {self.cluster.name}"

    def summary(self) -> str:
        """Who gets what, in one line."""
        names = ", ".join(sorted(host.name for host in self.hosts))
        spare = len(self.hosts) - self.pool.replicas
        return names if spare <= 0 else f"{self.pool.replicas} of {names}"


def claims(clusters: Sequence[Cluster], hosts: Sequence[Host]) -> list[Claim]:
    """What each pool of each cluster may take."""
    return [Claim(cluster, pool, hosts) for cluster in clusters for pool in cluster.pools]


def host_problems(found: Sequence[Claim], hosts: Sequence[Host]) -> Iterator[tuple[Cluster, Problem]]:
    """Pools that do not find enough hosts, pools that want the same, and rollouts that would wait for ever."""
    wanted: dict[int, list[Claim]] = {}
    for claim in found:
        for host in claim.hosts if claim.pool.replicas else ():
            wanted.setdefault(id(host), []).append(claim)
    for claim in found:
        problem = _too_few(claim, hosts) or _contested(claim, wanted) or _no_room_to_roll(claim)
        if problem is not None:
            yield claim.cluster, problem


def is_open_to(host: Host, cluster: Cluster) -> bool:
    """Whether machines of the cluster look at the host at all: it is in their namespace, and of no other cluster."""
    is_seen = cluster.provider.sees_hosts_everywhere or host.namespace in (None, cluster.namespace)
    return is_seen and host.labels.get(CLUSTER_NAME, cluster.name) == cluster.name


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; none matches everything."""
    if selector is None:
        return True
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_meets(requirement, labels) for requirement in selector.get("matchExpressions", ()))


def _meets(requirement: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = requirement["key"], requirement.get("values", ())
    match requirement["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


def _too_few(claim: Claim, hosts: Sequence[Host]) -> Problem | None:
    if len(claim.hosts) >= claim.pool.replicas:
        return None
    found = f"{len(claim.hosts)} ({_names(claim.hosts)})" if claim.hosts else "none"
    hint = _unknown_label(claim, hosts) or _elsewhere(claim, hosts)
    message = f"must match {claim.pool.replicas} of the inventory's hosts, matches {found}{hint}"
    return Problem((*claim.pool.path, "hostSelector"), message)


def _contested(claim: Claim, wanted: Mapping[int, Sequence[Claim]]) -> Problem | None:
    """Hosts that others match, too: an error where they could leave too few."""
    contested = [host for host in claim.hosts if len(wanted.get(id(host), ())) > 1]
    if not contested or not claim.pool.replicas:
        return None
    others = {id(other): other for host in contested for other in wanted[id(host)] if other is not claim}
    taken = sum(min(other.pool.replicas, sum(host in other.hosts for host in contested)) for other in others.values())
    left = len(claim.hosts) - min(taken, len(contested))
    names = " and ".join(other.title for other in others.values())
    if left < claim.pool.replicas:
        message = f"must match hosts that no other pool takes: {names} may take {_names(contested)} first"
        return Problem((*claim.pool.path, "hostSelector"), message)
    message = f"should match hosts of its own: it shares {_names(contested)} with {names}"
    return Problem((*claim.pool.path, "hostSelector"), message, "warning")


def _no_room_to_roll(claim: Claim) -> Problem | None:
    spare = len(claim.hosts) - claim.pool.replicas
    if claim.pool.replicas == 0 or spare >= claim.pool.surge:
        return None
    wanted = f"replicas {claim.pool.replicas} and maxSurge {claim.pool.surge}"
    missing = f"should match {claim.pool.replicas + claim.pool.surge} hosts for {wanted}, matches {len(claim.hosts)}"
    message = f"{missing}: a rollout would wait for a free host for ever"
    return Problem((*claim.pool.path, "hostSelector"), message, "warning")


def _unknown_label(claim: Claim, hosts: Sequence[Host]) -> str:
    """A label that no host has at all, and what was likely meant."""
    for key, value in ((claim.pool.selector or {}).get("matchLabels") or {}).items():
        values = {host.labels[key] for host in hosts if key in host.labels}
        if value not in values:
            keys = {name for host in hosts for name in host.labels}
            return f": no host has {key}: {value}{did_you_mean(value, values) if values else did_you_mean(key, keys)}"
    return ""


def _elsewhere(claim: Claim, hosts: Sequence[Host]) -> str:
    """Hosts that match and are not looked at."""
    others = [host for host in hosts if host not in claim.hosts and selects(claim.pool.selector, host.labels)]
    if not others:
        return ""
    return f"; {_names(others)} would match, but are of another namespace or cluster"


def _names(hosts: Sequence[Host]) -> str:
    names = sorted(host.name for host in hosts)
    more = len(names) - _TOLD_HOSTS
    return ", ".join(names[:_TOLD_HOSTS]) + (f" and {more} more" if more > 0 else "")
