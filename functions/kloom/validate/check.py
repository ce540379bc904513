"""One check of one repository: from paths to results, each file looked at in the roles that it plays."""

from __future__ import annotations

import os
from functools import cache

from kloom.argo.cluster_secrets import told_of
from kloom.capi.api_versions import CORE as CLUSTER_API
from kloom.catalog import config_of
from kloom.reports.report import RULE_TAG
from kloom.sdk.field_path import steps_of
from kloom.sdk.kube_object import misshapen
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.yaml_reader import YamlError
from kloom.sentinel import KIND as SENTINEL
from kloom.validate import rulebook
from kloom.validate.clusters import KIND as CLUSTERS
from kloom.validate.clusters import clusters_of
from kloom.validate.configs import KIND, Generator, Known, config_results, expanded
from kloom.validate.duplicates import duplicates, of_manifest, of_placement
from kloom.validate.guards import unguarded
from kloom.validate.kustomization_rules import NOT_RUN
from kloom.validate.kustomizations import Kustomizations, is_of_kloom
from kloom.validate.links import links_out
from kloom.validate.listings import Listings
from kloom.validate.manifests import checked, manifests, may_hold_ours, readable, unreadable
from kloom.validate.own_repository import OwnRepository
from kloom.validate.renames import Renames
from kloom.validate.streams import Streams, of_applications, of_clusters
from kloom.validate.told import Findings, keeps_rules_away
from kloom.validate.tree import is_of_templates
from kloom.validate.validators import Validators
from kloom.values import vocabulary
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.validate.clusters import Built, ClusterGenerator, Clusters
    from kloom.validate.configs import Expanded
    from kloom.validate.duplicates import Made
    from kloom.validate.kustomizations import Config, Kustomization
    from kloom.validate.manifests import Manifest
    from kloom.validate.settings import Settings
    from kloom.validate.tree import Tree


class Check:
    """What was found: results, the files that were looked at, as the person sees them, and counts."""

    __slots__ = ("applications", "clusters", "files", "folder", "results", "skipped")

    def __init__(self, folder: str, results: Sequence[Result] = ()) -> None:
        self.folder = folder
        self.results = list(results)
        self.files: set[str] = set()
        self.applications = 0
        self.clusters = 0
        self.skipped = 0


