"""A real Kubernetes API for tests: etcd and kube-apiserver as two local processes, nothing behind them.

    with ApiServer(folder) as api:
        api.apply(namespace("argocd"), *objects)
        assert api.get("applications", "dev", namespace="argocd")["metadata"]["generation"] == 1

There is no scheduler, no kubelet and no controller but those that a test starts beside it.
Everything it writes is below the folder: the logs, the kubeconfig, and a certificate for 127.0.0.1.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from ssl import SSLContext, create_default_context
from typing import Any, Self

from processes import Server, answers, free_ports, is_well, needed, wait_until

Object = dict[str, Any]

TOKEN = token_hex(16)
FIELD_MANAGER = "tests"
_ASKED_ONLY = ("--dry-run=server", "--validate=ignore")
"""Nothing is stored, and it is the API that judges, not kubectl before it."""


class ApiServer:
    """A Kubernetes API from here to the end of the `with` block; whoever has its kubeconfig may do everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self.certificate, self.key = folder / "certificates/apiserver.crt", folder / "certificates/apiserver.key"
        self._etcd_port, self._peer_port, self.port = free_ports(3)
        self.url = f"https://127.0.0.1:{self.port}"
        self._servers = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._servers as starting:
            etcd = starting.enter_context(Server("etcd", self._etcd_command(), self.folder / "etcd.log"))
            etcd.wait_until(lambda: is_well(f"http://127.0.0.1:{self._etcd_port}/health"))
            command = self._apiserver_command()
            apiserver = starting.enter_context(Server("kube-apiserver", command, self.folder / "kube-apiserver.log"))
            apiserver.wait_until(lambda: answers(self.port) and is_well(f"{self.url}/readyz", self.trust()))
            self.kubeconfig.write_text(json.dumps(self._kubeconfig()), encoding="utf-8")
            self._servers = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    def kubectl(self, *arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl as the administrator; whether it succeeded is the caller's to ask."""
        flags = [f"--kubeconfig={self.kubeconfig}", f"--cache-dir={self.folder / 'kubectl-cache'}"]
        command: list[str | Path] = [needed("kubectl"), *flags, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)

    def output(self, *arguments: str | Path, stdin: str | None = None) -> str:
        """What kubectl prints; a refusal fails the test with its text."""
        done = self.kubectl(*arguments, stdin=stdin)
        assert done.returncode == 0, f"kubectl {' '.join(map(str, arguments))}:\n{done.stderr}"
        return done.stdout

    def apply(self, *objects: Object, manager: str = FIELD_MANAGER) -> str:
        """Apply objects on the server, as Argo CD does with ServerSideApply=true; the answer is what kubectl prints."""
        return self.output("apply", *_as_argo_cd(manager), stdin=as_list(objects))

    def refusal(self, *objects: Object) -> str:
        """Why the API refuses the objects, in its own words; that it takes them fails the test. Nothing is stored."""
        done = self.kubectl("apply", *_as_argo_cd(), *_ASKED_ONLY, stdin=as_list(objects))
        assert done.returncode != 0, f"the API takes it:\n{done.stdout}"
        return done.stderr

    def would_store(self, *objects: Object) -> list[Object]:
        """What the API would have of the objects; a refusal fails the test. Nothing is stored."""
        return _items(self.output("apply", *_as_argo_cd(), *_ASKED_ONLY, "--output=json", stdin=as_list(objects)))

    def get(self, kind: str, name: str, *, namespace: str = "default") -> Object:
        """One object as it is stored."""
        answer: Object = json.loads(self.output("get", kind, name, "--namespace", namespace, "--output", "json"))
        return answer

    def stored(self, *objects: Object) -> list[Object]:
        """What the API has of the objects, each in the version that it is asked for."""
        return _items(self.output("get", "--filename=-", "--output=json", stdin=as_list(objects)))

    def objects(self, kinds: str, *, namespace: str = "") -> list[Object]:
        """The objects of one kind, or of several joined by commas, in a namespace or in all."""
        where = ["--namespace", namespace] if namespace else ["--all-namespaces"]
        return _items(self.output("get", kinds, *where, "--output=json"))

    def patch(self, kind: str, name: str, change: Object, *, namespace: str = "default") -> None:
        """Merge a change into an object: what a person does, or a controller that is not here."""
        flags = ["--namespace", namespace, "--type=merge", *(["--subresource=status"] if "status" in change else [])]
        self.output("patch", kind, name, *flags, "--patch", json.dumps(change))

    def wait_for_definitions(self) -> None:
        """Return once every CustomResourceDefinition is served."""
        wait_until(lambda: all(map(_is_established, self.objects("crds"))), "not all kinds are served")

    def trust(self) -> SSLContext:
        """What to connect with to the API, or to whatever else shows its certificate."""
        return create_default_context(cafile=self.certificate)

    def _etcd_command(self) -> list[str]:
        client, peer = f"http://127.0.0.1:{self._etcd_port}", f"http://127.0.0.1:{self._peer_port}"
        return [
            needed("kube-servers"),
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def _apiserver_command(self) -> list[str]:
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f'{TOKEN},admin,admin,"system:masters"\n', encoding="utf-8")
        return [
            needed("kube-servers"),
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._etcd_port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.port}",
            # kube-apiserver makes a certificate for its address there, and takes its key for service accounts too
            f"--cert-dir={self.certificate.parent}",
            f"--service-account-key-file={self.key}",
            f"--service-account-signing-key-file={self.key}",
            "--service-account-issuer=https://localhost",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--endpoint-reconciler-type=none",
            # a pod's service account comes from a controller that does not run here
            "--disable-admission-plugins=ServiceAccount",
        ]

    def _kubeconfig(self) -> Object:
        cluster = {"server": self.url, "certificate-authority": str(self.certificate)}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": TOKEN}}],
        }


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def as_list(objects: Iterable[Object]) -> str:
    """Objects as one file for kubectl, which takes them in this order."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


def _items(answer: str) -> list[Object]:
    """The objects in what kubectl prints: a List of them, or the only one."""
    read = json.loads(answer)
    items: list[Object] = read["items"] if read["kind"] == "List" else [read]
    return items


def _as_argo_cd(manager: str = FIELD_MANAGER) -> list[str]:
    return ["--server-side", f"--field-manager={manager}", "--force-conflicts", "--filename=-"]


def _is_established(definition: Object) -> bool:
    conditions = definition.get("status", {}).get("conditions") or []  # null at the very first
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)
