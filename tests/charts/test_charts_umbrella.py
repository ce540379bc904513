"""The charts under charts of other people."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

CHARTS = Path(__file__).resolve().parents[2] / "charts"
FIELDS = {
    "source": {"repoURL": "https://github.com/app-1/app-1.git", "path": "dev"},
    "destination": {"name": "in-cluster"},
}
GLOBAL = {"global": {"name": "svc-a"}}


@pytest.fixture
def umbrella(tmp_path):
    """Makes a chart out of dependencies: name and alias, or the folder of another chart."""

    def make(*dependencies, name="umbrella"):
        chart = tmp_path / name
        lines = [f"apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:"]
        for dependency, alias in dependencies:
            folder = dependency if isinstance(dependency, Path) else CHARTS / dependency
            shutil.copytree(folder, chart / "charts" / folder.name, dirs_exist_ok=True)
            lines.append(f'- name: {folder.name}\n  version: ">=0"' + (f"\n  alias: {alias}" if alias else ""))
        (chart / "Chart.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return chart

    return make


def names(applications):
    return sorted(application["metadata"]["name"] for application in applications)


def test_argo_app_renders_from_its_block_and_global(helm, umbrella):
    chart = umbrella(("argo-app", None))
    values = {
        "global": {"name": "svc-a", "project": "dev", "labels": {"a": "b"}},
        "argo-app": {"enable": True, **FIELDS},
    }
    [application] = helm.applications(chart, values)
    assert application["metadata"] == {"name": "svc-a-argo-app", "namespace": "argocd", "labels": {"a": "b"}}
    assert application["spec"] == {"project": "dev", **FIELDS}


def test_argo_app_takes_its_alias_for_the_cluster(helm, umbrella):
    chart = umbrella(("argo-app", "East"), ("argo-app", "west"), ("argo-app", "off"))
    values = {**GLOBAL, "East": {"enable": True, **FIELDS}, "west": {"enable": True, **FIELDS}}
    assert names(helm.applications(chart, values)) == ["svc-a-east", "svc-a-west"]


def test_argo_app_needs_the_name_of_the_service(helm, umbrella):
    error = helm.refusal(umbrella(("argo-app", "east")), {"east": {"enable": True, **FIELDS}})
    assert "east: the Application's name" in error


def test_argo_app_takes_other_charts_globals(helm, umbrella):
    values = {
        "global": {"name": "svc-a", "imageRegistry": "registry.example.com"},
        "east": {"enable": True, **FIELDS},
    }
    assert names(helm.applications(umbrella(("argo-app", "east")), values)) == ["svc-a-east"]


def test_defaults_of_an_umbrella_count(helm, umbrella):
    chart = umbrella(("argo-app", "east"))
    (chart / "values.yaml").write_text("east: {enable: true, revisionHistoryLimit: 0}\n", encoding="utf-8")
    [application] = helm.applications(chart, {**GLOBAL, "east": FIELDS})
    assert application["spec"]["revisionHistoryLimit"] == 0


@pytest.mark.parametrize("alias", [None, "apps"])
def test_argo_app_root_shares_values_under_any_alias(helm, umbrella, alias):
    chart = umbrella(("argo-app-root", alias))
    block = {**FIELDS, "roles": {"active": {"project": "x"}}, "cluster-A": {"enable": True, "role": "active"}}
    [application] = helm.applications(chart, {**GLOBAL, alias or "argo-app-root": block})
    assert application["metadata"]["name"] == "svc-a-cluster-a"
    assert application["spec"] == {"project": "x", **FIELDS}


def test_two_argo_app_roots_under_one_umbrella(helm, umbrella):
    chart = umbrella(("argo-app-root", "dev"), ("argo-app-root", "prod"))
    values = {
        **GLOBAL,
        "dev": {**FIELDS, "cluster-A": {"enable": True}},
        "prod": {**FIELDS, "cluster-B": {"enable": True}},
    }
    if helm.output("version", "--short").startswith("v3"):
        # Helm 3 renames the sub-charts for the first alias and misses them for the second; it says so
        assert "additional properties 'argo-app' not allowed" in helm.refusal(chart, values)
    else:
        assert names(helm.applications(chart, values)) == ["svc-a-cluster-a", "svc-a-cluster-b"]


@pytest.mark.parametrize("alias", [None, "apps"])
def test_argo_app_prints_for_itself_beside_argo_app_root(helm, umbrella, alias):
    chart = umbrella(("argo-app-root", alias), ("argo-app", "east"))
    values = {
        **GLOBAL,
        alias or "argo-app-root": {**FIELDS, "cluster-A": {"enable": True}},
        "east": {"enable": True, **FIELDS},
    }
    assert names(helm.applications(chart, values)) == ["svc-a-cluster-a", "svc-a-east"]


def test_umbrellas_in_umbrellas(helm, umbrella):
    chart = umbrella((umbrella(("argo-app", "east"), name="inner"), None), name="outer")
    assert names(helm.applications(chart, {**GLOBAL, "inner": {"east": {"enable": True, **FIELDS}}})) == ["svc-a-east"]
