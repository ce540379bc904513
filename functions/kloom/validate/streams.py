"""What kloom's transformers and validators say of the objects that a build hands them, as far as these are known.

A kustomization's objects are known where its files are in the repository, its generators are kloom's, and it says no
field by which kustomize itself changes objects. Elsewhere only a build can tell.
"""

from __future__ import annotations

import os
from copy import deepcopy

from kloom.catalog import config_of, function_of
from kloom.reports.report import RULE_TAG, rule_of
from kloom.sdk.field_path import steps_of
from kloom.sdk.kube_object import misshapen
from kloom.sdk.resource_list import ResourceList
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.yaml_reader import YamlError
from kloom.validate import kustomization_rules, rulebook
from kloom.validate.clusters import KIND as CLUSTERS
from kloom.validate.clusters import Built
from kloom.validate.configs import KIND as APPLICATIONS
from kloom.validate.configs import said_at, shown
from kloom.validate.guards import is_guard, replacements
from kloom.validate.kustomizations import is_of_kloom
from kloom.validate.manifests import manifests
from kloom.validate.told import keeps_rules_away
from kloom.validate.validators import KIND as VALIDATOR
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from kloom.argo.placement import Placement
    from kloom.validate.clusters import ClusterGenerator, Path, Teller
    from kloom.validate.configs import Expanded
    from kloom.validate.kustomizations import Config, Kustomization, Kustomizations
    from kloom.validate.manifests import Manifest
    from kloom.validate.tree import Tree

_WITHOUT_EFFECT = frozenset(
    (
        "apiVersion", "bases", "buildMetadata", "components", "configMapGenerator", "configurations", "crds",
        "generatorOptions", "generators", "images", "kind", "metadata", "openapi", "replicas", "resources",
        "sortOptions", "transformers", "validators",
    )
)  # fmt: skip
"""The fields of a kustomization that change no object which kloom's functions look at, or that are followed here."""


class UnknownError(Exception):
    """The objects of a kustomization are not known; the text says why, or nothing where that is told elsewhere."""


