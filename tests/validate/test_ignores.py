"""Comments that silence rules: where they stand, and which lines they hold for."""

from textwrap import dedent

import pytest

from kloom.argo.rules import RULES_BY_ID
from kloom.sdk.result import Result
from kloom.validate import rulebook
from kloom.values import ignores
from kloom.values.ignores import Ignores, ignores_in

HOLDS_FOR = {
    "the key of its line": ("a: 1\nb: 2 # kloom: ignore r why\nc: 3\n", (2, 2)),
    "the block of the key of its line": ("a: # kloom: ignore r why\n  b: 1\n  c: 2\nd: 3\n", (1, 3)),
    "the key of the next line": ("# kloom: ignore r why\na: 1\nb: 2\n", (2, 2)),
    "the block of the key of the next line": ("# kloom: ignore r why\na:\n  b:\n  - 1\n\nc: 2\n", (2, 4)),
    "a list that is not indented": ("# kloom: ignore r why\na:\n- 1\n- 2\nb: 3\n", (2, 4)),
    "an item of a list": ("a:\n- b: 1 # kloom: ignore r why\n  c: 2\n- d: 3\n", (2, 3)),
    "a map in braces over several lines": ("a: {b: 1, # kloom: ignore r why\n  c: 2}\nd: 3\n", (1, 2)),
    "a text of several lines": ("# kloom: ignore r why\na: |\n  one\n  two\nb: 3\n", (2, 4)),
    "what comes behind other comments and empty lines": ("# kloom: ignore r why\n# and\n\na: 1\n", (4, 4)),
    "the last line, without a line break": ("# kloom: ignore r why\na:\n  b: 1", (2, 3)),
    "nothing, at the end": ("a: 1\n# kloom: ignore r why\n", (2, 2)),
}


@pytest.mark.parametrize(("text", "lines"), HOLDS_FOR.values(), ids=HOLDS_FOR)
def test_a_comment_holds_for(text, lines):
    (ignore,) = ignores_in(text)
    assert (ignore.rule, ignore.reason) == ("r", "why")
    assert (ignore.first, ignore.last) == lines


@pytest.mark.parametrize(
    "text",
    [
        'a: "# kloom: ignore r why"\n',
        "a: |\n  # kloom: ignore r why\n",
        "a: b#kloom: ignore r why\n",
        "a: 1 # kloom: ignored r why\n",
        "a: [ # kloom: ignore r why\n",
    ],
)
def test_what_is_no_comment_or_no_yaml_silences_nothing(text):
    assert not list(ignores_in(text))


def found(line, rule="name-invalid"):
    return Result.error("wrong", file="a.yaml", line=line, column=3, tags={"rule": rule})


def test_a_build_knows_the_rules_that_only_validate_checks():
    assert [rule.id for rule in rulebook.OF_SOURCES] == list(ignores.LATER_RULES)


def test_only_the_rule_that_it_names_is_silenced_and_only_there():
    silent = Ignores(["name-invalid", "other"])
    silent.read("a.yaml", "a: 1 # kloom: ignore name-invalid of old\nb: 2\n")
    others = [found(2), found(1, "other"), found(1).at("b.yaml", 1, 3)]
    assert list(silent.kept([found(1), *others])) == others
    assert not list(silent.unused())


def test_what_is_no_rule_cannot_be_silenced():
    silent = Ignores(["name-invalid"])
    silent.read("a.yaml", "a: 1 # kloom: ignore values because\n")
    assert list(silent.kept([found(1, "values")])) == [found(1, "values")]
    assert [result.tags["rule"] for result in silent.mistakes()] == ["ignore-unknown-rule"]


def test_what_is_wrong_with_a_comment_is_told_at_its_place():
    silent = Ignores(["name-invalid"])
    text = """\
        a: 1 # kloom: ignore
        b: 2 # kloom: ignore name-invlid of old
        c: 3 # kloom: ignore name-invalid
        d: 4 # kloom: ignore name-invalid of old
        """
    silent.read("a.yaml", dedent(text))
    assert list(silent.kept([found(3)])) == [found(3)], "no reason, no silence"
    assert [str(mistake) for mistake in (*silent.mistakes(), *silent.unused())] == [
        "a.yaml:1:6: kloom: ignore must name a rule that can be silenced, none was named; `kloom rules` lists all",
        "a.yaml:2:6: kloom: ignore must name a rule that can be silenced, was name-invlid; `kloom rules` lists all"
        " (did you mean name-invalid?)",
        "a.yaml:3:6: kloom: ignore name-invalid must be followed by the reason",
        "a.yaml:4:6: warning: kloom: ignore name-invalid silences nothing here: take it out",
    ]


def test_its_own_findings_have_the_ids_of_rules():
    assert {ignores.UNKNOWN_RULE, ignores.WITHOUT_REASON, ignores.UNUSED} <= RULES_BY_ID.keys()
