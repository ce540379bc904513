"""Cluster API objects as the rules see them: fields by one name in both API versions, and who refers to whom."""

from __future__ import annotations

from kloom.capi.api_versions import ADDONS, BOOTSTRAP, CONTROL_PLANE, CORE, INFRASTRUCTURE, V1BETA1, V1BETA2
from kloom.capi.rules.shapes import misfits
from kloom.sdk.kube_object import misshapen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kloom.capi.former_names import Names
    from kloom.capi.rules.rule import Facts, Object, Path
    from kloom.capi.rules.shapes import Misfit

GROUPS: Mapping[str, str] = {
    "Cluster": CORE,
    "ClusterClass": CORE,
    "Machine": CORE,
    "MachineDeployment": CORE,
    "MachineHealthCheck": CORE,
    "MachinePool": CORE,
    "MachineSet": CORE,
    "KubeadmControlPlane": CONTROL_PLANE,
    "KubeadmControlPlaneTemplate": CONTROL_PLANE,
    "KubeadmConfig": BOOTSTRAP,
    "KubeadmConfigTemplate": BOOTSTRAP,
    "BootstrapKubeconfig": INFRASTRUCTURE,
    "ByoCluster": INFRASTRUCTURE,
    "ByoClusterTemplate": INFRASTRUCTURE,
    "ByoHost": INFRASTRUCTURE,
    "ByoMachine": INFRASTRUCTURE,
    "ByoMachineTemplate": INFRASTRUCTURE,
    "K8sInstallerConfig": INFRASTRUCTURE,
    "K8sInstallerConfigTemplate": INFRASTRUCTURE,
    "ClusterResourceSet": ADDONS,
}
"""The kinds that the rules know, by their groups."""
OF_BYOH = frozenset(kind for kind, group in GROUPS.items() if group == INFRASTRUCTURE)

MAP = (dict,)
LIST = (list,)
TEXT = (str,)
INTEGER = (int,)
INTEGER_OR_TEXT = (int, str)
_NOWHERE = ""


class Field:
    """Where a field is, and what it holds; v1beta1 where that differs.

    An empty path is one that the version does not have.
    """

    __slots__ = ("path_in", "types")

    def __init__(self, path: str, types: tuple[type, ...], v1beta1: str | None = None) -> None:
        self.path_in = {V1BETA2: path, V1BETA1: path if v1beta1 is None else v1beta1}
        self.types = types


def _kubeadm(path: str) -> dict[str, Field]:
    """The fields of a kubeadm configuration that stands at a path."""
    etcd = f"{path}.clusterConfiguration.etcd"
    return {
        "kubeadm": Field(path, MAP),
        "files": Field(f"{path}.files", LIST),
        "users": Field(f"{path}.users", LIST),
        "preKubeadmCommands": Field(f"{path}.preKubeadmCommands", LIST),
        "postKubeadmCommands": Field(f"{path}.postKubeadmCommands", LIST),
        "dnsImageTag": Field(f"{path}.clusterConfiguration.dns.imageTag", TEXT),
        "etcdLocal": Field(f"{etcd}.local", MAP),
        "etcdImageTag": Field(f"{etcd}.local.imageTag", TEXT),
        "etcdExternal": Field(f"{etcd}.external", MAP),
        "certificateDays": Field(f"{path}.clusterConfiguration.certificateValidityPeriodDays", INTEGER),
        "certificatesDir": Field(f"{path}.clusterConfiguration.certificatesDir", TEXT),
        "endpointOfKubeadm": Field(f"{path}.clusterConfiguration.controlPlaneEndpoint", TEXT),
        "caCertificateDays": Field(f"{path}.clusterConfiguration.caCertificateValidityPeriodDays", INTEGER),
        "initTimeout": Field(
            f"{path}.initConfiguration.timeouts.controlPlaneComponentHealthCheckSeconds", INTEGER, _NOWHERE
        ),
        "joinTimeout": Field(
            f"{path}.joinConfiguration.timeouts.controlPlaneComponentHealthCheckSeconds", INTEGER, _NOWHERE
        ),
    }


