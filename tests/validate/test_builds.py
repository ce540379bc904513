"""Where kustomize with kloom's plugins fails, `kloom validate` fails; and it lets pass what kustomize builds."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kloom.cli import main
from kloom.scaffold import write_first_environment
from kloom.validate import validate

HERE = Path(__file__).parent
DEV = "overlays/dev/"
KUSTOMIZATION, CONFIG = f"{DEV}kustomization.yaml", f"{DEV}applications.yaml"
VALUES, COMMON = f"{DEV}common-values.yaml", "overlays/common-values.yaml"
LISTED = "generators: [applications.yaml]\n"
ENDPOINTS = """\
apiVersion: kloom.dev/v1alpha1
kind: ClusterEndpointTransformer
metadata: {name: endpoints}
spec: {clusters: ../clusters.yaml}
"""
VALIDATOR = """\
apiVersion: kloom.dev/v1alpha1
kind: ManifestValidator
metadata: {name: all}
spec: {failOn: warning}
"""
POOLS = """\
apiVersion: kloom.dev/v1alpha1
kind: ByohMachineTemplateTransformer
metadata: {name: pools}
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: other, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example.com/other.git, path: deploy, targetRevision: main}
  destination: {name: in-cluster, namespace: other}
"""
CLUSTERS = """\
apiVersion: kloom.dev/v1alpha1
kind: ByohClusterGenerator
metadata: {name: management}
spec:
  clusters:
    cluster-a:
      namespace: clusters
      kubernetesVersion: v1.34.2
      controlPlaneEndpoint: {host: 10.0.0.10}
      clusterNetwork: {pods: 192.168.0.0/16, services: 10.128.0.0/12}
      controlPlane: {replicas: 3, hostSelector: {matchLabels: {example.com/role: control-plane}}}
      workers:
        general: {replicas: 3, hostSelector: {matchLabels: {example.com/role: worker}}}
