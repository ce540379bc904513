"""What kustomize refuses of the kustomizations around kloom's configs, and configs that they list in a wrong place."""

from __future__ import annotations

import os

from kloom.catalog import FUNCTIONS, misplaced
from kloom.config_file import CONFIG_FIELDS, KUSTOMIZATION_FILES, identity
from kloom.reports.report import RULE_TAG
from kloom.sdk.kube_object import is_local_config
from kloom.sdk.result import Result
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import YamlError, kind_of
from kloom.sentinel import KIND as SENTINEL
from kloom.validate import kustomization_rules
from kloom.validate.kustomizations import FIELDS, INCLUDING, is_of_kloom
from kloom.validate.manifests import readable
from kloom.validate.tree import SUFFIXES
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.validate.kustomizations import Config, Kustomization, Kustomizations, Path
    from kloom.validate.manifests import Manifest
    from kloom.validate.repository_rule import RepositoryRule
    from kloom.validate.tree import Tree

_GROUP = "kustomize.config.k8s.io"
_VERSIONS = {"Kustomization": f"{_GROUP}/v1beta1", "Component": f"{_GROUP}/v1alpha1"}
_LISTS = (*CONFIG_FIELDS, *INCLUDING)
_SHAPES: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(("apiVersion", "kind"), (object, "checked by itself")),
    **dict.fromkeys(("namespace", "namePrefix", "nameSuffix"), (str, "a string")),
    **dict.fromkeys(("metadata", "commonLabels", "commonAnnotations"), (dict, "a map")),
    **dict.fromkeys(("generatorOptions", "helmGlobals", "openapi", "sortOptions"), (dict, "a map")),
}
"""What the fields of a kustomization hold that are no lists."""


