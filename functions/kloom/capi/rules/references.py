"""Rules on references: complete, to the right group and namespace, to objects that are there."""

from __future__ import annotations

from kloom.capi.api_versions import V1BETA1
from kloom.capi.former_names import Unclear
from kloom.capi.rules.name_places import REFERENCES, name_places
from kloom.capi.rules.objects import GROUPS, maps
from kloom.capi.rules.rule import Problem, Rule
from kloom.sdk.kube_object import PREVIOUS_IDS, KubeObject, misshapen
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.capi.rules.objects import Resource, World

_NAMED = ("MachineDeployment", "MachineHealthCheck")
"""The kinds that name their Cluster."""
_OBJECT_REFERENCE = "ByoMachineTemplate"
"""The kind whose reference is a core one, with apiVersion and namespace, in every version."""
_SECRET_TYPE = "addons.cluster.x-k8s.io/resource-set"  # noqa: S105  # a type, no secret


def _none(cluster: Resource, _world: World) -> Iterator[Problem]:
    if not any(cluster.at(field) for field in ("controlPlaneRef", "infrastructureRef", "topology")):
        yield Problem(("spec",), "must have a controlPlaneRef, an infrastructureRef or a topology")


def _incomplete(resource: Resource, _world: World) -> Iterator[Problem]:
    """The schemas of v1beta2 ask for all three themselves."""
    for field in REFERENCES[resource.kind] if _is_by_version(resource) else ():
        reference = resource.at(field)
        missing = [part for part in ("apiVersion", "kind", "name") if reference and not reference.get(part)]
        if missing:
            yield Problem(resource.path(field), f"must have {' and '.join(missing)}")


def _wrong_group(resource: Resource, _world: World) -> Iterator[Problem]:
    for field in REFERENCES[resource.kind]:
        reference = resource.at(field) or {}
        part = "apiVersion" if _is_by_version(resource) else "apiGroup"
        said, kind = reference.get(part), str(reference.get("kind"))
        if not isinstance(said, str) or not said or kind not in GROUPS:
            continue
        group, slash, version = said.partition("/")
        if group != GROUPS[kind]:
            proper = GROUPS[kind] + (f"{slash}{version}" if part == "apiVersion" else "")
            yield Problem((*resource.path(field), part), f"must be {proper} for a {kind}, was {said}")


def _other_namespace(resource: Resource, _world: World) -> Iterator[Problem]:
    if resource.kind == _OBJECT_REFERENCE or resource.version != V1BETA1:
        return
    for field in REFERENCES[resource.kind]:
        namespace = (resource.at(field) or {}).get("namespace")
        if namespace and resource.namespace and namespace != resource.namespace:
            message = f"must be the object's own namespace, {resource.namespace}, was {namespace}"
            yield Problem((*resource.path(field), "namespace"), message)


def _dangling(resource: Resource, world: World) -> Iterator[Problem]:
    if not _has_cluster(resource, world):
        return
    for field in REFERENCES[resource.kind]:
        reference = resource.at(field) or {}
        kind, name = str(reference.get("kind")), reference.get("name")
        if field == "installerRef" and not reference.get("namespace"):
            continue
        is_lost = kind in GROUPS and name and world.referred(resource, field) is None
        if is_lost and all(problem.path[:-1] != resource.path(field) for problem in _renamed(resource, world)):
            namespace = str(reference.get("namespace")) if field == "installerRef" else resource.namespace
            there = [other.name for other in world.of(kind) if other.namespace == namespace]
            where = f" in {namespace}" if namespace else ""
            message = f"should be a {kind} that is there{where}, was {name}{did_you_mean(str(name), there)}"
            yield Problem((*resource.path(field), "name"), message)


def _no_cluster(resource: Resource, world: World) -> Iterator[Problem]:
    name = resource.at("clusterName")
    there = [cluster.name for cluster in world.of("Cluster") if cluster.namespace == resource.namespace]
    if name and there and name not in there and not any(_other_name("Cluster", name, resource, world)):
        known = ", ".join(sorted(there))
        message = f"should be a Cluster of the same namespace ({known}), was {name}{did_you_mean(name, there)}"
        yield Problem(resource.path("clusterName"), message)


