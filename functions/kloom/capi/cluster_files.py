"""Cluster files: read, merged and checked, each finding told where a file says it.

One file is one cluster. What several have in common stands in common files, which are merged under each as values files
are: maps key by key, lists and scalars whole, `null` takes away. What tells a cluster from others is never common.
"""

from __future__ import annotations

from kloom import schemas
from kloom.capi.checks import cluster_problems
from kloom.capi.cluster import Cluster, as_list, without_nulls
from kloom.capi.networks import shared_endpoints
from kloom.capi.problem import Problem
from kloom.schemas.checker import Checker
from kloom.values.files import FileError
from kloom.values.layers import Layer, origin
from kloom.values.merge import merge_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.capi.versions import Provider
    from kloom.schemas.findings import SchemaError
    from kloom.sdk.result import Result
    from kloom.values.files import Repository

SCHEMA = schemas.load("cluster")
_CONFORMS = Checker(SCHEMA["definitions"]).compile(SCHEMA)
OWN_FIELDS = ("name", "controlPlaneEndpoint")
"""What two clusters never have in common."""
_MACHINES = "machines"
_DECIDING = (_MACHINES, "kubeVip")
"""Fields that say what others have to say: where they are wrong, what is wrong with the others is not known."""
_LARGEST_CONFIG_MAP = 1_000_000


class ClusterFile:
    """A cluster, and the layers that say it: the common ones, and last its own."""

    __slots__ = ("cluster", "layers")

    def __init__(self, layers: Sequence[Layer], provider: Provider) -> None:
        self.layers = layers
        self.cluster = Cluster(merge_all(layer.data for layer in layers), provider)

    def finding(self, problem: Problem) -> Result:
        """The problem at whichever of the files said last what is wrong."""
        path = self._path_of(problem.path)
        layer = origin(self.layers, path)
        return layer.finding(path, problem.message, key=problem.is_key, severity=problem.severity)

    def _path_of(self, path: Sequence[str | int]) -> Sequence[str | int]:
        """The path as the files have it: what a pool does not say itself may stand under `machines`."""
        rest = path[1:] if path[:1] == ("controlPlane",) else path[2:] if path[:1] == ("workers",) else ()
        shared = (_MACHINES, *rest)
        if rest and not self._is_said(path) and self._is_said(shared):
            return shared
        return path

    def _is_said(self, path: Sequence[str | int]) -> bool:
        return any(layer.has(path) for layer in self.layers)


def cluster_files(common: Sequence[Layer], own: Sequence[Layer], provider: Provider) -> list[ClusterFile]:
    """Each cluster whose files all conform to the schema."""
    if not all(map(conforms, common)):
        return []
    return [ClusterFile([*common, layer], provider) for layer in own if conforms(layer)]


def conforms(layer: Layer) -> bool:
    """Whether a file says only what the schema knows, in the right types; a null is as good as nothing said."""
    return _CONFORMS(without_nulls(layer.data))


def layer_findings(common: Sequence[Layer], own: Sequence[Layer]) -> Iterator[Result]:
    """What is wrong in each file by itself."""
    for layer in (*common, *own):
        if not conforms(layer):
            yield from _schema_findings(layer)
    for layer in own:
        if layer.text is None and layer.data.get("name") not in (None, layer.config_path[-1]):
            yield layer.finding(["name"], f"must be {layer.config_path[-1]}, under which the config has the cluster")
    for layer in common:
        for field in OWN_FIELDS:
            if layer.data.get(field) is not None:
                yield layer.finding([field], "must stand in the file of the one cluster that it is for", key=True)


def findings_beside(common: Sequence[Layer], own: Sequence[Layer], provider: Provider) -> Iterator[Result]:
    """What else is wrong with clusters whose files do not conform: in the fields that do, and in what is missing."""
    if not all(map(conforms, common)):
        return
    for layer in own:
        errors = [] if conforms(layer) else list(_schema_errors(layer))
        wrong = {step for error in errors for step in (*error.path[:1], error.suggestion)}
        if wrong:
            rest = {field: value for field, value in layer.data.items() if field not in wrong}
            file = ClusterFile([*common, Layer(layer.source, layer.text, rest, layer.config_path)], provider)
            told = {f"must have {field}" for field in wrong}
            for problem in cluster_problems(file.cluster):
                is_known = not problem.path or not wrong.intersection((*_DECIDING, problem.path[0]))
                if is_known and problem.message not in told:
                    yield file.finding(problem)