class Listings:
    """The kustomizations of a repository beside the configs that they list, or should."""

    __slots__ = ("_configs", "_kustomizations", "_targets", "_tree", "_unlisted")

    def __init__(self, tree: Tree, kustomizations: Kustomizations, targets: set[str]) -> None:
        """The kustomizations among the targets are looked at, and those that include one of them."""
        self._tree = tree
        self._kustomizations = kustomizations
        self._targets = [one for one in kustomizations if not targets.isdisjoint((one.file, *one.included()))]
        self._configs: dict[str, list[Config]] = {}
        for config in kustomizations.configs():
            self._configs.setdefault(config.kustomization.file, []).append(config)
        listed = {config.file for config in kustomizations.configs()}
        self._unlisted: dict[str, list[Manifest]] = {}
        for file in {file for one in self._targets for file in _around(one)} - listed:
            if own := [
                one for one in readable(tree, file) if is_of_kloom(one.data) and one.data.get("kind") != SENTINEL
            ]:
                self._unlisted[file] = own

    def findings(self) -> Iterator[Result]:
        """What is wrong in them."""
        concerned = self._concerned()
        for kustomization in self._targets:
            if kustomization.file in concerned:
                yield from self._refused(kustomization)
                yield from self._misplaced(kustomization)
                yield from self._twice(kustomization)
            yield from self._missing(kustomization, is_concerned=kustomization.file in concerned)
        for file in self._kustomizations.second_files:
            first = self._kustomizations.at(os.path.dirname(file))
            if first is not None and first.file in concerned:
                message = f"must be the only kustomization of its folder, beside {os.path.basename(first.file)}"
                yield _tagged(Result.error(message)).at(self._tree.shown(file), 1, 1)

    def _concerned(self) -> set[str]:
        """The kustomizations that are about kloom's configs: they list one, lie beside one, or include such."""
        folders = {os.path.dirname(file) for file in self._unlisted}
        own = {one.file for one in self._kustomizations if one.folder in folders or one.file in self._configs}
        own |= self._unlisted.keys()
        return {one.file for one in self._targets if not own.isdisjoint(self._kustomizations.closure(one.file))}

    def _refused(self, kustomization: Kustomization) -> Iterator[Result]:
        """What kustomize cannot read of a kustomization."""
        data = next(iter(self._tree.documents(kustomization.file)), None)
        target = os.path.relpath(os.path.realpath(kustomization.file), kustomization.folder)
        if target.partition(os.sep)[0] == os.pardir:
            yield self._at(kustomization, (), f"must stand in its own folder, was a link to {target}")
        if data is None or data == {}:
            yield self._at(kustomization, (), "must not be empty")
        elif not isinstance(data, dict):
            yield self._at(kustomization, (), f"must be a map, was {kind_of(data)}")
        else:
            yield from self._wrong_fields(kustomization, data)

    def _wrong_fields(self, kustomization: Kustomization, data: Mapping[str, Any]) -> Iterator[Result]:
        known = {field.lower() for field in FIELDS}
        for field in data:
            if str(field).lower() not in known:
                message = f"must be a field of a kustomization{did_you_mean(str(field), FIELDS)}"
                yield self._at(kustomization, (field,), message, key=True)
        kind = str(kustomization.data.get("kind") or "Kustomization")
        if kind not in _VERSIONS:
            yield self._at(kustomization, ("kind",), f"must be {' or '.join(_VERSIONS)}, was {kind}")
        elif kustomization.data.get("apiVersion") not in (None, "", _VERSIONS[kind]):
            was = kustomization.data["apiVersion"]
            yield self._at(kustomization, ("apiVersion",), f"must be {_VERSIONS[kind]} for a {kind}, was {was}")
        for field, value in kustomization.data.items():
            if field in _LISTS and isinstance(value, list):
                wrong = [(at, entry) for at, entry in enumerate(value) if not isinstance(entry, (str, type(None)))]
                for at, entry in wrong:
                    message = f"must be a file, a folder or a config as text, was {kind_of(entry)}"
                    yield self._at(kustomization, (field, at), message)
            elif value is not None and field in FIELDS:
                proper, name = _SHAPES.get(field, (list, "a list"))
                if not isinstance(value, proper):
                    yield self._at(kustomization, (field,), f"must be {name}, was {kind_of(value)}")

    def _missing(self, kustomization: Kustomization, *, is_concerned: bool) -> Iterator[Result]:
        """Entries, and names of other files, that lead nowhere, as far as they can be told from what is fetched."""
        entries = kustomization.entries(*(_LISTS if is_concerned else CONFIG_FIELDS))
        named = [((field, at), entry) for field, at, entry in entries if "\n" not in entry]
        for place, entry in (*named, *(kustomization.files() if is_concerned else ())):
            if kustomization.is_fetched(entry):
                continue
            path = kustomization.path_of(entry)
            if problem := self._problem(kustomization, str(place[0]), entry):
                yield self._at(kustomization, place, problem)
            elif os.path.isfile(path) and not path.startswith(os.path.join(kustomization.folder, "")):
                target = os.path.relpath(path, kustomization.folder)
                link = "" if target == os.path.normpath(entry) else f", which leads to {target}"
                message = f"must be a file below the kustomization's folder, was {entry}{link}"
                yield self._at(kustomization, place, message, kustomization_rules.FILE_OUTSIDE)

    def _problem(self, kustomization: Kustomization, field: str, entry: str) -> str:
        """Why kustomize fails at an entry; empty where it does not."""
        path = kustomization.path_of(entry)
        if not os.path.exists(path):
            there = sorted(os.listdir(os.path.dirname(path))) if os.path.isdir(os.path.dirname(path)) else []
            folder = os.path.dirname(entry)
            close = did_you_mean(os.path.basename(path), [name for name in there if name not in KUSTOMIZATION_FILES])
            hint = close.replace("mean ", f"mean {folder}/") if folder else close
            return f"must be there, was {entry}{hint}"
        if os.path.isdir(path):
            if field not in _LISTS:
                return f"must be a file, was {entry}"
            if path == kustomization.folder:
                return f"must not be the kustomization's own folder, was {entry}"
            if not any(os.path.isfile(os.path.join(path, name)) for name in KUSTOMIZATION_FILES):
                return f"must be a file, or a folder that holds a kustomization.yaml, was {entry}"
            included = self._kustomizations.at(path)
            if field in INCLUDING and included and included.is_component != (field == "components"):
                kind = "Component" if field == "components" else "Kustomization"
                return f"must be a {kind}, was {entry}, which is {included.data.get('kind', 'Kustomization')}"
            return ""
        if field == "components":
            return f"must be a folder, was {entry}"
        return self._empty(entry, path) if field in CONFIG_FIELDS else ""

    def _empty(self, entry: str, path: str) -> str:
        """Whether a listed file holds no config at all: kustomize takes it, and prints less."""
        try:
            is_empty = not any(self._tree.documents(path))
        except (FileError, YamlError):  # told where the file itself is checked
            return ""
        return f"must hold a config, and {entry} is empty" if is_empty else ""

    def _misplaced(self, kustomization: Kustomization) -> Iterator[Result]:
        """Configs among the resources, where kustomize takes them for what is to be applied."""
        for field, at, entry in kustomization.entries("resources", "bases"):
            for manifest in self._unlisted.get(kustomization.path_of(entry), ()):
                kind = str(manifest.data.get("kind"))
                if kind in FUNCTIONS and not is_local_config(manifest.data):
                    message = misplaced(entry, kind)
                    yield self._at(kustomization, (field, at), message, kustomization_rules.MISPLACED)

    def _twice(self, kustomization: Kustomization) -> Iterator[Result]:
        """Two configs of one kind, namespace and name in one field."""
        first: dict[tuple[object, ...], Config] = {}
        for config in self._configs.get(kustomization.file, ()):
            own = identity(config.data)
            if not all(isinstance(part, (str, type(None))) for part in own):
                continue
            other = first.setdefault((config.field, *own), config)
            if other is not config:
                message = f"must not list a second {own[0]} {own[-1]}: {other.field}[{other.entry}] is one"
                yield self._at(kustomization, (config.field, config.entry), message)

    def _at(
        self,
        kustomization: Kustomization,
        path: Path,
        message: str,
        rule: RepositoryRule | None = None,
        *,
        key: bool = False,
    ) -> Result:
        line, column = self._tree.position(kustomization.file, 0, path, key=key) if path else (1, 1)
        found = Result.error(message, field=path).at(self._tree.shown(kustomization.file), line, column)
        return _tagged(found, rule)


def _around(kustomization: Kustomization) -> Iterator[str]:
    """The files beside a kustomization, and those that it includes, as it may mean to list them otherwise."""
    with os.scandir(kustomization.folder) as entries:
        yield from (entry.path for entry in entries if entry.name.endswith(SUFFIXES) and os.path.isfile(entry.path))
    yield from filter(os.path.isfile, kustomization.included())


def _tagged(result: Result, rule: RepositoryRule | None = None) -> Result:
    rule = rule or kustomization_rules.KUSTOMIZATION
    return result.but(severity=rule.severity, tags={RULE_TAG: rule.id})
