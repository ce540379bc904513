"""Write plain data as the JSON that kustomize reads back as the same data, whatever its strings hold.

JSON is the YAML that no reader misreads and that Python writes fastest. Four things need care, each found out
with kustomize 5.8. Escapes of surrogate pairs are no YAML, so text stays as it is. U+2028, U+2029 and U+FEFF
must be escaped. kustomize cannot print U+007F to U+009F, U+FFFE, U+FFFF and surrogates, and drops a key `<<`
without a word: these are refused here, by name. (A key of more than 1,023 bytes it refuses itself.)
"""

from __future__ import annotations

from .patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, NoReturn

    Place = tuple[tuple[str | int, ...], str]

_UNPRINTABLE = pattern("[\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_SPECIAL = pattern("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_MERGE_KEY = '"<<":'
_quote: list[Callable[[str], str]] = []
"""What quotes a string, once one was to be quoted: its import takes longer than a small build's strings."""


class UnprintableError(Exception):
    """kustomize cannot print some strings, keys or numbers: (path, what is wrong there), in reading order."""

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__("; ".join(f"{path}: {problem}" for path, problem in places))
        self.places = tuple(places)


def to_json(value: object) -> str:
    """The value as one line of JSON, keys in their order.

    Raises UnprintableError for what kustomize cannot print (a mistake in somebody's text) and TypeError for a
    value that is none of JSON's (a mistake in somebody's code). A key that is a number or null is written as
    its JSON.
    """
    try:
        text = _encoded(value, allow_nan=False)
    except TypeError:
        raise TypeError("; ".join(f"{path}: {problem}" for path, problem in foreign_values(value))) from None
    except ValueError:
        raise UnprintableError(list(unprintable_places(value))) from None
    if _MERGE_KEY in text and (places := list(unprintable_places(value))):
        raise UnprintableError(places)
    if text.isascii() and "\x7f" not in text:  # the common case, known at once
        return text
    if not _SPECIAL.search(text):
        return text
    if _UNPRINTABLE.search(text):
        raise UnprintableError(list(unprintable_places(value)))
    return _SPECIAL.sub(_escape, text)


def to_json_unchecked(value: object) -> str:
    """The same without refusals: what cannot be printed is escaped, for handing back what came in."""
    return _SPECIAL.sub(_escape, _encoded(value, allow_nan=True))


def quoted(text: str) -> str:
    """The text as a string of JSON, by the C encoder alone."""
    if not _quote:
        _quote.append(_string_encoder())
    return _quote[0](text)


def unprintable_places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Where numbers or characters are that kustomize cannot print."""
    if isinstance(value, float) and value - value != 0:
        yield path, f"{value} is no number that JSON can hold"
    elif isinstance(value, str) and (match := _UNPRINTABLE.search(value)):
        yield path, f"kustomize cannot print the character U+{ord(match[0]):04X}"
    for step, child in _children(value):
        if step == "<<":
            yield path, 'kustomize drops a key "<<"'
        elif isinstance(step, str) and (match := _UNPRINTABLE.search(step)):
            yield path, f"kustomize cannot print the character U+{ord(match[0]):04X}, in the key {step!r}"
        yield from unprintable_places(child, (*path, step))


def foreign_values(value: object, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Where values are that JSON does not know: dates, bytes, sets, records."""
    if value is not None and not isinstance(value, (str, int, float, dict, list, tuple)):
        yield path, f"must be a value of JSON, was {type(value).__name__}: {value!r}"
    for step, child in _children(value):
        if not isinstance(step, (str, int, float, type(None))):
            yield path, f"a key must be a string, was {type(step).__name__}: {step!r}"
        yield from foreign_values(child, (*path, step))


def _string_encoder() -> Callable[[str], str]:
    try:
        from _json import encode_basestring
    except ImportError:  # another Python
        from json.encoder import py_encode_basestring

        return py_encode_basestring
    return encode_basestring


def _encoded(value: object, *, allow_nan: bool) -> str:
    """The value as `json.dumps` writes it, by its C encoder alone: the rest of `json` takes long to import."""
    try:
        from _json import encode_basestring, make_encoder

        encode = make_encoder({}, _refuse, encode_basestring, None, ":", ",", False, False, allow_nan)
    except (ImportError, TypeError):  # another Python
        import json

        return json.dumps(value, ensure_ascii=False, allow_nan=allow_nan, separators=(",", ":"))
    return "".join(encode(value, 0))


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"no value of JSON: {value!r}")


def _children(value: object) -> Iterator[tuple[Any, object]]:
    if isinstance(value, dict):
        mapping: Mapping[Any, object] = value
        yield from mapping.items()
    elif isinstance(value, (list, tuple)):
        yield from enumerate(value)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
