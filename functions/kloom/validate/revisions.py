"""A repository as it was at an earlier revision: its YAML and JSON files, read from Git and put into a folder.

Git is asked for the names and contents alone: what is configured for files that are checked out is not run.
"""

from __future__ import annotations

import os
import subprocess

from kloom.config_file import KUSTOMIZATION_FILES
from kloom.sdk.result import Refusal
from kloom.validate.tree import SUFFIXES
from kloom.values.files import MAX_FILE_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_FILES = 50_000
MAX_BYTES = 256 * 1024 * 1024
_PLAIN_FILES = ("100644", "100755")


class Blob:
    """A file of a revision: its path from the root, and by what Git finds its content."""

    __slots__ = ("name", "path", "size")

    def __init__(self, path: str, name: str, size: int) -> None:
        self.path = path
        self.name = name
        self.size = size


def put_revision(root: str, revision: str, folder: str) -> None:
    """Write the YAML and JSON files that a revision has into an empty folder, which is a repository's root then.

    Raises Refusal for a revision that there is not, and for one with more files than are read.
    """
    os.mkdir(os.path.join(folder, ".git"))  # for what looks where the repository ends
    blobs = list(_blobs(root, _tree_of(root, revision)))
    if len(blobs) > MAX_FILES or sum(blob.size for blob in blobs) > MAX_BYTES:
        raise Refusal(f"--since {revision}: must hold at most {MAX_FILES} YAML files, of {MAX_BYTES >> 20} MiB")
    for blob, content in zip(blobs, _contents(root, blobs), strict=True):
        path = os.path.join(folder, *blob.path.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


def _tree_of(root: str, revision: str) -> str:
    done = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
    if done is None:
        raise Refusal(f"--since {revision}: must be a revision of the repository that the files are in, as HEAD~1")
    return done.decode().strip()


def _blobs(root: str, tree: str) -> Iterator[Blob]:
    """The plain files of a tree that `kloom validate` would look at: none that is too large, hidden, or a link."""
    listed = _git(root, "ls-tree", "-r", "-z", "-l", "--full-tree", tree) or b""
    for entry in listed.decode(errors="surrogateescape").split("\0"):
        described, tab, path = entry.partition("\t")
        if not tab:
            continue
        mode, _, name, size = described.split()
        steps = path.split("/")
        is_hidden = any(step.startswith(".") or not step for step in steps)
        is_wanted = path.endswith(SUFFIXES) or steps[-1] in KUSTOMIZATION_FILES
        if mode in _PLAIN_FILES and is_wanted and not is_hidden and int(size) <= MAX_FILE_BYTES:
            yield Blob(path, name, int(size))


def _contents(root: str, blobs: Sequence[Blob]) -> Iterator[bytes]:
    """What stands in the files, in their order."""
    asked = "".join(f"{blob.name}\n" for blob in blobs).encode()
    answer = _git(root, "cat-file", "--batch", stdin=asked) or b""
    at = 0
    for blob in blobs:
        start = answer.index(b"\n", at) + 1
        yield answer[start : start + blob.size]
        at = start + blob.size + 1


def _git(root: str, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """What Git prints; None where it fails. Raises Refusal where there is no Git."""
    try:
        done = subprocess.run(["git", "-C", root, *arguments], input=stdin, capture_output=True, check=False)  # noqa: S603, S607  # git as everybody has it
    except OSError as error:
        raise Refusal(f"--since needs git: {error.strerror}") from None
    return done.stdout if done.returncode == 0 else None
