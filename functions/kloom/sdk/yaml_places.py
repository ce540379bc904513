"""Where the nodes of a YAML text stand in it."""

from __future__ import annotations

from yaml.nodes import CollectionNode, MappingNode, ScalarNode, SequenceNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    import yaml


def stands_alone(root: yaml.Node) -> bool:
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


def is_on_one_line(node: yaml.Node) -> bool:
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return False
    flow = isinstance(node, ScalarNode) or (isinstance(node, CollectionNode) and bool(node.flow_style))
    return flow and node.start_mark.line == node.end_mark.line


def start_of(node: yaml.Node) -> int:
    return node.start_mark.index


def stop_of(node: yaml.Node) -> int:
    return node.end_mark.index


def column_of(node: yaml.Node) -> int:
    return node.start_mark.column
