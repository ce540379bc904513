"""A real Argo CD without a cluster: redis, repo server, plugin server, controllers, beside a real API server.

    with ApiServer(folder / "api") as api, ArgoCD(api, folder / "argocd", kloom) as argocd:
        api.apply(project("prod"), root)

They are Argo CD's own, local processes of the version in servers/go.mod. kloom is there twice: in the plugin home of
the repo server, the way that needs `--enable-alpha-plugins` alone, and as the plugin of a sidecar. Nothing is fetched
from the network: what is not on this machine is refused.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from api_server import TOKEN, ApiServer, namespace
from processes import Server, answers, free_ports, is_well, needed, wait_until

Object = dict[str, Any]

HERE = Path(__file__).resolve().parent
SIDECAR = HERE.parents[1] / "overlays" / "components" / "argocd-cmp"
MODULE = "github.com/argoproj/argo-cd/v3"
PART_OF = {"app.kubernetes.io/part-of": "argocd"}
BUILD_OPTIONS = "--enable-alpha-plugins"
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there, so that a request to another machine fails at once."""

WATCHED = """
- apiGroups: [argoproj.io, apps, ""]
  kinds: [Application, ApplicationSet, AppProject, Deployment, ConfigMap, Namespace]
"""
"""What Argo CD watches in the clusters: each further kind costs it a watch in every one of them."""


class ArgoCD:
    """Argo CD from here to the end of the `with` block."""

    def __init__(self, api: ApiServer, folder: Path, kloom: str) -> None:
        self.api, self.folder = api, folder
        self.plugin_home = folder / "plugins"
        self._kloom = kloom
        self._servers = ExitStack()
        ports = free_ports(8)
        self._redis, self._repo_server, self._repo_metrics, self._metrics = ports[:4]
        self._sets_metrics, self._sets_probe, self._sets_webhook = ports[4:7]

    def __enter__(self) -> Self:
        for name in ("tmp", "home", "tls", "ssh", "plugins"):
            (self.folder / name).mkdir(parents=True)
        self.install_kloom()
        self._install()
        with self._servers as starting:
            self._servers = starting
            # the path of a socket must be short
            self._sockets = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="cmp-")))
            self._start("redis", f"127.0.0.1:{self._redis}").wait_until(lambda: answers(self._redis))
            plugins = self._start("argocd-cmp-server", f"--config-dir-path={SIDECAR}")
            plugins.wait_until((self._sockets / "kloom.sock").exists)
            repo_server = self._start("argocd-repo-server", *self._repo_server_flags())
            repo_server.wait_until(lambda: is_well(f"http://127.0.0.1:{self._repo_metrics}/healthz"))
            controller = self._start("argocd-application-controller", *self._controller_flags())
            controller.wait_until(lambda: is_well(f"http://127.0.0.1:{self._metrics}/healthz"))
            self._servers = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    def start_application_sets(self) -> None:
        """Start the ApplicationSet controller too."""
        flags = [
            *self._cluster_flags(),
            f"--argocd-repo-server=127.0.0.1:{self._repo_server}",
            "--repo-server-plaintext",
            f"--metrics-addr=127.0.0.1:{self._sets_metrics}",
            f"--probe-addr=127.0.0.1:{self._sets_probe}",
            f"--webhook-addr=127.0.0.1:{self._sets_webhook}",
        ]
        controller = self._start("argocd-applicationset-controller", *flags)
        controller.wait_until(lambda: "Starting workers" in controller.tail())

    def install_kloom(self) -> None:
        self._kloom_plugin("install")

    def uninstall_kloom(self) -> None:
        self._kloom_plugin("uninstall")

    def configure(self, **settings: str) -> None:
        """Say settings in argocd-cm, where Argo CD picks them up as it runs; an underscore stands for a dot."""
        data = {key.replace("_", "."): value for key, value in settings.items()}
        self.api.apply(_config("ConfigMap", "argocd-cm", data={"resource.inclusions": WATCHED, **data}))

    def _kloom_plugin(self, command: str) -> None:
        subprocess.run([self._kloom, "plugin", command, "--home", self.plugin_home], check=True, capture_output=True)

    def _install(self) -> None:
        crds = [str(path) for path in sorted((_module() / "manifests" / "crds").glob("*-crd.yaml"))]
        self.api.output("apply", "--server-side", *(flag for crd in crds for flag in ("--filename", crd)))
        wait_until(self._serves_applications, "Applications are not served")
        self.api.apply(namespace("argocd"))
        self.configure(kustomize_buildOptions=BUILD_OPTIONS)
        self.api.apply(
            _config("ConfigMap", "argocd-rbac-cm"),
            _config("Secret", "argocd-secret", stringData={"server.secretkey": "of-a-server-that-does-not-run"}),
            project("default"),
        )

    def _serves_applications(self) -> bool:
        return self.api.kubectl("get", "applications,appprojects,applicationsets", "--all-namespaces").returncode == 0

    def _start(self, name: str, *flags: str) -> Server:
        command = [needed("argocd-servers"), name, *flags]
        return self._servers.enter_context(Server(name, command, self.folder / f"{name}.log", self._environment()))

    def _environment(self) -> Mapping[str, str]:
        folder = self.folder
        return {
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "KUBECONFIG": str(self.api.kubeconfig),
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
            "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
            "ARGOCD_PLUGINSOCKFILEPATH": str(self._sockets),
            "KUSTOMIZE_PLUGIN_HOME": str(self.plugin_home),
            "NAMESPACE": "argocd",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "HTTP_PROXY": NOWHERE,
            "HTTPS_PROXY": NOWHERE,
            "NO_PROXY": "127.0.0.1",
        }

    def _repo_server_flags(self) -> list[str]:
        return [
            f"--redis=127.0.0.1:{self._redis}",
            "--disable-tls",
            "--address=127.0.0.1",
            f"--port={self._repo_server}",
            "--metrics-address=127.0.0.1",
            f"--metrics-port={self._repo_metrics}",
        ]

    def _controller_flags(self) -> list[str]:
        return [
            *self._cluster_flags(),
            f"--redis=127.0.0.1:{self._redis}",
            f"--repo-server=127.0.0.1:{self._repo_server}",
            "--repo-server-plaintext",
            f"--metrics-port={self._metrics}",
        ]

    def _cluster_flags(self) -> list[str]:
        return [f"--kubeconfig={self.api.kubeconfig}", "--namespace=argocd"]


