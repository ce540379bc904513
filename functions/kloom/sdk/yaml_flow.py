"""Change a YAML collection that is written in one flow."""

from __future__ import annotations

import json

from yaml.nodes import MappingNode, SequenceNode

from .data_difference import differences, same
from .yaml_places import start_of, stop_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    import yaml


class CannotEditError(Exception):
    """No edit inside this node can say it; what holds the node is written anew."""


class Flow:
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
        for _, a, b, c, d in differences(old, new, same_too=True):
            partners.update(zip(range(c, d), range(a, b), strict=False))
        for at, item in enumerate(new):
            partner = partners.get(at)
            yield _json(item) if partner is None else self.text_of(node.value[partner], old[partner], item)

    def _kept(self, node: yaml.Node) -> str:
        text = self.text[start_of(node) : stop_of(node)]
        if "\n" in text:  # comments may be in it
            raise CannotEditError
        return text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
