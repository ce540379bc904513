"""Characters that must not stand in values: readers of YAML disagree on some, kustomize cannot print others."""

from __future__ import annotations

from kloom.sdk.patterns import pattern
from kloom.sdk.yaml_reader import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Place = tuple[tuple[str | int, ...], str]

_DISPUTED = pattern("[\x85\u2028\u2029]")
_REFUSED = pattern("[\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def refuse_disputed_line_breaks(text: str) -> None:
    """Raise YamlError for a character that ends a line in YAML 1.1 and does not in YAML 1.2."""
    found = None if text.isascii() else _DISPUTED.search(text)
    if found:
        before = text[: found.start()]
        raise YamlError(_problem(found[0]), before.count("\n") + 1, len(before) - before.rfind("\n"))


def refused_places(text: str, data: object) -> Iterator[Place]:
    """Where the data of a text has strings and keys that must not be there: path, and what is wrong."""
    if "\\" in text or "<<" in text:  # what stands raw the parser refuses, and `refuse_disputed_line_breaks`
        yield from _places(data, ())


def _places(value: Any, path: tuple[str | int, ...]) -> Iterator[Place]:
    if isinstance(value, str):
        if found := _REFUSED.search(value):
            yield path, _problem(found[0])
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "<<":
                yield path, 'merge keys ("<<") are not read, and kustomize drops one in quotes'
            yield from ((path, f"{problem}, in a key") for _, problem in _places(key, path))
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


def _problem(character: str) -> str:
    name = f"U+{ord(character):04X}"
    if _DISPUTED.match(character):
        return f"the character {name} is a line break to some readers of YAML and none to others"
    return f"kustomize cannot print the character {name}"