FIELDS: Mapping[str, Mapping[str, Field]] = {
    "Cluster": {
        "pods": Field("spec.clusterNetwork.pods.cidrBlocks", LIST),
        "services": Field("spec.clusterNetwork.services.cidrBlocks", LIST),
        "endpoint": Field("spec.controlPlaneEndpoint", MAP),
        "host": Field("spec.controlPlaneEndpoint.host", TEXT),
        "port": Field("spec.controlPlaneEndpoint.port", INTEGER),
        "controlPlaneRef": Field("spec.controlPlaneRef", MAP),
        "infrastructureRef": Field("spec.infrastructureRef", MAP),
        "topology": Field("spec.topology", MAP),
        "version": Field("spec.topology.version", TEXT),
    },
    "ByoCluster": {
        "endpoint": Field("spec.controlPlaneEndpoint", MAP),
        "host": Field("spec.controlPlaneEndpoint.host", TEXT),
        "port": Field("spec.controlPlaneEndpoint.port", INTEGER),
        "registry": Field("spec.bundleLookupBaseRegistry", TEXT),
    },
    "KubeadmControlPlane": {
        "replicas": Field("spec.replicas", INTEGER),
        "version": Field("spec.version", TEXT),
        "infrastructureRef": Field(
            "spec.machineTemplate.spec.infrastructureRef",
            MAP,
            "spec.machineTemplate.infrastructureRef",
        ),
        "strategyType": Field("spec.rollout.strategy.type", TEXT, "spec.rolloutStrategy.type"),
        "maxSurge": Field(
            "spec.rollout.strategy.rollingUpdate.maxSurge",
            INTEGER_OR_TEXT,
            "spec.rolloutStrategy.rollingUpdate.maxSurge",
        ),
        "certificatesExpiryDays": Field(
            "spec.rollout.before.certificatesExpiryDays", INTEGER, "spec.rolloutBefore.certificatesExpiryDays"
        ),
        "machineNaming": Field("spec.machineNaming.template", TEXT, "spec.machineNamingStrategy.template"),
        **_kubeadm("spec.kubeadmConfigSpec"),
    },
    "KubeadmControlPlaneTemplate": _kubeadm("spec.template.spec.kubeadmConfigSpec"),
    "KubeadmConfig": _kubeadm("spec"),
    "KubeadmConfigTemplate": _kubeadm("spec.template.spec"),
    "MachineDeployment": {
        "clusterName": Field("spec.clusterName", TEXT),
        "machineClusterName": Field("spec.template.spec.clusterName", TEXT),
        "replicas": Field("spec.replicas", INTEGER),
        "selector": Field("spec.selector", MAP),
        "machineLabels": Field("spec.template.metadata.labels", MAP),
        "version": Field("spec.template.spec.version", TEXT),
        "bootstrap": Field("spec.template.spec.bootstrap", MAP),
        "configRef": Field("spec.template.spec.bootstrap.configRef", MAP),
        "dataSecretName": Field("spec.template.spec.bootstrap.dataSecretName", TEXT),
        "infrastructureRef": Field("spec.template.spec.infrastructureRef", MAP),
        "strategyType": Field("spec.rollout.strategy.type", TEXT, "spec.strategy.type"),
        "maxSurge": Field(
            "spec.rollout.strategy.rollingUpdate.maxSurge", INTEGER_OR_TEXT, "spec.strategy.rollingUpdate.maxSurge"
        ),
        "maxUnavailable": Field(
            "spec.rollout.strategy.rollingUpdate.maxUnavailable",
            INTEGER_OR_TEXT,
            "spec.strategy.rollingUpdate.maxUnavailable",
        ),
        "maxInFlight": Field("spec.remediation.maxInFlight", INTEGER_OR_TEXT, "spec.strategy.remediation.maxInFlight"),
        "machineNaming": Field("spec.machineNaming.template", TEXT, "spec.machineNamingStrategy.template"),
    },
    "MachineHealthCheck": {
        "clusterName": Field("spec.clusterName", TEXT),
        "selector": Field("spec.selector", MAP),
        "startupSeconds": Field("spec.checks.nodeStartupTimeoutSeconds", INTEGER, _NOWHERE),
        "startupTimeout": Field(_NOWHERE, TEXT, "spec.nodeStartupTimeout"),
        "maxUnhealthy": Field(
            "spec.remediation.triggerIf.unhealthyLessThanOrEqualTo", INTEGER_OR_TEXT, "spec.maxUnhealthy"
        ),
    },
    "ClusterResourceSet": {
        "selector": Field("spec.clusterSelector", MAP),
        "strategy": Field("spec.strategy", TEXT),
        "resources": Field("spec.resources", LIST),
    },
    "ByoMachineTemplate": {
        "selector": Field("spec.template.spec.selector", MAP),
        "installerRef": Field("spec.template.spec.installerRef", MAP),
    },
    "BootstrapKubeconfig": {
        "apiserver": Field("spec.apiserver", TEXT),
        "certificateAuthority": Field("spec.certificate-authority-data", TEXT),
    },
    "K8sInstallerConfigTemplate": {
        "bundleRepo": Field("spec.template.spec.bundleRepo", TEXT),
        "bundleType": Field("spec.template.spec.bundleType", TEXT),
    },
}
"""The fields that the rules look at, by kind."""


