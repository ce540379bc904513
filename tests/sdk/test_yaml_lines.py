"""What is read by lines is what the parser reads; whatever else is left to it."""

# ruff: noqa: E501  # tables of odd texts
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kloom.sdk.yaml_lines import LineReader, Unforeseen
from kloom.sdk.yaml_reader import YamlError, YamlReader
from kloom.sdk.yaml_writer import to_yaml
from kloom.values.helm_yaml import helm_plain

ROOT = Path(__file__).resolve().parents[2]
PARSER = YamlReader(helm_plain)
KEYS = ("a", "b", "spec", "on", "null", "x.y/z-1", "a b", "'q'", "1", "-", "<<", "é", "y", "a:b")
VALUES = (
    "", " ", "1", "01", "0o7", "1e3", ".5", "yes", "null", "~", "a", "a b", "a # b", "a #", "#", "# c", "a#b", "a: b", "a:", "a:b", "- a", "-1",
    "{}", "[]", "{a: 1}", "{a: 1} # c", "{a: [1, {b: c}]}", "[1, 2", "{a: 1}: b", "[a]: b", "'a'", '"a": b', "'a': b", '"a\\tb"', "'it''s'", "'a' b", '"a',
    "|", ">-", "&a x", "*a", "{a: &x 1}", "{a: *x}", "!!str a", "! a", "%a", "@a", "`a", "a\t", "\ta", "a\r", "a\x85b", "é", "a, [b {c", "$x", "/a", "+1",
    "https://git.example.com/a.git", "12:30", "2020-01-01", "=", "<<", ".inf", "9007199254740993", "...", "---", "a ? b", "a | b", "x" * 200,
)  # fmt: skip
entries = st.builds(
    lambda key, colon, value: f"{key}{colon}{value}", st.sampled_from(KEYS), st.sampled_from((":", ": ", ":  ", " : ")), st.sampled_from(VALUES)
)  # fmt: skip
items = st.builds(lambda dash, value: f"{dash}{value}", st.sampled_from(("- ", "-", "-  ")), st.sampled_from(VALUES))
others = st.sampled_from(
    ("", "# c", "   ", "---", "...", "%YAML 1.1", "a", "? a", "\t", "# c\rb: 1", "a: 'b", "'", "}")
)
indents = st.sampled_from(("", "", "  ", "  ", "    ", " ", "      "))
texts = st.lists(st.builds(str.__add__, indents, entries | entries | items | others), max_size=8).map("\n".join)
plain_data = st.recursive(
    st.booleans() | st.integers(-1000, 1000) | st.text("abc /.:#-", max_size=6) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz.-/", min_size=1, max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def by_lines(text: str) -> object:
    reader = LineReader(helm_plain, PARSER.document, lambda entries: entries)
    return reader.document(text)


def assert_alike(text: str) -> bool:
    """Whether the text is read by lines, and then as the parser reads it."""
    try:
        found = by_lines(text)
    except (Unforeseen, YamlError, ValueError):
        return False
    assert found == PARSER.document(text), text
    assert repr(found) == repr(PARSER.document(text)), text  # 1 is no True, and keys have an order
    return True


@settings(max_examples=1500)
@given(texts)
@example("a:\n- 1\nb: [2]\n- 3")
@example("a: b\n  c\nd: e")
@example("a: b\n  # c\nd: e")
@example("# c\ra: b\nd: e")
@example("  a: b\n  c: d")
@example("  a: b\nc: d")
@example("a:\n  b: c\n d: e")
@example("a:\n  - b\n  c: d")
@example('a: "b": c')
def test_texts_of_all_kinds(text: str) -> None:
    assert_alike(text)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(("a", "b", "c.d/e-f", "spec")), plain_data, min_size=1, max_size=4))
def test_what_is_written_as_blocks(data: dict[str, object]) -> None:
    assert_alike(to_yaml(data))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "overlays").rglob("common-values.yaml")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_samples_are_read_by_lines(path: Path) -> None:
    assert assert_alike(path.read_text())


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1\n", {"a": 1}),
        ("a:\n", {"a": None}),
        ("a:   # none\nb: x # one\n", {"a": None, "b": "x"}),
        ("a:\n  b:\n    c: yes\n\n# d\ne: {f: [1, x]}", {"a": {"b": {"c": True}}, "e": {"f": [1, "x"]}}),
        ("a:\n- x\n- {b: c}\nd:\n  - 'y'\n", {"a": ["x", {"b": "c"}], "d": ["y"]}),
    ],
)
def test_it_reads(text: str, data: object) -> None:
    assert by_lines(text) == data == PARSER.document(text)


@pytest.mark.parametrize(
    "text",
    ["", "# c", "a", "a: |\n  b", "a: &x 1", "a: *x", "a: !!str 1", "a: 1\na: 2", "a: b\n  c", "---\na: 1", "- a", "on: 1", "a:\t1", "é: 1"],
)  # fmt: skip
def test_it_leaves_to_the_parser(text: str) -> None:
    with pytest.raises(Unforeseen):
        by_lines(text)


def test_what_it_learned_of_a_line_is_no_part_of_what_it_reads() -> None:
    reader = LineReader(helm_plain, PARSER.document, lambda entries: entries)
    first = reader.document("a:\n- x\n")
    reader.document("a:\n- x\n- y\n")
    assert first == {"a": ["x"]} == reader.document("a:\n- x\n")
