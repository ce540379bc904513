"""kloom as config management plugin, run by Argo CD's own plugin server at the request of its own repo server."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from manifest_generation import PluginServer
from processes import wait_until

from kloom.argocd_plugin import PARAMETERS

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
ENVIRONMENTS = sorted(path.parent.name for path in OVERLAYS.glob("*/services"))
GENERATE_PATHS = "argocd.argoproj.io/manifest-generate-paths"


def kloom_at(path, **parameters):
    """A source that names the plugin; parameters are strings, or lists of them."""
    given = [
        {"name": name, "array" if isinstance(value, list) else "string": value} for name, value in parameters.items()
    ]
    return {"path": path, "plugin": {"name": "kloom", "parameters": given}}


@pytest.fixture
def build(path, plugin_home, kustomize, checkout):
    """The objects that kustomize builds of a folder of the checkout."""

    def built(folder):
        command = [kustomize, "build", "--enable-alpha-plugins", checkout / folder]
        environment = {"PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return list(yaml.safe_load_all(done.stdout))

    return built


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, "roots"])
def test_the_manifests_are_what_kustomize_builds(environment, with_sidecar, checkout, build):
    folder = f"overlays/{environment}"
    assert with_sidecar.manifests(checkout, kloom_at(folder)).made() == build(folder)


def test_a_mistake_in_a_values_file_reaches_whoever_looks_at_the_application(with_sidecar, checkout):
    storefront = checkout / "overlays/dev/services/storefront.yaml"
    storefront.write_text("global: {name: storefront}\nsource: {pth: storefront/dev}\nclusterC: {enable: true}\n")
    error = with_sidecar.manifests(checkout, kloom_at("overlays/dev")).refused()
    assert (
        "`kloom argocd generate` failed exit status 1: services/storefront.yaml:2:10: source.pth: unknown key" in error
    )
    assert "\nservices/storefront.yaml:3:1: clusterC: unknown key; declared clusters are" in error


def test_the_error_is_the_same_each_time(with_sidecar, checkout):
    """Its text becomes a condition of the Application, which should not change while nothing does."""
    (checkout / "overlays/both").mkdir()
    (checkout / "overlays/both/kustomization.yaml").write_text("resources: [../dev, ../prod]\n")
    (checkout / "overlays/dev/services/storefront.yaml").write_text("global: {nam: storefront}\n")
    first, second = (with_sidecar.manifests(checkout, kloom_at("overlays/both")).refused() for _ in range(2))
    assert first == second
    assert "'overlays/dev': \nservices/storefront.yaml:1:10: global.nam: unknown key" in first
    assert not re.search(r"/tmp|_cmp_server", first)


@pytest.mark.parametrize("excluded", [[".git"], [".git/*"]])
def test_a_repository_without_git_is_read_up_to_its_root(excluded, with_sidecar, checkout, build):
    without = with_sidecar.but(excluded=excluded)
    assert without.manifests(checkout, kloom_at("overlays/prod")).made() == build("overlays/prod")


def test_without_git_nothing_outside_of_the_repository_is_read(with_sidecar, checkout):
    config = checkout / "overlays/dev/applications.yaml"
    config.write_text(config.read_text().replace("services/*.yaml", "../../../*/overlays/prod/services/*.yaml"))
    error = with_sidecar.but(excluded=[".git"]).manifests(checkout, kloom_at("overlays/dev")).refused()
    assert "must stay inside the repository (the folder that KLOOM_ROOT names)" in error


def test_the_part_of_a_repository_that_the_annotation_names_is_enough(with_sidecar, checkout, build):
    part = with_sidecar.but(annotations={GENERATE_PATHS: ".;../shared"}, only_generate_paths=True)
    (checkout / "not-sent.yaml").write_text("kind: Nothing\n")
    assert part.manifests(checkout, kloom_at("overlays/dev")).made() == build("overlays/dev")
    assert part.but(annotations={GENERATE_PATHS: "."}).manifests(checkout, kloom_at("overlays/dev")).refused()


@pytest.fixture
def with_script(checkout, tmp_path):
    """A repository whose kustomization lists an executable of its own as a function, beside the guard."""
    form = checkout / "overlays/forms/exec"
    function = form / "function.sh"
    function.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    function.chmod(0o755)
    config = form / "applications.yaml"
    config.write_text(config.read_text().replace("{path: kloom}", "{path: ./function.sh}"))
    return checkout


def test_no_script_of_the_repository_runs(with_sidecar, with_script, tmp_path):
    error = with_sidecar.manifests(with_script, kloom_at("overlays/forms/exec")).refused()
    assert "the-function-did-not-run" in error
    assert not (tmp_path / "ran").exists()


def test_files_arrive_without_their_mode(with_sidecar, with_script, path, tmp_path, tmp_path_factory):
    """Even a plugin with --enable-exec could not run the script; kloom is no file of the repository."""
    folder = tmp_path_factory.mktemp("exec")
    generate = {"command": ["kustomize", "build", "--enable-alpha-plugins", "--enable-exec", "."]}
    plugin = {"kind": "ConfigManagementPlugin", "metadata": {"name": "kloom"}, "spec": {"generate": generate}}
    (folder / "plugin.yaml").write_text(yaml.safe_dump(plugin))
    with PluginServer(folder, folder, {"PATH": path}):
        error = beside(with_sidecar, folder).manifests(with_script, kloom_at("overlays/forms/exec")).refused()
    assert "fork/exec ./function.sh: permission denied" in error
    assert not (tmp_path / "ran").exists()


def beside(argocd, sockets):
    """The same repo server beside another sidecar."""
    return argocd.but(environment={**argocd.environment, "ARGOCD_PLUGINSOCKFILEPATH": str(sockets)})


def test_no_manifests_are_an_error(with_sidecar, checkout):
    """Argo CD's plugin server itself takes nothing for success, and Argo CD would then prune."""
    for service in (checkout / "overlays/dev/services").iterdir():
        with service.open("a") as file:
            file.write("cluster-C: {enable: false}\n")
    (checkout / "overlays/dev/services/payments.yaml").unlink()
    error = with_sidecar.manifests(checkout, kloom_at("overlays/dev")).refused()
    assert "makes no Application, so that pruning removes all there are" in error
    with (checkout / "overlays/dev/applications.yaml").open("a") as config:
        config.write("  allowEmpty: true\n")
    error = with_sidecar.manifests(checkout, kloom_at("overlays/dev")).refused()
    assert "the build printed no manifests, for which Argo CD would delete all resources of this Application" in error


