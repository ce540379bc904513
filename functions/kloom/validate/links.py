"""Symbolic links that Argo CD refuses a whole repository for: the absolute ones, and those that leave it on their way.

It reads a link as it is written, step by step: other links on the way are not followed, and nothing need be there.
"""

from __future__ import annotations

import os

from kloom.argo.rules.syntax import leaves_root
from kloom.reports.report import RULE_TAG
from kloom.sdk.result import Result
from kloom.validate import rulebook
from kloom.validate.git_index import has_git, links_of
from kloom.validate.tree import SKIPPED_FOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kloom.validate.tree import Tree


def links_out(tree: Tree, folders: Sequence[str]) -> Iterator[Result]:
    """The links in and below folders that lead out of the repository."""
    within = tuple(os.path.join(folder, "") for folder in folders)
    for link in _links(tree.root) if within else ():
        path = os.path.join(tree.root, link)
        if not path.startswith(within) or not os.path.islink(path):  # Git may not know yet that it is none any more
            continue
        target = os.readlink(path)
        if is_out_of_bounds(link, target):
            result = Result.error(_message(tree, path, target), tags={RULE_TAG: rulebook.SYMLINK.id})
            yield result.but(severity=rulebook.SYMLINK.severity).at(tree.shown(path))


def is_out_of_bounds(link: str, target: str) -> bool:
    """Whether Argo CD refuses a link, a path from the root, for what it leads to."""
    return leaves_root(os.path.join(os.path.dirname(link), target))


def _links(root: str) -> Iterator[str]:
    """Those that Git keeps; where there is no Git, those that are there, in folders that are looked through."""
    if has_git(root):
        yield from sorted(links_of(root))
        return
    for folder, folders, files in os.walk(root):
        yield from (
            os.path.relpath(path, root)
            for path in (os.path.join(folder, name) for name in sorted(folders + files))
            if os.path.islink(path)
        )
        folders[:] = [name for name in folders if name[0] != "." and name not in SKIPPED_FOLDERS]


def _message(tree: Tree, path: str, target: str) -> str:
    """What must hold, what was there, and the same place by a link that stays inside, if there is one."""
    must = "must be a relative" if os.path.isabs(target) else "must be a"
    root = "" if has_git(tree.root) else f" ({tree.shown(tree.root)}, as there is no .git)"
    folder = os.path.dirname(path)
    place = os.path.normpath(os.path.join(folder, target))
    is_inside = place == tree.root or place.startswith(os.path.join(tree.root, ""))
    close = f" (did you mean {_printed(os.path.relpath(place, folder))}?)" if is_inside else ""
    return f"{must} symbolic link that never leaves the repository{root}, was {_printed(target)}{close}"


def _printed(target: str) -> str:
    return target if target.isprintable() else ascii(target)
