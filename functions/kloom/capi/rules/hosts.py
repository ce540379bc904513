"""Rules on hosts: which pool takes which, whether there are enough, and where their bundles come from."""

from __future__ import annotations

import re

from kloom.capi.rules import selectors
from kloom.capi.rules.rule import Problem, Rule
from kloom.capi.versions import PROVIDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kloom.capi.rules.objects import Pool, Resource, World

BUNDLE_TYPE = "k8s"


def _no_namespace(template: Resource, _world: World) -> Iterator[Problem]:
    reference = template.at("installerRef")
    if reference and not reference.get("namespace"):
        where = f", as {template.namespace}" if template.namespace else ""
        yield Problem(template.path("installerRef"), f"must have a namespace{where}: BYOH looks in exactly that one")


def _scheme(installer: Resource, _world: World) -> Iterator[Problem]:
    repository = installer.at("bundleRepo")
    if repository and "://" in repository:
        proper = repository.partition("://")[2]
        yield Problem(installer.path("bundleRepo"), f"must have no scheme, as {proper}, was {repository}")


def _bundle_type(installer: Resource, _world: World) -> Iterator[Problem]:
    bundle_type = installer.at("bundleType")
    if bundle_type is not None and bundle_type != BUNDLE_TYPE:
        message = f"must be {BUNDLE_TYPE}, the only one that BYOH installs, was {bundle_type or 'empty'}"
        yield Problem(installer.path("bundleType"), message)


def _registration(kubeconfig: Resource, _world: World) -> Iterator[Problem]:
    server, authority = kubeconfig.at("apiserver"), kubeconfig.at("certificateAuthority")
    if server is not None and not re.fullmatch(r"https://([^/:\[\]]+|\[[0-9A-Fa-f:.]+\]):[0-9]+(/.*)?", server):
        example = "must be https, host and port, as https://10.0.0.5:6443"
        yield Problem(kubeconfig.path("apiserver"), f"{example}, was {server or 'empty'}")
    if authority is not None and not _is_certificate(authority):
        message = "must be certificates in PEM, encoded as base64, as a kubeconfig has them"
        yield Problem(kubeconfig.path("certificateAuthority"), message)


def _is_certificate(text: str) -> bool:
    from base64 import b64decode

    try:
        return b"-----BEGIN CERTIFICATE-----" in b64decode("".join(text.split()), validate=True)
    except ValueError:
        return False


def _overlap(_: None, world: World) -> Iterator[Problem]:
    pools = [pool for pool in world.pools if pool.template and pool.is_of_byoh]
    takes = {id(pool): _hosts_of(pool, world) for pool in pools}
    for at, pool in enumerate(pools):
        for other in pools[:at]:
            if pool.template is None or not _may_compete(other, pool, world):
                continue
            shared = sorted(takes[id(pool)].keys() & takes[id(other)].keys())
            if shared or not _hosts_in_reach(pool, world):
                example = f" (as {shared[0]})" if shared else ""
                message = f"should select other hosts{example} than that of {other.owner.kind} {other.owner.name}"
                yield Problem(pool.template.path("selector"), f"{message}, which may take them first", pool.template)
                break


def _too_few(_: None, world: World) -> Iterator[Problem]:
    for pool in world.pools:
        replicas = pool.owner.at("replicas")
        if pool.template is None or not pool.is_of_byoh or replicas is None or not _hosts_in_reach(pool, world):
            continue
        found = sorted(_hosts_of(pool, world))
        if len(found) < replicas:
            named = f": {', '.join(found)}" if found else ""
            message = f"should be at most {len(found)}, the ByoHosts that its template selects{named}"
            yield Problem(pool.owner.path("replicas"), f"{message}, was {replicas}", pool.owner)


def _may_compete(one: Pool, other: Pool, world: World) -> bool:
    """Whether a host may be such that both take it; two pools that both take any host are taken to mean it."""
    if one.template is None or other.template is None or one.template is other.template:
        return False
    if one.owner.namespace != other.owner.namespace and not _sees_hosts_everywhere(world):
        return False
    selected = [template.at("selector") or {} for template in (one.template, other.template)]
    return not all(map(selectors.is_empty, selected)) and selectors.can_both_match(*selected)


def _hosts_of(pool: Pool, world: World) -> Mapping[str, Resource]:
    """The hosts among the objects that a pool may take, by name."""
    selector = (pool.template.at("selector") if pool.template else None) or {}
    hosts = _hosts_in_reach(pool, world)
    return {host.name: host for host in hosts if selectors.matches(selector, host.metadata("labels"))}


