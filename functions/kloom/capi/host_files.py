"""The inventory of hosts: ByoHost objects as kubectl prints them, or a list of names and labels.

- {name: rack-1-host-1, labels: {example.com/rack: rack-1}}
"""

from __future__ import annotations

from kloom import schemas
from kloom.capi.hosts import Host
from kloom.schemas.checker import Checker
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import YamlError, kind_of
from kloom.values.helm_yaml import HELM
from kloom.values.inputs import Inputs
from kloom.values.layers import Layer, syntax_finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.values.inputs import Entry

SCHEMA = schemas.load("host")
_CONFORMS = Checker({}).compile(SCHEMA)


class HostFiles(Inputs):
    """Reads hosts, and gathers what is wrong as every reader of inputs does."""

    __slots__ = ()

    def hosts(self, entries: Sequence[Entry], field: str) -> list[Host]:
        """The hosts that the entries of the field lead to."""
        found: list[Host] = []
        for index, entry in enumerate(entries):
            place = (field, index) if len(entries) > 1 else (field,)
            for source, text in self._texts(entry, place):
                found += self._hosts(source, text)
        self.findings += _twice(found)
        return found

    def _hosts(self, source: str, text: str) -> Iterator[Host]:
        try:
            documents = HELM.documents(text)
        except YamlError as error:
            self.findings.append(syntax_finding(source, error))
            return
        for at, document in enumerate(documents):
            for path, data in _entries(document):
                layer = Layer(source, text, document) if len(documents) == 1 else None
                if problems := _problems(data):
                    self.findings += [_finding(layer, source, at, (*path, *where), told) for where, told in problems]
                else:
                    yield _host(data)


def _entries(document: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each host of a document and its path: of a list, of a List that kubectl prints, or the document itself."""
    if isinstance(document, dict) and isinstance(document.get("items"), list):
        yield from ((("items", at), item) for at, item in enumerate(document["items"]))
    elif isinstance(document, list):
        yield from (((at,), item) for at, item in enumerate(document))
    elif document is not None:
        yield (), document


def _problems(data: Any) -> list[tuple[tuple[str | int, ...], str]]:
    if not isinstance(data, dict):
        return [((), f"must be a ByoHost, or a map with name and labels, was {kind_of(data)}")]
    if "kind" in data and data["kind"] != "ByoHost":
        return [(("kind",), f"must be ByoHost, was {data['kind']}")]
    path: tuple[str | int, ...] = ("metadata",) if "kind" in data else ()
    entry = _identity(data)
    if _CONFORMS(entry):
        return []
    from kloom.schemas.findings import schema_errors

    return [((*path, *error.path), error.message()) for error in schema_errors(SCHEMA, entry)]


def _identity(data: Mapping[str, Any]) -> Any:
    """What is read of a host: of a ByoHost nothing but its metadata, and there only these fields."""
    if "kind" not in data:
        return data
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        return metadata
    return {name: metadata[name] for name in ("name", "namespace", "labels") if name in metadata}


def _host(data: Mapping[str, Any]) -> Host:
    entry = _identity(data)
    return Host(entry["name"], entry.get("labels", {}), entry.get("namespace"))


def _finding(layer: Layer | None, source: str, at: int, path: Sequence[str | int], message: str) -> Result:
    """With line and column where the file is one document; of several, the one is told by its number."""
    if layer is not None:
        return layer.finding(path, message)
    return Result.error(f"document {at + 1}: {message}", file=source, field=path)


def _twice(hosts: Sequence[Host]) -> Iterator[Result]:
    seen: set[tuple[str | None, str]] = set()
    for host in hosts:
        if (host.namespace, host.name) in seen:
            yield Result.error(f"the host {host.name} must be there only once", field=("spec", "hosts"))
        seen.add((host.namespace, host.name))
