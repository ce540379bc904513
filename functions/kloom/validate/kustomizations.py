"""The kustomizations of a repository: which configs of functions they list, and which of them include which."""

from __future__ import annotations

import os
import re

from kloom import API_VERSION
from kloom.config_file import CONFIG_FIELDS, KUSTOMIZATION_FILES
from kloom.sdk.yaml_reader import YamlError
from kloom.values.files import FileError
from kloom.values.inputs import VALUES_ANNOTATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.validate.tree import Tree

GROUP = API_VERSION.split("/", maxsplit=1)[0]
INCLUDING = ("resources", "components", "bases")
RENAMING = ("namePrefix", "nameSuffix", "namespace", "patches", "patchesStrategicMerge", "patchesJson6902")
"""The fields of a kustomization after which its Applications may be called otherwise."""
_LISTING = re.compile(rf"^[\"']?({'|'.join((*CONFIG_FIELDS, *INCLUDING, 'configMapGenerator'))})", re.MULTILINE)


class Kustomization:
    """One kustomization: its folder, its file, and what stands in it."""

    __slots__ = ("data", "file", "folder")

    def __init__(self, file: str, data: Mapping[str, Any]) -> None:
        self.file = file
        self.folder = os.path.dirname(file)
        self.data = data

    def entries(self, *fields: str) -> Iterator[tuple[str, int, str]]:
        """Field, position and text of each entry of these fields that is a string."""
        for field in fields:
            for index, entry in enumerate(_list(self.data.get(field))):
                if _is_text(entry):
                    yield field, index, entry

    def included(self) -> Iterator[str]:
        """The absolute paths of the files and folders that it includes, there or not; what is fetched is left out."""
        for _, _, entry in self.entries(*INCLUDING):
            if "://" not in entry:
                yield os.path.normpath(os.path.join(self.folder, entry))


