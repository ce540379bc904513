"""The components for an installation of Argo CD, and the one that freezes an environment, as kustomize builds them."""

from __future__ import annotations

import subprocess
from os.path import relpath
from pathlib import Path

import pytest
import yaml

from kloom import __version__
from kloom.argocd_plugin import PARAMETERS

HERE = Path(__file__).parent
COMPONENTS = HERE.parents[1] / "overlays/components"
INSTALLATIONS = ["argocd-cmp", "argocd-plugin-home", "both"]


@pytest.fixture
def build(kustomize, plugin_home):
    """What kustomize prints of a folder."""

    def built(folder, *flags):
        environment = {"KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
        command = [kustomize, "build", *flags, folder]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    return built


def repo_server(manifests):
    (deployment,) = (obj for obj in yaml.safe_load_all(manifests) if obj["kind"] == "Deployment")
    return deployment["spec"]["template"]["spec"]


@pytest.mark.parametrize("name", INSTALLATIONS)
def test_the_reviewed_installation_comes_out(name, build, update_golden):
    built = build(HERE / name)
    expected = HERE / name / "expected.yaml"
    if update_golden:
        expected.write_text(built)
    assert built == expected.read_text()


@pytest.mark.parametrize("name", INSTALLATIONS)
def test_what_is_mounted_is_there_and_no_name_twice(name, build):
    pod = repo_server(build(HERE / name))
    containers = pod["initContainers"] + pod["containers"]
    volumes = [volume["name"] for volume in pod["volumes"]]
    names = [container["name"] for container in containers]
    assert {mount["name"] for container in containers for mount in container["volumeMounts"]} <= {*volumes}
    assert (len(volumes), len(names)) == (len({*volumes}), len({*names}))


@pytest.mark.parametrize("name", INSTALLATIONS)
def test_what_the_components_add_runs_with_no_rights(name, build):
    pod = repo_server(build(HERE / name))
    added = [one for one in pod["initContainers"] + pod["containers"] if one["image"] != "argocd:test"]
    assert added
    for container in added:
        assert container["image"].rpartition(":")[2] == __version__
        assert container["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 999,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }


def test_the_plugin_announces_the_parameters_that_the_command_heeds():
    plugin = yaml.safe_load((COMPONENTS / "argocd-cmp/plugin.yaml").read_text())
    announced = plugin["spec"]["parameters"]["static"]
    assert {one["name"]: one.get("collectionType", "string") for one in announced} == PARAMETERS
    assert plugin["spec"]["generate"]["command"] == ["kloom", "argocd", "generate"]
    assert "discover" not in plugin["spec"]


def of_the_component(name):
    """The pod's part of a component, and the same in the words of argo-helm's chart."""
    patch, values = (
        yaml.safe_load((COMPONENTS / name / file).read_text()) for file in ("repo-server.yaml", "argo-helm-values.yaml")
    )
    return patch["spec"]["template"]["spec"], values["repoServer"], values["configs"]


def test_values_for_argo_helm_are_those_of_the_sidecar():
    pod, values, configs = of_the_component("argocd-cmp")
    plugin = yaml.safe_load((COMPONENTS / "argocd-cmp/plugin.yaml").read_text())
    assert values["extraContainers"] == pod["containers"]
    assert configs["cmp"] == {"create": True, "plugins": {plugin["metadata"]["name"]: plugin["spec"]}}
    config, *others = values["volumes"]
    assert [config["name"], *others] == [pod["volumes"][0]["name"], *pod["volumes"][1:]]
    assert config["configMap"]["items"] == [{"key": f"{plugin['metadata']['name']}.yaml", "path": "plugin.yaml"}]


def test_values_for_argo_helm_are_those_of_the_plugin_home():
    pod, values, configs = of_the_component("argocd-plugin-home")
    (repo_server_container,) = pod["containers"]
    options = yaml.safe_load((COMPONENTS / "argocd-plugin-home/build-options.yaml").read_text())
    assert {"name": "argocd-repo-server"} | {
        name: values[name] for name in ("env", "volumeMounts")
    } == repo_server_container
    assert {name: values[name] for name in ("initContainers", "volumes")} == {
        name: pod[name] for name in ("initContainers", "volumes")
    }
    assert configs["cm"] == options["data"]


def test_freeze_switches_automated_sync_off_and_keeps_the_rest(build, tmp_path):
    """The same that the plugin's parameter does."""
    (tmp_path / "kustomization.yaml").write_text(
        f"resources: [{relpath(COMPONENTS.parent / 'prod', tmp_path)}]\n"
        f"components: [{relpath(COMPONENTS / 'freeze', tmp_path)}]\n"
    )
    flag = "--enable-alpha-plugins"
    frozen, plain = (list(yaml.safe_load_all(build(each, flag))) for each in (tmp_path, COMPONENTS.parent / "prod"))
    for application in plain:
        application["spec"]["syncPolicy"]["automated"]["enabled"] = False
    assert frozen == plain
