"""The samples as tests see them: a copy that a test may change, and every way to build a folder of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Every way to build a folder, with the kloom under test on PATH and in the plugin home."""

    kustomize: str
    kubectl: str
    kloom: str
    environment: Mapping[str, str] = field(repr=False)

    def build(self, folder: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self._run(self.kustomize, "build", *(flags or ("--enable-alpha-plugins",)), folder, **environment)

    def kubectl_kustomize(self, folder: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self._run(self.kubectl, "kustomize", *(flags or ("--enable-alpha-plugins",)), folder, **environment)

    def build_with_exec(self, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.build(folder, "--enable-alpha-plugins", "--enable-exec", **environment)

    def render(self, folder: Path) -> subprocess.CompletedProcess[str]:
        return self._run(self.kloom, "render", folder)

    def _run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**self.environment, **environment}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def tools(kustomize: str, kubectl: str, kloom: str, plugin_home: Path) -> Tools:
    path = os.pathsep.join([str(Path(kloom).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    return Tools(kustomize=kustomize, kubectl=kubectl, kloom=kloom, environment=environment)


@pytest.fixture
def overlays(tmp_path: Path) -> Iterator[Path]:
    """The samples in a Git repository of their own, to be changed."""
    (tmp_path / ".git").mkdir()
    return shutil.copytree(OVERLAYS, tmp_path / "overlays")
