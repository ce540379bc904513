"""The objects that a cluster consists of in the management cluster, each value of it where Cluster API wants it.

Cluster ─┬─ ByoCluster
         ├─ KubeadmControlPlane ─ ByoMachineTemplate ─ K8sInstallerConfigTemplate
         ├─ MachineDeployment ─┬─ ByoMachineTemplate ─ K8sInstallerConfigTemplate
         │  (one a pool)       └─ KubeadmConfigTemplate
         ├─ MachineHealthCheck (where asked for)
         └─ ClusterResourceSet ─ ConfigMap (where asked for)
"""

from __future__ import annotations

from kloom.capi import api_versions, labels, templates
from kloom.capi.api_versions import ADDONS, BOOTSTRAP, CONTROL_PLANE, CORE, INFRASTRUCTURE, api
from kloom.capi.cluster import DEFAULT_PORT, present
from kloom.capi.kubeadm import control_plane_config, without_node_labels, worker_config
from kloom.capi.templates import BYOH_API

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.capi.cluster import Cluster, Pool

    Object = dict[str, Any]

HOSTS_ANNOTATION = "kloom.dev/hosts"
"""On a ByoMachineTemplate: which hosts of the inventory its machines take."""
CONFIRMED: Mapping[str, str] = {"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm"}
"""What holds machines is not deleted for a file that is gone from Git until somebody confirms it (Argo CD 2.14)."""
_NO_LIMIT_OF_CLIENT_SIDE_APPLY: Mapping[str, str] = {"argocd.argoproj.io/sync-options": "ServerSideApply=true"}
# A control plane that loses kube-vip's machine is away for minutes, and Cluster API gives up on a Node after 10 s.
_NODE_DELETION_TIMEOUT = 300
_NODE_STARTUP_TIMEOUT = 1200
_UNHEALTHY = [{"type": "Ready", "status": status, "timeoutSeconds": 300} for status in ("False", "Unknown")]
_MOST_UNHEALTHY = "40%"


def objects_of(
    cluster: Cluster, version: str, hosts: Mapping[str, str], manifests: Mapping[str, Mapping[str, str]]
) -> list[Object]:
    """All objects of the cluster, Cluster API's own kinds in the version asked for, templates before the rest.

    `hosts` says for each pool who gets what, `manifests` holds the files of each resource set by their names.
    """
    found = [_cluster(cluster), _byo_cluster(cluster)]
    for pool in cluster.pools:
        found += _pool(cluster, pool, hosts.get(pool.name))
    for name in sorted(cluster.values.get("resourceSets", {})):
        found += _resource_set(cluster, name, manifests.get(name, {}))
    found.sort(key=lambda obj: not obj["kind"].endswith("Template"))
    return [api_versions.as_v1beta1(obj) for obj in found] if version == api_versions.V1BETA1 else found


def bootstrap_kubeconfig(said: Mapping[str, Any]) -> Object:
    """The BootstrapKubeconfig that hosts register with."""
    metadata = {"name": said.get("name", "byoh"), "namespace": said["namespace"]}
    spec = {name: value for name, value in said.items() if name not in metadata}
    return {"apiVersion": BYOH_API, "kind": "BootstrapKubeconfig", "metadata": metadata, "spec": spec}


def _cluster(cluster: Cluster) -> Object:
    network = present(
        pods=present(cidrBlocks=cluster.blocks("pods")),
        services=present(cidrBlocks=cluster.blocks("services")),
        serviceDomain=cluster.network.get("serviceDomain", "cluster.local"),
        apiServerPort=None if cluster.bind_port == DEFAULT_PORT else cluster.bind_port,
    )
    spec = {
        "clusterNetwork": network,
        "controlPlaneRef": _reference(CONTROL_PLANE, "KubeadmControlPlane", cluster.control_plane.name),
        "infrastructureRef": _reference(INFRASTRUCTURE, "ByoCluster", cluster.name),
        **present(paused=cluster.values.get("paused") or None),
    }
    obj = _object(cluster, api(CORE), "Cluster", cluster.name, spec)
    obj["metadata"]["labels"] |= cluster.values.get("labels", {})
    obj["metadata"]["annotations"] = {**CONFIRMED, **cluster.values.get("annotations", {})}
    return obj


def _byo_cluster(cluster: Cluster) -> Object:
    spec = {
        "bundleLookupBaseRegistry": cluster.bundle_registry,
        "controlPlaneEndpoint": {"host": cluster.host, "port": cluster.port},
    }
    return _object(cluster, BYOH_API, "ByoCluster", cluster.name, spec, CONFIRMED)


def _pool(cluster: Cluster, pool: Pool, hosts: str | None) -> Iterator[Object]:
    """The objects of a pool: what holds its machines, their templates, and the health check."""
    machine, *installer = _machine_templates(cluster, pool, hosts)
    if pool.is_control_plane:
        yield _control_plane(cluster, machine)
    else:
        config = _config_template(cluster, pool)
        yield _machine_deployment(cluster, pool, machine, config)
        yield config
    yield machine
    yield from installer
    if "machineHealthCheck" in pool.spec:
        yield _health_check(cluster, pool)


