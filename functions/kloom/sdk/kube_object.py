"""A Kubernetes object: the plain mapping that it is, with helpers for what functions do to it."""

from __future__ import annotations

from _collections_abc import MutableMapping  # that of collections.abc, which loads all of collections besides

from .field_path import steps_of, text_of
from .yaml_reader import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    Path = str | Sequence[str | int]
    _Dict = dict[str, Any]
    _TextMap = MutableMapping[str, str]
else:
    _Dict = dict
    _TextMap = MutableMapping

NoneType = type(None)
LOCAL_CONFIG = "config.kubernetes.io/local-config"
_PREVIOUS = "internal.config.kubernetes.io/previous"
PREVIOUS_IDS = (f"{_PREVIOUS}Names", f"{_PREVIOUS}Namespaces", f"{_PREVIOUS}Kinds")
"""Where kustomize remembers the names that an object had: comma lists, of the same length, oldest first."""


class KubeObject(_Dict):
    """A dict with the questions and changes that come up in functions; absent and null read alike.

    Paths are text (`spec.containers[0].image`) or tuples of steps, for keys that hold dots:
    `("metadata", "annotations", "a.b/c")`.
    """

    __slots__ = ()

    @property
    def api_version(self) -> str:
        """`apiVersion`; empty where there is none."""
        return self.get("apiVersion") or ""

    @property
    def group(self) -> str:
        """The part of `apiVersion` before the slash; empty for the core group."""
        group, slash, _ = self.api_version.partition("/")
        return group if slash else ""

    @property
    def kind(self) -> str:
        """`kind`; empty where there is none."""
        return self.get("kind") or ""

    @property
    def name(self) -> str:
        """`metadata.name`; empty where there is none. `rename` changes it."""
        return self._metadata().get("name") or ""

    @property
    def namespace(self) -> str:
        """`metadata.namespace`; empty where there is none. `rename` changes it."""
        return self._metadata().get("namespace") or ""

    @property
    def labels(self) -> MutableMapping[str, str]:
        """`metadata.labels`, live: reading creates nothing, setting a label creates what is missing."""
        return MetadataView(self, "labels")

    @property
    def annotations(self) -> MutableMapping[str, str]:
        """`metadata.annotations`, live: reading creates nothing, setting one creates what is missing."""
        return MetadataView(self, "annotations")

    @property
    def short_name(self) -> str:
        """`Kind/name`, as messages call the object."""
        return f"{self.kind or '(no kind)'}/{self.name or '(no name)'}"

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """(group, kind, namespace, name): what may exist only once, whatever the version."""
        return (self.group, self.kind, self.namespace, self.name)

    @property
    def is_local_config(self) -> bool:
        """Whether kustomize leaves the object out of its output: any value but "false" counts, even ""."""
        return is_local_config(self)

    def matches(  # noqa: PLR0913  # one criterion each, all by name
        self,
        *,
        kind: str | None = None,
        api_version: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the object is all that is asked for; labels and annotations must be among its own."""
        return (
            kind in (None, self.kind)
            and api_version in (None, self.api_version)
            and name in (None, self.name)
            and namespace in (None, self.namespace)
            and (labels is None or labels.items() <= dict(self.labels).items())
            and (annotations is None or annotations.items() <= dict(self.annotations).items())
        )

    def get_path(self, path: Path, default: Any = None) -> Any:
        """The value at the path; the default where a step is missing or leads through something else."""
        value: Any = self
        for step in steps_of(path):
            if not _has(value, step):
                return default
            value = value[step]
        return value

    def set_path(self, path: Path, value: Any) -> None:
        """Put the value at the path; missing (and null) maps and lists on the way are created.

        A position just behind a list's end appends. Raises TypeError where the path leads through a scalar,
        and IndexError for a position further behind.
        """
        steps = steps_of(path)
        parent: Any = self
        for at, step in enumerate(steps[:-1]):
            child = parent[step] if _has(parent, step) else None
            if child is None:
                child = [] if isinstance(steps[at + 1], int) else {}
                self._put(parent, steps[: at + 1], child)
            parent = child
        self._put(parent, steps, value)

    def remove_path(self, path: Path) -> bool:
        """Remove what is at the path; whether anything was there."""
        *above, last = steps_of(path)
        parent = self.get_path(above)
        if not _has(parent, last):
            return False
        del parent[last]
        return True

    def rename(self, *, name: str | None = None, namespace: str | None = None) -> None:
        """Change name or namespace so that kustomize rewrites the references of other objects.

        kustomize takes a renamed object for another one, unless it carries its former identity in these
        annotations; it removes them at the end of the build.
        """
        if name in (None, self.name) and namespace in (None, self.namespace):
            return
        former = (self.name, self.namespace or "default", self.kind)
        for annotation, value in zip(PREVIOUS_IDS, former, strict=True):
            known = self.annotations.get(annotation)
            self.annotations[annotation] = f"{known},{value}" if known else value
        if name is not None:
            self.set_path(("metadata", "name"), name)
        if namespace is not None:
            self.set_path(("metadata", "namespace"), namespace)

    def _metadata(self) -> dict[str, Any]:
        metadata = self.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    def _put(self, parent: Any, steps: tuple[str | int, ...], value: Any) -> None:
        step = steps[-1]
        if isinstance(parent, list) and isinstance(step, int):
            if step > len(parent):
                raise IndexError(f"{self.short_name} {text_of(steps)}: the list has {len(parent)} entries")
            parent[step : step + 1] = [value]
        elif isinstance(parent, dict) and isinstance(step, str):
            parent[step] = value
        else:
            wanted = "a list" if isinstance(step, int) else "a map"
            raise TypeError(f"{self.short_name} {text_of(steps[:-1])}: must be {wanted}, was {parent!r}")


class MetadataView(_TextMap):
    """`metadata.labels` or `.annotations` of an object, there or not; what is no map reads as empty."""

    __slots__ = ("_field", "_object")

    def __init__(self, obj: KubeObject, field: str) -> None:
        self._object = obj
        self._field = field

    def _entries(self) -> dict[str, str]:
        entries = self._object.get_path(("metadata", self._field))
        return entries if isinstance(entries, dict) else {}

    def __getitem__(self, key: str) -> str:
        return self._entries()[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._object.set_path(("metadata", self._field, key), value)

    def __delitem__(self, key: str) -> None:
        entries = self._entries()
        del entries[key]
        if not entries:
            self._object.remove_path(("metadata", self._field))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())

    def __repr__(self) -> str:
        return repr(self._entries())


def is_local_config(obj: Mapping[str, Any]) -> bool:
    """`KubeObject.is_local_config` of any mapping, whatever its shape."""
    metadata = obj.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(LOCAL_CONFIG, "false") != "false"


def misshapen(obj: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Where an object is none that Kubernetes could know, whatever its kind: path, and what must hold there."""
    for field in ("apiVersion", "kind"):
        if not isinstance(obj.get(field), (str, NoneType)):
            yield (field,), f"must be a string, was {kind_of(obj[field])}"
    metadata = obj.get("metadata")
    if not isinstance(metadata, (dict, NoneType)):
        yield ("metadata",), f"must be a map, was {kind_of(metadata)}"
        return
    metadata = metadata or {}
    for field in ("name", "namespace"):
        if not isinstance(metadata.get(field), (str, NoneType)):
            yield ("metadata", field), f"must be a string, was {kind_of(metadata[field])}"
    for field in ("labels", "annotations"):
        entries = metadata.get(field)
        if not isinstance(entries, (dict, NoneType)):
            yield ("metadata", field), f"must be a map, was {kind_of(entries)}"
        elif entries and not {dict, list}.isdisjoint(map(type, entries.values())):
            yield ("metadata", field), "must hold strings, and there is a map or a list in it"


def _has(parent: Any, step: str | int) -> bool:
    if isinstance(parent, list):
        return isinstance(step, int) and step < len(parent)
    return isinstance(parent, dict) and step in parent
