"""Expand compact service values into Argo CD Applications, one per service and cluster.

What goes in: an inventory of clusters (optional), common values, and one values file a service, as files or as
ConfigMaps among the items. What comes out: an Application for each cluster that a service enables.

    apiVersion: kloom.dev/v1alpha1
    kind: ApplicationGenerator
    metadata:
      name: dev
    spec:
      clusters: ../clusters.yaml
      common: [../common-values.yaml, common-values.yaml]
      services: [services/*.yaml]
"""

from __future__ import annotations

import os

from kloom.argo.application import Applications, contradictions, enabled_clusters
from kloom.argo.levels import Contradiction
from kloom.argo.placement import Placement, duplicate_findings, rule_findings
from kloom.argo.rules import RULES_BY_ID, Facts
from kloom.argo.rules.destination import address_of
from kloom.config_spec import conforming_spec, require_kloom
from kloom.schemas.compact import APPLICATION_GENERATOR
from kloom.sdk.result import FunctionConfigError, Result
from kloom.values import vocabulary
from kloom.values.files import Repository
from kloom.values.ignores import LATER_RULES, ROLE_NOWHERE, RULE_TAG, SERVICE_NOWHERE, TWO_CLUSTERS, Ignores
from kloom.values.inputs import Inputs
from kloom.values.layers import FROM, Layer, origin
from kloom.values.merge import Merger, merge_all
from kloom.versions import minor_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.sdk.resource_list import ResourceList
    from kloom.values.inputs import Entry


EMPTY = "environment-empty"
"""The id of the rule that a config makes Applications; its own field, and no comment, says that none are meant."""


class GeneratorConfig:
    """What an ApplicationGenerator's spec says; `clusters` is entries, an inline map, or None."""

    __slots__ = (
        "allow_empty",
        "argocd_version",
        "clusters",
        "common",
        "fail_on",
        "generate_paths_of",
        "name",
        "services",
    )

    def __init__(self, name: str, spec: Mapping[str, Any]) -> None:
        self.name = name
        self.clusters: Sequence[Entry] | Mapping[str, Any] | None = _inventory(spec.get("clusters"))
        self.common: Sequence[Entry] = _entries(spec.get("common", []))
        self.services: Sequence[Entry] = _entries(spec["services"])
        self.allow_empty: bool = spec.get("allowEmpty", False)
        self.fail_on: str = spec.get("failOn", "error")
        version = spec.get("argocdVersion")
        self.argocd_version = None if version is None else minor_version(version)
        self.generate_paths_of: Sequence[str] = _entries(spec.get("manifestGeneratePaths", []))  # type: ignore[assignment]  # by the schema

    @classmethod
    def from_object(cls, config: Mapping[str, Any]) -> GeneratorConfig:
        """The record of a config object. Raises FunctionConfigError with everything that is wrong in it."""
        spec = conforming_spec(config, APPLICATION_GENERATOR, "application_generator")
        require_kloom(spec)
        metadata = config.get("metadata")
        return cls(metadata.get("name", "") if isinstance(metadata, dict) else "", spec)


class Environment:
    """Everything that was read for one config: the layers that all services share, and each service's own."""

    __slots__ = (
        "clusters",
        "config",
        "declaring",
        "findings",
        "is_complete",
        "is_partial",
        "refused",
        "repository",
        "services",
        "shared",
    )

    def __init__(self, config: GeneratorConfig, inputs: Inputs) -> None:
        self.config = config
        inventory = _inventory_layers(config, inputs)
        common = inputs.layers(config.common, "common")
        self.shared = [*inventory, *common]
        self.is_complete = not inputs.findings and not inputs.refused
        """Whether all of the shared layers could be read; if not, what services lack in them proves nothing."""
        self.declaring = inventory or common
        self.clusters = vocabulary.declared_clusters(self.declaring, inventory=bool(inventory))
        self.services: Sequence[Layer] = inputs.layers(config.services, "services")
        self.is_partial = False
        """Whether only some of the services are asked about."""
        self.findings = inputs.findings
        self.refused = inputs.refused
        self.repository = inputs.repository

    def only(self, services: Iterable[Layer]) -> Environment:
        """The same with these of its services alone."""
        from copy import copy

        part = copy(self)
        part.services = [*services]
        part.is_partial = True
        return part

    def facts(self) -> Facts:
        """What the inventory and the config tell of the world: clusters, and Argo CD's version.

        Where the inventory does not say what Argo CD calls a cluster, its own name for it passes, in lower case too.
        """
        if self.config.clusters is None:
            return Facts(argocd_version=self.config.argocd_version)
        known: dict[str, str | None] = {}
        blocks = merge_all(layer.data for layer in self.declaring)
        for cluster in self.clusters:
            destination = (blocks.get(cluster) or {}).get("destination") or {}
            for name in (destination.get("name"), cluster, cluster.lower()):
                known[name or cluster] = destination.get("server")
        return Facts(clusters=known, argocd_version=self.config.argocd_version)


