"""Which symbolic links Argo CD refuses a whole repository for, by its own code and by `symlink-out-of-bounds`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argocd import ArgoCD, World
from hypothesis import given, settings
from hypothesis import strategies as st

from kloom.reports.report import rule_of
from kloom.validate import validate
from kloom.validate.rulebook import SYMLINK

Links = Mapping[str, str]
"""What each link leads to, by its path from the root."""

ROOT = "repository"
FOLDERS = ("", "app/", "app/deep/", ".hidden/", "..dots/", "node_modules/bin/", "chart/templates/")
STEPS = st.sampled_from(("..", "..", "..", ".", "", "app", "deep", "..dots", "...", ROOT, "link-0", "nowhere"))
TARGETS = st.builds(
    str.__add__, st.sampled_from(("", "", "", "/")), st.lists(STEPS, min_size=1, max_size=6).map("/".join)
).filter(bool)
TREES = st.dictionaries(
    st.builds("{}link-{}".format, st.sampled_from(FOLDERS), st.integers(0, 2)), TARGETS, min_size=1, max_size=6
)
OUT = {
    "absolute": "/etc/hostname",
    "absolute, and inside": f"/tmp/{ROOT}/app",
    "above the root": "../..",
    "above the root, and back": f"../../{ROOT}/app/values.yaml",
    "above the root from a folder that is not there": "nowhere/../../../x",
}
INSIDE = {
    "beside it": "values.yaml",
    "the root itself": "..",
    "nothing": "nowhere/at/all",
    "dots that begin a name": "../..dots/...",
    "steps that lead nowhere": ".././app//deep/../x",
    "through a link that would lead out": "../app/link-0/../..",
    "itself": "link",
}


def tree(folder: str, links: Links) -> str:
    """A checkout with these links, all of which Git knows."""
    root = Path(folder, ROOT)
    for link, target in links.items():
        path = root / link
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    for words in (("init", "--quiet"), ("add", "--all")):
        subprocess.run(["git", "-C", root, *words], check=True)
    return str(root)


def found(root: str) -> list[str]:
    """What kloom finds, in the order in which Argo CD goes through folders."""
    with chdir(root):
        results = [result for result in validate(["."]).results if rule_of(result) == SYMLINK.id]
    return sorted((result.file for result in results), key=lambda path: path.split("/"))


def refused(argocd: ArgoCD, root: str) -> str:
    """The first link that Argo CD refuses the checkout for, if there is one."""
    (link,) = argocd.judge(World(applications=[], checkouts=[root])).checkouts
    return link


@pytest.mark.parametrize("target", [*OUT.values(), *INSIDE.values()], ids=[*OUT, *INSIDE])
def test_links_by_name(argocd: ArgoCD, tmp_path: Path, target: str) -> None:
    root = tree(str(tmp_path), {"app/link": target})
    expected = ["app/link"] if target in OUT.values() else []
    assert found(root) == expected
    assert refused(argocd, root) == "".join(expected)


@given(TREES)
@settings(max_examples=100)
def test_generated_trees(argocd: ArgoCD, links: Links) -> None:
    with TemporaryDirectory() as folder:
        root = tree(folder, links)
        assert refused(argocd, root) == "".join(found(root)[:1]), json.dumps(links)
