"""How Applications are held against the rules: shared parts once, findings in order, ignores heeded."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.argo.rules import RULES, RULES_BY_ID, Facts, Finding, Problem, Rule, findings
from kloom.argo.rules.walk import walk

SOURCE = {"repoURL": "https://git.example.com/shop.git", "path": "deploy"}
DESTINATION = {"server": "https://10.0.0.10:6443", "namespace": "shop"}


FIELDS_OF_SOURCE = {
    "repoURL": st.sampled_from(["", "https://git.example.com/shop.git", "oci://registry.example.com/shop"]),
    "path": st.sampled_from(["", "deploy", "/deploy", "../deploy"]),
    "chart": st.sampled_from(["", "cart"]),
    "targetRevision": st.sampled_from(["", "main", "1.x", "*"]),
    "helm": st.sampled_from([{}, {"valueFiles": ["$values/a.yaml"]}, {"fileParameters": [{"path": "$values/a"}]}]),
    "kustomize": st.sampled_from([{}, {"namePrefix": "a-"}]),
    "directory": st.sampled_from([{}, {"recurse": True}, {"disableExtensionFilter": True}]),
    "plugin": st.sampled_from([{}, {"name": "kloom"}]),
    "ref": st.sampled_from(["", "values", "my.values"]),
    "name": st.sampled_from(["", "shop"]),
    "tagPrefix": st.sampled_from(["", "v"]),
}


def application(name: str, **spec: Any) -> dict[str, Any]:
    own = {} if "sources" in spec or "sourceHydrator" in spec else {"source": SOURCE}
    whole = {"project": "default", "destination": {**DESTINATION, "namespace": name}, **own, **spec}
    return {"metadata": {"name": name, "namespace": "argocd"}, "spec": whole}


def counting(part: Any, seen: list[Any]) -> Rule:
    def check(value: Any, _facts: Facts) -> Iterator[Problem]:
        seen.append(value)
        yield Problem(("here",), "must not be")

    return Rule("counting", "error", part=part, why="", source="", bad="", good="", check=check)


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("syncPolicy", "syncPolicy", {"automated": {}}),
        ("destination", "destination", DESTINATION),
        ("source", "source", {**SOURCE, "helm": {}}),
        ("source", "sources", [SOURCE]),
        ("helm", "source", {**SOURCE, "helm": {}}),
        ("spec", "source", SOURCE),
        ("project", "project", "shop"),
    ],
)
def test_a_shared_part_is_checked_once_and_told_of_each_application(part: str, field: str, value: Any) -> None:
    seen: list[Any] = []
    applications = [application(name, **{field: value}) for name in ("a", "b", "c")]
    found = list(walk(applications, [counting(part, seen)], Facts()))
    assert len(seen) == 1
    assert [finding.application["metadata"]["name"] for finding in found] == ["a", "b", "c"]


def test_paths_lead_from_the_application() -> None:
    hydrator = {"drySource": {**SOURCE, "helm": {}}, "syncSource": {}}
    several = application("a", sources=[SOURCE, {**SOURCE, "helm": {}}])
    hydrated = application("b", sourceHydrator=hydrator)
    found = walk([several, hydrated], [counting("helm", [])], Facts())
    assert [finding.path for finding in found] == [
        ("spec", "sources", 1, "helm", "here"),
        ("spec", "sourceHydrator", "drySource", "helm", "here"),
    ]


def test_ids_are_unique_and_plain() -> None:
    assert len(RULES_BY_ID) == len(RULES)
    assert [name for name in RULES_BY_ID if not name.replace("-", "").isalpha() or name != name.lower()] == []


def test_every_rule_has_a_sentence_and_a_source() -> None:
    assert [rule.id for rule in RULES if not rule.why.endswith(".") or not rule.source] == []


def test_messages_of_errors_demand_and_those_of_warnings_advise(found_in: Callable[[str], list[Finding]]) -> None:
    advising = ("should", "needs")
    for rule in RULES:
        for finding in found_in(rule.examples()[0]):
            advises = any(word in finding.message.split() for word in advising) or "unknown" in finding.message
            assert advises or rule.severity == "error", finding.text


def test_a_caller_can_ignore_findings() -> None:
    applications = [application("a", project=""), application("b", project="")]
    found = findings(applications, Facts(), lambda finding: finding.application["metadata"]["name"] == "a")
    assert [finding.text.endswith("[project-empty]") for finding in found] == [True]


def test_an_annotation_ignores_a_rule_for_its_application_alone() -> None:
    applications = [application("a", project=""), application("b", project="")]
    applications[0]["metadata"]["annotations"] = {"kloom.dev/ignore": "project-empty: the parent ignores it, too"}
    assert [finding.application["metadata"]["name"] for finding in findings(applications, Facts())] == ["b"]


def test_nothing_is_found_in_nothing() -> None:
    assert list(findings([], Facts(clusters={}, projects=[]))) == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs], ids=lambda rule: rule.id)
@given(data=st.data())
def test_a_rule_finds_nothing_where_no_field_is_that_it_needs(rule: Rule, data: st.DataObject) -> None:
    others = {field: values for field, values in FIELDS_OF_SOURCE.items() if field not in rule.needs}
    sources = st.fixed_dictionaries({}, optional=others)
    hydrators = st.fixed_dictionaries({"drySource": sources, "syncSource": sources}, optional={"hydrateTo": sources})
    kinds = {"source": sources, "sources": st.lists(sources, max_size=2), "sourceHydrator": hydrators}
    specs = st.fixed_dictionaries({}, optional={kind: of_it for kind, of_it in kinds.items() if kind not in rule.needs})
    part: Any
    if rule.part in ("application", "applications"):
        names = ("a", "b", "a-service-with-quite-a-long-name-production-cluster-east-1")
        part = [application(name, **data.draw(specs)) for name in names]
    else:
        part = data.draw({"source": sources, "spec": specs}[rule.part])
    for version in (None, (3, 3), (3, 6)):
        assert list(rule.check(part, Facts(argocd_version=version))) == []


def test_a_rule_is_asked_where_some_source_has_what_it_needs() -> None:
    def check(_spec: Any, _facts: Facts) -> Iterator[Problem]:
        yield Problem(("source",), "must not be")

    rule = Rule("needing", "error", part="spec", why="", source="", bad="", good="", check=check, needs=("chart",))
    plain, chart = application("a"), application("b", source={**SOURCE, "chart": "cart"})
    hydrated = application("c", sourceHydrator={"drySource": {**SOURCE, "chart": "cart"}, "syncSource": {}})
    plainly_hydrated = application("d", sourceHydrator={"drySource": SOURCE, "syncSource": {"chart": "cart"}})
    assert list(walk([plain, plainly_hydrated], [rule], Facts())) == []
    assert [finding.application for finding in walk([plain, chart], [rule], Facts())] == [plain, chart]
    assert [finding.application for finding in walk([plain, hydrated], [rule], Facts())] == [plain, hydrated]
