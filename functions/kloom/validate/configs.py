"""Each config of an ApplicationGenerator by itself: which files it reads, what they make, and what is wrong there."""

from __future__ import annotations

import os

from kloom.application_generator import Environment, placed
from kloom.argo.provenance import place
from kloom.argo.rules import findings
from kloom.reports.report import RULE_TAG, rule_of
from kloom.sdk.field_path import steps_of
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.yaml_reader import YamlError
from kloom.validate import rulebook
from kloom.values.files import FileError, Repository
from kloom.values.helm_yaml import HELM
from kloom.values.inputs import Inputs
from kloom.values.layers import FROM, Layer, origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.application_generator import GeneratorConfig
    from kloom.argo.placement import Placement
    from kloom.argo.rules import ClusterSecret
    from kloom.validate.kustomizations import Config, Kustomization, Kustomizations
    from kloom.validate.own_repository import OwnRepository
    from kloom.validate.settings import Settings
    from kloom.validate.tree import Tree
    from kloom.values.inputs import Entry

KIND = "ApplicationGenerator"


class SharedInputs(Inputs):
    """Inputs that parse a text once, however many configs read it, and say for which of them an item is missing."""

    __slots__ = ("_parsed", "_reader")

    def __init__(
        self,
        repository: Repository,
        items: Iterable[Mapping[str, Any]],
        parsed: dict[str, Mapping[str, Any]],
        reader: str,
    ) -> None:
        super().__init__(repository, items)
        self._parsed = parsed
        self._reader = reader

    def beside(self, layer: Layer, path: str) -> tuple[str, str]:
        try:
            return super().beside(layer, path)
        except FileError as error:
            if layer.source.startswith("ConfigMap/"):  # what is seen is its file, which others read as a file
                raise FileError(f"{error} ({self._reader} reads items)") from None
            raise

    def _layer(self, source: str, text: str) -> Layer | None:
        if text in self._parsed:
            return Layer(source, text, self._parsed[text])
        before = len(self.findings)
        layer = super()._layer(source, text)
        if layer is not None and len(self.findings) == before:
            self._parsed[text] = layer.data
        return layer


class Generator:
    """One config of an ApplicationGenerator: the record of it, and the files that it reads."""

    __slots__ = ("_files", "_items", "_repository", "config", "homes", "is_target", "record", "services", "shared")

    def __init__(
        self,
        config: Config,
        record: GeneratorConfig,
        kustomizations: Kustomizations,
        home: Kustomization | None = None,
    ) -> None:
        """`home` is the one that is asked about of the kustomizations that hand it their objects."""
        self.config = config
        self.record = record
        self._repository = Repository(config.folder)
        self._items: list[Mapping[str, Any]] = []
        self._files: dict[str, str] = {}
        self.homes = [home] if home else kustomizations.homes(config.kustomization)
        """The kustomizations that hand it their objects."""
        if config.field == "transformers" and len(self.homes) == 1:
            for config_map, files in kustomizations.config_maps(self.homes[0]):
                self._items.append(config_map)
                self._files |= files
        clusters = self.record.clusters
        inventory = [*self._named(clusters if isinstance(clusters, list) else ())]
        self.shared = {*inventory, *self._endpoint_files(inventory), *self._named(self.record.common)}
        """The inventory, the files that it takes endpoints from, and the common files, as absolute paths."""
        self.services = set(self._named(self.record.services))
        self.is_target = False
        """Whether all of it is to be checked, not only some of its services."""

    @property
    def is_given_several(self) -> bool:
        """Whether it makes something else of its items in each of several builds, or is in none."""
        clusters = self.record.clusters
        entries = (*(clusters if isinstance(clusters, list) else ()), *self.record.common, *self.record.services)
        asks = any(not isinstance(entry, str) for entry in entries)
        return asks and self.config.field == "transformers" and len(self.homes) != 1

    def environment(self, parsed: dict[str, Mapping[str, Any]], reader: str) -> Environment:
        """All layers, read; `reader` is the config as the person sees it."""
        return Environment(self.record, SharedInputs(self._repository, self._items, parsed, reader))

    def path_of(self, source: str) -> str:
        """The absolute path of a layer's file."""
        return self._files.get(source) or os.path.normpath(os.path.join(self.config.folder, source))

    def shown(self, tree: Tree, result: Result) -> Result:
        """The result as the person sees it, about the file of a source that is an item."""
        return shown(tree, self.config, result.but(file=self._files.get(result.file, result.file)))

    def _endpoint_files(self, inventory: Iterable[str]) -> Iterator[str]:
        """The files that the entries of the inventory, which may stand in the config itself, name by `from`."""
        clusters = self.record.clusters
        own = [(self.config.folder, clusters)] if isinstance(clusters, dict) else []
        for folder, blocks in [*own, *((os.path.dirname(path), _blocks(path)) for path in inventory)]:
            for block in blocks.values():
                if isinstance(block, dict) and isinstance(block.get(FROM), str):
                    yield os.path.normpath(os.path.join(folder, block[FROM]))

    def _named(self, entries: Iterable[Entry]) -> Iterable[str]:
        for entry in entries:
            if isinstance(entry, str):
                try:
                    found = self._repository.find(entry)
                except FileError:  # told when the layers are read
                    continue
                yield from (os.path.normpath(os.path.join(self.config.folder, path)) for path in found)
            else:
                yield from self._of_items(entry["items"])

    def _of_items(self, name: str) -> Iterable[str]:
        from kloom.values.inputs import VALUES_ANNOTATION

        for item in self._items:
            if item["metadata"]["annotations"][VALUES_ANNOTATION] == name:
                own = item["metadata"]["name"]
                yield from (self._files[f"ConfigMap/{own}[{key}]"] for key in item["data"])


