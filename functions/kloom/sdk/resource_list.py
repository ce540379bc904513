"""The ResourceList: what a function is given, changes, and gives back."""

from __future__ import annotations

from .json_writer import UnprintableError, foreign_values, to_json, to_json_unchecked
from .kube_object import LOCAL_CONFIG, KubeObject, misshapen
from .result import ResourceListError, Result
from .yaml_reader import MAX_NODES, MAX_NODES_ON_STDIN, YamlError, YamlReader, kind_of, kustomize_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Self

    from .json_writer import Place

API_VERSION = "config.kubernetes.io/v1"
KIND = "ResourceList"
PATH_ANNOTATION = "internal.config.kubernetes.io/path"
_KUSTOMIZE_ID = "kustomize.config.k8s.io/id"
_NOTES = (
    "internal.config.kubernetes.io/",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    _KUSTOMIZE_ID,
)
"""How the annotations begin in which kustomize and kpt note what they know of an item."""


class ResourceList:
    """Items (plain mappings, or KubeObjects as those that came in are), the function's config, and results.

    kustomize matches items by group, version, kind, namespace and name: what is missing from `items` at the
    end is deleted, what is new is added, and those that were there keep their order.
    """

    __slots__ = ("function_config", "items", "results")

    def __init__(
        self,
        items: Iterable[Mapping[str, Any]] = (),
        function_config: Mapping[str, Any] | None = None,
        results: Iterable[Result] = (),
    ) -> None:
        self.items: list[dict[str, Any]] = [_object(item) for item in items]
        self.function_config = KubeObject(function_config or {})
        self.results: list[Result] = list(results)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the one ResourceList that kustomize and kpt send. Raises ResourceListError."""
        documents = [document for document in _documents(data, "stdin") if document is not None]
        if not documents:
            raise ResourceListError("stdin: a ResourceList must be there, was empty")
        if len(documents) > 1 or not isinstance(documents[0], dict) or documents[0].get("kind") != KIND:
            raise ResourceListError(f"stdin: must be one ResourceList, was {_described(documents)}")
        source = documents[0]
        items = source.get("items")
        config = source.get("functionConfig")
        if config is not None and not isinstance(config, dict):
            raise ResourceListError(f"stdin: functionConfig: must be a map, was {kind_of(config)}")
        _require_shape(config or {}, "stdin", ("functionConfig",))
        return cls(_objects([] if items is None else items, "stdin: items"), config)

    @classmethod
    def decode_plugin(cls, config: bytes, documents: bytes, config_name: str = "config") -> Self:
        """Read what a plugin of the plugin home is given: its config, and the resources as bare documents."""
        configs = [document for document in _documents(config, config_name, MAX_NODES) if document is not None]
        if len(configs) != 1 or not isinstance(configs[0], dict):
            raise ResourceListError(f"{config_name}: must be one function config, was {_described(configs)}")
        _require_shape(configs[0], config_name)
        found = [document for document in _documents(documents, "stdin") if document is not None]
        return cls(_objects(found, "stdin"), configs[0])

    def encode(self) -> bytes:
        """The list as JSON, for kustomize.

        Raises ResourceListError for what kustomize cannot print, and TypeError for a value that is none of
        JSON's.
        """
        whole = self.to_dict()
        try:
            return f"{to_json(whole)}\n".encode()
        except UnprintableError as error:
            raise ResourceListError(self._located(error.places)) from None
        except TypeError:
            raise TypeError("\n".join(map(str, self._located(foreign_values(whole))))) from None

    def encode_unchecked(self) -> bytes:
        """The list as JSON, for handing back what came in: nothing in it is refused."""
        return f"{to_json_unchecked(self.to_dict())}\n".encode()

    def to_dict(self) -> dict[str, Any]:
        """The list as the functions spec has it, without the config: whoever called has it.

        `items` is always there: kustomize takes a list without for a resource.
        """
        whole: dict[str, Any] = {"apiVersion": API_VERSION, "kind": KIND, "items": self.items}
        if self.results:
            whole["results"] = [result.to_dict() for result in self.results]
        return whole

    def where(self, **criteria: Any) -> list[KubeObject]:
        """The items that match, in their order; the criteria are those of `KubeObject.matches`.

        A plain mapping among the items becomes a KubeObject in its place.
        """
        objects = [_object(item) for item in self.items]
        self.items[:] = objects
        return [obj for obj in objects if obj.matches(**criteria)]

    def upsert(self, obj: Mapping[str, Any]) -> None:
        """Put the object in the place of the one of its identity, or behind the others.

        What kustomize or kpt noted in the annotations of the former is carried over: its file, its hash
        suffix, its former names.
        """
        new = _object(obj)
        for at, former in enumerate(self.where()):
            if former.identity == new.identity:
                self.items[at] = with_notes_of(former, new)
                return
        self.items.append(new)

    def remove(self, obj: Mapping[str, Any]) -> bool:
        """Take out the item that has the object's identity; whether there was one."""
        identity = KubeObject(obj).identity
        before = len(self.items)
        self.items[:] = [item for item in self.items if KubeObject(item).identity != identity]
        return len(self.items) < before

    def _located(self, places: Iterable[Place]) -> list[Result]:
        """Results about the items that the paths into the whole list lead to."""
        found = []
        for path, problem in places:
            match path:
                case ("items", int() as at, *field):
                    found.append(Result.error(problem).about(self.items[at], field))
                case _:
                    found.append(Result.error(problem, field=path))
        return found