"""
GUARD = (HERE.parents[1] / "overlays/components/guard/kustomization.yaml").read_text()
OF_EXEC = "metadata: {name: dev, annotations: {config.kubernetes.io/function: 'exec: {path: kloom}'}}\n"


def config(**changes: str) -> str:
    """The config of the first environment, with other lines in it."""
    lines = {
        "apiVersion": "apiVersion: kloom.dev/v1alpha1\n",
        "metadata": "metadata: {name: dev}\n",
        "services": "  services: services/*.yaml\n",
        "more": "",
    } | changes
    return (
        f"{lines['apiVersion']}kind: ApplicationGenerator\n{lines['metadata']}spec:\n  clusters: ../clusters.yaml\n"
        f"  common: [../common-values.yaml, common-values.yaml]\n{lines['services']}{lines['more']}"
    )


NO_POOL = "spec: {pools: [{target: {kind: MachineDeployment, name: b}, hostSelector: {}}]}\n"
OTHERS = "{cluster-B: {destination: {server: https://b}}}"
UNKNOWN_OPTION = "syncPolicy: {syncOptions: [CreateNamespaces=true]}\n"
VALIDATED = "generators: [clusters.yaml]\ntransformers: [all.yaml]\n"
FAIL = {
    "a listed file that is not there": {KUSTOMIZATION: "generators: [aplications.yaml]\n"},
    "a field that kustomize does not know": {KUSTOMIZATION: "generatrs: [applications.yaml]\n"},
    "a kind that kustomize does not know": {KUSTOMIZATION: f"kind: Kustomisation\n{LISTED}"},
    "a version that kustomize does not know": {KUSTOMIZATION: f"apiVersion: kustomize.config.k8s.io/v2\n{LISTED}"},
    "a component by another version": {
        KUSTOMIZATION: f"{LISTED}components: [more]\n",
        f"{DEV}more/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1\nkind: Component\nnamePrefix: a-\n",
        f"{DEV}more/all.yaml": VALIDATOR,
    },
    "no list of generators": {KUSTOMIZATION: "generators: applications.yaml\n"},
    "a number among generators": {KUSTOMIZATION: "generators: [applications.yaml, 1]\n"},
    "an empty kustomization": {KUSTOMIZATION: "# generators: [applications.yaml]\n"},
    "two kustomizations in one folder": {f"{DEV}kustomization.yml": LISTED},
    "a config that is listed twice": {KUSTOMIZATION: "generators: [applications.yaml, applications.yaml]\n"},
    "two configs of one name": {
        KUSTOMIZATION: "generators: [applications.yaml, others.yaml]\n",
        f"{DEV}others.yaml": config(services="  services: []\n", more="  allowEmpty: true\n"),
    },
    "a config of another folder": {KUSTOMIZATION: "generators: [../dev.yaml]\n", "overlays/dev.yaml": config()},
    "a folder without a kustomization": {KUSTOMIZATION: "generators: [services]\n"},
    "a resource that is not there": {KUSTOMIZATION: f"{LISTED}resources: [namespace.yaml]\n"},
    "a component that is a file": {KUSTOMIZATION: f"{LISTED}components: [applications.yaml]\n"},
    "a component among resources": {
        KUSTOMIZATION: f"{LISTED}resources: [guard]\n",
        f"{DEV}guard/kustomization.yaml": GUARD,
    },
    "no component among components": {
        KUSTOMIZATION: f"{LISTED}components: [more]\n",
        f"{DEV}more/kustomization.yaml": "resources: []\nnamePrefix: a-\n",
    },
    "a version of kloom's that there is not": {CONFIG: config(apiVersion="apiVersion: kloom.dev/v1alpha2\n")},
    "a config without a name": {CONFIG: config(metadata="")},
    "a warning where warnings fail": {CONFIG: config(more="  failOn: warning\n"), VALUES: UNKNOWN_OPTION},
    "a warning of a cluster where warnings fail": {
        KUSTOMIZATION: "generators: [clusters.yaml]\n",
        f"{DEV}clusters.yaml": CLUSTERS.replace("spec:\n", "spec:\n  failOn: warning\n").replace(
            "example.com/role: worker", "example.com/role: control-plane"
        ),
    },
    "a warning where a validator fails on it": {
        KUSTOMIZATION: f"{LISTED}transformers: [all.yaml]\n",
        f"{DEV}all.yaml": VALIDATOR,
        VALUES: UNKNOWN_OPTION,
    },
    "a warning in a manifest where a validator fails on it": {
        KUSTOMIZATION: "resources: [other.yaml]\nvalidators: [all.yaml]\n",
        f"{DEV}all.yaml": VALIDATOR,
        f"{DEV}other.yaml": APPLICATION.replace("main", "").replace("path: deploy", "chart: other"),
    },
    "a cluster that a transformer does not know": {
        KUSTOMIZATION: "resources: [other.yaml]\ntransformers: [endpoints.yaml]\n",
        f"{DEV}other.yaml": APPLICATION.replace("in-cluster", "cluster-C"),
        f"{DEV}endpoints.yaml": ENDPOINTS,
    },
    "a cluster that a transformer further up does not know": {
        "overlays/all/kustomization.yaml": "resources: [../dev]\ntransformers: [endpoints.yaml]\n",
        "overlays/all/endpoints.yaml": ENDPOINTS.replace("../clusters.yaml", OTHERS),
        VALUES: "destination: {namespace: dev}\nin-cluster: {destination: {server: '', name: cluster-C}}\n",
        "overlays/clusters.yaml": "in-cluster: {destination: {name: cluster-C}}\n",
    },
    "a pool that matches nothing": {
        KUSTOMIZATION: "generators: [clusters.yaml]\ntransformers: [pools.yaml]\n",
        f"{DEV}clusters.yaml": CLUSTERS,
        f"{DEV}pools.yaml": f"{POOLS}{NO_POOL}",
    },
    "clusters that are renamed": {
        KUSTOMIZATION: f"{VALIDATED}namePrefix: east-\n",
        f"{DEV}clusters.yaml": CLUSTERS,
        f"{DEV}all.yaml": VALIDATOR.replace("warning", "error"),
    },
    "clusters that are moved": {
        KUSTOMIZATION: f"{VALIDATED}namespace: east\n",
        f"{DEV}clusters.yaml": CLUSTERS,
        f"{DEV}all.yaml": VALIDATOR.replace("warning", "error"),
    },
}
PASS = {
    "as it was written": {},
    "a field in other letters": {KUSTOMIZATION: LISTED.capitalize()},
    "two configs of one name in two fields": {
        KUSTOMIZATION: f"{LISTED}transformers: [../dev/all.yaml]\n".replace("../dev/", ""),
        f"{DEV}all.yaml": VALIDATOR,
    },
    "a config in a folder of its own": {
        KUSTOMIZATION: "generators: [config]\n",
        CONFIG: "",
        f"{DEV}config/kustomization.yaml": "resources: [applications.yaml]\n",
        f"{DEV}config/applications.yaml": config(),
    },
    "a config among resources that is never printed": {
        KUSTOMIZATION: f"{LISTED}resources: [clusters.yaml]\n",
        f"{DEV}clusters.yaml": CLUSTERS.replace(
            "metadata: {name: management}",
            "metadata: {name: management, annotations: {config.kubernetes.io/local-config: 'true'}}",
        ),
    },
    "a warning where warnings pass": {CONFIG: config(), VALUES: UNKNOWN_OPTION},
    "a cluster that a transformer knows": {
        KUSTOMIZATION: f"resources: [other.yaml]\n{LISTED}transformers: [endpoints.yaml]\n",
        f"{DEV}other.yaml": APPLICATION,
        f"{DEV}endpoints.yaml": ENDPOINTS,
    },
    "Applications in the namespace that they have": {KUSTOMIZATION: f"{LISTED}namespace: argocd\n"},
    "clusters in the namespace that they have": {
        KUSTOMIZATION: f"{VALIDATED}namespace: clusters\n",
        f"{DEV}clusters.yaml": CLUSTERS,
        f"{DEV}all.yaml": VALIDATOR.replace("warning", "error"),
    },
    "renamed clusters whose references are mended": {
        KUSTOMIZATION: "generators: [clusters.yaml]\nnamePrefix: east-\ntransformers: [pools.yaml, all.yaml]\n",
        f"{DEV}clusters.yaml": CLUSTERS,
        f"{DEV}pools.yaml": POOLS,
        f"{DEV}all.yaml": VALIDATOR.replace("warning", "error"),
    },
}
ONLY_TOLD = {
    "a config among resources": {KUSTOMIZATION: "resources: [applications.yaml]\n"},
    "a listed file that is empty": {CONFIG: "# nothing\n"},
    "Applications that are moved": {KUSTOMIZATION: f"{LISTED}namespace: dev\n"},
    "Applications that are moved from further up": {
        "overlays/all/kustomization.yaml": "resources: [../dev]\nnamespace: dev\n",
    },
    "Applications that a component moves": {
        KUSTOMIZATION: f"{LISTED}components: [more]\n",
        f"{DEV}more/kustomization.yaml": "kind: Component\nnamespace: dev\n",
    },
    "an exec function that is skipped": {CONFIG: config(metadata=OF_EXEC)},
    "an exec transformer that is guarded too early": {
        KUSTOMIZATION: f"{LISTED}transformers: [endpoints.yaml]\ncomponents: [guard]\n",
        CONFIG: config(metadata=OF_EXEC),
        f"{DEV}endpoints.yaml": ENDPOINTS.replace("metadata: {name: endpoints}\n", OF_EXEC),
        f"{DEV}guard/kustomization.yaml": GUARD,
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    list(write_first_environment(str(tmp_path)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> str:
    """The kustomization that is built: the outermost one."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return "overlays/all" if "overlays/all/kustomization.yaml" in files else "overlays/dev"


