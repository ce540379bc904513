"""Rules on what changed since an earlier revision: what must stay as it was, and what takes more than one step."""

from __future__ import annotations

from kloom.capi.kubeadm import NODE_LABELS
from kloom.capi.rules.form import reached
from kloom.capi.rules.rule import Problem, Rule
from kloom.capi.rules.versions import version_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.capi.rules.objects import Resource, World

_IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "MachineDeployment": ("clusterName",),
    "MachineHealthCheck": ("clusterName",),
    "ClusterResourceSet": ("selector", "strategy"),
    "KubeadmControlPlane": ("endpointOfKubeadm", "certificatesDir", "caCertificateDays"),
}
_DEFAULTS: Mapping[str, Any] = {"strategy": "ApplyOnce"}
_KEPT = ("controlPlaneRef", "infrastructureRef", "topology")
_CONTENT = ("spec", "template", "spec")


def _immutable(resource: Resource, world: World) -> Iterator[Problem]:
    for old in _before(resource, world):
        for field in _IMMUTABLE[resource.kind]:
            was, now = (_DEFAULTS.get(field) if one.at(field) is None else one.at(field) for one in (old, resource))
            if was != now:
                yield Problem(resource.path(field), f"must stay {_told(was)}, was changed to {_told(now)}")


def _etcd(plane: Resource, world: World) -> Iterator[Problem]:
    for old in _before(plane, world):
        if bool(old.at("etcdExternal")) != bool(plane.at("etcdExternal")):
            was, now = ("external" if one.at("etcdExternal") else "local" for one in (old, plane))
            yield Problem(plane.path("etcdExternal")[:-1], f"must stay {was}, was changed to {now}")


def _removed(cluster: Resource, world: World) -> Iterator[Problem]:
    for old in _before(cluster, world):
        for field in _KEPT:
            if old.at(field) and not cluster.at(field):
                yield Problem(("spec",), f"must keep its {field}")


def _moved(resource: Resource, world: World) -> Iterator[Problem]:
    for old in _before(resource, world):
        for field in ("host", "port"):
            was, now = old.at(field), resource.at(field)
            if was and now and was != now:
                yield Problem(resource.path(field), f"must stay {was}, was changed to {now}")


def _renumbered(cluster: Resource, world: World) -> Iterator[Problem]:
    for old in _before(cluster, world):
        for field in ("pods", "services"):
            was, now = old.at(field) or [], cluster.at(field) or []
            if was != now:
                yield Problem(cluster.path(field), f"should stay {_told(was)}, was changed to {_told(now)}")


def _skipping(resource: Resource, world: World) -> Iterator[Problem]:
    for old in _before(resource, world):
        was, now = version_of(old.at("version")), version_of(resource.at("version"))
        if was and now and now[:2] > (was[0], was[1] + 1):
            message = f"must be at most v{was[0]}.{was[1] + 1}, one minor version after {old.at('version')}"
            yield Problem(resource.path("version"), f"{message}, was {resource.at('version')}")


def _backwards(resource: Resource, world: World) -> Iterator[Problem]:
    for old in _before(resource, world):
        was, now = version_of(old.at("version")), version_of(resource.at("version"))
        if was and now and now[:2] < was[:2]:
            yield Problem(
                resource.path("version"), f"must not be older than {old.at('version')}, was {resource.at('version')}"
            )


def _in_place(template: Resource, world: World) -> Iterator[Problem]:
    for old in _before(template, world):
        contents = [_without_node_labels(reached(one.data, _CONTENT)[1]) for one in (old, template)]
        if old.version == template.version and contents[0] != contents[1]:
            message = "should be in a template of another name: machines that are there keep what they were made of"
            yield Problem(_CONTENT, message)


def _without_node_labels(content: Any) -> Any:
    """What a template says but for the labels that nodes register with: those may be meant for machines to come."""
    if isinstance(content, dict):
        cleaned = {key: _without_node_labels(value) for key, value in content.items() if key != NODE_LABELS}
        return {key: value for key, value in cleaned.items() if value not in ({}, [])}
    if isinstance(content, list):
        kept = [item for item in content if not (isinstance(item, dict) and item.get("name") == NODE_LABELS)]
        return [_without_node_labels(item) for item in kept]
    return content


def _before(resource: Resource, world: World) -> Iterator[Resource]:
    """The object as it was, if it was there."""
    old = (world.before or {}).get(resource.key())
    if old is not None:
        yield old


def _told(value: Any) -> str:
    import json

    if value is None:
        return "absent"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


