"""Endpoints for an inventory: an entry says `from: FILE` where that file says the cluster's endpoint already.

    cluster-A:                                        cluster-A:
      from: ../management/clusters/cluster-a.yaml  →    destination: {server: https://10.0.0.10:6443}
      role: active                                      role: active

FILE is relative to the inventory: a cluster file, or manifests with a Cluster or ByoCluster. What the inventory calls
cluster-A is called cluster-a there.
"""

from __future__ import annotations

from kloom.capi.documents import clusters_of, documents_of
from kloom.capi.endpoints import contradictions, name_of
from kloom.sdk.yaml_reader import YamlError, kind_of
from kloom.values.files import FileError
from kloom.values.layers import FROM, Layer, syntax_finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kloom.capi.documents import Found
    from kloom.capi.endpoints import Cluster
    from kloom.values.inputs import Inputs

ADDRESSES = ("server", "name")


class Endpoints:
    """Reads the files that the entries of an inventory name, each once; what is wrong goes to the inputs' findings."""

    __slots__ = ("_clusters", "_files", "_inputs")

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._files: dict[str, Found] = {}
        self._clusters: list[Cluster] = []

    def put_into(self, layers: Sequence[Layer]) -> list[Layer]:
        """The layers with servers in the place of files."""
        result = [self._with_servers(layer) for layer in layers]
        self._inputs.findings += contradictions(self._clusters)
        return result

    def _with_servers(self, layer: Layer) -> Layer:
        data, taken = dict(layer.data), {}
        for alias, block in layer.data.items():
            if block.__class__ is not dict or FROM not in block:
                continue
            data[alias] = rest = {key: value for key, value in block.items() if key != FROM}
            destination = block.get("destination") or {}
            cluster = self._cluster(layer, alias, block[FROM], destination)
            if cluster is not None and isinstance(destination, dict):  # what is none is told as any other wrong type
                rest["destination"] = {**destination, "server": cluster.server}
                taken[alias] = cluster.place
        result = Layer(layer.source, layer.text, data, layer.config_path)
        result.taken = taken
        return result

    def _cluster(self, layer: Layer, alias: str, path: Any, destination: Any) -> Cluster | None:
        """The cluster with the endpoint that the entry takes; None where something is wrong, which then is told."""
        problem = _misuse(path, destination)
        found = None
        if problem is None:
            try:
                found = self._read(*self._inputs.beside(layer, path))
            except FileError as error:
                problem = f"{path}: {error}"
        name = name_of(alias)
        cluster = next((one for one in found.clusters if one.name == name), None) if found else None
        if found and not found.findings and (cluster is None or cluster.server is None):
            problem = f"{path}: {_missing(name, cluster, found)}"
        if problem:
            self._tell(layer, alias, problem)
        return cluster if cluster and cluster.server else None

    def _read(self, file: str, text: str) -> Found:
        """What a file tells of clusters."""
        if file not in self._files:
            try:
                found = clusters_of(documents_of(file, text))
            except YamlError as error:
                found = clusters_of(())
                found.findings.append(syntax_finding(file, error))
            self._inputs.findings += found.findings
            self._clusters += found.clusters
            self._files[file] = found
        return self._files[file]

    def _tell(self, layer: Layer, alias: str, message: str) -> None:
        self._inputs.findings.append(layer.finding((alias, FROM), message))


def inventory_layers(clusters: str | Mapping[str, Any], inputs: Inputs) -> list[Layer]:
    """The layers of a config's inventory, a file, {items: NAME} or the blocks themselves, with servers."""
    if isinstance(clusters, dict) and not isinstance(clusters.get("items"), str):
        layers = [Layer("", None, clusters, config_path=("spec", "clusters"))]
    else:
        layers = inputs.layers([clusters], "clusters")
    return with_endpoints(layers, inputs)


def with_endpoints(layers: Sequence[Layer], inputs: Inputs) -> list[Layer]:
    """The layers of an inventory, each with the servers that its entries take from files."""
    return Endpoints(inputs).put_into(layers)


def _misuse(path: object, destination: object) -> str | None:
    """Why an entry with this destination cannot say `from` this, None where it can."""
    if not isinstance(path, str) or not path:
        return f"must be the file that tells the cluster's endpoint, was {kind_of(path) if path != '' else 'empty'}"
    said = [name for name in ADDRESSES if isinstance(destination, dict) and destination.get(name)]
    if said:
        return f"from and destination.{said[0]} exclude each other; both are set"
    return None


def _missing(name: str, cluster: Cluster | None, found: Found) -> str:
    """Why the file does not tell the endpoint of the cluster of that name."""
    if cluster is not None:
        return f"must tell the endpoint of {name} (controlPlaneEndpoint), and does not"
    names = sorted({cluster.name for cluster in found.clusters})
    return f"must tell of the cluster {name}, the alias in lower case; tells of {', '.join(names) or 'none'}"