class Streams:
    """The objects of kustomizations, each made once, and what the functions on their way have to say."""

    __slots__ = ("_configs", "_kustomizations", "_made", "_objects", "_tree", "results", "unknown")

    def __init__(
        self, tree: Tree, kustomizations: Kustomizations, made: Callable[[Config], Iterable[Built] | None]
    ) -> None:
        """`made` tells what a generator makes; None of one whose mistakes are told elsewhere, or not asked about."""
        self._tree = tree
        self._kustomizations = kustomizations
        self._made = made
        self._objects: dict[str, list[Built] | UnknownError] = {}
        self._configs: dict[tuple[str, str], list[Config]] = {}
        for config in kustomizations.listed():
            self._configs.setdefault((config.kustomization.file, config.field), []).append(config)
        self.results: dict[tuple[str, int], tuple[Config, list[Result]]] = {}
        """What each config's function says in the build of each kustomization: several may list its component."""
        self.unknown: dict[int, tuple[Config, str]] = {}
        """The configs whose functions were not run, each with the reason."""

    def run(self, kustomization: Kustomization) -> None:
        """Let the functions of a kustomization and of its components say what they have to say, if it has any."""
        functions = [] if kustomization.is_component else list(self._functions(kustomization))
        try:
            if functions:
                self._built(kustomization)
        except UnknownError as error:
            for config in functions if str(error) else ():
                if (kustomization.file, id(config)) not in self.results:
                    self.unknown.setdefault(id(config), (config, str(error)))

    def not_run(self) -> Iterator[Result]:
        """One remark on all functions that were not run."""
        found = sorted(self.unknown.values(), key=lambda one: one[0].file)
        for config, reason in found[:1]:
            more = f" (and likewise {len(found) - 1} more)" if found[1:] else ""
            message = f"was not run, as {reason}: only a build tells what it says{more}"
            line, column = config.position(self._tree, ("kind",))
            result = Result.info(message, tags={RULE_TAG: kustomization_rules.NOT_RUN.id})
            yield result.at(self._tree.shown(config.file), line, column)

    def _functions(self, kustomization: Kustomization) -> Iterator[Config]:
        """The configs of functions that look at what is there."""
        for one in (kustomization, *self._kustomizations.components(kustomization)):
            for field in ("transformers", "validators"):
                for config in self._configs.get((one.file, field), ()):
                    if is_of_kloom(config.data) and config.data.get("kind") not in (APPLICATIONS, CLUSTERS):
                        yield config

    def _built(self, kustomization: Kustomization) -> list[Built]:
        """The objects of a kustomization. Raises UnknownError."""
        known = self._objects.get(kustomization.file)
        if known is None:
            self._objects[kustomization.file] = UnknownError("")  # for one that includes itself
            try:
                known = self._accumulated(kustomization, [], kustomization.file)
            except UnknownError as error:
                known = error
            self._objects[kustomization.file] = known
        if isinstance(known, UnknownError):
            raise known
        return known

    def _accumulated(self, kustomization: Kustomization, built: list[Built], root: str) -> list[Built]:
        """What is there already, as for a component of the root, and what the kustomization adds and makes of it."""
        for _, _, entry in kustomization.entries("resources", "bases"):
            built += self._included(kustomization, entry)
        built += self._config_maps(kustomization)
        for config in self._listed(kustomization, "generators"):
            built += self._generated(config)
        for _, _, entry in kustomization.entries("components"):
            component = self._kustomizations.at(kustomization.path_of(entry))
            if component is None:
                raise UnknownError(self._says(kustomization, f"includes {entry}"))
            built = self._accumulated(component, built, root)
        fields = {field for field, value in kustomization.data.items() if value} - _WITHOUT_EFFECT
        if all(map(is_guard, replacements(self._tree, kustomization))):
            fields -= {"replacements"}
        if all(_key(one.obj)[1] == kustomization.data.get("namespace") for one in built):
            fields -= {"namespace"}
        if fields:
            raise UnknownError(self._says(kustomization, f"says {min(fields)}"))
        for config in self._listed(kustomization, "transformers"):
            built = self._transformed(config, built, root)
        for config in self._listed(kustomization, "validators"):
            self._transformed(config, built, root)
        return built

    def _included(self, kustomization: Kustomization, entry: str) -> list[Built]:
        path = kustomization.path_of(entry)
        included = self._kustomizations.at(path)
        if included is not None:
            return [Built(deepcopy(one.obj), one.file, one.tell) for one in self._built(included)]
        if not os.path.isfile(path):
            raise UnknownError(self._says(kustomization, f"includes {entry}"))
        try:
            found = list(manifests(self._tree, path))
        except (FileError, YamlError):
            raise UnknownError(self._says(kustomization, f"includes {entry}, which cannot be read")) from None
        if any(any(misshapen(one.data)) for one in found):
            raise UnknownError("")
        return [Built(deepcopy(one.data), path, self._teller(one)) for one in found]

    def _teller(self, manifest: Manifest) -> Teller:
        return lambda path, message, rule: manifest.finding(self._tree, path, message, rule)

    def _config_maps(self, kustomization: Kustomization) -> Iterator[Built]:
        for config_map, _ in self._kustomizations.own_config_maps(kustomization):
            yield Built(config_map, kustomization.file, self._teller_of(kustomization))

    def _teller_of(self, kustomization: Kustomization) -> Teller:
        def tell(_path: Path, message: str, rule: str) -> Result:
            return Result.error(message, tags={RULE_TAG: rule}).at(self._tree.shown(kustomization.file), 1, 1)

        return tell

    def _listed(self, kustomization: Kustomization, field: str) -> list[Config]:
        """The configs that a field lists, all of which must be kloom's."""
        found = self._configs.get((kustomization.file, field), [])
        known = {config.entry for config in found} - {one.entry for one in found if not is_of_kloom(one.data)}
        if foreign := [entry for _, at, entry in kustomization.entries(field) if at not in known]:
            name = f"{field}[0]" if "\n" in foreign[0] else foreign[0]
            raise UnknownError(self._says(kustomization, f"lists {name}, where not all is kloom's"))
        return found

    def _generated(self, config: Config) -> list[Built]:
        """What a generator adds; nothing of one of the other kinds, which add nothing to nothing."""
        if config.data.get("kind") not in (APPLICATIONS, CLUSTERS):
            return []
        made = self._made(config)
        if made is None:
            raise UnknownError("")
        return [Built(deepcopy(one.obj), one.file, one.tell) for one in made]

    def _transformed(self, config: Config, built: list[Built], root: str) -> list[Built]:
        if config.data.get("kind") in (APPLICATIONS, CLUSTERS):
            return [*built, *self._generated(config)]
        try:
            config_of(config.data)
        except FunctionConfigError:  # told where the config is checked
            raise UnknownError("") from None
        resources = ResourceList((one.obj for one in built), config.data)
        before = {_key(one.obj): one for one in built}
        found = self._run(config, resources)
        self.results[root, id(config)] = config, [self._told(config, result, before) for result in found]
        if any(result.severity == "error" for result in found):
            raise UnknownError("")
        return [
            Built(item, former.file, former.tell)
            for item in resources.items
            for former in (before.get(_key(item)) or self._of_config(config, item),)
        ]

    def _run(self, config: Config, resources: ResourceList) -> list[Result]:
        """What the function says, run where kustomize runs it."""
        here = os.getcwd()
        os.chdir(config.folder)
        try:
            function_of(str(config.data["kind"]))(resources)
        except FunctionConfigError as error:
            return list(error.results)
        finally:
            os.chdir(here)
        return resources.results

    def _told(self, config: Config, result: Result, built: Mapping[tuple[str, str, str], Built]) -> Result:
        """A result where the files say what it is about; the config's place for what no file says."""
        resource = result.resource
        is_of_form = config.data["kind"] == VALIDATOR  # what it says by no rule, of a manifest or of values
        rule = rule_of(result) or (rulebook.MANIFEST if is_of_form else kustomization_rules.REFUSED).id
        if resource is not None and not result.file:
            one = built.get((resource["kind"], resource.get("namespace", ""), resource["name"]))
            if one is not None:
                message = result.message.removesuffix(f" [{rule}]")
                return one.tell(_path(result), message, rule).but(severity=result.severity)
        return shown(self._tree, config, result)

    def _of_config(self, config: Config, item: Mapping[str, Any]) -> Built:
        """An object that a transformer added: what is wrong with it is told at the config."""

        def tell(path: Path, message: str, rule: str) -> Result:
            about = Result.error(message, field=path, tags={RULE_TAG: rule}).about(item)
            return about.at(self._tree.shown(config.file))

        return Built(item, config.file, tell)

    def _says(self, kustomization: Kustomization, what: str) -> str:
        return f"{self._tree.shown(kustomization.file)} {what}"


def of_applications(tree: Tree, expanded: Expanded) -> list[Built] | None:
    """What an ApplicationGenerator makes, told where its values say it; None where they do not say it rightly."""
    if any(map(keeps_rules_away, expanded.results)):
        return None
    return [_of_placement(tree, expanded, placement) for placement in expanded.placements]


def of_clusters(generator: ClusterGenerator) -> list[Built] | None:
    """The same of a ByohClusterGenerator."""
    built = generator.built()
    return None if any(result.severity == "error" for result in generator.results) else built


def _of_placement(tree: Tree, expanded: Expanded, placement: Placement) -> Built:
    def tell(path: Path, message: str, rule: str) -> Result:
        found = said_at(expanded.shared, placement, path, message)
        return expanded.generator.shown(tree, found).but(tags={RULE_TAG: rule})

    return Built(placement.application, expanded.generator.path_of(placement.service.source), tell)


def _key(obj: Mapping[str, Any]) -> tuple[str, str, str]:
    metadata = obj.get("metadata") or {}
    return str(obj.get("kind") or ""), str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def _path(result: Result) -> tuple[str | int, ...]:
    try:
        return tuple(steps_of(result.field))
    except ValueError:
        return ()
