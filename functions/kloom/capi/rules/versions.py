"""Rules on versions of Kubernetes: how they are written, workers beside their control plane, what BYOH installs."""

from __future__ import annotations

import re

from kloom.capi.rules.rule import Problem, Rule
from kloom.capi.versions import PROVIDERS, is_among

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.capi.rules.objects import Pool, Resource, World

    Version = tuple[int, int, int]

KINDS = ("KubeadmControlPlane", "MachineDeployment", "Cluster")
_VERSION = re.compile(r"v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)([-0-9a-zA-Z_.+]*)")
_OLDEST_KUBELET = 3
"""How many minor versions a kubelet may be behind its API server."""
_SKIPPED = "machineset.cluster.x-k8s.io/skip-preflight-checks"


def version_of(text: str | None) -> Version | None:
    """The numbers of a version as v1.34.2, with or without the v; None for what is none."""
    match = _VERSION.fullmatch(text or "")
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _invalid(resource: Resource, _world: World) -> Iterator[Problem]:
    text = resource.at("version")
    if text is not None and version_of(text) is None:
        yield Problem(resource.path("version"), f"must be a version as v1.34.2, was {text or 'empty'}")


def _bare(resource: Resource, _world: World) -> Iterator[Problem]:
    text = resource.at("version")
    if text and not text.startswith("v") and version_of(text):
        yield Problem(resource.path("version"), f"should begin with v, which Cluster API adds, was {text}")


def _ahead(workers: Resource, world: World) -> Iterator[Problem]:
    for own, plane in _beside(workers, world, "KubernetesVersionSkew"):
        if own > plane:
            yield Problem(workers.path("version"), f"must not be newer than the control plane's, {_text(plane)}")


def _behind(workers: Resource, world: World) -> Iterator[Problem]:
    for own, plane in _beside(workers, world, "KubernetesVersionSkew"):
        if own[1] < plane[1] - _OLDEST_KUBELET:
            message = f"must be at most {_OLDEST_KUBELET} minor versions behind the control plane's, {_text(plane)}"
            yield Problem(workers.path("version"), f"{message}, was {_text(own)}")


def _cannot_join(workers: Resource, world: World) -> Iterator[Problem]:
    for own, plane in _beside(workers, world, "KubeadmVersionSkew"):
        if plane[1] - _OLDEST_KUBELET <= own[1] < plane[1]:
            message = f"should be of the control plane's minor version, {_text(plane)}: until then no new worker joins"
            yield Problem(workers.path("version"), f"{message}, was {_text(own)}")


def _unsupported(resource: Resource, world: World) -> Iterator[Problem]:
    text = resource.at("version")
    if version_of(text) is None or not world.pool_of(resource).is_of_byoh:
        return
    own = world.facts.kubernetes_versions
    installed = {"bundles": own} if own else _installed(world.facts.provider)
    if not any(is_among(text, versions) for versions in installed.values()):
        told = "; ".join(f"{provider} {versions}" for provider, versions in installed.items())
        yield Problem(resource.path("version"), f"should be a version that BYOH installs ({told}), was {text}")


def _installed(named: str | None) -> dict[str, str]:
    """The versions of Kubernetes by the forks of BYOH that install them; of one fork where it is named."""
    return {name: each.kubernetes for name, each in PROVIDERS.items() if named not in PROVIDERS or name == named}


def _beside(workers: Resource, world: World, check: str) -> Iterator[tuple[Version, Version]]:
    """The workers' version and their control plane's, unless they ask for the check of these to be skipped."""
    skipped = {part.strip() for part in str(workers.metadata("annotations").get(_SKIPPED) or "").split(",")}
    plane = _control_plane(world.pool_of(workers), world)
    own, of_plane = version_of(workers.at("version")), version_of(plane.at("version") if plane else None)
    if own and of_plane and skipped.isdisjoint((check, "All")):
        yield own, of_plane


def _control_plane(pool: Pool, world: World) -> Resource | None:
    return world.referred(pool.cluster, "controlPlaneRef") if pool.cluster else None


def _text(version: Version) -> str:
    return f"v{'.'.join(map(str, version))}"


INVALID = Rule(
    "kubernetes-version-invalid",
    "error",
    kinds=KINDS,
    is_refused=True,
    why="Cluster API refuses what is no version of three numbers.",
    source="util/version/version.go: KubeSemver",
    bad="""
        kind: KubeadmControlPlane
        spec: {version: v1.34}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {version: v1.34.2}
        """,
    check=_invalid,
)
BARE = Rule(
    "kubernetes-version-without-v",
    "warning",
    kinds=KINDS,
    why="Cluster API writes v1.34.2 where 1.34.2 stands, so what runs differs from Git for ever.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: Default",
    bad="""
        kind: KubeadmControlPlane
        spec: {version: 1.34.2}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {version: v1.34.2}
        """,
    check=_bare,
)
AHEAD = Rule(
    "worker-newer-than-control-plane",
    "error",
    kinds=("MachineDeployment",),
    why="Cluster API makes no worker that is newer than its control plane; the kubelet would not work with it.",
    source="internal/controllers/machineset/machineset_preflight.go: KubernetesVersionSkew",
    bad="""
        kind: MachineDeployment
        spec: {template: {spec: {version: v1.35.0}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {template: {spec: {version: v1.34.2}}}
        """,
    check=_ahead,
)
BEHIND = Rule(
    "worker-too-old-for-control-plane",
    "error",
    kinds=("MachineDeployment",),
    why="A kubelet works with an API server of at most three minor versions more; Cluster API makes no older worker.",
    source="internal/controllers/machineset/machineset_preflight.go: KubernetesVersionSkew",
    bad="""
        kind: MachineDeployment
        spec: {template: {spec: {version: v1.26.15}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {template: {spec: {version: v1.34.2}}}
        """,
    check=_behind,
)
CANNOT_JOIN = Rule(
    "worker-minor-differs",
    "warning",
    kinds=("MachineDeployment",),
    why="kubeadm joins a worker only to a control plane of its own minor version: until then the pool cannot grow.",
    source="internal/controllers/machineset/machineset_preflight.go: KubeadmVersionSkew",
    bad="""
        kind: MachineDeployment
        spec: {template: {spec: {version: v1.33.6}}}
        """,
    good="""
        kind: MachineDeployment
        spec: {template: {spec: {version: v1.34.0}}}
        """,
    check=_cannot_join,
)
UNSUPPORTED = Rule(
    "kubernetes-version-unsupported",
    "warning",
    kinds=("KubeadmControlPlane", "MachineDeployment"),
    why="The agent finds no bundle of a version that its fork of BYOH does not install, and tries again for ever.",
    source="the READMEs of platform9/ and vmware-tanzu/cluster-api-provider-bringyourownhost",
    bad="""
        kind: KubeadmControlPlane
        spec: {version: v1.28.15}
        ---
        kind: MachineDeployment
        spec: {template: {spec: {version: v1.28.15}}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {version: v1.34.2}
        """,
    check=_unsupported,
)
RULES = (INVALID, BARE, AHEAD, BEHIND, CANNOT_JOIN, UNSUPPORTED)
