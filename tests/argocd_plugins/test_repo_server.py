"""kloom in the plugin home of the repo server's kustomize, and manifests that were committed instead."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from manifest_generation import RepoServer

ROOT = Path(__file__).resolve().parents[2]
OVERLAYS = ROOT / "overlays"
ENVIRONMENTS = sorted(path.parent.name for path in OVERLAYS.glob("*/services"))
EXPECTED = ROOT / "tests/overlays/expected"
DEV = {"path": "overlays/dev"}


def expected(environment):
    """What the samples' own tests have reviewed."""
    return list(yaml.safe_load_all((EXPECTED / f"{environment}.yaml").read_text()))


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, "roots"])
def test_the_manifests_are_what_kustomize_builds(environment, with_plugin_home, checkout):
    made = with_plugin_home.manifests(checkout, {"path": f"overlays/{environment}"}).made()
    assert made == expected(environment)


def test_a_mistake_in_a_values_file_reaches_whoever_looks_at_the_application(with_plugin_home, checkout):
    (checkout / "overlays/dev/services/storefront.yaml").write_text("global: {name: storefront}\nsorce: {}\n")
    error = with_plugin_home.manifests(checkout, DEV).refused()
    assert "services/storefront.yaml:2:1: sorce: unknown key; declared clusters are" in error


# The executable that carries its own Python, as the component's init container installs it


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The volume that the init container of the component fills, from an image that holds the executable alone."""
    patch = yaml.safe_load((OVERLAYS / "components/argocd-plugin-home/repo-server.yaml").read_text())
    (container,) = patch["spec"]["template"]["spec"]["initContainers"]
    (name, *words), (mount,) = container["command"], container["volumeMounts"]
    volume = tmp_path_factory.mktemp("volume")
    command = [ROOT / "dist" / name, *(str(volume) if word == mount["mountPath"] else word for word in words)]
    assert command[0].exists(), f"{command[0]} must be there: run these tests by `make e2e`, which makes it"
    subprocess.run(command, env={}, capture_output=True, check=True)
    return volume


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, "roots"])
def test_the_executable_needs_nothing_of_the_repo_servers_image(environment, installed, kustomize, tmp_path, checkout):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/kustomize").symlink_to(kustomize)
    alone = {"PATH": str(tmp_path / "bin"), "KUSTOMIZE_PLUGIN_HOME": str(installed)}
    argocd = RepoServer(environment=alone, build_options="--enable-alpha-plugins")
    assert argocd.manifests(checkout, {"path": f"overlays/{environment}"}).made() == expected(environment)


# What a root Application may say itself


def test_a_component_of_the_root_freezes_without_a_commit(with_plugin_home, checkout):
    source = {"path": "overlays/prod", "kustomize": {"components": ["../components/freeze"]}}
    frozen = expected("prod")
    for application in frozen:
        application["spec"]["syncPolicy"]["automated"]["enabled"] = False
    assert with_plugin_home.manifests(checkout, source).made() == frozen


# What is lost is an error, whatever else the kustomization holds


@pytest.fixture
def beside_other_resources(checkout):
    """A repository whose kustomization would still print something without its Applications."""
    kustomization = checkout / "overlays/dev/kustomization.yaml"
    kustomization.write_text(kustomization.read_text() + "resources: [namespace.yaml]\n")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "dev"}}
    (checkout / "overlays/dev/namespace.yaml").write_text(yaml.safe_dump(namespace))
    return checkout


def test_without_the_flag(with_plugin_home, beside_other_resources):
    error = with_plugin_home.but(build_options="").manifests(beside_other_resources, DEV).refused()
    assert "external plugins disabled; unable to load external plugin 'ApplicationGenerator'" in error


def test_without_the_variable(with_plugin_home, beside_other_resources):
    error = with_plugin_home.without("KUSTOMIZE_PLUGIN_HOME").manifests(beside_other_resources, DEV).refused()
    assert "unable to find plugin root" in error


def test_without_the_plugin(with_plugin_home, beside_other_resources, tmp_path):
    empty = {**with_plugin_home.environment, "KUSTOMIZE_PLUGIN_HOME": str(tmp_path)}
    error = with_plugin_home.but(environment=empty).manifests(beside_other_resources, DEV).refused()
    assert "expected file with Go object code" in error


# Who can push to a repository


@pytest.fixture
def hostile(checkout, tmp_path):
    """A repository that brings along functions of its own: the form of each kind that kustomize knows."""
    script = checkout / "overlays/dev/run.sh"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    script.chmod(0o755)
    for name, function in {"exec": "exec: {path: ./run.sh}", "starlark": "starlark: {path: run.sh}"}.items():
        annotations = {"config.kubernetes.io/function": function}
        config = {"apiVersion": "example.com/v1", "kind": "Run", "metadata": {"name": name, "annotations": annotations}}
        (checkout / f"overlays/dev/{name}.yaml").write_text(yaml.safe_dump(config))
    home = checkout / ".config/kustomize/plugin/example.com/v1/run"
    home.mkdir(parents=True)
    (home / "Run").write_text(script.read_text())
    (home / "Run").chmod(0o755)
    (checkout / "overlays/dev/home.yaml").write_text("apiVersion: example.com/v1\nkind: Run\nmetadata: {name: home}\n")
    return checkout


def lists(checkout, config):
    """The kustomization of dev with one config more."""
    kustomization = checkout / "overlays/dev/kustomization.yaml"
    kustomization.write_text(f"generators: [applications.yaml]\ntransformers: [{config}.yaml]\n")


@pytest.mark.parametrize("config", ["exec", "starlark", "home"])
def test_no_script_of_a_repository_runs(config, with_plugin_home, hostile, tmp_path):
    lists(hostile, config)
    with_plugin_home.manifests(hostile, DEV)
    assert not (tmp_path / "ran").exists()


def test_with_enable_exec_it_would(with_plugin_home, hostile, tmp_path):
    """Why the flag is not given."""
    lists(hostile, "exec")
    flags = "--enable-alpha-plugins --enable-exec"
    with_plugin_home.but(build_options=flags).manifests(hostile, DEV).made()
    assert (tmp_path / "ran").exists()


def test_charts_are_what_the_flag_allows_besides(with_plugin_home, checkout, helm):
    assert helm
    chart = checkout / "helm/charts/cart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: cart\nversion: 1.0.0\n")
    (chart / "values.yaml").touch()
    (chart / "templates/cart.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cart}\n")
    (checkout / "helm/kustomization.yaml").write_text("helmCharts: [{name: cart}]\n")
    (made,) = with_plugin_home.manifests(checkout, {"path": "helm"}).made()
    assert made["metadata"]["name"] == "cart"
    assert "--enable-helm" in with_plugin_home.but(build_options="").manifests(checkout, {"path": "helm"}).refused()


def test_an_exec_function_that_is_skipped_is_an_error_by_the_guard(with_plugin_home, checkout):
    error = with_plugin_home.manifests(checkout, {"path": "overlays/forms/exec"}).refused()
    assert "the-function-did-not-run" in error


# Rendered before, and committed


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_committed_manifests_are_the_same(environment, with_plugin_home, checkout, kloom):
    """Argo CD needs neither kloom nor flags for them."""
    rendered = checkout / f"rendered/{environment}/applications.yaml"
    rendered.parent.mkdir(parents=True)
    command = [kloom, "render", checkout / "overlays" / environment]
    rendered.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    plain = with_plugin_home.but(build_options="").without("KUSTOMIZE_PLUGIN_HOME")
    made = plain.manifests(checkout, {"path": f"rendered/{environment}"}).made()
    assert made == expected(environment)