def build(kustomize: str, home: Path, folder: str) -> int:
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(home)}
    command = [kustomize, "build", "--enable-alpha-plugins", folder]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in FAIL.items()])
def test_what_fails_in_a_build_fails_here(files, folder, kustomize, plugin_home, capsys) -> None:
    built = write(folder, files)
    assert build(kustomize, plugin_home, built) != 0
    assert main(["validate"]) == 1
    whole = capsys.readouterr().out
    assert main(["validate", f"{built}/kustomization.yaml"]) == 1, whole


@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in PASS.items()])
def test_what_is_built_passes(files, folder, kustomize, plugin_home, capsys) -> None:
    built = write(folder, files)
    assert build(kustomize, plugin_home, built) == 0
    assert main(["validate"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in ONLY_TOLD.items()])
def test_what_is_built_wrongly_fails_here(files, folder, kustomize, plugin_home) -> None:
    built = write(folder, files)
    if "guarded too early" not in files:
        assert build(kustomize, plugin_home, built) == 0 or GUARD in files.values()
    assert main(["validate"]) == 1


def test_a_guard_is_enough_wherever_it_stands_above(folder) -> None:
    write(
        folder,
        {
            "overlays/all/kustomization.yaml": "resources: [../dev]\ncomponents: [../guard]\n",
            "overlays/guard/kustomization.yaml": GUARD,
            CONFIG: config(metadata=OF_EXEC),
        },
    )
    assert [str(result) for result in validate(["."]).results] == []


