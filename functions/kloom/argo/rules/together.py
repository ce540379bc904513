"""Rules on Applications beside each other: what must not be there twice."""

from __future__ import annotations

from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.syntax import sources_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts

    Application = Mapping[str, Any]


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
    seen: dict[tuple[int, int], list[Application]] = {}
    for application in applications:
        spec = application["spec"]
        destination = spec.get("destination") or {}
        source = _source_of(application)
        if spec.get("sourceHydrator") or not source:
            continue
        where = known.get(id(destination))
        if where is None:
            address = tuple(destination.get(field) for field in ("server", "name", "namespace"))
            where = known[id(destination)] = numbers.setdefault(address, len(numbers))
        what = known.get(id(source))
        if what is None:
            location = tuple(
                part.get(field)
                for _, part in sources_of(spec)
                for field in ("repoURL", "path", "chart", "targetRevision")
            )
            what = known[id(source)] = numbers.setdefault(location, len(numbers))
        alike = seen.setdefault((where, what), [])
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
