r"""Change a YAML text as little as possible: a line that holds what it held stays.

    patched("a: 'x'  # why\nb: 1\n", {"a": "x", "b": 2})   ->   "a: 'x'  # why\nb: 2\n"

The text is edited where the data differs, read again, and compared. Where no edit can say it (aliases, merge
keys, comments inside a changed flow) the whole text is written anew, so the result holds the data in any
case.
"""

from __future__ import annotations

from yaml.nodes import CollectionNode, MappingNode, SequenceNode

from .data_difference import differences, same
from .yaml_flow import CannotEditError, Flow
from .yaml_places import column_of, is_on_one_line, stands_alone, start_of, stop_of
from .yaml_reader import YamlError, compose, kustomize_plain, read_documents
from .yaml_writer import to_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import yaml

    Edit = tuple[int, int, str]


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
    except (CannotEditError, YamlError):
        pass
    return to_yaml(value)


class _Patch:
    """The edits that turn one text into another: (start, end, replacement), found on the text's nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[Edit] = []

    def applied(self, old: Any, new: Any) -> str:
        """The text with its edits. Raises CannotEditError."""
        root = compose(self.text)
        if root is None or not stands_alone(root):
            raise CannotEditError
        self._inside(root, old, new)
        pieces, position = [], 0
        for start, end, replacement in sorted(self.edits, key=lambda edit: edit[0]):
            if start < position:
                raise CannotEditError
            pieces += [self.text[position:start], replacement]
            position = end
        return "".join(pieces) + self.text[position:]

    def _inside(self, node: yaml.Node, old: Any, new: Any) -> None:
        """Edit inside the node. Raises CannotEditError where only all of it can be replaced."""
        if not old or not new or not isinstance(node, CollectionNode):
            raise CannotEditError
        if node.flow_style and isinstance(new, type(old)):
            self._edit(start_of(node), stop_of(node), Flow(self.text).text_of(node, old, new))
        elif isinstance(node, MappingNode) and isinstance(new, dict):
            self._mapping(node, old, new)
        elif isinstance(node, SequenceNode) and isinstance(new, list):
            self._sequence(node, old, new)
        else:
            raise CannotEditError

    def _tries(self, node: yaml.Node, old: Any, new: Any) -> bool:
        """Whether edits inside the node said it; none is left where not."""
        known = len(self.edits)
        try:
            self._inside(node, old, new)
        except CannotEditError:
            del self.edits[known:]
            return False
        return True

    def _mapping(self, node: yaml.MappingNode, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        entries = {key.value: (key, value) for key, value in node.value}
        if not any(name in new for name in entries):
            raise CannotEditError
        for name, (key, value) in entries.items():
            if name not in new:
                self._remove_lines(start_of(key), value)
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
        if is_on_one_line(value) and fresh.count("\n") == 1:  # what stands behind it on the line stays
            text = to_yaml([new])[2:-1]
            self._edit(start_of(value), stop_of(value), text if start_of(value) < stop_of(value) else f" {text}")
        else:
            self._rewrite(start_of(key), value, fresh)

    def _sequence(self, node: yaml.SequenceNode, old: Sequence[Any], new: Sequence[Any]) -> None:
        dashes = [self._dash(item, column_of(node)) for item in node.value]
        for _, a, b, c, d in differences(old, new):
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
            self._rewrite(dash, node, to_yaml([new]))

    def _rewrite(self, start: int, node: yaml.Node, fresh: str) -> None:
        """Write an entry anew, from its key or dash to the end of the line; a comment there stays."""
        end = self._line_after(node) - 1
        comment = self.text[self._end(node) : end] if is_on_one_line(node) else ""
        first, *others = fresh.rstrip("\n").split("\n")
        indent = " " * (start - self._line_start(start))
        lines = [first + comment, *(indent + line if line else line for line in others)]
        self._edit(start, end, "\n".join(lines))

    def _edit(self, start: int, end: int, replacement: str) -> None:
        self.edits.append((start, end, replacement))

    def _insert(self, position: int, entry: dict[str, Any] | list[Any], node: yaml.Node) -> None:
        """Put a new entry of the block there; comments that close the block stay with what they follow."""
        indent = " " * column_of(node)
        if self.text[self._line_start(position) : position].strip():
            raise CannotEditError
        lines = _indented(to_yaml(entry), column_of(node))
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
            raise CannotEditError
        while first and self.text.startswith(f"{indent}#", above := self._line_start(first - 1)):
            first = above
        self._edit(first, self._line_after(value), "")

    def _dash(self, node: yaml.Node, column: int) -> int:
        """Where the dash of a list's element is: on its line or, with only comments between, above it."""
        line = self._line_start(start_of(node))
        while not self.text[line + column :].startswith("-") or self.text[line : line + column].strip():
            if not line:
                raise CannotEditError
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
        return start_of(node) + len(self.text[start_of(node) : stop_of(node)].rstrip())


def _read(text: str) -> Any:
    documents = read_documents(text, kustomize_plain)
    return documents[0] if len(documents) == 1 else None


def _indented(text: str, column: int) -> str:
    """The lines at the column; empty lines stay empty."""
    return "".join(" " * column + line if line.strip() else line for line in text.splitlines(keepends=True))
