"""Kustomizations that rename or move what kloom's generators make."""

from __future__ import annotations

from kloom.argo.rules import globs
from kloom.reports.report import RULE_TAG
from kloom.sdk.result import Result
from kloom.validate import kustomization_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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

    __slots__ = ("_kustomizations", "_tree")

    def __init__(self, tree: Tree, kustomizations: Kustomizations) -> None:
        self._tree = tree
        self._kustomizations = kustomizations

    def of_applications(
        self, made: Iterable[Expanded], homes: Collection[str], projects: Iterable[Object]
    ) -> Iterator[Result]:
        """Applications that end up where Argo CD does not look, or under other names than the values say.

        `homes` are namespaces that Argo CD is known to look in; `projects` may permit others.
        """
        permitted = {name: _source_namespaces(project) for project in projects if (name := _metadata(project, "name"))}
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
                if moved and moved not in homes:
                    yield from self._moved(one, moved, config, applications, permitted)

    def of_clusters(self, generators: Iterable[ClusterGenerator]) -> Iterator[Result]:
        """Cluster API objects whose references stay behind, as nothing points them to the new names."""
        for generator in generators:
            config = generator.config
            objects = [built.obj for built in generator.built()]
            namespaces = {_metadata(obj, "namespace") for obj in objects}
            for one in self._kustomizations.over(config) if objects else ():
                fields = [field for field in AFFIXES if _text(one, field)]
                fields += ["namespace"] if (moved := _text(one, "namespace")) and namespaces != {moved} else []
                if fields and not self._is_mended(one):
                    message = (
                        f"must not be over {self._tree.shown(config.file)}: kustomize leaves the references of Cluster "
                        "API as they were; say names and namespaces in the clusters' files, or list a "
                        f"{_REPOINTING} under transformers, which mends them"
                    )
                    for field in fields:
                        yield self._at(one, field, message, kustomization_rules.CLUSTERS_RENAMED)

    def _moved(
        self,
        one: Kustomization,
        moved: str,
        config: Config,
        applications: Sequence[Object],
        permitted: Mapping[str, Sequence[str]],
    ) -> Iterator[Result]:
        """Applications that a kustomization moves out of their namespace to where no project permits them."""
        lost = [
            application
            for application in applications
            if _metadata(application, "namespace") != moved
            and not globs.matches_any(permitted.get(application["spec"].get("project") or "default", ()), moved)
        ]
        if lost:
            was = sorted({_metadata(application, "namespace") for application in lost} - {""})
            message = (
                f"must not be over {self._tree.shown(config.file)}: it moves {_counted(len(lost))} from "
                f"{' and '.join(was) or 'no namespace'} to {moved}, where Argo CD does not look; "
                "global.argocdNamespace says where Applications are, destination.namespace where they deploy to"
            )
            yield self._at(one, "namespace", message, kustomization_rules.APPLICATIONS_MOVED)

    def _is_mended(self, renaming: Kustomization) -> bool:
        """Whether something that runs after the renaming knows Cluster API's references, or what runs is not known."""
        above = self._kustomizations.upwards(renaming)
        files = {one.file for each in above for one in (each, *self._kustomizations.components(each))}
        is_taught = any(one.data.get(field) for one in above for field in _TEACHING)
        return is_taught or any(
            config.data.get("kind") == _REPOINTING and config.field == "transformers"
            for config in self._kustomizations.configs()
            if config.kustomization and config.kustomization.file in files
        )

    def _at(self, kustomization: Kustomization, field: str, message: str, rule: RepositoryRule) -> Result:
        line, column = self._tree.position(kustomization.file, 0, (field,), key=True)
        found = Result(message, severity=rule.severity, field=field, tags={RULE_TAG: rule.id})
        return found.at(self._tree.shown(kustomization.file), line, column)


def _source_namespaces(project: Object) -> Sequence[str]:
    spec = project.get("spec")
    found = spec.get("sourceNamespaces") if isinstance(spec, dict) else None
    return found if isinstance(found, list) else ()


def _metadata(obj: Object, field: str) -> str:
    return str((obj.get("metadata") or {}).get(field) or "")


def _text(kustomization: Kustomization, field: str) -> str:
    value = kustomization.data.get(field)
    return value if isinstance(value, str) else ""


def _counted(count: int) -> str:
    return "its Application" if count == 1 else f"{count} Applications"
