"""What replaces machines and what does not: a rollout is a new name of a template, or another kubeadmConfigSpec."""

from __future__ import annotations

import pytest

GENERAL, STORAGE, CONTROL_PLANE = (
    "MachineDeployment/a-general",
    "MachineDeployment/a-storage",
    "KubeadmControlPlane/a-control-plane",
)
POOLS = {GENERAL, STORAGE, CONTROL_PLANE}


def machines(objects):
    """For each pool everything that makes Cluster API replace its machines."""
    deployments = {name: objects[name]["spec"]["template"]["spec"] for name in (GENERAL, STORAGE)}
    found = {
        name: (spec["version"], spec["bootstrap"]["configRef"]["name"], spec["infrastructureRef"]["name"])
        for name, spec in deployments.items()
    }
    spec = objects[CONTROL_PLANE]["spec"]
    reference = spec["machineTemplate"]["spec"]["infrastructureRef"]["name"]
    return {**found, CONTROL_PLANE: (spec["version"], spec["kubeadmConfigSpec"], reference)}


@pytest.fixture
def rolled(make):
    before = machines(make())

    def compare(values, **spec):
        after = machines(make(values, **spec))
        return {name for name in before if before[name] != after[name]}

    return compare


@pytest.mark.parametrize(
    ("values", "pools"),
    [
        ({"kubernetesVersion": "v1.35.0"}, POOLS),
        ({"bundleRegistry": "registry.example.com/byoh"}, POOLS),
        ({"machines": {"kubeletExtraArgs": {"max-pods": "200"}}}, POOLS),
        ({"machines": {"files": [{"path": "/etc/motd", "content": "hello\n"}]}}, POOLS),
        ({"imageRepository": "registry.example.com/kubernetes"}, {CONTROL_PLANE}),
        ({"controlPlane": {"certSANs": "api.example.com"}}, {CONTROL_PLANE}),
        ({"kubeVip": {"image": "registry.example.com/kube-vip:v1.2.3"}}, {CONTROL_PLANE}),
        ({"workers": {"general": {"hostSelector": {"matchLabels": {"example.com/rack": "1"}}}}}, {GENERAL}),
        ({"workers": {"general": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}}, {GENERAL}),
        ({"workers": {"general": {"preKubeadmCommands": "true"}}}, {GENERAL}),
        ({"workers": {"general": {"skipInstallation": True}}}, {GENERAL}),
    ],
    ids=str,
)
def test_what_is_on_a_machine_replaces_it(values, pools, rolled):
    assert rolled(values) == pools


@pytest.mark.parametrize(
    "values",
    [
        {"labels": {"example.com/tier": "production"}},
        {"annotations": {"example.com/owner": "platform"}},
        {"workers": {"general": {"labels": {"node-role.kubernetes.io/general": ""}}}},
        {"workers": {"general": {"labels": {"example.com/disk": "nvme"}}}},
        {"controlPlane": {"labels": {"node.cluster.x-k8s.io/zone": "east"}}},
        {"workers": {"general": {"replicas": 9}}},
        {"controlPlane": {"replicas": 5}},
        {"workers": {"general": {"rollingUpdate": {"maxSurge": 1}}}},
        {"machines": {"deletion": {"nodeDrainTimeoutSeconds": 60}}},
        {"machines": {"machineHealthCheck": {}}},
        {"workers": {"more": {"replicas": 1}}},
    ],
    ids=str,
)
def test_nothing_else_does(values, rolled):
    assert rolled(values) == set()


def test_hosts_that_come_and_go_replace_nothing(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hosts.yaml").write_text(
        "\n".join(
            f"- {{name: {role}-{at}, labels: {{example.com/role: {role}}}}}"
            for at in range(3)
            for role in ("control-plane", "worker", "storage")
        )
    )
    assert machines(make(hosts="hosts.yaml")) == machines(make())


def test_both_versions_of_cluster_api_have_the_same_names(make):
    assert make(clusterApiVersion="v1beta1").keys() == make(clusterApiVersion="v1beta2").keys()


def test_what_is_superseded_stays_until_nothing_refers_to_it(make):
    """Argo CD neither prunes it nor calls the Application out of sync."""
    for name, obj in make().items():
        if name.partition("/")[0] in ("ByoMachineTemplate", "K8sInstallerConfigTemplate", "KubeadmConfigTemplate"):
            annotations = obj["metadata"]["annotations"]
            assert annotations["argocd.argoproj.io/sync-options"] == "Prune=false"
            assert annotations["argocd.argoproj.io/compare-options"] == "IgnoreExtraneous"


def test_what_holds_machines_is_not_pruned_without_a_question(make):
    for kind_name in (*POOLS, "Cluster/a", "ByoCluster/a"):
        annotations = make()[kind_name]["metadata"]["annotations"]
        assert annotations["argocd.argoproj.io/sync-options"] == "Prune=confirm,Delete=confirm"


def test_every_reference_leads_to_an_object(make):
    objects = make()
    referred = {f"{ref['kind']}/{ref['name']}" for ref in references(list(objects.values()))}
    assert len(referred) == 10
    assert referred <= objects.keys()


def references(value):
    """Everything below the value that has a kind and a name."""
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if {"kind", "name"} <= value.keys() else []
    return own + [found for item in value.values() for found in references(item)]
