"""Endpoints in whole builds: what kustomize noted stays, what did not run is told, and every command knows `from`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kloom.eject import eject
from kloom.sdk.result import Refusal
from kloom.trace import trace
from kloom.validate import validate

ALPHA = "--enable-alpha-plugins"
TRANSFORMER = "apiVersion: kloom.dev/v1alpha1\nkind: ClusterEndpointTransformer\nmetadata:\n  name: endpoints\n"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, annotations: {note: kept}}
spec:
  project: default
  source: {repoURL: https://git.example.com/shop.git, targetRevision: main, path: deploy}
  destination: {name: CLUSTER, namespace: shop}
"""
CLUSTER = """\
apiVersion: cluster.x-k8s.io/v1beta2
kind: Cluster
metadata: {name: cluster-a, namespace: clusters}
spec: {controlPlaneEndpoint: {host: 10.0.0.10, port: 6443}}
"""
GENERATOR = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec:
  clusters: ../shared/clusters.yaml
  services: [web.yaml, till.yaml]
"""
SERVICE = """\
global: {name: web}
source: {repoURL: https://git.example.com/shop.git, targetRevision: v1.0.0, path: web}
cluster-A: {enable: true}
"""
REPOSITORY = {
    ".git/HEAD": "",
    "management/cluster-a.yaml": "name: cluster-a\ncontrolPlaneEndpoint:\n  host: 10.0.0.10\n",
    "shared/clusters.yaml": "# all of them\ncluster-A:\n  from: ../management/cluster-a.yaml\n  role: active # now\n",
    "dev/kustomization.yaml": "generators: [applications.yaml]\n",
    "dev/applications.yaml": GENERATOR,
    "dev/web.yaml": SERVICE,
    "dev/till.yaml": SERVICE.replace("web", "till"),
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def built(kustomize: str, plugin_home: Path, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home), "PATH": path}
    command = [kustomize, "build", *(flags or (ALPHA,)), folder]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write(tmp_path, REPOSITORY))
    return tmp_path


# The transformer in a build


def test_what_kustomize_noted_of_its_items_comes_back(kustomize, plugin_home, tmp_path):
    """Hashed names, their references and prefixes live in annotations until the end of the build."""
    reader = "containers: [{name: reader, image: reader, envFrom: [{configMapRef: {name: settings}}]}]"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: reader}}\nspec: {{{reader}}}\n"
    files = {
        "kustomization.yaml": (
            "namePrefix: east-\nresources: [resources.yaml]\ntransformers: [endpoints.yaml]\n"
            "configMapGenerator: [{name: settings, literals: [a=b]}]\n"
        ),
        "endpoints.yaml": TRANSFORMER,
        "resources.yaml": "---\n".join([APPLICATION.replace("CLUSTER", "east-cluster-a"), CLUSTER, pod]),
    }
    done = built(kustomize, plugin_home, write(tmp_path, files))
    assert done.returncode == 0, done.stderr
    made = {obj["kind"]: obj for obj in yaml.safe_load_all(done.stdout)}
    (container,) = made["Pod"]["spec"]["containers"]
    name = made["ConfigMap"]["metadata"]["name"]
    assert name.startswith("east-settings-")
    assert container["envFrom"] == [{"configMapRef": {"name": name}}]
    assert made["Application"]["metadata"] == {"name": "east-shop", "annotations": {"note": "kept"}}
    assert made["Application"]["spec"]["destination"] == {"namespace": "shop", "server": "https://10.0.0.10:6443"}


def test_the_guard_in_the_parent_tells_that_it_did_not_run(kustomize, plugin_home, tmp_path):
    """Skipped, it would leave the Secrets of clusters out, and Argo CD would prune them."""
    guard = (Path(__file__).resolve().parents[2] / "overlays/components/guard/kustomization.yaml").read_text()
    function = 'metadata:\n  annotations: {config.kubernetes.io/function: "exec: {path: kloom}"}\n'
    files = {
        ".git/HEAD": "",
        "guard/kustomization.yaml": guard,
        "kustomization.yaml": "resources: [clusters]\ncomponents: [guard]\n",
        "clusters/kustomization.yaml": "resources: [cluster.yaml]\ntransformers: [endpoints.yaml]\n",
        "clusters/endpoints.yaml": TRANSFORMER.replace("metadata:\n", function) + "spec: {clusterSecrets: {}}\n",
        "clusters/cluster.yaml": CLUSTER,
    }
    folder = write(tmp_path, files)
    ran = built(kustomize, plugin_home, folder, ALPHA, "--enable-exec")
    assert ran.returncode == 0, ran.stderr
    assert [obj["kind"] for obj in yaml.safe_load_all(ran.stdout)] == ["Secret", "Cluster"]
    skipped = built(kustomize, plugin_home, folder, ALPHA)
    assert skipped.returncode != 0
    assert "the-function-did-not-run" in skipped.stderr


# `from`, in every command


def test_trace_leads_to_the_file_that_tells_the_endpoint(repository):
    assert repository.is_dir()
    assert list(trace("web-cluster-a", "spec.destination.server")) == [
        "spec.destination.server: https://10.0.0.10:6443",
        "  shared/clusters.yaml:3:9: cluster-A.from",
        "    management/cluster-a.yaml:3:3",
    ]


def test_an_ejected_inventory_says_the_server_and_is_otherwise_the_same(repository, helm, kustomize, plugin_home):
    assert helm
    assert eject("dev") == "dev-helm: helm renders the same 2 Applications of 2 services as kloom does"
    assert (repository / "dev-helm/values/shared/clusters.yaml").read_text() == (
        "# all of them\ncluster-A:\n  role: active # now\n  destination:\n    server: https://10.0.0.10:6443\n"
    )
    ours = built(kustomize, plugin_home, repository / "dev")
    helms = built(kustomize, plugin_home, repository / "dev-helm", "--enable-helm")
    assert helms.returncode == 0, helms.stderr
    assert list(yaml.safe_load_all(helms.stdout)) == list(yaml.safe_load_all(ours.stdout))


def test_the_inventory_as_it_stands_is_refused_by_helm(repository, helm):
    """The one word of an inventory that the charts do not know: they say so, instead of rendering without it."""
    chart = Path(__file__).resolve().parents[2] / "charts/argo-app-root"
    command = [helm, "template", "web", chart, "--values", "shared/clusters.yaml", "--values", "dev/web.yaml"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "'from'" in done.stderr or "from is not allowed" in done.stderr


@pytest.mark.parametrize("path", ["management/cluster-a.yaml", "shared/clusters.yaml", "dev/web.yaml", "."])
def test_validate_checks_what_takes_its_endpoint_from_a_file(path, repository):
    assert validate([path]).results == []
    (repository / "management/cluster-a.yaml").write_text("name: cluster-a\ncontrolPlaneEndpoint: {host: a b}\n")
    (told,) = validate([path]).results
    assert str(told) == (
        "management/cluster-a.yaml:2:30: controlPlaneEndpoint.host: must be an address or a DNS name, was a b"
    )


def test_validate_checks_the_config_of_the_transformer(repository):
    files = {"dev/kustomization.yaml": "transformers: [endpoints.yaml]\n", "dev/applications.yaml": ""}
    write(repository, {**files, "dev/endpoints.yaml": f"{TRANSFORMER}spec: {{destinaton: name}}\n"})
    told = [str(result) for result in validate(["dev/endpoints.yaml"]).results]
    assert told == ["dev/endpoints.yaml:5:20: spec.destinaton: unknown key (did you mean destination?)"]


def test_a_schema_of_inventories_knows_from_and_one_of_values_does_not():
    from jsonschema import Draft7Validator

    from kloom import editor_schemas

    takes = {"cluster-A": {"from": "a.yaml", "role": "active", "failoverGroup": "shop"}}
    assert Draft7Validator(editor_schemas.schema("inventory")).is_valid(takes)
    assert not Draft7Validator(editor_schemas.schema("values", ["cluster-A"])).is_valid(takes)


def test_the_validator_knows_servers_that_come_from_files(kustomize, plugin_home, repository):
    config = "apiVersion: kloom.dev/v1alpha1\nkind: ManifestValidator\nmetadata: {name: argo-cd}\n"
    for server, is_known in (("https://10.0.0.10:6443", True), ("https://10.0.0.11:6443", False)):
        application = APPLICATION.replace("name: CLUSTER", f"server: {server}")
        files = {
            "kustomization.yaml": "resources: [application.yaml]\ntransformers: [validator.yaml]\n",
            "validator.yaml": f"{config}spec: {{clusters: ../shared/clusters.yaml}}\n",
            "application.yaml": application.replace("name: shop,", "name: shop, namespace: argocd,"),
        }
        done = built(kustomize, plugin_home, write(repository / "checked", files))
        assert (done.returncode == 0) == is_known, done.stderr
    assert "must be the server of a known cluster (https://10.0.0.10:6443, " in done.stderr


# What it costs those who do not use it


@pytest.mark.parametrize("is_used", [False, True])
def test_nothing_of_cluster_api_is_imported_unless_an_entry_says_from(is_used, repository):
    if not is_used:
        (repository / "shared/clusters.yaml").write_text("cluster-A: {destination: {server: https://10.0.0.10:6443}}")
    code = (
        "import sys; from kloom.render import render; render('dev');"
        "print(any(name.startswith('kloom.capi') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    assert done.stdout == f"{is_used}\n"


def test_a_file_in_a_loop_of_links_is_a_sentence(repository):
    path = repository / "management/cluster-a.yaml"
    path.unlink()
    path.symlink_to("cluster-a.yaml")
    with pytest.raises(Refusal, match=r"cluster-A.from: ../management/cluster-a.yaml: cannot be read"):
        eject("dev")