def with_notes_of(former: KubeObject, new: KubeObject) -> KubeObject:
    """The new object with what kustomize or kpt noted in the annotations of the former."""
    notes = {name: value for name, value in former.annotations.items() if name.startswith(_NOTES)}
    new.annotations.update({name: notes[name] for name in notes.keys() - new.annotations.keys()})
    return new


def is_config_copy(item: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Whether the item is the function's own config.

    kustomize hands a generator, and a transformer that has no resources, its config as the one item;
    `kustomize fn` finds it in the folder. An object that kustomize read as a resource carries an id
    annotation and is no copy.
    """
    if not config or item.get("kind") != config.get("kind"):
        return False
    found, own = KubeObject(item), KubeObject(config)
    if (found.api_version, found.identity) != (own.api_version, own.identity):
        return False
    annotations = found.annotations
    return _KUSTOMIZE_ID not in annotations and (LOCAL_CONFIG in annotations or PATH_ANNOTATION in annotations)


def _object(item: Mapping[str, Any]) -> KubeObject:
    return item if isinstance(item, KubeObject) else KubeObject(item)


def _documents(data: bytes, name: str, max_nodes: int = MAX_NODES_ON_STDIN) -> list[Any]:
    try:
        return YamlReader(kustomize_plain, lenient=True, max_nodes=max_nodes).documents(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refused = Result.error(f"must be UTF-8, was the byte 0x{data[error.start]:02x}").at(name, line)
        raise ResourceListError(refused) from None
    except YamlError as error:
        raise ResourceListError(Result.error(error.message).at(name, error.line, error.column)) from None


def _objects(items: object, name: str) -> Iterable[dict[str, Any]]:
    if not isinstance(items, list):
        raise ResourceListError(f"{name}: must be a list, was {kind_of(items)}")
    for at, item in enumerate(items):
        if not isinstance(item, dict):
            raise ResourceListError(f"{name}[{at}]: must be a resource, was {kind_of(item)}")
        _require_shape(item, f"{name}[{at}]")
    return items


def _require_shape(obj: Mapping[str, Any], name: str, at: Sequence[str] = ()) -> None:
    """Raises ResourceListError for an object that has no map for metadata, or the like."""
    wrong = [Result.error(message, field=(*at, *path), file=name) for path, message in misshapen(obj)]
    if wrong:
        raise ResourceListError(wrong)


def _described(documents: list[Any]) -> str:
    if len(documents) != 1:
        return f"{len(documents)} documents" if documents else "empty"
    document = documents[0]
    kind = document.get("kind") if isinstance(document, dict) else None
    return f"kind {kind}" if kind else kind_of(document)
