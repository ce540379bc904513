"""Read YAML into plain data, bounded in size, depth and alias expansion, on PyYAML's C parser.

What a plain (unquoted) scalar means differs between readers: kustomize takes `yes` for a string, Helm for a
boolean. So a reader is made for one such meaning, a function from the scalar's text to its value (a string that
it returns is that text), which raises ValueError for a scalar that must not be there.
Positions are not kept: `position_of` parses again, when there is something to report.
"""

from __future__ import annotations

from _operator import is_

from yaml._yaml import ComposerError, CParser, ReaderError  # type: ignore[attr-defined]  # those that it raises
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import CollectionEndEvent, CollectionStartEvent, NodeEvent
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from .yaml_lines import LineReader, Unforeseen
from .yaml_numbers import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from yaml.events import Event
    from yaml.nodes import Node

    PlainScalar = Callable[[str], Any]

MAX_DEPTH = 100
"""How deep collections may nest."""
MAX_NODES = 500_000
"""How many nodes a text may have, as written and once its aliases are expanded."""
MAX_NODES_ON_STDIN = 2_000_000
"""How many nodes may come on stdin."""
MAX_DOCUMENTS = 100_000
"""How many documents a text may have."""

_PLAIN, _QUOTED, _COLLECTION = "plain", "quoted", "collection"
_HARMLESS_OPENERS = 1_000
_HARMLESS_LINE = 2_000
_REMEMBERED = 100_000
_SMALL_MAP = 8
_STRING_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")


