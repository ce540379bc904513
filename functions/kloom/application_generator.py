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
from kloom.config_spec import conforming_spec, require_kloom
from kloom.schemas.compact import APPLICATION_GENERATOR
from kloom.sdk.result import FunctionConfigError, Result
from kloom.values import vocabulary
from kloom.values.files import Repository
from kloom.values.ignores import RULE_TAG, Ignores
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


class GeneratorConfig:
    """What an ApplicationGenerator's spec says; `clusters` is entries, an inline map, or None."""

    __slots__ = ("argocd_version", "clusters", "common", "fail_on", "generate_paths_of", "name", "services")

    def __init__(self, name: str, spec: Mapping[str, Any]) -> None:
        self.name = name
        self.clusters: Sequence[Entry] | Mapping[str, Any] | None = _inventory(spec.get("clusters"))
        self.common: Sequence[Entry] = _entries(spec.get("common", []))
        self.services: Sequence[Entry] = _entries(spec["services"])
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
        "all_services",
        "clusters",
        "config",
        "declaring",
        "findings",
        "is_complete",
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
        self.services = self.all_services = inputs.layers(config.services, "services")
        self.findings = inputs.findings
        self.refused = inputs.refused
        self.repository = inputs.repository

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
    findings = [_as_severe_as(config.fail_on, _with_rule(finding)) for finding in unsilenced(environment, found)]
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
    merger = Merger(merge_all(layer.data for layer in environment.shared))
    for service in services:
        values = merger.merge(service.data)
        for cluster in enabled_clusters(values, environment.clusters):
            try:
                application = applications.application(values, cluster)
            except Contradiction:
                layers = [*environment.shared, service]
                findings += [_contradiction(layers, found) for found in contradictions(values, cluster)]
            else:
                placements.append(Placement(service, cluster, values, application))
    findings += duplicate_findings(placements)
    findings += rule_findings(placements, environment.shared, environment.facts())
    findings += role_findings([*environment.shared, *services], environment.clusters)
    if environment.config.generate_paths_of:
        from kloom.manifest_generate_paths import annotate

        findings += annotate(
            placements, environment.shared, environment.config.generate_paths_of, environment.repository
        )
    if vocabulary.is_said("failoverGroup", (*environment.shared, *services)):
        findings += failover_findings(environment, placements)
    return placements, findings


def layer_findings(environment: Environment) -> Iterator[Result]:
    """What is wrong in each file by itself: keys that nobody knows, wrong types, cluster names that cannot be."""
    clusters = environment.clusters
    yield from vocabulary.cluster_name_findings(environment.declaring, clusters)
    refused = vocabulary.refused_clusters(environment.declaring, clusters)
    conforms = vocabulary.Conformance(clusters)
    services = environment.services if environment.is_complete else ()
    for layer in (*environment.shared, *services):
        if not conforms(layer.data):
            yield from vocabulary.findings(layer, clusters, refused)


def unsilenced(environment: Environment, findings: Iterable[Result]) -> Iterator[Result]:
    """The findings that no comment in a values file silences, and what is wrong with such comments.

    A comment of a shared file that silences nothing here may do so in another environment (`kloom validate` knows).
    """
    ignores = Ignores(RULES_BY_ID)
    for layer in (*environment.shared, *environment.services):
        if layer.text is not None:
            ignores.read(layer.source, layer.text)
    yield from ignores.kept(findings)
    yield from ignores.mistakes()
    own = {service.source for service in environment.services}
    yield from (finding for finding in ignores.unused() if finding.file in own)


def role_findings(layers: Sequence[Layer], clusters: Sequence[str]) -> Iterator[Result]:
    """Roles that values speak of and no cluster has: a warning, as a failover may leave one without a cluster."""
    has = {(layer.data.get(cluster) or {}).get("role") for layer in layers for cluster in clusters}
    known = vocabulary.some_of(sorted(role for role in has if role)) or "none"
    for layer in layers:
        for role in layer.data.get("roles") or ():
            if role not in has:
                message = f"no cluster has this role; roles of clusters are: {known}"
                yield layer.finding(("roles", role), message, key=True, severity="warning")


def failover_findings(environment: Environment, placements: Sequence[Placement]) -> Sequence[Result]:
    """Failover groups that do not have one active cluster, in the inventory or else in what the services make of it."""
    from kloom.argo.failover import group_findings, placement_findings, slip_findings

    inventory = environment.declaring, environment.clusters
    layers = (*environment.shared, *environment.all_services)
    roles = (layer.data.get("roles") for layer in layers)
    spoken = {role for said in roles if isinstance(said, dict) for role in said}
    found = [*group_findings(*inventory), *slip_findings(*inventory, spoken)]
    return found or [*placement_findings(placements, environment.shared)]


def _contradiction(layers: Sequence[Layer], contradiction: Contradiction) -> Result:
    """Told at whichever of its places was said last, as the earlier ones were right until then."""
    latest = max(contradiction.paths, key=lambda path: layers.index(origin(layers, path)))
    return origin(layers, latest).finding(latest, contradiction.message)


def _with_rule(finding: Result) -> Result:
    """The finding with the rule's id behind its message: what `kloom explain` and an ignore ask for."""
    rule = finding.tags.get(RULE_TAG)
    return finding.but(message=f"{finding.message} [{rule}]") if rule else finding


def _as_severe_as(fail_on: str, finding: Result) -> Result:
    return finding.but(severity="error") if fail_on == "warning" and finding.severity == "warning" else finding


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
