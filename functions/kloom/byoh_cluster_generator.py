"""Expand compact bare-metal clusters into the Cluster API and BYOH resources that provision them.

What goes in: one file a cluster, what they have in common, and (optional) the hosts that there are. What comes out, for
each cluster: Cluster, ByoCluster, KubeadmControlPlane, a MachineDeployment for each pool of workers, and the templates
of their machines; with hosts, the proof that there are enough, and who gets what.

    apiVersion: kloom.dev/v1alpha1
    kind: ByohClusterGenerator
    metadata:
      name: management
    spec:
      common: common.yaml
      clusters: clusters/*.yaml
      hosts: hosts.yaml
"""

from __future__ import annotations

import os

from kloom import schemas
from kloom.capi import rules
from kloom.capi.cluster import sequence_of
from kloom.capi.cluster_files import (
    cluster_files,
    cluster_findings,
    findings_beside,
    inline_layers,
    layer_findings,
    manifests_of,
)
from kloom.capi.host_files import HostFiles
from kloom.capi.hosts import claims, host_problems
from kloom.capi.problem import Problem
from kloom.capi.resources import bootstrap_kubeconfig, objects_of
from kloom.capi.versions import DEFAULT_PROVIDER, PROVIDERS, Provider
from kloom.config_spec import conforming_spec, require_kloom
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.yaml_reader import kind_of
from kloom.values.files import Repository
from kloom.values.ignores import RULE_TAG, Ignores
from kloom.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.capi.cluster_files import ClusterFile
    from kloom.capi.hosts import Claim
    from kloom.sdk.resource_list import ResourceList
    from kloom.values.inputs import Entry
    from kloom.values.layers import Layer

SCHEMA = schemas.load("byoh_cluster_generator")
_TOLD_BY_HOSTS = ("host-selectors-overlap", "hosts-too-few")
"""Rules that guess from selectors alone what an inventory of hosts proves."""


class GeneratorConfig:
    """What a ByohClusterGenerator's spec says; `clusters` is entries or an inline map, `hosts` may be None."""

    __slots__ = ("bootstrap_kubeconfig", "clusters", "common", "fail_on", "hosts", "provider", "version")

    def __init__(self, spec: Mapping[str, Any]) -> None:
        clusters = spec["clusters"]
        is_inline = isinstance(clusters, dict) and not isinstance(clusters.get("items"), str)
        self.clusters: Sequence[Entry] | Mapping[str, Any] = clusters if is_inline else sequence_of(clusters)
        self.common: Sequence[Entry] = sequence_of(spec.get("common", []))
        self.hosts: Sequence[Entry] | None = sequence_of(spec["hosts"]) if "hosts" in spec else None
        self.provider = _provider(spec)
        self.version: str = spec.get("clusterApiVersion", "v1beta2")
        self.bootstrap_kubeconfig: Mapping[str, Any] | None = spec.get("bootstrapKubeconfig")
        self.fail_on: str = spec.get("failOn", "error")

    @classmethod
    def from_object(cls, config: Mapping[str, Any]) -> GeneratorConfig:
        """The record of a config object. Raises FunctionConfigError with everything that is wrong in it."""
        spec = conforming_spec(config, SCHEMA, "byoh_cluster_generator")
        require_kloom(spec)
        _require_readable(spec, "kubernetesVersions")
        record = cls(spec)
        if not record.clusters:
            raise FunctionConfigError("must name a cluster, was empty", field="spec.clusters")
        if wrong := list(_no_maps(record.clusters)):
            raise FunctionConfigError(wrong)
        return record


class Management:
    """Everything that was read for one config: the clusters as files say them, and the hosts that there are."""

    __slots__ = ("claims", "config", "files", "findings", "hosts", "manifests", "refused")

    def __init__(self, config: GeneratorConfig, repository: Repository, items: Sequence[Mapping[str, Any]]) -> None:
        self.config = config
        inputs = HostFiles(repository, items)
        common = inputs.layers(config.common, "common")
        own = _own_layers(config, inputs)
        self.hosts = None if config.hosts is None else inputs.hosts(config.hosts, "hosts")
        is_complete = not inputs.findings and not inputs.refused
        self.findings = [*inputs.findings, *layer_findings(common, own)]
        self.refused = inputs.refused
        self.files = cluster_files(common, own, config.provider)
        if len(self.files) < len(own):
            self.findings += findings_beside(common, own, config.provider)
        self.findings += cluster_findings(self.files)
        self.manifests = {id(file): manifests_of(file, repository, self.findings) for file in self.files}
        self.claims: list[Claim] = []
        if self.hosts is not None and is_complete and len(self.files) == len(own):
            self.claims = claims([file.cluster for file in self.files], self.hosts)
            self.findings += self._host_findings()

    def objects(self) -> Iterator[tuple[ClusterFile, list[dict[str, Any]]]]:
        """The objects of each cluster, in the order of the files."""
        for file in self.files:
            hosts = {claim.pool.name: claim.summary() for claim in self.claims if claim.cluster is file.cluster}
            yield file, objects_of(file.cluster, self.config.version, hosts, self.manifests[id(file)])

    def _host_findings(self) -> list[Result]:
        by_cluster: dict[int, ClusterFile] = {id(file.cluster): file for file in self.files}
        problems = host_problems(self.claims, self.hosts or ())
        return [by_cluster[id(cluster)].finding(problem) for cluster, problem in problems]