class YamlError(Exception):
    """The text is no YAML that can be read safely; line and column count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class _Composer(CParser):
    """Composes nodes whose tag says only how they were written; explicit tags stay as they are."""

    def resolve(self, _kind: object, value: str | None, implicit: tuple[bool, bool]) -> str:
        if value is None:
            return _COLLECTION
        return _PLAIN if implicit[0] else _QUOTED

    # called for each node: built-ins that do nothing cost less than functions that do nothing
    descend_resolver = is_
    ascend_resolver = tuple


class YamlReader:
    """Reads documents under one meaning of plain scalars; keeps what it learned of them between documents.

    A `lenient` reader, for what kustomize and kpt send, reads merge keys, `!!str` and what kyaml writes for the string
    "<<" (`!!merge <<`); the others refuse them, because readers of values files disagree on them.

    With `share_equal_maps` small maps that say the same are one object, wherever they stand: files by the hundred say
    the same things, and whoever works on them can do so once. What is read that way must not be changed. Documents that
    are plain enough are then read by lines.
    """

    __slots__ = ("_budget", "_lenient", "_lines", "_maps", "_max_nodes", "_plain", "_scalars")

    def __init__(
        self,
        plain: PlainScalar,
        *,
        lenient: bool = False,
        max_nodes: int = MAX_NODES,
        share_equal_maps: bool = False,
    ) -> None:
        self._plain = plain
        # by the keys and the identity of the values, which a map that stays here keeps alive, and so their own
        self._maps: dict[tuple[str | int, ...], dict[str, Any]] | None = {} if share_equal_maps else None
        self._lenient = lenient
        self._max_nodes = max_nodes
        self._scalars: dict[str, Any] = {}
        self._budget = 0
        self._lines = LineReader(plain, self._parsed, self._kept) if share_equal_maps else None

    def document(self, text: str) -> Any:
        """The one document of the text as plain data; None where there is none.

        Raises YamlError for what is no YAML, too deep or too large, for duplicate and non-string keys, tags, and
        a second document.
        """
        self._begin()
        if self._lines is not None:
            try:
                return self._lines.document(text)
            except (Unforeseen, YamlError, ValueError):
                pass  # to be read, or told what is wrong and where, by the parser
        return self._parsed(text)

    def _parsed(self, text: str) -> Any:
        node = compose(text, self._max_nodes)
        return None if node is None else self._value(node, 0)

    def documents(self, text: str) -> list[Any]:
        """All documents of the text as plain data, None for an empty one. Raises YamlError as `document` does."""
        self._begin()
        return [self._value(node, 0) for node in compose_documents(text, self._max_nodes)]

    def _begin(self) -> None:
        self._budget = self._max_nodes
        if len(self._scalars) > _REMEMBERED:
            self._scalars.clear()
        if self._maps is not None and len(self._maps) > _REMEMBERED:
            self._maps.clear()

    def _value(self, node: Node, depth: int) -> Any:
        self._budget -= 1
        tag = node.tag
        if tag == _PLAIN:
            return self._plain_value(node)
        if tag == _QUOTED:
            return node.value
        if tag != _COLLECTION:
            return self._tagged(node)
        if depth >= MAX_DEPTH:
            raise _at(node, f"nested deeper than {MAX_DEPTH} levels")
        if self._budget < 0:
            raise _at(node, f"aliases expand to more than {self._max_nodes} nodes")
        if node.__class__ is MappingNode:
            return self._mapping(node, depth + 1)
        return [self._value(item, depth + 1) for item in node.value]

    def _plain_value(self, node: Node) -> Any:
        text = node.value
        if text in self._scalars:
            return self._scalars[text]
        try:
            value = self._scalars[text] = self._plain(text)
        except ValueError as error:
            raise _at(node, str(error)) from None
        return value

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        scalars = self._scalars
        merged: list[Node] = []
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag == _PLAIN:
                if key == "<<" and self._lenient:
                    merged.append(value_node)
                    continue
                if scalars.get(key) != key:
                    self._refuse_unless_string(key_node)
            elif key_node.tag == _COLLECTION:
                raise _no_key(key_node, node)
            elif key_node.tag != _QUOTED:
                key = self._tagged(key_node)
            if key in result:
                raise _at(key_node, f'duplicate key "{key}"')
            # the common case of `_value`, in place: half of all nodes are plain scalars seen before
            if value_node.tag == _PLAIN and value_node.value in scalars:
                result[key] = scalars[value_node.value]
            else:
                result[key] = self._value(value_node, depth)
        for value_node in merged:
            self._merge_into(result, value_node, depth)
        return self._kept(result)

    def _kept(self, result: dict[str, Any]) -> dict[str, Any]:
        """The map, or the equal one that was read before."""
        if self._maps is not None and len(result) <= _SMALL_MAP:
            return self._maps.setdefault((*result, *map(id, result.values())), result)
        return result

    def _refuse_unless_string(self, node: Node) -> None:
        """Refuse a plain key that is not read as a string, which every reader turns into another string."""
        if node.value == "<<":
            raise _at(node, 'merge keys ("<<") are not read')
        value = self._plain_value(node)
        if value.__class__ is not str:
            raise _at(node, f"a key must be a string, and {node.value or '(nothing)'} is {kind_of(value)}: quote it")

    def _merge_into(self, result: dict[str, Any], node: Node, depth: int) -> None:
        """`<<: *base`: keys that are not there yet come from the base, the first base winning."""
        bases = self._value(node, depth)
        for base in bases if isinstance(bases, list) else [bases]:
            if not isinstance(base, dict):
                raise _at(node, f'"<<" must hold a map, was {kind_of(base)}')
            for key, value in base.items():
                result.setdefault(key, value)

    def _tagged(self, node: Node) -> str:
        if self._lenient and node.tag in _STRING_TAGS and isinstance(node.value, str):
            return node.value
        raise _at(node, f"explicit tags are not read: {node.tag}")


def compose(text: str, max_nodes: int = MAX_NODES_ON_STDIN) -> Node | None:
    """The node of the one document, with positions; None for an empty text."""
    _refuse_exhausting(text, max_nodes)
    composer = _Composer(text)
    try:
        node = composer.get_single_node()
    except ComposerError as error:
        if "single document" not in str(error):
            raise _yaml_error(error, text) from None
        second = _yaml_error(error, text)
        raise YamlError("one document a file; here a second one starts", second.line, second.column) from None
    except YAMLError as error:
        raise _yaml_error(error, text) from None
    finally:
        composer.dispose()
    return node


def compose_documents(text: str, max_nodes: int = MAX_NODES_ON_STDIN) -> list[Node]:
    """The nodes of all documents, with positions."""
    _refuse_exhausting(text, max_nodes)
    composer = _Composer(text)
    nodes = []
    try:
        while composer.check_node():
            if (node := composer.get_node()) is not None:
                nodes.append(node)
    except YAMLError as error:
        raise _yaml_error(error, text) from None
    finally:
        composer.dispose()
    return nodes


def position_of(
    text: str, path: Sequence[str | int], *, key: bool = False, document: int | None = None
) -> tuple[int, int]:
    """Line and column, from 1, of the value at the path, or of its key; of the nearest parent where it is not there.

    In a text of several documents, `document` is the position of the one that is meant.
    """
    tree = _tree(text, document)
    node = tree.root
    mark = node.start_mark if node is not None else None
    for step in path:
        entry = tree.entry(node, step)
        if entry is None:
            break
        found_key, node = entry
        mark = found_key.start_mark if key and found_key is not None else node.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def plain_text_at(text: str, path: Sequence[str | int], *, document: int | None = None) -> str | None:
    """What is written at the path of a text, as in `position_of`; None where no plain scalar stands there."""
    tree = _tree(text, document)
    node = tree.root
    for step in path:
        entry = tree.entry(node, step)
        if entry is None:
            return None
        node = entry[1]
    return node.value if isinstance(node, ScalarNode) and node.tag == _PLAIN else None


class _Tree:
    """The nodes of a text, to be looked up by their paths."""

    __slots__ = ("_entries", "root")

    def __init__(self, text: str, document: int | None) -> None:
        self.root = compose(text) if document is None else compose_documents(text)[document]
        self._entries: dict[int, dict[str, tuple[Node, Node]]] = {}

    def entry(self, node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
        """The key node (None in a list) and value node at one step below the node."""
        if isinstance(node, MappingNode):
            entries = self._entries.get(id(node))
            if entries is None:
                scalars = ((key, value) for key, value in reversed(node.value) if isinstance(key, ScalarNode))
                entries = self._entries[id(node)] = {key.value: (key, value) for key, value in scalars}
            return entries.get(step) if isinstance(step, str) else None
        if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            return None, node.value[step]
        return None


_latest: dict[tuple[str, int | None], _Tree] = {}


def _tree(text: str, document: int | None) -> _Tree:
    """The nodes of a text; those of the last one are kept, as one text may have thousands of findings."""
    tree = _latest.get((text, document))
    if tree is None:
        tree = _Tree(text, document)
        _latest.clear()
        _latest[text, document] = tree
    return tree


def kind_of(value: object) -> str:
    """What a value is called in messages: "a string", "a list", …"""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    return {str: "a string", int: "a number", float: "a number", dict: "a map", list: "a list"}.get(
        type(value), type(value).__name__
    )


def kustomize_plain(text: str) -> Any:
    """A plain scalar as kustomize reads it (go-yaml v3, then JSON): only true and false are booleans.

    Dates, `=`, `yes` and `12:30` stay strings (research: sigs.k8s.io/yaml and kyaml agree there).
    """
    if text in _KUSTOMIZE_WORDS:
        return _KUSTOMIZE_WORDS[text]
    if text and text[0] in "+-.0123456789":
        return number(text)
    return text


_KUSTOMIZE_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_documents(text: str, plain: PlainScalar) -> list[Any]:
    """All documents of what kustomize or kpt sent."""
    return YamlReader(plain, lenient=True, max_nodes=MAX_NODES_ON_STDIN).documents(text)


def _at(node: Node | Event, message: str) -> YamlError:
    mark = node.start_mark
    return YamlError(message) if mark is None else YamlError(message, mark.line + 1, mark.column + 1)


def _no_key(node: Node, holder: MappingNode) -> YamlError:
    """What to say of a map or a list in the place of a key: mostly it is the second brace of a template."""
    first = node.value[0][0] if isinstance(node, MappingNode) and node.value else holder
    for outer, inner in ((holder, node), (node, first)):
        are_maps = isinstance(outer, MappingNode) and isinstance(inner, MappingNode) and outer.flow_style
        if are_maps and outer.start_mark.index + 1 == inner.start_mark.index:
            from .yaml_mistakes import TEMPLATE

            return _at(outer, TEMPLATE)
    return _at(node, "a key must be a string, was a map or a list")


def _yaml_error(error: YAMLError, text: str) -> YamlError:
    """One sentence for what is wrong, at the place where it is to be put right, or else at the one the parser names."""
    if isinstance(error, ReaderError):
        before = text.encode()[: error.position].decode(errors="ignore")
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        return YamlError(f"no valid YAML: {error.reason}", line + 1, column + 1)
    if isinstance(error, MarkedYAMLError):
        from .yaml_mistakes import mistake

        if told := mistake(text, error):
            message, line, column = told
            return YamlError(f"no valid YAML: {message}", line, column)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    message = f"no valid YAML: {getattr(error, 'problem', None) or error}"
    return YamlError(message) if mark is None else YamlError(message, mark.line + 1, mark.column + 1)


def _refuse_exhausting(text: str, max_nodes: int) -> None:
    """Refuse what would exhaust the C stack or memory: composing recurses, and takes some 600 bytes for each node.

    A level of nesting costs a bracket or a column, and nodes cost separators, so most texts need no closer look.
    """
    if text.count("\n---") > MAX_DOCUMENTS:
        raise YamlError(f"more than {MAX_DOCUMENTS} documents")
    if not _may_be_deep(text) and _most_nodes(text) <= max_nodes:
        return
    parser = CParser(text)
    depth = nodes = 0
    try:
        while (event := parser.get_event()) is not None:
            if isinstance(event, NodeEvent):
                nodes += 1
                if nodes > max_nodes:
                    raise _at(event, f"more than {max_nodes} nodes")
            if isinstance(event, CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise _at(event, f"nested deeper than {MAX_DEPTH} levels")
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
    except YAMLError as error:
        raise _yaml_error(error, text) from None
    finally:
        parser.dispose()


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > _HARMLESS_OPENERS or (
        len(text) > _HARMLESS_LINE and max(map(len, text.splitlines())) > _HARMLESS_LINE
    )


def _most_nodes(text: str) -> int:
    """A number that the text's nodes do not exceed: what begins them, each with a key and a value or a map around."""
    return 3 * (1 + sum(map(text.count, ("\n", ",", "[", "{", "- ", "? ", "\t"))))
