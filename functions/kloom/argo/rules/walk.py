"""Hold Applications against the rules: each distinct part once, however many Applications share it."""

from __future__ import annotations

from kloom.argo.rules.rule import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts, Part, Path, Rule

    Objects = Sequence[Mapping[str, Any]]
    Look = tuple[Hashable, Path, Any]
    """What to look at: in which of the shared objects it is, where in the Application, and the part itself."""
    Found = dict[Hashable, list[tuple[Rule, Path, str]]]
    """What is wrong, by the shared object that it is in."""

_WHERE_ABSENT: Mapping[str, tuple[Part, ...]] = {"metadata": ("name", "namespace"), "spec": ("project",)}
"""Parts that rules want to see where they are absent, too."""
_PARTS: Mapping[str, tuple[Part, ...]] = {
    "metadata": ("name", "namespace", "labels", "annotations", "finalizers"),
    "spec": (
        "project",
        "destination",
        "source",
        "sources",
        "sourceHydrator",
        "syncPolicy",
        "ignoreDifferences",
    ),
}
_UNUSUAL: tuple[Part, ...] = ("operation", "status")
_USUAL_FIELDS = 4
_OF_SOURCE: tuple[Part, ...] = ("helm", "kustomize", "directory", "plugin")


class Walk:
    """One pass over Applications with rules and facts."""

    __slots__ = ("_facts", "_rules")

    def __init__(self, rules: Sequence[Rule], facts: Facts) -> None:
        self._facts = facts
        self._rules: dict[Part, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.part, []).append(rule)

    def over(self, applications: Objects) -> Iterator[Finding]:
        """What is wrong with the Applications, one after another, and then what only the whole list tells."""
        if found := self._in_parts(applications):
            for application in applications:
                for shared in _shared_objects(application):
                    for rule, path, message in found.get(shared, ()):
                        yield Finding(application, rule, path, message)
        lists: tuple[tuple[Part, Objects], ...] = (
            ("application", applications),
            ("applications", applications),
            ("appProjects", self._facts.projects or ()),
        )
        for part, objects in lists:
            for rule in self._rules.get(part, ()):
                for problem in rule.check(objects, self._facts):
                    yield Finding(problem.application or {}, rule, problem.path, problem.message)

    def _in_parts(self, applications: Objects) -> Found:
        """What is wrong in the parts of the Applications."""
        found: Found = {}
        for place, parts in _PARTS.items():
            distinct = _distinct([application[place] for application in applications], parts, _WHERE_ABSENT[place])
            for part, values in distinct.items():
                self._look(part, [((part, at), (place, part), value) for at, value in values.items()], found)
        by_sources = {_sources(application["spec"]): application["spec"] for application in applications}
        self._look("spec", [(sources, ("spec",), spec) for sources, spec in by_sources.items()], found)
        for application in applications:
            if len(application) > _USUAL_FIELDS:
                for part in _UNUSUAL:
                    if application.get(part):
                        self._look(part, [((part, id(application[part])), (part,), application[part])], found)
        return found

    def _look(self, part: Part, looks: Sequence[Look], found: Found) -> None:
        """Hold parts of one kind, and what is inside of them, against the rules."""
        facts = self._facts
        for rule in self._rules.get(part, ()):
            check = rule.check
            for shared, path, value in looks:
                for problem in check(value, facts):
                    found.setdefault(shared, []).append((rule, (*path, *problem.path), problem.message))
        for inner, inside in _inside(part, looks):
            self._look(inner, inside, found)


def walk(applications: Objects, rules: Sequence[Rule], facts: Facts) -> Iterator[Finding]:
    """What the rules find in the Applications."""
    return Walk(rules, facts).over(applications)


def _distinct(holders: Objects, parts: Iterable[Part], where_absent: Iterable[Part]) -> dict[Part, dict[int, Any]]:
    """The objects that these maps hold in these fields, by their identity: Applications share most of them."""
    distinct: dict[Any, dict[int, Any]] = {part: {} for part in parts}
    for holder in holders:
        for field, value in holder.items():
            if field in distinct:
                distinct[field][id(value)] = value
    for part in where_absent:
        if len([1 for holder in holders if part in holder]) < len(holders):
            distinct[part][id(None)] = None
    return distinct


def _inside(part: Part, looks: Sequence[Look]) -> Iterator[tuple[Part, list[Look]]]:
    """What the rules look at inside of parts of this kind."""
    if part == "sources":
        yield "source", [(shared, (*path, at), item) for shared, path, value in looks for at, item in enumerate(value)]
    elif part == "sourceHydrator":
        dry = [(shared, (*path, "drySource"), value.get("drySource") or {}) for shared, path, value in looks]
        yield from _inside_source(dry)
    elif part == "source":
        yield from _inside_source(looks)


def _inside_source(looks: Sequence[Look]) -> Iterator[tuple[Part, list[Look]]]:
    for part in _OF_SOURCE:
        yield (
            part,
            [(shared, (*path, part), value[part]) for shared, path, value in looks if value.get(part) is not None],
        )


def _shared_objects(application: Mapping[str, Any]) -> Iterator[Hashable]:
    """By what the findings in an Application's parts are kept, in the order in which they are told."""
    for place, parts in _PARTS.items():
        for part in parts:
            yield part, id(application[place].get(part))
    yield _sources(application["spec"])
    for part in _UNUSUAL:
        yield part, id(application.get(part))


def _sources(spec: Mapping[str, Any]) -> Hashable:
    return id(spec.get("source")), id(spec.get("sources")), id(spec.get("sourceHydrator"))
