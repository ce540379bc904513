"""Templates of machines, named by what is in them: another content is another name, and so a rollout.

Cluster API replaces machines when the name of their template changes, and BYOH takes an edit in place without a word:
it would reach future machines only. So the name ends in a hash of the content (of `spec.template.spec`; labels and
annotations do not count). What a template supersedes must outlive it for as long as machines refer to it: the two
annotations keep Argo CD from pruning it, and from calling its Application out of sync.

    installer = installer_config_template("cluster-a-general", "clusters", {"bundleRepo": …, "bundleType": "k8s"})
    machine_template("cluster-a-general", "clusters", {"selector": …, "installerRef": reference(installer)})
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Object = dict[str, Any]

BYOH_API = "infrastructure.cluster.x-k8s.io/v1beta1"
"""The one version of BYOH's own kinds, in both forks, whatever version Cluster API's kinds are written in."""
KEPT: Mapping[str, str] = {
    # https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
    "argocd.argoproj.io/sync-options": "Prune=false",
    # https://argo-cd.readthedocs.io/en/stable/user-guide/compare-options/#ignoring-resources-that-are-extraneous
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
}
BEFORE_REFERENCES: Mapping[str, str] = {"argocd.argoproj.io/sync-wave": "-1"}
"""Argo CD applies a new template before what refers to it by its new name."""
_HASH_LENGTH = 8


def hashed_name(base: str, content: object) -> str:
    """The base and eight hexadecimal digits that stand for the content; the order of keys makes no difference."""
    from hashlib import sha256

    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"{base}-{sha256(text.encode()).hexdigest()[:_HASH_LENGTH]}"


def installer_config_template(
    base: str, namespace: str, spec: Mapping[str, Any], labels: Mapping[str, str] | None = None
) -> Object:
    """A K8sInstallerConfigTemplate: where a host pulls its bundle of Kubernetes from. The spec is that of a machine."""
    return template(BYOH_API, "K8sInstallerConfigTemplate", hashed_name(base, spec), namespace, spec, labels)


def machine_template(
    base: str, namespace: str, spec: Mapping[str, Any], labels: Mapping[str, str] | None = None
) -> Object:
    """A ByoMachineTemplate: which hosts a pool takes, and how they are installed. The spec is that of a machine."""
    return template(BYOH_API, "ByoMachineTemplate", hashed_name(base, spec), namespace, spec, labels)


def template(  # noqa: PLR0913  # the parts of an object, in their order
    api_version: str,
    kind: str,
    name: str,
    namespace: str,
    spec: Mapping[str, Any],
    labels: Mapping[str, str] | None = None,
) -> Object:
    """A template of any kind, that survives when the next one takes its place."""
    metadata: Object = {"name": name, "namespace": namespace}
    if labels:
        metadata["labels"] = dict(labels)
    metadata["annotations"] = {**KEPT, **BEFORE_REFERENCES}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": {"template": {"spec": dict(spec)}}}


def reference(obj: Mapping[str, Any]) -> dict[str, str]:
    """The reference to an object, with its namespace: BYOH looks an installer up in exactly the namespace given."""
    metadata = obj["metadata"]
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "name": metadata["name"],
        "namespace": metadata["namespace"],
    }
