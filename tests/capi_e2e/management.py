"""The sample's clusters on a real management cluster: what kloom says of them, and what has come of it.

Cluster API waits for BYOH in two places, and BYOH's manager does not run here. `say_what_byoh_would` says it instead:
that a ByoCluster is ready, and that a ByoMachine has found a host.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from api_server import ApiServer, Object
from processes import PATIENCE, wait_until

Key = tuple[str, str, str]
"""Kind, namespace and name: what an object is, in whatever version it is written."""

CONTROL_PLANE = "cluster.x-k8s.io/control-plane"
"""The label of the Machines of a control plane."""

READ_BACK_AS_V1BETA2 = {
    ("Cluster", "spec.controlPlaneRef.apiVersion"),
    ("MachineDeployment", "spec.template.spec.bootstrap.configRef.apiVersion"),
}
"""Fields of v1beta1 alone: Cluster API stores no version of what an object refers to, and answers with the newest."""


def key(obj: Object) -> Key:
    metadata = obj["metadata"]
    return obj["kind"], metadata.get("namespace", ""), metadata["name"]


def of_kind(kind: str, objects: Iterable[Object]) -> dict[str, Object]:
    """The objects of a kind by name; all are in one namespace."""
    return {obj["metadata"]["name"]: obj for obj in objects if obj["kind"] == kind}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A copy of the management overlay that a test may edit, and the command that builds it."""

    folder: Path
    command: Sequence[str | Path]

    def build(self, cluster: str = "") -> list[Object]:
        """What `kustomize build` prints of all clusters or of one; a failing build fails the test with its text."""
        done = subprocess.run(self.command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        objects = yaml.load_all(done.stdout, yaml.CSafeLoader)
        return [obj for obj in objects if obj and obj["metadata"]["name"].startswith(cluster)]

    def edit(self, file: str, pattern: str, replacement: str) -> None:
        """Replace what a pattern finds in a file; it must be there."""
        path = self.folder / file
        text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert count, f"{path}: there is no {pattern}"
        path.write_text(text, encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Provisioned:
    """What kloom said, and what the API had of it when Cluster API was done: at first, and after it was said again."""

    said: Sequence[Object]
    stored: Sequence[Object]
    again: Sequence[Object]
    made: Sequence[Object]
    """What Cluster API made of it: machines and Secrets."""


@dataclass(frozen=True, kw_only=True)
class Management:
    """One namespace of a real management cluster, which lacks BYOH's manager alone."""

    api: ApiServer
    namespace: str

    def objects(self, kinds: str) -> list[Object]:
        """The objects of a kind, or of several joined by commas."""
        return self.api.objects(kinds, namespace=self.namespace)

    def machine_sets(self, cluster: str) -> dict[str, Object]:
        """The MachineSets of a cluster by their uid: a MachineDeployment makes one for each set of equal machines."""
        found = self.objects("machinesets")
        return {obj["metadata"]["uid"]: obj for obj in found if obj["spec"]["clusterName"] == cluster}

    def start_with(self, objects: Sequence[Object]) -> None:
        """Apply objects in the order of their sync waves, as Argo CD does."""
        self.api.apply(*sorted(objects, key=wave))

    def has_old_machines(self, cluster: str) -> bool:
        """Whether machines of a control plane are not as it says, so that it will replace them."""
        control_planes = of_kind("KubeadmControlPlane", self.objects("kubeadmcontrolplanes"))
        return bool(up_to_date(control_planes[f"{cluster}-control-plane"])["status"] == "False")

    def apply(self, objects: Sequence[Object]) -> None:
        """Apply objects, and return when Cluster API has seen what they say."""
        self.start_with(objects)
        wait_until(lambda: not self.unobserved(), "Cluster API has not seen everything", details=self.unobserved)

    def wait_for_machines(self) -> None:
        """Return when Cluster API has made all that it can without hosts."""
        wait_until(lambda: not self.unmade(), "Cluster API has not made everything", 2 * PATIENCE, self.unmade)

    def unobserved(self) -> str:
        """Objects of which Cluster API has not seen what they say now."""
        found = self.objects("clusters,kubeadmcontrolplanes,machinedeployments")
        return "\n".join(str(key(obj)) for obj in found if observed(obj) != obj["metadata"]["generation"])

    def unmade(self) -> str:
        """What is still to be made, a line for each object; what BYOH would do is done first."""
        self.say_what_byoh_would()
        objects = self.objects("clusters,kubeadmcontrolplanes,machinedeployments,machinesets,machines")
        owners = {ref["name"] for obj in objects for ref in obj["metadata"].get("ownerReferences", [])}
        return "\n".join(f"{key(obj)}: {why}" for obj in objects for why in _undone(obj, owners))

    def say_what_byoh_would(self) -> None:
        """Call every cluster ready, and the machines of its control plane installed, on hosts of made-up names."""
        for obj in self.objects("byoclusters,byomachines"):
            kind, _, name = key(obj)
            if kind == "ByoMachine" and CONTROL_PLANE not in obj["metadata"]["labels"]:
                continue  # workers start after their control plane, and that needs hosts
            if kind == "ByoMachine" and "providerID" not in obj["spec"]:
                host = {"spec": {"providerID": f"byoh://{name}/1"}}
                self.api.patch(kind, name, host, namespace=self.namespace)
            if not obj.get("status", {}).get("ready"):
                self.api.patch(kind, name, {"status": {"ready": True}}, namespace=self.namespace)


def _undone(obj: Object, owners: AbstractSet[str]) -> Iterator[str]:
    """What an object waits for."""
    spec, status, metadata = obj["spec"], obj.get("status", {}), obj["metadata"]
    match obj["kind"]:
        case "Cluster" if status.get("phase") != "Provisioned":
            yield f"it is {status.get('phase')}"
        case "KubeadmControlPlane" | "MachineDeployment" if metadata["name"] not in owners:
            yield "it owns nothing"
        case "MachineSet" if status.get("replicas") != spec["replicas"]:
            yield f"{status.get('replicas')} of {spec['replicas']} machines are there"
        case "Machine" if CONTROL_PLANE in metadata["labels"] and status.get("phase") != "Provisioned":
            yield f"it is {status.get('phase')}"


def wave(obj: Object) -> int:
    return int(obj["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))


def observed(obj: Object) -> int | None:
    """The generation of an object that its controller has seen."""
    status = obj.get("status", {})
    if obj["kind"] == "KubeadmControlPlane":  # says so of all its status only once it has reached its cluster
        status = up_to_date(obj)
    generation: int | None = status.get("observedGeneration")
    return generation


def up_to_date(control_plane: Object) -> Object:
    """The condition that tells whether the machines of a control plane are as it says."""
    conditions = control_plane.get("status", {}).get("conditions", [])
    return next((condition for condition in conditions if condition["type"] == "MachinesUpToDate"), {})


def changes(said: Sequence[Object], stored: Sequence[Object]) -> list[str]:
    """What the API makes of fields, a line each, but for what no writer of v1beta1 can change."""
    return [
        f"{ours['apiVersion']} {ours['kind']} {path}: {value!r} becomes {became!r}"
        for ours, theirs in zip(said, stored, strict=True)
        for path, value, became in differences(ours, theirs)
        if (ours["kind"], path) not in READ_BACK_AS_V1BETA2
    ]


def differences(said: Any, stored: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where what is stored is not what was said: the field, and both. What was not said may be anything."""
    if isinstance(said, dict) and isinstance(stored, dict):
        for name, value in said.items():
            yield from differences(value, stored.get(name), f"{path}.{name}" if path else name)
    elif isinstance(said, list) and isinstance(stored, list) and len(said) == len(stored):
        for index, (ours, theirs) in enumerate(zip(said, stored, strict=True)):
            yield from differences(ours, theirs, f"{path}[{index}]")
    elif said != stored:
        yield path, said, stored
