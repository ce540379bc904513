"""One check of one repository: from paths to results, each file looked at in the roles that it plays."""

from __future__ import annotations

import os
from types import NoneType

from kloom import byoh_machine_template_transformer, cluster_endpoint_transformer, manifest_validator
from kloom.argo.cluster_secrets import assignments
from kloom.catalog import FUNCTIONS
from kloom.reports.report import RULE_TAG, rule_of
from kloom.sdk.kube_object import misshapen
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.yaml_reader import YamlError
from kloom.sentinel import KIND as SENTINEL
from kloom.validate import rulebook
from kloom.validate.clusters import KIND as CLUSTERS
from kloom.validate.clusters import clusters_of
from kloom.validate.configs import KIND, Generator, Known, config_results, expanded
from kloom.validate.duplicates import Made, duplicates
from kloom.validate.kustomizations import Config, Kustomizations, is_of_kloom
from kloom.validate.manifests import Manifest, checked, manifests, may_hold_ours, unreadable
from kloom.validate.own_repository import OwnRepository
from kloom.validate.tree import is_of_templates
from kloom.validate.validators import Validators
from kloom.values import vocabulary
from kloom.values.files import FileError
from kloom.values.ignores import Ignores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.placement import Placement
    from kloom.validate.clusters import Clusters
    from kloom.validate.configs import Expanded
    from kloom.validate.settings import Settings
    from kloom.validate.tree import Tree


class Check:
    """What was found: results, the files that were looked at, as the person sees them, and counts."""

    __slots__ = ("applications", "files", "folder", "results", "skipped")

    def __init__(self, folder: str, results: Sequence[Result] = ()) -> None:
        self.folder = folder
        self.results = list(results)
        self.files: set[str] = set()
        self.applications = 0
        self.skipped = 0


