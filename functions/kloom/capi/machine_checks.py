"""What must hold in what `machines`, the control plane and the pools of workers all can say."""

from __future__ import annotations

from kloom.capi import kube_vip
from kloom.capi.keys import OF_MACHINES, key_problems
from kloom.capi.kubeadm import NODE_LABELS, as_written, node_labels
from kloom.capi.labels import SYNCED, is_of_cluster_api, is_refused_by_kubelet, registered_labels
from kloom.capi.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kloom.capi.cluster import Cluster, Pool
    from kloom.capi.keys import Steps

_MOST: Mapping[str, int] = {
    "files": 199,
    "preKubeadmCommands": 999,
    "postKubeadmCommands": 999,
    "ignorePreflightErrors": 50,
    "taints": 100,
    "kubeletExtraArgs": 99,
    "certSANs": 97,
}
"""How many entries Cluster API takes, less what kloom adds."""
_LONGEST_ARGUMENT = 1024
_LONGEST_CONTENT = 10240
_SHORTEST_STARTUP = 30
LARGEST = 2**31 - 1
"""The largest number of Cluster API's fields."""


def machine_problems(cluster: Cluster, pool: Pool) -> Iterator[Problem]:
    """What is wrong with the machines of one pool, be it the control plane."""
    yield from key_problems(pool.spec, OF_MACHINES, pool.path)
    yield from _size_problems(pool)
    yield from _label_problems(pool)
    yield from _file_problems(cluster, pool)
    yield from _selector_problems(pool)
    for field, seconds in pool.spec.get("deletion", {}).items():
        yield from _seconds((*pool.path, "deletion", field), seconds)
    if "machineHealthCheck" in pool.spec:
        yield from _health_check_problems(pool)


def _size_problems(pool: Pool) -> Iterator[Problem]:
    for field, most in _MOST.items():
        value = pool.spec.get(field)
        if isinstance(value, (list, dict)) and len(value) > most:
            yield Problem((*pool.path, field), f"must have at most {most} entries, was {len(value)}")


def _label_problems(pool: Pool) -> Iterator[Problem]:
    for key in pool.spec.get("labels", {}):
        if (message := _label_problem(key, pool)) is not None:
            yield Problem((*pool.path, "labels", key), message, is_key=True)
    if NODE_LABELS in pool.spec.get("kubeletExtraArgs", {}) and registered_labels(pool.spec.get("labels", {})):
        message = "must not be said beside labels, which become the same argument"
        yield Problem((*pool.path, "kubeletExtraArgs", NODE_LABELS), message)
    length = len(node_labels(pool))
    if length > _LONGEST_ARGUMENT:
        message = f"must be at most {_LONGEST_ARGUMENT} characters together, as they are one argument, was {length}"
        yield Problem((*pool.path, "labels"), message)


def _label_problem(key: str, pool: Pool) -> str | None:
    """Why a label cannot be set; None where it can.

    On a control plane, any but those that Cluster API copies would be an argument of the kubelet, and a change of
    arguments replaces every machine.
    """
    if is_of_cluster_api(key):
        return "must be another label: this is Cluster API's own"
    if not registered_labels({key: ""}):
        return None
    if pool.is_control_plane:
        return (
            f"must be of {', '.join(SYNCED)}: Cluster API sets these on nodes that are there; any other would replace "
            f"every machine (kubeletExtraArgs.{NODE_LABELS} says that you mean it)"
        )
    return "must be another label: a kubelet does not start with this one" if is_refused_by_kubelet(key) else None


def _file_problems(cluster: Cluster, pool: Pool) -> Iterator[Problem]:
    seen = {kube_vip.PATH} if pool.is_control_plane and cluster.has_kube_vip else set()
    for at, entry in enumerate(pool.many("files")):
        path: Steps = (*pool.path, "files", at)
        if entry["path"] in seen:
            yield Problem((*path, "path"), f"must be there only once, was {entry['path']}")
        seen.add(entry["path"])
        if ("content" in entry) == ("contentFrom" in entry):
            yield Problem(path, "must have either content or contentFrom")
        content = entry.get("content", " ")
        if not 0 < len(content if "encoding" in entry else as_written(content)) <= _LONGEST_CONTENT:
            message = f"must be text of at most {_LONGEST_CONTENT} characters, was {len(content)}"
            yield Problem((*path, "content"), message)


def _selector_problems(pool: Pool) -> Iterator[Problem]:
    for at, each in enumerate((pool.selector or {}).get("matchExpressions", ())):
        takes_values = each["operator"] in ("In", "NotIn")
        if takes_values != bool(each.get("values")):
            what = "must have values" if takes_values else "must have no values"
            yield Problem((*pool.path, "hostSelector", "matchExpressions", at), f"{what} for {each['operator']}")


def _health_check_problems(pool: Pool) -> Iterator[Problem]:
    said = pool.spec["machineHealthCheck"]
    path: Steps = (*pool.path, "machineHealthCheck")
    startup = said.get("nodeStartupTimeoutSeconds", 0)
    if 0 < startup < _SHORTEST_STARTUP:
        message = f"must be 0 or at least {_SHORTEST_STARTUP}, was {startup}"
        yield Problem((*path, "nodeStartupTimeoutSeconds"), message)
    yield from _seconds((*path, "nodeStartupTimeoutSeconds"), startup)
    for at, condition in enumerate(said.get("unhealthyNodeConditions", ())):
        yield from _seconds((*path, "unhealthyNodeConditions", at, "timeoutSeconds"), condition["timeoutSeconds"])
    most = said.get("unhealthyLessThanOrEqualTo", 0)
    if isinstance(most, int):
        yield from _seconds((*path, "unhealthyLessThanOrEqualTo"), most)


def _seconds(path: Steps, value: int) -> Iterator[Problem]:
    if not 0 <= value <= LARGEST:
        yield Problem(path, f"must be from 0 to {LARGEST}, was {value}")
