"""The Secrets by which Argo CD knows clusters: name, server and labels, and never a credential.

Credentials come into being with the cluster; whoever has them there puts `config` into the same Secret, which leaves
what Git says alone, and Git says nothing of `config`. Argo CD reads a Secret without it (util/db/cluster.go,
SecretToCluster), as a cluster that it cannot log in to yet.
"""

from __future__ import annotations

from kloom.argo.rules.rule import ClusterSecret
from kloom.argo.rules.syntax import label_problem
from kloom.sdk.kube_object import KubeObject, misshapen
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

TYPE_LABEL = "argocd.argoproj.io/secret-type"
FIELDS = ("name", "server")


def cluster_secret(name: str, server: str, labels: Mapping[str, str], namespace: str) -> KubeObject:
    """The Secret of a cluster, called as Argo CD calls the cluster."""
    return KubeObject(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace, "labels": {**labels, TYPE_LABEL: "cluster"}},
            "stringData": {"name": name, "server": server},
        }
    )


def put(secret: KubeObject, items: list[Any]) -> None:
    """Add the Secret, or what it says to the one of its identity that is there, whose other content stays."""
    of_kind = (item for item in items if item.get("kind") == "Secret")
    there = next((item for item in of_kind if KubeObject(item).identity == secret.identity), None)
    if there is None:
        items.append(secret)
        return
    metadata = there["metadata"]
    metadata["labels"] = {**(metadata.get("labels") or {}), **secret["metadata"]["labels"]}
    there["stringData"] = {**(there.get("stringData") or {}), **secret["stringData"]}
    encoded = there.get("data")
    if isinstance(encoded, dict):
        for field in FIELDS:
            encoded.pop(field, None)
        if not encoded:
            del there["data"]


def problems(secrets: Sequence[KubeObject], items: Iterable[Mapping[str, Any]]) -> Iterator[Result]:
    """Labels that Kubernetes refuses, and Secrets among the items that tell Argo CD of one of these clusters again."""
    for secret in secrets:
        for key, value in secret["metadata"]["labels"].items():
            if problem := label_problem(key, value):
                yield Result.error(problem).about(secret, ("metadata", "labels", key))
    own = {secret.identity for secret in secrets}
    for obj in map(KubeObject, items):
        if obj.identity in own and not isinstance(plain := obj.get("stringData"), (dict, type(None))):
            yield Result.error(f"must be a map, was {kind_of(plain)}").about(obj, "stringData")
        elif obj.kind == "Secret" and obj.labels.get(TYPE_LABEL) == "cluster" and obj.identity not in own:
            yield from _repetitions(obj, secrets)


def told_of(items: Iterable[Mapping[str, Any]], folder: str = "") -> list[ClusterSecret]:
    """The clusters that Secrets among the items, which stand in a folder, tell Argo CD of."""
    secrets = [KubeObject(item) for item in items if item.get("kind") == "Secret" and not any(misshapen(item))]
    return [
        ClusterSecret(
            name=_said(secret, "name") or "",
            server=_said(secret, "server") or "",
            project=_said(secret, "project") or "",
            secret=secret.name,
            place=(folder, secret.namespace),
        )
        for secret in secrets
        if secret.labels.get(TYPE_LABEL) == "cluster"
    ]


def _repetitions(other: KubeObject, secrets: Iterable[KubeObject]) -> Iterator[Result]:
    for secret in secrets:
        for field in FIELDS:
            value = secret["stringData"][field]
            if _said(other, field) == value and other.namespace == secret.namespace:
                message = f"must tell of another cluster than {secret.short_name} does, was {value}"
                yield Result.error(message).about(other, ("stringData", field))


def _said(secret: KubeObject, field: str) -> str | None:
    """What a Secret says in a field, plain or encoded."""
    from base64 import b64decode

    plain, encoded = secret.get_path(("stringData", field)), secret.get_path(("data", field))
    if isinstance(plain, str):
        return plain.rstrip("/")
    try:
        return b64decode(encoded or "").decode().rstrip("/") if isinstance(encoded, str) else None
    except ValueError:
        return None
