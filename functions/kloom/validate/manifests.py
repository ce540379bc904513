"""Applications that stand in a repository as plain manifests."""

from __future__ import annotations

import re
from functools import partial

from kloom.argo.rules import Facts, conformance, findings
from kloom.argo.rules.project import NAMESPACE_UNWATCHED
from kloom.capi.rules import is_of_cluster_api
from kloom.reports.report import RULE_TAG
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import YamlError, plain_text_at
from kloom.validate import rulebook
from kloom.validate.kustomizations import GROUP
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.conformance import Conformance
    from kloom.validate.tree import Tree

    Path = tuple[str | int, ...]

ARGO_GROUP = "argoproj.io"
_NAMES_OURS = re.compile(rf"\b({re.escape(ARGO_GROUP)}/|{re.escape(GROUP)}/|cluster\.x-k8s\.io/)")
_TOLD_ELSEWHERE = (rulebook.NAME_TWICE.id, rulebook.DEPLOYED_TWICE.id, NAMESPACE_UNWATCHED.id)
"""What is no matter of one manifest, and what a build knows, whose AppProjects are all that there are for it."""
_TEMPLATE = re.compile(r"\{\{|\$\{|<%")


class Manifest:
    """One object of a file: which document it is, and where in it (a List holds several)."""

    __slots__ = ("data", "file", "index", "path")

    def __init__(self, file: str, index: int, path: Path, data: dict[str, Any]) -> None:
        self.file = file
        self.index = index
        self.path = path
        self.data = data

    @property
    def kind(self) -> str:
        """`Application`, `AppProject`, …; empty for what is not Argo CD's."""
        of_argo = str(self.data.get("apiVersion", "")).partition("/")[0] == ARGO_GROUP
        return str(self.data.get("kind")) if of_argo else ""

    @property
    def is_of_cluster_api(self) -> bool:
        """Whether it is an object of Cluster API's or of one of its providers'."""
        return is_of_cluster_api(self.data)

    def plain_text(self, tree: Tree, path: Sequence[str | int]) -> str | None:
        """What is written at a path of the object, where a plain scalar is."""
        return plain_text_at(tree.text(self.file), (*self.path, *path), document=self.index)

    def finding(self, tree: Tree, path: Sequence[str | int], message: str, rule: str, *, key: bool = False) -> Result:
        """An error at a path of the object."""
        line, column = tree.position(self.file, self.index, (*self.path, *path), key=key)
        result = Result.error(message, field=path, file=tree.shown(self.file), line=line, column=column)
        return result.about(self.data).but(file=result.file, tags={RULE_TAG: rule})


def may_hold_ours(text: str) -> bool:
    """Whether a text may hold an object of Argo CD's, Cluster API's or kloom's; no text that does is passed over."""
    return _NAMES_OURS.search(text) is not None


def manifests(tree: Tree, file: str) -> Iterator[Manifest]:
    """The objects of a file. Raises FileError and YamlError."""
    for index, document in enumerate(tree.documents(file)):
        yield from _objects(file, index, (), document)


def readable(tree: Tree, file: str) -> list[Manifest]:
    """The objects of a file that may hold ours; none of one that cannot be read, which is told where it is checked."""
    try:
        return list(manifests(tree, file)) if may_hold_ours(tree.text(file)) else []
    except (FileError, YamlError):
        return []


def unreadable(tree: Tree, file: str, error: FileError | YamlError) -> Result:
    """A finding for a file that cannot be read: a warning where it is a template, which something else reads first."""
    result = Result.error(str(error), tags={RULE_TAG: rulebook.NOT_READ.id})
    result = result.at(tree.shown(file), error.line, error.column)
    if isinstance(error, YamlError) and _TEMPLATE.search(tree.text(file)):
        return result.but(severity="warning", message=f"{error.message}; taken for a template, and not checked")
    return result


class Checked:
    """What is wrong with each of some manifests by itself, and those whose form is right."""

    __slots__ = ("conforming", "findings")

    def __init__(self) -> None:
        self.findings: list[tuple[Manifest, Result]] = []
        self.conforming: list[Manifest] = []


def checked(tree: Tree, found: Iterable[Manifest], facts: Facts) -> Checked:
    """The Applications and AppProjects among the manifests, held against their schemas and all rules.

    What is there twice is no matter of one manifest: see `duplicates`.
    """
    schemas = {"Application": conformance.application(), "AppProject": conformance.app_project()}
    seen: dict[int, tuple[Manifest, Conformance]] = {}
    rest: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in schemas}
    result = Checked()
    for manifest in found:
        conforms = schemas[manifest.kind].of(manifest.data, partial(manifest.plain_text, tree))
        for problem in conforms.problems:
            told = manifest.finding(tree, problem.path, problem.message, rulebook.MANIFEST.id)
            result.findings.append((manifest, told.but(severity=problem.severity)))
        if conforms.rest is not None:
            rest[manifest.kind].append(conforms.rest)
            seen[id(conforms.rest)] = manifest, conforms
        if not any(problem.severity == "error" for problem in conforms.problems):
            result.conforming.append(manifest)
    if facts.projects is not None:
        facts.projects = rest["AppProject"]
    found_by_rules = [*findings(rest["Application"], facts)]
    if facts.projects is None:
        found_by_rules += findings([], Facts(projects=rest["AppProject"]))
    for finding in found_by_rules:
        manifest, conforms = seen[id(finding.application)]
        if finding.rule.id not in _TOLD_ELSEWHERE and not conforms.concerns(finding.path):
            told = manifest.finding(tree, finding.path, finding.message, finding.rule.id)
            result.findings.append((manifest, told.but(severity=finding.rule.severity)))
    return result


def _objects(file: str, index: int, path: Path, document: Any) -> Iterable[Manifest]:
    if not isinstance(document, dict):
        return
    items = document.get("items")
    if document.get("kind") in ("List", "ApplicationList", "ResourceList") and isinstance(items, list):
        for at, item in enumerate(items):
            yield from _objects(file, index, (*path, "items", at), item)
    else:
        yield Manifest(file, index, path, document)
