"""Rules on AppProjects, and on what they permit their Applications; checked where AppProjects are given."""

from __future__ import annotations

from kloom.argo.rules import globs
from kloom.argo.rules.destination import IN_CLUSTER, IN_CLUSTER_SERVER
from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.syntax import sources_of
from kloom.sdk.patterns import pattern
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts, Path

    Object = Mapping[str, Any]
    Found = list[tuple[Path, str]]

DEFAULT = "default"
"""The AppProject that every Argo CD has."""
_SSH = pattern(r"(ssh://)?([^/:]*?)@[^@]+")
_REMEMBERED = 1_000
_ALL_DENIED = "!*"
_QUOTED = {ord(sign): f"%{ord(sign):02X}" for sign in ' "<>\\^`{|}'}
"""As Go writes URLs: {a,b} and \\* of a pattern in sourceRepos match nothing, as they become %7Ba,b%7D and %5C*."""


_normalized: dict[str, str] = {}


def normalized_url(url: str) -> str:
    """A repository's URL as Argo CD compares it: lower case, without .git and ssh://, host:path as host/path."""
    normalized = _normalized.get(url)
    if normalized is None:
        if len(_normalized) > _REMEMBERED:
            _normalized.clear()
        normalized = _normalized[url] = _normalize(url)
    return normalized


def _normalize(url: str) -> str:
    url = url.strip().lower()
    if _SSH.fullmatch(url) and not url.startswith("ssh://"):
        url = url.replace(":", "/", 1)
    return url.removesuffix(".git").removeprefix("ssh://").translate(_QUOTED)


def is_source_permitted(project: Object, url: str) -> bool:
    """Whether the project's sourceRepos permit a repository."""
    url = normalized_url(url)
    permitted = False
    for entry in (project.get("spec") or {}).get("sourceRepos") or ():
        denial = globs.is_denial(entry)
        normalized = ("!" if denial else "") + normalized_url(entry.removeprefix("!"))
        if globs.permits(normalized, url, "/"):
            permitted = True
        elif denial:
            return False
    return permitted


def is_destination_permitted(project: Object, server: str | None, name: str | None, namespace: str) -> bool:
    """Whether the project's destinations permit a namespace of a cluster.

    Argo CD knows both the server and the name of a cluster. Where we know one of them, an entry that asks for the
    other may match or not, and the answer is yes if it can be.
    """
    entries = (project.get("spec") or {}).get("destinations") or ()
    permitted = False
    for entry in entries:
        by_name, by_server = (
            _address_permitted(entry.get(field) or "", address)
            for field, address in (("name", name), ("server", server))
        )
        in_namespace = globs.permits(entry.get("namespace") or "", namespace)
        if by_name is None or by_server is None:
            permitted = True  # it cannot be told
        elif (by_name or by_server) and in_namespace:
            permitted = True
        elif (
            (not by_name and globs.is_denial(entry.get("name") or ""))
            or (not by_server and globs.is_denial(entry.get("server") or "") and in_namespace)
            or (not in_namespace and globs.is_denial(entry.get("namespace") or "") and by_server)
        ):
            return False
    return permitted


def _address_permitted(pattern: str, address: str | None) -> bool | None:
    """Whether a pattern takes a server or a cluster's name; None where the address is not known and would matter."""
    if address is None:
        return pattern == "*" if pattern in ("", "*") else None
    return globs.permits(pattern, address)


def _empty(project: str | None, _facts: Facts) -> Iterator[Problem]:
    if not project:
        yield Problem((), "should be named, were it default: Argo CD puts that in, and the parent takes it out")


def _missing(applications: Sequence[Object], facts: Facts) -> Iterator[Problem]:
    if facts.projects is None:
        return
    known = {*_by_name(facts), DEFAULT}
    for application in applications:
        name = application["spec"].get("project") or DEFAULT
        if name not in known:
            hint = did_you_mean(name, known)
            message = f"should be one of the AppProjects here ({', '.join(sorted(known))}), was {name}{hint}"
            yield Problem(("spec", "project"), message, application)


def _source_denied(applications: Sequence[Object], facts: Facts) -> Iterator[Problem]:
    def shared(spec: Object) -> tuple[int, ...]:
        return id(spec.get("source")), id(spec.get("sources")), id(spec.get("sourceHydrator"))

    return _denied(applications, facts, shared, _denied_sources)


