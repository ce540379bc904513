"""A template that a newer one supersedes: out of Git it stays, as machines refer to it, and nothing is OutOfSync."""

from __future__ import annotations

import pytest
import yaml
from chain import is_synced

from kloom.capi.templates import KEPT, hashed_name

NAME, NAMESPACE = "machines", "default"


def config_map(name: str, annotations: dict[str, str]) -> dict:
    """What stands for a template here: Argo CD asks for nothing but the annotations."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "annotations": annotations}}


@pytest.fixture
def machines(chain):
    """An Application of one folder of the repository, which is taken away afterwards with what it has deployed."""
    api = chain.argocd.api
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": NAME, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": chain.platform.url, "path": NAME, "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": NAMESPACE},
            "syncPolicy": {"automated": {"prune": True}},
        },
    }

    def synced(application, revision):
        for one in api.objects("configmaps", namespace=NAMESPACE):  # as Kubernetes' garbage collector would
            if one["metadata"].get("finalizers") == ["foregroundDeletion"]:
                api.patch("configmaps", one["metadata"]["name"], {"metadata": {"finalizers": None}})
        return is_synced(application, revision)

    def say(*objects):
        """Have the folder hold these objects and nothing else, and wait until that is synced."""
        file = chain.platform.folder / NAME / "objects.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump_all(objects))
        revision = chain.commit("Other machines")
        api.apply(application)
        chain.applications.refresh(NAME)
        chain.applications.wait_for(NAME, lambda one: synced(one, revision), "is not synced")
        return {one["metadata"]["name"] for one in api.objects("configmaps", namespace=NAMESPACE)}

    yield say
    api.output("delete", "application", NAME, "--namespace=argocd")
    api.output("delete", "configmap", "--all", f"--namespace={NAMESPACE}")


def test_it_stays_and_its_application_is_synced(machines):
    former, newer = (hashed_name("cluster-a-general", {"replicas": count}) for count in (1, 2))
    assert {former, "plain"} <= machines(config_map(former, {**KEPT}), config_map("plain", {}))
    there = machines(config_map(newer, {**KEPT}))
    assert {former, newer} <= there
    assert "plain" not in there, "it has no such annotations, so it is pruned"
