"""Where layers come from: files named by paths and globs, ConfigMaps among the items, or an inline map."""

from __future__ import annotations

import os
from itertools import islice

from kloom.sdk.yaml_reader import YamlError, kind_of
from kloom.values.characters import refuse_disputed_line_breaks, refused_places
from kloom.values.files import FileError
from kloom.values.helm_yaml import HELM
from kloom.values.layers import Layer, syntax_finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.sdk.result import Result
    from kloom.values.files import Repository

    Entry = str | Mapping[str, str]
    """A path or glob, or {"items": NAME}."""

VALUES_ANNOTATION = "kloom.dev/values"
"""Marks a ConfigMap as values; its value is the NAME that a config's {items: NAME} asks for."""
_MAX_PLACES = 100
"""How many characters that must not be there are told of one file."""


class Inputs:
    """Reads layers and gathers what is wrong: `findings` about files, `refused` about the config's entries."""

    __slots__ = ("_items", "findings", "refused", "repository")

    def __init__(self, repository: Repository, items: Iterable[Mapping[str, Any]]) -> None:
        self.repository = repository
        self._items = _values_by_name(items)
        self.findings: list[Result] = []
        self.refused: list[tuple[Sequence[str | int], str]] = []

    def layers(self, entries: Sequence[Entry], field: str) -> list[Layer]:
        """The layers that a field's entries name, each file once, in the order of the entries."""
        found: dict[str, Layer] = {}
        for source, text in self.texts(entries, field):
            if source not in found and (layer := self._layer(source, text)) is not None:
                found[source] = layer
        return list(found.values())

    def texts(self, entries: Sequence[Entry], field: str) -> Iterator[tuple[str, str]]:
        """Name and text of each input that a field's entries name; the same one twice where two entries name it."""
        for index, entry in enumerate(entries):
            yield from self._texts(entry, (field, index) if len(entries) > 1 else (field,))

    def beside(self, layer: Layer, path: str) -> tuple[str, str]:
        """Name and text of the file at a path from where the layer stands; of an item, where the layer is one.

        That item is an entry of a ConfigMap that is annotated as the path's folder is called. Raises FileError.
        """
        folder, name = os.path.split(path)
        if not layer.source.startswith("ConfigMap/"):
            found = os.path.normpath(os.path.join(os.path.dirname(layer.source), path))
            return found, self.repository.read(os.path.join(os.path.dirname(layer.source), path))
        for source, text in self._items.get(folder, ()):
            if source.endswith(f"[{name}]") and isinstance(text, str):
                return source, text
        there = {source.partition("[")[0] for source, _ in self._items.get(folder, ())}
        which = f"{min(there)}, which" if there else "a ConfigMap that"
        raise FileError(
            f"must be an item, as {layer.source} is: an entry {name} of {which} is annotated "
            f"{VALUES_ANNOTATION}: {folder or os.curdir}"
        )

    def _texts(self, entry: Entry, place: Sequence[str | int]) -> Iterator[tuple[str, str]]:
        """Name and text of each input that an entry names."""
        if not isinstance(entry, str):
            yield from self._item_texts(entry["items"], place)
            return
        try:
            paths = self.repository.find(entry)
        except FileError as error:
            self.refused.append((place, f"{entry or '(nothing)'}: {error}"))
            return
        for path in paths:
            try:
                yield path, self.repository.read(path)
            except FileError as error:
                if error.line:
                    self.findings.append(syntax_finding(path, YamlError(str(error), error.line, error.column)))
                else:
                    self.refused.append((place, f"{path}: {error}"))

    def _item_texts(self, name: str, place: Sequence[str | int]) -> Iterator[tuple[str, str]]:
        if name not in self._items:
            there = ", ".join(sorted(self._items)) or "none"
            message = f"no ConfigMap is annotated {VALUES_ANNOTATION}: {name}; there are: {there}"
            self.refused.append((place, message))
        for source, text in self._items.get(name, ()):
            if isinstance(text, str):
                yield source, text
            else:
                wrong = text if isinstance(text, YamlError) else YamlError("must be UTF-8 text")
                self.findings.append(syntax_finding(source, wrong))

    def _layer(self, source: str, text: str) -> Layer | None:
        try:
            refuse_disputed_line_breaks(text)
            data = HELM.document(text)
        except YamlError as error:
            self.findings.append(syntax_finding(source, error))
            return None
        if data is None:
            data = {}
        if not isinstance(data, dict):
            self.findings.append(syntax_finding(source, YamlError(f"must be a map, was {kind_of(data)}")))
            return None
        layer = Layer(source, text, data)
        places = islice(refused_places(text, data), _MAX_PLACES)
        self.findings += [layer.finding(path, problem) for path, problem in places]
        return layer


def _values_by_name(items: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[str, Any]]]:
    """Name and text of each entry of the ConfigMaps that carry values, by the name that their annotation gives.

    The text is none where the entry is binary: kustomize puts files there that are no UTF-8. What cannot be an entry at
    all is a YamlError.
    """
    found: dict[str, list[tuple[str, Any]]] = {}
    for item in items:
        metadata = item.get("metadata") or {}
        name = (metadata.get("annotations") or {}).get(VALUES_ANNOTATION)
        if item.get("kind") == "ConfigMap" and name:
            texts = found.setdefault(name, [])
            namespace = metadata.get("namespace")
            own = f"ConfigMap/{namespace + '/' if namespace else ''}{metadata.get('name')}"
            entries: dict[str, Any] = {}
            for field in ("data", "binaryData"):
                said = item.get(field) or {}
                if isinstance(said, dict):
                    entries |= said if field == "data" else dict.fromkeys(said)
                else:
                    texts.append((own, YamlError(f"{field} must be a map, was {kind_of(said)}")))
            texts += [(f"{own}[{key}]", entries[key]) for key in sorted(entries)]
    return found
