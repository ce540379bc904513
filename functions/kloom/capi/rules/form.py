"""Rules on the form of objects: their API version, and the fields that the other rules look at."""

from __future__ import annotations

from kloom.capi.api_versions import CORE, V1BETA1, V1BETA2
from kloom.capi.rules.objects import GROUPS, OF_BYOH
from kloom.capi.rules.rule import Problem, Rule
from kloom.capi.rules.shapes import SHAPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from kloom.capi.rules.objects import Resource, World
    from kloom.capi.rules.rule import Path

_OF_REFERENCES: Mapping[str, str] = {
    "apiGroup": "; here a reference has apiVersion",
    "apiVersion": "; here a reference has apiGroup, without the version",
    "namespace": "; here a reference is to the object's own namespace",
}
_MOVED_IN_KUBEADM: Mapping[str, str] = {
    "clusterConfiguration.apiServer.timeoutForControlPlane": "timeouts of initConfiguration and joinConfiguration",
    "clusterConfiguration.apiVersion": "",
    "clusterConfiguration.clusterName": "",
    "clusterConfiguration.kind": "",
    "clusterConfiguration.kubernetesVersion": "",
    "clusterConfiguration.networking": "",
    "useExperimentalRetryJoin": "",
}
_MOVED: Mapping[str, Mapping[str, str]] = {
    "Cluster": {
        "spec.topology.class": "spec.topology.classRef.name",
        "spec.topology.classNamespace": "spec.topology.classRef.namespace",
    },
    "KubeadmControlPlane": {
        "spec.machineNamingStrategy": "spec.machineNaming",
        "spec.machineTemplate.infrastructureRef": "spec.machineTemplate.spec.infrastructureRef",
        "spec.machineTemplate.nodeDeletionTimeout": "spec.machineTemplate.spec.deletion.nodeDeletionTimeoutSeconds",
        "spec.machineTemplate.nodeDrainTimeout": "spec.machineTemplate.spec.deletion.nodeDrainTimeoutSeconds",
        "spec.machineTemplate.nodeVolumeDetachTimeout": (
            "spec.machineTemplate.spec.deletion.nodeVolumeDetachTimeoutSeconds"
        ),
        "spec.machineTemplate.readinessGates": "spec.machineTemplate.spec.readinessGates",
        "spec.remediationStrategy": "spec.remediation",
        "spec.rolloutAfter": "spec.rollout.after",
        "spec.rolloutBefore": "spec.rollout.before",
        "spec.rolloutStrategy": "spec.rollout.strategy",
        **{f"spec.kubeadmConfigSpec.{field}": new for field, new in _MOVED_IN_KUBEADM.items()},
    },
    "KubeadmConfigTemplate": {f"spec.template.spec.{field}": new for field, new in _MOVED_IN_KUBEADM.items()},
    "MachineDeployment": {
        "spec.machineNamingStrategy": "spec.machineNaming",
        "spec.minReadySeconds": "spec.template.spec.minReadySeconds",
        "spec.progressDeadlineSeconds": "",
        "spec.revisionHistoryLimit": "",
        "spec.rolloutAfter": "spec.rollout.after",
        "spec.strategy": "spec.rollout.strategy",
        "spec.template.spec.nodeDeletionTimeout": "spec.template.spec.deletion.nodeDeletionTimeoutSeconds",
        "spec.template.spec.nodeDrainTimeout": "spec.template.spec.deletion.nodeDrainTimeoutSeconds",
        "spec.template.spec.nodeVolumeDetachTimeout": "spec.template.spec.deletion.nodeVolumeDetachTimeoutSeconds",
    },
    "MachineHealthCheck": {
        "spec.maxUnhealthy": "spec.remediation.triggerIf.unhealthyLessThanOrEqualTo",
        "spec.nodeStartupTimeout": "spec.checks.nodeStartupTimeoutSeconds",
        "spec.remediationTemplate": "spec.remediation.templateRef",
        "spec.unhealthyConditions": "spec.checks.unhealthyNodeConditions",
        "spec.unhealthyMachineConditions": "spec.checks.unhealthyMachineConditions",
        "spec.unhealthyRange": "spec.remediation.triggerIf.unhealthyInRange",
    },
}
"""The fields of v1beta1 that v1beta2 has elsewhere, or no more."""
_NEW: Mapping[str, Mapping[str, str]] = {
    "Cluster": {"spec.topology.classRef": "spec.topology.class"},
    "KubeadmControlPlane": {
        "spec.machineNaming": "spec.machineNamingStrategy",
        "spec.machineTemplate.spec": "spec.machineTemplate",
        "spec.remediation": "spec.remediationStrategy",
        "spec.rollout": "spec.rolloutStrategy, rolloutBefore and rolloutAfter",
    },
    "MachineDeployment": {
        "spec.deletion": "spec.strategy.rollingUpdate.deletePolicy",
        "spec.machineNaming": "spec.machineNamingStrategy",
        "spec.remediation": "spec.strategy.remediation",
        "spec.rollout": "spec.strategy",
        "spec.template.spec.deletion": "spec.template.spec.nodeDrainTimeout and the like",
    },
    "MachineHealthCheck": {
        "spec.checks": "spec.unhealthyConditions and nodeStartupTimeout",
        "spec.remediation": "spec.maxUnhealthy",
    },
}
"""The fields of v1beta2 that v1beta1 has elsewhere."""


