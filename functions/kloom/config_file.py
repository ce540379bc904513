"""Find the file that a function's config came from, so that findings about it have a line.

kustomize hands a function its config without its file, but runs it in the kustomization's folder: the config stands in
one of the files that the kustomization lists.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kloom.sdk.field_path import steps_of
from kloom.sdk.yaml_reader import YamlError, YamlReader, kustomize_plain, position_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kloom.sdk.result import Result

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CONFIG_FIELDS = ("generators", "transformers", "validators")
_LARGEST = 1 << 20


def located(results: Iterable[Result], config: Mapping[str, Any], folder: str = os.curdir) -> list[Result]:
    """The results, those about the config itself (no file, no other resource) with its file, line and column.

    Where no file with this config is found they are about kind and name.
    """
    results = list(results)
    if all(result.file or result.resource for result in results):
        return results
    place = _file_of(config, folder)
    return [result if result.file or result.resource else _at(result, config, place) for result in results]


def listed_files(kustomization: Mapping[str, Any]) -> Iterator[str]:
    """The entries that a kustomization lists as functions, files and inline objects alike."""
    for field in CONFIG_FIELDS:
        entries = kustomization.get(field)
        yield from (entry for entry in entries if isinstance(entry, str)) if isinstance(entries, list) else ()


def kustomization_file(folder: str) -> str | None:
    """The name of the kustomization's file in the folder, None where there is none."""
    return next((name for name in KUSTOMIZATION_FILES if os.path.isfile(os.path.join(folder, name))), None)


def _at(result: Result, config: Mapping[str, Any], place: tuple[str, str] | None) -> Result:
    if place is None:
        return result.about(config)
    file, text = place
    return result.at(file, *position_of(text, steps_of(result.field)))


def _file_of(config: Mapping[str, Any], folder: str) -> tuple[str, str] | None:
    """Name and text of the listed file that holds a config of the same kind and name."""
    own = kustomization_file(folder)
    if own is None:
        return None
    for entry in listed_files(next(_maps(_text(os.path.join(folder, own))), {})):
        text = "" if "\n" in entry else _text(os.path.join(folder, entry))
        documents = list(_maps(text))
        if len(documents) == 1 and _identity(documents[0]) == _identity(config):
            return entry, text
    return None


def _identity(config: Mapping[str, Any]) -> tuple[object, object]:
    return config.get("kind"), (config.get("metadata") or {}).get("name")


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(_LARGEST)
    except (OSError, UnicodeDecodeError):
        return ""


def _maps(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        documents = YamlReader(kustomize_plain, lenient=True).documents(text)
    except YamlError:
        return
    yield from (document for document in documents if isinstance(document, dict))

