"""Rules on where a cluster is: its endpoint, and the networks of its pods and services."""

from __future__ import annotations

import re

from kloom.capi.rules.objects import texts
from kloom.capi.rules.rule import Problem, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from kloom.capi.rules.objects import Resource, World

    Network = IPv4Network | IPv6Network

MAX_HOST = 253
MAX_PORT = 65535
_DNS_NAME = r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*"
_NUMBERS = r"[0-9.]+"
_BLOCK = r"[0-9A-Fa-f:.]+/[0-9]+"
_NETWORKS = ("pods", "services")
LARGEST_SERVICES = {4: 12, 6: 64}
"""The shortest prefix of a network of services that the API server takes, by IP version."""


class Endpoint:
    """Where a cluster's API server is, and which object says so."""

    __slots__ = ("host", "port", "resource")

    def __init__(self, resource: Resource, host: str, port: int) -> None:
        self.resource = resource
        self.host = host
        self.port = port


def endpoint_of(cluster: Resource, world: World) -> Endpoint | None:
    """The endpoint that the Cluster says, or its ByoCluster; None where neither says host and port."""
    for resource in (cluster, world.referred(cluster, "infrastructureRef")):
        if resource is not None and resource.at("host") and resource.at("port"):
            return Endpoint(resource, resource.at("host"), resource.at("port"))
    return None


def _no_cidr(cluster: Resource, _world: World) -> Iterator[Problem]:
    for field in _NETWORKS:
        for at, text in texts(cluster.at(field)):
            if _cidr(text) is None:
                yield Problem((*cluster.path(field), at), f"must be a network as 10.128.0.0/12, was {text or 'empty'}")


def _too_large(cluster: Resource, _world: World) -> Iterator[Problem]:
    for at, text in texts(cluster.at("services")):
        network = _cidr(text)
        if network and network.prefixlen < LARGEST_SERVICES[network.version]:
            longest = f"/{LARGEST_SERVICES[network.version]}"
            yield Problem((*cluster.path("services"), at), f"must be no larger than {longest}, was {text}")


def _overlap(cluster: Resource, _world: World) -> Iterator[Problem]:
    known: list[tuple[str, Network]] = []
    for field in _NETWORKS:
        for at, text in texts(cluster.at(field)):
            network = _cidr(text)
            if network is None:
                continue
            for where, other in known:
                if network.version == other.version and network.overlaps(other):
                    message = f"must be apart from the network of {where}, {other}, was {text}"
                    yield Problem((*cluster.path(field), at), message)
            known.append((field, network))


def _endpoint_inside(cluster: Resource, world: World) -> Iterator[Problem]:
    endpoint = endpoint_of(cluster, world)
    address = _address(endpoint.host) if endpoint else None
    for field in _NETWORKS if address else ():
        for at, text in texts(cluster.at(field)):
            network = _cidr(text)
            if network and address and network.version == address.version and network.overlaps(address):
                message = f"must not hold the control plane's endpoint {address.network_address}, was {text}"
                yield Problem((*cluster.path(field), at), message)


def _no_endpoint(cluster: Resource, world: World) -> Iterator[Problem]:
    infrastructure = world.referred(cluster, "infrastructureRef")
    if infrastructure is None or infrastructure.kind != "ByoCluster" or endpoint_of(cluster, world):
        return
    if not infrastructure.at("endpoint"):
        message = "must say controlPlaneEndpoint, host and port: nothing makes an address up for hosts"
        yield Problem(("spec",), message, infrastructure)


def _half_endpoint(resource: Resource, _world: World) -> Iterator[Problem]:
    endpoint = resource.at("endpoint")
    missing = [field for field in ("host", "port") if resource.lacks(field)]
    if missing and (endpoint or (resource.kind == "ByoCluster" and endpoint is not None)):
        yield Problem(resource.path("endpoint"), f"must have {' and '.join(missing)}: an endpoint is both")