class Resource:
    """One object, with the fields of its kind by name.

    A field that is absent, null or of another type than the table says reads as None: its type is a rule of its own.
    """

    __slots__ = ("data", "fields", "group", "kind", "name", "namespace", "version")

    def __init__(self, data: Object) -> None:
        self.data = data
        self.group, _, self.version = str(data.get("apiVersion") or "").rpartition("/")
        self.kind = str(data.get("kind") or "")
        metadata = _map(data.get("metadata"))
        self.name = str(metadata.get("name") or "")
        self.namespace = str(metadata.get("namespace") or "")
        self.fields = FIELDS.get(self.kind, {}) if self.is_what_it_says else {}

    @property
    def is_what_it_says(self) -> bool:
        """Whether its kind is the one that the rules know by that name, or another one that has no such name."""
        return GROUPS.get(self.kind, self.group) == self.group

    def path(self, field: str) -> Path:
        """Where the field is in this object's version."""
        return tuple(self.fields[field].path_in[self._layout()].split("."))

    def at(self, field: str) -> Any:
        """The field's value, of one of its types, or None."""
        value = self._value(field)
        return value if value is not None and type(value) in self.fields[field].types else None

    def lacks(self, field: str) -> bool:
        """Whether there is nothing at all, not even something of a wrong type."""
        return self._value(field) is None

    def metadata(self, field: str) -> Mapping[str, Any]:
        """Its labels or annotations."""
        return _map(_map(self.data.get("metadata")).get(field))

    def key(self) -> tuple[str, str, str]:
        """Kind, namespace and name."""
        return self.kind, self.namespace, self.name

    def _value(self, field: str) -> Any:
        known = self.fields.get(field)
        if known is None or not known.path_in[self._layout()]:
            return None
        value: Any = self.data
        for step in self.path(field):
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        return value

    def _layout(self) -> str:
        """BYOH's own kinds and versions that there are not have the same fields everywhere."""
        return self.version if self.version in (V1BETA1, V1BETA2) else V1BETA2