def cluster_findings(files: Sequence[ClusterFile]) -> Iterator[Result]:
    """What is wrong with the clusters: each by itself, and with each other."""
    for file in files:
        yield from map(file.finding, cluster_problems(file.cluster))
    by_cluster = {id(file.cluster): file for file in files}
    for cluster, problem in shared_endpoints([file.cluster for file in files]):
        yield by_cluster[id(cluster)].finding(problem)
    yield from _called_alike(files)
    yield from _names_that_meet(files)


def manifests_of(file: ClusterFile, repository: Repository, findings: list[Result]) -> dict[str, dict[str, str]]:
    """The files of each resource set by their names; what cannot be read becomes a finding."""
    found: dict[str, dict[str, str]] = {}
    for name, said in file.cluster.values.get("resourceSets", {}).items():
        path = ("resourceSets", name, "files")
        layer = origin(file.layers, path)
        texts: dict[str, str] = {}
        for entry in as_list(said.get("files")):
            try:
                for where in repository.find(_beside(layer.source, entry)):
                    key = where.rpartition("/")[2]
                    if key in texts:
                        findings.append(layer.finding(path, f"must be files of different names, {key} was there twice"))
                    texts[key] = repository.read(where)
            except FileError as error:
                findings.append(layer.finding(path, f"{entry}: {error}"))
        if sum(map(len, texts.values())) > _LARGEST_CONFIG_MAP:
            findings.append(layer.finding(path, "must be less than 1 MB together, which is what a ConfigMap can hold"))
        found[name] = texts
    return found


def _beside(source: str, entry: str) -> str:
    """A path that a file names, relative to that file; relative to the kustomization where no file says it."""
    folder = source.rpartition("/")[0] if not source.startswith("ConfigMap/") else ""
    return f"{folder}/{entry}" if folder else entry


def _schema_findings(layer: Layer) -> Iterator[Result]:
    for error in _schema_errors(layer):
        yield layer.finding(error.path, error.message(), key=error.unknown_key)


def _schema_errors(layer: Layer) -> Iterator[SchemaError]:
    from kloom.schemas.findings import schema_errors

    return schema_errors(SCHEMA, without_nulls(layer.data), layer.plain_text)


def _names_that_meet(files: Iterable[ClusterFile]) -> Iterator[Result]:
    """Objects of one name: a cluster `a` with a pool `b-c` and a cluster `a-b` with a pool `c` both have an `a-b-c`."""
    seen: dict[tuple[str, bool, str], str] = {}
    for file in files:
        cluster = file.cluster
        sets = [(("resourceSets", name), f"{cluster.name}-{name}") for name in cluster.values.get("resourceSets", {})]
        for path, name in [*((pool.path, pool.name) for pool in cluster.pools), *sets]:
            first = seen.setdefault((cluster.namespace, path[0] == "resourceSets", name), cluster.name)
            if first != cluster.name:
                message = f"makes objects of the name {name}, as the cluster {first} does: names must differ"
                yield file.finding(Problem(path, message, is_key=True))


def _called_alike(files: Iterable[ClusterFile]) -> Iterator[Result]:
    """One name is one cluster, also across namespaces: Argo CD and kubeconfigs know clusters by their names."""
    seen: dict[str, ClusterFile] = {}
    for file in files:
        first = seen.setdefault(file.cluster.name, file)
        if first is not file and file.cluster.name:
            where = first.layers[-1].source or "another cluster of the config"
            yield file.layers[-1].finding(["name"], f"must be another name: {where} has {file.cluster.name} already")


def inline_layers(clusters: Mapping[str, Any]) -> Iterator[Layer]:
    """The clusters that stand in a config itself, by name."""
    for name, values in clusters.items():
        yield Layer("", None, {"name": name, **values}, config_path=("spec", "clusters", name))