def _destination_denied(applications: Sequence[Object], facts: Facts) -> Iterator[Problem]:
    return _denied(applications, facts, lambda spec: (id(spec.get("destination")),), _denied_destinations)


def _denied(
    applications: Sequence[Object],
    facts: Facts,
    shared: Callable[[Object], tuple[int, ...]],
    check: Callable[[Object, Object, Facts], Iterator[tuple[Path, str]]],
) -> Iterator[Problem]:
    """What projects do not permit their Applications, each project and each set of shared parts looked at once."""
    projects = _by_name(facts)
    known: dict[tuple[Any, ...], Found] = {}
    for application in applications if projects else ():
        spec = application["spec"]
        project = projects.get(spec.get("project") or DEFAULT)
        if project is None:
            continue
        key = (id(project), *shared(spec))
        found = known.get(key)
        if found is None:
            found = known[key] = list(check(project, spec, facts))
        for path, message in found:
            yield Problem(("spec", *path), message, application)


def _denied_sources(project: Object, spec: Object, _facts: Facts) -> Iterator[tuple[Path, str]]:
    found = [((*path, "repoURL"), source.get("repoURL")) for path, source in sources_of(spec)]
    if hydrator := spec.get("sourceHydrator"):
        found.append((("sourceHydrator", "syncSource", "repoURL"), (hydrator.get("syncSource") or {}).get("repoURL")))
    for path, url in found:
        if url and not is_source_permitted(project, url):
            permitted = _quoted((project.get("spec") or {}).get("sourceRepos"))
            yield path, f"must be a source that the project {_name(project)} permits ({permitted}), was {url}"


def _denied_destinations(project: Object, spec: Object, facts: Facts) -> Iterator[tuple[Path, str]]:
    destination = spec.get("destination") or {}
    names, server = _address(destination, facts)
    namespace = destination.get("namespace") or ""
    if (server or names != [None]) and not any(
        is_destination_permitted(project, server, name, namespace) for name in names
    ):
        permitted = _quoted(
            f"{entry.get('name') or entry.get('server') or '-'} {entry.get('namespace') or '-'}"
            for entry in (project.get("spec") or {}).get("destinations") or ()
        )
        where = f"{destination.get('name') or server} {namespace or '(no namespace)'}"
        yield (
            ("destination",),
            f"must be a destination that the project {_name(project)} permits ({permitted}), was {where}",
        )
    elif (project.get("spec") or {}).get("permitOnlyProjectScopedClusters"):
        known = [one for one in facts.cluster_secrets if one.name in names or (server and one.server == server)]
        if known and all(one.project != _name(project) for one in known):
            owners = ", ".join(sorted({one.project or "no project" for one in known}))
            message = (
                f"must be a cluster that its Secret assigns to the project {_name(project)}, was assigned to {owners}"
            )
            yield ("destination",), message


def _address(destination: Object, facts: Facts) -> tuple[list[str | None], str | None]:
    """Names and server of the cluster, as far as they are known: one name or, by a server, each that it may have.

    An inventory may call it otherwise than its Secret does, which is in lower case where Cluster API has made it.
    """
    clusters = {IN_CLUSTER: IN_CLUSTER_SERVER, **(facts.clusters or {})}
    name = destination.get("name")
    if name:
        return [name], (clusters.get(name) or "").rstrip("/") or None
    server = (destination.get("server") or "").rstrip("/")
    found = [cluster for cluster, known in clusters.items() if server and (known or "").rstrip("/") == server]
    return [*dict.fromkeys([*found, *map(str.lower, found)])] or [None], server


def _namespace_denied(applications: Sequence[Object], facts: Facts) -> Iterator[Problem]:
    projects = _by_name(facts)
    for application in applications if projects else ():
        project = projects.get(application["spec"].get("project") or DEFAULT)
        namespace = application["metadata"].get("namespace")
        home = facts.argocd_namespace or ((project or {}).get("metadata") or {}).get("namespace")
        if project is None or not namespace or not home or namespace == home:
            continue
        permitted = (project.get("spec") or {}).get("sourceNamespaces") or ()
        if not globs.matches_any(permitted, namespace):
            yield Problem(
                ("metadata", "namespace"),
                f"must be {home} or a namespace that the project {_name(project)} permits its Applications "
                f"({_quoted(permitted)}), was {namespace}",
                application,
            )