def _blocks(path: str) -> Mapping[str, Any]:
    """What an inventory holds; nothing where it cannot be read, which is told when its layer is."""
    folder, name = os.path.split(path)
    try:
        data = HELM.document(Repository(folder).read(name))
    except (FileError, YamlError):
        return {}
    return data if isinstance(data, dict) else {}


class Expanded:
    """What came of one config: placements, and results whose files are as the person sees them."""

    __slots__ = ("generator", "placements", "results", "shared")

    def __init__(
        self, generator: Generator, shared: Sequence[Layer], placements: Sequence[Placement], results: list[Result]
    ) -> None:
        self.generator = generator
        self.shared = shared
        self.placements = placements
        self.results = results


class Known:
    """What is known beside a config: the settings, all AppProjects and cluster Secrets, the repository's own names.

    `parsed` is what the texts hold that were parsed before.
    """

    __slots__ = ("cluster_secrets", "own", "parsed", "projects", "settings")

    def __init__(self, own: OwnRepository, settings: Settings) -> None:
        self.own = own
        self.settings = settings
        self.projects: Sequence[Mapping[str, Any]] | None = None
        self.cluster_secrets: list[ClusterSecret] = []
        self.parsed: dict[str, Mapping[str, Any]] = {}


def expanded(tree: Tree, generator: Generator, only: Collection[str] | None, known: Known) -> Expanded:
    """The Applications of a config, and what is wrong with its values.

    With `only`, some of its services' files, nothing but what these files cause, and their Applications.
    """
    environment = whole = generator.environment(known.parsed, tree.shown(generator.config.file))
    if environment.config.argocd_version is None:
        environment.config.argocd_version = known.settings.argocd_version
    if only is not None:
        environment = whole.only(layer for layer in whole.services if generator.path_of(layer.source) in only)
    placements, found = placed(environment)
    results = [
        *(result.as_severe_as(generator.record.fail_on) for result in found),
        *_later_findings(environment, placements, known),
        *_own_repository_findings(environment, placements, known),
    ]
    if only is not None:
        own = {layer.source for layer in environment.services}
        if environment.is_complete:
            results += _taken_names(whole, own, placements)
        results = [result for result in results if _is_caused_by(result, own, generator)]
    results += refusals(environment)
    return Expanded(generator, environment.shared, placements, [generator.shown(tree, result) for result in results])


