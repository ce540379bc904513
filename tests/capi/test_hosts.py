"""Hosts against pools: what is proven holds whatever order BYOH hands hosts out in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloom.capi.cluster import Cluster
from kloom.capi.hosts import Host, claims, host_problems, is_open_to, selects
from kloom.capi.versions import PROVIDERS

LABELS = st.dictionaries(st.sampled_from(("rack", "role")), st.sampled_from("ab"), max_size=2)
SELECTORS = st.none() | LABELS.map(lambda labels: {"matchLabels": labels})
POOLS = st.lists(st.tuples(st.integers(0, 3), SELECTORS), min_size=1, max_size=4)
HOSTS = st.lists(LABELS, max_size=8)


def cluster_of(pools):
    (replicas, selector), *workers = pools
    blocks = {f"w{at}": block(*pool) for at, pool in enumerate(workers)}
    return Cluster(
        {"name": "a", "namespace": "clusters", "controlPlane": block(replicas, selector), "workers": blocks},
        PROVIDERS["platform9"],
    )


def block(replicas, selector):
    return {"replicas": replicas, "hostSelector": selector}


@settings(max_examples=300)
@given(POOLS, HOSTS, st.randoms(use_true_random=False))
def test_without_an_error_every_machine_finds_a_host(pools, labels, chance):
    hosts = [Host(f"host-{at}", of) for at, of in enumerate(labels)]
    found = claims([cluster_of(pools)], hosts)
    if any(problem.severity == "error" for _, problem in host_problems(found, hosts)):
        return
    waiting = [claim for claim in found for _ in range(claim.pool.replicas)]
    chance.shuffle(waiting)
    free = set(hosts)
    for claim in waiting:
        matching = [host for host in claim.hosts if host in free]
        assert matching
        free.remove(chance.choice(matching))


@settings(max_examples=200)
@given(POOLS, HOSTS)
def test_too_few_hosts_are_always_an_error(pools, labels):
    hosts = [Host(f"host-{at}", of) for at, of in enumerate(labels)]
    found = claims([cluster_of(pools)], hosts)
    short = {claim.pool.path for claim in found if len(claim.hosts) < claim.pool.replicas}
    told = {problem.path[:-1] for _, problem in host_problems(found, hosts) if problem.severity == "error"}
    assert short <= told


@pytest.mark.parametrize(
    ("requirement", "labels", "answer"),
    [
        ({"operator": "In", "values": ["a", "b"]}, {"x": "a"}, True),
        ({"operator": "In", "values": ["a"]}, {}, False),
        ({"operator": "NotIn", "values": ["a"]}, {"x": "a"}, False),
        ({"operator": "NotIn", "values": ["a"]}, {}, True),
        ({"operator": "Exists"}, {"x": ""}, True),
        ({"operator": "Exists"}, {}, False),
        ({"operator": "DoesNotExist"}, {}, True),
        ({"operator": "DoesNotExist"}, {"x": "a"}, False),
    ],
)
def test_expressions_mean_what_kubernetes_means(requirement, labels, answer):
    assert selects({"matchExpressions": [{"key": "x", **requirement}]}, labels) == answer


@pytest.mark.parametrize(
    ("provider", "host", "is_open"),
    [
        ("platform9", Host("a", {}, "clusters"), True),
        ("platform9", Host("a", {}, "elsewhere"), False),
        ("vmware", Host("a", {}, "elsewhere"), True),
        ("platform9", Host("a", {}), True),
        ("platform9", Host("a", {"cluster.x-k8s.io/cluster-name": "other"}), False),
        ("platform9", Host("a", {"cluster.x-k8s.io/cluster-name": "a"}), True),
    ],
)
def test_who_looks_at_a_host(provider, host, is_open):
    cluster = Cluster({"name": "a", "namespace": "clusters"}, PROVIDERS[provider])
    assert is_open_to(host, cluster) == is_open
