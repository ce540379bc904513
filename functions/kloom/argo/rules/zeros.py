"""Rules on zero values: false, 0 and what is empty, where Argo CD's types leave it out of what they write.

Git says `selfHeal: false`, and the CRD takes it. As soon as Argo CD syncs the Application, it reads it into its own
types and writes all of it back: the field is gone, and the Application that brings it from Git is OutOfSync over it.
A null that values hand on is gone in the same way, where it is not refused at once (by a server-side apply).
"""

from __future__ import annotations

from kloom.argo.rules.renderers import removed_renderers
from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.sync_policy import OLDEST_SUPPORTED, says_nothing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts, Path

    Fields = Mapping[str, "Fields | None"]
    """The fields that stay when they are zero: None where all in them stays, too; what is inside of the others.

    A field that is not named goes when it is zero; where it is not, all in it stays, as in a map of labels.
    """

_STAY: Fields = {"name": None, "value": None}
_SOURCE: Fields = {
    "repoURL": None,
    "helm": {"parameters": {}, "fileParameters": {}, "valuesObject": None},
    "kustomize": {"replicas": {"name": None, "count": None}, "patches": {"target": {}}},
    "directory": {"jsonnet": {"extVars": _STAY, "tlas": _STAY}},
    "plugin": {"env": _STAY, "parameters": {"name": None, "string": None, "map": None, "array": None}},
}
_SOURCES: Fields = {
    "source": _SOURCE,
    "sources": _SOURCE,
    "sourceHydrator": {
        "drySource": {**_SOURCE, "targetRevision": None, "path": None},
        "syncSource": {"targetBranch": None, "path": None},
        "hydrateTo": {"targetBranch": None},
    },
}
_SYNC_POLICY: Fields = {
    "automated": {"enabled": None},
    "retry": {"backoff": {"factor": None}},
    "managedNamespaceMetadata": {},
}
_IGNORED: Fields = {"kind": None}
_AUTOMATED_STAYS = (3, 4)
"""The first Argo CD that keeps all of `automated`."""
_OUT_OF_SYNC = "as it syncs the Application, and the parent is OutOfSync from then on"


def dropped(value: Mapping[str, Any], fields: Fields) -> Iterator[Path]:
    """Where a map says what Argo CD leaves out when it writes it."""
    for key, item in value.items():
        if item is None or key not in fields:
            if not item:
                yield (key,)
            continue
        inside = fields[key]
        if inside is None:
            continue
        if isinstance(item, dict):
            yield from ((key, *path) for path in dropped(item, inside))
        elif isinstance(item, list):
            if not item:
                yield (key,)
            for at, entry in enumerate(item):
                yield from ((key, at, *path) for path in dropped(entry, inside))


def _problem(holder: Any, path: Path, who: str = "Argo CD", hint: str = "") -> Problem:
    holder = _at(holder, path)
    if holder is None:
        return Problem(path, "should be absent, was null: to Argo CD it is, but a server-side apply refuses it")
    was = "empty" if holder in ("", [], {}) else str(holder).lower()
    return Problem(path, f"should be absent, was {was}: {who} drops it {_OUT_OF_SYNC}{hint}")


def _at(holder: Any, path: Path) -> Any:
    for step in path:
        holder = holder[step]
    return holder


def _in_sync_policy(policy: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    if says_nothing(policy):
        return
    version = facts.argocd_version or OLDEST_SUPPORTED
    for path in dropped(policy, _SYNC_POLICY):
        if path[0] != "automated" or _at(policy, path) is None:
            yield _problem(policy, path)
        elif version < _AUTOMATED_STAYS:
            hint = "" if facts.argocd_version else "; argocdVersion declares a newer one"
            yield _problem(policy, path, "Argo CD before 3.4", hint)


def _in_source(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    sources = {field: spec[field] for field in _SOURCES if field in spec}
    paths = [*dropped(sources, _SOURCES)]
    told = [("source", field) for field in removed_renderers(spec)] if paths else ()  # by source-zero-value
    for path in paths:
        if path[:2] not in told:
            yield _problem(spec, path)


def _in_destination(destination: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for path in dropped(destination, {}):
        yield _problem(destination, path)


def _in_ignore_differences(entries: Sequence[Mapping[str, Any]], _facts: Facts) -> Iterator[Problem]:
    if not entries:
        yield _problem(entries, ())
    for at, entry in enumerate(entries):
        for path in dropped(entry, _IGNORED):
            yield _problem(entries, (at, *path))


_WHY = (
    "When Argo CD syncs an Application, it writes all of it back without such zero values, "
    "and its parent is OutOfSync from then on. A null within a field is no way out: a server-side apply refuses it."
)
_WRITTEN = "argo-cd util/argo/argo.go SetAppOperation; omitempty in pkg/apis/application/v1alpha1/types.go"
SYNC_POLICY = Rule(
    "sync-policy-zero-dropped",
    "warning",
    part="syncPolicy",
    why=f"{_WHY} Since 3.4 all of `automated` stays, before only `enabled`. `retry: {{}}` is never to retry.",
    source=_WRITTEN,
    bad="spec: {syncPolicy: {automated: {prune: true, selfHeal: false}}}",
    good="spec: {syncPolicy: {automated: {enabled: false, prune: true}, retry: {}}}",
    check=_in_sync_policy,
)
SOURCE = Rule(
    "source-zero-dropped",
    "warning",
    part="spec",
    why=_WHY,
    source=_WRITTEN,
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {releaseName: cart, skipCrds: false}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {releaseName: cart, valuesObject: {replicas: 0, debug: false}}
        """,
    check=_in_source,
)
DESTINATION = Rule(
    "destination-zero-dropped",
    "warning",
    part="destination",
    why=_WHY,
    source=_WRITTEN,
    bad="""spec: {destination: {server: https://10.0.0.10:6443, name: "", namespace: shop}}""",
    good="spec: {destination: {server: https://10.0.0.10:6443, namespace: shop}}",
    check=_in_destination,
)
IGNORE_DIFFERENCES = Rule(
    "ignore-differences-zero-dropped",
    "warning",
    part="ignoreDifferences",
    why=f"{_WHY} An entry without a group is about the core group.",
    source=_WRITTEN,
    bad="""spec: {ignoreDifferences: [{group: "", kind: Secret, jsonPointers: [/data]}]}""",
    good="spec: {ignoreDifferences: [{kind: Secret, jsonPointers: [/data]}]}",
    check=_in_ignore_differences,
)
