"""The examples of the rules, completed to whole Applications, and what the rules find in them."""

from collections.abc import Callable
from typing import Any

import pytest

from kloom.argo.cluster_secrets import told_of
from kloom.argo.rules import Facts, Finding, findings
from kloom.manifest_validator import ValidatorConfig
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

SOURCE = {"repoURL": "https://git.example.com/base.git", "targetRevision": "main", "path": "deploy"}
DESTINATION = {"server": "https://kubernetes.default.svc", "namespace": "cart"}


@pytest.fixture
def found_in() -> Callable[[str], list[Finding]]:
    """What the rules find in the manifests of an example."""
    return findings_in


def findings_in(example: str) -> list[Finding]:
    documents = [document for document in read_documents(example, kustomize_plain) if document]
    facts = Facts()
    for document in documents:
        if document.get("kind") == "ManifestValidator":
            facts = ValidatorConfig.from_object(document, items=()).facts
    facts.cluster_secrets = told_of(documents)
    facts.projects = [document for document in documents if document.get("kind") == "AppProject"] or None
    return list(findings([completed(document) for document in documents if "kind" not in document], facts))


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
