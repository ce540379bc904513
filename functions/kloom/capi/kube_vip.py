"""kube-vip: the static pod that answers for a cluster's endpoint, and what the first machine needs besides.

The agent of BYOH runs every file through Go's text/template. The one field that it knows is the name of the interface
that leads to the host's default route, which is what kube-vip asks for.
"""

from __future__ import annotations

from kloom.capi.versions import needs_super_admin
from kloom.sdk.yaml_writer import to_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

IMAGE = "ghcr.io/kube-vip/kube-vip:v1.2.3"
PATH = "/etc/kubernetes/manifests/kube-vip.yaml"
DEFAULT_INTERFACE = "{{ .DefaultNetworkInterfaceName }}"
"""What the agent replaces (agent/cloudinit in both forks of BYOH)."""
_ADMIN = "/etc/kubernetes/admin.conf"
_SUPER_ADMIN = "/etc/kubernetes/super-admin.conf"
# The bootstrap provider of Cluster API writes this file where `kubeadm init` runs, another one where `kubeadm join`
# does; the agent empties the folder first.
_ON_FIRST_MACHINE = "[ -f /run/kubeadm/kubeadm.yaml ]"


def kube_vip_file(host: str, port: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest as an entry of kubeadmConfigSpec.files."""
    return {"path": PATH, "owner": "root:root", "permissions": "0600", "content": to_yaml(_pod(host, port, settings))}


def commands_before_kubeadm(version: str) -> Sequence[str]:
    """What makes kube-vip work on the first machine: credentials that the API server takes from the start."""
    if not needs_super_admin(version):
        return ()
    return (f"if {_ON_FIRST_MACHINE}; then sed -i 's#path: {_ADMIN}#path: {_SUPER_ADMIN}#' {PATH}; fi",)


def commands_after_kubeadm(version: str) -> Sequence[str]:
    """What takes those credentials away again, once kubeadm has bound a role to the ordinary ones.

    The new manifest is written elsewhere and then moved, as the kubelet reads whatever lies beside a manifest.
    """
    if not needs_super_admin(version):
        return ()
    new = "/etc/kubernetes/kube-vip.yaml"
    edit = f"sed 's#path: {_SUPER_ADMIN}#path: {_ADMIN}#' {PATH} > {new}"
    return (f"if {_ON_FIRST_MACHINE}; then {edit} && chmod 0600 {new} && mv {new} {PATH}; fi",)


def _pod(host: str, port: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "kube-vip", "namespace": "kube-system"},
        "spec": {
            "containers": [
                {
                    "name": "kube-vip",
                    "image": settings.get("image", IMAGE),
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["manager"],
                    "env": [*_environment(host, port, settings), _NODE_NAME],
                    "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]}},
                    "volumeMounts": [{"name": "kubeconfig", "mountPath": _ADMIN}],
                }
            ],
            # kube-vip calls the API server of its own machine by this name, which its certificate has
            "hostAliases": [{"ip": "127.0.0.1", "hostnames": ["kubernetes"]}],
            "hostNetwork": True,
            "volumes": [{"name": "kubeconfig", "hostPath": {"path": _ADMIN, "type": "FileOrCreate"}}],
        },
    }


def _environment(host: str, port: int, settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """https://kube-vip.io/docs/installation/flags/; what the settings say comes last and replaces the usual."""
    variables = {
        "address": host,
        "port": str(port),
        "vip_interface": settings.get("interface", DEFAULT_INTERFACE),
        "vip_arp": "true",
        "cp_enable": "true",
        "cp_namespace": "kube-system",
        "vip_leaderelection": "true",
        "vip_leasename": "plndr-cp-lock",
        "vip_leaseduration": "15",
        "vip_renewdeadline": "10",
        "vip_retryperiod": "2",
        "k8s_config_file": _ADMIN,
        **_subnet(host),
        **settings.get("env", {}),
    }
    return [{"name": name, "value": value} for name, value in variables.items()]


def _subnet(host: str) -> dict[str, str]:
    """The endpoint is one address; of a DNS name kube-vip finds out itself what kind it leads to."""
    from ipaddress import ip_address

    try:
        return {"vip_subnet": str(ip_address(host).max_prefixlen)}
    except ValueError:
        return {}


_NODE_NAME = {"name": "vip_nodename", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
