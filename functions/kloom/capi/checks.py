"""What must hold in a cluster beyond its schema, each told where its files say it."""

from __future__ import annotations

import re

from kloom.capi.cluster import is_zero
from kloom.capi.keys import OF_CLUSTER, key_problems
from kloom.capi.machine_checks import LARGEST, machine_problems
from kloom.capi.networks import network_problems
from kloom.capi.problem import Problem
from kloom.capi.versions import is_among, lacks_host_aliases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.capi.cluster import Cluster, Pool

_REQUIRED = ("name", "namespace", "kubernetesVersion", "controlPlane")
_LONGEST_NAME = 63
_SMALLEST_SAFE_WITHOUT_SURGE = 3
_DNS_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"


def cluster_problems(cluster: Cluster) -> Iterator[Problem]:
    """Everything that is wrong with one cluster by itself."""
    for field in _REQUIRED:
        if field not in cluster.values:
            yield Problem((), f"must have {field}")
    yield from key_problems(cluster.values, OF_CLUSTER)
    yield from _name_problems(cluster)
    if "kubernetesVersion" in cluster.values:
        yield from _version_problems(cluster)
    yield from network_problems(cluster)
    if "controlPlane" in cluster.values:
        yield from _control_plane_problems(cluster.control_plane)
    for pool in cluster.workers:
        yield from _worker_problems(pool)
    for pool in cluster.pools:
        yield from machine_problems(cluster, pool)
    for name, said in cluster.values.get("resourceSets", {}).items():
        if not said.get("files") and not said.get("resources"):
            yield Problem(("resourceSets", name), "must have files or resources: the manifests that it applies")


def _name_problems(cluster: Cluster) -> Iterator[Problem]:
    """Names that leave no room for what they become a part of, and names that are none."""
    yield from _long_name(("name",), cluster.control_plane.name)
    for field in ("workers", "resourceSets"):
        for name in cluster.values.get(field, {}):
            if re.fullmatch(_DNS_LABEL, name):
                yield from _long_name((field, name), f"{cluster.name}-{name}")
            else:
                message = 'must be a name of lower-case letters, digits and "-", a letter or digit first and last'
                yield Problem((field, name), message, is_key=True)
    if "control-plane" in cluster.values.get("workers", {}):
        message = "must be another name: the objects of the control plane are called so"
        yield Problem(("workers", "control-plane"), message, is_key=True)


def _long_name(path: tuple[str, ...], name: str) -> Iterator[Problem]:
    if len(name) > _LONGEST_NAME:
        message = f"makes the name {name}, which must be at most {_LONGEST_NAME} characters long, was {len(name)}"
        yield Problem(path, message, is_key=path[0] != "name")


def _version_problems(cluster: Cluster) -> Iterator[Problem]:
    path = ("kubernetesVersion",)
    if not is_among(cluster.version, cluster.provider.kubernetes):
        message = f"must be {cluster.provider.kubernetes}, which is what hosts can install, was {cluster.version}"
        yield Problem(path, message)
    elif cluster.has_kube_vip and lacks_host_aliases(cluster.version):
        yield Problem(path, f"must be v1.29.7 or later for kube-vip, was {cluster.version}")
    if "bundleRegistry" not in cluster.values and cluster.provider.is_registry_gone:
        message = f"should be said: {cluster.provider.bundle_registry}, the provider's own, is no longer there"
        yield Problem(("bundleRegistry",), message, "warning")


def _control_plane_problems(pool: Pool) -> Iterator[Problem]:
    etcd = pool.spec.get("etcd", {})
    if "replicas" not in pool.spec:
        yield Problem(pool.path, "must have replicas")
    elif not 0 < pool.replicas <= LARGEST:
        yield Problem((*pool.path, "replicas"), f"must be at least 1, was {pool.replicas}")
    elif pool.replicas % 2 == 0 and "external" not in etcd:
        message = f"must be an odd number, as etcd runs on the same machines, was {pool.replicas}"
        yield Problem((*pool.path, "replicas"), message)
    if {"local", "external"} <= etcd.keys():
        yield Problem((*pool.path, "etcd"), "must have local or external, not both")
    surge = pool.rolling_update["maxSurge"]
    if surge not in (0, 1):
        yield Problem((*pool.path, "rollingUpdate", "maxSurge"), f"must be 0 or 1, was {surge}")
    elif surge == 0 and 0 < pool.replicas < _SMALLEST_SAFE_WITHOUT_SURGE:
        message = f"must be 1 for {pool.replicas} replicas: without a machine more the control plane would be gone"
        yield Problem((*pool.path, "rollingUpdate", "maxSurge"), message)


def _worker_problems(pool: Pool) -> Iterator[Problem]:
    if "replicas" not in pool.spec:
        yield Problem(pool.path, "must have replicas")
    elif not 0 <= pool.replicas <= LARGEST:
        yield Problem((*pool.path, "replicas"), f"must be at least 0, was {pool.replicas}")
    update = pool.rolling_update
    for field, value in update.items():
        if isinstance(value, int) and not 0 <= value <= LARGEST:
            yield Problem((*pool.path, "rollingUpdate", field), f"must be at least 0, was {value}")
    if is_zero(update["maxSurge"]) and is_zero(update["maxUnavailable"]):
        yield Problem((*pool.path, "rollingUpdate"), "must let maxSurge or maxUnavailable be more than 0")
