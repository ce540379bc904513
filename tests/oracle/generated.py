"""Applications and AppProjects to try on kloom and on Argo CD: sound ones with one or a few doubtful things in them."""

from __future__ import annotations

import re
from typing import Any

from argocd import Object, World
from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]


def spelt(signs: str, *usual: str, longest: int = 12) -> Strategy:
    """One of the usual texts, or any text of the signs."""
    return st.sampled_from(usual) | st.text(signs, max_size=longest)


def fields(**optional: Strategy) -> Strategy:
    """A map with some of the fields."""
    return st.fixed_dictionaries({}, optional=optional)


def one_in(number: int, seldom: Strategy, mostly: Strategy) -> Strategy:
    return st.integers(1, number).flatmap(lambda at: seldom if at == number else mostly)


NAMES = spelt("aB0-_.é", "cart", "cart.dev", "cart-dev", "", "-cart", "c" * 53, "c" * 54, "c" * 63, "c" * 64, "c" * 254)
LABEL_KEYS = spelt("aB0-_./", "team", "example.com/team", "Example.com/team", "a/b/c", "/a", "a/", "k" * 64, "é")
LABEL_VALUES = spelt("aB0-_./ ", "", "checkout", "v" * 63, "v" * 64, "a.", "-a", "é", "a\n")
LABELS = st.dictionaries(LABEL_KEYS, LABEL_VALUES, max_size=3)
URLS = st.sampled_from((
    "https://git.example.com/shop.git", "https://git.example.com/shop", "https://GIT.example.com/Shop.git", "",
    "git@git.example.com:shop/cart.git", "ssh://git@git.example.com/shop/cart", "https://charts.example.com",
    "oci://registry.example.com/charts/cart", "registry.example.com/charts", "https://git.example.com/secret.git",
    "OCI://registry.example.com/cart", " https://git.example.com/shop ", "https://git.example.com/a b",
    "https://user@git.example.com/shop.git", "file:///srv/git/shop", "git.example.com:shop/cart.git",
    "htps://git.example.com/shop", "HTTPS://git.example.com/shop", "git.example.com/shop", "/srv/git/shop", "shop",
    "https:/git.example.com/shop", "https//git.example.com/shop", "git+ssh://git.example.com/shop", "s3://charts",
    "ssh://charts.example.com", "http://charts.example.com", "gti://git.example.com/shop", "cnoe://shop", "../shop",
))  # fmt: skip
PATHS = spelt("./a", "deploy", ".", "./deploy", "/deploy", "../deploy", "deploy/../..", "deploy/../../x", "", "a//b")
REVISIONS = spelt(
    "0.1xX*^~<>=|, -v", "main", "HEAD", "1.2.3", "v1.2", "1.x", "*", ">=1.0 <2.0", "latest", "", "1.2.3+k8s"
)
KUBE_VERSIONS = spelt(
    "v0123.+-x ", "", "1.33", "v1.33.2", "1", "1.33.2+k3s1", "latest", "01.2", "1.033", " v1.3 ", "v1.3."
)
NAMESPACES = spelt("aB0-.", "", "argocd", "shop", "shop-dev", "shop-prod", "My_Shop", "n" * 63, "n" * 64)
DURATIONS = spelt(
    "0123.hmsnuµμ+-e_ ", "", "30", "30s", "1h30m", "5 minutes", "1d", "-1s", ".5s", "1.s", "٣s", "1_0", "+5"
)
COUNTS = st.integers(0, 9) | spelt("0123+-_ a", "2", "two", "", "+2", "1_0", " 2")
WAVES = spelt("0123+-_ ax", "-1", "1", "", "first", "1_0", "+1", "0x1", "1.0", "٣")
JQ = st.sampled_from((
    ".spec.replicas", ".spec.template.spec.containers[].image", ".a[", "", " ", "select(", '.a | select(.b == "]")',
    ".a | .b?", '.["a"]', ".a as $x | .b", '"\\(.a)"', '"\\(.a"', "# only a comment", ".a # ( comment", "nosuch(1)",
    ".a)", ".a.[", "{a: 1", '.metadata.annotations."a/b"', ".a, .b", "..", ".a[1:2]", "@base64", "'a'",
))  # fmt: skip
POINTERS = spelt("/~01a.", "/spec/replicas", "spec.replicas", "", "/", "/a~1b", "/a~0b", "/a~b", "/a~", "//a")
FILES = st.sampled_from((
    "values.yaml", "$values/cart.yaml", "$valeus/cart.yaml", "$base/a.yaml", "$ARGOCD_APP_NAME.yaml", "$", "$$x", "",
    "${ARGOCD_APP_NAME}/a.yaml", "$ARGOCD_APP_NAME/a.yaml", "$ARGOCD_APP_TYPO/a.yaml", "$KUBE_VERSION/a.yaml",
    "$HOME/a.yaml", "https://example.com/values.yaml", "$values", "../values.yaml", "/values.yaml", "$my.values/a.yaml",
))  # fmt: skip
REFS = st.sampled_from(("values", "base", "my.values", "", "my_values", "va lues", "é", "$values", "chart"))
FINALIZERS = st.lists(
    st.sampled_from((
        "resources-finalizer.argocd.argoproj.io", "resources-finalizer.argocd.argoproj.io/foreground",
        "resources-finalizer.argocd.argoproj.io/background", "resource-finalizer.argocd.argoproj.io",
        "post-delete-finalizer.argocd.argoproj.io", "pre-delete-finalizer.argocd.argoproj.io/cleanup",
        "foregroundDeletion", "example.com/audit", "delete the resources", "", "a/b/c", "orphan",
    )),
    max_size=3,
)  # fmt: skip
MANAGED_BY = st.sampled_from((
    "https://argocd.example.com", "http://x", "HTTPS://x", "argocd.example.com", "", "ftp://x", "https://", "https://[::1",
    "http//x", "https://x y", "https://x/%zz", "https:x", " https://x", "http://x\n",
))  # fmt: skip