def _namespace_unwatched(applications: Sequence[Object], facts: Facts) -> Iterator[Problem]:
    """Where no AppProject is known: those that are known permit a namespace or do not."""
    home = facts.argocd_namespace
    for application in applications if home and facts.projects is None else ():
        namespace = application["metadata"].get("namespace")
        if namespace and namespace != home:
            message = f"should be {home}, or one that an AppProject permits, and none is here, was {namespace}"
            yield Problem(("metadata", "namespace"), message, application)


def _denies_all(projects: Sequence[Object], _facts: Facts) -> Iterator[Problem]:
    for project in projects:
        for path, entry in _entries(project):
            if entry == _ALL_DENIED:
                yield Problem(path, "must not be !*, which Argo CD refuses", project)


def _slash(projects: Sequence[Object], _facts: Facts) -> Iterator[Problem]:
    for project in projects:
        for at, entry in enumerate((project.get("spec") or {}).get("sourceNamespaces") or ()):
            if entry == "/":
                message = "must be a name, a glob or a /regular expression/, was /: Argo CD crashes at it"
                yield Problem(("spec", "sourceNamespaces", at), message, project)


def _entry_twice(projects: Sequence[Object], _facts: Facts) -> Iterator[Problem]:
    for project in projects:
        spec = project.get("spec") or {}
        for field in ("sourceRepos", "sourceNamespaces", "destinations"):
            seen: list[Any] = []
            for at, entry in enumerate(spec.get(field) or ()):
                key = _key_of(entry) if isinstance(entry, dict) else entry
                if key in seen:
                    yield Problem(("spec", field, at), "must not be there twice, which Argo CD refuses", project)
                seen.append(key)


def _key_of(destination: Object) -> tuple[str, str]:
    return destination.get("server") or destination.get("name") or "", destination.get("namespace") or ""


def _entries(project: Object) -> Iterator[tuple[Path, Any]]:
    spec = project.get("spec") or {}
    for at, repo in enumerate(spec.get("sourceRepos") or ()):
        yield ("spec", "sourceRepos", at), repo
    for at, destination in enumerate(spec.get("destinations") or ()):
        for field in ("name", "server", "namespace"):
            yield ("spec", "destinations", at, field), destination.get(field)


def _by_name(facts: Facts) -> dict[str, Object]:
    return {_name(project): project for project in facts.projects or ()}


def _name(project: Object) -> str:
    return (project.get("metadata") or {}).get("name") or ""


def _quoted(patterns: Any) -> str:
    return ", ".join(patterns or ()) or "nothing"


_PROJECT = """
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec:
          sourceRepos: ["https://git.example.com/*", "!https://git.example.com/secret*"]
          destinations:
          - {server: "https://10.0.0.*", namespace: "shop-*"}
          - {server: "*", namespace: "!shop-prod"}
        ---
        """
