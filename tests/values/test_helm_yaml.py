"""What plain scalars mean: the table of how readers differ, each row as Helm's reader (sigs.k8s.io/yaml) has it."""

import pytest

from kloom.sdk.yaml_reader import YamlError
from kloom.values.helm_yaml import HELM, helm_plain

TRUE = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"]
FALSE = ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"]
NUMBERS = {
    "0o777": 511, "0777": 511, "010": 8, "08": 8, "09": 9, "0x1F": 31, "0X1f": 31, "0b11": 3, "-0x10": -16, "+12": 12,
    "1e3": 1000, "1E+3": 1000, "1.5e3": 1500, "1.e3": 1000, "1_000": 1000, "1.0": 1, "-0": 0, "1.10": 1.1, ".5": 0.5,
    "1e-3": 0.001, "1e300": 1e300, "9007199254740992": 2**53,
}  # fmt: skip
STRINGS = [
    "12:30:45", "190:20", "2020-01-01", "2020-01-01T10:00:00Z", "=", "yES", "tRUE", "nULL", "0x", "0o8", "0b2", "1e",
    "1.2.3", "10.0.0.1", "1e400", "+", "-", ".", "_1", "1234e56x", "abc",
]  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_true(text):
    assert helm_plain(text) is True


@pytest.mark.parametrize("text", FALSE)
def test_false(text):
    assert helm_plain(text) is False


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null(text):
    assert helm_plain(text) is None


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_numbers(text, value):
    assert helm_plain(text) == value
    assert type(helm_plain(text)) is type(value)


@pytest.mark.parametrize("text", STRINGS)
def test_strings(text):
    assert helm_plain(text) == text


@pytest.mark.parametrize("text", [".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN"])
def test_what_json_cannot_say_is_refused(text):
    with pytest.raises(ValueError, match="no number that JSON can hold"):
        helm_plain(text)


@pytest.mark.parametrize("text", ["9007199254740993", "-9007199254740993", "18446744073709551616", "0x40000000000000"])
def test_integers_that_lose_digits_are_refused(text):
    with pytest.raises(ValueError, match=r"beyond 2\^53.*quote it"):
        helm_plain(text)


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2", "1: a", "on: a", "~: a", "a: !!str b", "x: &x {}\n<<: *x", "a: b\n---\nc: d"]
)
def test_what_readers_disagree_on_is_refused(text):
    with pytest.raises(YamlError):
        HELM.document(text)


def test_one_is_never_taken_for_true():
    assert str(HELM.document('a: [1, true, "1", yes, 1.0, "yes"]')["a"]) == "[1, True, '1', True, 1, 'yes']"


def test_equal_maps_are_one_object_and_unlike_ones_are_not():
    """1, true and "1" hash or look alike, yet a map of one is no map of the other."""
    first, second = (HELM.document("a: {p: true}\nb: {p: 1}\nc: {p: '1'}\nd: {q: true}") for _ in range(2))
    assert first["a"] is second["a"]
    assert first == second == {"a": {"p": True}, "b": {"p": 1}, "c": {"p": "1"}, "d": {"q": True}}
    assert [type(first[key]["p"]) for key in "abc"] == [bool, int, str]
