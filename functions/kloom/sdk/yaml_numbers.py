"""Plain scalars that are numbers, as go-yaml reads them, with which Helm and kustomize read.

Told apart without regular expressions, whose import would take longer than reading a small build's files.
"""

from __future__ import annotations

_LONGEST_INTEGER = 300
"""How many digits no reader takes for a number: go-yaml none of other bases beyond 64 bits, and 309 of ten."""
_DIGITS = {
    "0x": (16, frozenset("0123456789abcdefABCDEF")),
    "0b": (2, frozenset("01")),
    "0o": (8, frozenset("01234567")),
}
_OCTAL = frozenset("01234567")
_SIGNS = ("+", "-")


def number(text: str) -> int | float | str:
    """A plain scalar as go-yaml reads numbers; the text itself where it is none.

    Decimal, `0x`, `0b`, `0o` and leading-zero octal integers, underscores anywhere in them, and decimal floats. Raises
    ValueError for infinity and NaN, which JSON cannot say.
    """
    if text.lower().lstrip("+-") in (".inf", ".nan"):
        raise ValueError(f"{text} is no number that JSON can hold")
    bare = text.replace("_", "")
    digits = bare[1:] if bare[:1] in _SIGNS else bare
    if not digits.isascii():
        return text
    if base := _base_of(digits):
        if len(digits) > _LONGEST_INTEGER:
            return text
        value = int(digits, base)
        return -value if bare[0] == "-" else value
    if _is_float(digits):
        as_float = float(bare)
        return text if as_float in (float("inf"), float("-inf")) else as_float
    return text


def _base_of(digits: str) -> int:
    """The base of an integer without its sign, 0 where it is none."""
    if digits.isdigit():
        if digits[0] != "0" or digits == "0":
            return 10
        return 8 if _OCTAL.issuperset(digits) else 0
    base, known = _DIGITS.get(digits[:2].lower(), (0, frozenset()))
    return base if len(digits) > 2 and known.issuperset(digits[2:]) else 0  # noqa: PLR2004  # the prefix


def _is_float(digits: str) -> bool:
    """Whether these are digits with a point, an exponent, both or neither."""
    mantissa, has_exponent, exponent = digits.lower().partition("e")
    if has_exponent and not (exponent[1:] if exponent[:1] in _SIGNS else exponent).isdigit():
        return False
    whole, point, fraction = mantissa.partition(".")
    if not whole:
        return bool(point) and fraction.isdigit()
    return whole.isdigit() and (not fraction or fraction.isdigit())
