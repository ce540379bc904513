"""Which rule of kloom stands for which verdict of Argo CD, and where the two differ on purpose.

Every rule is in exactly one of AGREEMENTS, RENDERED and NOT_ASKED; a test sees to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import normpath
from typing import Any, Literal

from argocd import Answer, Object, Verdicts, World

from kloom.argo.cluster_secrets import told_of
from kloom.argo.rules import RULES, Facts
from kloom.argo.rules.renderers import removed_renderers
from kloom.argo.rules.source import meant_scheme, repo_urls
from kloom.argo.rules.sync_policy import says_nothing
from kloom.argo.rules.walk import Walk


@dataclass(frozen=True)
class Agreement:
    """A rule finds something in an Application where Argo CD's verdict on `what` has a message with `message` in it."""

    what: str
    message: str = ""
    kloom_sees: Literal["all", "a part"] = "all"
    names_all: bool = False  # Argo CD tells it of every Application that has a part in it, kloom of the last one

    def says(self, verdicts: Verdicts) -> bool:
        """Whether Argo CD says it."""
        return any(re.search(self.message, message) for message in verdicts.get(self.what, ()))


AGREEMENTS: Mapping[str, Agreement] = {
    "name-invalid": Agreement("metadata", r"^metadata\.name:"),
    "name-longer-than-a-label": Agreement("tracking", "63"),
    "namespace-invalid": Agreement("metadata", r"^metadata\.namespace:"),
    "label-invalid": Agreement("metadata", r"^metadata\.labels:"),
    "annotation-invalid": Agreement("metadata", r"^metadata\.annotations:"),
    "finalizer-invalid": Agreement("metadata", r"^metadata\.finalizers"),
    "managed-by-url-invalid": Agreement("managedByURL", kloom_sees="a part"),
    "destination-two-addresses": Agreement("destination", "both name and server"),
    "destination-without-address": Agreement("destination", "missing from app spec"),
    "destination-cluster-unknown": Agreement("destination", "no clusters with this name|not found"),
    "destination-name-ambiguous": Agreement("destination", "clusters with the same name"),
    "destination-namespace-invalid": Agreement("destinationNamespace"),
    "source-missing": Agreement("noSource"),
    "source-without-repo": Agreement("repo"),
    "source-repo-scheme-misspelt": Agreement("scheme"),
    "source-repo-scheme-unknown": Agreement("scheme"),
    "source-without-location": Agreement("location"),
    "source-chart-without-revision": Agreement("revision"),
    "source-chart-floats": Agreement("floats", "^constraint"),
    "source-path-and-chart": Agreement("unusedPath"),
    "source-oci-and-chart": Agreement("unusedChart"),
    "source-path-outside": Agreement("path"),
    "source-two-renderers": Agreement("renderers"),
    "source-ref-invalid": Agreement("refs", "special characters"),
    "source-ref-twice": Agreement("refs", "same `ref`"),
    "source-ref-unknown": Agreement("valueFiles", "no source has|not one of"),
    "source-ref-to-chart": Agreement("valueFiles", "'chart' field"),
    "source-value-file-variable": Agreement("variable"),
    "source-zero-value": Agreement("normalized", r"^source\."),
    "sync-policy-zero-value": Agreement("normalized", "^syncPolicy"),
    "source-zero-dropped": Agreement("dropped", r"^source"),
    "destination-zero-dropped": Agreement("dropped", r"^destination\."),
    "sync-policy-zero-dropped": Agreement("dropped", r"^syncPolicy\."),
    "ignore-differences-zero-dropped": Agreement("dropped", "^ignoreDifferences"),
    "kustomize-replicas-concurrent": Agreement("concurrent"),
    "project-empty": Agreement("normalized", "^project"),
    "helm-values-twice": Agreement("unusedValues"),
    "helm-kube-version-invalid": Agreement("helmKubeVersion"),
    "helm-namespace-invalid": Agreement("helmNamespace"),
    "kustomize-kube-version-invalid": Agreement("kustomizeKubeVersion"),
    "kustomize-namespace-invalid": Agreement("kustomizeNamespace"),
    "kustomize-replicas-count": Agreement("replicas"),
    "kustomize-label-invalid": Agreement("commonLabels"),
    "hydrator-incomplete": Agreement("hydrator"),
    "hydrator-into-root": Agreement("hydration", "repository root"),
    "hydrator-path-outside": Agreement("hydratorPath"),
    "hydrator-destination-twice": Agreement("hydration", "same destination", names_all=True),
    "retry-duration-invalid": Agreement("retry"),
    "managed-namespace-metadata-invalid": Agreement("namespaceMetadata"),
    "ignore-differences-pointer": Agreement("pointer"),
    "ignore-differences-expression": Agreement("ignoreDifferences", kloom_sees="a part"),
    "sync-wave-invalid": Agreement("wave"),
    "finalizer-unknown": Agreement("finalizer", kloom_sees="a part"),
    "finalizers-contradict": Agreement("cascades"),
    "project-missing": Agreement("projectMissing"),
    "project-source-denied": Agreement("sourceDenied"),
    "project-destination-denied": Agreement("destinationDenied"),
    "project-namespace-denied": Agreement("namespaceDenied"),
    "project-denies-all": Agreement("project", "invalid format"),
    "project-entry-twice": Agreement("project", "already added"),
    "field-not-in-every-argocd": Agreement("unknownField"),
}
"""By rule: the verdict that it foretells."""

