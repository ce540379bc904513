"""What must hold in an Application beyond its schema: what Argo CD refuses at runtime, and what it silently swallows.

    for finding in findings(applications, Facts(clusters={"cluster-A": "https://10.0.0.10:6443"})):
        print(finding.rule.id, finding.path, finding.message)

A rule is a record (`Rule`) in the module of the part that it looks at; RULES is all of them. What Kubernetes or Argo CD
refuses is an error; what they accept although it does not do what it says is a warning.
"""

from __future__ import annotations

from kloom.argo.rules import (
    destination,
    hydrator,
    ignore_differences,
    ignores,
    metadata,
    project,
    renderers,
    source,
    sync_policy,
    together,
    versions,
    zeros,
)
from kloom.argo.rules.rule import ClusterSecret, Facts, Finding, Problem, Rule
from kloom.argo.rules.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any

__all__ = ["RULES", "RULES_BY_ID", "ClusterSecret", "Facts", "Finding", "Problem", "Rule", "findings"]

RULES: tuple[Rule, ...] = (
    metadata.BAD_NAME,
    metadata.LONG_NAME,
    metadata.BAD_NAMESPACE,
    metadata.NO_NAMESPACE,
    metadata.BAD_LABELS,
    metadata.BAD_ANNOTATIONS,
    metadata.MISSPELT_KEY,
    metadata.UNKNOWN_VALUE,
    metadata.BAD_SYNC_WAVE,
    metadata.BAD_SYNC_OPTIONS,
    metadata.BAD_MANAGED_BY_URL,
    metadata.BAD_FINALIZERS,
    metadata.UNKNOWN_FINALIZER,
    metadata.TWO_CASCADES,
    metadata.OPERATION,
    metadata.STATUS,
    destination.TWO_ADDRESSES,
    destination.NO_ADDRESS,
    destination.UNKNOWN_CLUSTER,
    destination.AMBIGUOUS_NAME,
    destination.NO_URL,
    destination.BAD_NAMESPACE,
    source.WITHOUT_ANY,
    source.SEVERAL_KINDS,
    source.WITHOUT_REPO,
    source.MISSPELT_SCHEME,
    source.UNKNOWN_SCHEME,
    source.WITHOUT_LOCATION,
    source.PATH_OUTSIDE,
    source.PATH_AND_CHART,
    source.OCI_AND_CHART,
    source.CHART_WITHOUT_REVISION,
    source.CHART_FLOATS,
    source.TWO_RENDERERS,
    source.REF_SYNTAX,
    source.REF_TWICE,
    source.REF_UNKNOWN,
    source.REF_TO_CHART,
    source.OUTSIDE_SOURCES,
    source.NAME_TWICE,
    source.FILE_VARIABLE,
    renderers.ZERO,
    renderers.VALUES_TWICE,
    renderers.VALUES,
    renderers.PARAMETER_TWICE,
    renderers.RELEASE_NAME_LENGTH,
    renderers.RELEASE_NAME_SYNTAX,
    renderers.HELM_KUBE_VERSION,
    renderers.HELM_NAMESPACE,
    renderers.HELM_VERSION,
    renderers.KUSTOMIZE_KUBE_VERSION,
    renderers.KUSTOMIZE_NAMESPACE,
    renderers.KUSTOMIZE_VERSION,
    renderers.REPLICA_COUNT,
    renderers.PATCH,
    renderers.IMAGE,
    renderers.COMMON_LABELS,
    hydrator.INCOMPLETE,
    hydrator.INTO_ROOT,
    hydrator.OUTSIDE,
    hydrator.ONTO_DRY_BRANCH,
    hydrator.DESTINATION_TWICE,
    sync_policy.ZERO,
    sync_policy.UNKNOWN_OPTION,
    sync_policy.RESOURCE_OPTION,
    sync_policy.NEW_OPTION,
    sync_policy.CONTRADICTING_OPTIONS,
    sync_policy.RETRY_WITHOUT_LIMIT,
    sync_policy.RETRY_DURATION,
    sync_policy.UNUSED_NAMESPACE_METADATA,
    sync_policy.NAMESPACE_METADATA,
    ignore_differences.NOTHING,
    ignore_differences.POINTER,
    ignore_differences.EXPRESSION,
    ignore_differences.GROUP,
    zeros.SOURCE,
    zeros.DESTINATION,
    zeros.SYNC_POLICY,
    zeros.IGNORE_DIFFERENCES,
    together.NAME_TWICE,
    together.DEPLOYED_TWICE,
    together.CONCURRENT_REPLICAS,
    project.EMPTY,
    project.MISSING,
    project.SOURCE_DENIED,
    project.DESTINATION_DENIED,
    project.NAMESPACE_DENIED,
    project.NAMESPACE_UNWATCHED,
    project.DENIES_ALL,
    project.SLASH,
    project.ENTRY_TWICE,
    versions.NEWER,
    versions.NOT_EVERYWHERE,
    ignores.UNKNOWN_RULE,
    ignores.WITHOUT_REASON,
    ignores.UNUSED,
)
RULES_BY_ID = {rule.id: rule for rule in RULES}


def findings(
    applications: Iterable[Mapping[str, Any]],
    facts: Facts,
    ignored: Callable[[Finding], bool] | None = None,
    *,
    without: Collection[Rule] = (),
) -> Iterator[Finding]:
    """What is wrong with the Applications, which must conform to their schema, and with the AppProjects of the facts.

    `ignored` drops what it says yes to; an object's own annotation `kloom.dev/ignore` is heeded as well.
    `without` names rules that need not be looked at.
    """
    applications = list(applications)
    found = walk(applications, [rule for rule in RULES if rule not in without], facts)
    for finding in ignores.heeded(found, (*applications, *(facts.projects or ())), RULES_BY_ID):
        if ignored is None or not ignored(finding):
            yield finding
