"""One service on one cluster, and what is wrong with the Applications of many, told where the values say it."""

from __future__ import annotations

from kloom.argo import rules
from kloom.argo.rules.metadata import BAD_NAME
from kloom.argo.rules.together import NAME_TWICE
from kloom.values.ignores import RULE_TAG
from kloom.values.layers import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules import Facts, Finding
    from kloom.sdk.result import Result
    from kloom.values.layers import Layer

_TOLD_ELSEWHERE = (BAD_NAME, NAME_TWICE)
"""What `Applications` refuses to make, and what `duplicate_findings` tells, naming both files."""


class Placement:
    """One service on one cluster: the service's layer, the merged values, and the Application that they make."""

    __slots__ = ("application", "cluster", "service", "values")

    def __init__(self, service: Layer, cluster: str, values: Mapping[str, Any], application: dict[str, Any]) -> None:
        self.service = service
        self.cluster = cluster
        self.values = values
        self.application = application

    def key(self) -> tuple[str, str]:
        """Namespace and name of the Application."""
        metadata = self.application["metadata"]
        return metadata["namespace"], metadata["name"]


def duplicate_findings(placements: Iterable[Placement]) -> Iterator[Result]:
    """Applications that are made twice: Argo CD would apply them in turns (argo-cd#9376)."""
    made: dict[tuple[str, str], Placement] = {}
    for placement in placements:
        first = made.setdefault(placement.key(), placement)
        if first is not placement:
            where = "on another cluster" if first.service is placement.service else f"by {first.service.source}"
            message = f"the Application {'/'.join(placement.key())} is made already, {where}; names must differ"
            yield placement.service.finding((placement.cluster,), message).but(tags={RULE_TAG: NAME_TWICE.id})


def rule_findings(placements: Sequence[Placement], shared: Sequence[Layer], facts: Facts) -> Iterator[Result]:
    """What the rules find in the Applications, at the values that say it; each with its rule's id as a tag."""
    by_application = {id(placement.application): placement for placement in placements}
    applications = [placement.application for placement in placements]
    for finding in rules.findings(applications, facts, without=_TOLD_ELSEWHERE):
        yield _at_values(finding, by_application[id(finding.application)], shared)


def _at_values(finding: Finding, placement: Placement, shared: Sequence[Layer]) -> Result:
    from kloom.argo.provenance import place

    where = place(placement.values, placement.cluster, finding.path)
    layer = origin([*shared, placement.service], where)
    result = layer.finding(where, finding.message, severity=finding.rule.severity)
    return result.but(tags={RULE_TAG: finding.rule.id})