def test_a_component_that_is_fetched_may_be_the_guard(folder) -> None:
    fetched = "https://git.example.com/kloom//overlays/components/guard?ref=v0.1.0"
    write(folder, {KUSTOMIZATION: f"{LISTED}components: ['{fetched}']\n", CONFIG: config(metadata=OF_EXEC)})
    assert [str(result) for result in validate(["."]).results] == []


def test_what_is_fetched_is_not_looked_for(folder) -> None:
    fetched = "github.com/example/base?ref=v1, git@github.com:example/base.git, github.com/example/base/overlay"
    write(folder, {KUSTOMIZATION: f"{LISTED}resources: ['{fetched.replace(', ', chr(39) + ', ' + chr(39))}']\n"})
    assert [str(result) for result in validate(["."]).results] == []


def test_what_cannot_be_run_is_told_in_one_line(folder) -> None:
    for name in ("one", "two"):
        write(
            folder,
            {
                f"overlays/{name}/kustomization.yaml": "resources: [https://example.com/x]\ntransformers: [e.yaml]\n",
                f"overlays/{name}/e.yaml": ENDPOINTS,
            },
        )
    assert [str(result) for result in validate(["."]).results] == [
        "overlays/one/e.yaml:2:7: info: was not run, as overlays/one/kustomization.yaml includes "
        "https://example.com/x: only a build tells what it says (and likewise 1 more)"
    ]


def test_a_project_may_permit_where_applications_are_moved(folder) -> None:
    project = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: default, namespace: argocd}\n"
    permits = "spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}], sourceNamespaces: [dev]}\n"
    write(folder, {KUSTOMIZATION: f"{LISTED}namespace: dev\n", "project.yaml": project + permits})
    assert main(["validate"]) == 0


def test_names_should_be_said_in_values(folder) -> None:
    write(folder, {KUSTOMIZATION: f"{LISTED}namePrefix: shop-\n"})
    assert [result.tags["rule"] for result in validate(["."]).results] == ["applications-renamed"]


def test_where_nothing_is_of_kloom_s_nothing_was_checked(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kustomization.yaml").write_text("helmCharts: [{name: argo-app}]\n")
    (tmp_path / "values.yaml").write_text("a: 1\n")
    assert main(["validate"]) == 0
    assert capsys.readouterr().out == (
        "nothing was checked: no file here is about Applications or clusters; 1 file skipped\n"
    )


def test_clusters_are_counted(folder, capsys) -> None:
    shutil.rmtree(folder / "overlays")
    write(folder, {KUSTOMIZATION: "generators: [clusters.yaml]\n", f"{DEV}clusters.yaml": CLUSTERS})
    assert main(["validate"]) == 0
    assert capsys.readouterr().out.startswith("nothing to complain about; 1 cluster checked in ")
