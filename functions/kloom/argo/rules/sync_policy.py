"""Rules on `spec.syncPolicy`: options, retries, the namespace's metadata."""

from __future__ import annotations

from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.syntax import is_duration, key_problem, label_problem
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.rule import Facts

OLDEST_SUPPORTED = (3, 3)
"""The oldest Argo CD that is held to be in use where none is declared."""

_BOTH = ("true", "false")
APPLICATION_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "ApplyOutOfSyncOnly": _BOTH,
    "ClientSideApplyMigration": _BOTH,
    "CreateNamespace": _BOTH,
    "Delete": ("true", "false", "confirm"),
    "FailOnSharedResource": _BOTH,
    "Prune": ("true", "false", "confirm"),
    "PruneLast": _BOTH,
    "PrunePropagationPolicy": ("background", "foreground", "orphan"),
    "Replace": _BOTH,
    "RespectIgnoreDifferences": _BOTH,
    "ServerSideApply": _BOTH,
    "SkipDryRunOnMissingResource": _BOTH,
    "Validate": _BOTH,
}
"""What `syncOptions` of an Application may say; Argo CD compares the whole text."""
RESOURCE_OPTIONS: Mapping[str, tuple[str, ...]] = {
    **{
        option: values
        for option, values in APPLICATION_OPTIONS.items()
        if option
        not in ("CreateNamespace", "FailOnSharedResource", "PrunePropagationPolicy", "RespectIgnoreDifferences")
    },
    "Force": _BOTH,
}
"""What the annotation `argocd.argoproj.io/sync-options` of one object may say."""
_SINCE = {"Prune": (3, 4), "Delete": (3, 4)}
"""Options of one object that Applications may have only since a version of Argo CD, which ignores them before."""
_OVERRULED = (("Replace=true", "ServerSideApply=true"),)


def option_problem(option: str, known: Mapping[str, tuple[str, ...]]) -> str | None:
    """What is wrong with one sync option, None where nothing is."""
    name, equals, value = option.partition("=")
    if equals and value in known.get(name, ()):
        return None
    texts = [f"{name}={value}" for name, values in known.items() for value in values]
    what = (
        f"should be {' or '.join(f'{name}={value}' for value in known[name])}"
        if name in known
        else "unknown sync option"
    )
    hint = did_you_mean(option.replace(":", "=").replace(" ", ""), texts)
    return f"{what}, was {option or 'empty'}{hint}" if name in known else f"{what} {option or '(empty)'}{hint}"