IMMUTABLE = Rule(
    "immutable-field-changed",
    "error",
    kinds=tuple(_IMMUTABLE),
    is_refused=True,
    why="Cluster API refuses to change some fields once they are said; another object is what it takes.",
    source="internal/webhooks/machinedeployment.go, clusterresourceset.go; kubeadmcontrolplane.go: ValidateUpdate",
    bad="""
        kind: ClusterResourceSet
        spec: {clusterSelector: {matchLabels: {cni: cilium}}}
        # before
        kind: ClusterResourceSet
        spec: {clusterSelector: {matchLabels: {cni: calico}}}
        """,
    good="""
        kind: ClusterResourceSet
        metadata: {name: cilium}
        spec: {clusterSelector: {matchLabels: {cni: cilium}}}
        # before
        kind: ClusterResourceSet
        """,
    check=_immutable,
)
ETCD = Rule(
    "etcd-kind-changed",
    "error",
    kinds=("KubeadmControlPlane",),
    is_refused=True,
    why="Cluster API refuses to move a cluster's data between local and external etcd.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateClusterConfiguration",
    bad="""
        kind: KubeadmControlPlane
        spec:
          kubeadmConfigSpec:
            clusterConfiguration:
              etcd: {external: {endpoints: ["https://10.0.9.1:2379"], caFile: /ca, certFile: /cert, keyFile: /key}}
        # before
        kind: KubeadmControlPlane
        """,
    good="""
        kind: KubeadmControlPlane
        # before
        kind: KubeadmControlPlane
        """,
    check=_etcd,
)
REMOVED = Rule(
    "cluster-reference-removed",
    "error",
    kinds=("Cluster",),
    is_refused=True,
    why="Cluster API refuses a Cluster that lets go of its control plane or infrastructure.",
    source="internal/webhooks/cluster.go: validate",
    bad="""
        kind: Cluster
        spec: {controlPlaneRef: null}
        # before
        kind: Cluster
        """,
    good="""
        kind: Cluster
        # before
        kind: Cluster
        """,
    check=_removed,
)
MOVED = Rule(
    "endpoint-changed",
    "error",
    kinds=("Cluster", "ByoCluster"),
    why="Cluster API takes the endpoint over once; certificates and kubeconfigs of a running cluster keep the old.",
    source="internal/controllers/cluster/cluster_controller_phases.go: reconcileInfrastructure",
    bad="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {port: 7443}}
        ---
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {files: null}}
        # before
        kind: ByoCluster
        """,
    good="""
        kind: ByoCluster
        # before
        kind: ByoCluster
        spec: {controlPlaneEndpoint: null}
        """,
    check=_moved,
)
RENUMBERED = Rule(
    "cluster-network-changed",
    "warning",
    kinds=("Cluster",),
    why="A running cluster keeps its networks whatever its Cluster says later; only machines to come hear of it.",
    source="https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-reconfigure/",
    bad="""
        kind: Cluster
        spec: {clusterNetwork: {pods: {cidrBlocks: [172.16.0.0/16]}}}
        # before
        kind: Cluster
        """,
    good="""
        kind: Cluster
        # before
        kind: Cluster
        """,
    check=_renumbered,
)
SKIPPING = Rule(
    "kubernetes-version-skips-a-minor",
    "error",
    kinds=("KubeadmControlPlane", "Cluster"),
    is_refused=True,
    why="A control plane goes from one minor version to the next: Cluster API refuses to skip one.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateVersion",
    bad="""
        kind: KubeadmControlPlane
        # before
        kind: KubeadmControlPlane
        spec: {version: v1.32.4}
        """,
    good="""
        kind: KubeadmControlPlane
        # before
        kind: KubeadmControlPlane
        spec: {version: v1.33.6}
        """,
    check=_skipping,
)
BACKWARDS = Rule(
    "kubernetes-version-decreases",
    "error",
    kinds=("KubeadmControlPlane", "Cluster"),
    why="kubeadm and etcd know no way back to an older minor version, though Cluster API would start on it.",
    source="https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/",
    bad="""
        kind: KubeadmControlPlane
        # before
        kind: KubeadmControlPlane
        spec: {version: v1.35.0}
        """,
    good="""
        kind: KubeadmControlPlane
        # before
        kind: KubeadmControlPlane
        spec: {version: v1.34.0}
        """,
    check=_backwards,
)
IN_PLACE = Rule(
    "template-changed-in-place",
    "warning",
    kinds=("ByoMachineTemplate", "K8sInstallerConfigTemplate", "KubeadmConfigTemplate"),
    why="Only another name rolls machines; what is edited in place counts for machines to come, some day, one by one.",
    source="docs/book/src/tasks/updating-machine-templates.md",
    bad="""
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {bundleRepo: mirror.example.com/byoh}}}
        # before
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        """,
    good="""
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers-2}
        spec: {template: {spec: {bundleRepo: mirror.example.com/byoh}}}
        # before
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        """,
    check=_in_place,
)
RULES = (IMMUTABLE, ETCD, REMOVED, MOVED, RENUMBERED, SKIPPING, BACKWARDS, IN_PLACE)
