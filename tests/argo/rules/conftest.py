"""What the rules find in the manifests of their examples."""

from collections.abc import Callable

import pytest
from rule_examples import completed

from kloom.argo.cluster_secrets import told_of
from kloom.argo.rules import Facts, Finding, findings
from kloom.manifest_validator import ValidatorConfig
from kloom.sdk.yaml_reader import kustomize_plain, read_documents


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
