"""What the charts render is what the goldens say."""

from __future__ import annotations

from pathlib import Path

import pytest

CHARTS = Path(__file__).resolve().parents[2] / "charts"
SEED = Path(__file__).with_name("seed")
CI_FILES = sorted(CHARTS.glob("argo-app*/ci/*-values.yaml"))


def of(file):
    return f"{file.parents[1].name}/{file.name.removesuffix('-values.yaml')}"


@pytest.mark.parametrize("name", ["argo-app", "argo-app-root"])
def test_lint_finds_nothing(helm, name):
    helm.output("lint", "--strict", CHARTS / name)


@pytest.mark.parametrize("values", CI_FILES, ids=of)
def test_lint_finds_nothing_with_values(helm, values):
    helm.output("lint", "--strict", values.parents[1], "--values", values)


@pytest.mark.parametrize("values", CI_FILES, ids=of)
def test_ci_values_render_the_golden(helm, matches_golden, values):
    text = helm.template(values.parents[1], values)
    matches_golden(of(values), text)


@pytest.mark.parametrize("service", ["svc-a", "svc-b", "svc-c"])
def test_a_service_of_two_files_renders_one_application(helm, root_chart, matches_golden, service):
    text = helm.template(root_chart, SEED / "common-values.yaml", SEED / f"{service}.yaml")
    matches_golden(f"seed/{service}", text)


@pytest.mark.parametrize("chart", ["argo-app", "argo-app-root"])
def test_without_values_there_is_no_application(helm, chart):
    assert helm.applications(CHARTS / chart) == []


def test_the_same_input_gives_the_same_bytes(helm, root_chart):
    values = CHARTS / "argo-app-root/ci/all-clusters-values.yaml"
    assert helm.template(root_chart, values) == helm.template(root_chart, values)


def test_only_applications_are_rendered(helm):
    for values in CI_FILES:
        for document in helm.applications(values.parents[1], values):
            assert (document["apiVersion"], document["kind"]) == ("argoproj.io/v1alpha1", "Application")


def test_nothing_of_our_own_is_added(helm, chart):
    [application] = helm.applications(chart, CHARTS / "argo-app/ci/minimal-values.yaml")
    assert application == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "release", "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://github.com/app-1/app-1.git", "path": "dev/svc-a"},
            "destination": {"server": "https://kubernetes.default.svc"},
        },
    }