HELM = fields(
    valueFiles=st.lists(FILES, max_size=2),
    fileParameters=st.lists(st.fixed_dictionaries({"name": st.just("a"), "path": FILES}), max_size=1),
    kubeVersion=KUBE_VERSIONS,
    namespace=NAMESPACES,
    releaseName=NAMES,
    values=st.sampled_from(("", "a: 1", "a: 1\n")),
    valuesObject=st.sampled_from(({}, {"a": 1}, {"a": 2})),
    passCredentials=st.booleans(),
    skipCrds=st.booleans(),
    version=st.sampled_from(("", "v3")),
    parameters=st.lists(st.just({"name": "a", "value": "1"}), max_size=2),
)
KUSTOMIZE = fields(
    kubeVersion=KUBE_VERSIONS,
    namespace=NAMESPACES,
    namePrefix=st.sampled_from(("", "dev-")),
    images=st.lists(st.sampled_from(("cart", "cart:1", "")), max_size=1),
    replicas=st.lists(st.fixed_dictionaries({"name": st.just("cart"), "count": COUNTS}), max_size=2),
    commonLabels=LABELS | st.dictionaries(LABEL_KEYS, st.sampled_from(("$ARGOCD_APP_NAME", "a $b")), max_size=1),
    forceCommonLabels=st.booleans(),
    ignoreMissingComponents=st.booleans(),
    components=st.lists(st.just("../c"), max_size=1),
)
DIRECTORY = fields(
    recurse=st.booleans(),
    include=st.sampled_from(("", "*.yaml")),
    exclude=st.sampled_from(("", "*.json")),
    jsonnet=fields(libs=st.lists(st.just("lib"), max_size=1), extVars=st.just([])),
)
RENDERERS = {"helm": HELM, "kustomize": KUSTOMIZE, "directory": DIRECTORY, "plugin": fields(name=st.just("cmp"))}


