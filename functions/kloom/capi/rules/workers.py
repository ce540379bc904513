"""Rules on MachineDeployments: their selector, cluster, bootstrap data and rollouts."""

from __future__ import annotations

import re

from kloom.capi.labels import CLUSTER_NAME
from kloom.capi.rules import selectors
from kloom.capi.rules.rule import Problem, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kloom.capi.rules.objects import Resource, World

KIND = ("MachineDeployment",)
_PERCENTAGE = r"[0-9]+%"


def _selector(workers: Resource, _world: World) -> Iterator[Problem]:
    """Cluster API adds a label to selector and template before it compares them, and another to an empty selector."""
    selector, labels = workers.at("selector") or {}, workers.at("machineLabels") or {}
    if any(selectors.problems(selector)) or selectors.is_empty(selector):
        return
    own = {CLUSTER_NAME: workers.at("clusterName")}
    if not selectors.matches({**selector, "matchLabels": {**(selector.get("matchLabels") or {}), **own}}, labels | own):
        wanted = ", ".join(f"{key}: {value}" for key, value in (selector.get("matchLabels") or {}).items())
        message = f"must be what spec.selector selects{f' ({wanted})' if wanted else ''}"
        yield Problem(workers.path("machineLabels"), f"{message}, was {_labels(labels)}")


def _cluster_name(workers: Resource, _world: World) -> Iterator[Problem]:
    name, own = workers.at("clusterName"), workers.at("machineClusterName")
    if name is not None and own is not None and name != own:
        yield Problem(workers.path("machineClusterName"), f"must be {name} as in spec.clusterName, was {own}")


def _bootstrap(workers: Resource, _world: World) -> Iterator[Problem]:
    if workers.at("bootstrap") is not None and not workers.at("configRef") and workers.at("dataSecretName") is None:
        yield Problem(workers.path("bootstrap"), "must have a configRef or a dataSecretName")


def _standstill(workers: Resource, _world: World) -> Iterator[Problem]:
    default = 0 if workers.at("strategyType") in ("RollingUpdate", None) else None
    unavailable = default if workers.lacks("maxUnavailable") else workers.at("maxUnavailable")
    if workers.at("maxSurge") == 0 and unavailable == 0:
        yield Problem(workers.path("maxSurge")[:-1], "maxSurge and maxUnavailable must not both be 0")


def _number(resource: Resource, _world: World) -> Iterator[Problem]:
    for field in ("maxSurge", "maxUnavailable", "maxInFlight", "maxUnhealthy"):
        value = resource.at(field)
        if isinstance(value, str) and not re.fullmatch(_PERCENTAGE, value):
            yield Problem(resource.path(field), f"must be a number or a percentage as 20%, was {value or 'empty'}")


def _labels(labels: dict[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in labels.items()) or "empty"


SELECTOR = Rule(
    "worker-selector-mismatch",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API refuses a MachineDeployment that would not select its own machines.",
    source="internal/webhooks/machinedeployment.go: validate",
    bad="""
        kind: MachineDeployment
        spec:
          selector: {matchLabels: {pool: general}}
          template: {metadata: {labels: {pool: graphics}}}
        """,
    good="""
        kind: MachineDeployment
        spec:
          selector: {matchLabels: {pool: general}}
          template: {metadata: {labels: {pool: general}}}
        """,
    check=_selector,
)
CLUSTER_NAMES = Rule(
    "worker-cluster-names-differ",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API refuses machines of another cluster than their MachineDeployment's.",
    source="internal/webhooks/machinedeployment.go: validate",
    bad="""
        kind: MachineDeployment
        spec: {clusterName: cluster-a, template: {spec: {clusterName: cluster-b}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {clusterName: cluster-a, template: {spec: {clusterName: cluster-a}}}
        """,
    check=_cluster_name,
)
BOOTSTRAP = Rule(
    "worker-without-bootstrap",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Without a bootstrap configuration a machine never joins, so Cluster API refuses it.",
    source="internal/webhooks/machinedeployment.go: validate",
    bad="""
        kind: MachineDeployment
        spec: {template: {spec: {bootstrap: {configRef: null}}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {template: {spec: {bootstrap: {configRef: {kind: KubeadmConfigTemplate, name: cluster-a-workers}}}}}
        """,
    check=_bootstrap,
)
STANDSTILL = Rule(
    "worker-rollout-standstill",
    "error",
    kinds=KIND,
    is_refused=True,
    why="A pool that may neither grow nor shrink cannot replace a machine; maxUnavailable is 0 where it is not said.",
    source="internal/webhooks/machinedeployment.go: validateRolloutStrategy",
    bad="""
        kind: MachineDeployment
        spec: {rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: null}}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}}}
        """,
    check=_standstill,
)
NUMBER = Rule(
    "rollout-number-invalid",
    "error",
    kinds=("MachineDeployment", "MachineHealthCheck"),
    is_refused=True,
    why="Cluster API refuses a text that is no percentage.",
    source="internal/webhooks/machinedeployment.go: validateRolloutStrategy; machinehealthcheck.go",
    bad="""
        kind: MachineDeployment
        spec: {rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: "1"}}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 20%}}}}
        """,
    check=_number,
)
RULES = (SELECTOR, CLUSTER_NAMES, BOOTSTRAP, STANDSTILL, NUMBER)
