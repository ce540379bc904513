"""Find and read files, never outside the repository.

The repository is the Git root above the kustomization; where there is none (an archive, a plugin that leaves `.git`
out) the folder that KLOOM_ROOT names; else the kustomization's own folder. No absolute path, no URL, no `..` or
symbolic link out of it is followed, and only regular files of a bounded size are opened.
"""

from __future__ import annotations

import errno
import os
import stat

from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_FILE_BYTES = 4 * 1024 * 1024
SUFFIXES = (".yaml", ".yml", ".json")
"""How files of values are called; a folder of such a name is no folder that a glob may pass over in silence."""
_MOST = f"{MAX_FILE_BYTES // 2**20} MiB"
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
_SIMILAR = 0.75
"""How alike names of files must be, whose ends are the same anyway."""
_NO_NAMES = ("", os.curdir, os.pardir)


class FileError(Exception):
    """A file that cannot be read or must not be; the text says why, without the file's name.

    What is wrong with what stands in it has a line and a column, from 1; what is wrong with the file itself has none.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class Repository:
    """What may be read for one kustomization; paths go in and come out relative to the kustomization."""

    __slots__ = ("_bounds", "_inside", "_read_from", "base", "root", "root_is")

    def __init__(self, base: str) -> None:
        self.base = os.path.realpath(base)
        self.root, self.root_is = _root_above(self.base)
        self._bounds = os.path.join(self.root, "")
        self._inside: dict[str, bool] = {}
        self._read_from: set[str] = set()
        """Folders of files that were read: whatever else they hold is inside of the repository unless it is a link."""

    def find(self, pattern: str) -> list[str]:
        """The files that a path or glob (`*`, `?`, `[…]`, `**`) names, sorted; a folder that is called like one, too.

        Raises FileError for a pattern that leaves the repository and for one that matches nothing.
        """
        self._refuse_outside(pattern)
        all_steps = os.path.normpath(pattern).split(os.sep)
        steps = [step for step, after in zip(all_steps, [*all_steps[1:], ""], strict=True) if not step == after == "**"]
        if not any(map(_is_magic, steps)):
            return [os.path.join(*steps)]
        try:
            found = {path[len(self.base) + 1 :] for path in _matches(self.base, steps, set())}
        except RecursionError:
            raise FileError("leads through too many folders in each other") from None
        if not found:
            raise FileError(f"matches no file{_nearest_folder(self.base, steps)}")
        return sorted(found)

    def read(self, path: str) -> str:
        """The text of one file. Raises FileError for what is no readable regular UTF-8 file inside the repository."""
        full = os.path.join(self.base, path)
        folder, _, name = path.rpartition(os.sep)
        if folder not in self._read_from or name in _NO_NAMES or "\0" in name:
            self._refuse_outside(path)
            self._refuse_links_out(full)
            self._read_from.add(folder)
        try:
            descriptor = self._opened(full)
        except OSError as error:
            raise FileError(_reason(error, full)) from None
        try:
            return _text_of(descriptor)
        except OSError as error:
            raise FileError(_reason(error, full)) from None
        finally:
            os.close(descriptor)

    def folder(self, path: str) -> str:
        """Where a folder is. Raises FileError for one outside of the repository."""
        self._refuse_outside(path)
        full = os.path.join(self.base, path)
        self._refuse_links_out(os.path.join(full, ""))
        return full

    def _opened(self, full: str) -> int:
        # O_NONBLOCK: opening a FIFO must not wait for somebody to write to it
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            return os.open(full, flags | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
        self._refuse_links_out(full)
        return os.open(full, flags)

    def _refuse_outside(self, path: str) -> None:
        if not path or "\0" in path:
            raise FileError("must be a path")
        if os.path.isabs(path) or "://" in path:
            raise FileError("must be a path relative to the kustomization, no absolute path and no URL")
        if not self._contains(os.path.normpath(os.path.join(self.base, path))):
            raise FileError(f"must stay inside the repository ({self.root_is})")

    def _refuse_links_out(self, full: str) -> None:
        """Refuse a symbolic link that leads out, in the path's folders (each looked at once) or as the file itself."""
        folder = os.path.dirname(full)
        if folder not in self._inside:
            self._inside[folder] = self._contains(os.path.realpath(folder))
        if not self._inside[folder] or (os.path.islink(full) and not self._contains(os.path.realpath(full))):
            raise FileError(f"must not be a symbolic link out of the repository ({self.root_is})")

    def _contains(self, path: str) -> bool:
        return path == self.root or path.startswith(self._bounds)