def _served(resource: Resource, _world: World) -> Iterator[Problem]:
    kind = resource.kind
    if kind in OF_BYOH and resource.version != V1BETA1:
        yield Problem(("apiVersion",), f"must be {GROUPS[kind]}/{V1BETA1}, was {resource.data['apiVersion']}")
    elif kind not in OF_BYOH and resource.version not in (V1BETA1, V1BETA2):
        versions = f"{GROUPS[kind]}/{V1BETA2} or {V1BETA1}"
        yield Problem(("apiVersion",), f"must be {versions}, was {resource.data['apiVersion']}")


def _of_its_group(_: None, world: World) -> Iterator[Problem]:
    for resource in world.resources:
        group = GROUPS.get(resource.kind, resource.group)
        is_ours = resource.group == CORE or resource.group.endswith(f".{CORE}")
        if group != resource.group and is_ours:
            message = f"must be {group}/{resource.version} for a {resource.kind}, was {resource.data['apiVersion']}"
            yield Problem(("apiVersion",), message, resource)


def _misfits(*what: str) -> Callable[[Resource, World], Iterator[Problem]]:
    """A check for what is wrong with an object by its schema in one way."""

    def check(resource: Resource, world: World) -> Iterator[Problem]:
        for misfit in world.misfits(resource):
            if misfit.what in what:
                yield Problem(misfit.path, misfit.message)

    return check


def _of_another_version(resource: Resource, world: World) -> Iterator[Problem]:
    table = (_NEW if resource.version == V1BETA1 else _MOVED).get(resource.kind, {})
    for misfit in world.misfits(resource):
        if misfit.what == "version":
            other = table.get(".".join(map(str, misfit.path)))
            hint = _in_references(misfit.path) if other is None else f"; here it is {other}" if other else ""
            yield Problem(misfit.path, f"{misfit.message}{hint}")


def _in_references(path: Path) -> str:
    holder, field = (str(step) for step in ("", *path)[-2:])
    return _OF_REFERENCES.get(field, "") if holder.endswith("Ref") else ""


def reached(data: Mapping[str, Any], path: Path) -> tuple[int, Any]:
    """How far a path leads, in steps, and what is there: the first value that is no map to go on in."""
    value: Any = data
    for at, step in enumerate(path):
        if not isinstance(value, dict):
            return at, value
        value = value.get(str(step))
        if value is None:
            return at + 1, None
    return len(path), value


