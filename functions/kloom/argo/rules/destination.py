"""Rules on `spec.destination`: which cluster, which namespace."""

from __future__ import annotations

from kloom.argo.rules.rule import Problem, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.rule import Facts


def _two_addresses(destination: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if destination.get("server") and destination.get("name"):
        yield Problem((), "name and server exclude each other; both are set")


TWO_ADDRESSES = Rule(
    "destination-two-addresses",
    "error",
    part="destination",
    why="Argo CD refuses a destination with both a name and a server.",
    source="util/argo/argo.go, GetDestinationCluster",
    bad="spec: {destination: {server: https://10.0.0.10:6443, name: cluster-a}}",
    good="spec: {destination: {name: cluster-a}}",
    check=_two_addresses,
)