def refusals(environment: Environment) -> list[Result]:
    """Entries of the config that lead to no file."""
    return [Result.error(message, field=("spec", *place)) for place, message in environment.refused]


def config_results(tree: Tree, config: Config, error: FunctionConfigError) -> list[Result]:
    """What is wrong in a config itself, at its place."""
    return [in_config(tree, config, result) for result in error.results]


def _own_repository_findings(
    environment: Environment, placements: Sequence[Placement], known: Known
) -> Iterator[Result]:
    """What does not fit the files of this repository in Applications whose sources are here."""
    for placement in placements:
        for rule, path, message in known.own.problems(placement.application, known.settings.argocd_namespace):
            found = said_at(environment.shared, placement, path, message)
            yield found.but(severity=rule.severity, tags={RULE_TAG: rule.id})


def _later_findings(environment: Environment, placements: Sequence[Placement], known: Known) -> Iterator[Result]:
    """What the rules find in the Applications by AppProjects, cluster Secrets and settings, which no build knows."""
    later = ("project-", "kustomize-version-", "destination-name-")
    beyond = (known.projects, known.settings.kustomize_versions, known.settings.argocd_namespace)
    if (all(fact is None for fact in beyond) and not known.cluster_secrets) or not placements:
        return
    by_application = {id(placement.application): placement for placement in placements}
    facts = environment.facts()
    facts.projects = known.projects
    facts.cluster_secrets = known.cluster_secrets
    facts.argocd_namespace = known.settings.argocd_namespace
    facts.kustomize_versions = known.settings.kustomize_versions
    for finding in findings([placement.application for placement in placements], facts):
        placement = by_application.get(id(finding.application))
        if placement is not None and finding.rule.id.startswith(later):
            found = said_at(environment.shared, placement, finding.path, finding.message)
            yield found.but(severity=finding.rule.severity, tags={RULE_TAG: finding.rule.id})


def said_at(shared: Sequence[Layer], placement: Placement, path: Sequence[str | int], message: str) -> Result:
    """An error about a path of an Application, where its values say it."""
    where = place(placement.values, placement.cluster, path)
    return origin([*shared, placement.service], where).finding(where, message)


def _is_caused_by(result: Result, own: Collection[str], generator: Generator) -> bool:
    """Whether a result is about one of these layers or their Applications, or keeps them from being checked."""
    if result.file in own or rule_of(result):
        return True
    return result.severity == "error" and (not result.file or generator.path_of(result.file) in generator.shared)


def _taken_names(whole: Environment, own: Collection[str], made: Sequence[Placement]) -> list[Result]:
    """Applications of some services, by their files, that other services of the environment make, too."""
    names = {placement.key(): placement for placement in made}
    others, _ = placed(whole.only(layer for layer in whole.services if layer.source not in own))
    return [
        names[other.key()].service.finding(
            (names[other.key()].cluster,),
            f"the Application {'/'.join(other.key())} is made already, by {other.service.source}; names must differ",
        )
        for other in others
        if other.key() in names
    ]


def shown(tree: Tree, config: Config, result: Result) -> Result:
    """The result with a rule's id and with its file as seen from where the command runs, be it the config's."""
    if not result.file:
        return in_config(tree, config, result)
    path = os.path.normpath(os.path.join(config.folder, result.file))
    return result.but(file=tree.shown(path), tags={RULE_TAG: rulebook.VALUES.id, **result.tags})


def in_config(tree: Tree, config: Config, result: Result) -> Result:
    """The result about the config itself, at its place."""
    line, column = config.position(tree, steps_of(result.field))
    tags = {RULE_TAG: rulebook.CONFIG.id, **result.tags}
    return result.but(file=tree.shown(config.file), line=line, column=column, resource=None, tags=tags)
