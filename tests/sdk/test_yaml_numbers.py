"""Numbers are those of go-yaml's grammar, here said as regular expressions."""

# ruff: noqa: E501  # tables of odd texts
from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloom.sdk.yaml_numbers import number

INTEGER = re.compile(r"([-+]?)(0|[1-9][0-9]*|0[0-7]+|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
LONGEST = 300


def by_grammar(text: str) -> object:
    bare = text.replace("_", "")
    if match := INTEGER.fullmatch(bare):
        digits = match[2]
        if len(digits) > LONGEST:
            return text
        base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2].lower(), 8 if digits[0] == "0" else 10)
        return int(digits, base) * (-1 if match[1] == "-" else 1)
    if FLOAT.fullmatch(bare):
        return text if float(bare) in (float("inf"), float("-inf")) else float(bare)
    return text


numberlike = st.text("0123456789_+-.eExXoObBaAfF٣²", min_size=1, max_size=12).filter(
    lambda text: text[0] in "+-.0123456789"
)


@settings(max_examples=3000)
@given(numberlike | st.from_regex(INTEGER, fullmatch=True) | st.from_regex(FLOAT, fullmatch=True))
def test_numbers_are_those_of_the_grammar(text: str) -> None:
    try:
        found = number(text)
    except ValueError:
        assert text.lower().lstrip("+-") in (".inf", ".nan")
    else:
        assert repr(found) == repr(by_grammar(text))


@pytest.mark.parametrize("text", ["9" * 301, "0x" + "f" * 301, "1e999", "-1e999", "1.2.3", "5m", "10.0.0.1", "+", "-", ".", "_", "0x", "0b2", "1e", "e1"])  # fmt: skip
def test_other_texts_stay_texts(text: str) -> None:
    assert number(text) == text == by_grammar(text)
