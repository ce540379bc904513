"""Rules on an Application's metadata: its names, labels, annotations and finalizers; and what is not for manifests."""

from __future__ import annotations

from kloom.argo.names import name_problem, namespace_problem
from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.sync_policy import RESOURCE_OPTIONS, option_problem
from kloom.argo.rules.syntax import MAX_LABEL, is_integer, key_problem, label_problem
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts

MAX_ANNOTATIONS = 256 * 1024
PREFIX = "argocd.argoproj.io/"
SYNC_WAVE = f"{PREFIX}sync-wave"
SYNC_OPTIONS = f"{PREFIX}sync-options"
MANAGED_BY_URL = f"{PREFIX}managed-by-url"

_HOOKS = ("PreSync", "Sync", "PostSync", "SyncFail", "Skip", "PreDelete", "PostDelete")
_VALUES: Mapping[str, tuple[str, ...]] = {
    f"{PREFIX}compare-options": (
        "IgnoreExtraneous",
        "IncludeMutationWebhook=true",
        "ServerSideDiff=true",
        "ServerSideDiff=false",
    ),
    f"{PREFIX}hook": _HOOKS,
    f"{PREFIX}hook-delete-policy": ("HookSucceeded", "HookFailed", "BeforeHookCreation", "Never"),
    f"{PREFIX}refresh": ("normal", "hard"),
    f"{PREFIX}skip-reconcile": ("true", "false"),
}
"""Annotations of which Argo CD knows every value; several values stand between commas."""
_KEYS = (
    *_VALUES,
    SYNC_WAVE,
    SYNC_OPTIONS,
    MANAGED_BY_URL,
    *(
        f"{PREFIX}{name}"
        for name in (
            "application-set-refresh",
            "client-side-apply-migration-manager",
            "deletion-approved",
            "hydrate",
            "ignore-default-links",
            "ignore-healthcheck",
            "ignore-resource-updates",
            "ignore-restart-policy",
            "installation-id",
            "manifest-generate-paths",
            "tracking-id",
        )
    ),
)
_CASCADE = "resources-finalizer.argocd.argoproj.io"
_CASCADES = (_CASCADE, f"{_CASCADE}/foreground", f"{_CASCADE}/background")
_OF_CONTROLLER = ("pre-delete-finalizer.argocd.argoproj.io", "post-delete-finalizer.argocd.argoproj.io")


def _bad_name(name: str | None, _facts: Facts) -> Iterator[Problem]:
    if not name:
        yield Problem((), "must not be empty")
    elif problem := name_problem(name):
        yield Problem((), problem)


def _long_name(applications: Sequence[Mapping[str, Any]], facts: Facts) -> Iterator[Problem]:
    home = facts.argocd_namespace
    for application in applications:
        metadata = application["metadata"]
        name, namespace = metadata.get("name") or "", metadata.get("namespace")
        size, of_both = len(name), ""
        if home and namespace and namespace != home:
            size, of_both = len(f"{namespace}_{name}"), f", as {namespace}_{name} outside of the namespace {home}"
        if size > MAX_LABEL:
            label = "as the label that Argo CD may track by"
            message = f"should have at most {MAX_LABEL} characters, {label}, was {size}{of_both}"
            yield Problem(("metadata", "name"), message, application)


def _bad_namespace(namespace: str | None, _facts: Facts) -> Iterator[Problem]:
    if namespace and (problem := namespace_problem(namespace)):
        yield Problem((), problem)


def _no_namespace(namespace: str | None, _facts: Facts) -> Iterator[Problem]:
    if not namespace:
        yield Problem((), "should be said: without, it is whichever one the Application is applied to")


def _bad_labels(labels: Mapping[str, str], _facts: Facts) -> Iterator[Problem]:
    for key, value in labels.items():
        if problem := label_problem(key, value):
            yield Problem((key,), problem)


def _bad_annotations(annotations: Mapping[str, str], _facts: Facts) -> Iterator[Problem]:
    size = 0
    for key, value in annotations.items():
        size += len(key.encode()) + len(value.encode())
        if problem := key_problem(key.lower()):
            yield Problem((key,), problem)
    if size > MAX_ANNOTATIONS:
        yield Problem((), f"must be at most {MAX_ANNOTATIONS} bytes together, were {size}")


def _sync_wave(annotations: Mapping[str, str], _facts: Facts) -> Iterator[Problem]:
    wave = annotations.get(SYNC_WAVE)
    if wave is not None and not is_integer(wave):
        yield Problem((SYNC_WAVE,), f"should be a whole number, was {wave or 'empty'}, which Argo CD takes for 0")


def _sync_options(annotations: Mapping[str, str], _facts: Facts) -> Iterator[Problem]:
    for option in (annotations.get(SYNC_OPTIONS) or "").split(","):
        if option.strip() and (problem := option_problem(option.strip(), RESOURCE_OPTIONS)):
            yield Problem((SYNC_OPTIONS,), f"{problem}, so Argo CD ignores it")


