"""Hold Applications against the rules: each distinct part once, however many Applications share it."""

from __future__ import annotations

from kloom.argo.rules.rule import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
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

    __slots__ = ("_facts", "_fields", "_rules")

    def __init__(self, rules: Sequence[Rule], facts: Facts) -> None:
        self._facts = facts
        self._fields: set[str] = set()
        """The fields of all specs, sources and dry sources that were looked at."""
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
            for rule in self._asked(part):
                for problem in rule.check(objects, self._facts):
                    yield Finding(problem.application or {}, rule, problem.path, problem.message)

    def _in_parts(self, applications: Objects) -> Found:
        """What is wrong in the parts of the Applications."""
        found: Found = {}
        for place, parts in _PARTS.items():
            holders = [application[place] for application in applications]
            fields = frozenset().union(*holders)
            for part in parts:
                if part in fields or part in _WHERE_ABSENT[place]:
                    distinct = _distinct(holders, part)
                    if part not in _WHERE_ABSENT[place]:
                        distinct.pop(id(None), None)
                    self._look(part, [((part, at), (place, part), value) for at, value in distinct.items()], found)
        specs = {_sources(application["spec"]): application["spec"] for application in applications}
        self._look("spec", [(sources, ("spec",), spec) for sources, spec in specs.items()], found)
        for application in applications:
            if len(application) > _USUAL_FIELDS:
                for part in _UNUSUAL:
                    if application.get(part):
                        self._look(part, [((part, id(application[part])), (part,), application[part])], found)
        return found

    def _look(self, part: Part, looks: Sequence[Look], found: Found) -> None:
        """Hold parts of one kind, and what is inside of them, against the rules."""
        facts = self._facts
        if part in ("source", "spec"):
            self._fields.update(*[value for _, _, value in looks])
        elif part == "sourceHydrator":
            self._fields.update(*[value.get("drySource") or () for _, _, value in looks])
        for rule in self._asked(part):
            check = rule.check
            for shared, path, value in looks:
                for problem in check(value, facts):
                    found.setdefault(shared, []).append((rule, (*path, *problem.path), problem.message))
        for inner, inside in _inside(part, looks):
            self._look(inner, inside, found)

    def _asked(self, part: Part) -> Iterator[Rule]:
        """The rules on this part that may find something in what was looked at so far."""
        for rule in self._rules.get(part, ()):
            if not rule.needs or not self._fields.isdisjoint(rule.needs):
                yield rule


def walk(applications: Objects, rules: Sequence[Rule], facts: Facts) -> Iterator[Finding]:
    """What the rules find in the Applications."""
    return Walk(rules, facts).over(applications)


def _distinct(holders: Objects, part: Part) -> dict[int, Any]:
    """The objects that these maps hold in this field, by their identity: Applications share most of them."""
    values = [holder.get(part) for holder in holders]
    return dict(zip(map(id, values), values, strict=True))


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
