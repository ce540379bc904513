"""What an edit of the sample does to machines that are there: which pools roll, and which do not."""

from __future__ import annotations

import pytest
from management import Management, Sample, changes, of_kind

pytestmark = pytest.mark.usefixtures("provisioned")
LABEL = "node-restriction.kubernetes.io/tier"
"""Of a domain whose labels Cluster API copies from machines to nodes."""


def test_a_changed_pool_gets_a_machine_set_of_the_new_template(management: Management, sample: Sample):
    before = management.machine_sets("cluster-a")
    old = of_kind("MachineDeployment", sample.build("cluster-a"))["cluster-a-general"]

    selector = "role: worker}, matchExpressions: [{key: example.com/broken, operator: DoesNotExist}]}"
    sample.edit("clusters/cluster-a.yaml", "role: worker}}", selector)
    edited = sample.build("cluster-a")
    management.apply(edited)

    new = of_kind("MachineDeployment", edited)["cluster-a-general"]
    after = management.machine_sets("cluster-a")
    [made] = [after[uid] for uid in after.keys() - before.keys()]
    assert made["metadata"]["labels"]["cluster.x-k8s.io/deployment-name"] == "cluster-a-general"
    assert template_of(made) == template_of(new) != template_of(old)
    assert template_of(made) in of_kind("ByoMachineTemplate", edited)


def test_a_label_edit_reaches_the_machines_that_are_there(management: Management, sample: Sample):
    before = management.machine_sets("cluster-c")

    sample.edit("clusters/cluster-c.yaml", r"^  general:$", f"  general:\n    labels: {{{LABEL}: gold}}")
    sample.edit("clusters/cluster-c.yaml", r"^controlPlane:$", f"controlPlane:\n  labels: {{{LABEL}: gold}}")
    management.apply(sample.build("cluster-c"))

    after = management.machine_sets("cluster-c")
    assert before.keys() == after.keys()
    [labelled] = [made for made in after.values() if LABEL in made["spec"]["template"]["metadata"]["labels"]]
    assert labelled["metadata"]["labels"]["cluster.x-k8s.io/deployment-name"] == "cluster-c-general"
    assert not management.has_old_machines("cluster-c")


def test_another_registry_outdates_the_control_plane_and_every_pool(management: Management, sample: Sample):
    before = management.machine_sets("cluster-b")
    assert not management.has_old_machines("cluster-b")

    sample.edit("clusters/cluster-b.yaml", r"\Z", "bundleRegistry: registry.example.com/byoh\n")
    edited = sample.build("cluster-b")
    management.apply(edited)

    assert management.has_old_machines("cluster-b")
    after = management.machine_sets("cluster-b")
    new = {template_of(after[uid]) for uid in after.keys() - before.keys()}
    assert new == {template_of(obj) for obj in of_kind("MachineDeployment", edited).values()}


@pytest.mark.parametrize("version", ["v1beta1"])
def test_going_to_v1beta2_replaces_no_machine(management: Management, new_sample):
    before = management.machine_sets("cluster-d")
    renewed = new_sample("v1beta2", management).build("cluster-d")
    management.apply(renewed)

    assert changes(renewed, management.api.stored(*renewed)) == []
    assert management.machine_sets("cluster-d").keys() == before.keys()
    assert not management.has_old_machines("cluster-d")


def template_of(obj):
    """The name of the template that a MachineDeployment or MachineSet has its machines made from."""
    return obj["spec"]["template"]["spec"]["infrastructureRef"]["name"]