class Checker:
    """Checks the targets, some files of a repository, and gathers what it meets on the way."""

    __slots__ = (
        "_clusters",
        "_expanded",
        "_findings",
        "_folders",
        "_former",
        "_known",
        "_kustomizations",
        "_made",
        "_manifests",
        "_readers",
        "_settings",
        "_targets",
        "_tree",
        "_whole",
        "check",
    )

    def __init__(self, tree: Tree, settings: Settings, paths: Sequence[str], former: Clusters | None = None) -> None:
        """`former` is what the repository said of clusters at the revision to compare with."""
        self.check = Check(tree.folder)
        self._tree = tree
        self._settings = settings
        self._whole = tree.root in paths
        self._folders = [path for path in paths if os.path.isdir(path)]
        files = dict.fromkeys(tree.files())
        self._kustomizations = Kustomizations(tree, files)
        asked_about = set(_targets(tree, self._kustomizations, paths, files))
        self._targets = {path for path in asked_about if not settings.excludes(path)}
        self._clusters = clusters_of(tree, self._kustomizations)
        self._former = former
        self._findings = Findings(tree, settings, Validators(self._kustomizations))
        self._expanded: list[Expanded] = []
        """What came of the ApplicationGenerators that were checked whole."""
        self._made: list[Made] = []
        self._manifests: list[Manifest] = []
        self._known = Known(OwnRepository.of(tree), settings)
        self._readers: dict[str, list[Generator]] = {}
        """The configs that read a values file."""

    def run(self) -> Check:
        """Everything, in an order in which each step knows what it needs."""
        for path, error in self._kustomizations.unreadable.items():
            # a file below one that cannot be read is built by nothing, which is not its own fault
            if any(target.startswith(os.path.join(os.path.dirname(path), "")) for target in self._targets):
                self._findings.add([unreadable(self._tree, path, error)], path)
        generators = list(self._generators())
        of_clusters = {path for generator in self._clusters.generators for path in generator.files}
        known = self._readers.keys() | of_clusters
        known |= {path for path in self._targets if self._kustomizations.at(path) is not None}
        known |= self._kustomizations.patches()
        self._read_manifests(sorted(self._targets - known))
        self._check_manifests()
        self._check_clusters()
        for generator in generators:
            self._expand(generator)
        self._findings.add(duplicates(self._settled()))
        self._findings.add(links_out(self._tree, self._folders))
        self._check_kustomizations()
        self._check_streams()
        self.check.results = list(self._findings.told(whole=self._whole))
        return self.check

    def _generators(self) -> Iterator[Generator]:
        """The configs that are to be expanded; those that cannot be used are told."""
        for config in self._kustomizations.configs():
            file, kind = config.file, config.data.get("kind")
            if kind == CLUSTERS or self._is_excluded(config):
                continue
            is_target = self._is_target(config)
            try:
                record = config_of(config.data)
            except FunctionConfigError as error:
                if is_target:
                    self._findings.add(config_results(self._tree, config, error), file)
                continue
            if kind != KIND:
                self.check.files.update([self._tree.shown(file)] if is_target else [])
                continue
            generator = Generator(config, record, self._kustomizations)
            if generator.is_given_several:
                self._findings.add([_not_run(self._tree, generator)] if is_target else [], file)
                continue
            for path in (*generator.shared, *generator.services):
                self._readers.setdefault(path, []).append(generator)
            generator.is_target = is_target or not self._targets.isdisjoint(generator.shared)
            if generator.is_target or not self._targets.isdisjoint(generator.services):
                yield generator
            else:
                self._findings.leave_unused(generator.shared)

    def _expand(self, generator: Generator) -> None:
        only = None if generator.is_target else generator.services & self._targets
        came = expanded(self._tree, generator, only, self._known)
        file = generator.config.file
        self._findings.add(came.results, file)
        self.check.applications += len(came.placements)
        read = generator.shared | (generator.services if only is None else only)
        self.check.files.update(self._tree.shown(path) for path in (*read, file))
        if only is not None or any(map(keeps_rules_away, came.results)):
            self._findings.leave_unused(read if only is None else generator.shared)
        for path in read:
            self._findings.read_comments(path)
        if only is None:
            self._expanded.append(came)
            self._made += [of_placement(self._tree, came, placement) for placement in came.placements]

    def _read_manifests(self, paths: Sequence[str]) -> None:
        """Find what the files hold that no config reads; those that hold nothing of ours are counted."""
        tree = self._tree
        values_folders = {os.path.dirname(path) for path in self._readers}
        for path in paths:
            try:
                is_ours = not is_of_templates(path) and may_hold_ours(tree.text(path))
                found = list(manifests(tree, path)) if is_ours else []
            except (FileError, YamlError) as error:
                self._findings.add([unreadable(tree, path, error)], path)
                continue
            self._known.cluster_secrets += told_of([one.data for one in found], os.path.dirname(path))
            own = [one for one in found if one.kind or one.is_of_cluster_api or is_of_kloom(one.data)]
            if own:
                self.check.files.add(tree.shown(path))
                self._manifests += own
                self._findings.read_comments(path)
            elif os.path.dirname(path) in values_folders and self._looks_like_values(path):
                message = "no config reads this values file: a config must name it, or its glob match it"
                result = Result.warning(message, tags={RULE_TAG: rulebook.UNREAD.id})
                self._findings.add([result.at(tree.shown(path), 1, 1)], path)
            else:
                self.check.skipped += 1

    def _check_manifests(self) -> None:
        listed = {config.file for config in self._kustomizations.configs()}
        listed |= {path for one in self._kustomizations for path in one.included()}  # told there
        for manifest in self._manifests:
            if is_of_kloom(manifest.data) and os.path.realpath(manifest.file) not in listed:
                self._findings.add(_unlisted(self._tree, manifest), manifest.file)
        found = [manifest for manifest in self._manifests if manifest.kind in ("Application", "AppProject")]
        knows_projects = self._whole and any(manifest.kind == "AppProject" for manifest in found)
        facts = self._settings.facts([] if knows_projects else None)
        facts.cluster_secrets = self._known.cluster_secrets
        came = checked(self._tree, found, facts)
        self._known.projects = facts.projects
        for manifest, result in came.findings:
            self._findings.add([result], manifest.file)
        for one in came.conforming:
            self._findings.add(self._in_own_repository(one), one.file)
        self.check.applications += sum(manifest.kind == "Application" for manifest in found)
        self._made += [of_manifest(self._tree, one) for one in came.conforming if one.kind == "Application"]

    def _in_own_repository(self, manifest: Manifest) -> Iterator[Result]:
        """What does not fit the files of this repository in a manifest whose sources are here."""
        if manifest.kind == "Application":
            for rule, path, message in self._known.own.problems(manifest.data, self._settings.argocd_namespace):
                yield manifest.finding(self._tree, path, message, rule.id).but(severity=rule.severity)

    def _check_clusters(self) -> None:
        """Cluster API objects, in manifests and by generators, beside all that is built together with them."""
        concerned = {manifest.file for manifest in self._manifests if manifest.is_of_cluster_api}
        for generator in self._clusters.generators:
            config = generator.config
            reads = {config.file, *generator.files, config.kustomization.file}
            if self._is_excluded(config) or reads.isdisjoint(self._targets):
                continue
            concerned.add(config.file)
            generator.built()
            is_whole = not self._targets.isdisjoint(reads - generator.files)
            for path in generator.files if is_whole else generator.files & self._targets:
                concerned.add(path)
                self._findings.read_comments(path)
            concerned_files = {self._tree.shown(path) for path in concerned}
            told = [result for result in generator.results if is_whole or result.file in concerned_files]
            self._findings.add(told, config.file)
        self.check.files.update(map(self._tree.shown, concerned))
        for place in self._clusters.places(concerned) if concerned else ():
            before = None if self._former is None else self._former.objects(self._tree.from_root(place))
            for built, result in self._clusters.findings(place, before, self._settings.byoh_provider):
                if built.file in concerned:
                    self._findings.add([result], built.file)
        together = [one for place in self._clusters.places(concerned) for one in self._clusters.built(place)]
        self.check.clusters = len({id(one.obj) for one in together if one.file in concerned and _is_cluster(one.obj)})

    def _check_kustomizations(self) -> None:
        """What kustomizations list and guard, and what they do to the names of what is generated."""
        found = [*Listings(self._tree, self._kustomizations, self._targets).findings()]
        for config, result in unguarded(self._tree, self._kustomizations):
            if self._is_target(config):
                self._findings.add([result], config.file)
        renames = Renames(self._tree, self._kustomizations, cache(self._projects))
        found += renames.of_applications(self._expanded, self._settings.argocd_namespace)
        found += renames.of_clusters(self._asked_clusters())
        self._findings.add(found)
        told_in = {result.file for result in found}
        proved = self._whole and not self._findings.keep_rules_away
        for one in self._kustomizations:
            if one.file in self._targets or self._tree.shown(one.file) in told_in:
                self._findings.read_comments(one.file)
        self._findings.leave_unused({one.file for one in (self._passed_over() if proved else self._kustomizations)})

    def _passed_over(self) -> Iterator[Kustomization]:
        """The kustomizations that something passes through which is not to be checked."""
        for config in self._kustomizations.configs():
            if self._is_excluded(config):
                own = config.kustomization
                yield from (own, *self._kustomizations.components(own), *self._kustomizations.above(own))

    def _check_streams(self) -> None:
        """What transformers and validators say of the objects that a build would hand them."""
        asked = {id(one.generator.config): one for one in self._expanded}
        generators = {id(one.config): one for one in self._asked_clusters()}

        def made(config: Config) -> list[Built] | None:
            if came := asked.get(id(config)):
                return of_applications(self._tree, came)
            generator = generators.get(id(config))
            return of_clusters(generator) if generator else None

        streams = Streams(self._tree, self._kustomizations, made)
        for kustomization in self._kustomizations:
            if kustomization.file in self._targets:
                streams.run(kustomization)
        for config, results in streams.results.values():
            self._findings.add_of_build(results, config.file)
        self._findings.add(streams.not_run())

    def _projects(self) -> list[Mapping[str, Any]]:
        """The AppProjects of the whole repository, whatever part of it is checked."""
        files = (path for path in self._tree.files() if not self._settings.excludes(path))
        found = (one for path in files for one in readable(self._tree, path) if one.kind == "AppProject")
        return [one.data for one in found if not any(misshapen(one.data))]

    def _asked_clusters(self) -> list[ClusterGenerator]:
        return [one for one in self._clusters.generators if self._is_target(one.config)]

    def _is_target(self, config: Config) -> bool:
        places = (config.file, config.kustomization.file)
        return not self._targets.isdisjoint(places) and not self._is_excluded(config)

    def _is_excluded(self, config: Config) -> bool:
        return any(map(self._settings.excludes, (config.file, config.kustomization.file)))

    def _settled(self) -> list[Made]:
        """The Applications whose names stay what they are, and that the settings do not tell apart, by their makers."""
        renamed = self._kustomizations.renamed()
        rules = (rulebook.NAME_TWICE.id, rulebook.DEPLOYED_TWICE.id)
        kept = [made for made in self._made if made.maker not in renamed]
        apart = {made.maker for made in kept if any(self._settings.ignores(rule, made.maker) for rule in rules)}
        return sorted((made for made in kept if made.maker not in apart), key=lambda made: made.maker)

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