def _is_magic(step: str) -> bool:
    return any(character in step for character in "*?[")


def _matches(folder: str, steps: Sequence[str], seen: set[tuple[str, ...]]) -> Iterator[str]:
    """What the steps of a glob match below a folder; `seen` is which steps were tried below which folder.

    As a shell does, unlike Python's own glob, `**` does not go through symbolic links: they may lead in circles.
    """
    place = (folder, *steps)
    if place in seen:
        return
    seen.add(place)
    step, rest = steps[0], steps[1:]
    if step == "**":
        yield from _matches(folder, rest or ["*"], seen)
        for entry in _entries(folder):
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield from _matches(entry.path, steps, seen)
        return
    if _is_magic(step):
        entries = [entry for entry in _entries(folder) if entry.name[0] != "." or step[0] == "."]
        matches = _matcher(step)
        found = [(entry.path, _is_folder(entry)) for entry in entries if matches(entry.name)]
    else:
        path = os.path.join(folder, step)
        found = [(path, os.path.isdir(path))] if os.path.lexists(path) else []
    for path, is_folder in found:
        if rest and is_folder:
            yield from _matches(path, rest, seen)
        elif not rest and (not is_folder or path.endswith(SUFFIXES)):
            yield path


def _matcher(step: str) -> Callable[[str], object]:
    """Whether a name matches one step of a glob; the common one star needs no regular expressions."""
    head, star, tail = step.partition("*")
    if star and not _is_magic(head + tail):
        shortest = len(head) + len(tail)
        return lambda name: len(name) >= shortest and name.startswith(head) and name.endswith(tail)
    import re
    from fnmatch import translate

    return re.compile(translate(step)).match


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symbolic link to itself
        return False


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # no folder, which matches nothing
        return []


def _root_above(base: str) -> tuple[str, str]:
    """The repository's root and, for messages, what makes it the root."""
    folder = base
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder, "the Git repository around the kustomization"
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    named = os.environ.get("KLOOM_ROOT")
    if named:
        root = os.path.realpath(named)
        if base == root or base.startswith(os.path.join(root, "")):
            return root, "the folder that KLOOM_ROOT names"
        return base, f"the kustomization's own folder, as neither a .git nor KLOOM_ROOT, which is {named}, is above it"
    return base, "the kustomization's own folder, as no .git is above it; KLOOM_ROOT can name the folder meant"


def _text_of(descriptor: int) -> str:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"must be a regular file, was {_KINDS.get(stat.S_IFMT(status.st_mode), 'a device')}")
    if status.st_size > MAX_FILE_BYTES:
        raise FileError(f"must be at most {_MOST}, was {_megabytes(status.st_size)} MiB", 1, 1)
    content = os.read(descriptor, status.st_size + 1)  # asking for more would cost more than to read it
    if len(content) > status.st_size:  # it has grown, or does not know its size
        content += os.read(descriptor, MAX_FILE_BYTES)
    if len(content) > MAX_FILE_BYTES:
        raise FileError(f"must be at most {_MOST}", 1, 1)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        wrong = f"must be UTF-8, was the byte 0x{content[error.start]:02x} in line {line}"
        raise FileError(wrong, line, column) from None


def _megabytes(size: int) -> str:
    """Rounded up, so that what is above the limit never looks like it."""
    return f"{-(-size * 10 >> 20) / 10:g}"


def _reason(error: OSError, full: str) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such file{_similar_name(full)}"
    return f"cannot be read: {error.strerror}"


def _similar_name(full: str) -> str:
    folder, name = os.path.split(full)
    if not os.path.isdir(folder):
        return f"; there is no folder {os.path.basename(folder)}"
    return did_you_mean(name, os.listdir(folder), _SIMILAR)


def _nearest_folder(base: str, steps: Sequence[str]) -> str:
    """Where a glob that matches nothing leads to: the first of its folders that is not there."""
    for folder in _plain_folders(steps):
        if not os.path.isdir(os.path.join(base, folder)):
            return f"; there is no folder {folder}{_similar_name(os.path.join(base, folder))}"
    return ""


def _plain_folders(steps: Sequence[str]) -> Iterator[str]:
    for count, step in enumerate(steps[:-1], start=1):
        if _is_magic(step):
            return
        yield os.path.join(*steps[:count])
