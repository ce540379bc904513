"""The kustomizations of a repository: which configs of functions they list, and which of them include which."""

from __future__ import annotations

import os

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

    Path = tuple[str | int, ...]

GROUP = API_VERSION.split("/", maxsplit=1)[0]
INCLUDING = ("resources", "components", "bases")
FIELDS = (
    "apiVersion", "bases", "buildMetadata", "commonAnnotations", "commonLabels", "components", "configMapGenerator",
    "configurations", "crds", "generatorOptions", "generators", "helmChartInflationGenerator", "helmCharts",
    "helmGlobals", "imageTags", "images", "kind", "labels", "metadata", "namePrefix", "nameSuffix", "namespace",
    "openapi", "patches", "patchesJson6902", "patchesStrategicMerge", "replacements", "replicas", "resources",
    "secretGenerator", "sortOptions", "transformers", "validators", "vars",
)  # fmt: skip
"""All fields of a kustomization (kustomize 5.8, api/types/kustomization.go), which are read in any case of letters."""
_BY_LOWER_CASE = {field.lower(): field for field in FIELDS}
PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
RENAMING = ("namePrefix", "nameSuffix", "namespace", *PATCHES)
"""The fields of a kustomization after which its Applications may be called otherwise."""
FILE_FIELDS = (
    *((field, "path") for field in ("patches", "patchesJson6902", "replacements", "openapi")),
    *((field, source) for field in ("configMapGenerator", "secretGenerator") for source in ("files", "envs", "env")),
    *((field,) for field in ("patchesStrategicMerge", "configurations", "crds")),
)
"""Where a kustomization names files, besides its entries: by the names of fields, lists on the way gone through."""


class Kustomization:
    """One kustomization: its folder, its file, and what stands in it."""

    __slots__ = ("_paths", "data", "file", "folder")

    def __init__(self, file: str, data: Mapping[str, Any]) -> None:
        self.file = file
        self.folder = os.path.dirname(file)
        self.data = {_BY_LOWER_CASE.get(str(field).lower(), field): value for field, value in data.items()}
        self._paths: dict[str, str] = {}

    @property
    def is_component(self) -> bool:
        """Whether it works on what those have that include it, and builds nothing by itself."""
        return self.data.get("kind") == "Component"

    def entries(self, *fields: str) -> Iterator[tuple[str, int, str]]:
        """Field, position and text of each entry of these fields that is a string."""
        for field in fields:
            for index, entry in enumerate(_list(self.data.get(field))):
                if _is_text(entry):
                    yield field, index, entry

    def included(self) -> Iterator[str]:
        """The absolute paths of the files and folders that it includes, there or not; what is fetched is left out."""
        for _, _, entry in self.entries(*INCLUDING):
            if not self.is_fetched(entry):
                yield self.path_of(entry)

    def files(self) -> Iterator[tuple[Path, str]]:
        """Where it names other files, patches for example, and their names; what stands there as text is left out."""
        for field, *below in FILE_FIELDS:
            for path, text in _texts((field,), self.data.get(field), below):
                name = text.rpartition("=")[2] if "files" in path else text
                if name and "\n" not in name and name[0] != "{":
                    yield path, name

    def path_of(self, entry: str) -> str:
        """The absolute path of an entry, symbolic links resolved, as kustomize does."""
        if entry not in self._paths:
            path = os.path.normpath(os.path.join(self.folder, entry))
            self._paths[entry] = path if "\0" in path else os.path.realpath(path)  # no file is called so
        return self._paths[entry]

    def is_fetched(self, entry: str) -> bool:
        """Whether kustomize may fetch an entry, a URL or a path whose first step is a host, as it is not here."""
        first = entry.partition("/")[0]
        is_address = "://" in entry or "?" in entry or ":" in first or ("/" in entry and "." in first.strip("."))
        return is_address and not os.path.exists(self.path_of(entry))


