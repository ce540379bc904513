"""What the repository is called by others, and which paths in it Applications name that are not there.

It is the repository of a source whose repoURL is a remote of Git's, `origin` or `upstream` (others may be anything, but
for a single one), by whichever protocol. What is checked out tells of a source's targetRevision if that is HEAD, the
branch that is checked out, or the one that the remote's HEAD is; of others it tells nothing.
"""

from __future__ import annotations

import os
import re

from kloom.argo.rules.project import normalized_url
from kloom.argo.rules.syntax import leaves_root, sources_of
from kloom.values.files import FileError, Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Path = tuple[str | int, ...]

_OWN = ("origin", "upstream")
_REMOTE = re.compile(r'\s*\[remote "(.*)"\]\s*')
_URL = re.compile(r'\s*url\s*=\s*"?(.*?)"?\s*')
_BRANCH = re.compile(r"ref: refs/(?:heads|remotes/[^/]+)/(\S+)\s*")
_PROTOCOL = re.compile(r"^([a-z+]+://)?([^/@]*@)?")


class OwnRepository:
    """A repository on disk: the places that it is known by, and the revisions that it shows."""

    __slots__ = ("_missing", "_places", "_revisions", "_root")

    def __init__(self, root: str, urls: frozenset[str], branches: frozenset[str]) -> None:
        self._root = root
        self._places = {_place(url) for url in urls}
        self._revisions = {"", "HEAD", *branches}
        self._missing: dict[str, bool] = {}

    @classmethod
    def of(cls, root: str) -> OwnRepository:
        """What `.git` in the root tells; of no place where there is none."""
        repository = Repository(root)
        urls = dict(_remotes(_text(repository, "config")))
        own = urls.values() if len(urls) == 1 else [urls[name] for name in _OWN if name in urls]
        heads = ("HEAD", *(f"refs/remotes/{name}/HEAD" for name in _OWN))
        branches = [match[1] for head in heads if (match := _BRANCH.fullmatch(_text(repository, head)))]
        return cls(root, frozenset(own), frozenset(branches))

    def missing(self, spec: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
        """The paths of an Application's sources that should be here and are not: where in the spec, and which."""
        for where, source in sources_of(spec) if self._places else ():
            path, revision = source.get("path"), source.get("targetRevision")
            if not isinstance(path, str) or not path or source.get("chart") or (revision or "") not in self._revisions:
                continue
            if _place(str(source.get("repoURL") or "")) in self._places and self._is_missing(path):
                yield (*where, "path"), path

    def _is_missing(self, path: str) -> bool:
        if path not in self._missing:
            self._missing[path] = not leaves_root(path) and not os.path.isdir(os.path.join(self._root, path))
        return self._missing[path]


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


def _text(repository: Repository, name: str) -> str:
    try:
        return repository.read(os.path.join(".git", name))
    except FileError:
        return ""
