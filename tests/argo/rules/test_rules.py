"""Each rule by its own examples: the bad one triggers that rule alone, the good one none."""

import pytest

from kloom.argo.rules import RULES, Rule

EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@EACH_RULE
def test_the_bad_example_triggers_the_rule_alone(rule: Rule, found_in) -> None:
    bad, _ = rule.examples()
    assert {finding.rule.id for finding in found_in(bad)} == {rule.id}


@EACH_RULE
def test_the_good_example_triggers_none(rule: Rule, found_in) -> None:
    _, good = rule.examples()
    assert [(finding.rule.id, finding.path, finding.message) for finding in found_in(good)] == []