EMPTY = Rule(
    "project-empty",
    "warning",
    part="project",
    why="Argo CD's controller names the default project in the live Application, which then differs from Git for ever.",
    source="argo-cd util/argo/argo.go NormalizeApplicationSpec",
    bad="""spec: {project: ""}""",
    good="spec: {project: default}",
    check=_empty,
)
MISSING = Rule(
    "project-missing",
    "warning",
    part="application",
    why="Argo CD refuses an Application whose AppProject does not exist; the AppProjects here may not be all of them.",
    source="argo-cd controller/appcontroller.go refreshAppConditions",
    bad=f"{_PROJECT}spec: {{project: shopp}}",
    good=f"{_PROJECT}spec: {{project: default}}",
    check=_missing,
)
SOURCE_DENIED = Rule(
    "project-source-denied",
    "error",
    part="application",
    why="Argo CD refuses a repository that the AppProject does not permit (a repository Secret of the project may "
    "permit it too: then ignore this, and say so).",
    source="argo-cd pkg/apis/application/v1alpha1/app_project_types.go IsSourcePermitted",
    bad=f"""{_PROJECT}spec:
          project: shop
          source: {{repoURL: https://git.example.com/secret.git, path: deploy}}
          destination: {{server: https://10.0.0.10, namespace: shop-dev}}
        """,
    good=f"""{_PROJECT}spec:
          project: shop
          source: {{repoURL: https://git.example.com/shop.git, path: deploy}}
          destination: {{server: https://10.0.0.10, namespace: shop-dev}}
        """,
    check=_source_denied,
)
DESTINATION_DENIED = Rule(
    "project-destination-denied",
    "error",
    part="application",
    why="Argo CD refuses a destination that the AppProject does not permit (a cluster Secret of the project may "
    "permit it too: then ignore this, and say so).",
    source="argo-cd pkg/apis/application/v1alpha1/app_project_types.go IsDestinationPermitted (also for "
    "permitOnlyProjectScopedClusters, where the clusters' Secrets are given)",
    bad=f"""{_PROJECT}spec:
          project: shop
          source: {{repoURL: https://git.example.com/shop.git, path: deploy}}
          destination: {{server: https://10.0.0.10, namespace: shop-prod}}
        """,
    good=f"""{_PROJECT}spec:
          project: shop
          source: {{repoURL: https://git.example.com/shop.git, path: deploy}}
          destination: {{server: https://10.0.0.10, namespace: shop-test}}
        """,
    check=_destination_denied,
)
NAMESPACE_DENIED = Rule(
    "project-namespace-denied",
    "error",
    part="application",
    why="Argo CD refuses an Application in a namespace neither its own nor of its AppProject's sourceNamespaces.",
    source="argo-cd pkg/apis/application/v1alpha1/app_project_types.go IsAppNamespacePermitted",
    bad="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {sourceRepos: ["*"], destinations: [{server: "*", namespace: "*"}], sourceNamespaces: ["team-*"]}
        ---
        metadata: {name: cart, namespace: checkout}
        spec: {project: shop}
        """,
    good="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {sourceRepos: ["*"], destinations: [{server: "*", namespace: "*"}], sourceNamespaces: ["team-*"]}
        ---
        metadata: {name: cart, namespace: team-checkout}
        spec: {project: shop}
        """,
    check=_namespace_denied,
)
NAMESPACE_UNWATCHED = Rule(
    "namespace-unwatched",
    "warning",
    part="application",
    why="Argo CD takes no notice of an Application outside of its own namespace, where argocdNamespace declares that, "
    "unless its AppProject permits it; the AppProjects may be elsewhere.",
    source="argo-cd pkg/apis/application/v1alpha1/app_project_types.go IsAppNamespacePermitted",
    bad="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {argocdNamespace: argocd}
        ---
        metadata: {namespace: dev}
        """,
    good="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {argocdNamespace: argocd}
        ---
        metadata: {namespace: argocd}
        """,
    check=_namespace_unwatched,
)
DENIES_ALL = Rule(
    "project-denies-all",
    "error",
    part="appProjects",
    why="Argo CD refuses an AppProject with the pattern !*.",
    source="argo-cd pkg/apis/application/v1alpha1/app_project_types.go ValidateProject",
    bad="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {sourceRepos: ["!*"]}
        """,
    good="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {sourceRepos: []}
        """,
    check=_denies_all,
)
SLASH = Rule(
    "project-namespace-slash",
    "error",
    part="appProjects",
    why="Argo CD takes what stands between two slashes for a regular expression, and crashes at a slash alone.",
    source="argo-cd util/glob/list.go MatchStringInList",
    bad="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {sourceNamespaces: ["/"]}
        """,
    good="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {sourceNamespaces: ["/^team-[a-z]+$/", "shop-*"]}
        """,
    check=_slash,
)
ENTRY_TWICE = Rule(
    "project-entry-twice",
    "error",
    part="appProjects",
    why="Argo CD's API refuses an AppProject that lists a repository, namespace or destination twice.",
    source="argo-cd pkg/apis/application/v1alpha1/app_project_types.go ValidateProject",
    bad="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {sourceRepos: ["https://git.example.com/*", "https://git.example.com/*"]}
        """,
    good="""
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: shop, namespace: argocd}
        spec: {destinations: [{server: "*", namespace: a}, {server: "*", namespace: b}]}
        """,
    check=_entry_twice,
)
