"""Cluster API's own managers beside an ApiServer: core, kubeadm bootstrap and control plane, with their webhooks.

`make` leaves each manager in one folder, with the manifests that are published beside it. The definitions, webhooks
and namespaces among these are applied, and made to call the processes here instead of services in a cluster.
BYOH's kinds are defined too, but its manager is not published: what it would say, a test has to.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import byoh
import yaml
from api_server import ApiServer, Object
from processes import Server, free_ports, is_well

WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")

STAY_HERE = {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1"}
"""The managers ask for the API of every cluster that they are told of; nobody listens on port 1."""


@dataclass(frozen=True, kw_only=True)
class Manager:
    """One of the managers, by the name of its program, and where it listens."""

    name: str
    webhooks: int
    health: int


class ClusterApi:
    """Cluster API's managers, at work from here to the end of the `with` block."""

    def __init__(self, api: ApiServer, programs: Path, folder: Path) -> None:
        self._api, self._programs, self._folder = api, programs, folder
        names, ports = ("core", "kubeadm-bootstrap", "kubeadm-control-plane"), iter(free_ports(6))
        self._managers = [Manager(name=name, webhooks=next(ports), health=next(ports)) for name in names]
        self._servers = ExitStack()

    def __enter__(self) -> Self:
        published = [obj for manager in self._managers for obj in self._published(manager)]
        self._api.apply(*byoh.definitions(), *(obj for obj in published if obj["kind"] not in WEBHOOKS))
        self._api.wait_for_definitions()
        with self._servers as starting:
            servers = [starting.enter_context(self._server(manager)) for manager in self._managers]
            for server, manager in zip(servers, self._managers, strict=True):
                server.wait_until(partial(is_well, f"http://127.0.0.1:{manager.health}/readyz"))
            self._api.apply(*(obj for obj in published if obj["kind"] in WEBHOOKS))
            self._servers = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    def _server(self, manager: Manager) -> Server:
        certificate = self._api.certificate
        command = [
            str(self._programs / manager.name),
            f"--kubeconfig={self._api.kubeconfig}",
            f"--webhook-port={manager.webhooks}",
            f"--webhook-cert-dir={certificate.parent}",
            f"--webhook-cert-name={certificate.name}",
            f"--webhook-key-name={self._api.key.name}",
            f"--health-addr=127.0.0.1:{manager.health}",
            "--diagnostics-address=0",
        ]
        return Server(manager.name, command, self._folder / f"{manager.name}.log", STAY_HERE)

    def _published(self, manager: Manager) -> Iterator[Object]:
        text = (self._programs / f"{manager.name}.yaml").read_text(encoding="utf-8")
        for obj in yaml.load_all(text, yaml.CSafeLoader):
            for webhook in obj.get("webhooks", ()):
                webhook["timeoutSeconds"] = 30  # the longest that there is: on a busy machine they answer later
            if obj["kind"] in ("CustomResourceDefinition", "Namespace", *WEBHOOKS):
                for client in _client_configs(obj):
                    self._call(client, manager)
                yield obj

    def _call(self, client: Object, manager: Manager) -> None:
        """Have a webhook's client call the process instead of the service."""
        client["url"] = f"https://127.0.0.1:{manager.webhooks}{client.pop('service')['path']}"
        client["caBundle"] = base64.b64encode(self._api.certificate.read_bytes()).decode()


def _client_configs(obj: Object) -> Iterator[Object]:
    """How the API server reaches the webhooks of an object."""
    if obj["kind"] in WEBHOOKS:
        yield from (webhook["clientConfig"] for webhook in obj["webhooks"])
    elif "conversion" in obj.get("spec", {}):
        yield obj["spec"]["conversion"]["webhook"]["clientConfig"]