class Config:
    """A function's config as a kustomization lists it: the file that it stands in, and which document of it."""

    __slots__ = ("data", "entry", "field", "file", "index", "kustomization")

    def __init__(  # noqa: PLR0913  # a record, made in one place
        self,
        kustomization: Kustomization,
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
        return self.kustomization.folder

    @property
    def is_inline(self) -> bool:
        """Whether it stands as text inside of the kustomization."""
        return self.file == self.kustomization.file

    def position(self, tree: Tree, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of a field; of the entry, for a config inside of a kustomization."""
        if self.is_inline:
            return tree.position(self.file, 0, (self.field, self.entry))
        return tree.position(self.file, self.index, path)


class Kustomizations:
    """All kustomizations of a repository, by folder."""

    __slots__ = ("_by_folder", "_including", "_listed", "_tree", "second_files", "unreadable")

    def __init__(self, tree: Tree, files: Iterable[str]) -> None:
        self._tree = tree
        self._by_folder: dict[str, Kustomization] = {}
        self._listed: list[Config] | None = None
        self._including: dict[str, list[Kustomization]] | None = None
        self.second_files: list[str] = []
        """Kustomizations beside another one in their folder, which kustomize refuses."""
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

    def __iter__(self) -> Iterator[Kustomization]:
        return iter(self._by_folder.values())

    def listed(self) -> list[Config]:
        """Every config that a kustomization lists, kloom's or not, as far as the repository holds it."""
        if self._listed is None:
            self._listed = [
                config
                for kustomization in self
                for field, index, entry in kustomization.entries(*CONFIG_FIELDS)
                for config in self._configs(kustomization, field, index, entry)
            ]
        return self._listed

    def configs(self) -> list[Config]:
        """Every config of kloom's that a kustomization lists."""
        return [config for config in self.listed() if is_of_kloom(config.data)]

    def including(self, kustomization: Kustomization) -> list[Kustomization]:
        """The kustomizations that include this one themselves."""
        if self._including is None:
            self._including = {}
            for one in self:
                for path in one.included():
                    if included := self.at(path):
                        self._including.setdefault(included.file, []).append(one)
        return self._including.get(kustomization.file, [])

    def upwards(self, kustomization: Kustomization) -> list[Kustomization]:
        """The kustomization, those that include it, and so on up."""
        found = {kustomization.file: kustomization}
        todo = [kustomization]
        while todo:
            new = [one for one in self.including(todo.pop()) if one.file not in found]
            found.update((one.file, one) for one in new)
            todo += new
        return list(found.values())

    def above(self, kustomization: Kustomization) -> list[Kustomization]:
        """The kustomizations that include it, and so on up, each with its components."""
        _, *above = self.upwards(kustomization)
        return [one for each in above for one in (each, *self.components(each))]

    def builds(self, kustomization: Kustomization) -> Iterator[tuple[Kustomization, list[Kustomization]]]:
        """Each outermost kustomization that brings this one in, and all between the two, both among them."""
        upwards = self.upwards(kustomization)
        for root in upwards:
            if not root.is_component and not self.including(root):
                files = set(self.closure(root.file))
                yield root, [one for one in upwards if one.file in files]

    def homes(self, kustomization: Kustomization) -> list[Kustomization]:
        """The kustomizations in whose builds a component works; of any other kustomization, itself."""
        found: dict[str, Kustomization] = {}
        seen: set[str] = set()
        todo = [kustomization]
        while todo:
            one = todo.pop()
            if not one.is_component:
                found[one.file] = one
            elif one.file not in seen:
                seen.add(one.file)
                todo += self.including(one)
        return list(found.values())

    def components(self, kustomization: Kustomization) -> list[Kustomization]:
        """The components that work on what a kustomization has, those of components too."""
        found: dict[str, Kustomization] = {}
        todo = [kustomization]
        while todo:
            one = todo.pop()
            for _, _, entry in one.entries("components"):
                component = self.at(one.path_of(entry))
                if component and component.file not in found:
                    found[component.file] = component
                    todo.append(component)
        return list(found.values())

    def over(self, config: Config) -> list[Kustomization]:
        """The kustomizations whose fields change what comes of a config that one of them lists.

        What a transformer adds is not changed by the fields of the kustomization that lists it, nor by its components.
        """
        own = config.kustomization
        first = () if config.field == "transformers" else (own, *self.components(own))
        return [*first, *self.above(own)]

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
        found = {one.file for one in self if any(one.data.get(field) for field in RENAMING)}
        found |= {one.file for one in self if any(component.file in found for component in self.components(one))}
        for file in list(found):
            found.update(self.closure(file))
        return found

    def patches(self) -> set[str]:
        """The files that are patches: parts of objects, which need not be whole."""
        return {one.path_of(name) for one in self for path, name in one.files() if path[0] in PATCHES}

    def config_maps(self, kustomization: Kustomization) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        """The ConfigMaps of values that the kustomization generates or includes, and the file of each of their keys."""
        for path in self.closure(kustomization.folder):
            including = self.at(path)
            if including:
                yield from self.own_config_maps(including)

    def own_config_maps(self, kustomization: Kustomization) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        """The ConfigMaps of values that the kustomization itself generates, and the file of each of their keys."""
        options = _map(kustomization.data.get("generatorOptions"))
        for made in _list(kustomization.data.get("configMapGenerator")):
            yield from self._config_map(kustomization, _map(made), options)

    def _add(self, file: str) -> None:
        try:
            documents = self._tree.documents(file)
        except (FileError, YamlError) as error:
            self.unreadable[file] = error
            return
        data = documents[0] if documents and isinstance(documents[0], dict) else {}
        kustomization = Kustomization(file, data)
        if self._by_folder.setdefault(kustomization.folder, kustomization) is not kustomization:
            self.second_files.append(file)

    def _configs(self, kustomization: Kustomization, field: str, index: int, entry: str) -> Iterator[Config]:
        file = kustomization.file
        try:
            if "\n" in entry:
                documents = self._tree.parsed(entry)
            else:
                file = kustomization.path_of(entry)
                nested = self.at(file)
                if nested is not None:  # a kustomization that builds configs: its resources are configs
                    for path in self.closure(file):
                        if path != nested.file and self.at(path) is None:
                            yield from self._configs(
                                kustomization, field, index, os.path.relpath(path, kustomization.folder)
                            )
                    return
                documents = self._tree.documents(file)
        except (FileError, YamlError):  # told where the file itself, or the kustomization, is checked
            return
        for at, document in enumerate(documents):
            if isinstance(document, dict):
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
            path = kustomization.path_of(path)
            try:
                data[key or os.path.basename(path)] = self._tree.text(path)
            except FileError:
                continue
            files[f"ConfigMap/{made.get('name')}[{key or os.path.basename(path)}]"] = path
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}, files


def is_of_kloom(document: Any) -> bool:
    """Whether a document is an object of kloom's kinds."""
    return isinstance(document, dict) and str(document.get("apiVersion", "")).partition("/")[0] == GROUP


def _texts(path: Path, value: Any, fields: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """The strings that are found by some fields, one below the other, and the path of each."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts((*path, at), item, fields)
    elif isinstance(value, dict) and fields:
        yield from _texts((*path, fields[0]), value.get(fields[0]), fields[1:])
    elif isinstance(value, str) and not fields:
        yield path, value


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
