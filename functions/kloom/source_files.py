"""Which files and folders of their repository the sources of an Application are made from.

SourceFiles(repository).of_spec(application["spec"])   →   {"overlays/dev", "overlays/shared/clusters.yaml"}
"""

from __future__ import annotations

import posixpath

from kloom.argo.rules.syntax import sources_of
from kloom.file_references import References, Unknown, before_magic, joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.values.files import Repository

    Source = Mapping[str, Any]

_PLUGIN = "kloom"


class SourceFiles:
    """What sources read of one repository, which they all stand in."""

    __slots__ = ("_references",)

    def __init__(self, repository: Repository) -> None:
        self._references = References(repository)

    def of_spec(self, spec: Mapping[str, Any]) -> set[str]:
        """The paths, from the root, of what the sources read. Raises Unknown where that cannot be told."""
        sources = [source for _, source in sources_of(spec)]
        folders = {folder for source in sources for folder in _folders(source)}
        read = {path for folder in folders for path in self._references.below(folder)}
        refs = {f"${source['ref']}" for source in sources if source.get("ref")}
        read = read.union(*(_value_files(source, refs) for source in sources))
        if odd := [path for path in read if ";" in path]:
            raise Unknown(f"{odd[0]}: Argo CD takes what stands before ; for a path")
        return read


def _folders(source: Source) -> Iterator[str]:
    """The folders that a source names. Raises Unknown for what reads more than can be told."""
    plugin = source.get("plugin")
    if plugin is not None and plugin.get("name") != _PLUGIN:
        raise Unknown("a plugin may read any file")
    if (source.get("directory") or {}).get("jsonnet"):
        raise Unknown("Jsonnet may import what it likes")
    if source.get("chart") or not source.get("path"):
        return
    folder = posixpath.normpath(source["path"])
    given = {parameter.get("name"): parameter for parameter in (plugin or {}).get("parameters") or ()}
    yield posixpath.normpath(posixpath.join(folder, given.get("environment", {}).get("string") or ""))
    for component in (source.get("kustomize") or {}).get("components") or ():
        if (path := joined(folder, component)) is not None:
            yield path


def _value_files(source: Source, refs: set[str]) -> Iterator[str]:
    """Values files and files of parameters: from the source's folder, from the root, or from the source of a ref."""
    helm = source.get("helm") or {}
    named = [*(helm.get("valueFiles") or ()), *(parameter["path"] for parameter in helm.get("fileParameters") or ())]
    for file in named:
        ref, _, rest = file.partition("/")
        if ref in refs:
            path = joined("", rest)
        elif "$" in file:
            raise Unknown(f"{file}: holds a variable")
        else:
            path = joined("" if file.startswith("/") else source.get("path", ""), file.lstrip("/"))
        if path is not None:
            yield before_magic(path)
