"""The files of a repository: which there are, read at most once, named as the person who runs the command sees them."""

from __future__ import annotations

import os
import re

from kloom.config_file import KUSTOMIZATION_FILES
from kloom.sdk.yaml_reader import YamlReader, compose_documents, kustomize_plain
from kloom.values.files import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    import yaml

SUFFIXES = (".yaml", ".yml", ".json")
SETTINGS_FILE = ".kloom.yaml"
CHART, TEMPLATES = "Chart.yaml", "templates"
SKIPPED_FOLDERS = ("node_modules",)


class Tree:
    """A repository from its root down; paths go in and come out absolute, symbolic links in folders resolved."""

    __slots__ = ("_cwd", "_documents", "_nodes", "_reader", "_repository", "_texts", "root")

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._cwd = os.path.realpath(os.curdir)
        self._repository = Repository(self.root)
        self._reader = YamlReader(kustomize_plain, lenient=True)
        self._texts: dict[str, str] = {}
        self._documents: dict[str, list[Any]] = {}
        self._nodes: tuple[str, list[yaml.Node]] = ("", [])

    def files(self, folder: str | None = None) -> Iterator[str]:
        """The YAML and JSON files in and below a folder, sorted; none of hidden folders, nor templates of charts."""
        folders: list[str] = []
        names: list[str] = []
        with os.scandir(folder or self.root) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIXES) or entry.name in KUSTOMIZATION_FILES:
                    if entry.name != SETTINGS_FILE and _is_file(entry):
                        names.append(entry.path)
                elif entry.name[0] != "." and entry.name not in SKIPPED_FOLDERS and entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
        yield from sorted(names)
        for below in sorted(folders):
            if not is_of_templates(below):
                yield from self.files(below)

    def text(self, path: str) -> str:
        """The text of a file. Raises FileError for what is no readable file of the repository."""
        if path not in self._texts:
            self._texts[path] = self._repository.read(os.path.relpath(path, self.root))
        return self._texts[path]

    def documents(self, path: str) -> list[Any]:
        """The documents of a file as kustomize reads them. Raises FileError, and YamlError for what is no YAML."""
        if path not in self._documents:
            self._documents[path] = self._reader.documents(self.text(path))
        return self._documents[path]

    def parsed(self, text: str) -> list[Any]:
        """The documents of a text that stands inside of a file. Raises YamlError."""
        return self._reader.documents(text)

    def position(self, path: str, index: int, steps: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value (or key) at a path of one of a file's documents; of the nearest parent there is.

        The nodes of one file are kept until another one is asked for: what is wrong comes file by file.
        """
        if self._nodes[0] != path:
            self._nodes = path, compose_documents(self.text(path))
        node = self._nodes[1][index]
        mark = node.start_mark
        for step in steps:
            entries = node.value if isinstance(node.value, list) else ()
            found: Any = None
            if entries and isinstance(entries[0], tuple):
                found = next((entry for entry in entries if entry[0].value == step), None)
            elif isinstance(step, int) and step < len(entries):
                found = (entries[step], entries[step])
            if found is None:
                break
            node = found[1]
            mark = found[0 if key else 1].start_mark
        return mark.line + 1, mark.column + 1

    def shown(self, path: str) -> str:
        """The path as seen from where the command runs."""
        return os.path.relpath(path, self._cwd)

    def from_root(self, path: str) -> str:
        """The path as seen from the root, with slashes; as settings name it."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    @property
    def folder(self) -> str:
        """Where the command runs, as seen from the root."""
        return os.path.relpath(self._cwd, self.root)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # links in a circle, which reading tells
        return True


def is_of_templates(path: str) -> bool:
    """Whether a path is the folder of a chart's templates, or below it: text that Helm makes YAML of."""
    above, found, _ = f"{path}{os.sep}".rpartition(f"{os.sep}{TEMPLATES}{os.sep}")
    return bool(found) and os.path.isfile(os.path.join(above, CHART))


def root_of(path: str) -> str:
    """The root of the repository around a file or folder; without one, where the command runs if it is around it."""
    folder = os.path.realpath(path if os.path.isdir(path) else os.path.dirname(path) or os.curdir)
    root = Repository(folder).root
    here = os.path.realpath(os.curdir)
    if root == folder and not os.path.lexists(os.path.join(root, ".git")) and folder.startswith(os.path.join(here, "")):
        return here
    return root


def glob_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path from the root matches: `*`, `?` inside of a name, `**` across; a folder holds for all in it."""
    expression = "".join(_translated(part) for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern.rstrip("/")))
    matches = re.compile(f"{expression}(?:/.*)?").fullmatch
    return lambda path: matches(path) is not None


def _translated(part: str) -> str:
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return known.get(part) or re.escape(part)
