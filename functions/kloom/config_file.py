"""Find the file that a function's config came from, so that findings about it have a line.

kustomize hands a function its config without its file, but runs it in the kustomization's folder: the config stands in
one of the files that the kustomization lists.
"""

from __future__ import annotations

import os

from kloom.sdk.field_path import steps_of
from kloom.sdk.kube_object import misshapen
from kloom.sdk.yaml_reader import YamlError, YamlReader, kustomize_plain, position_of
from kloom.values.files import FileError, Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kloom.sdk.result import Result

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CONFIG_FIELDS = ("generators", "transformers", "validators")


def located(results: Iterable[Result], config: Mapping[str, Any], folder: str = os.curdir) -> list[Result]:
    """The results, those about the config itself (no file, no other resource) with its file, line and column.

    Where no file with this config is found they are about kind and name.
    """
    results = list(results)
    if all(result.file or result.resource for result in results):
        return results
    place = _file_of(config, folder)
    return [result if result.file or result.resource else _at(result, config, place) for result in results]


def listed_configs(folder: str, fields: Iterable[str] = CONFIG_FIELDS) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The function configs that the kustomization in the folder lists: entry, text, and each object that stands there.

    An entry is a file's name, or the object itself as text. What cannot be read is passed over.
    """
    repository = Repository(folder)
    for entry in _entries(repository, folder, fields):
        text = entry if "\n" in entry else _text(repository, entry)
        yield from ((entry, text, config) for config in _maps(text))


def unread_entries(folder: str, fields: Iterable[str]) -> Iterator[str]:
    """The entries that `listed_configs` passes over, as they are folders, or files that cannot be read."""
    repository = Repository(folder)
    for entry in _entries(repository, folder, fields):
        if "\n" not in entry:
            try:
                repository.read(entry)
            except FileError:
                yield entry


def kustomization_file(folder: str) -> str | None:
    """The name of the kustomization's file in the folder, None where there is none."""
    return next((name for name in KUSTOMIZATION_FILES if os.path.isfile(os.path.join(folder, name))), None)


def kustomization_folders(folder: str) -> Iterator[str]:
    """The folders in and below a folder that hold a kustomization; hidden ones are passed over."""
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if not set(KUSTOMIZATION_FILES).isdisjoint(files):
            yield where


def _at(result: Result, config: Mapping[str, Any], place: tuple[str, str] | None) -> Result:
    if place is None:
        return result.about(config)
    file, text = place
    try:
        return result.at(file, *position_of(text, steps_of(result.field)))
    except YamlError:  # one of several configs in that file
        return result.about(config).at(file)


def _file_of(config: Mapping[str, Any], folder: str) -> tuple[str, str] | None:
    """Name and text of the listed file that holds a config of the same kind, namespace and name."""
    for entry, text, listed in listed_configs(folder):
        if "\n" not in entry and identity(listed) == identity(config):
            return entry, text
    return None


def identity(config: Mapping[str, Any]) -> tuple[object, object, object]:
    """Kind, namespace and name, by which kustomize tells configs of one field apart."""
    metadata = config.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return config.get("kind"), metadata.get("namespace") or "default", metadata.get("name")


def _entries(repository: Repository, folder: str, fields: Iterable[str]) -> Iterator[str]:
    own = kustomization_file(folder)
    kustomization = next(_maps(_text(repository, own)), {}) if own else {}
    for field in fields:
        entries = kustomization.get(field)
        yield from (entry for entry in entries if isinstance(entry, str)) if isinstance(entries, list) else ()


def _text(repository: Repository, path: str) -> str:
    try:
        return repository.read(path)
    except FileError:
        return ""


def _maps(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        documents = YamlReader(kustomize_plain, lenient=True).documents(text)
    except YamlError:
        return
    yield from (document for document in documents if isinstance(document, dict) and not any(misshapen(document)))
