"""References between Cluster API objects, after kustomize has renamed or moved what they lead to.

kustomize's `namePrefix`, `nameSuffix` and `namespace` do not know these references. But they leave in every object what
it was called before, so a name that no object has any more can be told to be the former name of one that is there.
"""

from __future__ import annotations

from kloom.capi.former_names import Names, Unclear
from kloom.capi.rules.name_places import REFERENCES, name_places
from kloom.capi.rules.objects import Resource, is_of_cluster_api
from kloom.sdk.kube_object import KubeObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from kloom.capi.rules.rule import Path


def repoint(items: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Path, str]]:
    """Let every reference of Cluster API's lead to what it meant, by its name and namespace of today.

    Yields what is unclear: the object, the path and a message.
    """
    items = list(items)
    names = Names(items)
    for item in items:
        if not is_of_cluster_api(item):
            continue
        referrer = KubeObject(item)
        for path, holder, key, kind in name_places(item):
            try:
                found = names.find(kind, str(holder[key]), referrer)
            except Unclear as unclear:
                yield item, (*path, key), str(unclear)
                continue
            if found is not None and found.name != holder[key]:
                holder[key] = found.name
        _move(item, names)


def _move(item: dict[str, Any], names: Names) -> None:
    """Put the object's namespace into its references: they stay in it, and BYOH looks in exactly the one they say."""
    resource = Resource(item)
    for field in REFERENCES.get(resource.kind, ()):
        reference = resource.at(field)
        if not reference or not resource.namespace:
            continue
        if field == "installerRef":
            if names.find(str(reference.get("kind")), str(reference.get("name")), KubeObject(item)):
                reference["namespace"] = resource.namespace
        elif "namespace" in reference:
            reference["namespace"] = resource.namespace
