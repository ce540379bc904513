"""JSON that kustomize reads back, or an error that names the place."""

import datetime as dt
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.sdk.json_writer import UnprintableError, to_json, to_json_unchecked

UNPRINTABLE = "".join(map(chr, [*range(0x7F, 0xA0), 0xFFFE, 0xFFFF, 0xD800, 0xDFFF]))
TEXT = st.text(st.characters(exclude_characters=UNPRINTABLE, exclude_categories=["Cs"])).filter(
    lambda text: text != "<<"
)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=10,
)


@given(DATA)
def test_data_reads_back(data):
    text = to_json(data)
    assert json.loads(text) == data
    assert not set(text) & set("\n\u2028\u2029\ufeff")


@given(st.text())
def test_unchecked_escapes_what_checked_refuses(text):
    assert json.loads(to_json_unchecked({text: text}).encode()) == {text: text}


@pytest.mark.parametrize("character", UNPRINTABLE)
@pytest.mark.parametrize("where", ["value", "key", "beside other scripts"])
def test_what_kustomize_cannot_print_is_refused(character, where):
    data = {"value": f"a{character}b"} if where == "value" else {f"k{character}": "v"}
    if where == "beside other scripts":
        data = {"value": f"é{character}", "u": "\u2028"}
    with pytest.raises(UnprintableError, match=f"U\\+{ord(character):04X}"):
        to_json({"items": [data]})


def test_all_places_are_named():
    with pytest.raises(UnprintableError) as caught:
        to_json({"a": ["\x80", {"<<": 1}], "b": math.nan, "c": -math.inf})
    assert [path for path, _ in caught.value.places] == [("a", 0), ("a", 1), ("b",), ("c",)]


@pytest.mark.parametrize("text", ['a"<<":', "<<", '"<<"'])
def test_only_the_key_itself_is_a_merge_key(text):
    assert json.loads(to_json([text, {text + " ": text}])) == [text, {text + " ": text}]


@pytest.mark.parametrize("value", [dt.date(2020, 1, 1), b"x", {"s"}, object()])
def test_what_is_no_json_is_a_type_error_with_its_path(value):
    with pytest.raises(TypeError, match=rf"\('a', 1\): must be a value of JSON, was {type(value).__name__}"):
        to_json({"a": [0, value]})


def test_a_tuple_as_key_is_a_type_error():
    with pytest.raises(TypeError, match="a key must be a string, was tuple"):
        to_json({("a", "b"): 1})
