"""A zero value that Git says lasts until Argo CD writes the Application; from then on its root is OutOfSync over it."""

from __future__ import annotations

import pytest
from applications import is_out_of_sync

A = "https://10.0.0.10:6443"
CHILD = "storefront-prod-cluster-a"
VALUES = """
cluster-A:
  syncPolicy:
    automated: {enabled: true, prune: true}
    retry: {}
  ignoreDifferences:
    - {kind: Secret, jsonPointers: [/data]}
  source:
    kustomize:
      patches: [{target: {kind: Deployment}, patch: "- {op: replace, path: /spec/replicas, value: REPLICAS}"}]
"""
ZEROS = {
    "a flag": ("prune: true", "prune: true, selfHeal: false", 5),
    "a number": ("retry: {}", "retry: {limit: 0}", 6),
    "in a list": ("kind: Secret", 'group: "", kind: Secret', 7),
    "in a source": ("kustomize:", "kustomize:\n      forceCommonLabels: false", 8),
}


@pytest.fixture(autouse=True)
def _taken_back(chain):
    """Take from the child what the write has left in Argo CD's hands: out of Git, it would stay."""
    yield
    chain.applications.patch(CHILD, {"spec": {"ignoreDifferences": None}})


@pytest.mark.parametrize(("unsaid", "said", "replicas"), ZEROS.values(), ids=ZEROS.keys())
def test_a_zero_value_puts_the_root_out_of_sync_once_the_child_is_synced(chain, unsaid, said, replicas):
    chain.replace("applications.yaml", "failOn: warning", "failOn: error")  # as a rule warns of it
    chain.append("services/storefront.yaml", VALUES.replace("REPLICAS", str(replicas)).replace(unsaid, said))
    chain.refresh("A zero value, and what makes Argo CD sync the child by itself")
    chain.wait_until_replicas({A: {"storefront": replicas}})
    chain.applications.wait_for(chain.root, is_out_of_sync, "does not show it")
    chain.replace("services/storefront.yaml", said, unsaid)
    assert chain.push("Without it") == set(), "nothing of the child has changed"
