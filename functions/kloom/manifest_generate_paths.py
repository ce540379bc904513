"""The annotation manifest-generate-paths: below which paths of its repository an Application's manifests are made.

    metadata:
      annotations:
        argocd.argoproj.io/manifest-generate-paths: /overlays/dev;/overlays/shared

Argo CD then passes over commits that change nothing there. What goes in: Applications, and the URLs by which they name
the repository that kloom runs in. What comes out: the annotation, or why it cannot be told. Applications of other
repositories stay as they are.
"""

from __future__ import annotations

from kloom.argo.provenance import place
from kloom.argo.rules.project import normalized_url
from kloom.argo.rules.syntax import sources_of
from kloom.file_references import Unknown, is_in
from kloom.source_files import SourceFiles
from kloom.values.files import Repository
from kloom.values.layers import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.placement import Placement
    from kloom.sdk.result import Result
    from kloom.values.layers import Layer

ANNOTATION = "argocd.argoproj.io/manifest-generate-paths"


def annotate(
    placements: Iterable[Placement], shared: Sequence[Layer], urls: Iterable[str], repository: Repository
) -> Iterator[Result]:
    """Put the annotation on the Applications whose sources all stand in the repository, unless their values say one.

    Yields what keeps it from being told, at the values that say the source.
    """
    own = {normalized_url(url) for url in urls}
    files = SourceFiles(Repository(repository.root))
    for placement in placements:
        metadata, spec = placement.application["metadata"], placement.application["spec"]
        annotations = metadata.get("annotations") or {}
        if ANNOTATION in annotations or not _stands_in(own, spec):
            continue
        try:
            paths = files.of_spec(spec)
        except Unknown as unknown:
            field = ("sources",) if spec.get("sources") else ("source", "path")
            where = place(placement.values, placement.cluster, ("spec", *field))
            layer = origin([*shared, placement.service], where)
            yield layer.finding(where, f"{unknown}; if that is meant, say the annotation {ANNOTATION} yourself")
        else:
            said = ";".join(f"/{path}" for path in outermost(paths))
            # the maps inside of metadata are shared with other Applications
            placement.application["metadata"] = {**metadata, "annotations": {**annotations, ANNOTATION: said}}


def outermost(paths: Iterable[str]) -> list[str]:
    """The paths, sorted, without those that stand in another one of them; the root is the empty path."""
    kept: list[str] = []
    for path in sorted(("" if path == "." else path for path in paths), key=lambda path: path.split("/")):
        if not kept or not is_in(path, kept[-1]):
            kept.append(path)
    return kept


def _stands_in(own: set[str], spec: Mapping[str, Any]) -> bool:
    """Whether Git holds the sources in one of these repositories alone; what a registry holds has a version."""
    if spec.get("sourceHydrator"):
        return False
    urls = [source["repoURL"] for _, source in sources_of(spec) if not source.get("chart")]
    return bool(urls) and all(normalized_url(url) in own for url in urls)
