"""The symbolic links that Git keeps in a checkout, told by its index (gitformat-index(5)); Git itself is not started.

Links that Git does not know (of .venv, node_modules, a build) are in no clone. What is in a submodule that is checked
out counts, since Argo CD checks submodules out as well. Of an index that is not read here (with SHA-256, or the part
that a split one shares) nothing is told.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_INDEX_BYTES = 256 * 1024 * 1024
_LONGEST_PATH = 4096
_SIGNATURE, _VERSIONS = b"DIRC", (2, 3, 4)
_HEADER, _MODE, _FLAGS, _NAME = 12, 24, 60, 62
"""Where the first entry begins, and where in an entry its mode, flags and name do."""
_PREFIXED = 4
"""The version from which a name is told by what it differs in from the one before, and nothing is aligned."""
_LINK, _SUBMODULE = b"\0\0\xa0\0", b"\0\0\xe0\0"
_EXTENDED = 0x40


def has_git(root: str) -> bool:
    """Whether a folder is the root of a repository of Git's."""
    return os.path.lexists(os.path.join(root, ".git"))


def links_of(root: str) -> Iterator[str]:
    """The paths of the links, from the root and with slashes."""
    yield from _links(root, set())


def _links(root: str, seen: set[str]) -> Iterator[str]:
    """`seen` is which indexes were read: a forged one may name a folder that holds it."""
    found: dict[str, bytes] = {}
    try:
        path = _index_of(root)
        if path not in seen:
            seen.add(path)
            found.update(_entries(_content(path)))
    except (OSError, ValueError, IndexError):  # there is none yet, or Git did not write it
        return
    for name, mode in found.items():
        if mode == _LINK:
            yield name
        else:
            yield from (f"{name}/{below}" for below in _links(os.path.join(root, name), seen))


def _index_of(root: str) -> str:
    """Where the index is: in `.git`, or where that leads to, if it is the file that a worktree or submodule has."""
    place = os.path.join(root, ".git")
    if os.path.isfile(place):
        with open(place, encoding="utf-8", errors="surrogateescape") as file:
            place = os.path.join(root, file.readline(_LONGEST_PATH).removeprefix("gitdir:").strip())
    return os.path.realpath(os.path.join(place, "index"))


def _content(path: str) -> bytes:
    if not os.path.isfile(path) or os.path.getsize(path) > MAX_INDEX_BYTES:
        return b""
    with open(path, "rb") as file:
        return file.read()


def _entries(index: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and mode of each link and submodule. Raises ValueError and IndexError for what is no index."""
    if _LINK not in index and _SUBMODULE not in index:  # most repositories: nothing to walk through
        return
    version = int.from_bytes(index[4:8])
    if index[:4] != _SIGNATURE or version not in _VERSIONS:
        return
    at, name = _HEADER, b""
    for _ in range(int.from_bytes(index[8:_HEADER])):
        start = at + _NAME + (2 if index[at + _FLAGS] & _EXTENDED else 0)
        kept = 0
        if version == _PREFIXED:
            dropped, start = _number(index, start)
            kept = len(name) - dropped
        end = index.index(0, start)
        name = name[:kept] + index[start:end]
        mode = index[at + _MODE : at + _MODE + 4]
        if mode in (_LINK, _SUBMODULE):
            yield os.fsdecode(name), mode
        at = end + 1 if version == _PREFIXED else end + 8 - (end - at) % 8


def _number(index: bytes, at: int) -> tuple[int, int]:
    """A number as Git packs it, seven bits a byte, the longer ones counting on from the shorter; and where it ends."""
    number = index[at] & 0x7F
    while index[at] & 0x80:
        at += 1
        number = (number + 1 << 7) + (index[at] & 0x7F)
    return number, at + 1
