"""What the repository is called by others, and what does not fit its files in the sources that lead into it.

It is the repository of a source whose repoURL is a remote of Git's, `origin` or `upstream` (others may be anything, but
for a single one), by whichever protocol. What is checked out tells of a source's targetRevision if that is HEAD, the
branch that is checked out, or the one that the remote's HEAD is; of others it tells nothing.
"""

from __future__ import annotations

import os
import re

from kloom.argo.rules.project import normalized_url
from kloom.argo.rules.renderers import removed_renderers
from kloom.argo.rules.syntax import leaves_root, sources_of
from kloom.config_file import KUSTOMIZATION_FILES
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import YamlError
from kloom.validate import rulebook
from kloom.validate.tree import CHART
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    from kloom.validate.repository_rule import RepositoryRule
    from kloom.validate.tree import Tree

    Path = tuple[str | int, ...]
    Object = Mapping[str, Any]
    Found = tuple[RepositoryRule, Path, str]
    """By which rule, where in the Application, and what must hold."""

_OWN = ("origin", "upstream")
_REMOTE = re.compile(r'\s*\[remote "(.*)"\]\s*')
_URL = re.compile(r'\s*url\s*=\s*"?(.*?)"?\s*')
_BRANCH = re.compile(r"ref: refs/(?:heads|remotes/[^/]+)/(\S+)\s*")
_PROTOCOL = re.compile(r"^([a-z+]+://)?([^/@]*@)?")
_NOT_FOR_SURE = re.compile(r"[$*?\[{:]|//")
"""Signs of what is no plain path of a file: a variable, a wildcard, a URL."""
_OVERRIDABLE = ("helm", "kustomize", "directory", "plugin")


class OwnRepository:
    """A repository on disk: the places that it is known by, and the revisions that it shows."""

    __slots__ = ("_files", "_places", "_revisions", "_tree")

    def __init__(self, tree: Tree, urls: frozenset[str], branches: frozenset[str]) -> None:
        self._tree = tree
        self._places = {_place(url) for url in urls}
        self._revisions = {"", "HEAD", *branches}
        self._files: dict[str, frozenset[str]] = {}
        """The names of what is in a folder, by its path; many Applications ask about one."""

    @classmethod
    def of(cls, tree: Tree) -> OwnRepository:
        """What `.git` in the root tells; of no place where there is none."""
        urls = dict(_remotes(_text(tree, "config")))
        own = urls.values() if len(urls) == 1 else [urls[name] for name in _OWN if name in urls]
        heads = ("HEAD", *(f"refs/remotes/{name}/HEAD" for name in _OWN))
        branches = [match[1] for head in heads if (match := _BRANCH.fullmatch(_text(tree, head)))]
        return cls(tree, frozenset(own), frozenset(branches))

    def problems(self, application: Object, argocd_namespace: str | None = None) -> Iterator[Found]:
        """What does not fit in an Application; Argo CD's namespace tells by which names files are about it."""
        spec = application["spec"]
        sources = list(_used_sources(spec)) if self._places else []
        here = [self._is_here(source) for _, source in sources]
        refs = {source.get("ref") for (_, source), is_here in zip(sources, here, strict=True) if is_here}
        for (where, source), is_here in zip(sources, here, strict=True):
            folder = _folder(source) if is_here else ""
            found = list(self._in_folder(application, where, source, folder, argocd_namespace)) if folder else []
            yield from ((rule, ("spec", *where, *path), message) for rule, path, message in found)
            if any(rule in (rulebook.PATH, rulebook.OVERRIDDEN) for rule, _, _ in found):
                continue
            for path, file in _named_files(source, folder, refs if len(sources) > 1 else ()):
                if problem := self._is_no_file(file):
                    yield rulebook.FILE, ("spec", *where, *path), problem

    def _is_here(self, source: Object) -> bool:
        """Whether what is checked out is what Argo CD gets for the source."""
        revision = source.get("targetRevision") or ""
        return revision in self._revisions and _place(str(source.get("repoURL") or "")) in self._places

    def _in_folder(
        self, application: Object, where: Path, source: Object, folder: str, home: str | None
    ) -> Iterator[Found]:
        """What is wrong with the path of a source, or with what is in it."""
        if not os.path.isdir(os.path.join(self._tree.root, folder)):
            yield rulebook.PATH, ("path",), f"should be a folder of this repository, was {folder}, which is not there"
            return
        names = self._names(folder)
        overriding = [
            (name, said)
            for name in _overriding(application, home)
            if name in names and (said := self._overrides(source, os.path.join(folder, name)))
        ]
        if overriding:
            if where[0] != "sourceHydrator" or not _RENDERERS.keys().isdisjoint(source):
                for name, said in overriding:
                    message = f"should be a folder without {name}, which there {said}; was {folder}"
                    yield rulebook.OVERRIDDEN, ("path",), message
            return
        for renderer, needed in _RENDERERS.items():
            if source.get(renderer) is not None and names.isdisjoint(needed):
                message = f"should stand with a path that holds a {needed[0]}, was with {folder}, which holds none"
                yield rulebook.RENDERER, (renderer,), message

    def _overrides(self, source: Object, path: str) -> str:
        """What a file does to the source that it stands with; empty where it leaves that as it is."""
        try:
            documents = self._tree.documents(os.path.join(self._tree.root, path))
        except (FileError, YamlError):
            return "cannot be read, so that nothing is rendered"
        said = documents[0] if documents else None
        if not isinstance(said, dict):
            return "is no map, so that nothing is rendered"
        changed = [field for renderer in _OVERRIDABLE for field in _changed(source, said, renderer)]
        return f"overrides {', '.join(changed)}" if changed else ""

    def _is_no_file(self, file: str) -> str:
        """What is wrong with a name of a file, a path from the root; empty where it is there."""
        path = os.path.normpath(file)
        if leaves_root(path) or os.path.exists(os.path.join(self._tree.root, path)):
            return ""
        folder, name = os.path.split(path)
        stem, suffix = os.path.splitext(name)
        alike = [other.removesuffix(suffix) for other in self._names(folder) if other.endswith(suffix)]
        hint = did_you_mean(stem, alike).replace("?)", f"{suffix}?)")
        return f"should be a file of this repository, was {path}, which is not there{hint}"

    def _names(self, folder: str) -> frozenset[str]:
        if folder not in self._files:
            try:
                self._files[folder] = frozenset(os.listdir(os.path.join(self._tree.root, folder)))
            except OSError:
                self._files[folder] = frozenset()
        return self._files[folder]