@st.composite
def source(draw: st.DrawFn) -> Object:
    """A source, mostly of one place and one renderer."""
    said: Object = {"repoURL": draw(URLS)}
    places = {"path": PATHS, "chart": st.sampled_from(("cart", "")), "targetRevision": REVISIONS}
    said |= draw(fields(**places, ref=one_in(3, REFS, st.just("values")), name=st.sampled_from(("", "shop"))))
    for renderer in draw(st.lists(st.sampled_from(sorted(RENDERERS)), max_size=draw(st.integers(0, 2)), unique=True)):
        said[renderer] = draw(RENDERERS[renderer])
    return said


SOUND_SOURCE = st.just({"repoURL": "https://git.example.com/shop.git", "path": "deploy", "targetRevision": "main"})
SOURCES = st.lists(source() | SOUND_SOURCE, min_size=0, max_size=3)
HYDRATOR = st.fixed_dictionaries(
    {
        "drySource": st.fixed_dictionaries(
            {
                "repoURL": one_in(4, URLS, st.just("https://git.example.com/shop.git")),
                "targetRevision": st.sampled_from(("main", "next", "")),
                "path": one_in(2, PATHS, st.just("deploy")),
            },
            optional={"helm": HELM, "kustomize": KUSTOMIZE, "directory": DIRECTORY},
        ),
        "syncSource": st.fixed_dictionaries(
            {
                "targetBranch": st.sampled_from(("env/dev", "env/prod", "")),
                "path": one_in(
                    2, PATHS.filter(lambda path: len(path) > 1 or path not in ("", ".", "/")), st.just("cart")
                ),
            }
        ),
    },
    optional={"hydrateTo": st.fixed_dictionaries({"targetBranch": st.sampled_from(("env/dev-next", ""))})},
)
SERVERS = (
    "https://10.0.0.10:6443",
    "https://10.0.1.10:6443/",
    "https://kubernetes.default.svc",
    "https://10.9.9.9",
    "",
)
CLUSTERS = {
    "cluster-a": "https://10.0.0.10:6443",
    "cluster-b": "https://10.0.1.10:6443",
    "east:prod": "https://10.0.2.10",
}
DESTINATION = fields(
    server=st.sampled_from((*SERVERS, "https://10.0.0.10:6443//", "cluster-a", "https://kubernetes.default.svc/")),
    namespace=NAMESPACES,
) | fields(
    name=st.sampled_from((*CLUSTERS, "in-cluster", "cluster-c", "")),
    namespace=NAMESPACES,
    server=st.sampled_from(SERVERS),
)
SYNC_POLICY = fields(
    automated=fields(prune=st.booleans(), selfHeal=st.booleans(), enabled=st.booleans()),
    syncOptions=st.lists(st.sampled_from(("CreateNamespace=true", "Prune=confirm", "x")), max_size=2),
    retry=fields(
        limit=st.integers(-1, 5), backoff=fields(duration=DURATIONS, maxDuration=DURATIONS, factor=st.integers(0, 2))
    ),
    managedNamespaceMetadata=fields(labels=LABELS, annotations=LABELS),
)
IGNORE_DIFFERENCES = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(("Deployment", "*", ""))},
        optional={
            "group": st.sampled_from(("apps", "", "*")),
            "jsonPointers": st.lists(POINTERS, max_size=2),
            "jqPathExpressions": st.lists(JQ, max_size=2),
        },
    ),
    max_size=2,
)
METADATA = fields(
    labels=LABELS,
    annotations=st.dictionaries(LABEL_KEYS, st.just("x"), max_size=2)
    | fields(**{"argocd.argoproj.io/sync-wave": WAVES, "argocd.argoproj.io/managed-by-url": MANAGED_BY}),
    finalizers=FINALIZERS,
    namespace=NAMESPACES,
)
DOUBTFUL: dict[str, Strategy] = {
    "destination": DESTINATION,
    "source": source(),
    "sources": SOURCES,
    "sourceHydrator": HYDRATOR,
    "syncPolicy": SYNC_POLICY,
    "ignoreDifferences": IGNORE_DIFFERENCES,
    "project": st.sampled_from(("", "default", "shop", "other")),
}


