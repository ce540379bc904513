"""Rules on metadata: names, and labels."""

from __future__ import annotations

import re

from kloom.capi.rules import selectors
from kloom.capi.rules.objects import GROUPS
from kloom.capi.rules.rule import Problem, Rule
from kloom.sdk.kube_object import KubeObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.capi.rules.objects import Resource, World

MAX_LABEL = 63
MAX_NAME = 253
_NAME = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"


def _no_label(resource: Resource, _world: World) -> Iterator[Problem]:
    if len(resource.name) > MAX_LABEL:
        message = f"must be at most {MAX_LABEL} characters long, as it becomes a label, was {len(resource.name)}"
        yield Problem(("metadata", "name"), message)


def _bad_name(resource: Resource, _world: World) -> Iterator[Problem]:
    if not resource.name and not KubeObject(resource.data).get_path("metadata.generateName"):
        yield Problem(("metadata",), "must have a name")
    elif len(resource.name) > MAX_NAME or (resource.name and not re.fullmatch(_NAME, resource.name)):
        rule = f'must be at most {MAX_NAME} lower-case letters, digits, "-" and ".", a letter or digit first and last'
        yield Problem(("metadata", "name"), f"{rule}, was {resource.name}")


def _bad_labels(resource: Resource, _world: World) -> Iterator[Problem]:
    for key, value in resource.metadata("labels").items():
        yield from (Problem(("metadata", "labels", key), each) for each in selectors.label_problems(str(key), value))


NO_LABEL = Rule(
    "cluster-name-too-long",
    "error",
    kinds=("Cluster", "MachineDeployment"),
    is_refused=True,
    why="Cluster API writes these names into labels, and refuses one that does not fit.",
    source="internal/webhooks/cluster.go, machinedeployment.go: validate",
    bad="""
        kind: MachineDeployment
        metadata: {name: cluster-a-pool-of-machines-with-a-graphics-card-in-the-eastern-hall}
        """,
    good="""
        kind: MachineDeployment
        metadata: {name: cluster-a-graphics-east}
        """,
    check=_no_label,
)
BAD_NAME = Rule(
    "cluster-object-name-invalid",
    "error",
    kinds=tuple(GROUPS),
    is_refused=True,
    why="Kubernetes refuses the name.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    bad="""
        kind: MachineHealthCheck
        metadata: {name: Cluster_A}
        """,
    good="""
        kind: MachineHealthCheck
        metadata: {name: cluster-a}
        """,
    check=_bad_name,
)
BAD_LABELS = Rule(
    "cluster-object-label-invalid",
    "error",
    kinds=tuple(GROUPS),
    is_refused=True,
    why="Kubernetes refuses an object with such a label.",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
    bad="""
        kind: MachineHealthCheck
        metadata: {labels: {team: the metal team}}
        """,
    good="""
        kind: MachineHealthCheck
        metadata: {labels: {team: metal}}
        """,
    check=_bad_labels,
)
RULES = (BAD_NAME, NO_LABEL, BAD_LABELS)
