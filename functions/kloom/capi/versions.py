"""Which versions of Kubernetes each BYOH provider installs, where its bundles are, and what kube-vip needs in each.

The one place for these numbers. Sources: the READMEs of both providers, kube-vip#684, kube-vip#692, kube-vip#938.
"""

from __future__ import annotations

from kloom.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Provider:
    """A fork of BYOH: its bundles, and the versions of Kubernetes that it has bundles of."""

    __slots__ = ("bundle_registry", "is_registry_gone", "kubernetes", "sees_hosts_everywhere")

    def __init__(
        self, bundle_registry: str, kubernetes: str, *, is_registry_gone: bool = False, sees_hosts_everywhere: bool
    ) -> None:
        self.bundle_registry = bundle_registry
        self.kubernetes = kubernetes
        """As `kloom.versions.satisfies` reads it."""
        self.is_registry_gone = is_registry_gone
        self.sees_hosts_everywhere = sees_hosts_everywhere
        """Whether a machine takes hosts of any namespace, or only of its own."""

    def with_kubernetes(self, requirement: str) -> Provider:
        """The same with bundles of other versions."""
        return Provider(
            self.bundle_registry,
            requirement,
            is_registry_gone=self.is_registry_gone,
            sees_hosts_everywhere=self.sees_hosts_everywhere,
        )


PROVIDERS: Mapping[str, Provider] = {
    # https://github.com/platform9/cluster-api-provider-bringyourownhost#readme
    "platform9": Provider("quay.io/platform9", ">=1.31,<1.36", sees_hosts_everywhere=False),
    # https://github.com/vmware-tanzu/cluster-api-provider-bringyourownhost#readme; the registry: its issue 887
    "vmware": Provider(
        "projects.registry.vmware.com/cluster_api_provider_bringyourownhost",
        ">=1.24,<1.27",
        is_registry_gone=True,
        sees_hosts_everywhere=True,
    ),
}
DEFAULT_PROVIDER = "platform9"

# From 1.29 on kubeadm's admin.conf works only once the API server has been reached through the endpoint, which
# kube-vip answers for: on the first machine it needs super-admin.conf until then (kube-vip#684).
_SUPER_ADMIN = ">=1.29"
# Static pods had no hostAliases in the first releases of 1.29, so kube-vip did not find the API server (kube-vip#692).
_NO_HOST_ALIASES = ">=1.29,<1.29.7"


def normal_version(version: str) -> str:
    """The version as Cluster API keeps it, with a "v"."""
    return version if version.startswith("v") else f"v{version}"


def is_among(version: str, requirement: str) -> bool:
    """Whether a Kubernetes version meets a requirement as ">=1.31,<1.36"; what follows its numbers does not count."""
    return satisfies(numbers_of(version), requirement)


def needs_super_admin(version: str) -> bool:
    """Whether kube-vip needs super-admin.conf while the first machine is made."""
    return is_among(version, _SUPER_ADMIN)


def lacks_host_aliases(version: str) -> bool:
    """Whether kube-vip as a static pod cannot work in this version."""
    return is_among(version, _NO_HOST_ALIASES)


def numbers_of(version: str) -> str:
    """The dotted numbers of a version as v1.34.2-rc.1+build."""
    return version.removeprefix("v").partition("+")[0].partition("-")[0]
