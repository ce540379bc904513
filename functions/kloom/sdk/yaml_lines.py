"""Read the plainest YAML line by line, in a fraction of the parser's time: block maps and lists of one-line values.

Values files are such text from end to end, by the hundred. Whatever is not (a tab, a tag, a block scalar, a duplicate
key, a value of several lines, anything else not foreseen here) is left to the parser, which reads it or says what is
wrong. What is read here is what the parser would read: tests hold the two against each other on generated texts.
"""

from __future__ import annotations

from .patterns import DIGITS, LETTERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Map = dict[str, Any]
    Line = tuple[int, str | None, Any]
    """The column of a line, its key (None for an item, a comment and an empty line), and its value."""
    Entry = tuple[str | None, Any]
    """A key of the whole map (None for a comment and an empty line), and its value."""

_IN_KEYS = LETTERS | DIGITS | frozenset("_./-")
_FIRST_OF_PLAIN = LETTERS | DIGITS | frozenset("_./+$")
_CLASSES: dict[str, type] = {"{": dict, "[": list, '"': str, "'": str}
"""What a value is that begins so."""
_LONGEST_TEXT = 100_000
_LONGEST_KEY = 100
_MOST_BRACKETS = 30
_DEEPEST = 50
_REMEMBERED = 100_000
_INDENTED = "\r"
"""What stands for a line break and a space: texts with this character in them are not read here."""
_ENTRY_ABOVE = frozenset((" ", "-", _INDENTED))
"""A line that begins so belongs to what is above it."""
_NOTHING: Any = object()
"""The value of a line that has none: null, unless deeper lines are its map or its list."""


class Unforeseen(Exception):  # noqa: N818  # no error: the parser reads the text
    """The text is not as plain as what is read by lines."""