class Checker:
    """Checks the targets, some files of a repository, and gathers what it meets on the way."""

    __slots__ = (
        "_clusters",
        "_config_files",
        "_former",
        "_found",
        "_ignores",
        "_known",
        "_kustomizations",
        "_made",
        "_manifests",
        "_readers",
        "_secrets",
        "_settings",
        "_targets",
        "_tree",
        "_untold",
        "_validators",
        "_whole",
        "check",
    )

    def __init__(self, tree: Tree, settings: Settings, paths: Sequence[str], former: Clusters | None = None) -> None:
        """`former` is what the repository said of clusters at the revision to compare with."""
        self.check = Check(tree.folder)
        self._tree = tree
        self._settings = settings
        self._whole = tree.root in paths
        files = dict.fromkeys(tree.files())
        self._kustomizations = Kustomizations(tree, files)
        self._targets = set(_targets(tree, self._kustomizations, paths, files))
        self._clusters = clusters_of(tree, self._kustomizations)
        self._validators = Validators(self._kustomizations)
        self._former = former
        self._found: list[tuple[Result, str]] = []
        """Results, and the config or manifest that each comes from."""
        self._made: list[Made] = []
        self._manifests: list[Manifest] = []
        self._secrets: list[Mapping[str, Any]] = []
        self._known = Known(OwnRepository.of(tree.root), settings)
        self._readers: dict[str, list[Generator]] = {}
        """The configs that read a values file."""
        self._config_files: set[str] = set()
        self._ignores = Ignores(rulebook.IGNORABLE)
        self._untold: set[str] = set()
        """Files whose readers were not all checked, or failed: unused comments in them prove nothing."""

    def run(self) -> Check:
        """Everything, in an order in which each step knows what it needs."""
        for path, error in self._kustomizations.unreadable.items():
            if path in self._targets:
                self._found.append((unreadable(self._tree, path, error), path))
        generators = list(self._generators())
        of_clusters = {path for generator in self._clusters.generators for path in generator.files}
        known = self._readers.keys() | of_clusters
        known |= {path for path in self._targets if self._kustomizations.at(path) is not None}
        self._read_manifests(sorted(self._targets - known))
        self._check_manifests()
        self._check_clusters()
        for generator in generators:
            self._expand(generator)
        self._found += [(result, "") for result in duplicates(self._settled())]
        self.check.results = list(self._told())
        return self.check

    def _generators(self) -> Iterator[Generator]:
        """The configs that are to be expanded; those that cannot be used are told."""
        for config in self._kustomizations.configs():
            self._config_files.add(config.file)
            file = config.file
            places = {file, *([config.kustomization.file] if config.kustomization else [])}
            if any(map(self._settings.excludes, places)):
                continue
            is_target = not places.isdisjoint(self._targets)
            try:
                _require_usable(config.data)
                if config.data["kind"] == CLUSTERS:
                    continue
                if config.data["kind"] != KIND:
                    self.check.files.update([self._tree.shown(file)] if is_target else [])
                    continue
                generator = Generator(config, self._kustomizations)
            except FunctionConfigError as error:
                if is_target:
                    self._found += [(result, file) for result in config_results(self._tree, config, error)]
                continue
            for path in (*generator.shared, *generator.services):
                self._readers.setdefault(path, []).append(generator)
            generator.is_target = is_target or not self._targets.isdisjoint(generator.shared)
            if generator.is_target or not self._targets.isdisjoint(generator.services):
                yield generator
            else:
                self._untold |= generator.shared

    def _expand(self, generator: Generator) -> None:
        only = None if generator.is_target else generator.services & self._targets
        came = expanded(self._tree, generator, only, self._known)
        file = generator.config.file
        self._found += [(result, file) for result in came.results]
        self.check.applications += len(came.placements)
        read = generator.shared | (generator.services if only is None else only)
        self.check.files.update(self._tree.shown(path) for path in (*read, file))
        if only is not None or any(_keeps_rules_away(result) for result in came.results):
            self._untold |= read if only is None else generator.shared
        for path in read:
            self._read_ignores(path)
        if only is None:
            self._made += [_of_placement(self._tree, came, placement) for placement in came.placements]

    def _read_manifests(self, paths: Sequence[str]) -> None:
        """Find what the files hold that no config reads; those that hold nothing of ours are counted."""
        tree = self._tree
        values_folders = {os.path.dirname(path) for path in self._readers}
        for path in paths:
            if self._settings.excludes(path):
                continue
            try:
                is_ours = not is_of_templates(path) and may_hold_ours(tree.text(path))
                found = list(manifests(tree, path)) if is_ours else []
            except (FileError, YamlError) as error:
                self._found.append((unreadable(tree, path, error), path))
                continue
            self._secrets += [one.data for one in found if _is_secret(one.data)]
            own = [one for one in found if one.kind or one.is_of_cluster_api or is_of_kloom(one.data)]
            if own:
                self.check.files.add(tree.shown(path))
                self._manifests += own
                self._read_ignores(path)
            elif os.path.dirname(path) in values_folders and self._looks_like_values(path):
                message = "no config reads this values file: a config must name it, or its glob match it"
                result = Result.warning(message, tags={RULE_TAG: rulebook.UNREAD.id})
                self._found.append((result.at(tree.shown(path), 1, 1), path))
            else:
                self.check.skipped += 1

    def _check_manifests(self) -> None:
        for manifest in self._manifests:
            if is_of_kloom(manifest.data) and manifest.file not in self._config_files:
                self._found += [(result, manifest.file) for result in _unlisted(self._tree, manifest)]
        found = [manifest for manifest in self._manifests if manifest.kind in ("Application", "AppProject")]
        knows_projects = self._whole and any(manifest.kind == "AppProject" for manifest in found)
        facts = self._settings.facts([] if knows_projects else None)
        facts.assignments = assignments(self._secrets)
        came = checked(self._tree, found, facts)
        self._known.projects = facts.projects
        self._found += [(result, manifest.file) for manifest, result in came.findings]
        self._found += [(result, one.file) for one in came.conforming for result in self._missing_paths(one)]
        self.check.applications += sum(manifest.kind == "Application" for manifest in found)
        self._made += [_of_manifest(self._tree, one) for one in came.conforming if one.kind == "Application"]

    def _missing_paths(self, manifest: Manifest) -> Iterator[Result]:
        """Paths of this repository that a manifest names and that are not there."""
        if manifest.kind == "Application":
            for path, missing in self._known.own.missing(manifest.data["spec"]):
                message = rulebook.no_such_path(missing)
                found = manifest.finding(self._tree, ("spec", *path), message, rulebook.PATH.id)
                yield found.but(severity=rulebook.PATH.severity)

    def _check_clusters(self) -> None:
        """Cluster API objects, in manifests and by generators, beside all that is built together with them."""
        concerned = {manifest.file for manifest in self._manifests if manifest.is_of_cluster_api}
        for generator in self._clusters.generators:
            config = generator.config
            reads = {config.file, *generator.files, *([config.kustomization.file] if config.kustomization else [])}
            if any(map(self._settings.excludes, (config.file, config.folder))) or reads.isdisjoint(self._targets):
                continue
            concerned.add(config.file)
            generator.built()
            is_whole = not self._targets.isdisjoint(reads - generator.files)
            for path in generator.files if is_whole else generator.files & self._targets:
                concerned.add(path)
                self._read_ignores(path)
            concerned_files = {self._tree.shown(path) for path in concerned}
            self._found += [(one, config.file) for one in generator.results if is_whole or one.file in concerned_files]
        self.check.files.update(map(self._tree.shown, concerned))
        for place in self._clusters.places(concerned) if concerned else ():
            before = None if self._former is None else self._former.objects(self._tree.from_root(place))
            for built, result in self._clusters.findings(place, before, self._settings.byoh_provider):
                if built.file in concerned:
                    self._found.append((result, built.file))

    def _settled(self) -> list[Made]:
        """The Applications whose names stay what they are, and that the settings do not tell apart, by their makers."""
        renamed = self._kustomizations.renamed()
        rules = (rulebook.NAME_TWICE.id, rulebook.DEPLOYED_TWICE.id)
        kept = [made for made in self._made if made.maker not in renamed]
        apart = {made.maker for made in kept if any(self._settings.ignores(rule, made.maker) for rule in rules)}
        return sorted((made for made in kept if made.maker not in apart), key=lambda made: made.maker)

    def _told(self) -> Iterator[Result]:
        """The results that neither a comment nor the settings keep back, and what is wrong with these."""
        kept = []
        for result, maker in self._found:
            file = os.path.join(os.path.realpath(os.curdir), result.file)
            paths = [os.path.normpath(file), *([maker] if maker else [])]
            if any(map(self._settings.excludes, paths)) or self._settings.ignores(rule_of(result), *paths):
                continue
            if not self._validators.ignore(result, paths):
                kept.append(result)
        yield from self._ignores.kept(kept)
        yield from self._ignores.mistakes()
        untold = {self._tree.shown(path) for path in self._untold}
        yield from (result for result in self._ignores.unused() if result.file not in untold)
        if self._whole:
            yield from self._settings.unused()

    def _read_ignores(self, path: str) -> None:
        try:
            self._ignores.read(self._tree.shown(path), self._tree.text(path))
        except FileError:  # told by whoever reads it for what it says
            return

    def _looks_like_values(self, path: str) -> bool:
        try:
            documents = self._tree.documents(path)
        except YamlError:
            return False
        data = documents[0] if len(documents) == 1 else None
        return isinstance(data, dict) and "kind" not in data and not data.keys().isdisjoint(vocabulary.TOP_LEVEL_KEYS)


