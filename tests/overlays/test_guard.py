"""Where the guard sees an exec function, as its own comment and docs/cluster-endpoints.md say it."""

from __future__ import annotations

import pytest

ALPHA = "--enable-alpha-plugins"
MESSAGE = "the-function-did-not-run"
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: KIND
metadata: {name: KIND, annotations: {config.kubernetes.io/function: "exec: {path: kloom}"}}
spec: SPEC
"""
CLUSTERS = "clusters: {cluster-A: {destination: {server: https://10.0.0.10:6443}}}"
GENERATOR = CONFIG.replace("KIND", "ApplicationGenerator").replace("SPEC", f"{{{CLUSTERS}, services: web.yaml}}")
TRANSFORMER = CONFIG.replace("KIND", "ClusterEndpointTransformer").replace("SPEC", f"{{{CLUSTERS}}}")
FILES = {
    "generator.yaml": GENERATOR,
    "endpoints.yaml": TRANSFORMER,
    "web.yaml": (
        "global: {name: web}\nsource: {repoURL: https://git.example.com/shop.git, path: web, targetRevision: v1.4.0}\n"
        "destination: {namespace: web}\ncluster-A: {enable: true}\n"
    ),
    "near.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: near}\n",
}
GENERATES, TRANSFORMS = "generators: [generator.yaml]\n", "resources: [near.yaml]\ntransformers: [endpoints.yaml]\n"
GUARDED = "components: [../components/guard]\n"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
SEES = {
    "beside a generator": (f"{GENERATES}{GUARDED}", ""),
    "beside a generator and a transformer": (f"{GENERATES}{TRANSFORMS}{GUARDED}", ""),
    "above a generator": (GENERATES, f"resources: [../own]\n{GUARDED}"),
    "above a transformer": (TRANSFORMS, f"resources: [../own]\n{GUARDED}"),
    "behind a component that generates": (f"{COMPONENT}{GENERATES}", "components: [../own, ../components/guard]\n"),
}
SEES_NOTHING = {
    "beside a transformer": (f"{TRANSFORMS}{GUARDED}", ""),
    "before a component that generates": (f"{COMPONENT}{GENERATES}", "components: [../components/guard, ../own]\n"),
}


@pytest.fixture
def guarded(overlays, request):
    """The folder to build: the parent's, where there is one."""
    own, parent = request.param
    for name, text in {**FILES, "kustomization.yaml": own}.items():
        (overlays / "own").mkdir(exist_ok=True)
        (overlays / "own" / name).write_text(text)
    if not parent:
        return overlays / "own"
    (overlays / "parent").mkdir()
    (overlays / "parent" / "kustomization.yaml").write_text(parent)
    return overlays / "parent"


@pytest.mark.parametrize("guarded", SEES.values(), ids=SEES.keys(), indirect=True)
def test_with_the_flag_it_builds_and_without_it_fails(guarded, tools):
    ran = tools.build_with_exec(guarded)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout
    assert "Sentinel" not in ran.stdout
    skipped = tools.build(guarded, ALPHA)
    assert skipped.returncode != 0
    assert MESSAGE in skipped.stderr


@pytest.mark.parametrize("guarded", SEES_NOTHING.values(), ids=SEES_NOTHING.keys(), indirect=True)
def test_it_fails_the_build_with_every_flag(guarded, tools):
    for done in (tools.build_with_exec(guarded), tools.build(guarded, ALPHA)):
        assert done.returncode != 0
        assert MESSAGE in done.stderr
