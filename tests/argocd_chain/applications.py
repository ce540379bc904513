"""Applications as the API server stores them, while Argo CD works on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from api_server import TOKEN, ApiServer
from processes import PATIENCE, wait_until

Object = dict[str, Any]

PATH = "apis/argoproj.io/v1alpha1/namespaces/argocd"
TRACKING = "argocd.argoproj.io/tracking-id"
REFRESH = "argocd.argoproj.io/refresh"
OWN = {TRACKING, REFRESH, "kubectl.kubernetes.io/last-applied-configuration"}
"""Annotations that Argo CD writes, not Git."""


class Applications:
    """The Applications of the namespace argocd, asked for and changed as an operator would with kubectl."""

    def __init__(self, api: ApiServer) -> None:
        self._url = f"{api.url}/{PATH}"
        self._direct = build_opener(ProxyHandler({}), HTTPSHandler(context=api.trust()))

    def all(self) -> dict[str, Object]:
        return {one["metadata"]["name"]: one for one in self._ask("GET", "applications")["items"]}

    def count(self, selector: str = "") -> int:
        """How many there are, or have such labels, without reading them all."""
        names = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
        return len(self._ask("GET", f"applications?labelSelector={quote(selector)}", headers=names)["items"] or [])

    def of_root(self, root: str) -> dict[str, Object]:
        """The children of a root Application: what it tracks."""
        return {name: one for name, one in self.all().items() if tracked_by(one) == root}

    def __getitem__(self, name: str) -> Object:
        return self._ask("GET", f"applications/{name}")

    def patch(self, name: str, patch: Object, kind: str = "applications") -> Object:
        """Change one as `kubectl patch --type merge` does: null removes a key."""
        return self._ask("PATCH", f"{kind}/{name}", patch)

    def annotate(self, name: str, annotation: str, value: str | None, kind: str = "applications") -> None:
        self.patch(name, {"metadata": {"annotations": {annotation: value}}}, kind)

    def refresh(self, name: str, *, hard: bool = False) -> None:
        """Have Argo CD look at Git now, and at the manifests anew if hard; return once it has looked."""
        self.annotate(name, REFRESH, "hard" if hard else "normal")
        self.wait_for(name, lambda one: REFRESH not in one["metadata"].get("annotations", {}), "is not refreshed")

    def collect_garbage(self) -> None:
        """Let go what is deleted, in the place of Kubernetes' own garbage collector, which does not run here."""
        for name, one in self.all().items():
            if one["metadata"].get("finalizers") == ["foregroundDeletion"]:
                self.patch(name, {"metadata": {"finalizers": None}})

    def wait_for(self, name: str, holds: Callable[[Object], bool], otherwise: str, seconds: float = PATIENCE) -> None:
        """Return once the Application is as it must be; what is told otherwise has its status with it."""
        wait_until(lambda: holds(self[name]), f"{name} {otherwise}", seconds, lambda: self._status(name))

    def _status(self, name: str) -> str:
        status = self[name].get("status", {})
        pending = [one["name"] for one in status.get("resources", []) if one.get("status") != "Synced"]
        state = operation(self[name])
        told = {
            "sync": status.get("sync", {}).get("status"),
            "revision": status.get("sync", {}).get("revision"),
            "conditions": status.get("conditions"),
            "not synced": pending,
            "operation": {key: state.get(key) for key in ("phase", "message", "startedAt", "finishedAt")},
            "its revision": state.get("syncResult", {}).get("revision"),
        }
        return json.dumps(told, indent=1)

    def _ask(
        self, method: str, what: str, body: Object | None = None, headers: Mapping[str, str] | None = None
    ) -> Object:
        sent = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/merge-patch+json", **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._url}/{what}", data=data, headers=sent, method=method)
        with self._direct.open(request, timeout=PATIENCE) as answer:
            told: Object = json.load(answer)
            return told


def tracked_by(application: Object) -> str:
    """The name of the Application that has made this one; empty if a person has."""
    tracking: str = application["metadata"].get("annotations", {}).get(TRACKING, "")
    return tracking.partition(":")[0]


def said_in_git(application: Object) -> Object:
    """The part of an Application that comes from Git: labels, annotations, finalizers and spec."""
    metadata = application["metadata"]
    annotations = {key: value for key, value in metadata.get("annotations", {}).items() if key not in OWN}
    return {
        "labels": metadata.get("labels", {}),
        "annotations": annotations,
        "finalizers": metadata.get("finalizers", []),
        "spec": without_empty_maps(application["spec"]),
    }


def without(said: Object, field: str) -> Object:
    """What is said, without one field, whose place dots divide."""
    first, _, rest = field.partition(".")
    if first not in said:
        return said
    left = {key: value for key, value in said.items() if key != first}
    return {**left, first: without(said[first], rest)} if rest else left


def without_empty_maps(value: Any) -> Any:
    """A part of an Application without its empty maps: Argo CD adds some when it writes an Application."""
    if isinstance(value, list):
        return [without_empty_maps(item) for item in value]
    if isinstance(value, dict):
        return {key: without_empty_maps(item) for key, item in value.items() if item != {}}
    return value


def errors(application: Object) -> list[str]:
    """What Argo CD holds against an Application: its conditions of an error's type."""
    conditions = application.get("status", {}).get("conditions", [])
    return [f"{one['type']}: {one['message']}" for one in conditions if one["type"].endswith("Error")]


def is_compared(application: Object) -> bool:
    """Whether Argo CD has rendered it and held it against its cluster."""
    return bool(application.get("status", {}).get("sync", {}).get("status", "Unknown") != "Unknown")


def is_out_of_sync(application: Object) -> bool:
    """Whether Argo CD has found that it is not as Git says."""
    return bool(application["status"]["sync"]["status"] == "OutOfSync")


def changed(before: Mapping[str, Object], after: Mapping[str, Object]) -> set[str]:
    """Names of the Applications that came, went, were made anew or say something else than before."""
    return {name for name in before.keys() | after.keys() if _identity(before.get(name)) != _identity(after.get(name))}


def _identity(application: Object | None) -> Object | None:
    return application and {"uid": application["metadata"]["uid"], **said_in_git(application)}


def operation(application: Object) -> Object:
    """What an Application says of the last sync that was tried, or is under way."""
    state: Object = application.get("status", {}).get("operationState") or {}
    return state
