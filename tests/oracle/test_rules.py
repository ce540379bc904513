"""The rules of kloom against Argo CD's own code: what it refuses or ignores, they find, and nothing else."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from agreements import ACCEPTED, AGREEMENTS, NOT_ASKED, RENDERED, SPELT, Difference, differences
from argocd import ArgoCD, World
from generated import worlds, worlds_on_one_path, worlds_with_a_pattern, worlds_with_projects
from hypothesis import given, settings
from manifests import CORPUS, corpus, example, goldens

from kloom.argo.rules import RULES, Rule, conformance
from kloom.manifest_validator import ValidatorConfig, validate

GENERATED = settings(max_examples=int(os.environ.get("ORACLE_EXAMPLES", "1500")))
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collected Applications are not beside this checkout")


def told(found: list[Difference]) -> str:
    return "\n".join(f"{one.rule}: only {one.found_by} finds: {one.message}\n  {one.manifest}" for one in found)


def assert_agreement(argocd: ArgoCD, world: World) -> None:
    found = list(differences(world, argocd.judge(world)))
    assert not found, told(found)


def test_each_rule_is_in_one_table() -> None:
    asked = AGREEMENTS.keys() | RENDERED | SPELT
    assert asked | NOT_ASKED.keys() == {rule.id for rule in RULES}
    assert not asked & NOT_ASKED.keys()


@EACH_RULE
def test_examples(argocd: ArgoCD, rule: Rule) -> None:
    for text in rule.examples():
        assert_agreement(argocd, example(text))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id in RENDERED], ids=lambda rule: rule.id)
def test_rendering_fails_for_the_bad_example_alone(argocd: ArgoCD, rule: Rule) -> None:
    bad, good = (argocd.judge(example(text, render=True)) for text in rule.examples())
    assert "rendered" in bad.applications[0]
    assert "rendered" not in good.applications[0]


def sound(world: World) -> World:
    """Only what the rules may look at: Applications that conform to their schema."""
    conforming = conformance.application()
    return replace(world, applications=[one for one in world.applications if conforming.of(one).rest is one])


def test_samples_and_goldens(argocd: ArgoCD) -> None:
    worlds = [sound(world) for _, world in goldens()]
    for world in worlds:
        assert_agreement(argocd, world)
    assert sum(len(world.applications) for world in worlds) > 150


@NEEDS_CORPUS
def test_public_applications(argocd: ArgoCD) -> None:
    for _, world in corpus():
        assert_agreement(argocd, sound(world))


@NEEDS_CORPUS
def test_what_argocd_accepts_of_public_applications_has_no_error(argocd: ArgoCD) -> None:
    wrong = []
    for _, world in corpus():
        for application, verdicts in zip(world.applications, argocd.judge(world).applications, strict=True):
            if verdicts.keys() <= ACCEPTED - {"unknownField"}:
                results = validate([application], ValidatorConfig({}, None))
                wrong += [(application, str(result)) for result in results if result.severity == "error"]
    assert wrong == []


@given(worlds)
@GENERATED
def test_generated_applications(argocd: ArgoCD, world: World) -> None:
    assert_agreement(argocd, world)


@given(worlds_on_one_path)
@GENERATED
def test_generated_applications_of_one_path(argocd: ArgoCD, world: World) -> None:
    assert_agreement(argocd, world)


@given(worlds_with_projects)
@GENERATED
def test_generated_projects(argocd: ArgoCD, world: World) -> None:
    assert_agreement(argocd, world)


@given(worlds_with_a_pattern)
@GENERATED
def test_generated_patterns(argocd: ArgoCD, world: World) -> None:
    assert_agreement(argocd, world)
