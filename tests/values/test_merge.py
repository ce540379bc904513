import copy

from hypothesis import given
from hypothesis import strategies as st

from kloom.values.merge import merge

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
ANYTHING = st.recursive(
    SCALARS | st.lists(SCALARS, max_size=2), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
VALUES = st.dictionaries(st.sampled_from("abc"), ANYTHING, max_size=3)
OF_ONE_SHAPE = st.recursive(
    st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=3),
    lambda inner: st.builds(
        dict.__or__, st.dictionaries(st.sampled_from("abc"), SCALARS), st.dictionaries(st.sampled_from("xyz"), inner)
    ),
)
"""Maps in which x, y and z always hold a map, and a, b and c never do."""


def test_a_later_null_stays_as_null():
    assert merge({"a": {"b": 1}}, {"a": None}) == {"a": None}


def test_a_map_after_a_null_is_taken_alone():
    assert merge(merge({"a": {"b": 1}}, {"a": None}), {"a": {"c": 2}}) == {"a": {"c": 2}}


@given(VALUES)
def test_nothing_changes_nothing(values):
    assert merge(values, {}) == values == merge({}, values)


@given(VALUES)
def test_saying_it_again_changes_nothing(values):
    assert merge(values, values) == values


@given(VALUES, VALUES)
def test_the_overlay_wins_everywhere_and_the_rest_stays(base, overlay):
    assert expected(base, overlay) == merge(base, overlay)


@given(OF_ONE_SHAPE, OF_ONE_SHAPE, OF_ONE_SHAPE)
def test_files_may_be_merged_in_any_grouping_where_maps_stay_maps(first, second, third):
    assert merge(merge(first, second), third) == merge(first, merge(second, third))


@given(VALUES, VALUES, VALUES)
def test_inputs_are_never_changed(first, second, third):
    before = copy.deepcopy((first, second, third))
    merge(merge(first, second), third)
    assert (first, second, third) == before


def expected(base, overlay):
    """The same rule, said the other way round: key by key of both."""
    if not (isinstance(base, dict) and isinstance(overlay, dict)):
        return overlay
    return {
        key: expected(base[key], overlay[key]) if key in base and key in overlay else (overlay | base)[key]
        for key in base | overlay
    }
