"""What must hold in an Application beyond its schema: what Argo CD rejects at runtime, and what it silently swallows.

    for finding in findings(applications, Facts(clusters={"cluster-A": "https://10.0.0.10:6443"})):
        print(finding.rule.id, finding.path, finding.message)

A rule is a record (`Rule`) in the module of the part that it looks at; RULES is the list of all of them.
"""

from __future__ import annotations

from kloom.argo.rules import destination
from kloom.argo.rules.rule import Facts, Finding, Problem, Rule
from kloom.argo.rules.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

__all__ = ["RULES", "RULES_BY_ID", "Facts", "Finding", "Problem", "Rule", "findings"]

RULES: tuple[Rule, ...] = (destination.TWO_ADDRESSES,)
RULES_BY_ID = {rule.id: rule for rule in RULES}


def findings(
    applications: Iterable[Mapping[str, Any]],
    facts: Facts,
    ignored: Callable[[Finding], bool] | None = None,
) -> Iterator[Finding]:
    """What is wrong with the Applications, which must conform to their schema; `ignored` drops what it says yes to.

    An Application's own annotation `kloom.dev/ignore` is heeded as well.
    """
    for finding in walk(applications, RULES, facts):
        if ignored is None or not ignored(finding):
            yield finding
