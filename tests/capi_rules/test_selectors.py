"""Label selectors as Kubernetes reads them."""

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from kloom.capi.rules import selectors

KEYS, VALUES = ("rack", "role", "gpu"), ("a", "b", "c")
LABELS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))
EXPRESSIONS = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(KEYS),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(VALUES), min_size=1, unique=True),
        }
    ),
    st.fixed_dictionaries({"key": st.sampled_from(KEYS), "operator": st.sampled_from(["Exists", "DoesNotExist"])}),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=3)}
)
ALL_LABELS = [
    {key: value for key, value in zip(KEYS, values, strict=True) if value}
    for values in [(a, b, c) for a in ("", *VALUES, "z") for b in ("", *VALUES, "z") for c in ("", *VALUES, "z")]
]
"""Every set of labels that could make a difference; z is a value that no selector names."""


@hypothesis.given(SELECTORS, SELECTORS)
def test_two_can_match_the_same_if_and_only_if_some_labels_do(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = any(selectors.matches(one, labels) and selectors.matches(other, labels) for labels in ALL_LABELS)
    assert selectors.can_both_match(one, other) is found


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ({}, {}, True),
        ({"matchLabels": {"role": "worker"}}, {"role": "worker", "rack": "7"}, True),
        ({"matchLabels": {"role": "worker"}}, {"role": "control-plane"}, False),
        ({"matchExpressions": [{"key": "role", "operator": "In", "values": ["a", "b"]}]}, {"role": "b"}, True),
        ({"matchExpressions": [{"key": "role", "operator": "In", "values": ["a", "b"]}]}, {}, False),
        ({"matchExpressions": [{"key": "role", "operator": "NotIn", "values": ["a"]}]}, {}, True),
        ({"matchExpressions": [{"key": "role", "operator": "NotIn", "values": ["a"]}]}, {"role": "a"}, False),
        ({"matchExpressions": [{"key": "role", "operator": "Exists"}]}, {"role": ""}, True),
        ({"matchExpressions": [{"key": "role", "operator": "DoesNotExist"}]}, {"role": ""}, False),
    ],
)
def test_what_a_selector_matches(selector: dict[str, Any], labels: dict[str, str], expected: bool) -> None:
    assert selectors.matches(selector, labels) is expected


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ({"matchLabels": {"role": 1}}, "must be a string, was 1: quote it"),
        ({"matchLabels": {"role": "a worker"}}, "must be at most 63 letters, digits"),
        ({"matchLabels": {"-role": "worker"}}, "the key must be a label's"),
        ({"matchLabels": []}, "must be a map"),
        ({"matchLabel": {}}, "is no field of a selector"),
        ({"matchExpressions": [{"key": "role", "operator": "Is"}]}, "must be In or NotIn or Exists"),
        ({"matchExpressions": [{"key": "role", "operator": "In"}]}, "must be there with In"),
        (
            {"matchExpressions": [{"key": "role", "operator": "Exists", "values": ["a"]}]},
            "must not be there with Exists",
        ),
        ({"matchExpressions": [{"operator": "Exists"}]}, "was empty"),
    ],
)
def test_what_kubernetes_refuses(selector: dict[str, Any], message: str) -> None:
    ((_, problem),) = selectors.problems(selector)
    assert message in problem
