"""Kustomizations that rename or move what kloom's generators make."""

from __future__ import annotations

from kloom.argo.rules import globs
from kloom.reports.report import RULE_TAG
from kloom.sdk.result import Result
from kloom.validate import kustomization_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.validate.clusters import ClusterGenerator
    from kloom.validate.configs import Expanded
    from kloom.validate.kustomizations import Config, Kustomization, Kustomizations
    from kloom.validate.repository_rule import RepositoryRule
    from kloom.validate.tree import Tree

    Object = Mapping[str, Any]

AFFIXES = ("namePrefix", "nameSuffix")
_REPOINTING = "ByohMachineTemplateTransformer"
_TEACHING = ("configurations", "crds")
"""The fields by which kustomize can be told of references that it does not know."""


class Renames:
    """What kustomizations do to the names and namespaces of what is generated below them."""

    __slots__ = ("_kustomizations", "_projects", "_tree")

    def __init__(self, tree: Tree, kustomizations: Kustomizations, projects: Callable[[], Iterable[Object]]) -> None:
        """`projects`, which are asked for once something is moved, are all AppProjects of the repository."""
        self._tree = tree
        self._kustomizations = kustomizations
        self._projects = projects

    def of_applications(self, made: Iterable[Expanded], home: str | None) -> Iterator[Result]:
        """Applications that end up where Argo CD does not look, or under other names than the values say.

        It looks at home, where that is known, and where a project permits it.
        """
        for expanded in made:
            applications = [placement.application for placement in expanded.placements]
            config = expanded.generator.config
            for one in self._kustomizations.over(config) if applications else ():
                for field in AFFIXES:
                    if value := _text(one, field):
                        message = (
                            f"should be said by global.nameFormat in the values of {self._tree.shown(config.file)}: "
                            f"with {value} added here, the names that are checked are not those that are applied"
                        )
                        yield self._at(one, field, message, kustomization_rules.APPLICATIONS_RENAMED)
                moved = _text(one, "namespace")
                if moved not in ("", home) and not self._is_moved_on(one):
                    yield from self._moved(one, moved, config, applications)

    def of_clusters(self, generators: Iterable[ClusterGenerator]) -> Iterator[Result]:
        """Cluster API objects whose references stay behind, as nothing points them to the new names."""
        for generator in generators:
            config = generator.config
            for one in self._kustomizations.over(config):
                fields = [field for field in (*AFFIXES, "namespace") if _text(one, field)]
                if not fields or self._is_mended(one):
                    continue
                namespaces = {_metadata(built.obj, "namespace") for built in generator.built()}
                if not namespaces - {_text(one, "namespace")}:
                    fields = [field for field in fields if field != "namespace"]
                message = (
                    f"must not be over {self._tree.shown(config.file)}: kustomize leaves the references of Cluster "
                    "API as they were; say names and namespaces in the clusters' files, or list a "
                    f"{_REPOINTING} under transformers, which mends them"
                )
                for field in fields if namespaces else ():
                    yield self._at(one, field, message, kustomization_rules.CLUSTERS_RENAMED)

    def _moved(
        self, one: Kustomization, moved: str, config: Config, applications: Sequence[Object]
    ) -> Iterator[Result]:
        """Applications that a kustomization moves out of their namespace to where no project permits them."""
        away = [application for application in applications if _metadata(application, "namespace") != moved]
        lost = [application for application in away if not self._permits(application, moved)]
        if lost:
            was = sorted({_metadata(application, "namespace") for application in lost} - {""})
            message = (
                f"must not be over {self._tree.shown(config.file)}: it moves {_counted(len(lost))} from "
                f"{' and '.join(was) or 'no namespace'} to {moved}, where Argo CD does not look; "
                "global.argocdNamespace says where Applications are, destination.namespace where they deploy to"
            )
            yield self._at(one, "namespace", message, kustomization_rules.APPLICATIONS_MOVED)

    def _is_moved_on(self, moved: Kustomization) -> bool:
        """Whether in each build one further up says a namespace, too: what is said last, holds."""
        builds = [self._with_components(between, but=moved) for _, between in self._kustomizations.builds(moved)]
        return builds != [] and all(any(_text(one, "namespace") for one in later) for later in builds)

    def _permits(self, application: Object, namespace: str) -> bool:
        """Whether the Application's project lets it be in a namespace."""
        own = application["spec"].get("project") or "default"
        permitted = (_source_namespaces(project) for project in self._projects() if _metadata(project, "name") == own)
        return any(globs.matches_any(namespaces, namespace) for namespaces in permitted)

    def _is_mended(self, renaming: Kustomization) -> bool:
        """Whether something that runs after the renaming, in each build, knows Cluster API's references."""
        builds = [self._with_components(between) for _, between in self._kustomizations.builds(renaming)]
        return builds != [] and all(map(self._mends, builds))

    def _mends(self, over: Sequence[Kustomization]) -> bool:
        is_taught = any(one.data.get(field) for one in over for field in _TEACHING)
        files = {one.file for one in over}
        return is_taught or any(
            config.data.get("kind") == _REPOINTING and config.field == "transformers"
            for config in self._kustomizations.configs()
            if config.kustomization.file in files
        )

    def _with_components(
        self, kustomizations: Iterable[Kustomization], but: Kustomization | None = None
    ) -> list[Kustomization]:
        found = (one for one in kustomizations if one is not but)
        return [part for one in found for part in (one, *self._kustomizations.components(one)) if part is not but]

    def _at(self, kustomization: Kustomization, field: str, message: str, rule: RepositoryRule) -> Result:
        line, column = self._tree.position(kustomization.file, 0, (field,), key=True)
        found = Result(message, severity=rule.severity, field=field, tags={RULE_TAG: rule.id})
        return found.at(self._tree.shown(kustomization.file), line, column)


def _source_namespaces(project: Object) -> Sequence[str]:
    spec = project.get("spec")
    found = spec.get("sourceNamespaces") if isinstance(spec, dict) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else ()


def _metadata(obj: Object, field: str) -> str:
    return str((obj.get("metadata") or {}).get(field) or "")


def _text(kustomization: Kustomization, field: str) -> str:
    value = kustomization.data.get(field)
    return value if isinstance(value, str) else ""


def _counted(count: int) -> str:
    return "its Application" if count == 1 else f"{count} Applications"
