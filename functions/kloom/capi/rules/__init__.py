"""What must hold in Cluster API and BYOH objects: what webhooks refuse, and what fails later, without a word.

    for finding in findings(objects, Facts(provider="platform9")):
        print(finding.rule.id, finding.path, finding.message)

A rule is a record (`Rule`) in the module of what it looks at; RULES is all of them. What Cluster API refuses, and what
can never work, is an error; what works and is most likely not meant is a warning. Objects of v1beta1 and v1beta2 are
looked at alike.
"""

from __future__ import annotations

from kloom.capi.rules import (
    control_plane,
    form,
    history,
    hosts,
    kube_vip,
    kubeadm,
    names,
    network,
    references,
    selections,
    versions,
    workers,
)
from kloom.capi.rules.objects import GROUPS, World, is_of_cluster_api
from kloom.capi.rules.rule import MISUSES, Facts, Finding, Problem, Rule
from kloom.values import ignore_annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

__all__ = ["GROUPS", "RULES", "RULES_BY_ID", "Facts", "Finding", "Problem", "Rule", "findings", "is_of_cluster_api"]

RULES: tuple[Rule, ...] = (
    *form.RULES,
    *names.RULES,
    *network.RULES,
    *control_plane.RULES,
    *workers.RULES,
    *versions.RULES,
    *kubeadm.RULES,
    *kube_vip.RULES,
    *references.RULES,
    *selections.RULES,
    *hosts.RULES,
    *history.RULES,
)
RULES_BY_ID = {rule.id: rule for rule in RULES}


def findings(objects: Iterable[Mapping[str, Any]], facts: Facts) -> Iterator[Finding]:
    """What is wrong with the Cluster API objects among all that are built together.

    Of other objects only those count that Cluster API's refer to, as ConfigMaps; findings are in the order of objects.
    An object's own annotation `kloom.dev/ignore` is heeded.
    """
    objects = list(objects)
    return ignore_annotations.heeded(
        _found(objects, facts),
        filter(is_of_cluster_api, objects),
        RULES_BY_ID,
        about=lambda finding: (finding.obj, finding.rule.id),
        complaint=lambda obj, name, message: Finding(obj, MISUSES[name], ignore_annotations.PATH, message),
    )


def _found(objects: Iterable[Mapping[str, Any]], facts: Facts) -> Iterator[Finding]:
    world = World(objects, facts)
    found: dict[int, list[Finding]] = {id(resource): [] for resource in world.resources}
    for rule in RULES:
        for resource in world.of(*rule.kinds) if rule.kinds else (None,):
            for problem in rule.check(resource, world):
                if about := problem.resource or resource:
                    found[id(about)].append(Finding(about.data, rule, problem.path, problem.message))
    for resource in world.resources:
        yield from found[id(resource)]
