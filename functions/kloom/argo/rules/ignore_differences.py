"""Rules on `spec.ignoreDifferences`: entries that ignore nothing, and expressions that cannot be read."""

from __future__ import annotations

from kloom.argo.rules.rule import Problem, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts

    Entries = Sequence[Mapping[str, Any]]

_WHAT = ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")


def _nothing(entries: Entries, _facts: Facts) -> Iterator[Problem]:
    for at, entry in enumerate(entries):
        if not any(entry.get(field) for field in _WHAT):
            yield Problem((at,), f"should have {' or '.join(_WHAT)}: it ignores nothing without")


def _pointer(entries: Entries, _facts: Facts) -> Iterator[Problem]:
    for at, entry in enumerate(entries):
        for index, pointer in enumerate(entry.get("jsonPointers") or ()):
            if not pointer.startswith("/"):
                was = f"{pointer or 'empty'}: it does not match what it says"
                yield Problem((at, "jsonPointers", index), f"should begin with / (a JSON pointer), was {was}")


def _expression(entries: Entries, _facts: Facts) -> Iterator[Problem]:
    from kloom.argo.rules import jq

    for at, entry in enumerate(entries):
        for index, expression in enumerate(entry.get("jqPathExpressions") or ()):
            if problem := jq.problem(expression):
                message = f"must be a jq path expression, was {expression}: {problem}"
                yield Problem((at, "jqPathExpressions", index), message)


def _group(entries: Entries, _facts: Facts) -> Iterator[Problem]:
    for at, entry in enumerate(entries):
        group = entry.get("group") or ""
        if "/" in group or group == "v1":
            name = group.rpartition("/")[0]
            proposal = f"be {name}" if name else "be left out for the core group"
            yield Problem((at, "group"), f"should {proposal}, without a version, was {group}: it matches nothing")


NOTHING = Rule(
    "ignore-differences-nothing",
    "warning",
    part="ignoreDifferences",
    why="An entry that names only objects ignores nothing of them.",
    source="argo-cd util/argo/normalizers/diff_normalizer.go",
    bad="spec: {ignoreDifferences: [{group: apps, kind: Deployment}]}",
    good="spec: {ignoreDifferences: [{group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}]}",
    check=_nothing,
)
POINTER = Rule(
    "ignore-differences-pointer",
    "warning",
    part="ignoreDifferences",
    why="Argo CD silently ignores a JSON pointer that it cannot follow.",
    source="argo-cd util/argo/normalizers/diff_normalizer.go Normalize; RFC 6901",
    bad="spec: {ignoreDifferences: [{group: apps, kind: Deployment, jsonPointers: [spec.replicas]}]}",
    good="""
        spec:
          ignoreDifferences:
          - {group: apps, kind: Deployment, jsonPointers: [/spec/replicas, /metadata/annotations/example.com~1team]}
        """,
    check=_pointer,
)
EXPRESSION = Rule(
    "ignore-differences-expression",
    "error",
    part="ignoreDifferences",
    why="Argo CD cannot compare anything of the Application with a jq expression that it cannot parse.",
    source="argo-cd util/argo/normalizers/diff_normalizer.go NewIgnoreNormalizer",
    bad="""
        spec:
          ignoreDifferences:
          - {group: apps, kind: Deployment, jqPathExpressions: [".spec.template.spec.containers[.image"]}
        """,
    good=r"""
        spec:
          ignoreDifferences:
          - group: apps
            kind: Deployment
            jqPathExpressions: ['.spec.template.spec.containers[] | select(.name == "a\"]") | .image']
        """,
    check=_expression,
)
GROUP = Rule(
    "ignore-differences-group",
    "warning",
    part="ignoreDifferences",
    why="A group with a version matches no object, as groups have none.",
    source="argo-cd docs/user-guide/diffing.md",
    bad="spec: {ignoreDifferences: [{group: apps/v1, kind: Deployment, jsonPointers: [/spec/replicas]}]}",
    good="spec: {ignoreDifferences: [{kind: Secret, jsonPointers: [/data]}]}",
    check=_group,
)
