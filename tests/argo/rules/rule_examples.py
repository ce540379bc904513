"""The examples of the rules, completed to whole Applications."""

from __future__ import annotations

from typing import Any

SOURCE = {"repoURL": "https://git.example.com/base.git", "targetRevision": "main", "path": "deploy"}
DESTINATION = {"server": "https://kubernetes.default.svc", "namespace": "cart"}


def completed(part: dict[str, Any]) -> dict[str, Any]:
    """The Application of which an example says a part; null takes away what would be there."""
    metadata = {"name": "example", "namespace": "argocd", **part.pop("metadata", {})}
    said = part.pop("spec", {})
    own = {} if said.keys() & {"source", "sources", "sourceHydrator"} else {"source": SOURCE}
    spec = {"project": "default", "destination": DESTINATION, **own, **said}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {key: value for key, value in metadata.items() if value is not None},
        "spec": {key: value for key, value in spec.items() if value is not None},
        **part,
    }