class Config:
    """A function's config as a kustomization lists it: the file that it stands in, and which document of it."""

    __slots__ = ("data", "entry", "field", "file", "index", "kustomization")

    def __init__(  # noqa: PLR0913  # a record, made in one place
        self,
        kustomization: Kustomization | None,
        field: str,
        entry: int,
        file: str,
        index: int,
        data: Mapping[str, Any],
    ) -> None:
        self.kustomization = kustomization
        self.field = field
        self.entry = entry
        self.file = file
        self.index = index
        self.data = data

    @property
    def folder(self) -> str:
        """Where its function runs."""
        return self.kustomization.folder if self.kustomization else os.path.dirname(self.file)

    @property
    def is_inline(self) -> bool:
        """Whether it stands as text inside of the kustomization."""
        return self.kustomization is not None and self.file == self.kustomization.file

    def position(self, tree: Tree, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of a field; of the entry, for a config inside of a kustomization."""
        if self.is_inline:
            return tree.position(self.file, 0, (self.field, self.entry))
        return tree.position(self.file, self.index, path)


class Kustomizations:
    """All kustomizations of a repository, by folder."""

    __slots__ = ("_by_folder", "_tree", "unreadable")

    def __init__(self, tree: Tree, files: Iterable[str]) -> None:
        self._tree = tree
        self._by_folder: dict[str, Kustomization] = {}
        self.unreadable: dict[str, FileError | YamlError] = {}
        for file in files:
            if os.path.basename(file) in KUSTOMIZATION_FILES:
                self._add(file)

    def at(self, path: str) -> Kustomization | None:
        """The kustomization in a folder, or whose file the path is."""
        found = self._by_folder.get(path)
        if found is None and os.path.basename(path) in KUSTOMIZATION_FILES:
            found = self._by_folder.get(os.path.dirname(path))
        return found

    def configs(self) -> Iterator[Config]:
        """Every config of kloom's that a kustomization lists."""
        for kustomization in self._by_folder.values():
            for field, index, entry in kustomization.entries(*CONFIG_FIELDS):
                yield from self._configs(kustomization, field, index, entry)

    def roots(self) -> list[str]:
        """The folders of the kustomizations that no other one includes."""
        included = {path for kustomization in self._by_folder.values() for path in kustomization.included()}
        return [
            folder
            for folder, kustomization in self._by_folder.items()
            if folder not in included and kustomization.file not in included
        ]

    def closure(self, path: str) -> Iterator[str]:
        """The path, and the files of all that is included by the kustomization there, and by those that it includes."""
        todo, seen = [path], set()
        while todo:
            path = todo.pop()
            kustomization = self.at(path)
            path = kustomization.file if kustomization else path
            if path not in seen:
                seen.add(path)
                yield path
                todo += kustomization.included() if kustomization else ()

    def renamed(self) -> set[str]:
        """The files of the kustomizations whose objects may have other names in the end than where they are written."""
        found = {
            kustomization.file
            for kustomization in self._by_folder.values()
            if any(kustomization.data.get(field) for field in RENAMING)
        }
        for kustomization in self._by_folder.values():
            for path in kustomization.included():
                component = self.at(path)
                if component and component.file in found and component.data.get("kind") == "Component":
                    found.add(kustomization.file)
        for file in list(found):
            found.update(self.closure(file))
        return found

    def config_maps(self, kustomization: Kustomization) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        """The ConfigMaps of values that the kustomization generates or includes, and the file of each of their keys."""
        for path in self.closure(kustomization.folder):
            including = self.at(path)
            if including:
                options = _map(including.data.get("generatorOptions"))
                for made in _list(including.data.get("configMapGenerator")):
                    yield from self._config_map(including, _map(made), options)

    def _add(self, file: str) -> None:
        try:
            text = self._tree.text(file)
            documents = self._tree.documents(file) if _LISTING.search(text) or "{" in text else []
        except (FileError, YamlError) as error:
            self.unreadable[file] = error
            return
        data = documents[0] if documents and isinstance(documents[0], dict) else {}
        self._by_folder.setdefault(os.path.dirname(file), Kustomization(file, data))

    def _configs(self, kustomization: Kustomization, field: str, index: int, entry: str) -> Iterator[Config]:
        file = kustomization.file
        try:
            if "\n" in entry:
                documents = self._tree.parsed(entry)
            else:
                file = os.path.normpath(os.path.join(kustomization.folder, entry))
                nested = self.at(file)
                if nested is not None:  # a kustomization that builds configs: its resources are configs
                    for path in self.closure(file):
                        if path != nested.file and self.at(path) is None:
                            yield from self._configs(
                                kustomization, field, index, os.path.relpath(path, kustomization.folder)
                            )
                    return
                documents = self._tree.documents(file) if GROUP in self._tree.text(file) else []
        except (FileError, YamlError):  # told where the file itself, or the kustomization, is checked
            return
        for at, document in enumerate(documents):
            if is_of_kloom(document):
                yield Config(kustomization, field, index, file, at, document)

    def _config_map(
        self, kustomization: Kustomization, made: Mapping[str, Any], shared: Mapping[str, Any]
    ) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        own = _map(made.get("options"))
        annotations = {**_map(shared.get("annotations")), **_map(own.get("annotations"))}
        if not _is_text(annotations.get(VALUES_ANNOTATION)):
            return
        metadata = {"name": made.get("name"), "annotations": annotations}
        data, files = {}, {}
        for entry in filter(_is_text, _list(made.get("files"))):
            key, _, path = entry.rpartition("=")
            path = os.path.normpath(os.path.join(kustomization.folder, path))
            try:
                data[key or os.path.basename(path)] = self._tree.text(path)
            except FileError:
                continue
            files[f"ConfigMap/{made.get('name')}[{key or os.path.basename(path)}]"] = path
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}, files


def is_of_kloom(document: Any) -> bool:
    """Whether a document is an object of kloom's kinds."""
    return isinstance(document, dict) and str(document.get("apiVersion", "")).partition("/")[0] == GROUP


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
