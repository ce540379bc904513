"""Clusters of a repository: manifests, and what ByohClusterGenerators make, held against the rules beside each other.

What one kustomization brings together is checked together, and manifests that none includes folder by folder: so a
reference is found to lead somewhere although only one of two files is to be checked.
"""

from __future__ import annotations

import os

from kloom.byoh_cluster_generator import Management
from kloom.capi.problem import Problem
from kloom.capi.provenance import place
from kloom.capi.rules import Facts, findings, history
from kloom.catalog import config_of
from kloom.reports.report import RULE_TAG
from kloom.sdk.field_path import text_of
from kloom.sdk.result import FunctionConfigError, Result
from kloom.validate.configs import config_results, shown
from kloom.validate.manifests import readable
from kloom.validate.tree import SUFFIXES, is_of_templates
from kloom.values.files import FileError, Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any

    from kloom.byoh_cluster_generator import GeneratorConfig
    from kloom.capi.cluster_files import ClusterFile
    from kloom.validate.kustomizations import Config, Kustomizations
    from kloom.validate.manifests import Manifest
    from kloom.validate.tree import Tree

    Path = tuple[str | int, ...]
    Object = Mapping[str, Any]
    Teller = Callable[[Path, str, str], Result]
    """Tells what is wrong at a path of an object, by the id of a rule."""

KIND = "ByohClusterGenerator"
_BEFORE_RENAMING = frozenset(
    (
        "cluster-unknown",
        "endpoint-host-of-two-clusters",
        "endpoint-of-two-clusters",
        "host-selectors-overlap",
        "hosts-too-few",
        "installer-without-namespace",
        "reference-dangling",
        "reference-namespace-differs",
    )
)
"""Rules on names and namespaces, and on what patches may change: no matter of objects that are renamed later."""
_TOLD_BY_GENERATORS = frozenset(("kubernetes-version-unsupported",))
_TOLD_BY_HOSTS = frozenset(("host-selectors-overlap", "hosts-too-few"))
"""What generators tell themselves: they know of bundles of one's own, and of hosts where an inventory is there."""


class Built:
    """An object, the file that asks for it, how what is wrong with it is told, and what others tell of it already.

    `fail_on` is what its generator's config says: "warning" where what the rules on it find fails the build.
    """

    __slots__ = ("fail_on", "file", "obj", "tell", "told")

    def __init__(
        self, obj: Object, file: str, tell: Teller, told: Collection[str] = (), fail_on: str = "error"
    ) -> None:
        self.obj = obj
        self.file = file
        self.tell = tell
        self.told = told
        self.fail_on = fail_on


def clusters_of(tree: Tree, kustomizations: Kustomizations) -> Clusters:
    """All clusters of a repository, those that nothing asks for unread."""
    return Clusters(tree, kustomizations, [one for one in kustomizations.configs() if one.data.get("kind") == KIND])


class ClusterGenerator:
    """One config of a ByohClusterGenerator: the files that it reads and, once it has run, what came of it."""

    __slots__ = ("_built", "_record", "_repository", "_tree", "config", "files", "results")

    def __init__(self, tree: Tree, config: Config) -> None:
        self.config = config
        self.files: set[str] = set()
        self.results: list[Result] = []
        self._tree = tree
        self._repository = Repository(config.folder)
        self._built: list[Built] | None = None
        self._record: GeneratorConfig | None = None
        try:
            self._record = config_of(config.data)
        except FunctionConfigError as error:
            self.results = config_results(tree, config, error)
            return
        for entries in (self._record.clusters, self._record.common, self._record.hosts):
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, str):
                    self.files |= _found(self._repository, entry, config.folder)

    def built(self) -> list[Built]:
        """Its objects; none where anything is wrong, which the results tell then."""
        if self._built is None:
            self._built = []
            if self._record is not None:
                self._run(self._record, self._built)
        return self._built

    def _run(self, record: GeneratorConfig, built: list[Built]) -> None:
        management = Management(record, self._repository, ())
        refused = [Result.error(message, field=("spec", *place)) for place, message in management.refused]
        found = (result.as_severe_as(record.fail_on) for result in (*management.findings, *refused))
        self.results = [shown(self._tree, self.config, result) for result in found]
        if any(found.severity == "error" for found in self.results):
            return
        told = _TOLD_BY_GENERATORS if record.hosts is None else _TOLD_BY_GENERATORS | _TOLD_BY_HOSTS
        for file, objects in management.objects():
            tellers = (_teller(self._tree, self.config, file, obj) for obj in objects)
            own = _own_file(self.config, file)
            built += [Built(obj, own, tell, told, record.fail_on) for obj, tell in zip(objects, tellers, strict=True)]


