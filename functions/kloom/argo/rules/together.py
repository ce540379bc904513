"""Rules on Applications beside each other: what must not be there twice."""

from __future__ import annotations

from posixpath import normpath

from kloom.argo.rules.project import normalized_url
from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.source import is_oci
from kloom.argo.rules.syntax import sources_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts, Path

    Application = Mapping[str, Any]
    Source = Mapping[str, Any]

_LOCKING = (
    "images",
    "commonLabels",
    "commonAnnotations",
    "namePrefix",
    "namespace",
    "nameSuffix",
    "patches",
    "components",
)
"""The fields of kustomize for which Argo CD lets nothing else be rendered in the checkout at the same time."""


def _name_twice(applications: Sequence[Application], _facts: Facts) -> Iterator[Problem]:
    seen: set[tuple[Any, Any]] = set()
    for application in applications:
        metadata = application["metadata"]
        key = (metadata.get("namespace"), metadata.get("name"))
        if key in seen:
            named = "/".join(str(part) for part in key if part)
            yield Problem(
                ("metadata", "name"), f"must be the only Application of its name, was {named} again", application
            )
        seen.add(key)


def _deployed_twice(applications: Sequence[Application], _facts: Facts) -> Iterator[Problem]:
    """Compares sources only between Applications that agree on destination, repositories and locations."""
    numbers: dict[tuple[Any, ...], int] = {}
    known: dict[int, int] = {}  # by the identity of a destination or source, which Applications share
    first: dict[tuple[int, int], Application] = {}
    others: dict[tuple[int, int], list[Application]] = {}
    for application in applications:
        spec = application["spec"]
        destination = spec.get("destination") or {}
        source = spec.get("sources") or spec.get("source")
        if "sourceHydrator" in spec or not source:
            continue
        where, what = known.get(id(destination)), known.get(id(source))
        if where is None:
            address = tuple(destination.get(field) for field in ("server", "name", "namespace"))
            where = known[id(destination)] = numbers.setdefault(address, len(numbers))
        if what is None:
            location = tuple(
                part.get(field)
                for _, part in sources_of(spec)
                for field in ("repoURL", "path", "chart", "targetRevision")
            )
            what = known[id(source)] = numbers.setdefault(location, len(numbers))
        one = first.setdefault((where, what), application)
        if one is application:
            continue
        alike = others.setdefault((where, what), [one])
        other = next((other for other in alike if _is_the_same_elsewhere(other, application, source)), None)
        if other is not None:
            name = other["metadata"].get("name")
            message = f"should differ in source or destination from other Applications, was the same as {name}"
            yield Problem(("spec",), message, application)
        alike.append(application)


def _source_of(application: Application) -> Any:
    spec = application["spec"]
    return spec.get("sources") or spec.get("source") or {}


def _is_the_same_elsewhere(other: Application, application: Application, source: Any) -> bool:
    """Whether another Application, not one of the same name, has the same source."""
    names = [[one["metadata"].get(field) for field in ("namespace", "name")] for one in (other, application)]
    return names[0] != names[1] and bool(_source_of(other) == source)


def _concurrent_replicas(applications: Sequence[Application], _facts: Facts) -> Iterator[Problem]:
    """The replicas that Argo CD writes into a kustomization.yaml while it renders that for another Application, too."""
    by_checkout: dict[tuple[str, str, str], list[tuple[Application, Path, Source]]] = {}
    for application in applications:
        for path, source in sources_of(application["spec"]):
            if _is_rendered_concurrently(source):
                by_checkout.setdefault(_checkout(source), []).append((application, path, source))
    for together in by_checkout.values():
        for application, path, source in together:
            other = next((other for other, _, _ in together if other is not application), None)
            if other is not None and (source.get("kustomize") or {}).get("replicas"):
                yield Problem(
                    ("spec", *path, "kustomize", "replicas"),
                    "should be said by patches: Argo CD may render this one and "
                    f"{other['metadata'].get('name')} at once in one checkout, and mix them up or fail",
                    application,
                )


def _is_rendered_concurrently(source: Source) -> bool:
    """Whether Argo CD renders kustomize for the source and takes it for one that leaves the checkout as it is."""
    if not source.get("path") or source.get("chart") or is_oci(source):
        return False
    if any(source.get(renderer) is not None for renderer in ("helm", "directory", "plugin")):
        return False
    kustomize = source.get("kustomize") or {}
    return not any(kustomize.get(field) for field in _LOCKING)


def _checkout(source: Source) -> tuple[str, str, str]:
    """What Argo CD checks out for the source, and where in it the source is."""
    revision = source.get("targetRevision") or "HEAD"
    return normalized_url(source.get("repoURL") or ""), revision, normpath(source["path"])


NAME_TWICE = Rule(
    "application-twice",
    "error",
    part="applications",
    why="Of two Applications with one name in one namespace Argo CD keeps the last and prunes what the other had.",
    source="argo-cd controller/state.go RepeatedResourceWarning; argo-cd#9376",
    bad="""
        metadata: {name: cart}
        ---
        metadata: {name: cart}
        spec: {source: {repoURL: https://git.example.com/till.git, path: deploy}}
        """,
    good="""
        metadata: {name: cart}
        ---
        metadata: {name: cart, namespace: another}
        spec: {source: {repoURL: https://git.example.com/till.git, path: deploy}}
        """,
    check=_name_twice,
)
DEPLOYED_TWICE = Rule(
    "application-deployed-twice",
    "warning",
    part="applications",
    why="Two Applications that bring the same source to the same place take the objects from each other for ever.",
    source="argo-cd docs/user-guide/sync-options.md, FailOnSharedResource",
    bad="""
        metadata: {name: cart}
        ---
        metadata: {name: till}
        """,
    good="""
        metadata: {name: cart}
        ---
        metadata: {name: till}
        spec: {destination: {name: cluster-a, namespace: till}}
        """,
    check=_deployed_twice,
)
CONCURRENT_REPLICAS = Rule(
    "kustomize-replicas-concurrent",
    "warning",
    part="applications",
    why="Argo CD writes replicas into the kustomization.yaml that it has checked out, and yet renders it for other "
    "Applications of that path at the same time: one may get the replicas of another, or none be rendered. "
    "With patches, or a field like namespace beside, it renders one after another.",
    source="argo-cd pkg/apis/application/v1alpha1/types.go AllowsConcurrentProcessing (3.3 to 3.5); "
    "reposerver/repository/lock.go",
    bad="""
        metadata: {name: cart-a}
        spec:
          destination: {name: cluster-a, namespace: cart}
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize: {replicas: [{name: cart, count: 3}]}
        ---
        metadata: {name: cart-b}
        spec:
          destination: {name: cluster-b, namespace: cart}
          source: {repoURL: https://git.example.com/shop.git, path: deploy}
        """,
    good="""
        metadata: {name: cart-a}
        spec:
          destination: {name: cluster-a, namespace: cart}
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize:
              patches: [{target: {kind: Deployment}, patch: "- {op: replace, path: /spec/replicas, value: 3}"}]
        ---
        metadata: {name: cart-b}
        spec:
          destination: {name: cluster-b, namespace: cart}
          source: {repoURL: https://git.example.com/shop.git, path: deploy}
        """,
    check=_concurrent_replicas,
    needs=("kustomize",),
)