def _no_resource(resource: Resource, world: World) -> Iterator[Problem]:
    for at, entry in maps(resource.at("resources")):
        kind, name = entry.get("kind"), entry.get("name")
        path = (*resource.path("resources"), at)
        if kind not in ("ConfigMap", "Secret"):
            yield Problem((*path, "kind"), f"must be ConfigMap or Secret, was {kind or 'absent'}")
            continue
        found = world.find(kind, resource.namespace, str(name))
        if found and kind == "Secret" and found.data.get("type") != _SECRET_TYPE:
            yield Problem(("type",), f"must be {_SECRET_TYPE}, was {found.data.get('type') or 'absent'}", found)


def _renamed(resource: Resource, world: World) -> Iterator[Problem]:
    for path, holder, key, kind in name_places(resource.data) if world.names().have_changed else ():
        for told in _other_name(kind, str(holder[key]), resource, world):
            yield Problem((*path, key), told)
    reference = resource.at("installerRef") or {}
    said = reference.get("namespace")
    if said and said != resource.namespace:
        found = world.find(str(reference.get("kind")), resource.namespace, str(reference.get("name")))
        if found and said in str(found.metadata("annotations").get(PREVIOUS_IDS[1], "")).split(","):
            message = f"must be {resource.namespace}, where kustomize moved it to, was {said}"
            yield Problem((*resource.path("installerRef"), "namespace"), message)


def _other_name(kind: str, name: str, referrer: Resource, world: World) -> Iterator[str]:
    """What kustomize made of a name that something had before; nothing where it is right, or of nothing known."""
    if not world.names().have_changed or any(misshapen(referrer.data)):
        return
    try:
        found = world.names().find(kind, name, KubeObject(referrer.data))
    except Unclear as unclear:
        yield str(unclear)
        return
    if found is not None and found.name != name:
        yield f"must be {found.name}, as kustomize renamed it, was {name}"


def _has_cluster(resource: Resource, world: World) -> bool:
    """Whether the Cluster is among the objects, so that the rest of what belongs to it should be as well."""
    if resource.kind == "Cluster":
        return True
    if resource.kind != _OBJECT_REFERENCE:
        return world.cluster_of(resource) is not None
    return any(pool.template is resource and pool.cluster for pool in world.pools)


def _is_by_version(resource: Resource) -> bool:
    return resource.kind == _OBJECT_REFERENCE or resource.version == V1BETA1


