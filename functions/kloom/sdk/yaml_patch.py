"""Change a YAML text as little as possible: a line that holds what it held stays, comments and quotes included.

    patched("a: 'x'  # why\nb: 1\n", {"a": "x", "b": 2})   ->   "a: 'x'  # why\nb: 2\n"

The text is edited where the data differs, read again, and compared. Where no edit can say it (aliases, merge keys,
comments inside a changed flow) the whole text is written anew, so the result holds the data in any case.
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher

from yaml.nodes import CollectionNode, MappingNode, ScalarNode, SequenceNode

from .yaml_reader import YamlError, compose, kustomize_plain, read_documents
from .yaml_writer import to_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    import yaml

    Edit = tuple[int, int, str]


class _CannotEditError(Exception):
    """No edit inside this node can say it; what holds the node is written anew."""


def patched(text: str, value: object) -> str:
    """The one YAML document of the text, holding the value instead; ends in a newline."""
    text = text if text.endswith("\n") else text + "\n"
    old = _read(text)
    if same(old, value):
        return text
    try:
        changed = _Patch(text).applied(old, value)
        if same(_read(changed), value):
            return changed
    except (_CannotEditError, YamlError):
        pass
    return to_yaml(value)


def same(one: object, other: object) -> bool:
    """Whether both are the same YAML data: unlike for ==, neither true nor 1.0 is 1. Keys have no order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(key in other and same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return type(one) is type(other) and one == other


class _Patch:
    """The edits that turn one text into another: (start, end, replacement), found on the text's nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[Edit] = []

    def applied(self, old: Any, new: Any) -> str:
        """The text with its edits. Raises _CannotEditError."""
        root = compose(self.text)
        if root is None or not _stands_alone(root):
            raise _CannotEditError
        self._inside(root, old, new)
        pieces, position = [], 0
        for start, end, replacement in sorted(self.edits, key=lambda edit: edit[0]):
            if start < position:
                raise _CannotEditError
            pieces += [self.text[position:start], replacement]
            position = end
        return "".join(pieces) + self.text[position:]

    def _inside(self, node: yaml.Node, old: Any, new: Any) -> None:
        """Edit inside the node. Raises _CannotEditError where only all of it can be replaced."""
        if not old or not new or not isinstance(node, CollectionNode):
            raise _CannotEditError
        if node.flow_style and isinstance(new, type(old)):
            self._edit(_start(node), _stop(node), _Flow(self.text).text_of(node, old, new))
        elif isinstance(node, MappingNode) and isinstance(new, dict):
            self._mapping(node, old, new)
        elif isinstance(node, SequenceNode) and isinstance(new, list):
            self._sequence(node, old, new)
        else:
            raise _CannotEditError

    def _tries(self, node: yaml.Node, old: Any, new: Any) -> bool:
        """Whether edits inside the node said it; none is left where not."""
        known = len(self.edits)
        try:
            self._inside(node, old, new)
        except _CannotEditError:
            del self.edits[known:]
            return False
        return True

    def _mapping(self, node: yaml.MappingNode, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        entries = {key.value: (key, value) for key, value in node.value}
        if not any(name in new for name in entries):
            raise _CannotEditError
        for name, (key, value) in entries.items():
            if name not in new:
                self._remove_lines(_start(key), value)
            elif not same(old[name], new[name]):
                self._entry(key, value, old[name], new[name])
        behind = self._line_after(node)
        for name in new:
            if name in entries:
                behind = self._line_after(entries[name][1])
            else:
                self._insert(behind, {name: new[name]}, node)

    def _entry(self, key: yaml.ScalarNode, value: yaml.Node, old: Any, new: Any) -> None:
        """`key: old` becomes `key: new`."""
        if self._tries(value, old, new):
            return
        fresh = to_yaml({key.value: new})
        if _is_on_one_line(value) and fresh.count("\n") == 1:  # what stands behind it on the line stays
            text = to_yaml([new])[2:-1]
            self._edit(_start(value), _stop(value), text if _start(value) < _stop(value) else f" {text}")
        else:
            self._edit(_start(key), self._end(value), _indented(fresh, _column(key)).strip(" \n"))

    def _sequence(self, node: yaml.SequenceNode, old: Sequence[Any], new: Sequence[Any]) -> None:
        dashes = [self._dash(item, _column(node)) for item in node.value]
        for _, a, b, c, d in _differences(old, new):
            paired = min(b - a, d - c)
            for at, item in zip(range(a, a + paired), new[c:d], strict=False):
                self._element(node.value[at], dashes[at], old[at], item)
            for at in range(a + paired, b):
                self._remove_lines(dashes[at], node.value[at])
            before = a + paired
            behind = self._line_after(node.value[before - 1]) if before else self._line_start(dashes[0])
            for item in new[c + paired : d]:
                self._insert(behind, [item], node)

    def _element(self, node: yaml.Node, dash: int, old: Any, new: Any) -> None:
        """`- old` becomes `- new`."""
        if not self._tries(node, old, new):
            column = dash - self._line_start(dash)
            self._edit(dash, self._end(node), _indented(to_yaml([new]), column).strip(" \n"))

    def _edit(self, start: int, end: int, replacement: str) -> None:
        self.edits.append((start, end, replacement))

    def _insert(self, position: int, entry: dict[str, Any] | list[Any], node: yaml.Node) -> None:
        """Put a new entry of the block there. Comments that close the block stay with the entry they follow."""
        indent = " " * _column(node)
        if self.text[self._line_start(position) : position].strip():
            raise _CannotEditError
        lines = _indented(to_yaml(entry), _column(node))
        if position == self._line_after(node):
            closing = position
            while self.text.startswith(f"{indent}#", position):
                position = self.text.index("\n", position) + 1
            if position > closing and (position, position) not in [edit[:2] for edit in self.edits]:
                lines = f"\n{lines}"  # without the empty line, the comment would be the new entry's
        self._edit(position, position, lines)

    def _remove_lines(self, start: int, value: yaml.Node) -> None:
        """Remove the lines from a key or dash to the end of its value, with the comment lines right above."""
        first = self._line_start(start)
        indent = self.text[first:start]
        if indent.strip():  # behind a dash
            raise _CannotEditError
        while first and self.text.startswith(f"{indent}#", above := self._line_start(first - 1)):
            first = above
        self._edit(first, self._line_after(value), "")

    def _dash(self, node: yaml.Node, column: int) -> int:
        """Where the dash of a list's element is: on its line or, with only comments between, above it."""
        line = self._line_start(_start(node))
        while not self.text[line + column :].startswith("-") or self.text[line : line + column].strip():
            if not line:
                raise _CannotEditError
            line = self._line_start(line - 1)
        return line + column

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _line_after(self, node: yaml.Node) -> int:
        return self.text.index("\n", self._end(node)) + 1

    def _end(self, node: yaml.Node) -> int:
        """Where the node's last character is; the end mark of a block is where the next thing begins."""
        while isinstance(node, CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        return _start(node) + len(self.text[_start(node) : _stop(node)].rstrip())


class _Flow:
    """Writes a changed `{…}` or `[…]` on one line, with the text of what stays."""

    def __init__(self, text: str) -> None:
        self.text = text

    def text_of(self, node: yaml.Node | None, old: Any, new: Any) -> str:
        if node is not None and same(old, new):
            return self._kept(node)
        if isinstance(node, MappingNode) and isinstance(new, dict):
            return "{" + ", ".join(self._entries(node, old, new)) + "}"
        if isinstance(node, SequenceNode) and isinstance(new, list):
            return "[" + ", ".join(self._elements(node, old, new)) + "]"
        return _json(new)

    def _entries(self, node: yaml.MappingNode, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        entries = {key.value: (key, value) for key, value in node.value}
        for name, item in new.items():
            key, value = entries.get(name, (None, None))
            key_text = _json(name) if key is None else self._kept(key)
            yield f"{key_text}: {self.text_of(value, old.get(name), item)}"

    def _elements(self, node: yaml.SequenceNode, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
        partners: dict[int, int] = {}
        for _, a, b, c, d in _differences(old, new, same_too=True):
            partners.update(zip(range(c, d), range(a, b), strict=False))
        for at, item in enumerate(new):
            partner = partners.get(at)
            yield _json(item) if partner is None else self.text_of(node.value[partner], old[partner], item)

    def _kept(self, node: yaml.Node) -> str:
        text = self.text[_start(node) : _stop(node)]
        if "\n" in text:  # comments may be in it
            raise _CannotEditError
        return text


def _differences(
    old: Sequence[Any], new: Sequence[Any], *, same_too: bool = False
) -> Iterator[tuple[str, int, int, int, int]]:
    """How the lists differ: (what, start, end in the old list, start, end in the new one)."""
    matcher = SequenceMatcher(None, *([_json(item, sort_keys=True) for item in items] for items in (old, new)), False)
    return (opcode for opcode in matcher.get_opcodes() if same_too or opcode[0] != "equal")


def _stands_alone(root: yaml.Node) -> bool:
    """Whether each node stands where it is written: no aliases, no merge keys."""
    seen: set[int] = set()
    todo = [root]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            return False
        seen.add(id(node))
        if isinstance(node, MappingNode):
            if any(not isinstance(key, ScalarNode) or key.value == "<<" for key, _ in node.value):
                return False
            todo += [part for entry in node.value for part in entry]
        elif isinstance(node, SequenceNode):
            todo += node.value
    return True


def _is_on_one_line(node: yaml.Node) -> bool:
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return False
    flow = isinstance(node, ScalarNode) or (isinstance(node, CollectionNode) and bool(node.flow_style))
    return flow and node.start_mark.line == node.end_mark.line


def _start(node: yaml.Node) -> int:
    return node.start_mark.index


def _stop(node: yaml.Node) -> int:
    return node.end_mark.index


def _column(node: yaml.Node) -> int:
    return node.start_mark.column


def _read(text: str) -> Any:
    documents = read_documents(text, kustomize_plain)
    return documents[0] if len(documents) == 1 else None


def _indented(text: str, column: int) -> str:
    """The lines at the column; empty lines stay empty."""
    return "".join(" " * column + line if line.strip() else line for line in text.splitlines(keepends=True))


def _json(value: object, *, sort_keys: bool = False) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=sort_keys)
