"""Rules on fields that only newer Argo CDs have: an older one refuses the whole Application, or drops the field."""

from __future__ import annotations

from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.sync_policy import OLDEST_SUPPORTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.rule import Facts, Path

SINCE: Mapping[tuple[str, ...], tuple[int, int]] = {
    ("source", "tagPrefix"): (3, 5),
    ("source", "directory", "disableExtensionFilter"): (3, 6),
    ("sourceHydrator", "syncSource", "repoURL"): (3, 5),
    ("sourceHydrator", "drySource", "directory", "disableExtensionFilter"): (3, 6),
}
"""The first Argo CD whose CRD has the field; a field of `source` holds for each of `sources` too."""
_FIELDS = tuple(field[1] if field[0] == "source" else field[0] for field in SINCE)


def _newer_fields(spec: Mapping[str, Any], version: tuple[int, int]) -> Iterator[tuple[Path, str]]:
    """The fields that this Argo CD does not have, and since when there are any."""
    for field, since in SINCE.items():
        if version < since:
            for path, part in _parts(spec, field[0]):
                if _has(part, field[1:]):
                    yield (*path, *field[1:]), f"{since[0]}.{since[1]}"


def _parts(spec: Mapping[str, Any], name: str) -> Iterator[tuple[Path, Any]]:
    if name in spec:
        yield (name,), spec[name]
    if name == "source" and "sources" in spec:
        yield from ((("sources", at), source) for at, source in enumerate(spec["sources"]))


def _has(part: Any, path: Path) -> bool:
    for step in path:
        if not isinstance(part, dict) or step not in part:
            return False
        part = part[step]
    return True


def _newer(spec: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    version = facts.argocd_version
    if version is not None:
        for path, since in _newer_fields(spec, version):
            yield Problem(path, f"needs Argo CD {since}, and argocdVersion is {version[0]}.{version[1]}")


def _not_everywhere(spec: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    if facts.argocd_version is None:
        for path, since in _newer_fields(spec, OLDEST_SUPPORTED):
            yield Problem(path, f"needs Argo CD {since}: argocdVersion should declare that yours is")


NEWER = Rule(
    "field-newer-than-argocd",
    "error",
    part="spec",
    why="The declared Argo CD does not have the field, and its sync refuses unknown fields.",
    source="argo-cd manifests/crds/application-crd.yaml (3.3 to 3.6); gitops-engine resource_ops.go, strict validation",
    bad="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {argocdVersion: "3.4"}
        ---
        spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, tagPrefix: cart-}}
        """,
    good="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {argocdVersion: "3.5"}
        ---
        spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, tagPrefix: cart-}}
        """,
    check=_newer,
    needs=_FIELDS,
)
NOT_EVERYWHERE = Rule(
    "field-not-in-every-argocd",
    "warning",
    part="spec",
    why="Not every Argo CD that is still supported has the field; checked where no argocdVersion is declared.",
    source="argo-cd manifests/crds/application-crd.yaml (3.3 to 3.6)",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, tagPrefix: cart-}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, targetRevision: cart-1.2.3}}",
    check=_not_everywhere,
    needs=_FIELDS,
)