def application_generator(resources: ResourceList) -> None:
    """Add the Applications of the config's services to the items; nothing at all where anything is wrong."""
    config = GeneratorConfig.from_object(resources.function_config)
    environment = Environment(config, Inputs(Repository(os.curdir), resources.items))
    applications, found = expand(environment)
    findings = [_with_rule(finding).as_severe_as(config.fail_on) for finding in unsilenced(environment, found)]
    if environment.refused:
        refusals = [Result.error(message, field=("spec", *place)) for place, message in environment.refused]
        raise FunctionConfigError([*refusals, *findings])
    resources.results += findings
    resources.items += applications


def expand(environment: Environment) -> tuple[list[dict[str, Any]], list[Result]]:
    """The Applications of an environment, sorted by namespace and name, and what is wrong with its values."""
    placements, findings = placed(environment)
    return [placement.application for placement in sorted(placements, key=Placement.key)], findings


def placed(environment: Environment) -> tuple[list[Placement], list[Result]]:
    """Every service on every cluster that it enables, as far as its files are right, and what is wrong."""
    findings = [*environment.findings, *layer_findings(environment)]
    unusable = {finding.file for finding in findings}
    if not environment.is_complete or unusable.intersection(layer.source for layer in environment.shared):
        return [], findings
    services = [service for service in environment.services if service.source not in unusable]
    placements: list[Placement] = []
    applications = Applications()
    shared = merge_all(layer.data for layer in environment.shared)
    merger = Merger(shared)
    nowhere: list[Layer] = []
    for service in services:
        values = merger.merge(service.data)
        enabled = enabled_clusters(values, environment.clusters)
        if not enabled and not is_switched_off(service.data, shared, environment.clusters):
            nowhere.append(service)
        for cluster in enabled:
            try:
                application = applications.application(values, cluster)
            except Contradiction:
                layers = [*environment.shared, service]
                findings += [_contradiction(layers, found) for found in contradictions(values, cluster)]
            else:
                placements.append(Placement(service, cluster, values, application))
    findings += duplicate_findings(placements)
    findings += address_findings(environment, shared, placements)
    findings += rule_findings(placements, environment.shared, environment.facts())
    findings += role_findings([*environment.shared, *services], environment.clusters)
    if environment.config.generate_paths_of:
        from kloom.manifest_generate_paths import annotate

        findings += annotate(
            placements, environment.shared, environment.config.generate_paths_of, environment.repository
        )
    if vocabulary.is_said("failoverGroup", (*environment.shared, *services)):
        findings += failover_findings(environment, placements)
    return placements, [*findings, *emptiness_findings(environment, placements, nowhere, findings)]


def layer_findings(environment: Environment) -> Iterator[Result]:
    """What is wrong in each file by itself: keys that nobody knows, wrong types, cluster names that cannot be."""
    clusters = environment.clusters
    yield from vocabulary.cluster_name_findings(environment.declaring, clusters)
    refused = vocabulary.refused_clusters(environment.declaring, clusters)
    conforms = vocabulary.Conformance(clusters)
    services = environment.services if environment.is_complete else ()
    for layer in services:
        if not layer.data:
            yield layer.finding((), "must say of a service what it is and where it runs, was empty")
    for layer in (*environment.shared, *services):
        if not conforms(layer.data):
            yield from vocabulary.findings(layer, clusters, refused)


def address_findings(
    environment: Environment, shared: Mapping[str, Any], placements: Sequence[Placement]
) -> Iterable[Result]:
    """Clusters that have one address by the merged shared values, if a service runs on two of them in one namespace."""
    clusters: dict[str, list[str]] = {}
    for cluster in environment.clusters:
        clusters.setdefault(address_of((shared.get(cluster) or {}).get("destination") or {}), []).append(cluster)
    alike = [cluster for address, of_it in clusters.items() if address and len(of_it) > 1 for cluster in of_it]
    if not alike:
        return ()
    from kloom.argo.addresses import findings

    return findings(placements, environment.shared, alike)