def _targets(tree: Tree, kustomizations: Kustomizations, paths: Sequence[str], files: Collection[str]) -> Iterator[str]:
    """The files among the paths, those in folders, and those that kustomizations among them include."""
    for path in paths:
        if path == tree.root:
            found: Iterable[str] = files
        else:
            found = tree.files(path) if os.path.isdir(path) else [path]
        for file in found:
            yield file
            if kustomizations.at(file) is not None:
                yield from filter(os.path.isfile, kustomizations.closure(file))


def _keeps_rules_away(result: Result) -> bool:
    """Whether something is so wrong that no rule could look at what it spoils."""
    return result.severity == "error" and rule_of(result) in rulebook.FORM


def _require_usable(config: Mapping[str, Any]) -> None:
    """Refuse a config of a kind that there is not, and one that says what its kind must not."""
    for field in ("metadata", "spec"):
        if not isinstance(config.get(field, {}), (dict, NoneType)):
            raise FunctionConfigError("must be a map", field=field)
    kind = config.get("kind")
    if not isinstance(kind, str) or kind not in FUNCTIONS:
        from difflib import get_close_matches

        close = "".join(f" (did you mean {match}?)" for match in get_close_matches(str(kind), FUNCTIONS, n=1))
        raise FunctionConfigError(f"must be {' or '.join(FUNCTIONS)}, was {kind}{close}", field="kind")
    if kind == "ByohMachineTemplateTransformer":
        byoh_machine_template_transformer.TransformerConfig.from_object(config)
    if kind == "ClusterEndpointTransformer":
        cluster_endpoint_transformer.TransformerConfig.from_object(config)
    if kind == "ManifestValidator":
        spec = {name: value for name, value in (config.get("spec") or {}).items() if name != "clusters"}
        manifest_validator.ValidatorConfig.from_object({**config, "spec": spec}, ())


def _unlisted(tree: Tree, manifest: Manifest) -> Iterator[Result]:
    """What is wrong with a config that no kustomization lists, and that it is not listed."""
    if manifest.data.get("kind") == SENTINEL:
        return
    try:
        _require_usable(manifest.data)
    except FunctionConfigError as error:
        config = Config(None, "", 0, manifest.file, manifest.index, manifest.data)
        yield from config_results(tree, config, error)
    message = "no kustomization lists this config, so it makes nothing"
    yield manifest.finding(tree, ("kind",), message, rulebook.UNLISTED.id).but(severity="warning", field="")


def _is_secret(obj: Mapping[str, Any]) -> bool:
    return obj.get("kind") == "Secret" and not any(misshapen(obj))


def _of_placement(tree: Tree, came: Expanded, placement: Placement) -> Made:
    generator = came.generator
    service, cluster = placement.service, placement.cluster
    asked_in = generator.path_of(service.source)

    def at(message: str) -> Result:
        return service.finding((cluster,), message).but(file=tree.shown(asked_in))

    return Made(placement.application, generator.config.file, asked_in, at, _at_config(tree, generator.config))


def _of_manifest(tree: Tree, manifest: Manifest) -> Made:
    def at(message: str) -> Result:
        return manifest.finding(tree, ("metadata", "name"), message, "")

    return Made(manifest.data, manifest.file, manifest.file, at, at)


def _at_config(tree: Tree, config: Config) -> Callable[[str], Result]:
    def at(message: str) -> Result:
        line, column = config.position(tree, ("spec", "services"))
        return Result.error(message, field="spec.services", file=tree.shown(config.file), line=line, column=column)

    return at
