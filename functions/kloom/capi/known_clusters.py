"""All that is known of the clusters of a build: an inventory's word, and that of Cluster API's objects and files.

An inventory tells aliases, roles, labels and perhaps servers; objects and cluster files tell endpoints. Where both tell
of one cluster they must tell the same.
"""

from __future__ import annotations

from kloom.capi.documents import GENERATOR, clusters_of, documents_of
from kloom.capi.endpoints import contradictions, name_of
from kloom.sdk.yaml_reader import YamlError
from kloom.values.layers import SERVER, origin, syntax_finding
from kloom.values.merge import merge_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.capi.documents import Document
    from kloom.capi.endpoints import Cluster
    from kloom.sdk.result import Result
    from kloom.values.inputs import Inputs
    from kloom.values.layers import Layer


class KnownCluster:
    """A cluster: Cluster API's name, the one that Argo CD uses, its server (None where nothing tells it), its facts.

    `is_registered` is set where the inventory says the name in Argo CD: somebody else knows the endpoint, then.
    """

    __slots__ = ("argocd_name", "is_registered", "labels", "name", "role", "server")

    def __init__(self, name: str) -> None:
        self.name = name
        self.argocd_name = name
        self.is_registered = False
        self.server: str | None = None
        self.labels: Mapping[str, str | None] = {}
        self.role: str | None = None


class KnownClusters:
    """The clusters, by name and by server, and what is wrong with what tells of them."""

    __slots__ = ("_by_argocd_name", "_by_name", "_by_server", "findings")

    def __init__(self, layers: Sequence[Layer], aliases: Sequence[str], clusters: Sequence[Cluster]) -> None:
        self.findings: list[Result] = [*contradictions(clusters)]
        self._by_name: dict[str, KnownCluster] = {}
        self._by_server: dict[str, KnownCluster] = {}
        for cluster in clusters:
            known = self._by_name.setdefault(cluster.name, KnownCluster(cluster.name))
            known.server = known.server or cluster.server
            if known.server:
                self._by_server.setdefault(known.server, known)
        blocks = merge_all(layer.data for layer in layers)
        for alias in aliases:
            self.findings += self._entry_findings(alias, blocks[alias] or {}, layers)
        self._by_argocd_name = {known.argocd_name: known for known in self}

    def __iter__(self) -> Iterator[KnownCluster]:
        return iter(sorted(self._by_name.values(), key=lambda known: known.name))

    @property
    def names(self) -> list[str]:
        """The names by which clusters can be meant, as messages tell them."""
        return sorted(self._by_argocd_name)

    def named(self, name: str) -> KnownCluster | None:
        """The cluster of that name in Argo CD, or of that alias or Cluster API name, whatever its case."""
        return self._by_argocd_name.get(name) or self._by_name.get(name_of(name))

    def at(self, server: str) -> KnownCluster | None:
        """The cluster with that server."""
        return self._by_server.get(server.rstrip("/"))

    def _entry_findings(self, alias: str, block: Mapping[str, Any], layers: Sequence[Layer]) -> Iterator[Result]:
        """Take in what the inventory says of one cluster; what of it contradicts what is known."""
        destination = block.get("destination") or {}
        known = self._by_name.setdefault(name_of(alias), KnownCluster(name_of(alias)))
        known.labels = block.get("clusterLabels") or {}
        known.role = block.get("role")
        if name := destination.get("name"):
            known.argocd_name, known.is_registered = name, True
            other = self._by_name.get(name, known)
            if other is not known or any(one.argocd_name == name for one in self._by_name.values() if one is not known):
                yield _at(layers, (alias, "destination", "name"), f"must be the name of one cluster, was {name} again")
        if server := (destination.get("server") or "").rstrip("/"):
            other = self._by_server.setdefault(server, known)
            if known.server and known.server != server:
                message = f"must be the endpoint that {known.name} has elsewhere, {known.server}, was {server}"
                yield _at(layers, (alias, *SERVER), message)
            elif other is not known:
                message = f"must be the endpoint of one cluster, was {server}, as of {other.name}"
                yield _at(layers, (alias, *SERVER), message)
            known.server = known.server or server


def clusters_of_build(items: Iterable[Document], texts: Iterable[tuple[str, str]], inputs: Inputs) -> list[Cluster]:
    """The clusters that the objects of a build tell of, the files that its generators list, and those texts.

    What is wrong goes to the inputs' findings.
    """
    objects = list(items)
    found = clusters_of(objects)
    clusters = found.clusters
    inputs.findings += found.findings
    for generator in objects:
        if generator.group_kind == GENERATOR:
            clusters += _clusters_of_texts(_listed(generator, inputs), inputs)
    return clusters + _clusters_of_texts(texts, inputs)


def _clusters_of_texts(texts: Iterable[tuple[str, str]], inputs: Inputs) -> list[Cluster]:
    clusters: list[Cluster] = []
    for file, text in dict(texts).items():
        try:
            found = clusters_of(documents_of(file, text))
        except YamlError as error:
            inputs.findings.append(syntax_finding(file, error))
            continue
        clusters += found.clusters
        inputs.findings += found.findings
    return clusters


def _listed(generator: Document, inputs: Inputs) -> Iterator[tuple[str, str]]:
    """Name and text of the cluster files that a ByohClusterGenerator among the items lists."""
    spec: Any = generator.data.get("spec")
    listed = spec.get("clusters") if isinstance(spec, dict) else None
    entries: list[Any] = listed if isinstance(listed, list) else [listed]
    if all(isinstance(entry, str) for entry in entries):
        before = len(inputs.refused)
        yield from inputs.texts(entries, "clusters")
        refused = inputs.refused[before:]
        del inputs.refused[before:]
        inputs.findings += [generator.finding(("spec", *place), message) for place, message in refused]


def _at(layers: Sequence[Layer], path: Sequence[str], message: str) -> Result:
    return origin(layers, path).finding(path, message)
