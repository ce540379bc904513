"""Rules on `spec.destination`: which cluster, which namespace."""

from __future__ import annotations

from kloom.argo.names import namespace_problem
from kloom.argo.rules.rule import Problem, Rule
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.rule import Facts

IN_CLUSTER = "in-cluster"
IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
"""Argo CD's own cluster, which it knows without being told."""


def address_of(destination: Mapping[str, Any]) -> str:
    """The server, or else the name, of a cluster; empty where there is none, and for Argo CD's own."""
    address = (destination.get("server") or destination.get("name") or "").rstrip("/")
    return "" if address in (IN_CLUSTER, IN_CLUSTER_SERVER) else address


def _two_addresses(destination: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if destination.get("server") and destination.get("name"):
        yield Problem((), "name and server exclude each other; both are set")


def _no_address(destination: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if not destination.get("server") and not destination.get("name"):
        yield Problem((), "must have a server or a name")


def _unknown_cluster(destination: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    if facts.clusters is None:
        return
    name, server = destination.get("name"), destination.get("server")
    if name and name != IN_CLUSTER and name not in facts.clusters:
        known = sorted({*facts.clusters, IN_CLUSTER})
        yield Problem(("name",), f"must be a known cluster ({', '.join(known)}), was {name}{did_you_mean(name, known)}")
    if not server or None in facts.clusters.values():
        return
    servers = [*(known.rstrip("/") for known in facts.clusters.values() if known), IN_CLUSTER_SERVER]
    if server.rstrip("/") not in servers:
        known = sorted(set(servers))
        hint = did_you_mean(server, known)
        yield Problem(("server",), f"must be the server of a known cluster ({', '.join(known)}), was {server}{hint}")


def _ambiguous_name(destination: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    name = destination.get("name")
    if not name or not facts.cluster_secrets:
        return
    places: dict[tuple[str, str], dict[str, str]] = {}
    for one in facts.cluster_secrets:
        namespace = one.place[1]
        if one.name == name and (not namespace or facts.argocd_namespace in (None, namespace)):
            places.setdefault(one.place, {})[one.secret] = one.server
    for servers in places.values():
        if len({*servers.values()}) > 1:
            told = (f"{server or 'no server'} (Secret {secret})" for secret, server in sorted(servers.items()))
            which = ", ".join(told)
            yield Problem(("name",), f"must be the name of one cluster, was {name}, the name of {which}")
            return


def _no_url(destination: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    server = destination.get("server")
    if server and "://" not in server:
        yield Problem(
            ("server",), f"should be a URL as https://10.0.0.10:6443 (a cluster's name is said by name), was {server}"
        )


def _bad_namespace(destination: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    namespace = destination.get("namespace")
    if namespace and (problem := namespace_problem(namespace)):
        yield Problem(("namespace",), problem)


TWO_ADDRESSES = Rule(
    "destination-two-addresses",
    "error",
    part="destination",
    why="Argo CD refuses a destination that has both a name and a server.",
    source="argo-cd util/argo/argo.go GetDestinationServer",
    bad="spec: {destination: {server: https://10.0.0.10:6443, name: cluster-a}}",
    good="spec: {destination: {name: cluster-a}}",
    check=_two_addresses,
)
NO_ADDRESS = Rule(
    "destination-without-address",
    "error",
    part="destination",
    why="Argo CD refuses a destination that names no cluster.",
    source="argo-cd util/argo/argo.go GetDestinationServer",
    bad="spec: {destination: {namespace: shop}}",
    good="spec: {destination: {server: https://10.0.0.10:6443, namespace: shop}}",
    check=_no_address,
)
UNKNOWN_CLUSTER = Rule(
    "destination-cluster-unknown",
    "error",
    part="destination",
    why="Argo CD refuses a cluster that it has no Secret for; checked where an inventory of clusters is given.",
    source="argo-cd util/argo/argo.go GetDestinationCluster",
    bad="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {clusters: {cluster-a: {destination: {server: https://10.0.0.10:6443}}}}
        ---
        spec: {destination: {name: cluster-b}}
        """,
    good="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {clusters: {cluster-a: {destination: {server: https://10.0.0.10:6443}}}}
        ---
        spec: {destination: {server: https://10.0.0.10:6443}}
        ---
        metadata: {name: another}
        spec: {destination: {name: in-cluster}}
        """,
    check=_unknown_cluster,
)
AMBIGUOUS_NAME = Rule(
    "destination-name-ambiguous",
    "error",
    part="destination",
    why="Argo CD refuses a name that several clusters have; checked where the clusters' Secrets are given.",
    source="argo-cd util/argo/argo.go GetDestinationServer; util/db/cluster.go GetClusterServersByName",
    bad="""
        spec: {destination: {name: east}}
        ---
        kind: Secret
        metadata: {name: east-1, labels: {argocd.argoproj.io/secret-type: cluster}}
        stringData: {name: east, server: "https://10.0.0.10:6443"}
        ---
        kind: Secret
        metadata: {name: east-2, labels: {argocd.argoproj.io/secret-type: cluster}}
        stringData: {name: east, server: "https://10.0.1.10:6443"}
        """,
    good="""
        spec: {destination: {name: east-1}}
        ---
        kind: Secret
        metadata: {name: east-1, labels: {argocd.argoproj.io/secret-type: cluster}}
        stringData: {name: east-1, server: "https://10.0.0.10:6443"}
        ---
        kind: Secret
        metadata: {name: east-2, labels: {argocd.argoproj.io/secret-type: cluster}}
        stringData: {name: east-2, server: "https://10.0.1.10:6443"}
        """,
    check=_ambiguous_name,
)
NO_URL = Rule(
    "destination-server-no-url",
    "warning",
    part="destination",
    why="A server is looked up as it is written, and the servers that Argo CD knows are URLs.",
    source="argo-cd util/db/cluster.go GetCluster",
    bad="spec: {destination: {server: cluster-a}}",
    good="spec: {destination: {server: https://10.0.0.10:6443}}",
    check=_no_url,
)
BAD_NAMESPACE = Rule(
    "destination-namespace-invalid",
    "error",
    part="destination",
    why="Kubernetes refuses the namespace, so every sync fails.",
    source="Kubernetes, DNS label names (RFC 1123)",
    bad="spec: {destination: {server: https://10.0.0.10:6443, namespace: My_Shop}}",
    good="spec: {destination: {server: https://10.0.0.10:6443, namespace: my-shop}}",
    check=_bad_namespace,
)