_RENDERERS = {"kustomize": KUSTOMIZATION_FILES, "helm": (CHART,)}
"""What a folder must hold one of to be rendered so."""


def _used_sources(spec: Object) -> Iterator[tuple[Path, Object]]:
    """The sources without the renderers that Argo CD takes out, as they say nothing."""
    removed = removed_renderers(spec)
    for where, source in sources_of(spec):
        yield where, {field: value for field, value in source.items() if field not in removed} if removed else source


def _overriding(application: Object, home: str | None) -> Iterator[str]:
    """The names of files that override an Application's sources: outside of Argo CD's namespace with its own."""
    metadata = application["metadata"]
    name, namespace = metadata.get("name"), metadata.get("namespace")
    yield ".argocd-source.yaml"
    if home is None or namespace in (None, home):
        yield f".argocd-source-{name}.yaml"
    if namespace and namespace != home:
        yield f".argocd-source-{namespace}_{name}.yaml"


def _changed(source: Object, said: Object, renderer: str) -> Iterator[str]:
    """Which fields of a renderer a file changes."""
    if said.get(renderer) is None:
        return
    before, after = source.get(renderer), _merged(source.get(renderer), said[renderer])
    if isinstance(before, dict) and isinstance(after, dict):
        fields = (field for field in {**before, **after} if before.get(field) != after.get(field))
        yield from (f"{renderer}.{field}" for field in fields)
    elif isinstance(after, dict) and after:
        yield from (f"{renderer}.{field}" for field in after)
    elif before != after:
        yield renderer


def _merged(said: Any, patch: Any, *, null_removes: bool = False) -> Any:
    """What Argo CD makes of the two: JSON Merge Patch (RFC 7386), but null removes nothing outside of valuesObject.

    It reads the outcome into the source that it has, and what is gone from the one stays in the other.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(said) if isinstance(said, dict) else {}
    for key, value in patch.items():
        if value is not None:
            merged[key] = _merged(merged.get(key), value, null_removes=null_removes or key == "valuesObject")
        elif null_removes:
            merged.pop(key, None)
    return merged


def _folder(source: Object) -> str:
    """The path from the root of what a source is rendered from; empty for a chart of a registry, or a mere ref."""
    path = source.get("path")
    return path if path and not source.get("chart") and not leaves_root(path) else ""


def _named_files(source: Object, folder: str, refs: Collection[Any]) -> Iterator[tuple[Path, str]]:
    """The files that a source names in a folder, if it has one, or by a ref: where it does, and which from the root."""
    for path, file in _value_files(source.get("helm") or {}):
        ref, _, rest = file[1:].partition("/")
        if file.startswith("$") and ref in refs and rest and not _NOT_FOR_SURE.search(rest):
            yield ("helm", *path), rest
        elif folder and not _NOT_FOR_SURE.search(file):
            yield ("helm", *path), file.lstrip("/") if file.startswith("/") else f"{folder}/{file}"
    for path, file in _kustomize_files(source.get("kustomize") or {}):
        if folder and not _NOT_FOR_SURE.search(file):
            yield ("kustomize", *path), f"{folder}/{file}"


def _value_files(helm: Object) -> Iterator[tuple[Path, str]]:
    if not helm.get("ignoreMissingValueFiles"):
        yield from ((("valueFiles", at), file) for at, file in enumerate(helm.get("valueFiles") or ()) if file)
    for at, parameter in enumerate(helm.get("fileParameters") or ()):
        if parameter.get("path"):
            yield ("fileParameters", at, "path"), parameter["path"]


def _kustomize_files(kustomize: Object) -> Iterator[tuple[Path, str]]:
    """Patches, and the components that are surely no repositories: those that begin with a dot."""
    if not kustomize.get("ignoreMissingComponents"):
        for at, component in enumerate(kustomize.get("components") or ()):
            if component.startswith("."):
                yield ("components", at), component
    for at, patch in enumerate(kustomize.get("patches") or ()):
        if patch.get("path"):
            yield ("patches", at, "path"), patch["path"]


def _remotes(config: str) -> Iterator[tuple[str, str]]:
    """Name and URL of each remote in Git's config."""
    name = ""
    for line in config.splitlines():
        if section := _REMOTE.fullmatch(line):
            name = section[1]
        elif line.lstrip().startswith("["):
            name = ""
        elif name and (url := _URL.fullmatch(line)):
            yield name, url[1]


def _place(url: str) -> str:
    """Host and path of a repository, whatever the protocol and the user."""
    return _PROTOCOL.sub("", normalized_url(url)).strip("/")


def _text(tree: Tree, name: str) -> str:
    try:
        return tree.text(os.path.join(tree.root, ".git", name))
    except FileError:
        return ""
