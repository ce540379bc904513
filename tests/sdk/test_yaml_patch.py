"""patched: the data is always right, and a line that says the same stays the same line."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.sdk.data_difference import same
from kloom.sdk.yaml_patch import patched
from kloom.sdk.yaml_reader import kustomize_plain, read_documents
from kloom.sdk.yaml_writer import to_yaml

TEXT = """\
# head
apiVersion: v1  # the core group
kind: "ConfigMap"
metadata: {name: 'a', labels: {x: "y"}}
# about data
data:
    # about k
    k: 'quoted'   # trailing
    block: |
        one
          two

    fold: >-
        a
        b
    empty:
# about list
list:
  # about the first
  - name: one  # 1
    value: 'x'
  - name: two
    nested:
    - 'p'
    # about q
    - q
flow: [a, 'b', {c: "d"}]
# end
"""


def read(text):
    (document,) = read_documents(text, kustomize_plain)
    return document


def changed(change):
    """The lines that go and the lines that come, by a change to the data of TEXT."""
    data = copy.deepcopy(read(TEXT))
    change(data)
    text = patched(TEXT, data)
    assert read(text) == data
    old, new = TEXT.splitlines(), text.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_the_same_data_is_the_same_text():
    assert patched(TEXT, read(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("path", "value", "goes", "comes"),
    [
        (("kind",), "Secret", ['kind: "ConfigMap"'], ["kind: Secret"]),
        (("data", "k"), "=", ["    k: 'quoted'   # trailing"], ['    k: "="   # trailing']),
        (("data", "empty"), 1, ["    empty:"], ["    empty: 1"]),
        (("data", "new"), "1e3", [], ['    new: "1e3"']),
        (("data", "new"), {"a": [1]}, [], ["    new:", "      a:", "      - 1"]),
        (
            ("metadata", "labels", "new"),
            "yes",
            None,
            ['metadata: {name: \'a\', labels: {x: "y", "new": "yes"}}'],
        ),
        (("list", 0, "name"), "uno", ["  - name: one  # 1"], ["  - name: uno  # 1"]),
        (("list", 1, "nested", 0), "P", ["    - 'p'"], ["    - P"]),
        (("flow", 2, "c"), "e", None, ["flow: [a, 'b', {c: \"e\"}]"]),
        (("block_free",), "x\ny\n", [], ["block_free: |", "  x", "  y"]),
        (("data", "block"), "short", ["    block: |", "        one", "          two"], ["    block: short"]),
    ],
)
def test_only_what_differs_is_another_line(path, value, goes, comes):
    def change(data):
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    gone, come = changed(change)
    assert come == comes
    assert goes is None or gone == goes


def test_what_is_removed_goes_with_its_comments():
    gone, come = changed(lambda data: data["data"].pop("k"))
    assert (gone, come) == (["    # about k", "    k: 'quoted'   # trailing"], [])


def test_elements_come_and_go_alone():
    gone, come = changed(lambda data: data["list"].insert(1, {"name": "between"}))
    assert (gone, come) == ([], ["  - name: between"])
    gone, come = changed(lambda data: data["list"].pop(0))
    assert gone == ["  # about the first", "  - name: one  # 1", "    value: 'x'"]
    assert come == []


def test_a_closing_comment_stays_with_its_entry():
    assert patched("a:\n  b: 1\n  # closing\n", {"a": {"b": 1, "c": 2}}) == "a:\n  b: 1\n  # closing\n\n  c: 2\n"


@pytest.mark.parametrize("text", ["a: &x 1\nb: *x\n", "a: &x {c: 1}\nb:\n  <<: *x\n"])
def test_aliases_are_written_out_where_something_changes(text):
    data = read(text)
    data["new"] = True
    assert patched(text, data) == to_yaml(data)


def test_same_knows_what_python_mixes_up():
    assert same({"a": [1, "x", None]}, {"a": [1, "x", None]})
    assert not same(1, True)
    assert not same(1.0, 1)
    assert not same(0, False)
    assert not same({"a": None}, {})


SCALARS = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "b: c", "x\ny\n", " z", "=", "é😀", "#"])
)
KEYS = st.sampled_from(["a", "b", "c", "yes", "x y", ""])
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
MAPS = st.dictionaries(KEYS, DATA, min_size=1, max_size=5)


def commented(text):
    """The text with a comment above each line that may have one."""
    return text if "|" in text else "".join(f"{line}  # c\n" for line in text.splitlines())


def flow(data):
    return json.dumps(data, ensure_ascii=False)


@given(MAPS, MAPS, st.sampled_from([to_yaml, flow, lambda data: commented(to_yaml(data))]))
def test_the_result_holds_the_data(old, new, written):
    assert same(read(patched(written(old), new)), new)


@given(MAPS, KEYS, DATA)
def test_what_stands_beside_a_change_keeps_its_text(data, key, value):
    others = {f"kept {name}": kept for name, kept in data.items()}
    text = commented(to_yaml(others | {key: "old"}))
    kept_lines = commented(to_yaml(others))
    result = patched(text, others | {key: value})
    assert result.startswith(kept_lines)
    assert read(result) == others | {key: value}
