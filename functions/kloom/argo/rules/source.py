"""Rules on where manifests come from: `spec.source`, `spec.sources`, and what each of them names."""

from __future__ import annotations

from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.syntax import leaves_root, sources_of
from kloom.sdk.patterns import DIGITS, LETTERS, pattern
from kloom.sdk.suggestion import did_you_mean, is_slip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts, Path

    Source = Mapping[str, Any]

_KINDS = ("sourceHydrator", "sources", "source")
_RENDERERS = ("helm", "kustomize", "directory", "plugin")
_WEB = ("https", "http")
"""What the URL of a chart's repository begins with, in any case, as Go gets charts by it."""
_WEB_AND_OCI = (*_WEB, "oci")
_SCHEMES = (*_WEB, "ssh", "git", "file", "oci")
"""What that of any other source may begin with, just so: Git knows schemes in lower case alone."""
_RANGE = frozenset("*^~<>=|, ")
_WILDCARD = pattern(r"v?([0-9]+\.)*[xX]([.+-]|$)")
_VARIABLE = pattern(r"(?a)\$\$|\$(?:(\w+)|\{([^}]*)\})")
_IN_REFS = LETTERS | DIGITS | {"_", "-"}
_BUILD_VARIABLES = (
    "",  # of $$, which is a $
    "ARGOCD_APP_NAME",
    "ARGOCD_APP_NAMESPACE",
    "ARGOCD_APP_PROJECT_NAME",
    "ARGOCD_APP_REVISION",
    "ARGOCD_APP_REVISION_SHORT",
    "ARGOCD_APP_REVISION_SHORT_8",
    "ARGOCD_APP_SOURCE_PATH",
    "ARGOCD_APP_SOURCE_REPO_URL",
    "ARGOCD_APP_SOURCE_TARGET_REVISION",
)
"""What Argo CD knows where it resolves value files; KUBE_VERSION is for plugins alone."""


