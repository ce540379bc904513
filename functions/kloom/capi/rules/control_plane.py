"""Rules on KubeadmControlPlanes: replicas, rollouts, etcd, certificates."""

from __future__ import annotations

import re

from kloom.capi.rules.rule import Problem, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.capi.rules.objects import Resource, World

KIND = ("KubeadmControlPlane",)
_SCALE_IN_FROM = 3
_CA_DAYS = 3650
"""How long Cluster API's certificate authorities are valid where nothing is said."""
_TAG = r"[-a-zA-Z0-9_.]*"
_RANDOM = "{{ .random }}"


def _none(plane: Resource, _world: World) -> Iterator[Problem]:
    replicas = plane.at("replicas")
    if replicas is not None and replicas <= 0:
        yield Problem(plane.path("replicas"), f"must be 1 or more, was {replicas}")


def _even(plane: Resource, _world: World) -> Iterator[Problem]:
    replicas = plane.at("replicas")
    if replicas and replicas > 0 and replicas % 2 == 0 and not plane.at("etcdExternal"):
        message = f"must be odd, as etcd runs on each machine and needs a majority, was {replicas}"
        yield Problem(plane.path("replicas"), message)


def _strategy(plane: Resource, _world: World) -> Iterator[Problem]:
    strategy = plane.at("strategyType")
    if strategy and strategy != "RollingUpdate":
        yield Problem(plane.path("strategyType"), f"should be RollingUpdate, the only one there is, was {strategy}")


def _surge(plane: Resource, _world: World) -> Iterator[Problem]:
    surge = plane.at("maxSurge")
    if surge is not None and surge not in (0, 1, "0", "1"):
        yield Problem(plane.path("maxSurge"), f"must be 0 or 1, was {surge}")


def _scale_in(plane: Resource, _world: World) -> Iterator[Problem]:
    replicas = 1 if plane.lacks("replicas") else plane.at("replicas")
    if plane.at("maxSurge") in (0, "0") and replicas and 0 < replicas < _SCALE_IN_FROM:
        message = f"must be 1 with {replicas} replicas, as 0 takes a machine away before there is another, was 0"
        yield Problem(plane.path("maxSurge"), message)


def _two_etcds(plane: Resource, _world: World) -> Iterator[Problem]:
    if plane.at("etcdLocal") and plane.at("etcdExternal"):
        yield Problem(plane.path("etcdLocal"), "local and external exclude each other; both are set")


def _tag(plane: Resource, _world: World) -> Iterator[Problem]:
    for field in ("dnsImageTag", "etcdImageTag"):
        tag = plane.at(field)
        if tag and not re.fullmatch(_TAG, tag):
            yield Problem(plane.path(field), f'must be of letters, digits, "-", "_" and ".", was {tag}')
        elif tag and field == "dnsImageTag" and not re.match(r"v?[0-9]+\.[0-9]+\.[0-9]+", tag):
            yield Problem(plane.path(field), f"must be a version as v1.12.1, was {tag}")


def _validity(plane: Resource, _world: World) -> Iterator[Problem]:
    days = plane.at("certificateDays")
    longest = plane.at("caCertificateDays") or _CA_DAYS
    expiry = plane.at("certificatesExpiryDays")
    if days and days > longest:
        message = f"must be at most {longest}, what the certificate authority is valid for, was {days}"
        yield Problem(plane.path("certificateDays"), message)
    if days and expiry and expiry >= days:
        message = f"must be less than {days}, what certificates are valid for, was {expiry}"
        yield Problem(plane.path("certificatesExpiryDays"), message)


def _naming(resource: Resource, _world: World) -> Iterator[Problem]:
    template = resource.at("machineNaming")
    if template and _RANDOM not in template:
        yield Problem(resource.path("machineNaming"), f"must contain {_RANDOM}, was {template}")


def _timeouts(plane: Resource, _world: World) -> Iterator[Problem]:
    first, others = plane.at("initTimeout"), plane.at("joinTimeout")
    if first != others:
        said = ["nothing" if seconds is None else str(seconds) for seconds in (first, others)]
        message = f"must be the same in joinConfiguration, was {said[0]} here and {said[1]} there"
        yield Problem(plane.path("initTimeout"), message)


