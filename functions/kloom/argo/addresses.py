"""Clusters that have one address: mostly the block of one was copied, and its address was not changed.

cluster-A: {destination: {server: https://10.0.0.10:6443}}
cluster-B: {destination: {server: https://10.0.0.10:6443}}

Several names for one cluster are meant where no service runs under two of them in one namespace.
"""

from __future__ import annotations

from kloom.argo.rules.destination import address_of
from kloom.values.ignores import RULE_TAG, TWO_CLUSTERS
from kloom.values.layers import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kloom.argo.placement import Placement
    from kloom.sdk.result import Result
    from kloom.values.layers import Layer


def findings(placements: Iterable[Placement], shared: Sequence[Layer], clusters: Collection[str]) -> Iterator[Result]:
    """Those of the clusters on which a service runs, by their address, where it runs already: each of them once."""
    first: dict[tuple[str, str, str | None], Placement] = {}
    told = set()
    for placement in placements:
        cluster, service = placement.cluster, placement.service
        destination = placement.application["spec"]["destination"]
        address = address_of(destination)
        if not address or cluster not in clusters or cluster in told:
            continue
        other = first.setdefault((service.source, address, destination.get("namespace")), placement)
        if other.cluster != cluster:
            told.add(cluster)
            field, what = ("server", "endpoint") if destination.get("server") else ("name", "name")
            path = (cluster, "destination", field)
            names = " and ".join(one.application["metadata"]["name"] for one in (other, placement))
            message = (
                f"must be the {what} of one cluster, was {destination[field]}, as of {other.cluster}; "
                f"{names} would share a namespace"
            )
            yield origin([*shared, service], path).finding(path, message).but(tags={RULE_TAG: TWO_CLUSTERS})
