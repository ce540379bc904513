"""Argo CD with kloom in it: its repo server's own code makes manifests, its own plugin server runs the plugin.

pytest                        # leaves this folder out
pytest tests/argocd_plugins   # what make e2e does
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from manifest_generation import PluginServer, RepoServer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLUGIN = ROOT / "overlays/components/argocd-cmp"


@pytest.fixture(scope="session")
def path(kloom: str, kustomize: str, helm: str) -> str:
    """The PATH of both containers: kloom, kustomize, helm, and what the system has."""
    folders = [*(str(Path(tool).parent) for tool in (kloom, kustomize, helm)), os.defpath]
    return os.pathsep.join(dict.fromkeys(folders))


@pytest.fixture(scope="session")
def sockets(path: str, plugin_home: Path) -> Iterator[Path]:
    """The folder of the socket of the sidecar, which runs the plugin.yaml of the component."""
    environment = {"PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home), "HOME": "/nonexistent"}
    with (
        tempfile.TemporaryDirectory(prefix="cmp-") as folder,  # as the path of a socket must be short
        PluginServer(PLUGIN, Path(folder), environment),
    ):
        yield Path(folder)


@pytest.fixture(scope="session")
def with_sidecar(sockets: Path) -> RepoServer:
    """A repo server beside the sidecar, without kloom and kustomize of its own."""
    return RepoServer(environment={"PATH": "/nonexistent", "ARGOCD_PLUGINSOCKFILEPATH": str(sockets)})


@pytest.fixture(scope="session")
def with_plugin_home(path: str, plugin_home: Path, tmp_path_factory: pytest.TempPathFactory) -> RepoServer:
    """A repo server with kloom in the plugin home of its kustomize."""
    environment = {
        "PATH": path,
        "KUSTOMIZE_PLUGIN_HOME": str(plugin_home),
        "ARGOCD_PLUGINSOCKFILEPATH": str(tmp_path_factory.mktemp("no-sockets")),
        "HOME": "/nonexistent",
    }
    return RepoServer(environment=environment, build_options="--enable-alpha-plugins")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The samples in a Git repository of their own, to be changed."""
    repository = tmp_path / "checkout"
    shutil.copytree(ROOT / "overlays", repository / "overlays")
    (repository / ".git").mkdir()
    (repository / ".git/HEAD").write_text("ref: refs/heads/main\n")
    return repository