@st.composite
def application(draw: st.DrawFn) -> Object:
    """An Application that is sound but for its name, its metadata, or a field or two of its spec."""
    doubtful = draw(st.lists(st.sampled_from(("metadata", "name", *DOUBTFUL)), min_size=1, max_size=3, unique=True))
    metadata: Object = {"name": draw(NAMES) if "name" in doubtful else draw(st.sampled_from(("cart", "till", "shop")))}
    metadata |= draw(METADATA) if "metadata" in doubtful else {"namespace": "argocd"}
    spec: Object = {"project": "default", "destination": {"server": "https://10.0.0.10:6443", "namespace": "shop"}}
    if not {"sources", "sourceHydrator"} & {*doubtful} or draw(st.sampled_from((False, False, False, True))):
        spec["source"] = draw(SOUND_SOURCE)
    spec |= {field: draw(DOUBTFUL[field]) for field in DOUBTFUL if field in doubtful}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}


def _application(**spec: Any) -> Object:
    destination = {"server": "https://10.0.0.10:6443", "namespace": "shop"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "cart", "namespace": "argocd"},
        "spec": {"project": "default", "destination": destination, **spec},
    }


def _project(**spec: Any) -> Object:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": spec,
    }


# Patterns of projects

WORDS = ("shop", "secret", "*", "**", "{shop,till}", "[a-z]", "[!s]", ".git", "/", "till", "!")
HOSTS = (
    "https://git.example.com/",
    "!https://git.example.com/",
    "git@git.example.com:shop/",
    "*",
    "https://*/",
    "HTTPS://git*/",
)
URL_PATTERNS = st.builds(
    str.__add__, st.sampled_from(HOSTS), st.lists(st.sampled_from(WORDS), max_size=3).map("".join)
).filter(
    lambda pattern: not re.search(r"\*\*.", pattern)  # Argo CD's globs are wrong about what follows a **
) | st.sampled_from((
    "*", "!*", "**", "!", "", "https://*.example.com/**", "!git@git.example.com:shop/*", "oci://**",
    "https://git.example.com/sh?p", "https://git.example.com/\\*", "https://git.example.com/sho[p]*",
))  # fmt: skip
PLAIN_URLS = URLS | st.builds(
    str.__add__,
    st.sampled_from(("https://git.example.com/", "git@git.example.com:shop/", "oci://git.example.com/")),
    st.lists(st.sampled_from(("shop", "secret", "till", "/", ".git", "*", "!", "a")), max_size=3).map("".join),
)
# a { without its } is in no pattern: it matches what Argo CD's globs make of it
NAMESPACE_PATTERNS = spelt(
    "ab*?[]!-\\^", "*", "shop-*", "!shop-prod", "", "{shop,cart}", "shop*", "!*", "[a-s]*", "sh?p", "**"
)
SERVER_PATTERNS = st.sampled_from((
    *SERVERS, "*", "https://10.0.*", "!https://10.0.0.10:6443", "https://10.0.0.1?:6443", "!*", "https://10.{0,9}.*",
))  # fmt: skip
CLUSTER_PATTERNS = st.sampled_from(
    (*CLUSTERS, "*", "cluster-*", "!cluster-a", "in-cluster", "", "east:*", "!*", "cluster-[ab]")
)
# not "/", on which Argo CD crashes, nor "/[/", which it may read where Python does not
SOURCE_NAMESPACES = NAMESPACE_PATTERNS | st.sampled_from(("/shop-.*/", "/^(shop|cart)$/", "//", "/shop"))
PROJECT = st.fixed_dictionaries(
    {
        "apiVersion": st.just("argoproj.io/v1alpha1"),
        "kind": st.just("AppProject"),
        "metadata": st.fixed_dictionaries(
            {"name": st.sampled_from(("shop", "default")), "namespace": st.just("argocd")}
        ),
        "spec": fields(
            sourceRepos=st.lists(URL_PATTERNS, max_size=3),
            destinations=st.lists(
                fields(server=SERVER_PATTERNS, name=CLUSTER_PATTERNS, namespace=NAMESPACE_PATTERNS), max_size=3
            ),
            sourceNamespaces=st.lists(SOURCE_NAMESPACES, max_size=2),
        ),
    }
)
PERMITTED = st.fixed_dictionaries({
    "apiVersion": st.just("argoproj.io/v1alpha1"),
    "kind": st.just("Application"),
    "metadata": st.fixed_dictionaries({
        "name": st.just("cart"), "namespace": st.sampled_from(("argocd", "shop-dev", "shop", "cart", "shop-prod")),
    }),
    "spec": st.fixed_dictionaries({
        "project": st.sampled_from(("shop", "shop", "default", "other")),
        "source": st.fixed_dictionaries({"repoURL": PLAIN_URLS, "path": st.just("deploy")}),
        "destination": st.fixed_dictionaries(
            {"server": st.sampled_from([*CLUSTERS.values(), "https://kubernetes.default.svc"])},
            optional={"namespace": st.sampled_from(("shop", "shop-dev", "shop-prod", "cart", "a", "ab"))},
        )
        | st.fixed_dictionaries(
            {"name": st.sampled_from([*CLUSTERS, "in-cluster"])},
            optional={"namespace": st.sampled_from(("shop", "shop-dev", "shop-prod", "cart", "a", "ab"))},
        ),
    }),
})  # fmt: skip