def _without_any(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if not (spec.get("source") or spec.get("sources") or spec.get("sourceHydrator")):
        yield Problem((), "must have a source, sources or a sourceHydrator")


def _several_kinds(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    said = [kind for kind in _KINDS if spec.get(kind)]
    if len(said) > 1:
        yield Problem((said[-1],), f"{' and '.join(said[::-1])} should not stand together: only {said[0]} is used")


def _without_repo(source: Source, _facts: Facts) -> Iterator[Problem]:
    if not source.get("repoURL"):
        yield Problem(("repoURL",), "must not be empty")


def _misspelt_scheme(spec: Mapping[str, Any], _facts: Facts) -> Iterable[Problem]:
    return () if _is_plain_https(spec) else _misspelt_schemes(spec)


def _misspelt_schemes(spec: Mapping[str, Any]) -> Iterator[Problem]:
    for path, url, is_chart in repo_urls(spec):
        if meant := meant_scheme(url, is_chart=is_chart):
            yield Problem(path, f"must begin with {meant}://, was {url}")


def _unknown_scheme(spec: Mapping[str, Any], _facts: Facts) -> Iterable[Problem]:
    return () if _is_plain_https(spec) else _unknown_schemes(spec)


def _unknown_schemes(spec: Mapping[str, Any]) -> Iterator[Problem]:
    for path, url, is_chart in repo_urls(spec):
        if url and not _has_scheme(url, is_chart=is_chart) and not meant_scheme(url, is_chart=is_chart):
            known = ", ".join(f"{scheme}://" for scheme in (_WEB if is_chart else _SCHEMES))
            other = "name a registry" if is_chart else "be user@host:path"
            host = url.partition("/")[0]
            close = f" (did you mean https://{url}?)" if "." in host.strip(".") and ":" not in url else ""
            yield Problem(path, f"should begin with one of {known} or {other}, was {url}{close}")


def _is_plain_https(spec: Mapping[str, Any]) -> bool:
    """Whether there is but one source, and nothing to look at in its URL: nearly always."""
    source = spec.get("source")
    if source is None or "sources" in spec or "sourceHydrator" in spec:
        return False
    return str(source.get("repoURL") or "").startswith("https://")


def repo_urls(spec: Mapping[str, Any]) -> Iterator[tuple[Path, str, bool]]:
    """The URLs of repositories, where each is in the spec, and whether a chart comes from it."""
    for path, source in sources_of(spec):
        yield (*path, "repoURL"), source.get("repoURL") or "", bool(source.get("chart")) and not is_oci(source)
    synced = (spec.get("sourceHydrator") or {}).get("syncSource") or {}
    yield ("sourceHydrator", "syncSource", "repoURL"), synced.get("repoURL") or "", False


def meant_scheme(url: str, *, is_chart: bool = False) -> str:
    """The scheme that a URL misspells, by a slip of a letter or of a sign after it; empty where it misspells none."""
    said, sign, _ = url.partition("://")
    if not sign:
        return next((one for one in _WEB_AND_OCI if url.lower().startswith((f"{one}:/", f"{one}//"))), "")
    if _has_scheme(url, is_chart=is_chart):
        return ""
    known = _WEB_AND_OCI if is_chart else _SCHEMES
    return next((scheme for scheme in known if is_slip(said.strip().lower(), scheme)), "")


def _has_scheme(url: str, *, is_chart: bool) -> bool:
    """Whether Argo CD can tell from the URL how to get it: Git takes host:path and folders, Helm a registry's name."""
    said, sign, _ = url.partition("://")
    host = url.partition("/")[0]
    if is_chart:
        return said.lower() in _WEB if sign else "@" not in host
    return said in _SCHEMES if sign else ":" in host or url.startswith("/")


def _without_location(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    several = bool(spec.get("sources"))
    for path, source in sources_of(spec):
        if source.get("path") or source.get("chart") or path[0] == "sourceHydrator":
            continue
        if not several:
            hint = "; an oci:// source says path: ." if str(source.get("repoURL")).startswith("oci://") else ""
            yield Problem(path, f"must have a path or a chart{hint}")
        elif not source.get("ref"):
            yield Problem(path, "must have a path, a chart or a ref")


def _chart_without_revision(source: Source, _facts: Facts) -> Iterator[Problem]:
    if source.get("chart") and not source.get("targetRevision"):
        yield Problem((), "must have a targetRevision, the chart's version, beside chart")


def _chart_floats(source: Source, _facts: Facts) -> Iterator[Problem]:
    revision = source.get("targetRevision")
    if source.get("chart") and revision and _is_range(revision):
        yield Problem(
            ("targetRevision",), f"should be one version of the chart, was {revision}, which changes without a commit"
        )


def _is_range(revision: str) -> bool:
    """Whether Helm may find another version of a chart for it tomorrow."""
    return not _RANGE.isdisjoint(revision) or ("x" in revision.lower() and _WILDCARD.match(revision) is not None)


def _path_and_chart(source: Source, _facts: Facts) -> Iterator[Problem]:
    if source.get("path") and source.get("chart") and not is_oci(source):
        yield Problem(("path",), "path and chart should not stand together: only chart is used")


def _oci_and_chart(source: Source, _facts: Facts) -> Iterator[Problem]:
    if source.get("chart") and is_oci(source):
        yield Problem(
            ("chart",),
            "should not stand beside an oci:// repoURL, which Argo CD takes for the whole address: "
            "leave oci:// out, or end the URL in the chart's name and say path: .",
        )


def is_oci(source: Source) -> bool:
    """Whether Argo CD gets the source from an OCI registry, whatever else it says."""
    return str(source.get("repoURL")).startswith("oci://")


def _two_renderers(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for path, source in sources_of(spec):
        said = [field for field in _RENDERERS if field in source]
        if len(said) > 1:
            yield Problem((*path, said[1]), f"{' and '.join(said)} exclude each other, and are set together")


def _path_outside(source: Source, _facts: Facts) -> Iterator[Problem]:
    path = source.get("path")
    if path and leaves_root(path) and (not source.get("chart") or is_oci(source)):
        yield Problem(("path",), f"must be relative to the repository's root and stay inside, was {path}")


def _outside_sources(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    source = spec.get("source")
    if source:
        for field in ("ref", "name"):
            if source.get(field):
                yield Problem(("source", field), f"should not be set: {field} has no effect outside of sources")


def _ref_syntax(sources: Sequence[Source], _facts: Facts) -> Iterator[Problem]:
    for at, source in enumerate(sources if len(sources) > 1 else ()):  # a ref of the only source is not looked at
        ref = source.get("ref")
        if ref and not _IN_REFS.issuperset(ref):
            yield Problem((at, "ref"), f'must consist of letters, digits, "_" and "-", was {ref}')


def _ref_twice(sources: Sequence[Source], _facts: Facts) -> Iterator[Problem]:
    return _twice(sources, "ref")


def _name_twice(sources: Sequence[Source], _facts: Facts) -> Iterator[Problem]:
    return _twice(sources, "name")


def _twice(sources: Sequence[Source], field: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for at, source in enumerate(sources):
        value = source.get(field)
        if value and seen.setdefault(value, at) != at:
            yield Problem(
                (at, field), f"must differ from that of the other sources, was {value}, as in sources[{seen[value]}]"
            )


def _ref_unknown(sources: Sequence[Source], _facts: Facts) -> Iterator[Problem]:
    refs = {source["ref"] for source in sources if source.get("ref") and len(sources) > 1}
    for at, source in enumerate(sources):
        for path, file in _value_files(source):
            if file.startswith("$") and (ref := file[1:].split("/")[0]) not in refs:
                known = f"one of {', '.join(sorted(refs))}" if refs else "a source's ref, and no source has one"
                yield Problem((at, *path), f"${ref} must be {known}{did_you_mean(ref, refs)}")


def _ref_to_chart(sources: Sequence[Source], _facts: Facts) -> Iterator[Problem]:
    charts = {source["ref"] for source in sources if source.get("ref") and source.get("chart") and len(sources) > 1}
    for at, source in enumerate(sources) if charts else ():
        for path, file in _value_files(source):
            if file.startswith("$") and (ref := file[1:].split("/")[0]) in charts:
                yield Problem((at, *path), f"${ref} must be a source in Git, was one with a chart")


def _file_variable(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if spec.get("sources") and not spec.get("sourceHydrator"):
        return
    for place, source in sources_of(spec):
        for path, file in _value_files(source):
            variable = file.split("/")[0]
            named = map("".join, _VARIABLE.findall(variable)) if file.startswith("$") else ()
            if any(name not in _BUILD_VARIABLES for name in named):
                yield Problem(
                    (*place, *path),
                    f"should begin with a path or a variable of Argo CD's build, as $ARGOCD_APP_NAME, "
                    f"was {variable}, which is empty: a ref is known only inside of sources",
                )


def _value_files(source: Source) -> Iterator[tuple[Path, str]]:
    helm = source.get("helm")
    if helm:
        for at, file in enumerate(helm.get("valueFiles") or ()):
            yield ("helm", "valueFiles", at), file
        for at, parameter in enumerate(helm.get("fileParameters") or ()):
            yield ("helm", "fileParameters", at, "path"), parameter.get("path") or ""


WITHOUT_ANY = Rule(
    "source-missing",
    "error",
    part="spec",
    why="Argo CD refuses an Application that says nowhere where its manifests are.",
    source="argo-cd util/argo/argo.go validateSourcePermissions",
    bad="spec: {source: null}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy}}",
    check=_without_any,
)
SEVERAL_KINDS = Rule(
    "source-kinds-together",
    "warning",
    part="spec",
    why="Argo CD silently ignores source beside sources, and both beside sourceHydrator.",
    source="argo-cd pkg/apis/application/v1alpha1/types.go GetSources; docs/user-guide/multiple_sources.md",
    bad="""
        spec:
          source: {repoURL: https://git.example.com/shop.git, path: deploy}
          sources:
          - {repoURL: https://git.example.com/shop.git, path: base}
        """,
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, path: base}
          - {repoURL: https://git.example.com/shop.git, path: deploy}
        """,
    check=_several_kinds,
    needs=("sources", "sourceHydrator"),
)
WITHOUT_REPO = Rule(
    "source-without-repo",
    "error",
    part="source",
    why="Argo CD refuses a source without a repoURL.",
    source="argo-cd util/argo/argo.go validateSourcePermissions",
    bad="""spec: {source: {repoURL: "", path: deploy}}""",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy}}",
    check=_without_repo,
)
MISSPELT_SCHEME = Rule(
    "source-repo-scheme-misspelt",
    "error",
    part="spec",
    why="Argo CD has no protocol of that name to get the repository by; Git knows schemes in lower case only.",
    source="argo-cd util/git/client.go getRefs, util/helm/client.go loadRepoIndex; go-git plumbing/transport/client",
    bad="spec: {source: {repoURL: htps://git.example.com/shop.git, path: deploy}}",
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, path: deploy}
          - {repoURL: git@git.example.com:shop.git, path: deploy}
          - {repoURL: registry.example.com/charts, chart: cart, targetRevision: 1.2.3}
        """,
    check=_misspelt_scheme,
)
UNKNOWN_SCHEME = Rule(
    "source-repo-scheme-unknown",
    "warning",
    part="spec",
    why="Argo CD gets repositories by https, http, ssh, git, file and oci, and charts by https, http or the bare name "
    "of a registry; anything else works only if something replaces it before Argo CD sees it, or by a plugin of Helm's "
    "in the repo server. Without a scheme, github.com/shop/cart is a folder of the repo server.",
    source="argo-cd util/git/client.go getRefs, util/helm/client.go IsHelmOciRepo; go-git plumbing/transport/client",
    bad="spec: {source: {repoURL: git.example.com/shop.git, path: deploy}}",
    good="spec: {source: {repoURL: ssh://git@git.example.com/shop.git, path: deploy}}",
    check=_unknown_scheme,
)
WITHOUT_LOCATION = Rule(
    "source-without-location",
    "error",
    part="spec",
    why="Argo CD refuses a source with neither path nor chart; one of several sources may have a ref instead.",
    source="argo-cd util/argo/argo.go validateSourcePermissions",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, targetRevision: main}}",
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, ref: values}
          - {repoURL: https://charts.example.com, chart: cart, targetRevision: 1.2.3}
        """,
    check=_without_location,
)
CHART_WITHOUT_REVISION = Rule(
    "source-chart-without-revision",
    "error",
    part="source",
    why="Argo CD refuses a chart without a targetRevision.",
    source="argo-cd util/argo/argo.go validateSourcePermissions",
    bad="spec: {source: {repoURL: https://charts.example.com, chart: cart}}",
    good="spec: {source: {repoURL: https://charts.example.com, chart: cart, targetRevision: 1.2.3}}",
    check=_chart_without_revision,
    needs=("chart",),
)
CHART_FLOATS = Rule(
    "source-chart-floats",
    "warning",
    part="source",
    why="Argo CD takes the newest chart in a range of versions, so what runs changes without a commit.",
    source="argo-cd docs/user-guide/tracking_strategies.md",
    bad="spec: {source: {repoURL: https://charts.example.com, chart: cart, targetRevision: 1.x}}",
    good="spec: {source: {repoURL: https://charts.example.com, chart: cart, targetRevision: 1.2.3}}",
    check=_chart_floats,
    needs=("chart",),
)
PATH_AND_CHART = Rule(
    "source-path-and-chart",
    "warning",
    part="source",
    why="Argo CD silently ignores path beside chart.",
    source="argo-cd reposerver/repository/repository.go runRepoOperation",
    bad="spec: {source: {repoURL: https://charts.example.com, chart: cart, targetRevision: 1.2.3, path: deploy}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy}}",
    check=_path_and_chart,
    needs=("chart",),
)
OCI_AND_CHART = Rule(
    "source-oci-and-chart",
    "warning",
    part="source",
    why="Argo CD silently ignores chart where repoURL begins with oci://.",
    source="argo-cd reposerver/repository/repository.go runRepoOperation; docs/user-guide/oci.md",
    bad="spec: {source: {repoURL: oci://registry.example.com/charts, chart: cart, targetRevision: 1.2.3}}",
    good="spec: {source: {repoURL: registry.example.com/charts, chart: cart, targetRevision: 1.2.3}}",
    check=_oci_and_chart,
    needs=("chart",),
)
TWO_RENDERERS = Rule(
    "source-two-renderers",
    "error",
    part="spec",
    why="Argo CD refuses a source with more than one of helm, kustomize, directory and plugin, be they empty.",
    source="argo-cd pkg/apis/application/v1alpha1/types.go ExplicitType",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {releaseName: cart}
            kustomize: {namePrefix: dev-}
        """,
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {namePrefix: dev-}}}",
    check=_two_renderers,
    needs=_RENDERERS,
)
PATH_OUTSIDE = Rule(
    "source-path-outside",
    "error",
    part="source",
    why="Argo CD refuses a path that is absolute or leads out of the repository.",
    source="argo-cd util/app/path/path.go Path",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: /deploy}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy/../base}}",
    check=_path_outside,
)
OUTSIDE_SOURCES = Rule(
    "source-ref-outside-sources",
    "warning",
    part="spec",
    why="ref and name of a source have a meaning only inside of sources.",
    source="argo-cd docs/user-guide/multiple_sources.md",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, ref: values}}",
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, path: deploy, ref: values, name: shop}
        """,
    check=_outside_sources,
    needs=("ref", "name"),
)
REF_SYNTAX = Rule(
    "source-ref-invalid",
    "error",
    part="sources",
    why='Argo CD refuses a ref with other characters than letters, digits, "_" and "-".',
    source="argo-cd util/argo/argo.go GetRefSources",
    bad="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, ref: my.values}
          - {repoURL: https://git.example.com/base.git, path: base}
        """,
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, ref: my_values}
          - {repoURL: https://git.example.com/base.git, path: base}
        """,
    check=_ref_syntax,
)
REF_TWICE = Rule(
    "source-ref-twice",
    "error",
    part="sources",
    why="Argo CD refuses two sources with the same ref.",
    source="argo-cd util/argo/argo.go GetRefSources",
    bad="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, ref: values}
          - {repoURL: https://git.example.com/base.git, ref: values}
        """,
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, ref: values}
          - {repoURL: https://git.example.com/base.git, ref: base}
        """,
    check=_ref_twice,
)
NAME_TWICE = Rule(
    "source-name-twice",
    "error",
    part="sources",
    why="Argo CD's API refuses two sources with the same name.",
    source="argo-cd server/application/application.go validateAndNormalizeApp",
    bad="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, path: cart, name: shop}
          - {repoURL: https://git.example.com/shop.git, path: till, name: shop}
        """,
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, path: cart, name: cart}
          - {repoURL: https://git.example.com/shop.git, path: till, name: till}
        """,
    check=_name_twice,
)
REF_UNKNOWN = Rule(
    "source-ref-unknown",
    "error",
    part="sources",
    why="Argo CD cannot render a value file of a ref that no source has.",
    source="argo-cd reposerver/repository/repository.go resolveReferencedSources",
    bad="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, ref: values}
          - repoURL: https://charts.example.com
            chart: cart
            targetRevision: 1.2.3
            helm: {valueFiles: [$valeus/cart.yaml]}
        """,
    good="""
        spec:
          sources:
          - {repoURL: https://git.example.com/shop.git, ref: values}
          - repoURL: https://charts.example.com
            chart: cart
            targetRevision: 1.2.3
            helm: {valueFiles: [$values/cart.yaml]}
        """,
    check=_ref_unknown,
)
REF_TO_CHART = Rule(
    "source-ref-to-chart",
    "error",
    part="sources",
    why="Argo CD takes value files only from sources in Git, not from charts.",
    source="argo-cd reposerver/repository/repository.go resolveReferencedSources",
    bad="""
        spec:
          sources:
          - {repoURL: https://charts.example.com, chart: values, targetRevision: 1.0.0, ref: values}
          - repoURL: https://charts.example.com
            chart: cart
            targetRevision: 1.2.3
            helm: {valueFiles: [$values/cart.yaml]}
        """,
    good="""
        spec:
          sources:
          - {repoURL: https://charts.example.com, chart: values, targetRevision: 1.0.0, ref: values}
          - repoURL: https://charts.example.com
            chart: cart
            targetRevision: 1.2.3
            helm: {valueFiles: [values-dev.yaml]}
        """,
    check=_ref_to_chart,
)
FILE_VARIABLE = Rule(
    "source-value-file-variable",
    "warning",
    part="spec",
    why="Outside of sources, $values is no ref but an unset variable, which leaves /cart.yaml of $values/cart.yaml.",
    source="argo-cd reposerver/repository/repository.go getResolvedValueFiles; docs/user-guide/build-environment.md",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {valueFiles: [$values/cart.yaml]}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {valueFiles: [$ARGOCD_APP_NAME.yaml]}
        """,
    check=_file_variable,
    needs=("helm",),
)
