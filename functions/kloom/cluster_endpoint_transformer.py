"""Put the API endpoints of clusters into the destinations of Argo CD Applications.

What goes in: Applications that name a cluster, in `destination.name` or in a label or annotation; and what tells
endpoints: Cluster, ByoCluster and ByohClusterGenerator objects among the items, cluster files and manifests, an
inventory. What comes out: the same, each destination with the cluster's server (or its name, never both).

    apiVersion: kloom.dev/v1alpha1
    kind: ClusterEndpointTransformer
    metadata:
      name: endpoints
    spec:
      from: [../management/clusters/*.yaml]

    destination: {name: cluster-A}   →   destination: {server: https://10.0.0.10:6443}
"""

from __future__ import annotations

import os

from kloom import schemas
from kloom.argo.rules.destination import IN_CLUSTER
from kloom.capi.documents import Document
from kloom.capi.inventory import inventory_layers
from kloom.capi.known_clusters import KnownClusters, clusters_of_build
from kloom.config_spec import conforming_spec, require_kloom
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import kind_of
from kloom.values import vocabulary
from kloom.values.files import Repository
from kloom.values.inputs import Inputs
from kloom.values.layers import FROM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.capi.known_clusters import KnownCluster
    from kloom.sdk.kube_object import KubeObject
    from kloom.sdk.resource_list import ResourceList
    from kloom.values.inputs import Entry
    from kloom.values.layers import Layer

    Naming = tuple[tuple[str, ...], str]
    """Where an Application names its cluster, and the name."""

SCHEMA = schemas.load("cluster_endpoint_transformer")
ARGO_CD = "argoproj.io"
DESTINATION = ("spec", "destination")
DEFAULT_KEY = "kloom.dev/cluster"
DEFAULT_ROLE_LABEL = "kloom.dev/role"


class TransformerConfig:
    """What a ClusterEndpointTransformer's spec says; `secrets` is None where no Secrets are to be made."""

    __slots__ = ("clusters", "files", "key", "puts_name", "secrets")

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.clusters: str | Mapping[str, Any] | None = spec.get("clusters")
        files = spec.get("from", [])
        self.files: Sequence[Entry] = files if isinstance(files, list) else [files]
        self.key: str = spec.get("clusterKey", DEFAULT_KEY)
        self.puts_name: bool = spec.get("destination") == "name"
        self.secrets: Mapping[str, str] | None = spec.get("clusterSecrets")

    @classmethod
    def from_object(cls, config: Mapping[str, Any]) -> TransformerConfig:
        """The record of a config object. Raises FunctionConfigError with everything that is wrong in it."""
        spec = conforming_spec(config, SCHEMA, "cluster_endpoint_transformer")
        require_kloom(spec)
        return cls(spec)


def cluster_endpoint_transformer(resources: ResourceList) -> None:
    """Redirect the Applications among the items to the endpoints of the clusters that they name."""
    config = TransformerConfig.from_object(resources.function_config)
    known = known_clusters(config, resources.items)
    for application in resources.where(kind="Application"):
        if application.group == ARGO_CD:
            resources.results += redirect(application, known, config)
    if config.secrets is not None:
        resources.results += put_secrets(resources.items, known, config.secrets)


def known_clusters(config: TransformerConfig, items: Sequence[Mapping[str, Any]]) -> KnownClusters:
    """The clusters that the config and the items tell of.

    Raises FunctionConfigError where what tells of them cannot be used, or nothing does.
    """
    inputs = Inputs(Repository(os.curdir), items)
    layers = [] if config.clusters is None else inventory_layers(config.clusters, inputs)
    aliases = vocabulary.declared_clusters(layers, inventory=True)
    clusters = clusters_of_build(map(Document, items), inputs.texts(config.files, FROM), inputs)
    refused = [Result.error(message, field=("spec", *place)) for place, message in inputs.refused]
    if wrong := [*refused, *inputs.findings, *_inventory_findings(layers, aliases)]:
        raise FunctionConfigError(wrong)
    known = KnownClusters(layers, aliases, clusters)
    if known.findings:
        raise FunctionConfigError(known.findings)
    if not known.names:
        message = "must lead to clusters, by `clusters` or `from`, where no Cluster is among the items; none is known"
        raise FunctionConfigError(message, field="spec")
    return known


