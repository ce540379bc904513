"""Rules on what selects machines and clusters by labels: health checks, resource sets, and every selector's form."""

from __future__ import annotations

import re

from kloom.capi.labels import CLUSTER_NAME
from kloom.capi.rules import selectors
from kloom.capi.rules.rule import Problem, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.capi.rules.objects import Resource, World

_SELECTING = ("MachineDeployment", "MachineHealthCheck", "ClusterResourceSet", "ByoMachineTemplate")
_SHORTEST_START = 30
_PART = re.compile(r"([0-9.]+)(h|m(?!s)|s|ms)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def _invalid(resource: Resource, _world: World) -> Iterator[Problem]:
    for path, message in selectors.problems(resource.at("selector") or {}):
        yield Problem((*resource.path("selector"), *path), message)


def _empty(resource: Resource, _world: World) -> Iterator[Problem]:
    selector = resource.at("selector")
    if selector is not None and selectors.is_empty(selector):
        yield Problem(resource.path("selector"), "must select something, was empty")


def _other_cluster(check: Resource, _world: World) -> Iterator[Problem]:
    labels = (check.at("selector") or {}).get("matchLabels")
    own, name = (labels if isinstance(labels, dict) else {}).get(CLUSTER_NAME), check.at("clusterName")
    if own is not None and name is not None and own != name:
        path = (*check.path("selector"), "matchLabels", CLUSTER_NAME)
        yield Problem(path, f"must be {name} as in spec.clusterName, was {own}")


def _hasty(check: Resource, _world: World) -> Iterator[Problem]:
    for field in ("startupSeconds", "startupTimeout"):
        value = check.at(field)
        seconds = _seconds(value) if isinstance(value, str) else value
        if seconds and seconds < _SHORTEST_START:
            yield Problem(
                check.path(field), f"must be 0, which is never, or {_SHORTEST_START} seconds or more, was {value}"
            )


def _seconds(text: str) -> float:
    """The seconds of a duration as 1h30m; none for what is no duration, which the schema refuses."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text) if number.count(".") <= 1)


INVALID = Rule(
    "selector-invalid",
    "error",
    kinds=_SELECTING,
    is_refused=True,
    why="Kubernetes refuses selectors with values that no label may have; BYOH's agent would find no host by one.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
    bad="""
        kind: ByoMachineTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {selector: {matchLabels: {graphics: true}}}}}
        """,
    good="""
        kind: ByoMachineTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {selector: {matchLabels: {graphics: "true"}}}}}
        """,
    check=_invalid,
)
EMPTY = Rule(
    "selector-empty",
    "error",
    kinds=("MachineHealthCheck", "ClusterResourceSet"),
    is_refused=True,
    why="Cluster API refuses health checks of all machines, and resource sets of all clusters.",
    source="internal/webhooks/machinehealthcheck.go, clusterresourceset.go: validate",
    bad="""
        kind: MachineHealthCheck
        spec: {selector: {matchLabels: null}}
        """,
    good="""
        kind: MachineHealthCheck
        spec: {selector: {matchLabels: {cluster.x-k8s.io/deployment-name: cluster-a-workers}}}
        """,
    check=_empty,
)
OTHER_CLUSTER = Rule(
    "health-check-of-another-cluster",
    "error",
    kinds=("MachineHealthCheck",),
    is_refused=True,
    why="Cluster API refuses a health check that selects the machines of another cluster than its own.",
    source="internal/webhooks/machinehealthcheck.go: validate",
    bad="""
        kind: MachineHealthCheck
        spec: {selector: {matchLabels: {cluster.x-k8s.io/cluster-name: cluster-b}}}
        """,
    good="""
        kind: MachineHealthCheck
        spec: {selector: {matchLabels: {cluster.x-k8s.io/cluster-name: cluster-a}}}
        """,
    check=_other_cluster,
)
HASTY = Rule(
    "health-check-hasty",
    "error",
    kinds=("MachineHealthCheck",),
    is_refused=True,
    why="Cluster API refuses to give up on a machine before it can have started.",
    source="internal/webhooks/machinehealthcheck.go: validateMachineHealthCheckNodeStartupTimeoutSeconds",
    bad="""
        kind: MachineHealthCheck
        spec: {checks: {nodeStartupTimeoutSeconds: 10}}
        """,
    good="""
        kind: MachineHealthCheck
        spec: {checks: {nodeStartupTimeoutSeconds: 600}}
        """,
    check=_hasty,
)
RULES = (INVALID, EMPTY, OTHER_CLUSTER, HASTY)