NONE = Rule(
    "control-plane-replicas-none",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API refuses a control plane without machines.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateKubeadmControlPlaneSpec",
    bad="""
        kind: KubeadmControlPlane
        spec: {replicas: 0}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {replicas: 1, rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}
        """,
    check=_none,
)
EVEN = Rule(
    "control-plane-replicas-even",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API refuses an even number where etcd runs on the machines: it bears no more failures than one less.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateKubeadmControlPlaneSpec",
    bad="""
        kind: KubeadmControlPlane
        spec: {replicas: 4}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {replicas: 5}
        """,
    check=_even,
)
STRATEGY = Rule(
    "control-plane-strategy-unknown",
    "warning",
    kinds=KIND,
    why="Cluster API knows one way to replace the machines of a control plane, and writes it over any other.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: Default",
    bad="""
        kind: KubeadmControlPlane
        spec: {rollout: {strategy: {type: OnDelete}}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {rollout: {strategy: {type: RollingUpdate}}}
        """,
    check=_strategy,
)
SURGE = Rule(
    "control-plane-surge-invalid",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API adds one machine of a control plane at a time, or none.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateRolloutAndCertValidityFields",
    bad="""
        kind: KubeadmControlPlane
        spec: {rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 2}}}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}
        """,
    check=_surge,
)
SCALE_IN = Rule(
    "control-plane-surge-of-few",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Taking the only machine away first would end the cluster, so Cluster API asks for 3 replicas.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateRolloutAndCertValidityFields",
    bad="""
        kind: KubeadmControlPlane
        spec: {replicas: 1, rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0}}}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {replicas: 3, rollout: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0}}}}
        """,
    check=_scale_in,
)
TWO_ETCDS = Rule(
    "etcd-local-and-external",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API refuses a control plane with two kinds of etcd.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateClusterConfiguration",
    bad="""
        kind: KubeadmControlPlane
        spec:
          kubeadmConfigSpec:
            clusterConfiguration:
              etcd:
                local: {dataDir: /var/lib/etcd}
                external: {endpoints: ["https://10.0.9.1:2379"], caFile: /ca, certFile: /cert, keyFile: /key}
        """,
    good="""
        kind: KubeadmControlPlane
        spec:
          kubeadmConfigSpec:
            clusterConfiguration:
              etcd:
                external: {endpoints: ["https://10.0.9.1:2379"], caFile: /ca, certFile: /cert, keyFile: /key}
        """,
    check=_two_etcds,
)
TAG = Rule(
    "image-tag-invalid",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API refuses tags that no registry could have, and reads CoreDNS's as a version.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateClusterConfiguration",
    bad="""
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {clusterConfiguration: {dns: {imageTag: latest}}}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {clusterConfiguration: {dns: {imageTag: v1.12.1}}}}
        """,
    check=_tag,
)
VALIDITY = Rule(
    "certificates-outlive-their-authority",
    "error",
    kinds=KIND,
    is_refused=True,
    why="Cluster API refuses certificates that are valid longer than what signs them, or that are due from the start.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateRolloutAndCertValidityFields",
    bad="""
        kind: KubeadmControlPlane
        spec:
          kubeadmConfigSpec: {clusterConfiguration: {certificateValidityPeriodDays: 30}}
          rollout: {before: {certificatesExpiryDays: 40}, strategy: {type: RollingUpdate}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec:
          kubeadmConfigSpec: {clusterConfiguration: {certificateValidityPeriodDays: 90}}
          rollout: {before: {certificatesExpiryDays: 40}, strategy: {type: RollingUpdate}}
        """,
    check=_validity,
)
NAMING = Rule(
    "machine-naming-without-random",
    "error",
    kinds=("KubeadmControlPlane", "MachineDeployment"),
    is_refused=True,
    why="Machines of one name would follow each other, so Cluster API asks for a random part.",
    source="controlplane/kubeadm/internal/webhooks/kubeadmcontrolplane.go: validateNaming",
    bad="""
        kind: KubeadmControlPlane
        spec: {machineNaming: {template: "{{ .cluster.name }}-plane"}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec: {machineNaming: {template: "{{ .cluster.name }}-plane-{{ .random }}"}}
        """,
    check=_naming,
)
TIMEOUTS = Rule(
    "kubeadm-timeouts-differ",
    "error",
    kinds=KIND,
    is_refused=True,
    why="v1beta1 has one such timeout for both, so Cluster API refuses two.",
    source="api/bootstrap/kubeadm/v1beta2/kubeadmconfig_types.go: Validate",
    bad="""
        kind: KubeadmControlPlane
        spec: {kubeadmConfigSpec: {initConfiguration: {timeouts: {controlPlaneComponentHealthCheckSeconds: 300}}}}
        """,
    good="""
        kind: KubeadmControlPlane
        spec:
          kubeadmConfigSpec:
            initConfiguration: {timeouts: {controlPlaneComponentHealthCheckSeconds: 300}}
            joinConfiguration: {timeouts: {controlPlaneComponentHealthCheckSeconds: 300}}
        """,
    check=_timeouts,
)
RULES = (NONE, EVEN, STRATEGY, SURGE, SCALE_IN, TWO_ETCDS, TAG, VALIDITY, NAMING, TIMEOUTS)
