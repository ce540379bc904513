import json

import pytest

from kloom.sdk.yaml_reader import YamlError
from kloom.values.characters import refuse_disputed_line_breaks, refused_places
from kloom.values.helm_yaml import HELM


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_a_line_break_that_readers_disagree_on_is_refused_where_it_stands(character):
    with pytest.raises(YamlError) as refused:
        refuse_disputed_line_breaks(f"a: é\nb: 'é{character}'\n")
    assert (refused.value.line, refused.value.column) == (2, 6)


@pytest.mark.parametrize("text", ["", "plain: text\r\n", "tab:\tx", "umlaut: ü", "emoji: 🛠️", "\ufeffmark: first"])
def test_other_text_passes(text):
    refuse_disputed_line_breaks(text)


@pytest.mark.parametrize(
    "escape", ["\\x7F", "\\x80", "\\u009F", "\\N", "\\L", "\\P", "\\uFFFE", "\\uFFFF", "\\U00000085"]
)
def test_an_escape_to_what_kustomize_cannot_print_is_found(escape):
    text = f'a: [fine, {{b: "x{escape}y"}}]'
    assert [path for path, _ in refused_places(text, HELM.document(text))] == [("a", 1, "b")]


@pytest.mark.parametrize(
    "escape", ["\\0", "\\a", "\\e", "\\t", "\\r", "\\n", "\\x1F", "\\_", "\\uFEFF", "\\U0001F6E0", "\\\\N"]
)
def test_an_escape_to_anything_else_passes(escape):
    text = f'a: "{escape}"'
    assert list(refused_places(text, HELM.document(text))) == []


def test_keys_are_looked_at_too():
    text = 'a: {"\\x7f": 1, "<<": {}}'
    assert [path for path, _ in refused_places(text, HELM.document(text))] == [("a",), ("a",)]


def test_text_in_quotes_and_blocks_passes():
    values = {"script": "cat <<EOF\nC:\\temp\nEOF\n", "json": json.dumps({"a": "\\u0085"})}
    assert list(refused_places("\\ <<", values)) == []
