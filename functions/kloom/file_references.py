"""Which files and folders of a repository refer to which, be it a kustomization, a chart, or a config of kloom's.

All paths begin at the root of the repository, which is ".". A path too many is harmless, one too few is not: what
refers to a folder takes all of it, and what may read any file raises Unknown.
"""

from __future__ import annotations

import os
import posixpath

from kloom import API_VERSION
from kloom.config_file import CONFIG_FIELDS, kustomization_file
from kloom.sdk.yaml_reader import YamlError, YamlReader, kustomize_plain
from kloom.values.files import FileError
from kloom.values.layers import FROM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.values.files import Repository

_GROUP = API_VERSION.split("/")[0]
_MAGIC = "*?["


class Unknown(Exception):  # noqa: N818  # the word for what it is
    """It cannot be told which files are read; the text says why."""


class References:
    """The files and folders of one repository, by what refers to them."""

    __slots__ = ("_known", "_reader", "_repository")

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._reader = YamlReader(kustomize_plain, lenient=True)
        self._known: dict[str, list[str]] = {}

    def below(self, folder: str) -> set[str]:
        """The folder, and all that what stands in it refers to, outside of it too."""
        found: set[str] = set()
        todo = [folder]
        if not self._is_folder(folder):
            raise Unknown(f"{folder}: no such folder in this repository ({self._repository.root_is})")
        while todo:
            path = todo.pop()
            if path not in found:
                found.add(path)
                todo += self._referred_to(path)
        return found

    def _referred_to(self, path: str) -> list[str]:
        if path not in self._known:
            found = [*self._targets(path)]
            if not found and path != "." and self._is_folder(path):
                found = [*self._by_kustomization(path), *self._by_chart(path), *self._links(path)]
            self._known[path] = found
        return self._known[path]

    def _targets(self, path: str) -> Iterator[str]:
        """The first symbolic link on the way to a path, and the path that it leads to, inside of the repository."""
        steps = path.split("/")
        for count in range(1, len(steps) + 1):
            link = "/".join(steps[:count])
            if os.path.islink(self._full(link)):
                yield link
                target = joined(posixpath.dirname(link), os.readlink(self._full(link)))
                if target is not None and os.path.exists(self._full(path)):
                    yield posixpath.normpath(posixpath.join(target, *steps[count:]))
                return

    def _by_kustomization(self, folder: str) -> Iterator[str]:
        """Folders, as they may refer to others in turn; files only outside, as the folder stands for those inside."""
        name = kustomization_file(self._full(folder))
        if name is None:
            return
        kustomization = self._document(posixpath.join(folder, name))
        for text in _texts(kustomization):
            path = joined(folder, text.rpartition("=")[2])
            if path is not None and (self._is_folder(path) or not is_in(path, folder)):
                yield path
        for field in CONFIG_FIELDS:
            for entry in _list(kustomization.get(field)):
                if isinstance(entry, str):
                    yield from self._by_configs(folder, entry)

    def _by_configs(self, folder: str, entry: str) -> Iterator[str]:
        """What the functions read whose configs a file holds, or the entry itself, outside of the folder."""
        path = joined(folder, entry)
        if "\n" not in entry and (path is None or self._is_folder(path)):
            raise Unknown(f"{folder}: {entry} may hold configs of functions, which read what they like")
        for config in self._parsed(folder, entry) if path is None or "\n" in entry else self._documents(path):
            if isinstance(config, dict):
                _require_known(folder, config)
                spec = config.get("spec")
                spec = spec if isinstance(spec, dict) else config
                if "manifestGeneratePaths" in spec:
                    yield "."  # it looks at whatever its Applications name
                for named in (*_texts(spec), *self._by_inventory(folder, spec.get("clusters"))):
                    read = joined(folder, before_magic(named))
                    if read is not None and not is_in(read, folder):
                        yield read

    def _by_inventory(self, folder: str, inventory: Any) -> Iterator[str]:
        """The files, seen from the folder, from which an inventory takes endpoints of clusters.

        None of an inventory that cannot be read: it counts itself, and once it is right it is looked at again.
        """
        path = joined(folder, inventory) if isinstance(inventory, str) else None
        try:
            files = self._repository.find(path) if path else ()
            blocks = [(file, block) for file in files for block in self._document(file).values()]
        except (FileError, Unknown):
            return
        for file, block in blocks:
            if isinstance(block, dict) and isinstance(block.get(FROM), str):
                yield posixpath.join(posixpath.relpath(posixpath.dirname(file) or ".", folder), block[FROM])

    def _by_chart(self, folder: str) -> Iterator[str]:
        """Charts of the repository that a chart depends on."""
        if os.path.isfile(self._full(posixpath.join(folder, "Chart.yaml"))):
            for named in _texts(self._document(posixpath.join(folder, "Chart.yaml")).get("dependencies")):
                scheme, _, path = named.partition("://")
                if scheme == "file" and (chart := joined(folder, path)) is not None:
                    yield chart

    def _links(self, folder: str) -> Iterator[str]:
        """The symbolic links below a folder."""
        for where, folders, names in os.walk(self._full(folder)):
            if any(name.endswith((".jsonnet", ".libsonnet")) for name in names):
                raise Unknown(f"{folder}: Jsonnet may import what it likes")
            for path in (os.path.join(where, name) for name in (*folders, *names)):
                if os.path.islink(path):
                    yield os.path.relpath(path, self._repository.root)

    def _document(self, path: str) -> Mapping[str, Any]:
        document = next(iter(self._documents(path)), None)
        return document if isinstance(document, dict) else {}

    def _documents(self, path: str) -> list[Any]:
        try:
            return self._parsed(path, self._repository.read(path))
        except FileError as error:
            raise Unknown(f"{path}: {error}") from None

    def _parsed(self, path: str, text: str) -> list[Any]:
        try:
            return self._reader.documents(text)
        except YamlError as error:
            raise Unknown(f"{path}: {error}") from None

    def _is_folder(self, path: str) -> bool:
        """Whether there is such a folder in the repository, symbolic links followed."""
        try:
            return os.path.isdir(self._repository.folder(path))
        except FileError:
            return False

    def _full(self, path: str) -> str:
        return os.path.join(self._repository.root, path)


def _require_known(folder: str, config: Mapping[str, Any]) -> None:
    group = str(config.get("apiVersion", "")).partition("/")[0]
    if group not in (_GROUP, "builtin"):
        raise Unknown(
            f"{folder}: {config.get('kind')} of {group or 'no group'} is a function, which reads what it likes"
        )


def _texts(value: Any) -> Iterator[str]:
    """Every string in plain data that may be a path."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and value and "\n" not in value:
        yield value


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def joined(folder: str, path: str) -> str | None:
    """The path from the root; None for a URL and for what leads out of the repository."""
    found = posixpath.normpath(posixpath.join(folder, path))
    return None if "://" in path or found.startswith(("..", "/")) else found


def before_magic(path: str) -> str:
    """The folder above the first step of a glob that is no plain name, so that new files count; other paths whole."""
    steps = path.split("/")
    plain = next((at for at, step in enumerate(steps) if any(sign in step for sign in _MAGIC)), len(steps))
    return "/".join(steps[:plain]) or "."


def is_in(path: str, folder: str) -> bool:
    """Whether a path is the folder or stands in it, both from the root."""
    return folder in ("", ".", path) or path.startswith(f"{folder}/")
