"""Argo CD making manifests: its repo server's own code, and its plugin server, in the environments of their containers.

argocd = RepoServer(environment={"PATH": …})
argocd.manifests(checkout, {"path": "overlays/dev", "plugin": {"name": "kloom"}})
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from processes import Server, needed

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Argo CD makes of an Application: manifests, or why there are none."""

    manifests: list[Object]
    error: str
    parameters: list[Object]

    def refused(self) -> str:
        """The error of an Application that must have no manifests."""
        assert not self.manifests, self.manifests
        assert self.error
        return self.error

    def made(self) -> list[Object]:
        """The manifests of an Application that must have some."""
        assert not self.error, self.error
        assert self.manifests
        return self.manifests


@dataclass(frozen=True, kw_only=True)
class RepoServer:
    """What the repo server does with a checkout, and what it is told: `environment` is its container's."""

    environment: Mapping[str, str]
    build_options: str = ""
    """kustomize.buildOptions of argocd-cm."""
    excluded: Sequence[str] = ()
    """What plugins do not get (ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS)."""
    seconds: float = 300
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Of the Application that is asked about."""
    only_generate_paths: bool = False
    """--plugin-use-manifest-generate-paths"""

    def but(self, **changes: Any) -> Self:
        """The same, told something else."""
        return replace(self, **changes)

    def without(self, variable: str) -> Self:
        """The same, a variable of its environment missing."""
        return self.but(environment={name: value for name, value in self.environment.items() if name != variable})

    def manifests(self, checkout: Path, source: Mapping[str, Any]) -> Answer:
        """The manifests of an Application with this source."""
        return self._ask("manifests", checkout, source)

    def parameters(self, checkout: Path, source: Mapping[str, Any]) -> list[Object]:
        """What the plugin that the source names announces."""
        answer = self._ask("parameters", checkout, source)
        assert not answer.error, answer.error
        return answer.parameters

    def refreshing(self, checkout: Path, source: Mapping[str, Any], changed: Sequence[str]) -> list[str]:
        """Those of the files that, changed by a commit, make Argo CD look at the Application again."""
        return self._asked("refresh", checkout, source, changed=changed)["refresh"] or []

    def _ask(self, what: str, checkout: Path, source: Mapping[str, Any]) -> Answer:
        answer = self._asked(what, checkout, source)
        names = ("manifests", "parameters")
        return Answer(error=answer["error"], **{name: answer[name] or [] for name in names})

    def _asked(self, what: str, checkout: Path, source: Mapping[str, Any], **more: Any) -> Any:
        request = {
            "application": {
                "metadata": {"name": "root", "namespace": "argocd", "annotations": self.annotations},
                "spec": {
                    "project": "default",
                    "source": {"repoURL": "https://github.com/example/platform.git", **source},
                    "destination": {"name": "in-cluster", "namespace": "argocd"},
                },
            },
            "repository": str(checkout),
            "buildOptions": self.build_options,
            "excluded": self.excluded,
            "seconds": self.seconds,
            "onlyGeneratePaths": self.only_generate_paths,
            **more,
        }
        asked = subprocess.run(
            [needed("argocd-oracle"), what],
            input=json.dumps(request),
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(asked.stdout)


class PluginServer(Server):
    """Argo CD's plugin server with one plugin.yaml, as it runs in a sidecar of the repo server."""

    def __init__(self, plugin: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self.work = folder / "tmp"
        self.work.mkdir()
        command = ["argocd-servers", "argocd-cmp-server", "--config-dir-path", plugin, "--loglevel", "debug"]
        own = {"ARGOCD_PLUGINSOCKFILEPATH": str(folder), "TMPDIR": str(self.work)}
        bare = ["env", "-i", *(f"{name}={value}" for name, value in {**environment, **own}.items())]
        super().__init__("argocd-cmp-server", [*bare, needed(command[0]), *command[1:]], folder / "log")
        self._socket = folder / "kloom.sock"

    def __enter__(self) -> Self:
        super().__enter__()
        self.wait_until(self._socket.exists)
        return self

    def __exit__(self, *_: object) -> None:
        """End it at once: asked to end, it would wait for its clients."""
        self._process.kill()
        super().__exit__()
