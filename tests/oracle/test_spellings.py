"""The texts that Argo CD compares sync options and annotations with, looked up in its sources."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from manifests import example, go_module

from kloom.argo.rules import Facts, findings
from kloom.argo.rules.sync_policy import APPLICATION_OPTIONS, RESOURCE_OPTIONS

MODULES = ("github.com/argoproj/argo-cd/v3", "github.com/argoproj/gitops-engine")
NO_OPTIONS = {"SameSite", "StrictHostKeyChecking", "IncludeMutationWebhook", "ServerSideDiff"}
"""What looks like a sync option, and is a cookie's, ssh's, or a compare option."""
NOT_OF_APPLICATIONS = {"auto-label-cluster-info", "hook-finalizer", "kubernetes-version", "secret-type"}
"""Annotations, labels and finalizers with Argo CD's prefix that stand on clusters, Secrets and hooks."""


@pytest.fixture(scope="module")
def literals() -> set[str]:
    """The string literals in Argo CD's code that look like an option or one of its annotations."""
    return set(_literals())


def _literals() -> Iterator[str]:
    for module in MODULES:
        for file in go_module(module).rglob("*.go"):
            if not file.name.endswith("_test.go"):
                text = file.read_text(encoding="utf-8")
                yield from re.findall(r'"([A-Z][A-Za-z]+=[a-z]+|argocd\.argoproj\.io/[a-z-]+)"', text)


def test_sync_options(literals: set[str]) -> None:
    said = {text for text in literals if "=" in text and text.partition("=")[0] not in NO_OPTIONS}
    known = {**APPLICATION_OPTIONS, **RESOURCE_OPTIONS}
    assert {text for text in said if text.partition("=")[2] not in known.get(text.partition("=")[0], ())} == set()
    assert {text.partition("=")[0] for text in said} == known.keys()


def test_compare_options_and_annotations(literals: set[str]) -> None:
    keys = {text for text in literals if "/" in text and text.partition("/")[2] not in NOT_OF_APPLICATIONS}
    options = ",".join(text for text in literals if text.startswith(("IncludeMutation", "ServerSideDiff")))
    assert len(keys) > 10
    assert options
    annotations = dict.fromkeys(keys, "") | {"argocd.argoproj.io/compare-options": options}
    world = example(f"metadata: {{annotations: {annotations}}}")
    found = {finding.rule.id for finding in findings(world.applications, Facts())}
    assert found <= {"sync-wave-invalid"}, found
