"""Each rule by its own examples: the bad one triggers that rule alone, the good one none."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from kloom.argo import rules as of_argo
from kloom.capi.renaming import repoint
from kloom.capi.rules import RULES, RULES_BY_ID, Facts, Finding, Rule, findings
from kloom.sdk.kube_object import KubeObject

from .conftest import sample

EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@EACH_RULE
def test_the_bad_example_triggers_the_rule_alone(rule: Rule, found_in: Callable[[str], list[Finding]]) -> None:
    bad, _ = rule.examples()
    assert {finding.rule.id: finding.message for finding in found_in(bad)}.keys() == {rule.id}


@EACH_RULE
def test_the_good_example_triggers_none(rule: Rule, found_in: Callable[[str], list[Finding]]) -> None:
    _, good = rule.examples()
    assert told(found_in(good)) == []


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_a_whole_cluster_is_right(version: str) -> None:
    objects = sample(version)
    assert told(findings(objects, Facts(before=objects, provider="platform9"))) == []


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_objects_that_get_their_namespace_when_they_are_applied_are_right(version: str) -> None:
    objects = sample(version)
    for obj in objects:
        del obj["metadata"]["namespace"]
    assert told(findings(objects, Facts())) == []


def test_no_rule_of_argo_cd_bears_the_name_of_one() -> None:
    assert RULES_BY_ID.keys().isdisjoint(of_argo.RULES_BY_ID)
    assert len(RULES_BY_ID) == len(RULES)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(), []),
        (Facts(provider="platform9"), []),
        (Facts(provider="vmware"), ["should be a version that BYOH installs (vmware >=1.24,<1.27), was v1.34.2"] * 2),
        (Facts(provider="vmware", kubernetes_versions=">=1.34"), []),
        (
            Facts(kubernetes_versions="<1.34"),
            ["should be a version that BYOH installs (bundles <1.34), was v1.34.2"] * 2,
        ),
    ],
)
def test_what_byoh_installs(facts: Facts, expected: list[str]) -> None:
    assert [finding.message for finding in findings(sample(), facts)] == expected


def test_what_an_object_ignores_it_must_give_a_reason_for() -> None:
    objects = sample()
    plane = next(obj for obj in objects if obj["kind"] == "KubeadmControlPlane")
    plane["spec"]["replicas"] = 4
    plane["metadata"]["annotations"] = {"kloom.dev/ignore": "control-plane-replicas-even: one more comes on Friday"}
    assert told(findings(objects, Facts())) == []
    plane["metadata"]["annotations"] = {
        "kloom.dev/ignore": "control-plane-replicas-even; file-twice: no; file-tvice: no"
    }
    assert [rule for rule, _, _ in told(findings(objects, Facts()))] == [
        "control-plane-replicas-even",
        "ignore-without-reason",
        "ignore-unused",
        "ignore-unknown-rule",
    ]


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_names_that_kustomize_left_behind_are_told_wherever_the_transformer_mends_them(version: str) -> None:
    objects = [KubeObject(obj) for obj in sample(version)]
    for obj in objects:
        obj.rename(name=f"lab-{obj.name}")
        if obj.kind in ("MachineDeployment", "MachineHealthCheck"):
            obj.labels["cluster.x-k8s.io/cluster-name"] = "cluster-a"
    mended = deepcopy(objects)
    assert list(repoint(mended)) == []
    changed = {
        (obj.short_name, path) for obj, other in zip(objects, mended, strict=True) for path in differences(obj, other)
    }
    found = [finding for finding in findings(objects, Facts()) if finding.rule.id == "reference-renamed"]
    assert {(KubeObject(finding.obj).short_name, finding.path) for finding in found} == changed
    assert len(changed) > len(objects)
    assert "reference-renamed" not in {finding.rule.id for finding in findings(mended, Facts())}


def differences(one: Any, other: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of what differs in values of one shape."""
    if isinstance(one, (dict, list)):
        for step in one if isinstance(one, dict) else range(len(one)):
            yield from differences(one[step], other[step], (*path, step))
    elif one != other:
        yield path


def told(found: list[Finding]) -> list[tuple[str, tuple, str]]:
    return [(finding.rule.id, finding.path, finding.message) for finding in found]
