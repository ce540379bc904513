"""Texts that are no YAML, and where they are to be mended: what the cases do not hold."""

import random

import pytest

from kloom.sdk.yaml_reader import YamlError, YamlReader, kustomize_plain

TOLD = {
    "a:\n-\tb: c\n": (2, 2, "indentation must be spaces, was a tab"),
    "a: |\n  b\n\tc\nd: e\n": (3, 1, "indentation must be spaces, was a tab"),
    "a: b\r\n\tc: d\r\n": (2, 1, "indentation must be spaces, was a tab"),
    'a: "b\n---\nc: d\n': (1, 4, "a quote that is never closed opens here"),
    'a: "b" c\n': (1, 8, 'nothing may follow the closing quote; a " inside of quotes is written \\"'),
    "a: b\n||||||| base\n": (2, 1, "a merge conflict must be resolved first, its marks are still here"),
    "- a\n  b: c\n": (2, 3, "must not be indented deeper than line 1, which has its value already"),
    'a: "b"\n  c: d\n': (2, 3, "must not be indented deeper than line 1, which has its value already"),
    "- http://a\n  b: c\n": (2, 3, "must not be indented deeper than line 1, which has its value already"),
    "  a: b\nc: d\n": (2, 1, "must be indented by 2 spaces, as the lines above, was 0"),
    "a:\n  b: |\n    text\n c: d\n": (4, 2, "must be indented by 0 or 2 spaces, as the lines above, was 1"),
    "a: b\n- c\n": (2, 1, "must be a key, as those of the map that begins in line 1, was a list item"),
    "- b\nc: d\n": (2, 1, "must be an item of the list that begins in line 1"),
    "a:\n- b\n-c\n": (3, 2, "the dash must be followed by a space"),
    "a:b\nc: d\n": (1, 3, "the colon must be followed by a space"),
    f"a: b\n{'long ' * 20}\n": (2, 1, "a key must be followed by a colon"),
    "a: {b: [c\nd: e\n": (1, 8, "the [ that opens here is never closed"),
    "a: {b: {c: d\ne: f}\ng: h\n": (1, 4, "the { that opens here is never closed"),
    "a: [b, , c]\n": (1, 8, "a comma must stand before this, or a value, inside of [ ]"),
    "a: ]\n": (1, 4, "the ] closes nothing"),
    "a: *.yaml\n": (1, 4, "a value must not begin with *: quote it"),
    "a: & b\n": (1, 4, "a value must not begin with &: quote it"),
    "a: {b: c\n    d: e}\n": (2, 5, "a comma must stand before this, or a value, inside of { }"),
    "a: {b: c\r\n  d  : e}\r\n": (2, 3, "a comma must stand before this, or a value, inside of { }"),
    'a: {b: c, "d e": "f": g}\n': (1, 18, "a comma must stand before this, or a value, inside of { }"),
    "a: - b\n": (1, 4, "a list must begin on a line of its own; a text that begins with - must be quoted"),
    "a: [*b, c]\n": (1, 5, "no &b stands above; a value that begins with * must be quoted"),
    "a: {{ .Values.b }}/c\n": (1, 4, "a template is not rendered here: write what it makes, or quote it"),
    "{{- if .Values.b }}\na: b\n{{- end }}\n": (
        1,
        1,
        "a template is not rendered here: write what it makes, or quote it",
    ),
    "a: b\n{{- if .Values.c }}\nd: e\n": (2, 1, "a template is not rendered here: write what it makes, or quote it"),
    "a: |\n  b\n=======\nc: @d\n": (3, 1, "======= must be followed by a colon"),
    "a: b\n=======\nc: d\n>>>>>>> e\n": (2, 1, "a merge conflict must be resolved first, its marks are still here"),
    "a:\n    b: c\n---\n  d: e\n f: g\n": (5, 2, "must be indented by 2 spaces, as the lines above, was 1"),
    # what only the parser can tell
    "a: [b: c d: @e]\n": (1, 11, "did not find expected ',' or ']'"),
    "a: | text\n": (1, 6, "did not find expected comment or line break"),
    "{a: b}\nc: d\n": (2, 1, "did not find expected <document start>"),
    "%YAML 9.9\n---\na: b\n": (1, 1, "found incompatible YAML document"),
}


def mistake_in(text):
    with pytest.raises(YamlError) as error:
        YamlReader(kustomize_plain, lenient=True).documents(text)
    return error.value


@pytest.mark.parametrize("text", TOLD)
def test_a_mistake_is_told_where_it_is_to_be_mended(text):
    error = mistake_in(text)
    line, column, message = TOLD[text]
    assert (error.line, error.column, error.message) == (line, column, f"no valid YAML: {message}")


@pytest.mark.parametrize(
    "text",
    ["a: {{ .Values.b }}\n", "a: {{b}}\n", 'a: {{ include "b" . }}\n', "{{ .Values.b }}: c\n", "{{{a}: b}: c}\n"],
)
def test_a_template_that_could_be_read_as_maps_is_called_so(text):
    error = mistake_in(text)
    told = "a template is not rendered here: write what it makes, or quote it"
    assert (error.line, error.column, error.message) == (1, text.index("{{") + 1, told)


def test_a_long_text_is_left_to_the_parsers_words():
    text = "".join(f"key-{at}: value\n" for at in range(20_000)) + "\tb: c\n"
    assert mistake_in(text).message == "no valid YAML: found a tab character that violates indentation"


def test_whatever_is_wrong_has_a_place_in_the_text():
    text = "a:\n  b: [c, {d: 'e'}]\n- f: \"g\"\n  h: |\n    i\n# j\nk: &l m\nn: *l\n"
    chance = random.Random(1)
    reader = YamlReader(kustomize_plain, lenient=True)
    refused = []
    for _ in range(3_000):
        wrong = text
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(wrong) + 1)
            sign = chance.choice("\t '\"{}[]:,-#@*&|>%\n\r\u2028\ufeff!?=<")
            wrong = wrong[:at] + sign + wrong[at + chance.randrange(3) :]
        try:
            reader.documents(wrong)
        except YamlError as error:
            refused.append((wrong, error.line, error.column))
    assert len(refused) > 1_000
    for wrong, line, column in refused:
        lines = [*wrong.splitlines(), ""]
        assert 1 <= line <= len(lines), wrong
        assert 1 <= column <= len(lines[line - 1]) + 1, wrong