def project(name: str, **spec: Any) -> Object:
    """An AppProject that permits everything."""
    everything = {"server": "*", "namespace": "*"}
    permitted = {"group": "*", "kind": "*"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [everything],
            "clusterResourceWhitelist": [permitted],
            **spec,
        },
    }


def cluster(name: str, server: str, api: ApiServer, *, proxy: str) -> Object:
    """The Secret by which Argo CD knows an API server as another cluster's, at an address to which a proxy leads."""
    certificate = base64.b64encode(api.certificate.read_bytes()).decode()
    tls = {"caData": certificate, "serverName": "127.0.0.1"}
    config = {"bearerToken": TOKEN, "tlsClientConfig": tls, "proxyUrl": proxy}
    secret = _config("Secret", name, stringData={"name": name, "server": server, "config": json.dumps(config)})
    secret["metadata"]["labels"]["argocd.argoproj.io/secret-type"] = "cluster"
    return secret


def _config(kind: str, name: str, **content: Any) -> Object:
    metadata = {"name": name, "namespace": "argocd", "labels": dict(PART_OF)}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **content}


def _module() -> Path:
    """Where Go keeps the sources that the servers are built from; its CRDs are among them."""
    command = ["go", "list", "-m", "-f", "{{.Dir}}", MODULE]
    return Path(
        subprocess.run(command, cwd=HERE / "servers", check=True, capture_output=True, text=True).stdout.strip()
    )
