"""What differs between Cluster API's v1beta1 and v1beta2.

kloom writes v1beta2 and, where v1beta1 is asked for, moves each field to its older place. The names of templates stay:
they stand for the content, however it is written, so that going from one version to the other replaces no machine.
"""

from __future__ import annotations

from kloom.capi.templates import BYOH_API

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Object = dict[str, Any]

CORE = "cluster.x-k8s.io"
CONTROL_PLANE = "controlplane.cluster.x-k8s.io"
BOOTSTRAP = "bootstrap.cluster.x-k8s.io"
ADDONS = "addons.cluster.x-k8s.io"
INFRASTRUCTURE = BYOH_API.partition("/")[0]
GROUPS = (CORE, CONTROL_PLANE, BOOTSTRAP, ADDONS)
"""The groups that have both versions."""
V1BETA1, V1BETA2 = "v1beta1", "v1beta2"
_COMPONENTS = ("apiServer", "controllerManager", "scheduler")
_TIMEOUTS = ("nodeDrainTimeout", "nodeVolumeDetachTimeout", "nodeDeletionTimeout")


def api(group: str, version: str = V1BETA2) -> str:
    """The apiVersion of a group of Cluster API's."""
    return f"{group}/{version}"


def as_v1beta1(obj: Mapping[str, Any]) -> Object:
    """An object of v1beta2 as v1beta1 has it; any other one as it is."""
    group, _, version = obj["apiVersion"].partition("/")
    if group not in GROUPS or version != V1BETA2:
        return dict(obj)
    namespace = obj["metadata"]["namespace"]
    move = _SPECS.get(obj["kind"])
    spec = obj["spec"] if move is None else move(obj["spec"], namespace)
    return {**obj, "apiVersion": api(group, V1BETA1), "spec": spec}


def go_duration(seconds: int) -> str:
    """Seconds as Go writes a duration, and so the API server: 300 as 5m0s. Another spelling would look like drift."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def arguments(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Arguments as v1beta2 lists them."""
    return [{"name": name, "value": values[name]} for name in sorted(values)]


def _cluster(spec: Object, namespace: str) -> Object:
    references = ("controlPlaneRef", "infrastructureRef")
    return {**spec, **{name: _reference(spec[name], namespace) for name in references}}


def _control_plane(spec: Object, namespace: str) -> Object:
    old = {key: value for key, value in spec.items() if key not in ("rollout", "machineTemplate", "kubeadmConfigSpec")}
    template = spec["machineTemplate"]
    machine = template["spec"]
    return {
        **old,
        "rolloutStrategy": spec["rollout"]["strategy"],
        "machineTemplate": {
            **{key: value for key, value in template.items() if key != "spec"},
            "infrastructureRef": _reference(machine["infrastructureRef"], namespace),
            **_timeouts(machine),
        },
        "kubeadmConfigSpec": _kubeadm_config(spec["kubeadmConfigSpec"]),
    }


def _machine_deployment(spec: Object, namespace: str) -> Object:
    old = {key: value for key, value in spec.items() if key not in ("rollout", "template")}
    template = spec["template"]
    machine = {key: value for key, value in template["spec"].items() if key != "deletion"}
    return {
        **old,
        "strategy": spec["rollout"]["strategy"],
        "template": {
            **template,
            "spec": {
                **machine,
                "bootstrap": {"configRef": _reference(machine["bootstrap"]["configRef"], namespace)},
                "infrastructureRef": _reference(machine["infrastructureRef"], namespace),
                **_timeouts(template["spec"]),
            },
        },
    }


def _kubeadm_config_template(spec: Object, _namespace: str) -> Object:
    return {"template": {"spec": _kubeadm_config(spec["template"]["spec"])}}


def _machine_health_check(spec: Object, _namespace: str) -> Object:
    old = {key: value for key, value in spec.items() if key not in ("checks", "remediation")}
    checks = spec["checks"]
    conditions = [
        {"type": each["type"], "status": each["status"], "timeout": go_duration(each["timeoutSeconds"])}
        for each in checks["unhealthyNodeConditions"]
    ]
    return {
        **old,
        "nodeStartupTimeout": go_duration(checks["nodeStartupTimeoutSeconds"]),
        "unhealthyConditions": conditions,
        "maxUnhealthy": spec["remediation"]["triggerIf"]["unhealthyLessThanOrEqualTo"],
    }


def _reference(reference: Mapping[str, str], namespace: str) -> dict[str, str]:
    """A reference with version and namespace, as Cluster API itself completes it."""
    group = reference["apiGroup"]
    version = BYOH_API if group == INFRASTRUCTURE else api(group, V1BETA1)
    return {"apiVersion": version, "kind": reference["kind"], "name": reference["name"], "namespace": namespace}


def _timeouts(machine: Mapping[str, Any]) -> dict[str, str]:
    deletion = machine.get("deletion", {})
    return {name: go_duration(deletion[f"{name}Seconds"]) for name in _TIMEOUTS if f"{name}Seconds" in deletion}


def _kubeadm_config(config: Mapping[str, Any]) -> Object:
    """The kubeadm configuration with arguments as maps."""
    result = dict(config)
    cluster = dict(result.get("clusterConfiguration", {}))
    for component in _COMPONENTS:
        if component in cluster:
            cluster[component] = _with_map(cluster[component], "extraArgs")
    local = cluster.get("etcd", {}).get("local")
    if local:
        cluster["etcd"] = {"local": _with_map(local, "extraArgs")}
    if cluster:
        result["clusterConfiguration"] = cluster
    for name in ("initConfiguration", "joinConfiguration"):
        if name in result:
            registration = _with_map(result[name]["nodeRegistration"], "kubeletExtraArgs")
            result[name] = {**result[name], "nodeRegistration": registration}
    return result


def _with_map(part: Mapping[str, Any], field: str) -> Object:
    if field not in part:
        return dict(part)
    entries: Sequence[Mapping[str, str]] = part[field]
    return {**part, field: {entry["name"]: entry["value"] for entry in entries}}


_SPECS: Mapping[str, Callable[[Object, str], Object]] = {
    "Cluster": _cluster,
    "KubeadmControlPlane": _control_plane,
    "MachineDeployment": _machine_deployment,
    "KubeadmConfigTemplate": _kubeadm_config_template,
    "MachineHealthCheck": _machine_health_check,
}
