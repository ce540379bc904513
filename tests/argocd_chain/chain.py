"""One environment of the samples on a real Argo CD: its root Application, what it makes, and where that is deployed.

The samples are copied into a Git repository. One thing is said otherwise there: the addresses of Git repositories and
charts lead to stand-ins on this disk. Everything else, the root Application too, is what `overlays/` says. Each cluster
is a real API server of its own, with the endpoint that the samples give it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from api_server import ApiServer
from applications import Applications, changed, errors, is_compared, operation, said_in_git, without
from argocd_installation import ArgoCD, cluster
from git_repository import GitRepository
from processes import Server, answers, free_ports, needed, wait_until
from stand_ins import stand_ins

Object = dict[str, Any]

HERE = Path(__file__).resolve().parent
APPROVED = "argocd.argoproj.io/deletion-approved"
PLATFORM = "https://github.com/example/platform.git"


class Chain:
    """A root Application, its repository, its children, and the clusters by their endpoints."""

    def __init__(
        self, environment: str, platform: GitRepository, argocd: ArgoCD, clusters: Mapping[str, ApiServer]
    ) -> None:
        self.environment, self.platform, self.argocd, self.clusters = environment, platform, argocd, clusters
        self.root = f"root-{environment}"
        self.applications = Applications(argocd.api)
        self._first = self.commit("The samples")

    # What stands in Git

    def path(self, name: str) -> Path:
        """A file of the environment, or by `../` of another folder of the samples."""
        return (self.platform.folder / "overlays" / self.environment / name).resolve()

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a file where it says something once."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has {text.count(old)} times {old!r}:\n{text}"
        self.path(name).write_text(text.replace(old, new), encoding="utf-8")

    def append(self, name: str, line: str) -> None:
        """Say one thing more in a file."""
        self.path(name).write_text(f"{self.path(name).read_text(encoding='utf-8')}{line}\n", encoding="utf-8")

    def commit(self, message: str) -> str:
        """Commit what is edited, to the branch that production follows too."""
        revision = self.platform.commit(message)
        self.platform.branch("production")
        return revision

    def build(self, folder: str) -> dict[str, Object]:
        """The objects that the real kustomize prints for a folder of the samples, by name."""
        command = [needed("kustomize"), "build", "--enable-alpha-plugins", self.path(f"../{folder}")]
        environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(self.argocd.plugin_home)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return {one["metadata"]["name"]: one for one in yaml.load_all(done.stdout, yaml.CSafeLoader)}

    # What is in Argo CD

    def children(self) -> dict[str, Object]:
        return self.applications.of_root(self.root)

    def apply_root(self) -> None:
        """Apply the root Application as `overlays/roots` says it now, the one thing that a person applies."""
        self.argocd.api.apply(self.build("roots")[self.root])

    def choose(self, profile: str) -> None:
        """Let a component say who owns auto-sync."""
        kustomization = self.path("../roots/kustomization.yaml")
        text = kustomization.read_text(encoding="utf-8")
        proposed = "# components: [../components/git-owns-sync]"
        assert proposed in text
        kustomization.write_text(text.replace(proposed, f"components: [../components/{profile}]"), encoding="utf-8")
        self.apply_root()

    def push(self, message: str, *, but: str = "") -> set[str]:
        """Commit, have Argo CD look at it, and wait until it has done what the build prints, but for one field.

        The answer is the names of the children that came, went or say something else than before.
        """
        before = self.children()
        self.wait_until_synced(self.refresh(message))
        self.hold_against_the_build(but)
        return changed(before, self.children())

    def refresh(self, message: str) -> str:
        """Commit and have Argo CD look at it; the answer is the revision, whatever becomes of it.

        What was confirmed before goes first: Argo CD takes it for an answer to all that it asks in that second.
        """
        revision = self.commit(message)
        self.applications.annotate(self.root, APPROVED, None)
        self.applications.refresh(self.root)
        return revision

    def wait_until_synced(self, revision: str) -> None:
        """Return once Argo CD finds all as that revision says; where it failed to look, it is asked again."""

        def synced(root: Object) -> bool:
            self.applications.collect_garbage()
            if errors(root):
                self.applications.refresh(self.root, hard=True)
            return is_synced(root, revision)

        self.applications.wait_for(self.root, synced, f"is not synced to {revision}")

    def hold_against_the_build(self, but: str = "") -> None:
        """Fail if a child says anything else than the build prints, but for one field."""
        expected = {name: without(said_in_git(one), but) for name, one in self.build(self.environment).items()}
        live = {name: without(said_in_git(one), but) for name, one in self.children().items()}
        wrong = {name for name in expected.keys() | live.keys() if expected.get(name) != live.get(name)}
        told = {name: (expected.get(name), live.get(name)) for name in wrong}
        assert not wrong, f"not what the build prints:\n{json.dumps(told, indent=1)}"

    def wait_until_compared(self) -> None:
        """Return once Argo CD has held every child against its cluster."""
        compared = "some Applications are not compared with their clusters"
        wait_until(lambda: all(map(is_compared, self.children().values())), compared, details=self._complaints)

    def replicas(self, cluster: str) -> dict[str, int]:
        """How many replicas of what are deployed on a cluster."""
        deployments = self.clusters[cluster].objects("deployments", namespace=self.environment)
        return {one["metadata"]["name"]: one["spec"]["replicas"] for one in deployments}

    def wait_until_replicas(self, expected: Mapping[str, Mapping[str, int]]) -> None:
        """Return once these are deployed, whatever else is."""
        wait_until(
            lambda: all(self.replicas(name).items() >= those.items() for name, those in expected.items()),
            f"not deployed: {expected}",
            details=lambda: f"{ {name: self.replicas(name) for name in expected} }\n{self._complaints()}",
        )

    def wait_until_it_asks(self, service: str = "") -> None:
        """Return once Argo CD waits for somebody to confirm that Applications go: those of a service, if it is said."""
        question = f"Waiting for pruning confirmation of argoproj.io/v1alpha1/Application/{service}"
        self.applications.wait_for(
            self.root, lambda root: question in operation(root).get("message", ""), "does not ask before it removes"
        )

    def confirm(self) -> None:
        """Confirm what Argo CD asks, as its user interface does."""
        self.applications.annotate(self.root, APPROVED, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def terminate(self) -> None:
        """End the sync that is under way, as `argocd app terminate-op` does."""

        def ended(root: Object) -> bool:
            if operation(root).get("phase") != "Running":
                return operation(root).get("phase") != "Terminating"
            self.applications.patch(self.root, {"status": {"operationState": {"phase": "Terminating"}}})
            return False  # the controller may just then have written, over this, that it runs

        self.applications.wait_for(self.root, ended, "does not end its sync")

    def take_back(self) -> None:
        """Undo in a further commit what was committed since the start, and what was said by hand with it."""
        self.platform.take_back_to(self._first)
        self.apply_root()
        revision = self.refresh("As it was")
        if self.children().keys() - self.build(self.environment).keys():
            self.wait_until_it_asks()
            self.confirm()
        self.wait_until_synced(revision)
        self.hold_against_the_build()

    def _complaints(self) -> str:
        return "\n".join(f"{name}: {'; '.join(errors(one))}" for name, one in self.applications.all().items())


@contextmanager
def chain_of(overlays: Path, environment: str, folder: Path, kloom: str) -> Iterator[Chain]:
    """The environment's root Application applied to a fresh Argo CD, and its children there."""
    applications = _rendered(overlays / environment, kloom)
    with ExitStack() as stack:
        api = stack.enter_context(ApiServer(_made(folder / "management")))
        argocd = stack.enter_context(ArgoCD(api, folder / "argocd", kloom))
        clusters = {
            server: stack.enter_context(ApiServer(_made(folder / f"cluster-{number}")))
            for number, server in enumerate(sorted({one["spec"]["destination"]["server"] for one in applications}))
        }
        platform = GitRepository(folder / "platform")
        addresses = {**stack.enter_context(stand_ins(applications, folder)), PLATFORM: platform.url}
        copy_with(addresses, overlays, platform.folder / overlays.name)
        chain = Chain(environment, platform, argocd, clusters)
        secrets = (secret["stringData"] for secret in chain.build("cluster-secrets").values())
        names = {secret["server"]: secret["name"] for secret in secrets}
        api.apply(*stack.enter_context(cluster_secrets(clusters, names, folder)))
        api.apply(*chain.build("projects").values())
        chain.apply_root()
        chain.wait_until_synced(platform.revision())
        yield chain


