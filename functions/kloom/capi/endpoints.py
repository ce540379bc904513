"""A cluster's API endpoint: what it may be, how it is spelt as a URL, and what must hold between clusters.

    server_of("10.0.0.10", 6443)     https://10.0.0.10:6443
    server_of("fd00::10", 6443)      https://[fd00::10]:6443

Where endpoints are written, `documents` knows.
"""

from __future__ import annotations

import os

from kloom.sdk.patterns import DIGITS, LETTERS
from kloom.sdk.yaml_reader import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kloom.capi.documents import Document, Path
    from kloom.sdk.result import Result

DEFAULT_PORT = 6443
LARGEST_PORT = 65535
_OCTETS = frozenset(map(str, range(256)))
_ENDS = LETTERS | DIGITS
_INSIDE = _ENDS | {"-", "."}


class Cluster:
    """A cluster: Cluster API's name of it, its server (None where nothing says its endpoint), and where that stands."""

    __slots__ = ("document", "name", "networks", "path", "server")

    def __init__(self, name: str, document: Document, path: Path) -> None:
        self.name = name
        self.document = document
        self.path = path
        self.server: str | None = None
        self.networks: list[tuple[Document, Path, str]] = []
        """The CIDRs of its pods and services, each with its place."""

    def finding(self, message: str) -> Result:
        """An error about the endpoint."""
        return self.document.finding(self.path, message)

    def place(self) -> tuple[str, int, int]:
        """File, line and column of the endpoint."""
        return self.document.place(self.path)

    def said_in(self) -> str:
        """Where the endpoint stands, for messages about another one, which are the same wherever the build runs."""
        path, line, _ = self.place()
        file = os.path.basename(path)
        return f"{file}:{line}" if file else f"{self.document.group_kind[1]}/{self.document.identity[1]}"


def name_of(alias: str) -> str:
    """Cluster API's name of the cluster that an inventory calls so: Kubernetes wants names in lower case."""
    return alias.lower()


def server_of(host: str, port: int) -> str:
    """The URL of an endpoint, as Cluster API writes it into kubeconfigs: an IPv6 address stands in brackets."""
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def host_problem(host: object) -> str | None:
    """Why something is no host of an endpoint, None where it is one."""
    if not isinstance(host, str):
        return f"must be an address or a DNS name, was {kind_of(host)}"
    if ":" in host:
        from ipaddress import IPv6Address

        try:
            has_zone = IPv6Address(host).scope_id is not None
        except ValueError:
            has_zone = True
        if has_zone:
            return f"must be an address or a DNS name alone, without scheme, brackets and port, was {host}"
    elif not (_is_dns_name(host) or _is_ipv4(host)):
        return f"must be an address or a DNS name, was {host or 'empty'}"
    return None


def _is_dns_name(host: str) -> bool:
    """Whether a host is made as a DNS name is, whose last part must not be a number."""
    return (
        _INSIDE.issuperset(host)
        and all(part and _ENDS.issuperset((part[0], part[-1])) for part in host.split("."))
        and not DIGITS.issuperset(host.rpartition(".")[2])
    )


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and _OCTETS.issuperset(parts)  # noqa: PLR2004  # IPv4


def port_problem(port: object) -> str | None:
    """Why something is no port of an endpoint, None where it is one."""
    if port is None:
        return "must be there, beside the host"
    if not isinstance(port, int) or isinstance(port, bool):
        return f"must be a number, was {kind_of(port)}"
    return None if 1 <= port <= LARGEST_PORT else f"must be from 1 to {LARGEST_PORT}, was {port}"


def contradictions(clusters: Iterable[Cluster]) -> Iterator[Result]:
    """What is wrong between clusters, and inside of each.

    An endpoint that is said twice must be said alike, is of one cluster, and is in none of that cluster's networks.
    """
    by_name: dict[str, Cluster] = {}
    by_server: dict[str, Cluster] = {}
    for cluster in clusters:
        yield from _network_findings(cluster)
        if cluster.server is None:
            continue
        first = by_name.setdefault(cluster.name, cluster)
        if first.server != cluster.server:
            message = f"{cluster.name} must have one endpoint, was {cluster.server} here and {first.server} in"
            yield cluster.finding(f"{message} {first.said_in()}")
        other = by_server.setdefault(cluster.server, cluster)
        if other.name != cluster.name:
            message = f"must be the endpoint of one cluster, was {cluster.server}, as of {other.name}"
            yield cluster.finding(f"{message} in {other.said_in()}")


def _network_findings(cluster: Cluster) -> Iterator[Result]:
    """Networks that are none, and those that hold the endpoint: from inside of the cluster it would lead elsewhere."""
    if not cluster.networks:
        return
    from ipaddress import ip_address, ip_network

    host = (cluster.server or "").removeprefix("https://").rpartition(":")[0].strip("[]")
    try:
        address = ip_address(host)
    except ValueError:  # a DNS name, or none
        address = None
    for document, path, block in cluster.networks:
        try:
            network = ip_network(block, strict=False)
        except ValueError:
            yield document.finding(path, f"must be a CIDR as 192.168.0.0/16, was {block}")
            continue
        if address is not None and address in network:
            message = f"must not hold the endpoint of the cluster, {host}, which would be a pod or service then"
            yield document.finding(path, f"{message}; was {block}")
