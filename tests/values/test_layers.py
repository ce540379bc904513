import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.sdk.yaml_reader import position_of
from kloom.sdk.yaml_writer import to_yaml
from kloom.values.layers import Layer, origin

TEXT = """\
global:
  name: svc-a  # the service
source: {path: a, helm: {valueFiles: [x.yaml, 'y.yaml']}}
cluster-A: &block
  enable: true
"""
LAYER = Layer("svc-a.yaml", TEXT, {})


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, "1:1"),
        (("global",), True, "1:1"),
        (("global",), False, "2:3"),
        (("global", "name"), False, "2:9"),
        (("source", "helm"), True, "3:19"),
        (("source", "helm", "valueFiles", 1), False, "3:47"),
        (("source", "helm", "valueFiles", 7), False, "3:38"),
        (("source", "kustomize", "images"), False, "3:9"),
        (("cluster-A", "enable"), True, "5:3"),
        (("nothing",), False, "1:1"),
    ],
)
def test_a_finding_stands_at_its_value_or_key_else_at_the_nearest_parent(path, key, place):
    assert str(LAYER.finding(path, "wrong", key=key)).startswith(f"svc-a.yaml:{place}: ")


def test_a_finding_in_an_inline_map_has_its_path_in_the_config():
    layer = Layer("", None, {}, config_path=("spec", "clusters"))
    assert str(layer.finding(["cluster-A", "role"], "wrong")) == "spec.clusters.cluster-A.role: wrong"


def test_a_value_came_from_the_last_layer_that_says_anything_about_it():
    first, second, third = (
        Layer(name, "", data) for name, data in (("1", {"a": {"b": 1}}), ("2", {"a": None}), ("3", {"c": 0}))
    )
    assert origin([first, third], ("a", "b")) is first
    assert origin([first, second, third], ("a",)) is second
    assert origin([first, second], ("c",)) is second


KEYS = st.text("abc -.:#é🛠\"'", min_size=1, max_size=6)
SCALARS = st.integers() | st.booleans() | st.none() | st.text("ab \n#:'\"é🛠", max_size=8)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3) | st.lists(inner, min_size=1, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=3,
)


def leaves(value, path=()):
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if children is None:
        yield path, value
    else:
        for step, child in children:
            yield from leaves(child, (*path, step))


@given(TREES)
def test_what_stands_at_a_position_is_the_value_that_it_was_asked_for(tree):
    text = to_yaml(tree)
    lines = text.split("\n")
    for path, value in leaves(tree):
        line, column = position_of(text, path)
        written = to_yaml(value).split("\n")[0]
        assert lines[line - 1][column - 1 :].startswith(written)
        if isinstance(path[-1], str):
            line, column = position_of(text, path, key=True)
            assert lines[line - 1][column - 1 :].startswith(to_yaml({path[-1]: 1})[:-3])