@contextmanager
def cluster_secrets(
    clusters: Mapping[str, ApiServer], names: Mapping[str, str], folder: Path
) -> Iterator[list[Object]]:
    """What makes Argo CD know the clusters as the samples name and address them; proxies lead to the API servers."""
    ports = free_ports(len(clusters))
    pairs = [f"{port}:{api.port}" for port, api in zip(ports, clusters.values(), strict=True)]
    with Server("tunnels", [sys.executable, HERE / "tunnels.py", *pairs], folder / "tunnels.log") as tunnels:
        tunnels.wait_until(lambda: all(map(answers, ports)))
        yield [
            cluster(names[server], server, api, proxy=f"http://127.0.0.1:{port}")
            for port, (server, api) in zip(ports, clusters.items(), strict=True)
        ]


def copy_with(addresses: Mapping[str, str], source: Path, target: Path) -> None:
    """Copy a folder; wherever one of the addresses stands, its replacement stands in the copy."""
    shutil.copytree(source, target)
    for path in target.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for old, new in addresses.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _rendered(folder: Path, kloom: str) -> list[Object]:
    done = subprocess.run([kloom, "render", folder], check=True, capture_output=True, text=True)
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


def is_synced(root: Object, revision: str) -> bool:
    status = root.get("status", {})
    return (
        status.get("sync", {}).get("revision") == revision
        and status["sync"].get("status") == "Synced"
        and status.get("operationState", {}).get("phase") != "Running"
    )
