"""Rules on kube-vip, the pod that answers for a cluster's endpoint: its address, and its way to the API server."""

from __future__ import annotations

import re

from kloom.capi.rules.network import endpoint_of
from kloom.capi.rules.objects import maps
from kloom.capi.rules.rule import Problem, Rule
from kloom.capi.rules.versions import version_of
from kloom.capi.versions import needs_super_admin
from kloom.sdk.yaml_reader import YamlError, kustomize_plain, read_documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.capi.rules.objects import Resource, World
    from kloom.capi.rules.rule import Path

    Pod = Mapping[str, Any]

KIND = ("KubeadmControlPlane",)
_ADDRESSES = ("address", "vip_address")
_IMAGE = "kube-vip"
_SUPER_ADMIN = "super-admin.conf"
_ACTION = re.compile(r"\{\{[^{}\n]*\}\}")


def _address(plane: Resource, world: World) -> Iterator[Problem]:
    cluster = world.cluster_of(plane)
    endpoint = endpoint_of(cluster, world) if cluster else None
    for path, pod in _pods(plane) if endpoint else ():
        said = _environment(pod)
        wanted = {**dict.fromkeys(_ADDRESSES, endpoint.host), "port": str(endpoint.port)} if endpoint else {}
        for variable, value in wanted.items():
            if said.get(variable, value).lower() != value.lower():
                message = f"{variable} must be {value}, as in controlPlaneEndpoint, was {said[variable] or 'empty'}"
                yield Problem(path, f"kube-vip's {message}")


def _admin(plane: Resource, _world: World) -> Iterator[Problem]:
    version = plane.at("version")
    if version_of(version) is None or not needs_super_admin(version) or _SUPER_ADMIN in str(plane.at("kubeadm")):
        return
    for path, pod in _pods(plane):
        if "/etc/kubernetes/admin.conf" in str(pod):
            message = f"kube-vip must use {_SUPER_ADMIN} while the first machine is made, was admin.conf alone"
            yield Problem(path, f"{message} with {version}")


def _pods(plane: Resource) -> Iterator[tuple[Path, Pod]]:
    """The pods of kube-vip among the files, and where their text is; the agent's templates do not count."""
    for at, file in maps(plane.at("files")):
        content = file.get("content")
        if isinstance(content, str) and _IMAGE in content and not file.get("encoding"):
            try:
                documents = read_documents(_ACTION.sub("of-the-host", content), kustomize_plain)
            except YamlError:  # a script that only speaks of it
                continue
            for document in documents:
                if isinstance(document, dict) and document.get("kind") == "Pod":
                    yield (*plane.path("files"), at, "content"), document


def _environment(pod: Pod) -> dict[str, str]:
    """The environment variables of kube-vip's own container."""
    spec = pod.get("spec")
    for _, container in maps(spec.get("containers") if isinstance(spec, dict) else None):
        if _IMAGE in str(container.get("image")):
            return {str(entry.get("name")): str(entry.get("value")) for _, entry in maps(container.get("env"))}
    return {}


_POD = """
        kind: KubeadmControlPlane
        spec:
          version: {version}
          kubeadmConfigSpec:
            preKubeadmCommands: null
            files:
            - path: /etc/kubernetes/manifests/kube-vip.yaml
              content: |
                kind: Pod
                spec:
                  containers:
                  - {{image: ghcr.io/kube-vip/kube-vip:v1.2.3, env: [{{name: address, value: {address}}}]}}
                  volumes:
                  - {{name: kubeconfig, hostPath: {{path: {path}}}}}
        """
_GOOD = _POD.format(version="v1.34.2", address="10.0.0.10", path="/etc/kubernetes/super-admin.conf")
ADDRESS = Rule(
    "kube-vip-address-differs",
    "error",
    kinds=KIND,
    why="kube-vip would answer for an address that no one asks for, and the first machine waits for the other one.",
    source="https://kube-vip.io/docs/installation/flags/",
    bad=_POD.format(version="v1.34.2", address="10.0.0.11", path="/etc/kubernetes/super-admin.conf"),
    good=_GOOD,
    check=_address,
)
ADMIN = Rule(
    "kube-vip-without-super-admin",
    "error",
    kinds=KIND,
    why="From Kubernetes 1.29 on admin.conf can do nothing until the endpoint answers, which waits for kube-vip.",
    source="https://github.com/kube-vip/kube-vip/issues/684",
    bad=_POD.format(version="v1.34.2", address="10.0.0.10", path="/etc/kubernetes/admin.conf"),
    good=_GOOD,
    check=_admin,
)
RULES = (ADDRESS, ADMIN)