def byoh_cluster_generator(resources: ResourceList) -> None:
    """Add the resources of the config's clusters to the items; nothing at all where anything is wrong."""
    config = GeneratorConfig.from_object(resources.function_config)
    management = Management(config, Repository(os.curdir), resources.items)
    objects, found = expand(management)
    findings = [finding.as_severe_as(config.fail_on) for finding in found]
    if management.refused:
        refusals = [Result.error(message, field=("spec", *place)) for place, message in management.refused]
        raise FunctionConfigError([*refusals, *findings])
    resources.results += findings
    resources.items += objects


def expand(management: Management) -> tuple[list[dict[str, Any]], list[Result]]:
    """The objects of all clusters, and what is wrong; no objects where anything is an error."""
    if management.refused or any(finding.severity == "error" for finding in management.findings):
        return [], management.findings
    made = list(management.objects())
    said = management.config.bootstrap_kubeconfig
    objects = [bootstrap_kubeconfig(said)] if said is not None else []
    objects += [obj for _, own in made for obj in own]
    findings = list(_unsilenced(management, [*management.findings, *_rule_findings(management, made)]))
    return [] if any(finding.severity == "error" for finding in findings) else objects, findings


def _rule_findings(
    management: Management, made: Sequence[tuple[ClusterFile, Sequence[Mapping[str, Any]]]]
) -> Iterator[Result]:
    """What the rules on Cluster API objects find in what was made, told where its cluster's files say it."""
    file_of = {id(obj): file for file, own in made for obj in own}
    facts = rules.Facts(kubernetes_versions=management.config.provider.kubernetes)
    for finding in rules.findings([obj for _, own in made for obj in own], facts):
        if management.hosts is None or finding.rule.id not in _TOLD_BY_HOSTS:
            yield _in_file(file_of[id(finding.obj)], finding)


def _in_file(file: ClusterFile, finding: rules.Finding) -> Result:
    from kloom.capi.provenance import place

    where = place(file.cluster, finding.obj, finding.path)
    result = file.finding(Problem(where, finding.text, finding.rule.severity))
    return result.but(tags={RULE_TAG: finding.rule.id})


def _unsilenced(management: Management, findings: Iterable[Result]) -> Iterator[Result]:
    """The findings that no comment in a cluster's files silences, and what is wrong with such comments.

    A comment that silences nothing here may do so in `kloom validate`, which knows earlier revisions, too.
    """
    ignores = Ignores(rules.RULES_BY_ID)
    for file in management.files:
        for layer in file.layers:
            if layer.text is not None:
                ignores.read(layer.source, layer.text)
    yield from ignores.kept(findings)
    yield from ignores.mistakes()


def _no_maps(clusters: Sequence[Entry] | Mapping[str, Any]) -> Iterator[Result]:
    """Clusters in the config itself that are none."""
    for name, values in clusters.items() if isinstance(clusters, dict) else ():
        if not isinstance(values, dict):
            yield Result.error(f"must be a map, was {kind_of(values)}", field=("spec", "clusters", name))


def _own_layers(config: GeneratorConfig, inputs: HostFiles) -> list[Layer]:
    if isinstance(config.clusters, dict):
        return list(inline_layers(config.clusters))
    return inputs.layers(config.clusters, "clusters")  # type: ignore[arg-type]  # a map was just handled


def _provider(spec: Mapping[str, Any]) -> Provider:
    """The fork of BYOH, with other versions of Kubernetes where the config has bundles of its own."""
    provider = PROVIDERS[spec.get("provider", DEFAULT_PROVIDER)]
    return provider.with_kubernetes(spec["kubernetesVersions"]) if "kubernetesVersions" in spec else provider


def _require_readable(spec: Mapping[str, Any], field: str) -> None:
    """Refuse a range of versions that cannot be read."""
    try:
        satisfies("0", spec.get(field, ">=0"))
    except ValueError as error:
        raise FunctionConfigError([Result.error(str(error), field=("spec", field))]) from None