NONE = Rule(
    "cluster-of-nothing",
    "error",
    kinds=("Cluster",),
    is_refused=True,
    why="Cluster API refuses a Cluster that says neither what runs it nor what it runs on.",
    source="internal/webhooks/cluster.go: validate",
    bad="""
        kind: Cluster
        spec: {controlPlaneRef: null, infrastructureRef: null}
        """,
    good="""
        kind: Cluster
        spec: {infrastructureRef: {kind: ByoCluster, name: cluster-a}}
        """,
    check=_none,
)
INCOMPLETE = Rule(
    "reference-incomplete",
    "error",
    kinds=tuple(REFERENCES),
    why="A reference without version, kind and name leads nowhere; v1beta1 takes it, v1beta2 does not.",
    source="api/core/v1beta1/conversion.go; controllers/external/util.go",
    bad="""
        apiVersion: cluster.x-k8s.io/v1beta1
        kind: MachineDeployment
        spec: {template: {spec: {infrastructureRef: {name: null}}}}
        """,
    good="""
        apiVersion: cluster.x-k8s.io/v1beta1
        kind: MachineDeployment
        spec: {template: {spec: {infrastructureRef: {kind: ByoMachineTemplate, name: cluster-a-workers}}}}
        """,
    check=_incomplete,
)
WRONG_GROUP = Rule(
    "reference-group-wrong",
    "error",
    kinds=tuple(REFERENCES),
    why="Cluster API finds no such kind in that group, and waits.",
    source="controllers/external/util.go: GetObjectFromContractVersionedRef",
    bad="""
        kind: MachineDeployment
        spec: {template: {spec: {bootstrap: {configRef: {apiGroup: cluster.x-k8s.io}}}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {template: {spec: {bootstrap: {configRef: {apiGroup: bootstrap.cluster.x-k8s.io}}}}}
        """,
    check=_wrong_group,
)
OTHER_NAMESPACE = Rule(
    "reference-namespace-differs",
    "error",
    kinds=("Cluster", "KubeadmControlPlane", "MachineDeployment"),
    why="References stay in one namespace: older releases refuse another one, newer ones look in the object's own.",
    source="api/core/v1beta1/conversion.go; kustomize's namespace: leaves what references say as it is",
    bad="""
        apiVersion: cluster.x-k8s.io/v1beta1
        kind: Cluster
        spec: {infrastructureRef: {namespace: default}}
        """,
    good="""
        apiVersion: cluster.x-k8s.io/v1beta1
        kind: Cluster
        spec: {infrastructureRef: {namespace: clusters}}
        """,
    check=_other_namespace,
)
DANGLING = Rule(
    "reference-dangling",
    "warning",
    kinds=tuple(REFERENCES),
    why="What refers to an object that is not there waits for it for ever; checked where the Cluster itself is there.",
    source="internal/controllers/cluster/cluster_controller_phases.go: reconcileExternal",
    bad="""
        kind: MachineDeployment
        spec: {template: {spec: {infrastructureRef: {name: cluster-a-worker}}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {template: {spec: {infrastructureRef: {name: cluster-a-workers}}}}
        """,
    check=_dangling,
)
RENAMED = Rule(
    "reference-renamed",
    "error",
    kinds=(*REFERENCES, "MachineHealthCheck", "ClusterResourceSet"),
    why="kustomize's namePrefix, nameSuffix and namespace rename and move objects, and leave the references of Cluster "
    "API, and its labels, as they were: they lead nowhere. ByohMachineTemplateTransformer mends them.",
    source="kustomize api/internal/konfig/builtinpluginconsts/namereference.go",
    bad="""
        kind: Cluster
        spec: {infrastructureRef: {name: cluster}}
        ---
        kind: ByoCluster
        metadata:
          name: cluster-a
          annotations: {internal.config.kubernetes.io/previousNames: cluster}
        """,
    good="""
        kind: Cluster
        spec: {infrastructureRef: {name: cluster-a}}
        ---
        kind: ByoCluster
        metadata:
          name: cluster-a
          annotations: {internal.config.kubernetes.io/previousNames: cluster}
        """,
    check=_renamed,
)
NO_CLUSTER = Rule(
    "cluster-unknown",
    "warning",
    kinds=_NAMED,
    why="Machines and health checks of a cluster that is not there wait for it for ever.",
    source="internal/controllers/machinedeployment/machinedeployment_controller.go: Reconcile",
    bad="""
        kind: MachineHealthCheck
        spec: {clusterName: cluster-aa}
        """,
    good="""
        kind: MachineHealthCheck
        spec: {clusterName: cluster-a}
        """,
    check=_no_cluster,
)
NO_RESOURCE = Rule(
    "resource-set-resource-wrong",
    "error",
    kinds=("ClusterResourceSet",),
    why="A ClusterResourceSet applies ConfigMaps, and Secrets of its own type.",
    source="internal/controllers/clusterresourceset/clusterresourceset_helpers.go: getSecret",
    bad="""
        kind: ClusterResourceSet
        spec: {resources: [{kind: Secret, name: cni}]}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: cni, namespace: clusters}
        type: Opaque
        """,
    good="""
        kind: ClusterResourceSet
        spec: {resources: [{kind: Secret, name: cni}]}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: cni, namespace: clusters}
        type: addons.cluster.x-k8s.io/resource-set
        """,
    check=_no_resource,
)
RULES = (NONE, INCOMPLETE, WRONG_GROUP, OTHER_NAMESPACE, DANGLING, RENAMED, NO_CLUSTER, NO_RESOURCE)
