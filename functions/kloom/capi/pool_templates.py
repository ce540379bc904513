"""Templates for the machines of existing KubeadmControlPlanes and MachineDeployments, by BYOH, with hashed names.

What a pool's template says comes from the config, and where that says nothing from the template that the pool refers
to already. The name stands for the content, so the second run finds what the first one made, and changes nothing.
"""

from __future__ import annotations

from kloom.capi import templates
from kloom.capi.api_versions import V1BETA1
from kloom.capi.labels import CLUSTER_NAME
from kloom.capi.rules.objects import Resource
from kloom.capi.templates import BYOH_API, KEPT
from kloom.sdk.kube_object import KubeObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kloom.capi.rules.rule import Path

    Object = dict[str, Any]

OWNERS = ("KubeadmControlPlane", "MachineDeployment")
MACHINE_TEMPLATE, INSTALLER = "ByoMachineTemplate", "K8sInstallerConfigTemplate"
BUNDLE_TYPE = "k8s"
_REFERENCE = "infrastructureRef"
_INTERNAL = ("internal.config.kubernetes.io/", "config.kubernetes.io/", "config.k8s.io/", "kustomize.config.k8s.io/")
"""Annotations by which kustomize and kpt remember an object; a new object has its own."""


class Wrong(Exception):  # noqa: N818  # the word for what it is
    """Why an object cannot get its templates: where in it, and what must hold."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class Wish:
    """What the config says about the machines of a pool; None where it says nothing."""

    __slots__ = ("bundle_registry", "host_selector")

    def __init__(self, host_selector: Mapping[str, Any] | None = None, bundle_registry: str | None = None) -> None:
        self.host_selector = host_selector
        self.bundle_registry = bundle_registry


class Stock:
    """The templates among the items."""

    __slots__ = ("_by_key", "_clusters")

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        resources = [resource for resource in map(Resource, items) if resource.fields]
        self._by_key = {one.key(): one for one in resources if one.kind in (MACHINE_TEMPLATE, INSTALLER)}
        self._clusters = {
            (one.namespace, str((one.at("controlPlaneRef") or {}).get("name"))): one.name
            for one in resources
            if one.kind == "Cluster"
        }

    def machine_template(self, owner: Resource) -> Resource | None:
        """The template that the owner refers to."""
        reference = owner.at(_REFERENCE) or {}
        return self._by_key.get((MACHINE_TEMPLATE, owner.namespace, str(reference.get("name"))))

    def cluster_of(self, owner: Resource) -> str:
        """The name of the owner's cluster, empty where nothing tells it."""
        named = owner.at("clusterName") or owner.metadata("labels").get(CLUSTER_NAME)
        return str(named or self._clusters.get((owner.namespace, owner.name), ""))

    def installer(self, template: Resource | None) -> Resource | None:
        """The installer that a template refers to."""
        reference = (template.at("installerRef") if template else None) or {}
        return self._by_key.get((INSTALLER, str(reference.get("namespace")), str(reference.get("name"))))


class Made:
    """The templates of one owner, and those that they supersede."""

    __slots__ = ("installer", "machine_template", "superseded")

    def __init__(self, installer: Object, machine_template: Object, superseded: Iterable[Resource]) -> None:
        self.installer = installer
        self.machine_template = machine_template
        own = {(obj["kind"], obj["metadata"]["name"]) for obj in (installer, machine_template)}
        self.superseded = [former for former in superseded if (former.kind, former.name) not in own]


def is_of_byoh(owner: Resource) -> bool:
    """Whether its machines are BYOH's already, or nothing is said about them yet."""
    return owner.lacks(_REFERENCE) or str((owner.at(_REFERENCE) or {}).get("kind")) == MACHINE_TEMPLATE


def templates_of(owner: Resource, wish: Wish, stock: Stock) -> Made:
    """The templates that the owner is to refer to. Raises Wrong for an owner that cannot have any."""
    _require_usable(owner)
    former = stock.machine_template(owner)
    cluster = stock.cluster_of(owner)
    installer = _installer(owner, wish, stock.installer(former), cluster)
    content = {**_content(former), "installerRef": templates.reference(installer)}
    if wish.host_selector is not None:
        content["selector"] = dict(wish.host_selector)
    machine_template = templates.machine_template(owner.name, owner.namespace, content, _labels(cluster, former))
    _keep_annotations(machine_template, former)
    return Made(installer, machine_template, filter(None, (former, stock.installer(former))))


def point_at(owner: KubeObject, template: Mapping[str, Any]) -> None:
    """Let the owner refer to the template, in the form of its own API version."""
    resource = Resource(owner)
    reference = {"kind": MACHINE_TEMPLATE, "name": template["metadata"]["name"]}
    if resource.version == V1BETA1:
        reference = {"apiVersion": BYOH_API, **reference, "namespace": template["metadata"]["namespace"]}
    else:
        reference = {"apiGroup": BYOH_API.partition("/")[0], **reference}
    owner.set_path(resource.path(_REFERENCE), reference)


def _installer(owner: Resource, wish: Wish, former: Resource | None, cluster: str) -> Object:
    spec = _content(former)
    if wish.bundle_registry is not None:
        spec["bundleRepo"] = wish.bundle_registry
    if not spec.get("bundleRepo"):
        raise Wrong((), "must have a bundle registry: neither the config nor a K8sInstallerConfigTemplate says one")
    spec.setdefault("bundleType", BUNDLE_TYPE)
    made = templates.installer_config_template(owner.name, owner.namespace, spec, _labels(cluster, former))
    _keep_annotations(made, former)
    return made


def _require_usable(owner: Resource) -> None:
    if not owner.namespace:
        raise Wrong(("metadata",), "must have a namespace, in which BYOH looks for the installer; kustomize sets it")
    path = owner.path(_REFERENCE)
    if not owner.lacks(_REFERENCE) and owner.at(_REFERENCE) is None:
        raise Wrong(path, "must be a map")
    kind = (owner.at(_REFERENCE) or {}).get("kind")
    if owner.at(_REFERENCE) and kind != MACHINE_TEMPLATE:
        raise Wrong((*path, "kind"), f"must be {MACHINE_TEMPLATE} for machines of BYOH, was {kind or 'absent'}")


def _content(template: Resource | None) -> Object:
    """What a template says about its machines."""
    found = KubeObject(template.data).get_path(("spec", "template", "spec")) if template else None
    return dict(found) if isinstance(found, dict) else {}


def _labels(cluster: str, former: Resource | None) -> Mapping[str, str]:
    """The labels that the former template had, or that of the cluster."""
    if former is not None:
        return former.metadata("labels")
    return {CLUSTER_NAME: cluster} if cluster else {}


def _keep_annotations(made: Object, former: Resource | None) -> None:
    """Add the annotations that a person gave to the former template."""
    own = former.metadata("annotations") if former else {}
    kept = {name: value for name, value in own.items() if not name.startswith(_INTERNAL)}
    made["metadata"]["annotations"] = {**made["metadata"]["annotations"], **kept, **outliving(own)}


def outliving(annotations: Mapping[str, Any]) -> dict[str, str]:
    """The annotations by which Argo CD lets a template outlive what supersedes it, other options kept."""
    found = {}
    for name, option in KEPT.items():
        said = [part.strip() for part in str(annotations.get(name) or "").split(",") if part.strip()]
        found[name] = ",".join(said if option in said else [*said, option])
    return found
