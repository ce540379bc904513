"""Where a cluster's files say what stands in an object that was made of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kloom.capi.cluster import Cluster, Pool

    Path = Sequence[str | int]

OF_CLUSTER: Mapping[str, tuple[str, ...]] = {
    "clusterNetwork": ("clusterNetwork",),
    "controlPlaneEndpoint": ("controlPlaneEndpoint",),
    "version": ("kubernetesVersion",),
    "bundleRepo": ("bundleRegistry",),
    "bundleLookupBaseRegistry": ("bundleRegistry",),
    "imageRepository": ("imageRepository",),
}
"""Fields of objects that the cluster says once, and where."""
OF_POOL: Mapping[str, str] = {
    "selector": "hostSelector",
    "rollout": "rollingUpdate",
    "strategy": "rollingUpdate",
    "rolloutStrategy": "rollingUpdate",
    "checks": "machineHealthCheck",
    "remediation": "machineHealthCheck",
    **{
        name: name
        for name in (
            "replicas", "labels", "taints", "kubeletExtraArgs", "ignorePreflightErrors", "criSocket", "files",
            "preKubeadmCommands", "postKubeadmCommands", "deletion", "certSANs", "apiServer", "controllerManager",
            "scheduler", "etcd", "dns", "featureGates",
        )
    },
}  # fmt: skip
"""Fields of objects that each pool says, and how it calls them."""


def place(cluster: Cluster, obj: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """The path into the cluster's values that says what is at a path of the object, as near as can be told."""
    kind, name = obj["kind"], obj["metadata"]["name"]
    if kind in ("ClusterResourceSet", "ConfigMap"):
        return ("resourceSets", name.removeprefix(f"{cluster.name}-"))
    pool = _pool_of(cluster, name) if kind not in ("Cluster", "ByoCluster") else None
    for step in reversed(path):
        if pool is not None and step in OF_POOL:
            return (*pool.path, OF_POOL[str(step)])
        if step in OF_CLUSTER:
            return OF_CLUSTER[str(step)]
    return pool.path if pool is not None else ("name",)


def _pool_of(cluster: Cluster, name: str) -> Pool | None:
    """The pool that an object belongs to: it bears its name, or that and a hash."""
    base = name.rpartition("-")[0]
    return next((pool for pool in cluster.pools if pool.name in (name, base)), None)