SERVED = Rule(
    "api-version-unserved",
    "error",
    kinds=tuple(GROUPS),
    is_refused=True,
    why="Cluster API serves v1beta1 and v1beta2 of its own kinds, and BYOH's kinds are v1beta1.",
    source="docs/book/src/reference/versions.md",
    bad="""
        apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
        kind: ByoCluster
        """,
    good="""
        apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
        kind: ByoCluster
        """,
    check=_served,
)
GROUP = Rule(
    "api-group-wrong",
    "error",
    is_refused=True,
    why="The API server knows no such kind in that group.",
    source="api/",
    bad="""
        apiVersion: cluster.x-k8s.io/v1beta2
        kind: KubeadmConfigTemplate
        metadata: {name: another}
        """,
    good="""
        apiVersion: bootstrap.cluster.x-k8s.io/v1beta2
        kind: KubeadmConfigTemplate
        """,
    check=_of_its_group,
)
UNKNOWN = Rule(
    "field-unknown",
    "error",
    kinds=SHAPED,
    is_refused=True,
    why="The API server refuses a field that the kind does not have, or drops it without a word.",
    source="the CustomResourceDefinition of the kind, in Cluster API 1.14",
    bad="""
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {clusterConfiguration: {apiServer: {certSans: [cluster-a.example.com]}}}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {clusterConfiguration: {apiServer: {certSANs: [cluster-a.example.com]}}}}
        """,
    check=_misfits("unknown"),
)
TYPE = Rule(
    "field-type-wrong",
    "error",
    kinds=SHAPED,
    is_refused=True,
    why="The API server refuses a value of another type.",
    source="the CustomResourceDefinition of the kind",
    bad="""
        kind: KubeadmControlPlane
        spec: {replicas: "3"}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {replicas: 3}
        """,
    check=_misfits("type"),
)
VALUE = Rule(
    "field-value-unknown",
    "error",
    kinds=SHAPED,
    is_refused=True,
    why="The API server refuses a text that is none of those to choose from.",
    source="the CustomResourceDefinition of the kind",
    bad="""
        kind: ClusterResourceSet
        spec: {strategy: Always}
        """,
    good="""
        kind: ClusterResourceSet
        spec: {strategy: Reconcile}
        """,
    check=_misfits("choice"),
)
MISSING = Rule(
    "field-missing",
    "error",
    kinds=SHAPED,
    is_refused=True,
    why="The API server refuses an object without the fields that its kind requires.",
    source="the CustomResourceDefinition of the kind",
    bad="""
        kind: MachineDeployment
        spec: {selector: null}
        ---
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {bundleType: null}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {selector: {}}
        """,
    check=_misfits("missing"),
)
ANOTHER_VERSION = Rule(
    "field-of-another-version",
    "error",
    kinds=SHAPED,
    is_refused=True,
    why="v1beta1 and v1beta2 differ in more than the number: what the one does not know is refused or dropped.",
    source="docs/book/src/developer/providers/migrations/v1.10-to-v1.11.md",
    bad="""
        apiVersion: controlplane.cluster.x-k8s.io/v1beta2
        kind: KubeadmControlPlane
        spec:
          rolloutStrategy: {rollingUpdate: {maxSurge: 0}}
          kubeadmConfigSpec: {clusterConfiguration: {apiServer: {extraArgs: {v: "4"}}}}
        """,
    good="""
        apiVersion: controlplane.cluster.x-k8s.io/v1beta2
        kind: KubeadmControlPlane
        spec:
          rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0}}}
          kubeadmConfigSpec: {clusterConfiguration: {apiServer: {extraArgs: [{name: v, value: "4"}]}}}
        """,
    check=_of_another_version,
)
EMPTY = Rule(
    "field-empty",
    "error",
    kinds=SHAPED,
    is_refused=True,
    why="The schemas of v1beta2 refuse what says nothing, as empty maps; in v1beta1 it was fine.",
    source="api/bootstrap/kubeadm/v1beta2/kubeadmconfig_types.go: MinProperties",
    bad="""
        apiVersion: bootstrap.cluster.x-k8s.io/v1beta2
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {joinConfiguration: {timeouts: {}}}}}
        """,
    good="""
        apiVersion: bootstrap.cluster.x-k8s.io/v1beta2
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {joinConfiguration: {timeouts: {tlsBootstrapSeconds: 300}}}}}
        """,
    check=_misfits("empty"),
)
RULES = (SERVED, GROUP, UNKNOWN, ANOTHER_VERSION, TYPE, VALUE, MISSING, EMPTY)