def test_the_plugin_is_asked_by_name_alone(with_sidecar, checkout):
    """Without `discover` no repository is sent to it that does not say so."""
    plain = {"path": "overlays/dev", "kustomize": {}}
    assert "kustomize" in with_sidecar.manifests(checkout, plain).refused()
    assert (
        'with name "klom"'
        in with_sidecar.manifests(checkout, {**plain, "kustomize": None, "plugin": {"name": "klom"}}).refused()
    )


# Parameters


def test_what_is_announced_is_what_is_heeded(with_sidecar, checkout):
    announced = with_sidecar.parameters(checkout, kloom_at("overlays/dev"))
    assert {one["name"]: one.get("collectionType", "string") for one in announced} == PARAMETERS
    assert all(one["title"] and one["tooltip"] for one in announced)


def test_environment_is_a_folder_below_the_path(with_sidecar, checkout, build):
    made = with_sidecar.manifests(checkout, kloom_at("overlays", environment="prod")).made()
    assert made == build("overlays/prod")


def test_an_environment_that_is_not_there(with_sidecar, checkout):
    error = with_sidecar.manifests(checkout, kloom_at("overlays", environment="prd")).refused()
    assert re.search("environment: must be one of .*dev, dr-drill, .*prod, ", error)
    assert "was prd (did you mean prod?)" in error


def test_freeze_switches_automated_sync_off_and_keeps_the_rest(with_sidecar, checkout, build):
    made = with_sidecar.manifests(checkout, kloom_at("overlays/prod", freeze=["*-cluster-a", "orders-*"])).made()
    expected = build("overlays/prod")
    for application in expected:
        name = application["metadata"]["name"]
        if name.endswith("-cluster-a") or name.startswith("orders-"):
            application["spec"]["syncPolicy"]["automated"]["enabled"] = False
    assert made == expected


def test_a_freeze_of_nothing_is_a_mistake(with_sidecar, checkout):
    error = with_sidecar.manifests(
        checkout, kloom_at("overlays/dev", freeze=["*", "storfront-dev-cluster-c"])
    ).refused()
    assert "freeze: storfront-dev-cluster-c: matches the name of no Application (did you mean storefront-" in error


def test_other_parameters_are_refused(with_sidecar, checkout):
    error = with_sidecar.manifests(checkout, kloom_at("overlays/dev", freez=["*"], environment=["dev"])).refused()
    assert (
        "plugin.parameters[0]: freez: unknown parameter; there are: environment, freeze (did you mean freeze?)" in error
    )
    assert "plugin.parameters[1]: environment must be given as string" in error


# Deadlines


def test_after_the_deadline_nothing_runs_on(with_sidecar, checkout, path, plugin_home, tmp_path_factory):
    """In the place of the real kustomize, one that ends only when it is asked to, and has a child of its own."""
    folder = tmp_path_factory.mktemp("slow")
    slow = folder / "bin/kustomize"
    slow.parent.mkdir()
    ends = f"trap 'touch {folder}/asked; exit 143' TERM"
    slow.write_text(f"#!/bin/sh\n{ends}\nsleep 6000 &\ntouch $TMPDIR/left\necho $$ $! $PPID >{folder}/pids\nwait\n")
    slow.chmod(0o755)
    environment = {"PATH": f"{slow.parent}:{path}", "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    with PluginServer(OVERLAYS / "components/argocd-cmp", folder, environment) as server:
        argocd = beside(with_sidecar, folder)
        for seconds in (5, 50, 500):  # in which kustomize must have been started, on a busy machine later
            error = argocd.but(seconds=seconds).manifests(checkout, kloom_at("overlays/dev")).refused()
            assert re.search("failed signal: (killed|terminated)|DeadlineExceeded", error)
            pids = (folder / "pids").read_text().split() if (folder / "pids").exists() else []
            if pids:
                break
        assert pids, "kustomize was not started"
        wait_until(lambda: not any(is_alive(pid) for pid in pids), f"one of {pids} is there still")
        wait_until((folder / "asked").exists, "kustomize was not asked to end")
        wait_until(lambda: not any("left" in files for _, _, files in os.walk(server.work)), "files are left")


def is_alive(pid: str) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
