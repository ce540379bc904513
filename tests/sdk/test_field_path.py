"""Every path can be written as text and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.sdk.field_path import steps_of, text_of

STEPS = st.lists(st.integers(0, 99) | st.text(min_size=1), max_size=5).map(tuple)


@given(STEPS)
def test_text_reads_back_to_the_same_steps(steps):
    assert steps_of(text_of(steps)) == steps


def test_positions_stand_in_brackets_and_odd_keys_in_quotes():
    steps = ("metadata", "annotations", "a.b/c", "x", 3, "")
    assert text_of(steps) == 'metadata.annotations["a.b/c"].x[3][""]'
    assert steps_of("spec.containers[0].image") == ("spec", "containers", 0, "image")


@pytest.mark.parametrize("path", ["a..b", "a[", "a[x]", ".", "a]"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match="no field path"):
        steps_of(path)
