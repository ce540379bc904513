"""Write plain data as block YAML that every reader takes for the same data.

A string is left plain only where YAML 1.1 and 1.2 readers (PyYAML, go-yaml v2 and v3) all read it as that string; a
text of several lines becomes a literal block; every other string is quoted as JSON quotes it, which YAML understands.
Lines are never folded and nothing is written as an alias. Lists stand at their key's column, as kustomize prints them.
"""

from __future__ import annotations

from .json_writer import quoted
from .patterns import DIGITS, LETTERS, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence
    from typing import Any

_FIRST_OF_PLAIN = LETTERS | frozenset("_/")
_IN_PLAIN = LETTERS | DIGITS | frozenset("_./-@+*=: ")
_NEVER_PLAIN = (": ", "  ", " :", " =")
_RESERVED = frozenset(
    spelling
    for word in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    for spelling in (word, word.capitalize(), word.upper())
)
_UNPRINTABLE = pattern("[\x7f-\x9f\u2028\u2029\ufeff]")
_NO_LITERAL_BLOCK = pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\\A[ \n\t]|[ \t](\n|\\Z)")


def to_yaml(value: object, *, sort_keys: bool = False) -> str:
    """One value as one YAML document without markers; ends in a newline.

    Takes what JSON takes: maps with string keys, lists, strings, numbers, booleans, null. Raises TypeError for others.
    """
    return to_yaml_documents([value], sort_keys=sort_keys)


def to_yaml_documents(values: Sequence[object], *, sort_keys: bool = False) -> str:
    """Several values as a stream of documents, `---` between them."""
    margin = _Margin("", {}, sort_keys=sort_keys)
    return "---\n".join([margin.text(value)[1:] + "\n" for value in values])


class _Margin:
    """Writes what stands at one indent, and remembers it: thousands of Applications share keys, strings and maps.

    A text begins with what stands behind a colon: a space and a scalar, or a newline and a block at this indent.
    """

    __slots__ = ("_deeper", "_indent", "_known", "_sort_keys", "_strings", "_templates")

    def __init__(self, indent: str, strings: dict[str, str], *, sort_keys: bool) -> None:
        self._indent = indent
        self._deeper: _Margin | None = None
        self._sort_keys = sort_keys
        self._strings = strings
        self._templates: dict[tuple[str, ...], tuple[str, Sequence[str]]] = {}
        # of what maps here hold, by its identity, which stays its own as long as all that is to be written is there
        self._known: dict[int, str] = {}

    def text(self, value: object) -> str:
        """The text of a value of which a block begins at this indent."""
        if isinstance(value, str):
            return self._strings.get(value) or self._string(value)
        if isinstance(value, dict):
            return self._mapping(value) if value else " {}"
        if isinstance(value, list):
            return self._sequence(value) if value else " []"
        return _scalar(value)

    def _mapping(self, value: Mapping[str, Any]) -> str:
        template, keys = self._templates.get(tuple(value)) or self._template(tuple(value))
        strings, known = self._strings, self._known
        texts = []
        for key in keys:
            item = value[key]
            text = strings.get(item) if item.__class__ is str else known.get(id(item))
            texts.append(text or self._below(item))
        return template % tuple(texts)

    def _template(self, keys: tuple[str, ...]) -> tuple[str, Sequence[str]]:
        """A map with these keys, with a place for each value, and the keys in the order of the places."""
        for key in keys:
            if not isinstance(key, str):
                raise TypeError(f"a key must be a string, was {key!r}")
        order = sorted(keys) if self._sort_keys else keys
        lines = [f"\n{self._indent}{_quoted_unless_plain(key)}:".replace("%", "%%") + "%s" for key in order]
        made = self._templates[keys] = ("".join(lines), order)
        return made

    def _below(self, value: object) -> str:
        """The text of what a map here holds; a list stands at its key's column."""
        margin = self._deeper or self._next()
        if isinstance(value, str):
            return margin._string(value)  # noqa: SLF001  # another of us
        text = self._known[id(value)] = (self if isinstance(value, list) else margin).text(value)
        return text

    def _sequence(self, value: Sequence[Any]) -> str:
        lines = []
        for item in value:
            text = self._next().text(item)
            # a map or list in a list begins on the dash's own line
            text = text[3 + len(self._indent) :] if text[0] == "\n" else text[1:]
            lines.append(f"\n{self._indent}- {text}")
        return "".join(lines)

    def _next(self) -> _Margin:
        if self._deeper is None:
            self._deeper = _Margin(self._indent + "  ", self._strings, sort_keys=self._sort_keys)
        return self._deeper

    def _string(self, value: str) -> str:
        if "\n" in value and not _NO_LITERAL_BLOCK.search(value):
            return f" {_literal_block(value, self._indent or '  ')}"
        text = self._strings[value] = f" {_quoted_unless_plain(value)}"
        return text


def _scalar(value: object) -> str:
    if value is True or value is False:
        return " true" if value else " false"
    if value is None:
        return " null"
    if isinstance(value, int):
        return f" {int(value)}"
    if isinstance(value, float):
        if value - value != 0:
            raise ValueError(f"YAML for Kubernetes holds what JSON holds, not the number {value}")
        text = float.__repr__(value)
        # PyYAML takes 1e+21 for a string, 1.0e+21 for the number
        return f" {text if '.' in text else text.replace('e', '.0e')}"
    raise TypeError(f"YAML for Kubernetes holds what JSON holds, not {type(value).__name__}: {value!r}")


def _literal_block(value: str, indent: str) -> str:
    """`|` and the lines; the sign after it says how many newlines end the text."""
    body = value.rstrip("\n")
    newlines = len(value) - len(body)
    chomping = "-" if newlines == 0 else "" if newlines == 1 else "+"
    lines = [f"{indent}{line}" if line else "" for line in body.split("\n")]
    return "\n".join([f"|{chomping}", *lines, *[""] * (newlines - 1)])


def _quoted_unless_plain(value: str) -> str:
    if value[:1] in LETTERS and value.replace("-", "").isalnum() and value.isascii() and value not in _RESERVED:
        return value
    return value if _is_plain(value) and value not in _RESERVED else _double_quoted(value)


def _is_plain(value: str) -> bool:
    """Whether the text is made of words and signs that mean nothing to YAML where they stand."""
    if value[:1] not in _FIRST_OF_PLAIN or not _IN_PLAIN.issuperset(value):
        return False
    if value[-1] in ": ":
        return False
    return (":" not in value and " " not in value) or not any(pair in value for pair in _NEVER_PLAIN)


def _double_quoted(value: str) -> str:
    text = quoted(value)
    return text if text.isascii() and "\x7f" not in text else _UNPRINTABLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
