"""Every rule of the values layout, as rules.yaml tells them, holds in the chart argo-app-root."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest
import yaml

RULES = yaml.safe_load(Path(__file__).with_name("rules.yaml").read_text(encoding="utf-8"))
BASE = RULES.pop("base")
ABSENT = "(absent)"


def at(document, path):
    """What stands at a path of keys joined by dots."""
    return reduce(
        lambda value, key: value.get(key, ABSENT) if isinstance(value, dict) else ABSENT,
        path.split("."),
        document,
    )


@pytest.mark.parametrize("rule", [rule for rule in RULES if "gives" in RULES[rule]])
def test_rule_gives(helm, root_chart, rule):
    rendered = {at(app, "metadata.name"): app for app in helm.applications(root_chart, BASE, RULES[rule]["values"])}
    expected = RULES[rule]["gives"]
    got = {name: {path: at(app, path) for path in expected.get(name, {})} for name, app in rendered.items()}
    assert got == expected


@pytest.mark.parametrize("rule", [rule for rule in RULES if "refused" in RULES[rule]])
def test_rule_refuses(helm, root_chart, rule):
    assert RULES[rule]["refused"] in helm.refusal(root_chart, BASE, RULES[rule]["values"])


def test_each_rule_gives_or_refuses():
    assert [rule for rule, told in RULES.items() if ("gives" in told) == ("refused" in told)] == []


@pytest.mark.parametrize("value", [1, True, 1.5, ["a"], {"a": "b"}])
@pytest.mark.parametrize("place", ["global", "cluster-A"])
def test_the_template_itself_refuses_labels_that_are_no_strings(helm, root_chart, place, value):
    values = {place: {"labels" if place == "global" else "additionalLabels": {"tier": value}}}
    error = helm.refusal(root_chart, BASE, values, flags=("--skip-schema-validation",))
    assert "must be strings (quote them); tier is" in error


@pytest.mark.parametrize("enable", ["true", 1, "yes", {}])
def test_the_template_itself_takes_nothing_but_true_for_enabled(helm, root_chart, enable):
    values = {"cluster-A": {"enable": enable}}
    assert helm.template(root_chart, BASE, values, flags=("--skip-schema-validation",)).strip() == ""