class Pool:
    """Machines that are made alike: the object that asks for them, their cluster and their template, where known."""

    __slots__ = ("cluster", "owner", "template")

    def __init__(self, owner: Resource, cluster: Resource | None, template: Resource | None) -> None:
        self.owner = owner
        self.cluster = cluster
        self.template = template

    @property
    def is_of_byoh(self) -> bool:
        """Whether its machines are hosts that BYOH's agent runs on."""
        return (self.owner.at("infrastructureRef") or {}).get("kind") == "ByoMachineTemplate"


class World:
    """All objects beside each other, and what is known beyond them."""

    __slots__ = ("_by_key", "_misfits", "_names", "before", "facts", "pools", "resources")

    def __init__(self, objects: Iterable[Object], facts: Facts) -> None:
        self.resources = [Resource(obj) for obj in objects]
        self._by_key = {resource.key(): resource for resource in self.resources if resource.is_what_it_says}
        self.before = None if facts.before is None else {old.key(): old for old in map(Resource, facts.before)}
        self.facts = facts
        self._misfits: dict[int, list[Misfit]] = {}
        self._names: Names | None = None
        self.pools = [
            Pool(owner, self.cluster_of(owner), self.referred(owner, "infrastructureRef"))
            for owner in self.of("KubeadmControlPlane", "MachineDeployment")
        ]

    def misfits(self, resource: Resource) -> list[Misfit]:
        """Where a resource does not fit the schema of its kind."""
        if id(resource) not in self._misfits:
            self._misfits[id(resource)] = misfits(resource.data, resource.kind, resource.version)
        return self._misfits[id(resource)]

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these kinds, in their order."""
        return (
            resource
            for resource in self.resources
            if resource.kind in kinds and GROUPS[resource.kind] == resource.group
        )

    def find(self, kind: str, namespace: str, name: str) -> Resource | None:
        """The resource of that kind, namespace and name."""
        return self._by_key.get((kind, namespace, name))

    def referred(self, resource: Resource, field: str) -> Resource | None:
        """What a reference of the resource leads to: in its own namespace, but for BYOH's, which say theirs.

        Objects that say no namespace get one when they are applied: they are taken to be in one.
        """
        reference = resource.at(field) or {}
        said = str(reference.get("namespace") or "")
        namespace = said if field == "installerRef" and resource.namespace else resource.namespace
        return self.find(str(reference.get("kind")), namespace, str(reference.get("name")))

    def names(self) -> Names:
        """What the resources are called, and were before kustomize renamed them."""
        if self._names is None:
            from kloom.capi.former_names import Names

            self._names = Names(one.data for one in self.resources if not any(misshapen(one.data)))
        return self._names

    def cluster_of(self, resource: Resource) -> Resource | None:
        """The Cluster that a resource belongs to: the one that it names, or that refers to it."""
        if "clusterName" in resource.fields:
            return self.find("Cluster", resource.namespace, str(resource.at("clusterName")))
        references = ("controlPlaneRef", "infrastructureRef")
        return next(
            (
                cluster
                for cluster in self.of("Cluster")
                if any(self.referred(cluster, reference) is resource for reference in references)
            ),
            None,
        )

    def pool_of(self, owner: Resource) -> Pool:
        """The pool that a KubeadmControlPlane or MachineDeployment asks for."""
        return next(pool for pool in self.pools if pool.owner is owner)


def is_of_cluster_api(obj: Object) -> bool:
    """Whether an object is one that the rules look at: of a group of Cluster API's, whoever's kind it is."""
    group = str(obj.get("apiVersion") or "").partition("/")[0]
    return group == CORE or group.endswith(f".{CORE}")


def maps(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Position and entry of each map in a list; nothing for what is no list."""
    if isinstance(value, list):
        yield from ((at, entry) for at, entry in enumerate(value) if isinstance(entry, dict))


def texts(value: Any) -> Iterator[tuple[int, str]]:
    """Position and entry of each string in a list; nothing for what is no list."""
    if isinstance(value, list):
        yield from ((at, entry) for at, entry in enumerate(value) if isinstance(entry, str))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