def _not_run(tree: Tree, generator: Generator) -> Result:
    """That it is not known what a config of a component makes."""
    config, count = generator.config, len(generator.homes)
    several = f"{count} kustomizations list its component, each with values of its own"
    reason = several if count else "no kustomization lists its component"
    result = Result.info(f"was not run, as {reason}: only a build tells what it makes", tags={RULE_TAG: NOT_RUN.id})
    return result.at(tree.shown(config.file), *config.position(tree, ("kind",)))


def _unlisted(tree: Tree, manifest: Manifest) -> Iterator[Result]:
    """What is wrong with a config that no kustomization lists, and that it is not listed."""
    if manifest.data.get("kind") == SENTINEL:
        return
    try:
        config_of(manifest.data)
    except FunctionConfigError as error:
        for wrong in error.results:
            yield manifest.finding(tree, steps_of(wrong.field), wrong.message, rulebook.CONFIG.id)
    message = "no kustomization lists this config, so it makes nothing"
    yield manifest.finding(tree, ("kind",), message, rulebook.UNLISTED.id).but(severity="warning", field="")


def _is_cluster(obj: Mapping[str, Any]) -> bool:
    return obj.get("kind") == "Cluster" and str(obj.get("apiVersion")).partition("/")[0] == CLUSTER_API
