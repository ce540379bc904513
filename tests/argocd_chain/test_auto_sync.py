"""Who decides whether an Application syncs by itself: both components for root Applications do what they say."""

from __future__ import annotations

import pytest
from applications import is_out_of_sync

A = "https://10.0.0.10:6443"
AUTOMATED = "spec.syncPolicy.automated"
CHILD, OTHER = "catalog-prod-cluster-a", "storefront-prod-cluster-a"
IN_GIT = {"enabled": True, "prune": True, "selfHeal": True}
SWITCHES = {
    "disabled, as the user interface does": {"enabled": False},
    "removed, as argocd app set --sync-policy none does": None,
    "without pruning": {"prune": False},
}


def automated(chain, name=CHILD):
    return chain.applications[name]["spec"]["syncPolicy"].get("automated")


def switch_by_hand(chain, value):
    chain.applications.patch(CHILD, {"spec": {"syncPolicy": {"automated": value}}})
    chain.applications.refresh(chain.root)
    return automated(chain)


def release_of(chain, service):
    """A commit that has nothing to do with auto-sync."""
    chain.append(f"services/{service}.yaml", "additionalLabels: {example.com/release: next}")


@pytest.fixture(params=SWITCHES.values(), ids=SWITCHES.keys())
def switched(request):
    """What a person says of a child's auto-sync by hand."""
    return request.param


# Git owns it


@pytest.fixture(params=["", "git-owns-sync"], ids=["the samples", "git-owns-sync"])
def git_owns(request, chain):
    """The component, and the samples as they are."""
    if request.param:
        chain.choose(request.param)
    return chain


def test_a_switch_by_hand_lasts_until_the_next_sync_of_the_root(git_owns, switched):
    chain = git_owns
    by_hand = switch_by_hand(chain, switched)
    assert by_hand != IN_GIT
    chain.applications.wait_for(chain.root, is_out_of_sync, "does not show it")
    release_of(chain, "storefront")
    assert chain.push("Another service's release") == {CHILD, OTHER, OTHER.replace("-a", "-b")}
    assert automated(chain) == IN_GIT


def test_a_switch_that_git_says_nothing_of_stays(chain):
    chain.append("services/catalog.yaml", "cluster-A: {syncPolicy: {automated: {prune: true}}}")
    chain.push("Without `enabled`")
    switch_by_hand(chain, {"enabled": False})
    release_of(chain, "storefront")
    chain.push("Another service's release", but=AUTOMATED)
    assert automated(chain) == {"enabled": False, "prune": True}


def test_git_switches_an_application_that_is_there(chain):
    chain.choose("git-owns-sync")
    chain.append("services/catalog.yaml", "cluster-A: {syncPolicy: {automated: {enabled: false}}}")
    assert chain.push("Freeze one") == {CHILD}
    assert automated(chain) == {"enabled": False}


# Operators own it


def test_a_switch_by_hand_stays(chain, switched):
    chain.choose("operators-own-sync")
    by_hand = switch_by_hand(chain, switched)
    assert by_hand != IN_GIT
    assert not is_out_of_sync(chain.applications[chain.root]), "Argo CD does not compare it"
    release_of(chain, "storefront")
    release_of(chain, "catalog")
    changed = chain.push("A release of this service and of another", but=AUTOMATED)
    assert changed >= {CHILD, OTHER}, "all but the switch comes from Git"
    assert automated(chain) == by_hand


def test_git_does_not_switch_an_application_that_is_there_but_a_new_one(chain):
    chain.choose("operators-own-sync")
    frozen = "\nsyncPolicy: {automated: {enabled: false}, syncOptions: [CreateNamespace=true]}"
    chain.append("services/storefront.yaml", frozen)
    copy = chain.path("services/storefront.yaml").read_text().replace("name: storefront", "name: wishlist")
    chain.path("services/wishlist.yaml").write_text(copy.replace("v2.8.1", "main"))
    chain.push("A freeze, and a service that starts frozen", but=AUTOMATED)
    assert automated(chain, OTHER) == IN_GIT
    assert automated(chain, "wishlist-prod-cluster-a")["enabled"] is False


WINDOW = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"], "manualSync": True}
FIVE = """
cluster-A:
  source:
    kustomize:
      patches: [{target: {kind: Deployment}, patch: "- {op: replace, path: /spec/replicas, value: 5}"}]
"""


@pytest.fixture
def window(chain):
    """A sync window of the project that denies all syncs but those that a person starts."""
    project = chain.build("projects")["prod"]
    chain.argocd.api.apply({**project, "spec": {**project["spec"], "syncWindows": [WINDOW]}})
    yield
    chain.argocd.api.apply(project)


@pytest.mark.usefixtures("window")
def test_a_sync_window_freezes_whoever_owns_auto_sync(chain):
    chain.choose("operators-own-sync")
    chain.wait_until_replicas({A: {"storefront": 3}})
    chain.append("services/storefront.yaml", FIVE)
    chain.push("More of it", but=AUTOMATED)
    chain.applications.wait_for(OTHER, is_out_of_sync, "is not compared with what its source says now")
    chain.applications.refresh(OTHER)
    assert chain.replicas(A)["storefront"] == 3
    chain.argocd.api.apply(chain.build("projects")["prod"])
    chain.applications.refresh(OTHER)
    chain.wait_until_replicas({A: {"storefront": 5}})
