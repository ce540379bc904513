"""Which clusters there are, and their endpoints, as Cluster API's objects and kloom's cluster files say them.

    Cluster               spec.controlPlaneEndpoint, or that of the ByoCluster which its infrastructureRef names
    ByoCluster            spec.controlPlaneEndpoint; a cluster of its own name where no Cluster refers to it
    ByohClusterGenerator  spec.clusters.NAME.controlPlaneEndpoint
    a cluster file        name, controlPlaneEndpoint

Both versions of Cluster API's kinds say it alike. What goes in: the documents of files, or the resources of a build.
What comes out: clusters, and what is wrong with them at its place.
"""

from __future__ import annotations

from kloom.capi.endpoints import DEFAULT_PORT, Cluster, host_problem, port_problem, server_of
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import YamlReader, kind_of, kustomize_plain, position_of
from kloom.values.helm_yaml import HELM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    Path = tuple[str | int, ...]
    Identity = tuple[str, str]

CLUSTER = ("cluster.x-k8s.io", "Cluster")
BYO_CLUSTER = ("infrastructure.cluster.x-k8s.io", "ByoCluster")
GENERATOR = ("kloom.dev", "ByohClusterGenerator")
COMPACT = ("", "")
ENDPOINT = ("spec", "controlPlaneEndpoint")
_KINDS = ("\nkind:", "\nkind :", '\n"kind":', "\n'kind':")


class Document:
    """An object, or what a cluster file holds, and where it stands; one of a build has neither file nor text."""

    __slots__ = ("data", "file", "index", "text")

    def __init__(self, data: Mapping[str, Any], file: str = "", text: str | None = None, index: int = 0) -> None:
        self.data = data
        self.file = file
        self.text = text
        self.index = index

    @property
    def group_kind(self) -> tuple[str, str]:
        """API group and kind; empty where there is none, as in a cluster file."""
        return str(self.data.get("apiVersion") or "").rpartition("/")[0], str(self.data.get("kind") or "")

    @property
    def identity(self) -> Identity:
        """Namespace and name."""
        metadata = _map(self.data.get("metadata"))
        return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")

    def place(self, path: Sequence[str | int]) -> tuple[str, int, int]:
        """File, line and column of the value at the path, or of its nearest parent; 0 for one of a build."""
        return (self.file, *(position_of(self.text, path, document=self.index) if self.text is not None else (0, 0)))

    def finding(self, path: Sequence[str | int], message: str) -> Result:
        """An error about the value at the path."""
        if self.text is None:
            return Result.error(message).about(self.data, path)
        return Result.error(message, field=path).at(*self.place(path))


class Found:
    """Clusters, and what is wrong with what says them."""

    __slots__ = ("clusters", "findings")

    def __init__(self) -> None:
        self.clusters: list[Cluster] = []
        self.findings: list[Result] = []


def documents_of(file: str, text: str) -> list[Document]:
    """What a file holds: one cluster file, or manifests. Raises YamlError."""
    if text.lstrip().startswith("{") or any(kind in f"\n{text}" for kind in _KINDS):
        read = YamlReader(kustomize_plain, lenient=True).documents(text)
    else:
        read = [HELM.document(text)]
    return [Document(data, file, text, index) for index, data in enumerate(read) if isinstance(data, dict) and data]


def clusters_of(documents: Iterable[Document]) -> Found:
    """The clusters that the documents tell of, in their order; other objects say nothing."""
    found = Found()
    by_kind: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        by_kind.setdefault(document.group_kind, []).append(document)
    infrastructure = {document.identity: document for document in by_kind.get(BYO_CLUSTER, ())}
    for document in by_kind.get(CLUSTER, ()):
        _read_cluster(document, infrastructure, found)
    for document in infrastructure.values():
        _read(document.identity[1], document, ENDPOINT, found)
    for document in by_kind.get(GENERATOR, ()):
        for name in _map(_map(document.data.get("spec")).get("clusters")):
            _read_compact(name, document, ("spec", "clusters", name), found)
    for document in by_kind.get(COMPACT, ()):
        _read_compact(document.data.get("name"), document, (), found)
    return found


def _read_cluster(document: Document, infrastructure: dict[Identity, Document], found: Found) -> None:
    """A Cluster, with the ByoCluster that it refers to, which is then no cluster by itself."""
    spec = _map(document.data.get("spec"))
    namespace, name = document.identity
    cluster = _read(name, document, ENDPOINT, found, default_port=None)
    reference = _map(spec.get("infrastructureRef"))
    key = (str(reference.get("namespace") or namespace), str(reference.get("name") or ""))
    referred = infrastructure.pop(key, None) if reference.get("kind") == BYO_CLUSTER[1] else None
    if referred is not None:
        below = _read(name, referred, ENDPOINT, found)
        if cluster.server is None:
            found.clusters.remove(cluster)
            cluster = below
    for field in ("pods", "services"):
        _read_networks(cluster, document, ("spec", "clusterNetwork", field, "cidrBlocks"), found)


def _read_compact(name: Any, document: Document, path: Path, found: Found) -> None:
    """A cluster as a ByohClusterGenerator is told of it."""
    if not isinstance(name, str) or not name:
        message = "must name the cluster, as a cluster file does"
        found.findings.append(document.finding((*path, "name"), message))
        return
    cluster = _read(name, document, (*path, "controlPlaneEndpoint"), found)
    for field in ("pods", "services"):
        _read_networks(cluster, document, (*path, "clusterNetwork", field), found)


def _read(name: str, document: Document, path: Path, found: Found, default_port: int | None = DEFAULT_PORT) -> Cluster:
    """The cluster with the endpoint at the path; an empty host is none, as to Cluster API."""
    cluster = Cluster(name, document, path)
    found.clusters.append(cluster)
    endpoint = _at(document, path)
    if not isinstance(endpoint, dict):
        if endpoint is not None:
            found.findings.append(cluster.finding(f"must be a map of host and port, was {kind_of(endpoint)}"))
        return cluster
    host, port = endpoint.get("host"), endpoint.get("port") or default_port
    if host in (None, ""):
        return cluster
    problems = [(field, told) for field, told in (("host", host_problem(host)), ("port", port_problem(port))) if told]
    found.findings += [document.finding((*path, field), told) for field, told in problems]
    if not problems:
        cluster.server = server_of(str(host), int(port or 0))
    return cluster


def _read_networks(cluster: Cluster, document: Document, path: Path, found: Found) -> None:
    """The CIDRs at the path, one or a list of them."""
    blocks = _at(document, path)
    places = {(*path, at): block for at, block in enumerate(blocks)} if isinstance(blocks, list) else {path: blocks}
    for place, block in places.items():
        if isinstance(block, str):
            cluster.networks.append((document, place, block))
        elif block is not None:
            found.findings.append(document.finding(place, f"must be a CIDR as 192.168.0.0/16, was {kind_of(block)}"))


def _at(document: Document, path: Path) -> Any:
    """The value at the path, None where there is none."""
    value: Any = document.data
    for step in path:
        value = _map(value).get(step)
    return value


def _map(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}
