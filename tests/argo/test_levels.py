import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.argo.levels import Contradiction, choice, is_absent, nearest, union

NEAR, MIDDLE, FAR = ("cluster",), ("roles", "active"), ()


def levels(*values):
    return list(zip((NEAR, MIDDLE, FAR), values, strict=True))


@pytest.mark.parametrize("value", [None, "", {}, []])
def test_absent(value):
    assert is_absent(value)


@pytest.mark.parametrize("value", [0, 0.0, False, "0", " ", [None], {"a": None}])
def test_said(value):
    assert not is_absent(value)


@pytest.mark.parametrize("value", [0, False, "x", [1], {"a": None}])
def test_the_nearest_level_that_says_a_field_wins(value):
    assert nearest(levels({"f": value}, {"f": 1}, {"f": 2}), "f") == value
    assert nearest(levels({}, {"f": None}, {"f": value}), "f") == value


def test_a_field_that_no_level_says_is_none():
    assert nearest(levels({}, {"f": None}, {"f": ""}), "f") is None


@pytest.mark.parametrize("empty", ["", {}, []])
def test_an_empty_field_that_would_inherit_is_a_contradiction_that_names_both_places(empty):
    with pytest.raises(Contradiction, match=r"roles\.active\.f says something") as found:
        nearest(levels({"f": empty}, {"f": 0}, {}), "f")
    assert found.value.paths == (("cluster", "f"),)


def test_an_empty_field_that_inherits_nothing_is_absent():
    assert nearest(levels({"f": {}}, {"f": ""}, {"f": None}), "f") is None


def test_an_empty_field_below_the_one_that_wins_is_absent():
    assert nearest(levels({"f": 1}, {"f": ""}, {"f": 2}), "f") == 1


def test_the_nearest_level_chooses():
    assert choice(levels({}, {"a": 1}, {"b": 1}), "ab") == "a"
    assert choice(levels({"b": ""}, {"c": 1}, {"b": 1}), "ab") == "b"
    assert choice(levels({}, {}, {"c": 1}), "ab") is None


def test_two_at_one_level_are_a_contradiction():
    message = r"a and b exclude each other, and are set together in roles\.active"
    with pytest.raises(Contradiction, match=message) as found:
        choice(levels({}, {"a": 1, "b": 0}, {"c": 1}), "abc")
    assert found.value.paths == (("roles", "active", "a"), ("roles", "active", "b"))


def test_two_at_a_level_that_does_not_decide_are_none():
    assert choice(levels({"a": 1}, {"b": 1, "c": 1}, {}), "abc") == "a"


LABELS = st.none() | st.dictionaries(st.sampled_from("abcd"), st.none() | st.sampled_from(["", "x", "y"]))


@given(st.lists(LABELS, max_size=4))
def test_labels_of_all_levels_add_up_and_the_nearest_that_is_not_null_wins(nearest_first):
    result = union(nearest_first)
    for key in "abcd":
        said = [labels[key] for labels in nearest_first if labels and labels.get(key) is not None]
        assert result.get(key) == (said[0] if said else None)
    assert None not in result.values()