def _unknown_value(annotations: Mapping[str, str], _facts: Facts) -> Iterator[Problem]:
    for key, known in _VALUES.items():
        for value in (annotations.get(key) or "").split(","):
            if value.strip() and value.strip() not in known:
                hint = did_you_mean(value.strip(), known)
                yield Problem((key,), f"should be {' or '.join(known)}, was {value.strip()}{hint}")


def _misspelt_key(annotations: Mapping[str, str], _facts: Facts) -> Iterator[Problem]:
    for key in annotations:
        if key.startswith(PREFIX) and key not in _KEYS and (hint := did_you_mean(key, _KEYS)):
            yield Problem((key,), f"should be an annotation that Argo CD knows{hint}")


def _managed_by_url(annotations: Mapping[str, str], _facts: Facts) -> Iterator[Problem]:
    url = annotations.get(MANAGED_BY_URL)
    if url and not url.lower().startswith(("http:", "https:")):
        yield Problem((MANAGED_BY_URL,), f"must be an http or https URL, was {url}")


def _bad_finalizers(finalizers: Sequence[str], _facts: Facts) -> Iterator[Problem]:
    for at, finalizer in enumerate(finalizers):
        if problem := key_problem(finalizer):
            yield Problem((at,), problem.replace("the key", "the finalizer"))


def _unknown_finalizer(finalizers: Sequence[str], _facts: Facts) -> Iterator[Problem]:
    for at, finalizer in enumerate(finalizers):
        if finalizer.startswith(_OF_CONTROLLER):
            yield Problem((at,), f"should be left to Argo CD, which sets and removes {finalizer} itself")
        elif (
            finalizer not in _CASCADES and ("argo" in finalizer or "/" not in finalizer) and not key_problem(finalizer)
        ):
            hint = did_you_mean(finalizer, _CASCADES)
            yield Problem((at,), f"should be {' or '.join(_CASCADES)}, was {finalizer}, which nobody removes{hint}")


def _two_cascades(finalizers: Sequence[str], _facts: Facts) -> Iterator[Problem]:
    said = [finalizer for finalizer in finalizers if finalizer in _CASCADES]
    if len(set(said)) > 1:
        yield Problem((), f"{' and '.join(said)} should not stand together: they ask for different ways to delete")


