"""Hold Applications against the rules: each distinct part once, however many Applications share it."""

from __future__ import annotations

from kloom.argo.rules.rule import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts, Part, Path, Rule

    Found = tuple[Rule, Path, str]

_OF_METADATA: tuple[Part, ...] = ("labels", "annotations", "finalizers")
_OF_SPEC: tuple[Part, ...] = (
    "destination",
    "source",
    "sources",
    "sourceHydrator",
    "syncPolicy",
    "ignoreDifferences",
    "info",
)
_SOURCING = ("source", "sources", "sourceHydrator")
_OF_SOURCE: tuple[Part, ...] = ("helm", "kustomize", "directory", "plugin")


class Walk:
    """One pass over Applications; what it found in a part is kept for the next Application that has the same object."""

    __slots__ = ("_facts", "_known", "_rules")

    def __init__(self, rules: Sequence[Rule], facts: Facts) -> None:
        self._facts = facts
        self._rules: dict[Part, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.part, []).append(rule)
        # by part and identity; the part itself is kept beside, so that the identity stays its own
        self._known: dict[tuple[str | int, ...], tuple[object, list[Found]]] = {}

    def over(self, applications: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
        """What is wrong with the Applications, one after another, and then between them."""
        for application in applications:
            for rule, path, message in self._in_application(application):
                yield Finding(application, rule, path, message)
        for rule in self._rules.get("applications", ()):
            for problem in rule.check(applications, self._facts):
                yield Finding(problem.application or {}, rule, problem.path, problem.message)

    def _in_application(self, application: Mapping[str, Any]) -> list[Found]:
        found = self._check("application", application, ())
        spec = application["spec"]
        sourcing = tuple(map(id, map(spec.get, _SOURCING)))
        known = self._known
        met = known.get(sourcing)
        if met is None:
            # the spec stays beside what was found, so that the identities stay those of its parts
            met = known[sourcing] = (spec, self._check("spec", spec, ("spec",)))
        if met[1]:
            found += met[1]
        for place, holder, parts in (("metadata", application["metadata"], _OF_METADATA), ("spec", spec, _OF_SPEC)):
            for part in parts:
                value = holder.get(part)
                if value is None:
                    continue
                met = known.get((part, id(value)))
                if met is None:
                    met = known[part, id(value)] = (value, list(self._in_part(part, value, (place, part))))
                if met[1]:
                    found += met[1]
        return found

    def _in_part(self, part: Part, value: Any, path: Path) -> Iterator[Found]:
        yield from self._check(part, value, path)
        if part == "source":
            yield from self._in_source(value, path)
        elif part == "sources":
            for at, source in enumerate(value):
                yield from self._check("source", source, (*path, at))
                yield from self._in_source(source, (*path, at))
        elif part == "sourceHydrator":
            yield from self._in_source(value.get("drySource") or {}, (*path, "drySource"))

    def _in_source(self, source: Mapping[str, Any], path: Path) -> Iterator[Found]:
        for part in _OF_SOURCE:
            if source.get(part) is not None:
                yield from self._check(part, source[part], (*path, part))

    def _check(self, part: Part, value: Any, path: Path) -> list[Found]:
        return [
            (rule, (*path, *problem.path), problem.message)
            for rule in self._rules.get(part, ())
            for problem in rule.check(value, self._facts)
        ]


def walk(applications: Iterable[Mapping[str, Any]], rules: Sequence[Rule], facts: Facts) -> Iterator[Finding]:
    """What the rules find in the Applications."""
    return Walk(rules, facts).over(list(applications))
