"""What a rule is, what it knows of the world, and what it finds."""

from __future__ import annotations

from kloom.rule_record import RuleRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, Literal

    from kloom.sdk.result import Severity

    Path = tuple[str | int, ...]
    Part = Literal[
        "applications",
        "application",
        "appProjects",
        "name",
        "namespace",
        "operation",
        "status",
        "labels",
        "annotations",
        "finalizers",
        "project",
        "spec",
        "destination",
        "sources",
        "source",
        "helm",
        "kustomize",
        "directory",
        "plugin",
        "sourceHydrator",
        "syncPolicy",
        "ignoreDifferences",
    ]
    """What a rule looks at.

    A part of an Application, by the name of its field; `source` is any one source, and helm to plugin are inside any
    source or drySource. Of the `spec` a rule must look at nothing but source, sources and sourceHydrator: Applications
    that share these are checked once. What needs more gets the list of all Applications: `application` for what is
    wrong with one by itself, `applications` for what is wrong between them. `appProjects` gets those of the facts.
    """


class Problem:
    """What a rule finds: where, from the part that it looked at, and what must hold.

    A rule that gets a list says which object of it it means.
    """

    __slots__ = ("application", "message", "path")

    def __init__(self, path: Path, message: str, application: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self.message = message
        self.application = application


class Rule(RuleRecord):
    """One thing that must hold, as data: `check(part, facts)` yields what is wrong in the part.

    why: what Argo CD does otherwise. bad and good: manifests. needs: fields of specs and sources of which there must be
    one for the rule to find anything; where no Application has any, the rule is not asked.
    """

    __slots__ = ("check", "needs", "part")

    def __init__(  # noqa: PLR0913  # the fields of a record, all by name
        self,
        name: str,
        severity: Severity,
        *,
        part: Part,
        why: str,
        source: str,
        bad: str,
        good: str,
        check: Callable[[Any, Facts], Iterable[Problem]],
        needs: Sequence[str] = (),
    ) -> None:
        super().__init__(name, severity, why=why, source=source, bad=bad, good=good)
        self.part = part
        self.check = check
        self.needs = needs


class ClusterSecret:
    """What a Secret tells Argo CD of a cluster; what it does not say is empty.

    place: the folder that the Secret stands in (empty in a build) and its namespace. secret: its own name.
    """

    __slots__ = ("name", "place", "project", "secret", "server")

    def __init__(self, *, name: str, server: str, project: str, secret: str, place: tuple[str, str]) -> None:
        self.name = name
        self.server = server
        self.project = project
        self.secret = secret
        self.place = place


class Facts:
    """What is known beside the Applications; what is not said is None, and then not held against them.

    clusters: the servers of an inventory's clusters by name (None for one whose server it does not tell).
    projects: the AppProjects that the Applications may name. argocd_version: the minor version as (3, 3).
    argocd_namespace: where Argo CD itself runs. kustomize_versions: the names of those that are registered with it.
    cluster_secrets: what cluster Secrets tell of clusters.
    """

    __slots__ = ("argocd_namespace", "argocd_version", "cluster_secrets", "clusters", "kustomize_versions", "projects")

    def __init__(  # noqa: PLR0913  # the fields of a record, all by name
        self,
        *,
        clusters: Mapping[str, str | None] | None = None,
        projects: Sequence[Mapping[str, Any]] | None = None,
        argocd_version: tuple[int, int] | None = None,
        argocd_namespace: str | None = None,
        kustomize_versions: Sequence[str] | None = None,
        cluster_secrets: Sequence[ClusterSecret] = (),
    ) -> None:
        self.clusters = clusters
        self.projects = projects
        self.argocd_version = argocd_version
        self.argocd_namespace = argocd_namespace
        self.kustomize_versions = kustomize_versions
        self.cluster_secrets = cluster_secrets


class Finding:
    """A problem of one Application (or AppProject), the rule that found it, and where in the Application it is."""

    __slots__ = ("application", "message", "path", "rule")

    def __init__(self, application: Mapping[str, Any], rule: Rule, path: Path, message: str) -> None:
        self.application = application
        self.rule = rule
        self.path = path
        self.message = message

    @property
    def text(self) -> str:
        """The message, and by which rule, so that its reader can look that up, or ignore it."""
        return f"{self.message} [{self.rule.id}]"