def unsilenced(environment: Environment, findings: Iterable[Result]) -> Iterator[Result]:
    """The findings that no comment in a values file silences, and what is wrong with such comments.

    One that silences nothing here may do so in another environment, or silence a rule that this build has not the means
    to check, so only `kloom validate`, which sees them all, tells of comments that are not needed.
    """
    ignores = Ignores(frozenset((*RULES_BY_ID, SERVICE_NOWHERE, ROLE_NOWHERE, TWO_CLUSTERS, *LATER_RULES)))
    for layer in (*environment.shared, *environment.services):
        if layer.text is not None:
            ignores.read(layer.source, layer.text)
    yield from ignores.kept(findings)
    yield from ignores.mistakes()


def is_switched_off(own: Mapping[str, Any], shared: Mapping[str, Any], clusters: Sequence[str]) -> bool:
    """Whether a service that runs nowhere is meant to.

    Its own file says `enable`, be it null, of a cluster, or shared files say it of all.
    """
    said = ["enable" in (shared.get(cluster) or ()) for cluster in clusters]
    return (all(said) and said != []) or any("enable" in (own.get(cluster) or ()) for cluster in clusters)


def emptiness_findings(
    environment: Environment, placements: Sequence[Placement], nowhere: Iterable[Layer], found: Iterable[Result]
) -> Iterator[Result]:
    """Services that run nowhere although nobody says so, and an environment that would be pruned as a whole.

    An environment of which not all could be read, or only some services are asked about, proves nothing.
    """
    is_whole = not environment.is_partial and not environment.refused
    if environment.config.allow_empty and not placements:
        return
    for service in nowhere:
        message = (
            "no cluster says enable: true, so it runs nowhere; enable: false on one, said here, says that it is meant"
        )
        yield service.finding(("global",), message, key=True, severity="warning").but(tags={RULE_TAG: SERVICE_NOWHERE})
    if not placements and is_whole and not any(finding.severity == "error" for finding in found):
        message = "makes no Application, so that pruning removes all there are; allowEmpty: true says that it is meant"
        yield Result.error(message, field=("spec", "services"), tags={RULE_TAG: EMPTY})


def role_findings(layers: Sequence[Layer], clusters: Sequence[str]) -> Iterable[Result]:
    """What is wrong between the roles that values speak of and those that clusters have."""
    spoken = {role for layer in layers for role in layer.data.get("roles") or ()}
    if not spoken:
        return ()
    held = {(layer.data.get(cluster) or {}).get("role") for layer in layers for cluster in clusters}
    if spoken <= held and spoken >= held - {None, "", vocabulary.ACTIVE}:
        return ()
    from kloom.argo.roles import findings

    return findings(layers, clusters)


def failover_findings(environment: Environment, placements: Sequence[Placement]) -> Sequence[Result]:
    """Failover groups that do not have one active cluster, in the inventory or else in what the services make of it."""
    from kloom.argo.failover import group_findings, placement_findings

    found = [*group_findings(environment.declaring, environment.clusters)]
    return found or [*placement_findings(placements, environment.shared)]


def _contradiction(layers: Sequence[Layer], contradiction: Contradiction) -> Result:
    """Told at whichever of its places was said last, as the earlier ones were right until then."""
    latest = max(contradiction.paths, key=lambda path: layers.index(origin(layers, path)))
    return origin(layers, latest).finding(latest, contradiction.message)


def _with_rule(finding: Result) -> Result:
    """The finding with the rule's id behind its message: what `kloom explain` and an ignore ask for."""
    rule = finding.tags.get(RULE_TAG)
    return finding.but(message=f"{finding.message} [{rule}]") if rule else finding


def _inventory_layers(config: GeneratorConfig, inputs: Inputs) -> list[Layer]:
    if config.clusters is None:
        return []
    if isinstance(config.clusters, dict):
        layers = [Layer("", None, config.clusters, config_path=("spec", "clusters"))]
    else:
        layers = inputs.layers(config.clusters, "clusters")  # type: ignore[arg-type]  # a map is inline, just handled
    if vocabulary.is_said(FROM, layers):
        from kloom.capi.inventory import with_endpoints

        return with_endpoints(layers, inputs)
    return layers


def _inventory(value: Any) -> Sequence[Entry] | Mapping[str, Any] | None:
    """A path or {items: NAME} as entries; anything else is the inventory itself."""
    if isinstance(value, dict) and not isinstance(value.get("items"), str):
        return value
    return None if value is None else _entries(value)


def _entries(value: Any) -> Sequence[Entry]:
    return value if isinstance(value, list) else [value]