def _operation(_operation: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    yield Problem((), "should not stand in a manifest: Argo CD starts it, at each sync of the parent again")


def _status(_status: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    yield Problem((), "should not stand in a manifest: Argo CD writes it")


BAD_NAME = Rule(
    "name-invalid",
    "error",
    part="name",
    why="Kubernetes refuses the name.",
    source="Kubernetes, DNS subdomain names (RFC 1123); argo-cd util/argo/argo.go IsValidAppName",
    bad="metadata: {name: Cart_Dev}",
    good="metadata: {name: cart-dev}",
    check=_bad_name,
)
LONG_NAME = Rule(
    "name-longer-than-a-label",
    "warning",
    part="application",
    why="An Argo CD that tracks by label cannot sync an Application of a longer name, and one that tracks by both "
    "annotation and label cuts it. Outside of Argo CD's own namespace, where argocdNamespace declares that, the name "
    "counts with the namespace before it.",
    source="argo-cd#5595, argo-cd#10843; docs/user-guide/resource_tracking.md; types.go InstanceName",
    bad="metadata: {name: a-service-with-quite-a-long-name-of-all-things-production-cluster-east-1}",
    good="metadata: {name: a-service-with-quite-a-long-name-of-all-things}",
    check=_long_name,
)
BAD_NAMESPACE = Rule(
    "namespace-invalid",
    "error",
    part="namespace",
    why="Kubernetes refuses the namespace.",
    source="Kubernetes, DNS label names (RFC 1123)",
    bad="metadata: {name: cart, namespace: Argo_CD}",
    good="metadata: {name: cart, namespace: argo-cd}",
    check=_bad_namespace,
)
NO_NAMESPACE = Rule(
    "namespace-missing",
    "warning",
    part="namespace",
    why="An Application without a namespace lands in its parent's destination namespace, where Argo CD may not look.",
    source="argo-cd docs/operator-manual/cluster-bootstrapping.md",
    bad="metadata: {name: cart, namespace: null}",
    good="metadata: {name: cart, namespace: argocd}",
    check=_no_namespace,
)
BAD_LABELS = Rule(
    "label-invalid",
    "error",
    part="labels",
    why="Kubernetes refuses an Application with such a label.",
    source="Kubernetes, label syntax and character set",
    bad="metadata: {labels: {team: the checkout team}}",
    good="metadata: {labels: {example.com/team: checkout_2.0}}",
    check=_bad_labels,
)
BAD_ANNOTATIONS = Rule(
    "annotation-invalid",
    "error",
    part="annotations",
    why="Kubernetes refuses an Application with such an annotation, or with more than 256 KiB of them.",
    source="Kubernetes, annotation syntax and character set",
    bad="metadata: {annotations: {the team: checkout}}",
    good="metadata: {annotations: {example.com/Team: the checkout team}}",
    check=_bad_annotations,
)
BAD_SYNC_WAVE = Rule(
    "sync-wave-invalid",
    "warning",
    part="annotations",
    why="Argo CD silently takes a sync wave that is no whole number for 0.",
    source="argo-cd gitops-engine/pkg/sync/syncwaves",
    bad="metadata: {annotations: {argocd.argoproj.io/sync-wave: first}}",
    good="""metadata: {annotations: {argocd.argoproj.io/sync-wave: "-1"}}""",
    check=_sync_wave,
)
BAD_SYNC_OPTIONS = Rule(
    "sync-options-annotation-unknown",
    "warning",
    part="annotations",
    why="Argo CD silently ignores sync options in an annotation that it does not know there.",
    source="argo-cd gitops-engine/pkg/sync/common/types.go; docs/user-guide/sync-options.md",
    bad="""metadata: {annotations: {argocd.argoproj.io/sync-options: "Prune=confirmed,Delete=confirm"}}""",
    good="""metadata: {annotations: {argocd.argoproj.io/sync-options: "Prune=confirm,Delete=confirm"}}""",
    check=_sync_options,
)
UNKNOWN_VALUE = Rule(
    "annotation-value-unknown",
    "warning",
    part="annotations",
    why="Argo CD silently ignores values of its annotations that it does not know.",
    source="argo-cd docs/user-guide/annotations-and-labels.md",
    bad="metadata: {annotations: {argocd.argoproj.io/compare-options: IgnoreExtranous}}",
    good="""metadata: {annotations: {argocd.argoproj.io/compare-options: "IgnoreExtraneous,ServerSideDiff=true"}}""",
    check=_unknown_value,
)
MISSPELT_KEY = Rule(
    "annotation-misspelt",
    "warning",
    part="annotations",
    why="Argo CD silently ignores annotations that it does not know.",
    source="argo-cd docs/user-guide/annotations-and-labels.md",
    bad="""metadata: {annotations: {argocd.argoproj.io/syncwave: "1"}}""",
    good="""metadata: {annotations: {argocd.argoproj.io/sync-wave: "1", link.argocd.argoproj.io/docs: "https://example.com"}}""",
    check=_misspelt_key,
)
BAD_MANAGED_BY_URL = Rule(
    "managed-by-url-invalid",
    "error",
    part="annotations",
    why="Argo CD's API refuses a managed-by-url that is no http or https URL.",
    source="argo-cd util/argo/argo.go ValidateManagedByURL",
    bad="metadata: {annotations: {argocd.argoproj.io/managed-by-url: argocd.example.com}}",
    good="""metadata: {annotations: {argocd.argoproj.io/managed-by-url: "https://argocd.example.com"}}""",
    check=_managed_by_url,
)
BAD_FINALIZERS = Rule(
    "finalizer-invalid",
    "error",
    part="finalizers",
    why="Kubernetes refuses an Application with such a finalizer.",
    source="Kubernetes, apimachinery ValidateFinalizerName",
    bad="metadata: {finalizers: [delete the resources]}",
    good="metadata: {finalizers: [example.com/audit]}",
    check=_bad_finalizers,
)
UNKNOWN_FINALIZER = Rule(
    "finalizer-unknown",
    "warning",
    part="finalizers",
    why="A finalizer that nobody removes keeps the Application from ever being deleted.",
    source="argo-cd pkg/apis/application/v1alpha1/application_defaults.go; docs/user-guide/app_deletion.md",
    bad="metadata: {finalizers: [resource-finalizer.argocd.argoproj.io]}",
    good="metadata: {finalizers: [resources-finalizer.argocd.argoproj.io/background]}",
    check=_unknown_finalizer,
)
TWO_CASCADES = Rule(
    "finalizers-contradict",
    "warning",
    part="finalizers",
    why="Of finalizers that ask for different ways to delete, Argo CD follows one.",
    source="argo-cd docs/user-guide/app_deletion.md",
    bad="""
        metadata:
          finalizers:
          - resources-finalizer.argocd.argoproj.io/foreground
          - resources-finalizer.argocd.argoproj.io/background
        """,
    good="metadata: {finalizers: [resources-finalizer.argocd.argoproj.io]}",
    check=_two_cascades,
)
OPERATION = Rule(
    "operation-in-manifest",
    "warning",
    part="operation",
    why="Argo CD starts an operation that stands in a manifest, over and over.",
    source="argo-cd controller/appcontroller.go processRequestedAppOperation",
    bad="operation: {sync: {revision: main}}",
    good="spec: {syncPolicy: {automated: {}}}",
    check=_operation,
)
STATUS = Rule(
    "status-in-manifest",
    "warning",
    part="status",
    why="The status is Argo CD's to write; what a manifest says is overwritten, and differs from Git meanwhile.",
    source="argo-cd docs/operator-manual/declarative-setup.md",
    bad="status: {sync: {status: Synced}}",
    good="metadata: {name: cart}",
    check=_status,
)