def _unknown_option(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for at, option in enumerate(policy.get("syncOptions") or ()):
        name = option.partition("=")[0]
        if name == "Force":
            continue
        if problem := option_problem(option, APPLICATION_OPTIONS):
            yield Problem(("syncOptions", at), f"{problem}, so Argo CD ignores it")


def _resource_option(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for at, option in enumerate(policy.get("syncOptions") or ()):
        if option.partition("=")[0] == "Force":
            yield Problem(
                ("syncOptions", at), f"{option} should stand in an object's annotation: Argo CD ignores it here"
            )


def _new_option(policy: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    version = facts.argocd_version or OLDEST_SUPPORTED
    for at, option in enumerate(policy.get("syncOptions") or ()):
        name, _, value = option.partition("=")
        since = _SINCE.get(name)
        if since and version < since and value in ("false", "confirm"):
            of = "" if facts.argocd_version else ", which Argo CD 3.3 is not; argocdVersion declares yours"
            yield Problem(
                ("syncOptions", at),
                f"{option} needs Argo CD {since[0]}.{since[1]}{of}: an older one ignores it for a whole Application",
            )


def _contradicting_options(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    options = policy.get("syncOptions") or ()
    first: dict[str, str] = {}
    for at, option in enumerate(options):
        name = option.partition("=")[0]
        if first.setdefault(name, option) != option:
            yield Problem(("syncOptions", at), f"should not contradict {first[name]}, was {option}")
    for winner, loser in _OVERRULED:
        if winner in options and loser in options:
            yield Problem(("syncOptions",), f"{winner} and {loser} should not stand together: only {winner} is used")


def _retry_without_limit(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    retry = policy.get("retry")
    if retry and "limit" not in retry:  # an empty one says that there be none: `limit: 0` is dropped (zeros.py)
        yield Problem(
            ("retry",), "should have a limit: without one Argo CD never retries, while without retry it does 5 times"
        )


def _retry_duration(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    backoff = (policy.get("retry") or {}).get("backoff") or {}
    for field in ("duration", "maxDuration"):
        value = backoff.get(field)
        if value and not is_duration(value):
            yield Problem(("retry", "backoff", field), f"must be a duration as 30s, 5m or 1h30m, was {value}")


def _unused_namespace_metadata(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if policy.get("managedNamespaceMetadata") and "CreateNamespace=true" not in (policy.get("syncOptions") or ()):
        yield Problem(
            ("managedNamespaceMetadata",),
            "should stand beside the sync option CreateNamespace=true: it has no effect without",
        )


def _namespace_metadata(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    metadata = policy.get("managedNamespaceMetadata") or {}
    for key, value in (metadata.get("labels") or {}).items():
        if problem := label_problem(key, value):
            yield Problem(("managedNamespaceMetadata", "labels", key), problem)
    for key in metadata.get("annotations") or ():
        if problem := key_problem(key.lower()):
            yield Problem(("managedNamespaceMetadata", "annotations", key), problem)


def _zero(policy: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if says_nothing(policy):
        yield Problem((), "should be left out: Argo CD removes it, as it says nothing, and the parent puts it back")


def says_nothing(policy: Mapping[str, Any]) -> bool:
    """Whether Argo CD takes a syncPolicy for empty."""
    return not policy.get("syncOptions") and not any(
        part in policy for part in ("automated", "retry", "managedNamespaceMetadata")
    )


UNKNOWN_OPTION = Rule(
    "sync-option-unknown",
    "warning",
    part="syncPolicy",
    why="Argo CD compares sync options as whole texts and silently ignores what it does not know.",
    source="argo-cd pkg/apis/application/v1alpha1/types.go HasOption; docs/user-guide/sync-options.md",
    bad="spec: {syncPolicy: {syncOptions: [CreateNamespace=True]}}",
    good="spec: {syncPolicy: {syncOptions: [CreateNamespace=true, PrunePropagationPolicy=foreground]}}",
    check=_unknown_option,
)
RESOURCE_OPTION = Rule(
    "sync-option-of-resources",
    "warning",
    part="syncPolicy",
    why="Force is an option of single objects, by annotation; Argo CD ignores it among an Application's.",
    source="argo-cd docs/user-guide/sync-options.md",
    bad="spec: {syncPolicy: {syncOptions: [Force=true]}}",
    good="spec: {syncPolicy: {syncOptions: [Replace=true]}}",
    check=_resource_option,
)
NEW_OPTION = Rule(
    "sync-option-newer-than-argocd",
    "warning",
    part="syncPolicy",
    why="Argo CD before 3.4 ignores Prune and Delete among an Application's sync options, so nothing is protected.",
    source="argo-cd controller/sync.go (3.4 against 3.3)",
    bad="spec: {syncPolicy: {syncOptions: [Prune=confirm]}}",
    good="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {argocdVersion: "3.4"}
        ---
        spec: {syncPolicy: {syncOptions: [Prune=confirm]}}
        """,
    check=_new_option,
)
CONTRADICTING_OPTIONS = Rule(
    "sync-options-contradict",
    "warning",
    part="syncPolicy",
    why="Of sync options that contradict each other, Argo CD silently follows one.",
    source="argo-cd docs/user-guide/sync-options.md",
    bad="spec: {syncPolicy: {syncOptions: [Replace=true, ServerSideApply=true]}}",
    good="spec: {syncPolicy: {syncOptions: [Replace=false, ServerSideApply=true]}}",
    check=_contradicting_options,
)
RETRY_WITHOUT_LIMIT = Rule(
    "retry-without-limit",
    "warning",
    part="syncPolicy",
    why="A retry replaces Argo CD's default of 5 retries, and without a limit its own is 0.",
    source="argo-cd controller/appcontroller.go autoSync",
    bad="spec: {syncPolicy: {retry: {backoff: {duration: 10s}}}}",
    good="spec: {syncPolicy: {retry: {limit: 5, backoff: {duration: 10s}}}}",
    check=_retry_without_limit,
)
RETRY_DURATION = Rule(
    "retry-duration-invalid",
    "error",
    part="syncPolicy",
    why="Argo CD fails when it retries, as it cannot parse the duration.",
    source="argo-cd pkg/apis/application/v1alpha1/types.go parseStringToDuration",
    bad="spec: {syncPolicy: {retry: {limit: 5, backoff: {duration: 5 minutes}}}}",
    good="""spec: {syncPolicy: {retry: {limit: 5, backoff: {duration: "30", maxDuration: 1h30m}}}}""",
    check=_retry_duration,
)
UNUSED_NAMESPACE_METADATA = Rule(
    "managed-namespace-metadata-unused",
    "warning",
    part="syncPolicy",
    why="Argo CD silently ignores managedNamespaceMetadata where it does not create the namespace.",
    source="argo-cd docs/user-guide/sync-options.md",
    bad="spec: {syncPolicy: {managedNamespaceMetadata: {labels: {team: checkout}}}}",
    good="""
        spec:
          syncPolicy:
            syncOptions: [CreateNamespace=true]
            managedNamespaceMetadata: {labels: {team: checkout}}
        """,
    check=_unused_namespace_metadata,
)
NAMESPACE_METADATA = Rule(
    "managed-namespace-metadata-invalid",
    "error",
    part="syncPolicy",
    why="Kubernetes refuses the namespace with this metadata, so every sync fails.",
    source="Kubernetes, label syntax and character set",
    bad="""
        spec:
          syncPolicy:
            syncOptions: [CreateNamespace=true]
            managedNamespaceMetadata: {labels: {team: the checkout team}}
        """,
    good="""
        spec:
          syncPolicy:
            syncOptions: [CreateNamespace=true]
            managedNamespaceMetadata: {annotations: {team: the checkout team}}
        """,
    check=_namespace_metadata,
)
ZERO = Rule(
    "sync-policy-zero-value",
    "warning",
    part="syncPolicy",
    why="Argo CD's controller removes an empty syncPolicy from the live Application, which then differs for ever.",
    source="argo-cd util/argo/argo.go NormalizeApplicationSpec",
    bad="spec: {syncPolicy: {}}",
    good="spec: {syncPolicy: {automated: {}}}",
    check=_zero,
)