RENDERED = frozenset((
    "helm-kube-version-invalid",
    "helm-release-name-invalid",
    "helm-release-name-length",
    "helm-values-invalid",
    "kustomize-image-invalid",
    "kustomize-kube-version-invalid",
    "kustomize-patch-incomplete",
    "kustomize-replicas-count",
    "source-two-renderers",
))  # fmt: skip
"""Rules on what Argo CD cannot render: their bad examples are rendered, and so are their good ones."""

SPELT = frozenset((
    "annotation-misspelt",
    "annotation-value-unknown",
    "sync-option-of-resources",
    "sync-option-unknown",
    "sync-options-annotation-unknown",
))  # fmt: skip
"""Rules on texts that Argo CD compares with its own: these are looked up in its sources."""

NOT_ASKED: Mapping[str, str] = {
    "application-deployed-twice": "shows only in a cluster, as SharedResourceWarning",
    "application-twice": "shows only in a sync of the parent, as RepeatedResourceWarning",
    "destination-server-no-url": "a server is any text to Argo CD",
    "field-newer-than-argocd": "the oracle is one version; field-not-in-every-argocd is asked about",
    "helm-parameter-twice": "a map inside of helmTemplate, which tells nothing",
    "helm-version-ignored": "holds from a later version on",
    "hydrator-onto-dry-branch": "shows only in a repository",
    "ignore-differences-group": "groups of objects have no version, which Argo CD does not look at",
    "ignore-differences-nothing": "an entry that does nothing is no error",
    "ignore-unknown-rule": "kloom's own",
    "ignore-unused": "kloom's own",
    "ignore-without-reason": "kloom's own",
    "kustomize-version-unregistered": "the oracle has none registered",
    "managed-namespace-metadata-unused": "inside of syncAppState, which needs a cluster",
    "namespace-missing": "the parent's sync decides",
    "namespace-unwatched": "AppProjects that are elsewhere decide",
    "operation-in-manifest": "shows only in a cluster",
    "project-namespace-slash": "the oracle would crash, as Argo CD does",
    "retry-without-limit": "inside of autoSync, which needs a cluster",
    "source-kinds-together": "what is not used is no error",
    "source-name-twice": "inside of the API server's validateAndNormalizeApp, which needs one",
    "source-ref-outside-sources": "what is not used is no error",
    "status-in-manifest": "shows only in a cluster",
    "sync-option-newer-than-argocd": "holds between versions",
    "sync-options-contradict": "inside of syncAppState, which needs a cluster",
}
"""Rules that the oracle cannot be asked about, and why."""

ACCEPTED = frozenset((
    "unknownField", "finalizer", "cascades", "wave", "tracking", "normalized", "unusedPath", "unusedChart",
    "unusedValues", "floats", "variable", "pointer", "dropped", "concurrent",
))  # fmt: skip
"""Verdicts that keep no Application from working."""


@dataclass(frozen=True)
class Difference:
    """A rule and a verdict that do not say the same of an Application (or AppProject)."""

    rule: str
    found_by: Literal["kloom", "Argo CD"]
    manifest: Object
    message: str


@dataclass(frozen=True)
class Explained:
    """A difference that is meant: which rule, who alone finds something, in what, and why."""

    rule: str
    found_by: Literal["kloom", "Argo CD"]
    of: Callable[[Object], bool]
    why: str

    def explains(self, difference: Difference) -> bool:
        """Whether it is this one."""
        same = (self.rule, self.found_by) == (difference.rule, difference.found_by)
        return same and self.of(difference.manifest)


def _targets(application: Object) -> list[str]:
    return [part for part in ("syncSource", "hydrateTo") if part in application["spec"]["sourceHydrator"]]


def _pointers(application: Object) -> list[str]:
    entries = application["spec"]["ignoreDifferences"]
    return [pointer for entry in entries for pointer in entry.get("jsonPointers", ())]


def _misspells(application: Object) -> bool:
    return any(meant_scheme(url, is_chart=is_chart) for _, url, is_chart in repo_urls(application["spec"]))


def _urls(application: Object) -> list[str]:
    return [url for _, url, _ in repo_urls(application["spec"])]