def _hosts_in_reach(pool: Pool, world: World) -> list[Resource]:
    is_near = _sees_hosts_everywhere(world)
    return [host for host in world.of("ByoHost") if is_near or host.namespace == pool.owner.namespace]


def _sees_hosts_everywhere(world: World) -> bool:
    provider = PROVIDERS.get(world.facts.provider or "")
    return provider is not None and provider.sees_hosts_everywhere


NO_NAMESPACE = Rule(
    "installer-without-namespace",
    "error",
    kinds=("ByoMachineTemplate",),
    why="BYOH looks the installer up in exactly the namespace that the reference says, and in none where it says none.",
    source="cluster-api-provider-bringyourownhost controllers/infrastructure/byomachine_controller.go",
    bad="""
        kind: ByoMachineTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {installerRef: {namespace: null}}}}
        """,
    good="""
        kind: ByoMachineTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {installerRef: {namespace: clusters}}}}
        """,
    check=_no_namespace,
)
SCHEME = Rule(
    "bundle-repo-with-scheme",
    "error",
    kinds=("K8sInstallerConfigTemplate",),
    why="The agent pulls bundles by an image's name, and a name with https:// is none.",
    source="cluster-api-provider-bringyourownhost installer/bundle_downloader.go",
    bad="""
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {bundleRepo: https://registry.example.com/byoh}}}
        """,
    good="""
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {bundleRepo: registry.example.com/byoh}}}
        """,
    check=_scheme,
)
TYPE = Rule(
    "bundle-type-unknown",
    "error",
    kinds=("K8sInstallerConfigTemplate",),
    why="BYOH installs bundles of one type.",
    source="cluster-api-provider-bringyourownhost controllers/infrastructure/k8sinstallerconfig_controller.go",
    bad="""
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {bundleType: k3s}}}
        """,
    good="""
        kind: K8sInstallerConfigTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {bundleType: k8s}}}
        """,
    check=_bundle_type,
)
OVERLAP = Rule(
    "host-selectors-overlap",
    "warning",
    why="BYOH gives a host to whoever asks first: pools that may take the same hosts starve each other.",
    source="cluster-api-provider-bringyourownhost controllers/infrastructure/byomachine_controller.go: attachByoHost",
    bad="""
        kind: ByoMachineTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {selector: {matchLabels: {role: null, rack: "7"}}}}}
        """,
    good="""
        kind: ByoMachineTemplate
        metadata: {name: cluster-a-workers}
        spec: {template: {spec: {selector: {matchLabels: {role: worker, rack: "7"}}}}}
        """,
    check=_overlap,
)
TOO_FEW = Rule(
    "hosts-too-few",
    "warning",
    why="Machines beyond the hosts that their template selects wait for one; checked where there are ByoHosts.",
    source="cluster-api-provider-bringyourownhost controllers/infrastructure/byomachine_controller.go: attachByoHost",
    bad="""
        kind: ByoHost
        metadata: {name: host-7, labels: {role: control-plane}}
        ---
        kind: MachineDeployment
        spec: {replicas: 0}
        """,
    good="""
        kind: ByoHost
        metadata: {name: host-1, labels: {role: control-plane}}
        ---
        kind: ByoHost
        metadata: {name: host-7, labels: {role: worker}}
        ---
        kind: KubeadmControlPlane
        spec: {replicas: 1, rollout: {strategy: {rollingUpdate: {maxSurge: 1}}}}
        ---
        kind: MachineDeployment
        spec: {replicas: 1}
        """,
    check=_too_few,
)
REGISTRATION = Rule(
    "registration-invalid",
    "error",
    kinds=("BootstrapKubeconfig",),
    why="BYOH refuses a BootstrapKubeconfig by which no host could reach the management cluster.",
    source="cluster-api-provider-bringyourownhost apis/infrastructure/v1beta1/bootstrapkubeconfig_webhook.go",
    bad="""
        kind: BootstrapKubeconfig
        metadata: {name: byoh}
        spec: {apiserver: "10.0.0.5:6443", certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==}
        """,
    good="""
        kind: BootstrapKubeconfig
        metadata: {name: byoh}
        spec: {apiserver: "https://10.0.0.5:6443", certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==}
        """,
    check=_registration,
)
RULES = (REGISTRATION, NO_NAMESPACE, SCHEME, TYPE, OVERLAP, TOO_FEW)
