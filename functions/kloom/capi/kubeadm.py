"""What kubeadm is told on the machines of a cluster, as v1beta2 writes it."""

from __future__ import annotations

from kloom.capi.api_versions import arguments
from kloom.capi.cluster import DEFAULT_PORT, as_list, present, without_false
from kloom.capi.kube_vip import DEFAULT_INTERFACE, commands_after_kubeadm, commands_before_kubeadm, kube_vip_file
from kloom.capi.labels import registered_labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kloom.capi.cluster import Cluster, Pool

CRI_SOCKET = "unix:///var/run/containerd/containerd.sock"
PREFLIGHT = ("Swap", "DirAvailable--etc-kubernetes-manifests", "FileAvailable--etc-kubernetes-kubelet.conf")
"""Hosts are used again and again, so these files may be there; BYOH's own templates ignore the same three."""
NODE_LABELS = "node-labels"


def control_plane_config(cluster: Cluster) -> dict[str, Any]:
    """The kubeadmConfigSpec of the control plane.

    Cluster API does not let its three parts be taken away once they are there, so each of them always is.
    """
    pool = cluster.control_plane
    registration = node_registration(pool)
    endpoint = present(localAPIEndpoint=_bind_port(cluster))
    return {
        "clusterConfiguration": _cluster_configuration(cluster),
        "initConfiguration": {"nodeRegistration": registration, **endpoint},
        "joinConfiguration": {"nodeRegistration": registration, **present(controlPlane=endpoint)},
        **_on_host(cluster, pool),
    }


def worker_config(cluster: Cluster, pool: Pool) -> dict[str, Any]:
    """What stands in the KubeadmConfigTemplate of a pool of workers."""
    return {"joinConfiguration": {"nodeRegistration": node_registration(pool)}, **_on_host(cluster, pool)}


def without_node_labels(config: Mapping[str, Any]) -> dict[str, Any]:
    """A worker's configuration as far as it matters to machines that are there: labels can be set on their nodes."""
    registration = dict(config["joinConfiguration"]["nodeRegistration"])
    kept = [entry for entry in registration.get("kubeletExtraArgs", ()) if entry["name"] != NODE_LABELS]
    registration = {**registration, "kubeletExtraArgs": kept}
    return {**config, "joinConfiguration": {"nodeRegistration": registration}}


def node_registration(pool: Pool) -> dict[str, Any]:
    """How the kubelet of a machine is started, and how its node registers."""
    values = dict(pool.spec.get("kubeletExtraArgs", {}))
    if labels := node_labels(pool):
        values[NODE_LABELS] = labels
    taints = [_taint(entry) for entry in pool.many("taints")]
    without_any = pool.is_control_plane and "taints" in pool.spec  # something else than kubeadm's own
    return {
        "criSocket": pool.spec.get("criSocket", CRI_SOCKET),
        "ignorePreflightErrors": pool.many("ignorePreflightErrors") or list(PREFLIGHT),
        **present(kubeletExtraArgs=arguments(values)),
        **({"taints": taints} if taints or without_any else {}),
    }


def _taint(entry: Mapping[str, str]) -> dict[str, str]:
    """A taint; an empty value is none, and v1beta1 does not keep it."""
    return {name: value for name, value in entry.items() if value}


def node_labels(pool: Pool) -> str:
    """The labels that nodes of a pool of workers register with, as one argument of the kubelet."""
    labels = {} if pool.is_control_plane else registered_labels(pool.spec.get("labels", {}))
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels))


def as_written(content: str) -> str:
    """A file's content such that the agent, which takes it for a Go template, writes it as it stands here.

    Only the name of the host's default network interface is left for the agent to fill in.
    """
    *before, last = (part.replace("{{", _BRACES) for part in content.split(DEFAULT_INTERFACE))
    # a brace just before a template's two would be read together with them
    before = [f"{part[:-1]}{_BRACE}" if part.endswith("{") else part for part in before]
    return DEFAULT_INTERFACE.join([*before, last])


_BRACE, _BRACES = '{{ "{" }}', '{{ "{{" }}'


def _on_host(cluster: Cluster, pool: Pool) -> dict[str, Any]:
    """Files and commands: all that the agent does besides kubeadm."""
    files = [_file(entry) for entry in pool.many("files")]
    before, after = pool.many("preKubeadmCommands"), pool.many("postKubeadmCommands")
    if pool.is_control_plane and cluster.has_kube_vip:
        files.insert(0, kube_vip_file(cluster.host, cluster.port, cluster.values.get("kubeVip", {})))
        before = [*commands_before_kubeadm(cluster.version), *before]
        after = [*after, *commands_after_kubeadm(cluster.version)]
    return present(files=files, preKubeadmCommands=before, postKubeadmCommands=after)


def _file(entry: Mapping[str, Any]) -> dict[str, Any]:
    file = without_false(entry)
    if "content" in file and "encoding" not in file:
        file["content"] = as_written(file["content"])
    return file


def _cluster_configuration(cluster: Cluster) -> dict[str, Any]:
    spec = cluster.control_plane.spec
    components = {name: _component(spec.get(name, {})) for name in ("controllerManager", "scheduler")}
    names = dict.fromkeys(["localhost", "127.0.0.1", cluster.host, *as_list(spec.get("certSANs"))])
    return {
        "apiServer": {"certSANs": list(names), **_component(spec.get("apiServer", {}))},
        **present(
            **components,
            etcd=_etcd(spec.get("etcd", {})),
            dns=spec.get("dns"),
            featureGates=spec.get("featureGates"),
            imageRepository=cluster.values.get("imageRepository"),
        ),
    }


def _component(said: Mapping[str, Any]) -> dict[str, Any]:
    volumes = [without_false(volume) for volume in said.get("extraVolumes", ())]
    return present(extraArgs=arguments(said.get("extraArgs", {})), extraVolumes=volumes)


def _etcd(said: Mapping[str, Any]) -> dict[str, Any]:
    if "external" in said:
        return {"external": {**said["external"], "endpoints": as_list(said["external"]["endpoints"])}}
    local = said.get("local", {})
    extra = present(extraArgs=arguments(local.get("extraArgs", {})))
    return present(local={**{key: value for key, value in local.items() if key != "extraArgs"}, **extra})


def _bind_port(cluster: Cluster) -> dict[str, int]:
    return {} if cluster.bind_port == DEFAULT_PORT else {"bindPort": cluster.bind_port}
