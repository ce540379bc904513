"""Where Cluster API objects name other ones: references, names of clusters, and labels."""

from __future__ import annotations

from kloom.capi.api_versions import BOOTSTRAP, CONTROL_PLANE, INFRASTRUCTURE
from kloom.capi.labels import CLUSTER_NAME, DEPLOYMENT_NAME
from kloom.capi.rules.objects import Resource, maps
from kloom.sdk.kube_object import KubeObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping
    from typing import Any

    from kloom.capi.rules.rule import Path

    Place = tuple[Path, MutableMapping[str, Any], str, str]
    """Where a name stands in an object: the path, the map that holds it, its key, and the kind that it names."""

REFERENCES: Mapping[str, Mapping[str, str]] = {
    "Cluster": {"controlPlaneRef": CONTROL_PLANE, "infrastructureRef": INFRASTRUCTURE},
    "KubeadmControlPlane": {"infrastructureRef": INFRASTRUCTURE},
    "MachineDeployment": {"configRef": BOOTSTRAP, "infrastructureRef": INFRASTRUCTURE},
    "ByoMachineTemplate": {"installerRef": INFRASTRUCTURE},
}
"""The references of each kind, and the group of what they lead to."""
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


def name_places(obj: Mapping[str, Any]) -> Iterator[Place]:
    """Every place in an object where the name of another one stands."""
    resource = Resource(obj)
    for field in REFERENCES.get(resource.kind, ()):
        reference = resource.at(field) or {}
        if isinstance(reference.get("name"), str) and isinstance(reference.get("kind"), str):
            yield resource.path(field), reference, "name", reference["kind"]
    for field in _CLUSTER_NAMES.get(resource.kind, ()):
        if resource.at(field):
            *above, last = resource.path(field)
            yield tuple(above), KubeObject(obj).get_path(tuple(above)), str(last), "Cluster"
    for at, entry in maps(resource.at("resources")) if resource.kind == "ClusterResourceSet" else ():
        if isinstance(entry.get("name"), str) and isinstance(entry.get("kind"), str):
            yield (*resource.path("resources"), at), entry, "name", entry["kind"]
    for path in (("metadata", "labels"), *_LABELS_OF.get(resource.kind, ())):
        labels = KubeObject(obj).get_path(path)
        for label, kind in _LABELS.items() if isinstance(labels, dict) else ():
            if isinstance(labels.get(label), str):
                yield path, labels, label, kind
