"""Characters that must not stand in values: readers of YAML disagree on some, kustomize cannot print others."""

from __future__ import annotations

import re

from kloom.sdk.yaml_reader import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.sdk.json_writer import Place

_DISPUTED = re.compile("[\x85\u2028\u2029]")


def refuse_disputed_line_breaks(text: str) -> None:
    """Raise YamlError for a character that ends a line in YAML 1.1 and does not in YAML 1.2."""
    if text.isascii():
        return
    found = _DISPUTED.search(text)
    if found:
        code = ord(found[0])
        instead = "leave it out" if found[0] == "\x85" else f'write "\\u{code:04X}"'
        message = f"the character U+{code:04X} is a line break to some readers of YAML and none to others: {instead}"
        before = text[: found.start()]
        raise YamlError(message, before.count("\n") + 1, len(before) - before.rfind("\n"))


def unprintable_places(text: str, data: object) -> Iterator[Place]:
    """Where the data of the text has strings and keys that kustomize cannot print: path, and what is wrong there."""
    if "\\" in text or "<<" in text:  # the parser refuses such characters themselves, so only escapes lead to them
        from kloom.sdk import json_writer

        yield from json_writer.unprintable_places(data)