def permitting(pattern: Strategy, url: Strategy) -> Strategy:
    """One Application, and a project with one pattern for its repository."""
    return st.builds(
        lambda pattern, url: World(
            applications=[_application(project="shop", source={"repoURL": url, "path": "deploy"})],
            projects=[_project(sourceRepos=[pattern], destinations=[{"server": "*", "namespace": "*"}])],
        ),
        pattern,
        url,
    )


worlds_with_a_pattern = permitting(URL_PATTERNS, PLAIN_URLS)
worlds = st.builds(
    World,
    applications=st.lists(application(), min_size=1, max_size=3, unique_by=lambda one: one["metadata"]["name"]),
    clusters=st.none() | st.just(CLUSTERS),
)


def _on_one_path(name: str, location: Object, renderer: Object) -> Object:
    one = _application(source={"repoURL": "https://git.example.com/shop.git", "path": "deploy", **location, **renderer})
    return {**one, "metadata": {**one["metadata"], "name": name}}


LOCATIONS = st.sampled_from((
    {}, {}, {"targetRevision": "HEAD"}, {"targetRevision": "main"}, {"path": "./deploy/"}, {"path": "till"},
    {"repoURL": "https://git.example.com/Shop"}, {"repoURL": "oci://git.example.com/shop"},
))  # fmt: skip
RENDERINGS = fields(kustomize=KUSTOMIZE | fields(replicas=st.just([{"name": "cart", "count": 3}]))) | fields(
    directory=st.just({}), plugin=st.just({})
)
worlds_on_one_path = st.builds(
    World,
    applications=st.lists(
        st.builds(_on_one_path, st.sampled_from(("cart", "till", "shop", "desk")), LOCATIONS, RENDERINGS),
        min_size=2,
        max_size=4,
        unique_by=lambda one: one["metadata"]["name"],
    ),
)
worlds_with_projects = st.builds(
    World,
    applications=st.lists(PERMITTED, min_size=1, max_size=1),
    projects=st.lists(PROJECT, min_size=1, max_size=1),
    clusters=st.just(CLUSTERS),
)
