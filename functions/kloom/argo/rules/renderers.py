"""Rules on how a source is rendered: its `helm`, `kustomize`, `directory` and `plugin`."""

from __future__ import annotations

from kloom.argo.names import namespace_problem
from kloom.argo.rules.rule import Problem, Rule
from kloom.argo.rules.syntax import (
    is_integer,
    is_kube_version,
    is_release_name,
    label_problem,
    sources_of,
)
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.rule import Facts

MAX_RELEASE = 53
_NULLS = ("", "~", "null", "Null", "NULL")
HELM_VERSION_IGNORED = (3, 5)
_KUSTOMIZE_CONTENT = (
    "namePrefix",
    "nameSuffix",
    "version",
    "namespace",
    "images",
    "replicas",
    "commonLabels",
    "commonAnnotations",
    "patches",
    "components",
    "kubeVersion",
    "apiVersions",
    "ignoreMissingComponents",
)
"""The fields without which Argo CD takes a kustomize for empty: its flags on labels do not count."""


def _values_twice(helm: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    if helm.get("values") and "valuesObject" in helm:
        yield Problem(("values",), "values and valuesObject should not stand together: only valuesObject is used")


def _values(helm: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    values = helm.get("values")
    if not values or "valuesObject" in helm:
        return
    from yaml.nodes import MappingNode, ScalarNode

    from kloom.sdk.yaml_reader import YamlError, compose_documents

    try:
        documents = compose_documents(values)
    except YamlError as error:
        problem = error.message.removeprefix("no valid YAML: ")
        yield Problem(("values",), f"must be YAML, and is none in its line {error.line}: {problem}")
        return
    top = documents[0] if documents else None
    is_text = isinstance(top, ScalarNode)
    if top and not isinstance(top, MappingNode) and not (is_text and top.value in _NULLS):
        was = f"the text {top.value.splitlines()[0]}" if is_text else "a list"
        yield Problem(("values",), f"must be YAML with a map at the top, was {was}")


def _release_name(applications: Sequence[Mapping[str, Any]], _facts: Facts) -> Iterator[Problem]:
    for application in applications:
        name = application["metadata"].get("name")
        if not name or len(name) <= MAX_RELEASE:
            continue
        for path, source in sources_of(application["spec"]):
            helm = source.get("helm")
            if (helm or source.get("chart")) and not (helm or {}).get("releaseName"):
                yield Problem(
                    ("spec", *path, "helm", "releaseName"),
                    f"must be said where the Application's name, which Helm would take, is longer than {MAX_RELEASE} "
                    f"characters, was absent, and the name {len(name)} characters long",
                    application,
                )


def _release_name_syntax(helm: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    name = helm.get("releaseName")
    if name and (len(name) > MAX_RELEASE or not is_release_name(name)):
        yield Problem(
            ("releaseName",),
            f'must be at most {MAX_RELEASE} lower-case letters, digits, "-" and ".", was {name} ({len(name)} of them)',
        )


def _helm_parameter_twice(helm: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    seen: dict[tuple[Any, bool], int] = {}
    for at, parameter in enumerate(helm.get("parameters") or ()):
        key = (parameter.get("name"), bool(parameter.get("forceString")))
        if seen.setdefault(key, at) != at:
            yield Problem(("parameters", at, "name"), f"should be set once: only the last {key[0]} is used")


def _helm_version(helm: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    if helm.get("version") and facts.argocd_version and facts.argocd_version >= HELM_VERSION_IGNORED:
        yield Problem(("version",), "should not be set: Argo CD has only one Helm since 3.5 and ignores it")


def _kube_version(renderer: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    version = renderer.get("kubeVersion")
    if version and not is_kube_version(version):
        yield Problem(("kubeVersion",), f"must be a version of Kubernetes as 1.33 or v1.33.2, was {version}")


def _namespace(renderer: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    namespace = renderer.get("namespace")
    if namespace and (problem := namespace_problem(namespace)):
        yield Problem(("namespace",), problem)


def _kustomize_version(kustomize: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    version, known = kustomize.get("version"), facts.kustomize_versions
    if version and known is not None and version not in known:
        registered = ", ".join(known) or "none"
        message = f"must be a version that is registered with Argo CD ({registered}), was {version}"
        yield Problem(("version",), f"{message}{did_you_mean(version, known)}")


def _replica_count(kustomize: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for at, replica in enumerate(kustomize.get("replicas") or ()):
        count = replica.get("count")
        if isinstance(count, str) and not is_integer(count):
            yield Problem(("replicas", at, "count"), f"must be a whole number, was {count or 'empty'}")


def _patch(kustomize: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for at, patch in enumerate(kustomize.get("patches") or ()):
        if bool(patch.get("patch")) == bool(patch.get("path")):
            was = "both are set" if patch.get("patch") else "neither is set"
            yield Problem(("patches", at), f"must have one of patch and path, {was}")


def _image(kustomize: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for at, image in enumerate(kustomize.get("images") or ()):
        if not any(sign in image for sign in "=:@$"):
            yield Problem(("images", at), f"must be name=new, name:tag or name@digest, was {image or 'empty'}")


def _common_labels(kustomize: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for key, value in (kustomize.get("commonLabels") or {}).items():
        if "$" not in value and (problem := label_problem(key, value)):
            yield Problem(("commonLabels", key), problem)


def _zero(spec: Mapping[str, Any], _facts: Facts) -> Iterator[Problem]:
    for field in removed_renderers(spec):
        yield Problem(
            ("source", field),
            "should be left out: Argo CD removes it, as it says nothing, and the parent puts it back",
        )


def removed_renderers(spec: Mapping[str, Any]) -> Sequence[str]:
    """Which of a lone source's helm, kustomize and directory Argo CD removes, as they say nothing."""
    source = spec.get("source")
    if not source or spec.get("sources") or spec.get("sourceHydrator"):
        return ()
    return [field for field, is_zero in _ZEROS if source.get(field) is not None and is_zero(source[field])]


def _is_zero_helm(helm: Mapping[str, Any]) -> bool:
    return "valuesObject" not in helm and not any(helm.values())


def _is_zero_kustomize(kustomize: Mapping[str, Any]) -> bool:
    return not any(kustomize.get(field) for field in _KUSTOMIZE_CONTENT)


def _is_zero_directory(directory: Mapping[str, Any]) -> bool:
    rest = {field: value for field, value in directory.items() if field != "jsonnet"}
    return not any(rest.values()) and not any((directory.get("jsonnet") or {}).values())


_ZEROS: Sequence[tuple[str, Callable[[Any], bool]]] = (
    ("helm", _is_zero_helm),
    ("kustomize", _is_zero_kustomize),
    ("directory", _is_zero_directory),
)

VALUES_TWICE = Rule(
    "helm-values-twice",
    "warning",
    part="helm",
    why="Argo CD silently ignores values beside valuesObject; they are not merged.",
    source="argo-cd pkg/apis/application/v1alpha1/types.go ApplicationSourceHelm",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {values: "replicas: 2", valuesObject: {image: {tag: "1.0"}}}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {valuesObject: {replicas: 2, image: {tag: "1.0"}}}
        """,
    check=_values_twice,
)
VALUES = Rule(
    "helm-values-invalid",
    "error",
    part="helm",
    why="Helm refuses values that are no map in YAML.",
    source="argo-cd reposerver/repository/repository.go helmTemplate; Helm, pkg/cli/values MergeValues",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {values: "replicas 2"}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm:
              values: |
                # two of them
                replicas: 2
        """,
    check=_values,
)
RELEASE_NAME_LENGTH = Rule(
    "helm-release-name-length",
    "error",
    part="application",
    why="Helm calls the release as the Application is called, and refuses more than 53 characters.",
    source="argo-cd reposerver/repository/repository.go helmTemplate; argo-cd#13645",
    bad="""
        metadata: {name: a-service-with-quite-a-long-name-production-cluster-east-1}
        spec: {source: {repoURL: https://charts.example.com, chart: cart, targetRevision: 1.2.3}}
        """,
    good="""
        metadata: {name: a-service-with-quite-a-long-name-production-cluster-east-1}
        spec:
          source:
            repoURL: https://charts.example.com
            chart: cart
            targetRevision: 1.2.3
            helm: {releaseName: cart}
        """,
    check=_release_name,
    needs=("helm", "chart"),
)
RELEASE_NAME_SYNTAX = Rule(
    "helm-release-name-invalid",
    "error",
    part="helm",
    why="Helm refuses the name of the release.",
    source="Helm, pkg/chartutil ValidateReleaseName; argo-cd#13645",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {releaseName: my_cart}}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {releaseName: my-cart}}}",
    check=_release_name_syntax,
)
PARAMETER_TWICE = Rule(
    "helm-parameter-twice",
    "warning",
    part="helm",
    why="Argo CD silently uses only the last of several parameters with one name.",
    source="argo-cd reposerver/repository/repository.go helmTemplate",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {parameters: [{name: replicas, value: "1"}, {name: replicas, value: "2"}]}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            helm: {parameters: [{name: replicas, value: "2"}, {name: tag, value: "2"}]}
        """,
    check=_helm_parameter_twice,
)
HELM_VERSION = Rule(
    "helm-version-ignored",
    "warning",
    part="helm",
    why="Argo CD ignores the version of Helm since 3.5; checked where argocdVersion is declared.",
    source="argo-cd docs/user-guide/helm.md",
    bad="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {argocdVersion: "3.5"}
        ---
        spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {version: v3}}}
        """,
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {version: v3}}}",
    check=_helm_version,
)
HELM_KUBE_VERSION = Rule(
    "helm-kube-version-invalid",
    "error",
    part="helm",
    why="Argo CD cannot render for a kubeVersion that it cannot parse.",
    source="argo-cd reposerver/repository/repository.go parseKubeVersion",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {kubeVersion: latest}}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {kubeVersion: v1.33.2}}}",
    check=_kube_version,
)
KUSTOMIZE_KUBE_VERSION = Rule(
    "kustomize-kube-version-invalid",
    "error",
    part="kustomize",
    why="Argo CD cannot render for a kubeVersion that it cannot parse.",
    source="argo-cd reposerver/repository/repository.go parseKubeVersion",
    bad="""spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {kubeVersion: "1"}}}""",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {kubeVersion: v1.33}}}",
    check=_kube_version,
)
HELM_NAMESPACE = Rule(
    "helm-namespace-invalid",
    "error",
    part="helm",
    why="Kubernetes refuses the namespace, so every sync fails.",
    source="Kubernetes, DNS label names (RFC 1123)",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {namespace: My_Shop}}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, helm: {namespace: my-shop}}}",
    check=_namespace,
)
KUSTOMIZE_NAMESPACE = Rule(
    "kustomize-namespace-invalid",
    "error",
    part="kustomize",
    why="Kubernetes refuses the namespace, so every sync fails.",
    source="Kubernetes, DNS label names (RFC 1123)",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {namespace: My_Shop}}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {namespace: my-shop}}}",
    check=_namespace,
)
KUSTOMIZE_VERSION = Rule(
    "kustomize-version-unregistered",
    "error",
    part="kustomize",
    why="Argo CD renders with the kustomize versions that argocd-cm registers alone; checked where kustomizeVersions "
    "declares them.",
    source="argo-cd util/settings/settings.go GetKustomizeBinaryPath",
    bad="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {kustomizeVersions: [v5.4.3, v5.8.1]}
        ---
        spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {version: v5.8.0}}}
        """,
    good="""
        apiVersion: kloom.dev/v1alpha1
        kind: ManifestValidator
        spec: {kustomizeVersions: [v5.4.3, v5.8.1]}
        ---
        spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {version: v5.8.1}}}
        """,
    check=_kustomize_version,
)
REPLICA_COUNT = Rule(
    "kustomize-replicas-count",
    "error",
    part="kustomize",
    why="Argo CD cannot render with a count of replicas that is no whole number.",
    source="argo-cd pkg/apis/application/v1alpha1/types.go GetIntCount",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize: {replicas: [{name: cart, count: two}]}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize: {replicas: [{name: cart, count: "2"}]}
        """,
    check=_replica_count,
)
PATCH = Rule(
    "kustomize-patch-incomplete",
    "error",
    part="kustomize",
    why="kustomize refuses a patch with neither patch nor path, and one with both.",
    source="kustomize api/internal/builtins/PatchTransformer.go",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize: {patches: [{target: {kind: Deployment}}]}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize: {patches: [{target: {kind: Deployment}, path: replicas.yaml}]}
        """,
    check=_patch,
)
IMAGE = Rule(
    "kustomize-image-invalid",
    "error",
    part="kustomize",
    why="`kustomize edit set image`, which Argo CD calls, refuses an image without a new name, tag or digest.",
    source="argo-cd util/kustomize/kustomize.go Build",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {images: [cart]}}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, kustomize: {images: [cart=till]}}}",
    check=_image,
)
COMMON_LABELS = Rule(
    "kustomize-label-invalid",
    "error",
    part="kustomize",
    why="Kubernetes refuses the label on every object, so every sync fails.",
    source="Kubernetes, label syntax and character set",
    bad="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize: {commonLabels: {team: the checkout team}}
        """,
    good="""
        spec:
          source:
            repoURL: https://git.example.com/shop.git
            path: deploy
            kustomize: {commonLabels: {team: checkout, version: $ARGOCD_APP_REVISION}}
        """,
    check=_common_labels,
)
ZERO = Rule(
    "source-zero-value",
    "warning",
    part="spec",
    why="Argo CD's controller removes an empty helm, kustomize or directory from the live Application, which then "
    "differs from Git for ever.",
    source="argo-cd util/argo/argo.go NormalizeSource",
    bad="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, directory: {recurse: false}}}",
    good="spec: {source: {repoURL: https://git.example.com/shop.git, path: deploy, plugin: {}}}",
    check=_zero,
    needs=("helm", "kustomize", "directory"),
)
