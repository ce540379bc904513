"""Rules on `spec.sourceHydrator`: what is rendered from where, and which branch and path it is written to."""

from __future__ import annotations

from kloom.argo.rules.project import normalized_url
from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.syntax import is_root, leaves_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts

_REQUIRED = (("drySource", "repoURL"), ("syncSource", "targetBranch"), ("hydrateTo", "targetBranch"))


def destination_of(hydrator: Mapping[str, Any]) -> tuple[str, str, str]:
    """Repository, branch and path that the rendered manifests are written to."""
    sync = hydrator.get("syncSource") or {}
    repo = sync.get("repoURL") or (hydrator.get("drySource") or {}).get("repoURL") or ""
    branch = (hydrator.get("hydrateTo") or {}).get("targetBranch") or sync.get("targetBranch") or ""
    return repo, branch, sync.get("path") or ""


def _incomplete(hydrator: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for part, field in _REQUIRED:
        if part in hydrator and not hydrator[part].get(field):
            yield Problem((part, field), "must not be empty")


def _into_root(hydrator: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    path = (hydrator.get("syncSource") or {}).get("path") or ""
    if is_root(path):
        yield Problem(("syncSource", "path"), f"must be a folder below the repository's root, was {path or 'empty'}")


def _outside(hydrator: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for part in ("drySource", "syncSource"):
        path = (hydrator.get(part) or {}).get("path") or ""
        if leaves_root(path) and not (part == "syncSource" and is_root(path)):
            yield Problem((part, "path"), f"must be relative to the repository's root and stay inside, was {path}")


def _onto_dry_branch(hydrator: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    dry = hydrator.get("drySource") or {}
    repo, branch, _ = destination_of(hydrator)
    if branch and branch == dry.get("targetRevision") and repo == dry.get("repoURL"):
        part = "hydrateTo" if hydrator.get("hydrateTo") else "syncSource"
        yield Problem((part, "targetBranch"), f"should differ from drySource.targetRevision, was {branch} too")


def _destination_twice(applications: Sequence[Mapping[str, Any]], _facts: Facts) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], str] = {}
    for application in applications:
        hydrator = application["spec"].get("sourceHydrator")
        if not hydrator:
            continue
        repo, branch, path = destination_of(hydrator)
        destination = normalized_url(repo), branch, path
        name = application["metadata"].get("name") or ""
        other = seen.setdefault(destination, name)
        if other != name:
            yield Problem(
                ("spec", "sourceHydrator", "syncSource", "path"),
                f"must differ from that of other Applications, was {path} on branch {branch} of {repo}, as in {other}",
                application,
            )


_DRY = "drySource: {repoURL: https://git.example.com/shop.git, targetRevision: main, path: deploy}"
INCOMPLETE = Rule(
    "hydrator-incomplete",
    "error",
    part="sourceHydrator",
    why="Argo CD refuses a sourceHydrator that says not from where or to which branch.",
    source="argo-cd util/argo/argo.go validateSourceHydrator",
    bad=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: "", path: cart}}
        """,
    good=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: cart}}
        """,
    check=_incomplete,
)
INTO_ROOT = Rule(
    "hydrator-into-root",
    "error",
    part="sourceHydrator",
    why="Argo CD refuses to write rendered manifests to the root of a repository.",
    source="argo-cd controller/hydrator/hydrator.go validateApplications",
    bad=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: ./}}
        """,
    good=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: ./cart}}
        """,
    check=_into_root,
)
OUTSIDE = Rule(
    "hydrator-path-outside",
    "error",
    part="sourceHydrator",
    why="Argo CD refuses a path that is absolute or leads out of the repository.",
    source="argo-cd util/app/path/path.go Path",
    bad=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: ../cart}}
        """,
    good=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: shop/../cart}}
        """,
    check=_outside,
)
ONTO_DRY_BRANCH = Rule(
    "hydrator-onto-dry-branch",
    "warning",
    part="sourceHydrator",
    why="Rendered manifests that are pushed to the branch they are rendered from start the next rendering.",
    source="argo-cd docs/user-guide/source-hydrator.md",
    bad=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: main, path: cart}}
        """,
    good=f"""
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: main, path: cart}}
            hydrateTo: {{targetBranch: main-next}}
        """,
    check=_onto_dry_branch,
)
DESTINATION_TWICE = Rule(
    "hydrator-destination-twice",
    "error",
    part="applications",
    why="Argo CD renders no Application of a branch to which two of them write the same path.",
    source="argo-cd controller/hydrator/hydrator.go validateApplications",
    bad=f"""
        metadata: {{name: cart}}
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: cart}}
        ---
        metadata: {{name: till}}
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: cart}}
          destination: {{name: cluster-b}}
        """,
    good=f"""
        metadata: {{name: cart}}
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: cart}}
        ---
        metadata: {{name: till}}
        spec:
          sourceHydrator:
            {_DRY}
            syncSource: {{targetBranch: env/dev, path: till}}
        """,
    check=_destination_twice,
    needs=("sourceHydrator",),
)
