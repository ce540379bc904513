"""A bare-metal cluster as it is meant: what its files say, with every default filled in."""

from __future__ import annotations

from kloom.capi.versions import normal_version
from kloom.values.merge import merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.capi.versions import Provider

DEFAULT_PORT = 6443
_SAFE_WITHOUT_SPARE = 3
"""From so many machines on, a control plane keeps its quorum while one of them is taken away."""


class Pool:
    """Machines that are alike: the control plane or a pool of workers. `path` is where the cluster's files say it."""

    __slots__ = ("name", "path", "replicas", "selector", "spec")

    def __init__(self, name: str, path: tuple[str, ...], spec: Mapping[str, Any]) -> None:
        self.name = name
        """Of the KubeadmControlPlane or MachineDeployment, and what its templates' names begin with."""
        self.path = path
        self.spec = spec
        """What `machines` and the pool's own block say together."""
        self.replicas: int = spec.get("replicas", 0)
        self.selector: Mapping[str, Any] | None = spec.get("hostSelector") or None
        """Which hosts it takes; None for any."""

    @property
    def is_control_plane(self) -> bool:
        """Whether these machines run the control plane."""
        return self.path == ("controlPlane",)

    @property
    def rolling_update(self) -> dict[str, Any]:
        """How machines are replaced: without a spare host, as bare metal seldom has one, where that can be."""
        said = self.spec.get("rollingUpdate", {})
        if self.is_control_plane:
            return {"maxSurge": said.get("maxSurge", 0 if self.replicas >= _SAFE_WITHOUT_SPARE else 1)}
        surge = said.get("maxSurge", 0)
        return {"maxSurge": surge, "maxUnavailable": said.get("maxUnavailable", 1 if is_zero(surge) else 0)}

    @property
    def surge(self) -> int:
        """How many hosts a rollout takes beyond the replicas."""
        surge = self.rolling_update["maxSurge"]
        return surge if isinstance(surge, int) else -(-self.replicas * int(surge.removesuffix("%")) // 100)

    def many(self, field: str) -> list[Any]:
        """A field that holds one thing or a list of them, as a list."""
        return as_list(self.spec.get(field))


class Cluster:
    """One cluster: `values` is what its files say together, nulls apart."""

    __slots__ = ("control_plane", "name", "namespace", "provider", "values", "version", "workers")

    def __init__(self, merged: Mapping[str, Any], provider: Provider) -> None:
        self.values: Mapping[str, Any] = without_nulls(merged)
        self.provider = provider
        self.name: str = self.values.get("name", "")
        self.namespace: str = self.values.get("namespace", "")
        self.version = normal_version(self.values.get("kubernetesVersion", ""))
        machines = merged.get("machines") or {}
        own = merged.get("controlPlane") or {}
        self.control_plane = Pool(f"{self.name}-control-plane", ("controlPlane",), without_nulls(merge(machines, own)))
        self.workers = [
            Pool(f"{self.name}-{name}", ("workers", name), without_nulls(merge(machines, block)))
            for name, block in (merged.get("workers") or {}).items()
            if block is not None
        ]

    @property
    def pools(self) -> Iterator[Pool]:
        """The control plane, and the workers by name."""
        yield self.control_plane
        yield from sorted(self.workers, key=lambda pool: pool.name)

    @property
    def host(self) -> str:
        """Where its API server answers: an address or a DNS name."""
        return str(self.values.get("controlPlaneEndpoint", {}).get("host", ""))

    @property
    def port(self) -> int:
        """The port of the endpoint."""
        return int(self.values.get("controlPlaneEndpoint", {}).get("port", DEFAULT_PORT))

    @property
    def bind_port(self) -> int:
        """The port that each API server binds to: kube-vip does not translate ports, a load balancer may."""
        default = self.port if self.has_kube_vip else DEFAULT_PORT
        return int(self.network.get("apiServerPort", default))

    @property
    def has_kube_vip(self) -> bool:
        """Whether kube-vip answers for the endpoint."""
        return bool(self.values.get("kubeVip", {}).get("enable", True))

    @property
    def network(self) -> Mapping[str, Any]:
        """What is said of the networks inside of it."""
        network: Mapping[str, Any] = self.values.get("clusterNetwork", {})
        return network

    @property
    def bundle_registry(self) -> str:
        """Where its hosts pull Kubernetes from."""
        return str(self.values.get("bundleRegistry", self.provider.bundle_registry))

    def blocks(self, field: str) -> list[str]:
        """The networks of pods or of services."""
        return as_list(self.network.get(field))


def as_list(value: Any) -> list[Any]:
    """One thing as a list of one, nothing as none."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def is_zero(value: int | str) -> bool:
    """Whether a number or percentage is none at all."""
    return value in (0, "0%")


def without_nulls(values: Any) -> Any:
    """The values without the keys that a null takes away, at every depth."""
    if not isinstance(values, dict):
        return values
    return {key: without_nulls(value) for key, value in values.items() if value is not None}


def present(**fields: Any) -> dict[str, Any]:
    """The fields that have something to say: Cluster API v1beta2 refuses maps, lists and texts that are empty."""
    return {name: value for name, value in fields.items() if value not in (None, {}, [], "")}


def without_false(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values but what is false, which v1beta1 does not keep: saying it would look like drift."""
    return {name: value for name, value in values.items() if value is not False}


def sequence_of(value: Any) -> Sequence[Any]:
    """An entry or a list of entries of a function's config."""
    return value if isinstance(value, list) else [value]
