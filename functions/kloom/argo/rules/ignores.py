"""The annotation `kloom.dev/ignore` of an Application or AppProject, and the rules on it."""

from __future__ import annotations

from kloom.argo.rules.rule import Finding, Problem, Rule
from kloom.values import ignore_annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.rule import Facts


def heeded(found: Iterable[Finding], objects: Iterable[Mapping[str, Any]], known: Collection[str]) -> Iterator[Finding]:
    """The findings that no ignore with a reason drops, and what is wrong with the ignores."""
    rules = {rule.id: rule for rule in (UNKNOWN_RULE, WITHOUT_REASON, UNUSED)}
    return ignore_annotations.heeded(
        found,
        objects,
        known,
        about=lambda finding: (finding.application, finding.rule.id),
        complaint=lambda obj, name, message: Finding(obj, rules[name], ignore_annotations.PATH, message),
    )


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
