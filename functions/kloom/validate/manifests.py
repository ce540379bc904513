"""Applications that stand in a repository as plain manifests."""

from __future__ import annotations

import re

from kloom import schemas
from kloom.argo.rules import Facts, findings
from kloom.reports.report import RULE_TAG
from kloom.schemas.checker import Checker
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import YamlError, kind_of
from kloom.validate import rulebook
from kloom.validate.kustomizations import GROUP, position_in
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.validate.tree import Tree

    Path = tuple[str | int, ...]

ARGO_GROUP = "argoproj.io"
_NAMES_OURS = re.compile(rf"\b({re.escape(ARGO_GROUP)}/|{re.escape(GROUP)}/)")
_TEMPLATE = re.compile(r"\{\{|\$\{|<%")
_SCHEMA = schemas.load("application")
_SPEC = Checker(_SCHEMA["definitions"]).compile(_SCHEMA)


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

    def finding(self, tree: Tree, path: Sequence[str | int], message: str, rule: str, *, key: bool = False) -> Result:
        """An error at a path of the object."""
        line, column = position_in(tree.text(self.file), self.index, (*self.path, *path), key=key)
        result = Result.error(message, field=path, file=tree.shown(self.file), line=line, column=column)
        return result.about(self.data).but(file=result.file, tags={RULE_TAG: rule})


def may_hold_ours(text: str) -> bool:
    """Whether a text may hold an object of Argo CD's or of kloom's; no text that does is passed over."""
    return _NAMES_OURS.search(text) is not None


def manifests(tree: Tree, file: str) -> Iterator[Manifest]:
    """The objects of a file. Raises FileError and YamlError."""
    for index, document in enumerate(tree.documents(file)):
        yield from _objects(file, index, (), document)


def unreadable(tree: Tree, file: str, error: FileError | YamlError) -> Result:
    """A finding for a file that cannot be read: a warning where it is a template, which something else reads first."""
    line, column = (error.line, error.column) if isinstance(error, YamlError) else (0, 0)
    result = Result.error(str(error), file=tree.shown(file), line=line, column=column, tags={RULE_TAG: rulebook.NOT_READ.id})
    if isinstance(error, YamlError) and _TEMPLATE.search(tree.text(file)):
        return result.but(severity="warning", message=f"{error.message}; taken for a template, and not checked")
    return result


def application_findings(tree: Tree, applications: Sequence[Manifest], facts: Facts) -> Iterator[Result]:
    """What is wrong with each of the Applications by itself."""
    usable: dict[int, Manifest] = {}
    for manifest in applications:
        problems = list(_schema_findings(tree, manifest))
        yield from problems
        if not problems:
            usable[id(manifest.data)] = manifest
    for finding in findings([manifest.data for manifest in usable.values()], facts):
        if finding.rule.part != "applications":
            manifest = usable[id(finding.application)]
            result = manifest.finding(tree, finding.path, finding.message, finding.rule.id)
            yield result.but(severity=finding.rule.severity)


def _schema_findings(tree: Tree, manifest: Manifest) -> Iterator[Result]:
    rule = rulebook.MANIFEST.id
    for path, problem in _metadata_problems(manifest.data):
        yield manifest.finding(tree, path, problem, rule)
    spec = manifest.data.get("spec")
    if not _SPEC(spec):
        from kloom.schemas.findings import schema_errors

        for error in schema_errors(_SCHEMA, spec):
            yield manifest.finding(tree, ("spec", *error.path), error.message(), rule, key=error.unknown_key)


def _metadata_problems(application: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    metadata = application.get("metadata")
    if not isinstance(metadata, dict):
        yield ("metadata",), f"must be a map, was {kind_of(metadata)}"
        return
    if not metadata.get("name") and not metadata.get("generateName"):
        yield ("metadata",), "must have a name"
    for field in ("name", "namespace"):
        if metadata.get(field) is not None and not isinstance(metadata[field], str):
            yield ("metadata", field), f"must be a string, was {kind_of(metadata[field])}: quote it"
    for field in ("labels", "annotations"):
        texts = metadata.get(field)
        if texts is not None and not isinstance(texts, dict):
            yield ("metadata", field), f"must be a map, was {kind_of(texts)}"
        for key, value in texts.items() if isinstance(texts, dict) else ():
            if not isinstance(value, str):
                yield ("metadata", field, key), f"must be a string, was {kind_of(value)}: quote it"
    finalizers = metadata.get("finalizers")
    if finalizers is not None and not _is_texts(finalizers):
        yield ("metadata", "finalizers"), "must be a list of strings"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _objects(file: str, index: int, path: Path, document: Any) -> Iterable[Manifest]:
    if not isinstance(document, dict):
        return
    items = document.get("items")
    if document.get("kind") in ("List", "ApplicationList", "ResourceList") and isinstance(items, list):
        for at, item in enumerate(items):
            yield from _objects(file, index, (*path, "items", at), item)
    else:
        yield Manifest(file, index, path, document)