EXPLAINED = (
    Explained(
        "destination-cluster-unknown", "Argo CD",
        lambda one: one["spec"]["destination"].get("server") == "https://kubernetes.default.svc/",
        "with its slash, Argo CD knows its own cluster only by a Secret, which there may be",
    ),
    Explained(
        "finalizer-invalid", "Argo CD",
        lambda one: {"orphan", "foregroundDeletion"} <= {*one["metadata"]["finalizers"]},
        "kloom looks at one finalizer at a time; these two are Kubernetes' own",
    ),
    Explained(
        "hydrator-destination-twice", "Argo CD",
        lambda one: "" in (one["spec"]["sourceHydrator"][part]["targetBranch"] for part in _targets(one)),
        "hydrator-incomplete says it",
    ),
    Explained(
        "hydrator-path-outside", "Argo CD",
        lambda one: normpath(one["spec"]["sourceHydrator"]["syncSource"]["path"]) in ("/", "//"),
        "hydrator-into-root says it",
    ),
    Explained(
        "ignore-differences-pointer", "kloom",
        lambda one: any("/" in pointer[1:] and pointer[0] != "/" for pointer in _pointers(one)),
        "Argo CD takes a/b for /b, which is not what it says",
    ),
    Explained(
        "project-destination-denied", "kloom",
        lambda one: not one["spec"]["destination"].get("namespace"),
        "to Argo CD's globs, ? matches an empty namespace",
    ),
    Explained(
        "source-repo-scheme-misspelt", "Argo CD",
        lambda one: not _misspells(one),
        "source-repo-scheme-unknown says it",
    ),
    Explained(
        "source-repo-scheme-misspelt", "kloom",
        lambda one: any(url.partition("://")[0] != url.partition("://")[0].lower() for url in _urls(one)),
        "Argo CD's library finds the revision by HTTPS://, and then Git, which is to fetch it, does not know that",
    ),
    Explained(
        "source-repo-scheme-misspelt", "kloom",
        lambda one: any(meant_scheme(url) and "://" not in url for url in _urls(one)),
        "https:/a/b is a host of that name to Git, and a registry to Helm; https//a/b is a folder or a registry",
    ),
    Explained(
        "source-repo-scheme-unknown", "kloom",
        lambda one: any(url.startswith("file:///") for url in _urls(one)),
        "for a chart, Argo CD takes a URL without a host for a registry's name, and Helm finds no such registry",
    ),
    Explained(
        "source-repo-scheme-unknown", "Argo CD",
        _misspells,
        "source-repo-scheme-misspelt says it",
    ),
    Explained(
        "source-zero-dropped", "Argo CD",
        lambda one: bool(removed_renderers(one["spec"])),
        "source-zero-value says it",
    ),
    Explained(
        "source-zero-dropped", "Argo CD",
        lambda one: (
            one["spec"].get("sources") == [] or len({"source", "sources", "sourceHydrator"} & one["spec"].keys()) > 1
        ),
        "what is not used is left out of the comparison",
    ),
    Explained(
        "sync-policy-zero-dropped", "Argo CD",
        lambda one: says_nothing(one["spec"]["syncPolicy"]),
        "sync-policy-zero-value says it",
    ),
    Explained(
        "source-zero-value", "Argo CD",
        lambda one: bool(one["spec"].get("sourceHydrator")),
        "source-kinds-together says that the source is of no use",
    ),
)  # fmt: skip


def differences(world: World, answer: Answer) -> Iterator[Difference]:
    """Where kloom's rules and Argo CD do not say the same, and none of EXPLAINED tells why."""
    found: dict[tuple[int, str], str] = {}
    facts = Facts(
        projects=world.projects,
        clusters=world.clusters,
        argocd_namespace=world.namespace,
        cluster_secrets=told_of(world.secrets),
    )
    for finding in Walk(RULES, facts).over(world.applications):  # ignores count for nothing here
        if _is_unused(finding.path, finding.application):
            continue  # Argo CD looks only at what it uses, while kloom tells what is wrong with the rest as well
        found.setdefault((id(finding.application), finding.rule.id), finding.text)
    rules_broken = {rule for _, rule in found}
    judged = [*zip(world.applications, answer.applications, strict=True)]
    judged += zip(world.projects or (), answer.projects, strict=True)
    for manifest, verdicts in judged:
        for difference in _between(manifest, found, verdicts):
            if AGREEMENTS[difference.rule].names_all and difference.rule in rules_broken:
                continue
            if not any(known.explains(difference) for known in EXPLAINED):
                yield difference


def _is_unused(path: tuple[str | int, ...], manifest: Mapping[str, Any]) -> bool:
    spec = manifest.get("spec", {})
    used = next((kind for kind in ("sourceHydrator", "sources", "source") if spec.get(kind)), None)
    return path[:1] == ("spec",) and path[1:2] in (("sources",), ("source",)) and path[1] != used


def _between(manifest: Object, found: Mapping[tuple[int, str], str], verdicts: Verdicts) -> Iterator[Difference]:
    for rule, agreement in AGREEMENTS.items():
        message = found.get((id(manifest), rule))
        said = verdicts.get(agreement.what, [])
        if message is not None and not said:  # where several are wrong, Argo CD stops at the first
            yield Difference(rule, "kloom", manifest, message)
        if message is None and agreement.says(verdicts) and agreement.kloom_sees == "all":
            yield Difference(rule, "Argo CD", manifest, f"{agreement.what}: {'; '.join(said)}")
