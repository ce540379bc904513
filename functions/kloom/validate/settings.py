"""`.kloom.yaml` at the root of a repository: what holds for the whole of it.

argocdVersion: "3.1"
argocdNamespace: argocd
clusters: overlays/clusters.yaml
ignore:
- {path: tests/broken, reason: wrong on purpose}
- {rule: application-twice, path: overlays/forms/**, reason: the same environment in other forms}
"""

from __future__ import annotations

import os
from functools import partial

from kloom import schemas
from kloom.argo.rules import Facts
from kloom.schemas.checker import Checker
from kloom.sdk.result import FunctionConfigError, Refusal, Result
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import YamlError, plain_text_at, position_of
from kloom.validate.tree import SETTINGS_FILE, glob_matcher
from kloom.values.files import FileError
from kloom.values.ignores import RULE_TAG, UNKNOWN_RULE, UNUSED
from kloom.versions import minor_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.validate.tree import Tree

_OF_SETTINGS = {RULE_TAG: "config"}


class Ignored:
    """One entry of `ignore`; without a rule it takes files out of the check."""

    __slots__ = ("is_used", "matches", "path", "reason", "rule")

    def __init__(self, entry: dict[str, str]) -> None:
        self.rule = entry.get("rule", "")
        self.path = entry["path"]
        self.reason = entry["reason"]
        self.matches = glob_matcher(self.path)
        self.is_used = False


class Settings:
    """What `.kloom.yaml` says; all of it by default where there is none."""

    __slots__ = (
        "_ignored",
        "_text",
        "_tree",
        "argocd_namespace",
        "argocd_version",
        "byoh_provider",
        "clusters",
        "file",
        "kustomize_versions",
    )

    def __init__(self, tree: Tree, text: str, said: dict[str, Any]) -> None:
        self._tree = tree
        self._text = text
        self.file = tree.shown(os.path.join(tree.root, SETTINGS_FILE))
        version = said.get("argocdVersion")
        self.argocd_version = minor_version(version) if version else None
        self.argocd_namespace: str | None = said.get("argocdNamespace")
        self.kustomize_versions: Sequence[str] | None = said.get("kustomizeVersions")
        self.clusters = self._known_clusters(said.get("clusters"))
        """The servers of the inventory's clusters by name; None where it names no inventory."""
        self.byoh_provider: str | None = said.get("byohProvider")
        self._ignored = [Ignored(entry) for entry in said.get("ignore", ())]

    @classmethod
    def of(cls, tree: Tree, rules: Collection[str]) -> Settings:
        """The settings of a repository. Raises Refusal with all that is wrong in them."""
        path = os.path.join(tree.root, SETTINGS_FILE)
        if not os.path.lexists(path):
            return cls(tree, "", {})
        shown = tree.shown(path)
        try:
            text = tree.text(path)
            documents = tree.documents(path)
        except FileError as error:
            raise Refusal(Result.error(str(error), tags=_OF_SETTINGS).at(shown)) from None
        except YamlError as error:
            found = Result.error(error.message, tags=_OF_SETTINGS)
            raise Refusal(found.at(shown, error.line, error.column)) from None
        said = documents[0] if documents else {}
        if len(documents) > 1:
            raise Refusal(Result.error("must be one document", tags=_OF_SETTINGS).at(shown, 1, 1))
        said = {} if said is None else said
        if problems := list(_problems(text, said, shown, rules)):
            raise Refusal(problems)
        return cls(tree, text, said)

    def facts(self, projects: Sequence[Mapping[str, Any]] | None) -> Facts:
        """What is known of the world, the AppProjects among it."""
        return Facts(
            clusters=self.clusters,
            projects=projects,
            argocd_version=self.argocd_version,
            argocd_namespace=self.argocd_namespace,
            kustomize_versions=self.kustomize_versions,
        )

    def excludes(self, path: str) -> bool:
        """Whether a file is not to be checked at all."""
        return self._any(path, "")

    def ignores(self, rule: str, *paths: str) -> bool:
        """Whether what a rule finds in one of these files is not to be reported."""
        return any(self._any(path, rule) for path in paths)

    def unused(self) -> Iterator[Result]:
        """Entries that kept nothing from being reported."""
        for index, entry in enumerate(self._ignored):
            if not entry.is_used:
                place = ("ignore", index)
                message = f"{f'{entry.rule} finds' if entry.rule else 'there is'} nothing in {entry.path}: take it out"
                tags = {RULE_TAG: UNUSED}
                yield Result.warning(message, field=place, tags=tags).at(self.file, *position_of(self._text, place))

    def _known_clusters(self, inventory: str | None) -> Mapping[str, str | None] | None:
        if inventory is None:
            return None
        from kloom.manifest_validator import known_clusters

        try:
            return known_clusters(inventory, (), self._tree.root)
        except FunctionConfigError as error:
            raise Refusal(map(self._of_inventory, error.results)) from None

    def _of_inventory(self, result: Result) -> Result:
        """What is wrong in the inventory, or with the path that leads to it."""
        if result.file:
            tags = {RULE_TAG: "values", **result.tags}
            return result.but(file=self._tree.shown(os.path.join(self._tree.root, result.file)), tags=tags)
        place = ("clusters",)
        found = Result.error(result.message, field=place, tags=_OF_SETTINGS)
        return found.at(self.file, *position_of(self._text, place))

    def _any(self, path: str, rule: str) -> bool:
        found = False
        place = self._tree.from_root(path) if self._ignored else ""
        for entry in self._ignored:
            if entry.rule == rule and entry.matches(place):
                entry.is_used = found = True
        return found


def _problems(text: str, said: Any, shown: str, rules: Collection[str]) -> Iterator[Result]:
    schema = schemas.load("settings")
    if not Checker({}).compile(schema)(said):
        from kloom.schemas.findings import schema_errors

        for error in schema_errors(schema, said, partial(plain_text_at, text)):
            line, column = position_of(text, error.path, key=error.unknown_key)
            yield Result.error(error.message(), field=error.path, tags=_OF_SETTINGS).at(shown, line, column)
        return
    for index, entry in enumerate(said.get("ignore", ())):
        rule = entry.get("rule")
        if rule is not None and rule not in rules:
            message = f"must be a rule, was {rule}; `kloom rules` lists them{did_you_mean(rule, rules)}"
            place = ("ignore", index, "rule")
            tags = {RULE_TAG: UNKNOWN_RULE}
            yield Result.error(message, field=place, tags=tags).at(shown, *position_of(text, place))
