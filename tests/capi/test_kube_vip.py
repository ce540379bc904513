"""kube-vip's manifest, and what the commands make of it on a machine, run in a folder instead of the root."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from kloom.capi.kube_vip import PATH, commands_after_kubeadm, commands_before_kubeadm, kube_vip_file

ADMIN, SUPER_ADMIN = "/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A host on which the agent has written kube-vip's manifest."""
    (tmp_path / "run/kubeadm").mkdir(parents=True)
    (tmp_path / "etc/kubernetes/manifests").mkdir(parents=True)
    (tmp_path / PATH[1:]).write_text(kube_vip_file("10.0.0.10", 6443, {})["content"])
    return tmp_path


def run(machine: Path, commands) -> None:
    """Run commands as the agent does, paths below the root read as below the folder; fails if one of them fails."""
    for command in commands:
        inside = re.sub("(?<!path:) /(etc|run)/", r" \1/", command)
        subprocess.run(["/bin/sh", "-c", inside], cwd=machine, check=True, capture_output=True)


def credentials(machine: Path) -> str:
    """What kube-vip would use on the host."""
    pod = yaml.safe_load((machine / PATH[1:]).read_text())
    (volume,) = pod["spec"]["volumes"]
    (mount,) = pod["spec"]["containers"][0]["volumeMounts"]
    assert mount["mountPath"] == ADMIN
    return volume["hostPath"]["path"]


def test_the_first_machine_has_super_admin_until_kubeadm_is_done(machine):
    (machine / "run/kubeadm/kubeadm.yaml").touch()
    run(machine, commands_before_kubeadm("v1.34.2"))
    assert credentials(machine) == SUPER_ADMIN
    run(machine, commands_after_kubeadm("v1.34.2"))
    assert credentials(machine) == ADMIN
    assert [path.name for path in (machine / "etc/kubernetes").iterdir()] == ["manifests"]
    assert [path.name for path in (machine / "etc/kubernetes/manifests").iterdir()] == ["kube-vip.yaml"]


def test_the_manifest_is_otherwise_as_it_was(machine):
    before = (machine / PATH[1:]).read_text()
    (machine / "run/kubeadm/kubeadm.yaml").touch()
    run(machine, [*commands_before_kubeadm("v1.34.2"), *commands_after_kubeadm("v1.34.2")])
    assert (machine / PATH[1:]).read_text() == before


def test_a_machine_that_joins_never_has(machine):
    (machine / "run/kubeadm/kubeadm-join-config.yaml").touch()
    before = (machine / PATH[1:]).read_text()
    run(machine, [*commands_before_kubeadm("v1.34.2"), *commands_after_kubeadm("v1.34.2")])
    assert (machine / PATH[1:]).read_text() == before


@pytest.mark.parametrize(("version", "is_needed"), [("v1.28.15", False), ("v1.29.0", True), ("v1.35.1-rc.0", True)])
def test_kubernetes_before_1_29_needs_none_of_this(version, is_needed):
    assert bool(commands_before_kubeadm(version)) == is_needed
    assert bool(commands_after_kubeadm(version)) == is_needed


def test_the_interface_is_left_to_the_agent():
    content = kube_vip_file("10.0.0.10", 6443, {})["content"]
    assert content.count("{{ .DefaultNetworkInterfaceName }}") == 1
    assert content.count("{{") == 1


def environment(settings, host="10.0.0.10"):
    pod = yaml.safe_load(kube_vip_file(host, 6443, settings)["content"])
    return {entry["name"]: entry.get("value") for entry in pod["spec"]["containers"][0]["env"]}


def test_settings_come_last():
    found = environment({"interface": "bond0", "env": {"vip_arp": "false", "bgp_enable": "true"}})
    assert (found["vip_interface"], found["vip_arp"], found["bgp_enable"]) == ("bond0", "false", "true")


@pytest.mark.parametrize(("host", "subnet"), [("10.0.0.10", "32"), ("fd00::10", "128"), ("api.example.com", None)])
def test_the_endpoint_is_one_address(host, subnet):
    assert environment({}, host).get("vip_subnet") == subnet
