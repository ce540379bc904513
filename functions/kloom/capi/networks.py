"""Networks and endpoints of clusters: what nobody would refuse, and what could never work."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from kloom.capi.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from kloom.capi.cluster import Cluster

    Network = IPv4Network | IPv6Network
    Address = IPv4Address | IPv6Address

_LARGEST_SERVICES = {4: 12, 6: 64}
"""The shortest prefix of a service network that the API server takes, by IP version."""
_HIGHEST_PORT = 65535
_FIELDS = ("pods", "services")
_BOTH_FAMILIES = 2


def network_problems(cluster: Cluster) -> Iterator[Problem]:
    """What is wrong with the endpoint and the networks of one cluster."""
    yield from _endpoint_problems(cluster)
    networks = {field: _networks(cluster, field) for field in _FIELDS}
    for field in _FIELDS:
        yield from _block_problems(cluster, field)
    for pods in networks["pods"]:
        for services in networks["services"]:
            if pods.version == services.version and pods.overlaps(services):
                yield Problem(
                    ("clusterNetwork", "services"), f"must not overlap the network of pods {pods}, was {services}"
                )
    address = address_of(cluster.host)
    for field in _FIELDS:
        for network in networks[field]:
            if address is not None and address in network:
                message = f"must be outside of the network of {field} {network}, was {cluster.host}"
                yield Problem(("controlPlaneEndpoint", "host"), message)


def shared_endpoints(clusters: Sequence[Cluster]) -> Iterator[tuple[Cluster, Problem]]:
    """Clusters that answer at one address: two kube-vips would take it from each other."""
    seen: dict[tuple[str, int], Cluster] = {}
    for cluster in clusters:
        if not cluster.host:
            continue
        port = 0 if cluster.has_kube_vip else cluster.port
        address = address_of(cluster.host)
        key = (str(address or cluster.host.lower()), port)
        first = seen.setdefault(key, cluster)
        if first is not cluster:
            message = f"must be another one than that of the cluster {first.name}, was {cluster.host}"
            yield cluster, Problem(("controlPlaneEndpoint", "host"), message)


def address_of(host: str) -> Address | None:
    """The address that a host is; None for a DNS name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _endpoint_problems(cluster: Cluster) -> Iterator[Problem]:
    said = cluster.values.get("controlPlaneEndpoint", {})
    host = ("controlPlaneEndpoint", "host")
    if "host" not in said:
        yield Problem(("controlPlaneEndpoint",), "must have a host: the address at which the API server answers")
        return
    address = address_of(cluster.host)
    if address is None and not _is_dns_name(cluster.host):
        yield Problem(host, f"must be an address or a DNS name in lower case, was {cluster.host}")
    if address is not None and (address.is_unspecified or address.is_loopback or address.is_multicast):
        yield Problem(host, f"must be an address that other machines reach, was {cluster.host}")
    settings = cluster.values.get("kubeVip", {})
    if address is not None and address.version == 6 and cluster.has_kube_vip and "interface" not in settings:  # noqa: PLR2004
        message = "should be said for an IPv6 endpoint: BYOH's agent finds the default interface by IPv4 only"
        yield Problem(("kubeVip", "interface"), message, "warning")
    for path, port in (
        (("controlPlaneEndpoint", "port"), cluster.port),
        (("clusterNetwork", "apiServerPort"), cluster.bind_port),
    ):
        if not 0 < port <= _HIGHEST_PORT:
            yield Problem(path, f"must be a port from 1 to {_HIGHEST_PORT}, was {port}")
    if cluster.has_kube_vip and cluster.bind_port != cluster.port:
        message = f"must be {cluster.port} as the endpoint, since kube-vip translates no ports, was {cluster.bind_port}"
        yield Problem(("clusterNetwork", "apiServerPort"), message)


def _is_dns_name(host: str) -> bool:
    import re

    label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
    return re.fullmatch(rf"{label}(\.{label})*", host) is not None and not re.fullmatch(r"[0-9.]+", host)


def _networks(cluster: Cluster, field: str) -> list[Network]:
    found = []
    for block in cluster.blocks(field):
        try:
            found.append(ip_network(block))
        except ValueError:  # told by _block_problems
            continue
    return found


def _block_problems(cluster: Cluster, field: str) -> Iterator[Problem]:
    blocks = cluster.blocks(field)
    path = ("clusterNetwork", field)
    if "clusterNetwork" not in cluster.values or not blocks:
        yield Problem(
            path, f"must name the network of {field}, as {'192.168.0.0/16' if field == 'pods' else '10.128.0.0/12'}"
        )
    versions = []
    for block in blocks:
        try:
            network = ip_network(block)
        except ValueError as error:
            yield Problem(path, f"must be a network in CIDR notation: {error}")
            continue
        versions.append(network.version)
        shortest = _LARGEST_SERVICES[network.version]
        if field == "services" and network.prefixlen < shortest:
            yield Problem(path, f"must be no larger than /{shortest}, which is what the API server takes, was {block}")
    if len(blocks) > _BOTH_FAMILIES or len(set(versions)) < len(versions):
        yield Problem(path, f"must be one network, or one of IPv4 and one of IPv6, was {', '.join(blocks)}")