class LineReader:
    """Reads texts by lines, and keeps what it learned of each line: what is read must not be changed.

    plain: the value of a plain scalar. parse: reads a value in quotes or brackets, as a document of its own. kept:
    given each finished map, says which to use in its place.
    """

    __slots__ = ("_entries", "_kept", "_lines", "_parse", "_plain")

    def __init__(self, plain: Callable[[str], Any], parse: Callable[[str], Any], kept: Callable[[Map], Map]) -> None:
        self._plain = plain
        self._parse = parse
        self._kept = kept
        self._lines: dict[str, Line] = {}
        self._entries: dict[str, Entry] = {}

    def document(self, text: str) -> Map:
        """The map that the text is. Raises Unforeseen for any other text, and what `plain` and `parse` raise."""
        if len(text) > _LONGEST_TEXT or not text.isascii() or not text.replace("\n", "").isprintable():
            raise Unforeseen
        entries = self._entries
        if len(entries) > _REMEMBERED:
            entries.clear()
        whole: Map = {}
        # a key at the first column and all that is below it: many files say the same of a cluster
        for text_of_entry in text.replace("\n ", _INDENTED).split("\n"):
            entry = entries.get(text_of_entry)
            if entry is None:
                if text_of_entry[:1] in _ENTRY_ABOVE or (text_of_entry[:1] == "#" and _INDENTED in text_of_entry):
                    return self._by_lines(text)  # an empty line or a comment within an entry, or items of a list
                entry = entries[text_of_entry] = self._entry(text_of_entry)
            key, value = entry
            if key is None:
                continue
            if key in whole:
                raise Unforeseen
            whole[key] = value
        if not whole:
            raise Unforeseen
        return whole

    def _entry(self, text: str) -> Entry:
        """The one entry of a map that the text is, perhaps of a comment or of nothing."""
        if text[:1] in ("", "#"):
            return None, _NOTHING
        ((key, value),) = self._by_lines(text.replace(_INDENTED, "\n ")).items()
        return key, value

    def _by_lines(self, text: str) -> Map:
        lines = self._lines
        if len(lines) > _REMEMBERED:
            lines.clear()
        level = _Level(-1)
        for text_of_line in text.split("\n"):
            line = lines.get(text_of_line)
            if line is None:
                line = lines[text_of_line] = self._line(text_of_line)
            indent, key, value = line
            if key is None:
                if value is not _NOTHING:
                    level = self._ended(level, indent)
                    level.add_item(indent, value)
                continue
            if indent != level.indent:
                level = self._level_at(level, indent)
            if key in level.entries:
                raise Unforeseen
            level.key = key
            level.begins_below = value is _NOTHING
            level.entries[key] = None if value is _NOTHING else value
            level.items_at = -1
        whole = self._ended(level, -1).entries
        if not whole:
            raise Unforeseen
        return whole[""]  # type: ignore[no-any-return]  # the map below the line that is not there

    def _ended(self, level: _Level, indent: int) -> _Level:
        """The map that is still being read once those deeper than this column have ended."""
        while level.indent > indent:
            level.above.entries[level.above.key] = self._kept(level.entries)
            level = level.above
        return level

    def _level_at(self, level: _Level, indent: int) -> _Level:
        """The map that an entry at this column adds to, and which it may begin."""
        level = self._ended(level, indent)
        if level.indent == indent:
            return level
        if not level.begins_below or level.depth == _DEEPEST:
            raise Unforeseen
        level.begins_below = False
        return _Level(indent, level)

    def _line(self, text: str) -> Line:
        """What a line says by itself."""
        content = text.lstrip(" ")
        indent = len(text) - len(content)
        if not content or content[0] == "#":
            return indent, None, _NOTHING
        if content[0] == "-":
            value = self._value(content[2:])
            if content[:2] != "- " or value is _NOTHING:
                raise Unforeseen
            return indent, None, value
        key, colon, rest = content.partition(": ")
        if not colon:
            if content[-1] != ":":
                raise Unforeseen
            key = content[:-1]
        self._require_key(key)
        return indent, key, self._value(rest)

    def _require_key(self, key: str) -> None:
        """Raise Unforeseen unless every reader takes the text for a key that is that string."""
        is_plain = key[:1] in LETTERS and _IN_KEYS.issuperset(key) and len(key) <= _LONGEST_KEY
        if not is_plain or self._plain(key) != key:
            raise Unforeseen

    def _value(self, rest: str) -> Any:
        """What stands behind `key: ` or `- `, which may be a comment or nothing."""
        text = rest.strip(" ")
        if not text or text[0] == "#":
            return _NOTHING
        if text[0] in _FIRST_OF_PLAIN:
            plain = text.partition(" #")[0].rstrip(" ")
            if ": " in plain or plain[-1] == ":":  # a map, or a mistake
                raise Unforeseen
            return self._plain(plain)
        if text[0] not in _CLASSES or text.count("[") + text.count("{") > _MOST_BRACKETS:
            raise Unforeseen
        value = self._parse(text)
        if value.__class__ is not _CLASSES[text[0]]:  # as of "a": b, which is no value
            raise Unforeseen
        return value


class _Level:
    """A map that is being read: its column, the map around it, and what may follow the line of its last key."""

    __slots__ = ("above", "begins_below", "depth", "entries", "indent", "items_at", "key")

    def __init__(self, indent: int, above: _Level | None = None) -> None:
        self.indent = indent
        self.above = above or self
        self.depth: int = above.depth + 1 if above else 0
        self.entries: Map = {}
        self.key = ""
        self.begins_below = above is None
        """Whether the last key has no value on its line, so that deeper lines are its map, or items its list."""
        self.items_at = -1
        """The column of the last key's list, where it has one."""

    def add_item(self, indent: int, value: Any) -> None:
        """Add to the list of the last key, which the item may begin. Raises Unforeseen where there is none."""
        if self.begins_below and self.indent >= 0:
            self.entries[self.key] = []
            self.begins_below = False
            self.items_at = indent
        if self.items_at != indent:
            raise Unforeseen
        self.entries[self.key].append(value)
