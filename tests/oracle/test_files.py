"""Sources held against the files of their repository: by Argo CD's own code, which renders them, and by the rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from argocd import ArgoCD, Object, World
from hypothesis import given, settings
from hypothesis import strategies as st

from kloom.validate.own_repository import OwnRepository
from kloom.validate.rulebook import FILE, OVERRIDDEN, PATH, RENDERER
from kloom.validate.tree import Tree

Files = Mapping[str, str]
URL = "https://git.example.com/shop.git"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cart}\n"
PLAIN = {"deploy/cart/cart.yaml": CONFIG_MAP}
KUSTOMIZATION = {**PLAIN, "deploy/cart/kustomization.yaml": "resources: [cart.yaml]\n"}
CHART = {
    "deploy/cart/Chart.yaml": "apiVersion: v2\nname: cart\nversion: 1.2.3\n",
    "deploy/cart/templates/cart.yaml": CONFIG_MAP,
}
BESIDE = {
    "deploy/cart/values-prod.yaml": "a: 1\n",
    "base/values.yaml": "a: 2\n",
    "deploy/tls/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: tls-\n"
    ),
}
SAID: tuple[Object, ...] = (
    {},
    {"path": "deploy/crat"},
    {"directory": {"recurse": True, "exclude": "{values-prod.yaml,kustomization.yaml,Chart.yaml}"}},
    {"kustomize": {}},
    {"kustomize": {"namePrefix": "dev-"}},
    {"kustomize": {"components": ["../tls"]}},
    {"kustomize": {"components": ["../tsl"]}},
    {"kustomize": {"components": ["../tsl", "../tls"], "ignoreMissingComponents": True}},
    {"kustomize": {"patches": [{"path": "nowhere.yaml"}]}},
    {"helm": {}},
    {"helm": {"releaseName": "cart"}},
    {"helm": {"valuesObject": {"a": 1, "b": {"c": 2}}}},
    {"helm": {"valueFiles": ["values-prod.yaml", "/base/values.yaml", "../../base/values.yaml"]}},
    {"helm": {"valueFiles": ["values-prd.yaml"]}},
    {"helm": {"valueFiles": ["/base/vales.yaml"]}},
    {"helm": {"valueFiles": ["values-prd.yaml"], "ignoreMissingValueFiles": True}},
    {"helm": {"fileParameters": [{"name": "a", "path": "values-prod.yaml"}]}},
    {"helm": {"fileParameters": [{"name": "a", "path": "nowhere.txt"}], "ignoreMissingValueFiles": True}},
)
OVERRIDING = (
    "helm: {valuesObject: {a: null}}\n", "helm: {valuesObject: {b: {c: 2}}}\n",
    "helm: {releaseName: other}\n", "helm: {releaseName: cart}\n", "helm: {releaseName: null}\n", "other: 1\n",
    "kustomize: {namePrefix: dev-}\n", "directory: {recurse: true}\n", "helm: {valueFiles: [values-prd.yaml]}\n",
    "kustomize: {nameSuffix: -x}\n", "", "null\n", "- a\n", "a: [\n", "x\n",
    "path: elsewhere\nchart: x\n", "kustomize: null\n", "repoURL: x\n---\nhelm: {releaseName: x}\n", "{}\n",
)  # fmt: skip
NAMES = (
    ".argocd-source.yaml", ".argocd-source-cart.yaml", ".argocd-source-shop_cart.yaml", ".argocd-source-till.yaml",
    ".argocd-source.yml",
)  # fmt: skip
OVERRIDES = st.builds(
    lambda name, text: {f"deploy/cart/{name}": text}, st.sampled_from(NAMES), st.sampled_from(OVERRIDING)
)


def application(said: Object, namespace: str = "argocd") -> Object:
    source = {"repoURL": URL, "path": "deploy/cart", "targetRevision": "HEAD", **said}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "cart", "namespace": namespace},
        "spec": {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "cart"},
            "source": source,
        },
    }


def assert_agreement(argocd: ArgoCD, files: Files, one: Object) -> None:
    with TemporaryDirectory() as folder:
        root = str(Path(folder).resolve())
        for name, text in files.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        own = OwnRepository(Tree(root), frozenset((URL,)), frozenset(("main",)))
        found = {rule.id: message for rule, _, message in own.problems(one, "argocd")}
        (verdicts,) = argocd.judge(World(applications=[one], root=root)).applications
    told = json.dumps([found, dict(verdicts), dict(files), one], indent=1)
    if "overridden" in verdicts or OVERRIDDEN.id in found:
        assert ("overridden" in verdicts) == (OVERRIDDEN.id in found), told
    else:
        assert ("rendered" in verdicts) == bool(found.keys() & {PATH.id, FILE.id, RENDERER.id}), told


@pytest.mark.parametrize("said", SAID, ids=str)
@pytest.mark.parametrize("files", [PLAIN, KUSTOMIZATION, CHART], ids=["plain", "kustomization", "chart"])
def test_what_sources_say_of_files(argocd: ArgoCD, files: Files, said: dict[str, Any]) -> None:
    assert_agreement(argocd, {**files, **BESIDE}, application(said))


@given(
    st.sampled_from((PLAIN, KUSTOMIZATION, CHART)),
    OVERRIDES,
    st.sampled_from(SAID),
    st.sampled_from(("argocd", "shop")),
)
@settings(max_examples=150)
def test_files_that_override(argocd: ArgoCD, files: Files, override: Files, said: Object, namespace: str) -> None:
    assert_agreement(argocd, {**files, **BESIDE, **override}, application(said, namespace))