def redirect(application: KubeObject, known: KnownClusters, config: TransformerConfig) -> Iterator[Result]:
    """Direct an Application to the cluster that it names, by its server or name; or yield what is wrong."""
    problems = list(_problems(application, known, config))
    yield from problems
    if not problems and (cluster := _cluster_of(application, known, config)):
        said, other = ("name", "server") if config.puts_name or cluster.server is None else ("server", "name")
        application.remove_path((*DESTINATION, other))
        application.set_path((*DESTINATION, said), cluster.server if said == "server" else cluster.argocd_name)


def put_secrets(items: list[Any], known: KnownClusters, settings: Mapping[str, str]) -> Iterator[Result]:
    """Make the Secrets of the clusters whose servers are known; yield what is wrong with them."""
    from kloom.argo.cluster_secrets import cluster_secret, problems, put

    secrets = [
        cluster_secret(
            cluster.argocd_name,
            cluster.server,
            _labels(cluster, settings.get("roleLabel", DEFAULT_ROLE_LABEL)),
            settings.get("namespace", "argocd"),
        )
        for cluster in known
        if cluster.server is not None
    ]
    found = list(problems(secrets, items))
    yield from found
    for secret in secrets if not found else ():
        put(secret, items)


def _problems(application: KubeObject, known: KnownClusters, config: TransformerConfig) -> Iterator[Result]:
    """Why the destination of an Application cannot be told."""
    for path in (DESTINATION[:1], DESTINATION):
        value = application.get_path(path)
        if not isinstance(value, (dict, type(None))):
            yield Result.error(f"must be a map, was {kind_of(value)}").about(application, path)
            return
    named = list(_named(application, config.key))
    clusters = {name: known.named(name) for _, name in named}
    for at, name in named:
        if clusters[name] is None:
            yield Result.error(_unknown(name, known)).about(application, at)
    if len({cluster.name for cluster in clusters.values() if cluster}) > 1:
        yield Result.error(f"must name one cluster, was {' and '.join(clusters)}").about(application, named[0][0])
    elif named and (cluster := clusters[named[0][1]]) and (problem := _contradiction(application, cluster, config)):
        yield Result.error(problem).about(application, named[0][0])


def _cluster_of(application: KubeObject, known: KnownClusters, config: TransformerConfig) -> KnownCluster | None:
    """The cluster that the Application names; where servers shall become names, the one of its server, too."""
    for _, name in _named(application, config.key):
        return known.named(name)
    server = application.get_path((*DESTINATION, "server"))
    return known.at(server) if config.puts_name and isinstance(server, str) else None


def _named(application: KubeObject, key: str) -> Iterator[Naming]:
    """Where an Application names its cluster, and how; Argo CD's own cluster is none of ours."""
    for field, entries in (("labels", application.labels), ("annotations", application.annotations)):
        if name := entries.get(key):
            yield ("metadata", field, key), str(name)
    name = application.get_path((*DESTINATION, "name"))
    if name and name != IN_CLUSTER:
        yield (*DESTINATION, "name"), str(name)


def _unknown(name: str, known: KnownClusters) -> str:
    return f"must be a known cluster ({', '.join(known.names)}), was {name}{did_you_mean(name, known.names)}"


def _contradiction(application: KubeObject, cluster: KnownCluster, config: TransformerConfig) -> str | None:
    """Why the cluster that an Application names cannot be put into its destination, None where it can."""
    server = application.get_path((*DESTINATION, "server"))
    is_said_twice = server and [path for path, _ in _named(application, config.key)] == [(*DESTINATION, "name")]
    if is_said_twice and server != cluster.server:
        return f"name and server exclude each other, and they disagree: {cluster.name}, {server}"
    if cluster.server is None and not cluster.is_registered and not config.puts_name:
        return f"must name a cluster whose endpoint is known, and nothing tells the one of {cluster.name}"
    return None


def _labels(cluster: KnownCluster, role_label: str) -> dict[str, str]:
    labels = {key: value for key, value in cluster.labels.items() if value is not None}
    return labels | ({role_label: cluster.role} if cluster.role else {})


def _inventory_findings(layers: Sequence[Layer], aliases: Sequence[str]) -> Iterator[Result]:
    """What is wrong in the inventory by itself, failover groups included."""
    yield from vocabulary.cluster_name_findings(layers, aliases)
    conforms = vocabulary.Conformance(aliases)
    unusable = [layer for layer in layers if not conforms(layer.data)]
    for layer in unusable:
        yield from vocabulary.findings(layer, aliases, vocabulary.refused_clusters([layer], aliases))
    if not unusable:
        from kloom.argo.failover import group_findings

        yield from group_findings(layers, aliases)