def _bad_endpoint(resource: Resource, _world: World) -> Iterator[Problem]:
    host, port = resource.at("host"), resource.at("port")
    if host and not _is_host(host):
        example = "must be an IP address or a DNS name alone, without scheme, port and brackets"
        yield Problem(resource.path("host"), f"{example}, was {host}")
    if port is not None and port != 0 and not 0 < port <= MAX_PORT:
        yield Problem(resource.path("port"), f"must be a port, 1 to {MAX_PORT}, was {port}")


def _shared(_: None, world: World) -> Iterator[Problem]:
    for cluster, first, endpoint in _of_one_host(world):
        if endpoint.port == first.port:
            message = f"must be of one cluster only, was {endpoint.host}:{endpoint.port} as in {_named(cluster)}"
            yield Problem(endpoint.resource.path("host"), message, endpoint.resource)


def _shared_host(_: None, world: World) -> Iterator[Problem]:
    for cluster, first, endpoint in _of_one_host(world):
        if endpoint.port != first.port:
            message = f"should be of one cluster only, whatever the port, was {endpoint.host} as in {_named(cluster)}"
            yield Problem(endpoint.resource.path("host"), message, endpoint.resource)


def _named(cluster: Resource) -> str:
    return "/".join(part for part in (cluster.namespace, cluster.name) if part)


def _of_one_host(world: World) -> Iterator[tuple[Resource, Endpoint, Endpoint]]:
    """The first Cluster with a host, its endpoint, and that of each later one."""
    firsts: dict[str, tuple[Resource, Endpoint]] = {}
    for cluster in world.of("Cluster"):
        endpoint = endpoint_of(cluster, world)
        if endpoint is None:
            continue
        first = firsts.setdefault(_canonical(endpoint.host), (cluster, endpoint))
        if first[0] is not cluster and first[1].resource is not endpoint.resource:
            yield (*first, endpoint)


def _canonical(host: str) -> str:
    return str(_address(host) or host.lower())


def _cidr(text: str) -> Network | None:
    """The network of a CIDR block, the bits behind its mask as they may be; None for what Go takes for none."""
    from ipaddress import ip_network

    try:
        return ip_network(text, strict=False) if re.fullmatch(_BLOCK, text) else None
    except ValueError:
        return None


def _address(host: str) -> Network | None:
    """The network of one address; None for a name, and for what is none."""
    return _cidr(f"{host}/{128 if ':' in host else 32}")


def _is_host(text: str) -> bool:
    if ":" in text or re.fullmatch(_NUMBERS, text):
        return _address(text) is not None
    return len(text) <= MAX_HOST and re.fullmatch(_DNS_NAME, text) is not None