def _machine_templates(cluster: Cluster, pool: Pool, hosts: str | None) -> Iterator[Object]:
    """The ByoMachineTemplate, and the template of the installer that it refers to, unless hosts come installed."""
    own = {labels.CLUSTER_NAME: cluster.name}
    spec: Object = present(selector=pool.selector)
    installer = None
    if not pool.spec.get("skipInstallation"):
        bundle = {"bundleRepo": cluster.bundle_registry, "bundleType": "k8s"}
        installer = templates.installer_config_template(pool.name, cluster.namespace, bundle, own)
        spec["installerRef"] = templates.reference(installer)
    machine = templates.machine_template(pool.name, cluster.namespace, spec, own)
    if hosts is not None:
        machine["metadata"]["annotations"][HOSTS_ANNOTATION] = hosts
    yield machine
    if installer is not None:
        yield installer


def _config_template(cluster: Cluster, pool: Pool) -> Object:
    config = worker_config(cluster, pool)
    name = templates.hashed_name(pool.name, without_node_labels(config))
    own = {labels.CLUSTER_NAME: cluster.name}
    return templates.template(api(BOOTSTRAP), "KubeadmConfigTemplate", name, cluster.namespace, config, own)


def _control_plane(cluster: Cluster, machine: Object) -> Object:
    pool = cluster.control_plane
    spec = {
        "replicas": pool.replicas,
        "version": cluster.version,
        "rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": pool.rolling_update}},
        "machineTemplate": {
            "metadata": {"labels": {labels.CLUSTER_NAME: cluster.name, **pool.spec.get("labels", {})}},
            "spec": {"infrastructureRef": _to(machine), "deletion": _deletion(pool)},
        },
        "kubeadmConfigSpec": control_plane_config(cluster),
    }
    return _object(cluster, api(CONTROL_PLANE), "KubeadmControlPlane", pool.name, spec, CONFIRMED)


def _machine_deployment(cluster: Cluster, pool: Pool, machine: Object, config: Object) -> Object:
    """Labels and selector are those that Cluster API would fill in, so that nothing is left to it to change."""
    selected = {labels.CLUSTER_NAME: cluster.name, labels.DEPLOYMENT_NAME: pool.name}
    spec = {
        "clusterName": cluster.name,
        "replicas": pool.replicas,
        "selector": {"matchLabels": selected},
        "rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": pool.rolling_update}},
        "template": {
            "metadata": {"labels": {**selected, **pool.spec.get("labels", {})}},
            "spec": {
                "clusterName": cluster.name,
                "version": cluster.version,
                "bootstrap": {"configRef": _to(config)},
                "infrastructureRef": _to(machine),
                "deletion": _deletion(pool),
            },
        },
    }
    return _object(cluster, api(CORE), "MachineDeployment", pool.name, spec, CONFIRMED)


def _health_check(cluster: Cluster, pool: Pool) -> Object:
    said = pool.spec["machineHealthCheck"]
    role = {labels.CONTROL_PLANE: ""} if pool.is_control_plane else {labels.DEPLOYMENT_NAME: pool.name}
    spec = {
        "clusterName": cluster.name,
        "selector": {"matchLabels": {labels.CLUSTER_NAME: cluster.name, **role}},
        "checks": {
            "nodeStartupTimeoutSeconds": said.get("nodeStartupTimeoutSeconds", _NODE_STARTUP_TIMEOUT),
            "unhealthyNodeConditions": said.get("unhealthyNodeConditions") or list(_UNHEALTHY),
        },
        "remediation": {
            "triggerIf": {"unhealthyLessThanOrEqualTo": said.get("unhealthyLessThanOrEqualTo", _MOST_UNHEALTHY)}
        },
    }
    return _object(cluster, api(CORE), "MachineHealthCheck", pool.name, spec)


def _resource_set(cluster: Cluster, name: str, manifests: Mapping[str, str]) -> Iterator[Object]:
    """What Cluster API applies to the new cluster: ConfigMaps that are there, and one of the files that are named."""
    said = cluster.values["resourceSets"][name]
    own = f"{cluster.name}-{name}"
    references = [*said.get("resources", ())]
    if manifests:
        references.append({"kind": "ConfigMap", "name": own})
    spec = {
        "clusterSelector": {"matchLabels": {labels.CLUSTER_NAME: cluster.name}},
        "resources": references,
        "strategy": said.get("strategy", "ApplyOnce"),
    }
    yield _object(cluster, api(ADDONS), "ClusterResourceSet", own, spec)
    if manifests:
        config_map = _object(cluster, "v1", "ConfigMap", own, {}, _NO_LIMIT_OF_CLIENT_SIDE_APPLY)
        del config_map["spec"]
        yield {**config_map, "data": dict(manifests)}


def _object(  # noqa: PLR0913  # the parts of an object, in their order
    cluster: Cluster,
    api_version: str,
    kind: str,
    name: str,
    spec: Object,
    annotations: Mapping[str, str] | None = None,
) -> Object:
    metadata: Object = {
        "name": name,
        "namespace": cluster.namespace,
        "labels": {labels.CLUSTER_NAME: cluster.name},
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def _deletion(pool: Pool) -> dict[str, int]:
    return {"nodeDeletionTimeoutSeconds": _NODE_DELETION_TIMEOUT, **pool.spec.get("deletion", {})}


def _to(obj: Mapping[str, Any]) -> dict[str, str]:
    return _reference(obj["apiVersion"].partition("/")[0], obj["kind"], obj["metadata"]["name"])


def _reference(group: str, kind: str, name: str) -> dict[str, str]:
    return {"apiGroup": group, "kind": kind, "name": name}
