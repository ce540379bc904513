import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.values.layers import Layer
from kloom.values.vocabulary import (
    BLOCK_KEYS,
    TOP_LEVEL_KEYS,
    cluster_name_findings,
    conforms,
    declared_clusters,
    slip_of,
)

KEYS = st.sampled_from([key for key in TOP_LEVEL_KEYS if len(key) >= 4])


def layers(*values):
    return [Layer(f"{number}.yaml", "", data) for number, data in enumerate(values)]


def test_common_values_declare_the_maps_of_block_keys_alone():
    values = {
        "source": {},
        "east": {},
        "west": {"role": "a", "enable": False},
        "other": {"a": 1},
        "text": "x",
        "none": None,
    }
    assert declared_clusters(layers(values), inventory=False) == ["east", "west"]


def test_an_inventory_declares_every_map_that_is_no_known_key():
    values = {"source": {}, "east": {}, "other": {"a": 1}, "text": "x", "none": None, "destinaton": {}}
    assert declared_clusters(layers(values), inventory=True) == ["east", "other"]


def test_clusters_come_in_the_order_of_their_first_appearance():
    assert declared_clusters(layers({"b": {}}, {"a": {}, "b": {}}), inventory=True) == ["b", "a"]


@pytest.mark.parametrize(
    "name", [*BLOCK_KEYS, "labels", "environment", "nameFormat", "NAME", "Enable", "a.b", "a_b", "a b", "", "ü"]
)
def test_a_name_that_is_another_key_or_no_alias_is_no_clusters(name):
    if name not in TOP_LEVEL_KEYS:
        assert list(cluster_name_findings(layers({name: {}}), [name]))


@pytest.mark.parametrize("name", ["cluster-A", "A", "0", "-", "items", "x" * 60])
def test_other_names_serve(name):
    assert not list(cluster_name_findings(layers({name: {}}), [name]))


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("destinaton", "destination"), ("Destination", "destination"), ("detsination", "destination"),
        ("destinations", "destination"), ("sorce", "source"), ("souce", "source"), ("sourced", "source"),
        ("sources", None), ("source", None), ("GLOBAL", "global"), ("globl", "global"), ("role", "roles"),
        ("infos", "info"), ("inof", "info"), ("cluster-A", None), ("east", None), ("prod", None), ("project-1", None),
        ("", None), ("s", None),
    ],
)  # fmt: skip
def test_slips(word, key):
    found = slip_of(word, TOP_LEVEL_KEYS)
    assert found == key or (word in TOP_LEVEL_KEYS and found in TOP_LEVEL_KEYS)


@given(KEYS, st.data())
def test_one_letter_too_few_too_many_other_or_swapped_is_a_slip(key, data):
    at = data.draw(st.integers(0, len(key) - 1))
    letter = data.draw(st.characters(categories=["Ll"]))
    words = {
        key[:at] + key[at + 1 :],
        key[:at] + letter + key[at:],
        key[:at] + letter + key[at + 1 :],
        key[:at] + key[at + 1 : at + 2] + key[at] + key[at + 2 :],
        key.upper(),
    }
    for word in words - set(TOP_LEVEL_KEYS):
        assert slip_of(word, [key]) == key


@given(KEYS, st.text("abcdefgh-", min_size=1, max_size=20))
def test_what_is_two_letters_off_is_no_slip(key, word):
    if (
        abs(len(word) - len(key)) > 1
        or sum(a != b for a, b in zip(sorted(word), sorted(key.lower()), strict=False)) > 4
    ):
        distance = len(set(key.lower()) - set(word))
        assert slip_of(word, [key]) is None or distance <= 1


def test_values_conform_where_every_key_is_known():
    assert conforms({"global": {"name": "a"}, "east": {"enable": True}}, ["east"])
    assert not conforms({"west": {"enable": True}}, ["east"])
    assert not conforms({"east": None}, ["east"])