class Clusters:
    """All that a repository says of clusters, read as far as it is asked for."""

    __slots__ = ("_by_file", "_by_root", "_kustomizations", "_renamed", "_tree", "generators")

    def __init__(self, tree: Tree, kustomizations: Kustomizations, configs: Iterable[Config]) -> None:
        self._tree = tree
        self._kustomizations = kustomizations
        self._by_root: dict[str, set[str]] = {}
        self._renamed: set[str] | None = None
        self._by_file: dict[str, list[Built]] = {}
        self.generators = [ClusterGenerator(tree, config) for config in configs]

    def objects(self, place: str) -> list[Object]:
        """What is built together at a place, which is told as seen from the root."""
        folder = os.path.normpath(os.path.join(self._tree.root, place))
        return [one.obj for one in self.built(folder)] if os.path.isdir(folder) else []

    def places(self, files: Collection[str]) -> list[str]:
        """The kustomizations, and the folders of what none includes, that these files have a part in."""
        wanted = set(files)
        together = self._together()
        found = [root for root, own in together.items() if not wanted.isdisjoint(own)]
        return sorted({*found, *(os.path.dirname(file) for file in wanted.difference(*together.values()))})

    def built(self, place: str) -> list[Built]:
        """What is built together at a place."""
        files = self._together().get(place) or self._beside(place)
        made = [built for one in self.generators if one.config.file in files for built in one.built()]
        return [*(built for file in sorted(files) for built in self._manifests(file)), *made]

    def findings(
        self, place: str, before: Iterable[Object] | None, provider: str | None
    ) -> Iterator[tuple[Built, Result]]:
        """What the rules find in what is built together at a place; `before` is what was, at an earlier revision."""
        if self._renamed is None:
            self._renamed = self._kustomizations.renamed()
        built = self.built(place)
        by_object = {id(one.obj): one for one in built}
        for finding in findings([one.obj for one in built], Facts(before=before, provider=provider)):
            one = by_object[id(finding.obj)]
            is_early = one.file in self._renamed and finding.rule.id in _BEFORE_RENAMING
            if not is_early and finding.rule.id not in one.told:
                told = one.tell(finding.path, finding.message, finding.rule.id).but(severity=finding.rule.severity)
                yield one, told if finding.rule in history.RULES else told.as_severe_as(one.fail_on)

    def _together(self) -> Mapping[str, set[str]]:
        """The files that each kustomization which no other one includes brings together."""
        if not self._by_root:
            self._by_root = {root: self._files_of(root) for root in self._kustomizations.roots()}
        return self._by_root

    def _files_of(self, root: str) -> set[str]:
        """The files that a kustomization brings together, and those that its generators read."""
        files = set(self._kustomizations.closure(root))
        own = [one for one in self.generators if one.config.kustomization.file in files]
        return files.union(*({one.config.file, *one.files} for one in own))

    def _beside(self, folder: str) -> set[str]:
        with os.scandir(folder) as entries:
            return {entry.path for entry in entries if entry.is_file() and entry.name.endswith(SUFFIXES)}

    def _manifests(self, file: str) -> list[Built]:
        """The objects of a file, of whatever kind; none of one that cannot be read, which is told elsewhere."""
        if file not in self._by_file:
            found = readable(self._tree, file) if os.path.isfile(file) and not is_of_templates(file) else []
            self._by_file[file] = [_of_manifest(self._tree, one) for one in found]
        return self._by_file[file]


def _of_manifest(tree: Tree, manifest: Manifest) -> Built:
    def tell(path: Path, message: str, rule: str) -> Result:
        return manifest.finding(tree, path, message, rule)

    return Built(manifest.data, manifest.file, tell)


def _teller(tree: Tree, config: Config, file: ClusterFile, obj: Object) -> Teller:
    """What is wrong with an object of a generator's is told where the cluster's file says it."""

    def tell(path: Path, message: str, rule: str) -> Result:
        where = place(file.cluster, obj, path)
        found = file.finding(Problem(where, f"{obj['kind']} {text_of(path)}: {message}"))
        return shown(tree, config, found).but(tags={RULE_TAG: rule})

    return tell


def _own_file(config: Config, file: ClusterFile) -> str:
    source = file.layers[-1].source
    return os.path.normpath(os.path.join(config.folder, source)) if source else config.file


def _found(repository: Repository, entry: str, folder: str) -> set[str]:
    try:
        return {os.path.normpath(os.path.join(folder, path)) for path in repository.find(entry)}
    except FileError:  # told when it is read
        return set()
