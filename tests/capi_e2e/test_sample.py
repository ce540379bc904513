"""The four clusters of the sample, on a real Kubernetes API with Cluster API's own managers and webhooks.

BYOH's manager is not published, so no host is ever taken: the tests say in its place that clusters and machines are
ready (`Management.say_what_byoh_would`). With that, Cluster API brings the first machine of each control plane as far
as `Provisioned`. Everything else that is seen here, Cluster API did by itself.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml
from management import READ_BACK_AS_V1BETA2, Provisioned, differences, key, of_kind

from kloom.render import render

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
CLUSTERS = ["cluster-a", "cluster-b", "cluster-c", "cluster-d"]
STATUS_AT_V1BETA1 = "cluster.x-k8s.io/conversion-data"
"""The annotation that holds what a v1beta1 object has no fields for."""


def test_nothing_is_refused(provisioned: Provisioned):
    assert [key(obj) for obj in provisioned.stored] == [key(obj) for obj in provisioned.said]
    assert sorted(of_kind("Cluster", provisioned.stored)) == CLUSTERS


def test_what_was_said_is_what_is_stored(version, provisioned: Provisioned):
    changed = {
        (said["kind"], path): (ours, theirs)
        for said, stored in zip(provisioned.said, provisioned.stored, strict=True)
        for path, ours, theirs in differences(said, stored)
    }
    assert changed.keys() == (READ_BACK_AS_V1BETA2 if version == "v1beta1" else set())
    assert all(theirs == ours.replace("v1beta1", "v1beta2") for ours, theirs in changed.values())


def test_saying_it_again_changes_nothing(version, provisioned: Provisioned):
    pairs = list(zip(provisioned.stored, provisioned.again, strict=True))
    changed = [(key(before), *differences(content(before), content(after))) for before, after in pairs]
    assert [found for found in changed if len(found) > 1] == []

    renewed = {before["kind"] for before, after in pairs if generation(before) != generation(after)}
    assert renewed == ({kind for kind, _ in READ_BACK_AS_V1BETA2} if version == "v1beta1" else set())


def test_machines_are_made_from_the_templates(provisioned: Provisioned):
    templates = of_kind("ByoMachineTemplate", provisioned.said)
    machines = of_kind("ByoMachine", provisioned.made).values()

    assert {template_of(machine) for machine in machines} == set(templates)
    for machine in machines:
        spec = templates[template_of(machine)]["spec"]["template"]["spec"]
        assert {name: machine["spec"][name] for name in spec} == spec


def test_the_first_machine_gets_the_files_as_they_were_written(provisioned: Provisioned):
    secrets = of_kind("Secret", provisioned.made)
    for name, control_plane in of_kind("KubeadmControlPlane", provisioned.said).items():
        [machine] = [obj for obj in of_kind("Machine", provisioned.made).values() if is_owned_by(name, obj)]
        start = secret_yaml(secrets[machine["spec"]["bootstrap"]["dataSecretName"]])
        written = {file["path"]: file["content"] for file in start["write_files"]}
        said = {file["path"]: file["content"] for file in control_plane["spec"]["kubeadmConfigSpec"]["files"]}

        assert {path: written.get(path) for path in said} == said
        assert "{{ .DefaultNetworkInterfaceName }}" in written["/etc/kubernetes/manifests/kube-vip.yaml"]


def test_a_cluster_is_reached_where_its_applications_go(provisioned: Provisioned):
    secrets = of_kind("Secret", provisioned.made)
    servers = {
        cluster["cluster"]["server"]
        for name in CLUSTERS
        for cluster in secret_yaml(secrets[f"{name}-kubeconfig"])["clusters"]
    }
    environments = [path.parent for path in OVERLAYS.glob("*/services")]
    destinations = {
        obj["spec"]["destination"]["server"] for folder in environments for obj in render(str(folder)).objects
    }
    assert len(servers) == len(CLUSTERS)
    assert destinations == servers


def content(obj: dict[str, Any]) -> dict[str, Any]:
    """What can be said of an object, without what the API and Cluster API say of it."""
    metadata = {field: dict(obj["metadata"].get(field, {})) for field in ("labels", "annotations")}
    metadata["annotations"].pop(STATUS_AT_V1BETA1, None)
    return {**metadata, **{field: obj.get(field) for field in ("spec", "data")}}


def generation(obj: dict[str, Any]) -> int | None:
    return obj["metadata"].get("generation")


def template_of(machine: dict[str, Any]) -> str:
    return machine["metadata"]["annotations"]["cluster.x-k8s.io/cloned-from-name"]


def is_owned_by(name: str, obj: dict[str, Any]) -> bool:
    return any(owner["name"] == name for owner in obj["metadata"].get("ownerReferences", []))


def secret_yaml(secret: dict[str, Any]) -> Any:
    """What is in a Secret of Cluster API's."""
    return yaml.load(base64.b64decode(secret["data"]["value"]), yaml.CSafeLoader)
