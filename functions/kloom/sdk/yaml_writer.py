"""Write plain data as block YAML that every reader takes for the same data.

A string is left plain only where YAML 1.1 and 1.2 readers (PyYAML, go-yaml v2 and v3) all read it as that string; a
text of several lines becomes a literal block; every other string is quoted as JSON quotes it, which YAML understands.
Lines are never folded and nothing is written as an alias. Lists stand at their key's column, as kustomize prints them.
"""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_PLAIN = re.compile(r"[A-Za-z_/](?:[A-Za-z0-9_./@+*=-]|:(?=[^\s])|[ ](?=[A-Za-z0-9_./@+*-]))*", re.ASCII)
_RESERVED = frozenset(
    spelling
    for word in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    for spelling in (word, word.capitalize(), word.upper())
)
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_NO_LITERAL_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\\A[ \n\t]|[ \t](\n|\\Z)")


def to_yaml(value: object, *, sort_keys: bool = False) -> str:
    """One value as one YAML document without markers; ends in a newline.

    Takes what JSON takes: maps with string keys, lists, strings, numbers, booleans, null. Raises TypeError for others.
    """
    return to_yaml_documents([value], sort_keys=sort_keys)


def to_yaml_documents(values: Sequence[object], *, sort_keys: bool = False) -> str:
    """Several values as a stream of documents, `---` between them."""
    margin = _Margin("", {}, sort_keys=sort_keys)
    return "---\n".join([margin.below(value)[1:] + "\n" for value in values])


class _Margin:
    """Writes what stands at one indent, and remembers it: thousands of Applications share keys, strings and maps."""

    __slots__ = ("_collections", "_deeper", "_indent", "_kept", "_key_lines", "_sort_keys", "_strings")

    def __init__(self, indent: str, strings: dict[str, str], *, sort_keys: bool) -> None:
        self._indent = indent
        self._deeper: _Margin | None = None
        self._sort_keys = sort_keys
        self._strings = strings
        self._key_lines: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._collections: dict[int, str] = {}
        self._kept: list[object] = []  # an id stays one object's only while the object lives

    def below(self, value: object) -> str:
        """What follows `key:`: a space and a scalar, or a newline and a block at this indent."""
        if isinstance(value, (dict, list)):
            text = self._collections.get(id(value))
            if text is None:
                text = self._collections[id(value)] = self._collection(value)
                self._kept.append(value)
            return text
        return f" {self._string(value) if isinstance(value, str) else _scalar(value)}"

    def _collection(self, value: dict[str, Any] | list[Any]) -> str:
        if isinstance(value, dict):
            return "\n" + self._mapping(value) if value else " {}"
        return "\n" + self._sequence(value) if value else " []"

    def _mapping(self, value: Mapping[str, Any]) -> str:
        keys = tuple(value)
        key_lines = self._key_lines.get(keys)
        if key_lines is None:
            key_lines = self._key_lines[keys] = self._lines_of_keys(keys)
        strings = self._strings
        lines = []
        for key, line in key_lines:
            item = value[key]
            cls = item.__class__
            if cls is str and item in strings:
                lines.append(f"{line} {strings[item]}")
            elif cls is list:
                lines.append(line + self.below(item))
            else:
                lines.append(line + self._next().below(item))
        return "\n".join(lines)

    def _lines_of_keys(self, keys: Sequence[str]) -> list[tuple[str, str]]:
        """Each key of a map and its line up to the colon, in the order of the lines."""
        for key in keys:
            if not isinstance(key, str):
                raise TypeError(f"a key must be a string, was {key!r}")
        return [
            (key, f"{self._indent}{_quoted_unless_plain(key)}:") for key in (sorted(keys) if self._sort_keys else keys)
        ]

    def _sequence(self, value: Sequence[Any]) -> str:
        lines = []
        for item in value:
            below = self._next().below(item)
            # a map or list in a list begins on the dash's own line
            text = below[3 + len(self._indent) :] if below[0] == "\n" else below[1:]
            lines.append(f"{self._indent}- {text}")
        return "\n".join(lines)

    def _next(self) -> _Margin:
        if self._deeper is None:
            self._deeper = _Margin(self._indent + "  ", self._strings, sort_keys=self._sort_keys)
        return self._deeper

    def _string(self, value: str) -> str:
        text = self._strings.get(value)
        if text is not None:
            return text
        if "\n" in value and not _NO_LITERAL_BLOCK.search(value):
            return _literal_block(value, self._indent or "  ")
        text = self._strings[value] = _quoted_unless_plain(value)
        return text


def _scalar(value: object) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    if value is None or isinstance(value, int):
        return json.dumps(value)
    if isinstance(value, float):
        text = json.dumps(value, allow_nan=False)
        # PyYAML takes 1e+21 for a string, 1.0e+21 for the number
        return text if "." in text else text.replace("e", ".0e")
    raise TypeError(f"YAML for Kubernetes holds what JSON holds, not {type(value).__name__}: {value!r}")


def _literal_block(value: str, indent: str) -> str:
    """`|` and the lines; the sign after it says how many newlines end the text."""
    body = value.rstrip("\n")
    newlines = len(value) - len(body)
    chomping = "-" if newlines == 0 else "" if newlines == 1 else "+"
    lines = [f"{indent}{line}" if line else "" for line in body.split("\n")]
    return "\n".join([f"|{chomping}", *lines, *[""] * (newlines - 1)])


def _quoted_unless_plain(value: str) -> str:
    return value if _PLAIN.fullmatch(value) and value not in _RESERVED else _double_quoted(value)


def _double_quoted(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
