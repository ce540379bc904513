"""`kloom validate`: everything that kloom knows to be wrong in a repository, in values files and manifests alike.

    report = validate(["overlays"])

Each PATH is a folder, looked through to the bottom, or a file. A config is checked whole where it, its kustomization or
a file that all of its services share is among them; where only files of some services are, for these services.
"""

from __future__ import annotations

import os
import time

from kloom.reports import Report
from kloom.sdk.result import Refusal
from kloom.validate.check import Check, Checker
from kloom.validate.rulebook import IDS, notes
from kloom.validate.settings import Settings
from kloom.validate.tree import Tree, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["validate"]


def validate(paths: Sequence[str], since: str = "") -> Report:
    """Check files and folders, which must be there, and all that is needed to tell what they mean.

    With a revision of Git, also what changed in clusters since then.
    """
    started = time.perf_counter()
    by_root: dict[str, list[str]] = {}
    for path in paths:
        by_root.setdefault(root_of(path), []).append(os.path.realpath(path))
    checks = [_checked(Tree(root), own, since) for root, own in by_root.items()]
    return Report(
        [result for check in checks for result in check.results],
        files=sorted({file for check in checks for file in check.files}),
        applications=sum(check.applications for check in checks),
        clusters=sum(check.clusters for check in checks),
        skipped=sum(check.skipped for check in checks),
        seconds=time.perf_counter() - started,
        rules=notes(),
        folder=checks[0].folder if len(checks) == 1 else "",
    )


def _checked(tree: Tree, paths: Sequence[str], since: str) -> Check:
    try:
        settings = Settings.of(tree, IDS)
    except Refusal as refusal:
        return Check(tree.folder, refusal.results)
    if not since:
        return Checker(tree, settings, paths).run()
    from tempfile import TemporaryDirectory

    from kloom.validate.clusters import clusters_of
    from kloom.validate.kustomizations import Kustomizations
    from kloom.validate.revisions import put_revision

    with TemporaryDirectory(prefix="kloom-") as folder:
        put_revision(tree.root, since, folder)
        former = Tree(folder)
        return Checker(tree, settings, paths, clusters_of(former, Kustomizations(former, former.files()))).run()