NO_CIDR = Rule(
    "cluster-network-invalid",
    "error",
    kinds=("Cluster",),
    is_refused=True,
    why="Cluster API refuses networks of pods and services that are no CIDR blocks.",
    source="internal/webhooks/cluster.go: validateCIDRBlocks",
    bad="""
        kind: Cluster
        spec: {clusterNetwork: {pods: {cidrBlocks: [192.168.0.0]}}}
        """,
    good="""
        kind: Cluster
        spec: {clusterNetwork: {pods: {cidrBlocks: [192.168.0.0/16]}}}
        """,
    check=_no_cidr,
)
TOO_LARGE = Rule(
    "service-network-too-large",
    "error",
    kinds=("Cluster",),
    why="The API server does not start with a network of services that is larger than it can keep count of.",
    source="kubernetes cmd/kube-apiserver/app/options/validation.go: validateMaxCIDRRange",
    bad="""
        kind: Cluster
        spec: {clusterNetwork: {services: {cidrBlocks: [11.0.0.0/8]}}}
        """,
    good="""
        kind: Cluster
        spec: {clusterNetwork: {services: {cidrBlocks: [11.0.0.0/12]}}}
        """,
    check=_too_large,
)
OVERLAP = Rule(
    "cluster-networks-overlap",
    "error",
    kinds=("Cluster",),
    why="Addresses that are both a pod's and a service's reach the wrong one; nobody else checks it.",
    source="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
    bad="""
        kind: Cluster
        spec: {clusterNetwork: {pods: {cidrBlocks: [10.128.0.0/16]}, services: {cidrBlocks: [10.128.0.0/12]}}}
        """,
    good="""
        kind: Cluster
        spec: {clusterNetwork: {pods: {cidrBlocks: [192.168.0.0/16]}, services: {cidrBlocks: [10.128.0.0/12]}}}
        """,
    check=_overlap,
)
ENDPOINT_INSIDE = Rule(
    "endpoint-in-cluster-network",
    "error",
    kinds=("Cluster",),
    why="Pods and nodes would look for the API server among the cluster's own pods or services.",
    source="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
    bad="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {host: 192.168.7.1, port: 6443}}
        ---
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {files: null}}
        """,
    good="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {host: 10.0.0.10, port: 6443}}
        """,
    check=_endpoint_inside,
)
NO_ENDPOINT = Rule(
    "endpoint-missing",
    "error",
    kinds=("Cluster",),
    why="The control plane waits for an endpoint for ever: BYOH makes none up.",
    source="internal/controllers/cluster/cluster_controller_phases.go: reconcileInfrastructure",
    bad="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: null}
        """,
    good="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {host: 10.0.0.10, port: 6443}}
        """,
    check=_no_endpoint,
)
HALF_ENDPOINT = Rule(
    "endpoint-incomplete",
    "error",
    kinds=("Cluster", "ByoCluster"),
    is_refused=True,
    why="An endpoint counts only with host and port; BYOH's schema refuses one without either.",
    source="api/core/v1beta2/cluster_types.go: APIEndpoint.IsValid; the CustomResourceDefinition of ByoCluster",
    bad="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {host: 10.0.0.10, port: null}}
        """,
    good="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {host: 10.0.0.10, port: 6443}}
        """,
    check=_half_endpoint,
)
BAD_ENDPOINT = Rule(
    "endpoint-invalid",
    "error",
    kinds=("Cluster", "ByoCluster"),
    why="Nobody checks the host before kubeadm does, on the first machine.",
    source="https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/: controlPlaneEndpoint",
    bad="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {host: "https://10.0.0.10", port: 6443}}
        ---
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {files: null}}
        """,
    good="""
        kind: ByoCluster
        spec: {controlPlaneEndpoint: {host: "fd00::10", port: 6443}}
        ---
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {files: null}}
        """,
    check=_bad_endpoint,
)
SHARED = Rule(
    "endpoint-of-two-clusters",
    "error",
    why="Two control planes that take one address from each other answer for each other's clusters.",
    source="https://kube-vip.io/docs/about/architecture/",
    bad="""
        kind: Cluster
        metadata: {name: cluster-b}
        spec: {infrastructureRef: {name: cluster-b}}
        ---
        kind: ByoCluster
        metadata: {name: cluster-b}
        """,
    good="""
        kind: Cluster
        metadata: {name: cluster-b}
        spec: {infrastructureRef: {name: cluster-b}}
        ---
        kind: ByoCluster
        metadata: {name: cluster-b}
        spec: {controlPlaneEndpoint: {host: 10.0.1.10, port: 6443}}
        """,
    check=_shared,
)
SHARED_HOST = Rule(
    "endpoint-host-of-two-clusters",
    "warning",
    why="A virtual address is on one host at a time: two clusters with kube-vip cannot share it, whatever the port.",
    source="https://kube-vip.io/docs/about/architecture/",
    bad="""
        kind: Cluster
        metadata: {name: cluster-b}
        spec: {infrastructureRef: {name: cluster-b}}
        ---
        kind: ByoCluster
        metadata: {name: cluster-b}
        spec: {controlPlaneEndpoint: {port: 7443}}
        """,
    good="""
        kind: Cluster
        metadata: {name: cluster-b}
        spec: {infrastructureRef: {name: cluster-b}}
        ---
        kind: ByoCluster
        metadata: {name: cluster-b}
        spec: {controlPlaneEndpoint: {host: 10.0.1.10, port: 7443}}
        """,
    check=_shared_host,
)
RULES = (NO_CIDR, TOO_LARGE, OVERLAP, ENDPOINT_INSIDE, NO_ENDPOINT, HALF_ENDPOINT, BAD_ENDPOINT, SHARED, SHARED_HOST)
