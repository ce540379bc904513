"""Write a ResourceList for kpt and `kustomize fn`, which put it back into files: block YAML, not JSON.

They send the files' own text, comments and quotes included, and write back the style that they get. So an
item that the function did not change goes back as the text that came, and in one that it changed only the
changed fields are new text. Both tools then print with kyaml, which has habits of its own whatever the
function: spaces before a comment become one, a folded scalar one line; `kustomize fn` also moves lists to
their key's column.

A new item takes the file of the item of its identity, as when a generator runs again. Else it has no file yet, and
without an `internal.config.kubernetes.io/path` annotation it becomes `<kind>_<name>.yaml`, in lower case, in a folder
named for its namespace.
"""

from __future__ import annotations

from yaml.nodes import MappingNode, SequenceNode

from .data_difference import same
from .kube_object import PREVIOUS_IDS, KubeObject
from .resource_list import API_VERSION, KIND, ResourceList, with_notes_of
from .yaml_patch import patched
from .yaml_reader import compose_documents
from .yaml_writer import to_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Original = tuple[KubeObject, str]

_ORIGIN = (
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
)


def encode_in_place(resources: ResourceList, text: str) -> bytes:
    """The list as block YAML; text is the ResourceList that the items came from. Raises as `encode` does."""
    originals = _originals(text)
    items = _made_anew(resources.items)
    parts = [f"apiVersion: {API_VERSION}\nkind: {KIND}\n", "items:\n" if items else "items: []\n"]
    parts += [_element(_item_text(item, originals)) for item in items]
    if resources.results:
        parts.append(to_yaml({"results": resources.to_dict()["results"]}))
    return "".join(parts).encode()


def _made_anew(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items, each new one in the place of the one that has a file and its identity."""
    kept = list(items)
    filed = {KubeObject(item).identity: at for at, item in enumerate(items) if _origin(item) is not None}
    for at, item in enumerate(items):
        new = KubeObject(item)
        if _origin(item) is None and (place := filed.pop(new.identity, None)) is not None:
            kept[place] = with_notes_of(KubeObject(kept[place]), _detached(new))
            kept[at] = {}
    return [item for item in kept if item]


def _detached(obj: KubeObject) -> KubeObject:
    """The object with metadata and annotations of its own: functions may share these maps between objects."""
    metadata = {**(obj.get("metadata") or {}), "annotations": dict(obj.annotations)}
    return KubeObject({**obj, "metadata": metadata})


def _item_text(item: dict[str, Any], originals: dict[object, Original]) -> str:
    """The item's text: the one that came, or that text with the changes."""
    former, text = originals.pop(_origin(item), (None, ""))
    if former is None:
        _refuse_unprintable(item)
        return to_yaml(_without_build_notes(item, KubeObject()))
    item = _without_build_notes(item, former)
    if same(former, item):
        return text or to_yaml(item)
    _refuse_unprintable(item)
    return patched(text, item) if text else to_yaml(item)


def _originals(text: str) -> dict[object, Original]:
    """The items as they came, each with its text, by what the tool noted of their origin."""
    items = ResourceList.decode(text.encode()).items
    texts = list(_item_texts(text))
    return {
        _origin(item): (KubeObject(item), texts[at] if at < len(texts) else "")
        for at, item in enumerate(items)
        if _origin(item) is not None
    }


def _origin(item: dict[str, Any]) -> object:
    """What tells an item from the others: its id, file and position. None for a new one."""
    annotations = KubeObject(item).annotations
    noted = tuple(annotations.get(name) for name in _ORIGIN)
    return noted if any(noted) else None


def _item_texts(text: str) -> Iterator[str]:
    """The text of each item, as a document of its own; "" where the list is written in one flow."""
    root = next(node for node in compose_documents(text) if isinstance(node, MappingNode))
    items = next((value for key, value in root.value if key.value == "items"), None)
    if not isinstance(items, SequenceNode) or items.flow_style:
        return
    column = items.start_mark.column
    dashes = [_dash_above(text, node.start_mark.index, column) for node in items.value]
    for node, dash, end in zip(items.value, dashes, [*dashes[1:], items.end_mark.index], strict=True):
        yield _outdented(text[dash + column + 1 : end], node.start_mark.column)


def _dash_above(text: str, index: int, column: int) -> int:
    """The start of the line that has an item's dash: the item's own, or one above its comments."""
    line = text.rfind("\n", 0, index) + 1
    while line and not text.startswith(" " * column + "-", line):
        line = text.rfind("\n", 0, line - 1) + 1
    return line


def _outdented(text: str, column: int) -> str:
    """The lines moved to the left margin; "" where one does not reach that far in."""
    first, *others = text.rstrip("\n").split("\n")
    lines = [first.lstrip()]
    for line in others:
        if line[:column].strip() and not line.lstrip().startswith("#"):
            return ""
        lines.append(line[column:] if not line[:column].strip() else line.lstrip())
    return "\n".join(lines) + "\n"


def _element(text: str) -> str:
    """The item's text as an element of the list `items`."""
    first, *others = text.rstrip("\n").split("\n")
    return "\n".join([f"- {first}", *(f"  {line}" if line else "" for line in others)]) + "\n"


def _without_build_notes(item: dict[str, Any], former: KubeObject) -> KubeObject:
    """The item without the former names that `rename` notes for kustomize's build: they are for no file."""
    kept = KubeObject(item)
    added = [name for name in PREVIOUS_IDS if name in kept.annotations and name not in former.annotations]
    if not added:
        return kept
    annotations = {name: value for name, value in kept.annotations.items() if name not in added}
    metadata = {**item["metadata"], "annotations": annotations}
    if not annotations:
        del metadata["annotations"]
    kept["metadata"] = metadata
    return kept


def _refuse_unprintable(item: dict[str, Any]) -> None:
    ResourceList([item]).encode()
