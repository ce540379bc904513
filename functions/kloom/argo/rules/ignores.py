"""The annotation `kloom.dev/ignore` of an Application or AppProject, and the rules on it.

metadata:
  annotations:
    kloom.dev/ignore: "source-chart-floats: the vendor tests every patch; namespace-missing: the parent says it"
"""

from __future__ import annotations

from kloom.argo.rules.rule import Finding, Problem, Rule
from kloom.argo.rules.syntax import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.rule import Facts

ANNOTATION = "kloom.dev/ignore"
_PATH = ("metadata", "annotations", ANNOTATION)


def ignores_of(text: str) -> dict[str, str]:
    """Rule and reason of each ignore that the annotation says."""
    entries = (entry.partition(":") for entry in text.split(";") if entry.strip())
    return {name.strip(): reason.strip() for name, _, reason in entries}


def heeded(found: Iterable[Finding], objects: Iterable[Mapping[str, Any]], known: Collection[str]) -> Iterator[Finding]:
    """The findings that no ignore with a reason drops, and what is wrong with the ignores."""
    ignoring = {
        id(obj): (obj, ignores_of(annotations[ANNOTATION]))
        for obj in objects
        if (annotations := obj["metadata"].get("annotations")) and ANNOTATION in annotations
    }
    used: set[tuple[int, str]] = set()
    for finding in found:
        key = (id(finding.application), finding.rule.id)
        if key[0] in ignoring and ignoring[key[0]][1].get(key[1]):
            used.add(key)
        else:
            yield finding
    for obj, ignores in ignoring.values():
        for name, reason in ignores.items():
            if name not in known:
                hint = did_you_mean(name, known)
                yield Finding(obj, UNKNOWN_RULE, _PATH, f"must name rules, was {name or 'empty'}{hint}")
            elif not reason:
                yield Finding(obj, WITHOUT_REASON, _PATH, f'must give a reason, as "{name}: why", was {name} alone')
            elif (id(obj), name) not in used:
                yield Finding(obj, UNUSED, _PATH, f"should be removed: there is no {name} to ignore")


def _elsewhere(_part: object, _facts: Facts) -> Iterator[Problem]:
    """These rules need all findings of the others: see `heeded`."""
    return iter(())


UNKNOWN_RULE = Rule(
    "ignore-unknown-rule",
    "error",
    part="application",
    why="An ignore of a rule that does not exist ignores nothing.",
    source="kloom",
    bad="""metadata: {annotations: {kloom.dev/ignore: "name-spacing: it was so"}}""",
    good="""
        metadata: {namespace: null, annotations: {kloom.dev/ignore: "namespace-missing: the parent says it"}}
        """,
    check=_elsewhere,
)
WITHOUT_REASON = Rule(
    "ignore-without-reason",
    "error",
    part="application",
    why="Who reads an ignore must learn why; without a reason it ignores nothing.",
    source="kloom",
    bad="""metadata: {annotations: {kloom.dev/ignore: namespace-missing}}""",
    good="""
        metadata: {namespace: null, annotations: {kloom.dev/ignore: "namespace-missing: the parent says it"}}
        """,
    check=_elsewhere,
)
UNUSED = Rule(
    "ignore-unused",
    "warning",
    part="application",
    why="An ignore that is no longer needed hides the next mistake.",
    source="kloom",
    bad="""metadata: {annotations: {kloom.dev/ignore: "namespace-missing: the parent says it"}}""",
    good="""
        metadata: {namespace: null, annotations: {kloom.dev/ignore: "namespace-missing: the parent says it"}}
        """,
    check=_elsewhere,
)
