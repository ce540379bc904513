"""Labels of machines: which of them reach the nodes that are there, and which the kubelet may set for itself."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CLUSTER_NAME = "cluster.x-k8s.io/cluster-name"
DEPLOYMENT_NAME = "cluster.x-k8s.io/deployment-name"
CONTROL_PLANE = "cluster.x-k8s.io/control-plane"
SYNCED = ("node-role.kubernetes.io", "node-restriction.kubernetes.io", "node.cluster.x-k8s.io")
"""The domains that Cluster API copies from machines to nodes, at once and for ever.

https://cluster-api.sigs.k8s.io/developer/architecture/controllers/metadata-propagation
"""
# https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go
_OF_KUBELET = ("kubelet.kubernetes.io", "node.kubernetes.io")
_KUBELET_LABELS = frozenset(
    (
        "kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os",
        "beta.kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
        "failure-domain.kubernetes.io/zone", "failure-domain.kubernetes.io/region",
        "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
    )
)  # fmt: skip


def is_synced(key: str) -> bool:
    """Whether Cluster API copies the label from a machine to its node."""
    domain = key.partition("/")[0] if "/" in key else ""
    return domain == SYNCED[0] or any(domain == each or domain.endswith(f".{each}") for each in SYNCED[1:])


def registered_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that a node must register with, as nobody copies them."""
    return {key: value for key, value in labels.items() if not is_synced(key)}


def is_refused_by_kubelet(key: str) -> bool:
    """Whether a kubelet does not start with the label: most of Kubernetes' own domains are not for it to set."""
    domain = key.partition("/")[0] if "/" in key else ""
    of_kubernetes = any(domain == each or domain.endswith(f".{each}") for each in ("kubernetes.io", "k8s.io"))
    of_kubelet = any(domain == each or domain.endswith(f".{each}") for each in _OF_KUBELET)
    return of_kubernetes and not of_kubelet and key not in _KUBELET_LABELS


def is_of_cluster_api(key: str) -> bool:
    """Whether it is one of the labels by which Cluster API finds its machines."""
    return key.partition("/")[0] == "cluster.x-k8s.io"
