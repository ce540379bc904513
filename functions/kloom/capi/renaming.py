"""References between Cluster API objects, after kustomize has renamed or moved what they lead to.

kustomize's `namePrefix`, `nameSuffix` and `namespace` do not know these references. But they leave in every object what
it was called before, so a name that no object has any more can be told to be the former name of one that is there.
"""

from __future__ import annotations

from kloom.capi.former_names import Names, Unclear
from kloom.capi.labels import CLUSTER_NAME, DEPLOYMENT_NAME
from kloom.capi.rules.objects import Resource, is_of_cluster_api, maps
from kloom.sdk.kube_object import KubeObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, MutableMapping
    from typing import Any

    from kloom.capi.rules.rule import Path

    Place = tuple[Path, MutableMapping[str, Any], str, str]
    """Where a name stands in an object: the path, the map that holds it, its key, and the kind that it names."""

_REFERENCES: Mapping[str, tuple[str, ...]] = {
    "Cluster": ("controlPlaneRef", "infrastructureRef"),
    "KubeadmControlPlane": ("infrastructureRef",),
    "MachineDeployment": ("configRef", "infrastructureRef"),
    "ByoMachineTemplate": ("installerRef",),
}
_CLUSTER_NAMES: Mapping[str, tuple[str, ...]] = {
    "MachineDeployment": ("clusterName", "machineClusterName"),
    "MachineHealthCheck": ("clusterName",),
}
_LABELS: Mapping[str, str] = {
    CLUSTER_NAME: "Cluster",
    DEPLOYMENT_NAME: "MachineDeployment",
    "cluster.x-k8s.io/control-plane-name": "KubeadmControlPlane",
}
"""The labels whose values are names, and of what."""
_LABELS_OF: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "KubeadmControlPlane": (("spec", "machineTemplate", "metadata", "labels"),),
    "MachineDeployment": (("spec", "selector", "matchLabels"), ("spec", "template", "metadata", "labels")),
    "MachineHealthCheck": (("spec", "selector", "matchLabels"),),
}
"""Where labels of machines stand, besides an object's own."""


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
        for path, holder, key, kind in _places(item):
            try:
                found = names.find(kind, str(holder[key]), referrer)
            except Unclear as unclear:
                yield item, (*path, key), str(unclear)
                continue
            if found is not None and found.name != holder[key]:
                holder[key] = found.name
        _move(item, names)


def _places(item: dict[str, Any]) -> Iterator[Place]:
    """Every place in an object where the name of another one stands."""
    resource = Resource(item)
    for field in _REFERENCES.get(resource.kind, ()):
        reference = resource.at(field) or {}
        if isinstance(reference.get("name"), str) and isinstance(reference.get("kind"), str):
            yield resource.path(field), reference, "name", reference["kind"]
    for field in _CLUSTER_NAMES.get(resource.kind, ()):
        if resource.at(field):
            *above, last = resource.path(field)
            yield tuple(above), KubeObject(item).get_path(tuple(above)), str(last), "Cluster"
    for at, entry in maps(resource.at("resources")) if resource.kind == "ClusterResourceSet" else ():
        if isinstance(entry.get("name"), str) and isinstance(entry.get("kind"), str):
            yield (*resource.path("resources"), at), entry, "name", entry["kind"]
    for path in (("metadata", "labels"), *_LABELS_OF.get(resource.kind, ())):
        labels = KubeObject(item).get_path(path)
        for label, kind in _LABELS.items() if isinstance(labels, dict) else ():
            if isinstance(labels.get(label), str):
                yield path, labels, label, kind


def _move(item: dict[str, Any], names: Names) -> None:
    """Put the object's namespace into its references: they stay in it, and BYOH looks in exactly the one they say."""
    resource = Resource(item)
    for field in _REFERENCES.get(resource.kind, ()):
        reference = resource.at(field)
        if not reference or not resource.namespace:
            continue
        if field == "installerRef":
            if names.find(str(reference.get("kind")), str(reference.get("name")), KubeObject(item)):
                reference["namespace"] = resource.namespace
        elif "namespace" in reference:
            reference["namespace"] = resource.namespace
