"""Where kustomize with kloom's plugins fails, `kloom validate` fails; and it lets pass what kustomize builds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kloom.cli import main
from kloom.scaffold import write_first_environment
from kloom.validate import validate

from .samples import APPLICATION, CLUSTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _pytest.mark import ParameterSet

HERE = Path(__file__).parent
DEV = "overlays/dev/"
KUSTOMIZATION, CONFIG = f"{DEV}kustomization.yaml", f"{DEV}applications.yaml"
VALUES = f"{DEV}common-values.yaml"
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
LINK = "a link to "
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
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
ELSEWHERE = APPLICATION.replace("in-cluster", "cluster-C")
PATCH = """\
apiVersion: builtin
kind: PatchTransformer
metadata: {name: nearby}
patch: '[{"op": "replace", "path": "/spec/destination/name", "value": "in-cluster"}]'
target: {kind: Application}
"""
REPLACEMENT = """\
replacements:
  - source: {kind: ConfigMap, name: near, fieldPath: data.cluster}
    targets: [{select: {kind: Application, name: other}, fieldPaths: [spec.destination.name]}]
"""
NEAR = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: near}\ndata: {cluster: in-cluster}\n"


ITEMS = """\
configMapGenerator:
  - {name: values, files: [cart.yaml], options: {annotations: {kloom.dev/values: services}}}
"""
OF_ITEMS = f"{config().partition('  clusters')[0]}  clusters: ../../clusters.yaml\n  services: {{items: services}}\n"
CART = """\
global: {name: cart}
source: {repoURL: https://git.example.com/shop.git, path: deploy/cart, targetRevision: v1.2.3}
destination: {namespace: cart}
in-cluster: {enable: true}
"""


def with_component_of(another: str) -> dict[str, str]:
    """The overlay dev, with an Application to a cluster that is not known, and another one of the same component."""
    files = {"overlays/more/kustomization.yaml": f"{COMPONENT}transformers: [endpoints.yaml]\n"}
    files |= {"overlays/more/endpoints.yaml": ENDPOINTS}
    for own, text in ((DEV, ELSEWHERE), (f"overlays/{another}/", APPLICATION.replace("other", "near"))):
        files |= {f"{own}kustomization.yaml": "resources: [other.yaml]\ncomponents: [../more]\n"}
        files |= {f"{own}other.yaml": text}
    return files


FAIL = {
    "a listed file that is not there": ("kustomization", {KUSTOMIZATION: "generators: [aplications.yaml]\n"}),
    "a field that kustomize does not know": ("kustomization", {KUSTOMIZATION: "generatrs: [applications.yaml]\n"}),
    "a kind that kustomize does not know": ("kustomization", {KUSTOMIZATION: f"kind: Kustomisation\n{LISTED}"}),
    "a version that kustomize does not know": (
        "kustomization",
        {KUSTOMIZATION: f"apiVersion: kustomize.config.k8s.io/v2\n{LISTED}"},
    ),
    "a component by another version": (
        "kustomization",
        {
            KUSTOMIZATION: f"{LISTED}components: [more]\n",
            f"{DEV}more/kustomization.yaml": COMPONENT.replace("v1alpha1", "v1") + "namePrefix: a-\n",
            f"{DEV}more/all.yaml": VALIDATOR,
        },
    ),
    "no list of generators": ("kustomization", {KUSTOMIZATION: "generators: applications.yaml\n"}),
    "a number among generators": ("kustomization", {KUSTOMIZATION: "generators: [applications.yaml, 1]\n"}),
    "an empty kustomization": ("kustomization", {KUSTOMIZATION: "# generators: [applications.yaml]\n"}),
    "two kustomizations in one folder": ("kustomization", {f"{DEV}kustomization.yml": LISTED}),
    "a config that is listed twice": (
        "kustomization",
        {KUSTOMIZATION: "generators: [applications.yaml, applications.yaml]\n"},
    ),
    "two configs of one name": (
        "kustomization",
        {
            KUSTOMIZATION: "generators: [applications.yaml, others.yaml]\n",
            f"{DEV}others.yaml": config(services="  services: []\n", more="  allowEmpty: true\n"),
        },
    ),
    "a config of another folder": (
        "file-outside-kustomization",
        {KUSTOMIZATION: "generators: [../dev.yaml]\n", "overlays/dev.yaml": config()},
    ),
    "a folder without a kustomization": ("kustomization", {KUSTOMIZATION: "generators: [services]\n"}),
    "a resource that is not there": ("kustomization", {KUSTOMIZATION: f"{LISTED}resources: [namespace.yaml]\n"}),
    "a component that is a file": ("kustomization", {KUSTOMIZATION: f"{LISTED}components: [applications.yaml]\n"}),
    "a component among resources": (
        "kustomization",
        {
            KUSTOMIZATION: f"{LISTED}resources: [guard]\n",
            f"{DEV}guard/kustomization.yaml": GUARD,
        },
    ),
    "no component among components": (
        "kustomization",
        {
            KUSTOMIZATION: f"{LISTED}components: [more]\n",
            f"{DEV}more/kustomization.yaml": "resources: []\nnamePrefix: a-\n",
        },
    ),
    "a version of kloom's that there is not": (
        "config",
        {CONFIG: config(apiVersion="apiVersion: kloom.dev/v1alpha2\n")},
    ),
    "a config without a name": ("config", {CONFIG: config(metadata="")}),
    "a warning where warnings fail": (
        "sync-option-unknown",
        {CONFIG: config(more="  failOn: warning\n"), VALUES: UNKNOWN_OPTION},
    ),
    "a warning of a cluster where warnings fail": (
        "host-selectors-overlap",
        {
            KUSTOMIZATION: "generators: [clusters.yaml]\n",
            f"{DEV}clusters.yaml": CLUSTERS.replace("spec:\n", "spec:\n  failOn: warning\n").replace(
                "example.com/role: worker", "example.com/role: control-plane"
            ),
        },
    ),
    "a warning where a validator fails on it": (
        "sync-option-unknown",
        {
            KUSTOMIZATION: f"{LISTED}transformers: [all.yaml]\n",
            f"{DEV}all.yaml": VALIDATOR,
            VALUES: UNKNOWN_OPTION,
        },
    ),
    "a warning beside a field that is empty": (
        "sync-option-unknown",
        {
            KUSTOMIZATION: f"{LISTED}labels: []\ntransformers: [all.yaml]\n",
            f"{DEV}all.yaml": VALIDATOR,
            VALUES: UNKNOWN_OPTION,
        },
    ),
    "a warning in a manifest where a validator fails on it": (
        "sync-option-unknown",
        {
            KUSTOMIZATION: "resources: [other.yaml]\nvalidators: [all.yaml]\n",
            f"{DEV}all.yaml": VALIDATOR,
            f"{DEV}other.yaml": f"{APPLICATION}  {UNKNOWN_OPTION}",
        },
    ),
    "a cluster that a transformer does not know": (
        "refused-by-transformer",
        {
            KUSTOMIZATION: "resources: [other.yaml]\ntransformers: [endpoints.yaml]\n",
            f"{DEV}other.yaml": APPLICATION.replace("in-cluster", "cluster-C"),
            f"{DEV}endpoints.yaml": ENDPOINTS,
        },
    ),
    "a cluster that a transformer further up does not know": (
        "refused-by-transformer",
        {
            "overlays/all/kustomization.yaml": "resources: [../dev]\ntransformers: [endpoints.yaml]\n",
            "overlays/all/endpoints.yaml": ENDPOINTS.replace("../clusters.yaml", OTHERS),
            VALUES: "destination: {namespace: dev}\nin-cluster: {destination: {server: '', name: cluster-C}}\n",
            "overlays/clusters.yaml": "in-cluster: {destination: {name: cluster-C}}\n",
        },
    ),
    "a pool that matches nothing": (
        "config",
        {
            KUSTOMIZATION: "generators: [clusters.yaml]\ntransformers: [pools.yaml]\n",
            f"{DEV}clusters.yaml": CLUSTERS,
            f"{DEV}pools.yaml": f"{POOLS}{NO_POOL}",
        },
    ),
    "clusters that are renamed": (
        "clusters-renamed",
        {
            KUSTOMIZATION: f"{VALIDATED}namePrefix: east-\n",
            f"{DEV}clusters.yaml": CLUSTERS,
            f"{DEV}all.yaml": VALIDATOR.replace("warning", "error"),
        },
    ),
    "clusters that are moved": (
        "clusters-renamed",
        {
            KUSTOMIZATION: f"{VALIDATED}namespace: east\n",
            f"{DEV}clusters.yaml": CLUSTERS,
            f"{DEV}all.yaml": VALIDATOR.replace("warning", "error"),
        },
    ),
    "a cluster that a component of the first of two overlays does not know": (
        "refused-by-transformer",
        with_component_of("later"),
    ),
    "a cluster that a component of the last of two overlays does not know": (
        "refused-by-transformer",
        with_component_of("before"),
    ),
    "a manifest with a key that Argo CD does not know": (
        "manifest",
        {
            KUSTOMIZATION: "resources: [other.yaml]\ntransformers: [all.yaml]\n",
            f"{DEV}all.yaml": VALIDATOR,
            f"{DEV}other.yaml": f"{APPLICATION}  syncpolicy: {{}}\n",
        },
    ),
    **{
        f"a file that is not there, said by {said.partition(':')[0]}": (
            "kustomization",
            {KUSTOMIZATION: f"{LISTED}{said}"},
        )
        for said in (
            "patches: [{path: nowhere.yaml}]\n",
            "patchesStrategicMerge: [nowhere.yaml]\n",
            "patchesJson6902: [{path: nowhere.yaml, target: {version: v1, kind: ConfigMap, name: near}}]\n",
            "replacements: [{path: nowhere.yaml}]\n",
            "configMapGenerator: [{name: near, files: [values.yaml=nowhere.yaml]}]\n",
            "secretGenerator: [{name: near, envs: [nowhere.env]}]\n",
            "configurations: [nowhere.yaml]\n",
            "crds: [nowhere.yaml]\n",
            "openapi: {path: nowhere.json}\n",
        )
    },
    **{
        f"a wrong type, said by {said.partition(':')[0]}": ("kustomization", {KUSTOMIZATION: f"{LISTED}{said}\n"})
        for said in (
            "namespace: 5",
            "namePrefix: [my-]",
            "commonLabels: x",
            "generatorOptions: []",
            "openapi: x",
            "sortOptions: legacy",
            "patches: 7",
            "configMapGenerator: {name: x}",
            "replacements: {source: {name: x}}",
            "images: nginx",
            "labels: {a: b}",
            "helmCharts: {}",
            "crds: x.yaml",
        )
    },
    "an entry that no file can be called": ("kustomization", {KUSTOMIZATION: f'{LISTED}resources: ["a\\0b"]\n'}),
    "a file that no file can be called": (
        "kustomization",
        {KUSTOMIZATION: f'{LISTED}configMapGenerator: [{{name: x, files: ["a\\0b"]}}]\n'},
    ),
    "its own folder": ("kustomization", {KUSTOMIZATION: f"{LISTED}resources: [.]\n"}),
    "a link to a kustomization of another folder": (
        "kustomization",
        {KUSTOMIZATION: f"{LINK}../other/kustomization.yaml", "overlays/other/kustomization.yaml": LISTED},
    ),
    "a folder among patches": ("kustomization", {KUSTOMIZATION: f"{LISTED}patches: [{{path: services}}]\n"}),
    "a file of another folder in a ConfigMap": (
        "file-outside-kustomization",
        {KUSTOMIZATION: f"{LISTED}configMapGenerator: [{{name: near, files: [../clusters.yaml]}}]\n"},
    ),
    "a link to a config of another folder": (
        "file-outside-kustomization",
        {CONFIG: f"{LINK}../dev.yaml", "overlays/dev.yaml": config()},
    ),
}
PASS = {
    "as it was written": {},
    "a field in other letters": {KUSTOMIZATION: LISTED.capitalize()},
    "two configs of one name in two fields": {
        KUSTOMIZATION: f"{LISTED}transformers: [all.yaml]\n",
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
    "an object that is replaced beside the guard": {
        KUSTOMIZATION: f"{LISTED}resources: [other.yaml, near.yaml]\ntransformers: [endpoints.yaml]\n"
        + REPLACEMENT
        + GUARD.partition("replacements:\n")[2],
        CONFIG: config(metadata=OF_EXEC),
        f"{DEV}other.yaml": ELSEWHERE,
        f"{DEV}near.yaml": NEAR,
        f"{DEV}endpoints.yaml": ENDPOINTS,
    },
    "an object that is patched by what stands in one file with a config": {
        KUSTOMIZATION: "resources: [other.yaml]\ntransformers: [both.yaml]\n",
        f"{DEV}other.yaml": ELSEWHERE,
        f"{DEV}both.yaml": f"{PATCH}---\n{ENDPOINTS}",
    },
    "one name twice, where a component of a component changes one": {
        KUSTOMIZATION: "resources: [other.yaml]\ncomponents: [../outer]\n",
        f"{DEV}other.yaml": APPLICATION,
        "overlays/outer/kustomization.yaml": f"{COMPONENT}components: [../prefix]\n",
        "overlays/prefix/kustomization.yaml": f"{COMPONENT}namePrefix: my-\n",
        "overlays/stage/kustomization.yaml": "resources: [other.yaml]\n",
        "overlays/stage/other.yaml": APPLICATION,
    },
    "a component that makes Applications of the values of who lists it": {
        KUSTOMIZATION: f"components: [made]\n{ITEMS}",
        f"{DEV}cart.yaml": CART,
        f"{DEV}made/kustomization.yaml": f"{COMPONENT}transformers: [all.yaml]\n",
        f"{DEV}made/all.yaml": OF_ITEMS,
    },
    "Applications that are moved and moved back": {
        KUSTOMIZATION: f"{LISTED}namespace: dev\n",
        "overlays/all/kustomization.yaml": "resources: [../dev]\nnamespace: argocd\n",
    },
    "an exec transformer beside an exec generator that is guarded": {
        KUSTOMIZATION: f"{LISTED}transformers: [endpoints.yaml]\ncomponents: [guard]\n",
        CONFIG: config(metadata=OF_EXEC),
        f"{DEV}endpoints.yaml": ENDPOINTS.replace("metadata: {name: endpoints}\n", OF_EXEC),
        f"{DEV}guard/kustomization.yaml": GUARD,
    },
}
ONLY_TOLD = {
    "a config among resources": ("config-among-resources", {KUSTOMIZATION: "resources: [applications.yaml]\n"}),
    "a listed file that is empty": ("kustomization", {CONFIG: "# nothing\n"}),
    "Applications that are moved": ("applications-moved", {KUSTOMIZATION: f"{LISTED}namespace: dev\n"}),
    "Applications that are moved from further up": (
        "applications-moved",
        {
            "overlays/all/kustomization.yaml": "resources: [../dev]\nnamespace: dev\n",
        },
    ),
    "Applications that one of two builds moves back": (
        "applications-moved",
        {
            KUSTOMIZATION: f"{LISTED}namespace: dev\n",
            "overlays/all/kustomization.yaml": "resources: [../dev]\n",
            "overlays/back/kustomization.yaml": "resources: [../dev]\nnamespace: argocd\n",
        },
    ),
    "Applications that a component moves": (
        "applications-moved",
        {
            KUSTOMIZATION: f"{LISTED}components: [more]\n",
            f"{DEV}more/kustomization.yaml": "kind: Component\nnamespace: dev\n",
        },
    ),
    "an exec function that is skipped": ("exec-without-guard", {CONFIG: config(metadata=OF_EXEC)}),
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
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith(LINK):
            path.unlink(missing_ok=True)
            path.symlink_to(text.removeprefix(LINK))
        else:
            path.write_text(text)
    return "overlays/all" if "overlays/all/kustomization.yaml" in files else "overlays/dev"


def build(kustomize: str, home: Path, folder: str, *more: str) -> int:
    path = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))  # of exec functions
    environment = {**os.environ, "PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(home)}
    command = [kustomize, "build", "--enable-alpha-plugins", *more, folder]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


def assert_told_once(rule: str, *paths: str) -> None:
    """The rule finds an error, and nothing is told by two rules."""
    errors = [result for result in validate(paths).results if result.severity == "error"]
    assert rule in {result.tags["rule"] for result in errors}, [str(result) for result in errors]
    places = [(result.file, result.line, result.column, result.message) for result in errors]
    assert len(set(places)) == len(places), [str(result) for result in errors]


def cases(table: Mapping[str, tuple[str, Mapping[str, str]]]) -> list[ParameterSet]:
    return [pytest.param(*case, id=name) for name, case in table.items()]


@pytest.mark.parametrize(("rule", "files"), cases(FAIL))
def test_what_fails_in_a_build_fails_here(rule, files, folder, kustomize, plugin_home) -> None:
    built = write(folder, files)
    assert build(kustomize, plugin_home, built) != 0
    assert_told_once(rule, ".")
    assert_told_once(rule, f"{built}/kustomization.yaml")


@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in PASS.items()])
def test_what_is_built_passes(files, folder, kustomize, plugin_home, capsys) -> None:
    built = write(folder, files)
    assert build(kustomize, plugin_home, built, "--enable-exec") == 0
    assert main(["validate"]) == 0, capsys.readouterr().out
    assert main(["validate", f"{built}/kustomization.yaml"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(("rule", "files"), cases(ONLY_TOLD))
def test_what_is_built_wrongly_fails_here(rule, files, folder, kustomize, plugin_home) -> None:
    built = write(folder, files)
    assert build(kustomize, plugin_home, built) == 0
    assert_told_once(rule, ".")
    assert_told_once(rule, f"{built}/kustomization.yaml")


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


def test_a_config_is_listed_by_a_link_to_it(folder, kustomize, plugin_home) -> None:
    built = write(folder, {CONFIG: f"{LINK}services.yaml", f"{DEV}services.yaml": config()})
    assert build(kustomize, plugin_home, built) == 0
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


@pytest.mark.parametrize("paths", [[], ["overlays"], [KUSTOMIZATION]], ids=str)
def test_a_project_may_permit_where_applications_are_moved(paths, folder) -> None:
    project = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: default, namespace: argocd}\n"
    permits = "spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}], sourceNamespaces: [dev]}\n"
    write(folder, {KUSTOMIZATION: f"{LISTED}namespace: dev\n", "project.yaml": project + permits})
    assert main(["validate", *paths]) == 0


def test_what_a_base_holds_is_not_known_where_a_chart_makes_it(folder) -> None:
    files = {
        KUSTOMIZATION: f"{LISTED}resources: [../base]\ntransformers: [pools.yaml]\n",
        f"{DEV}pools.yaml": f"{POOLS}{NO_POOL}",
        "overlays/base/kustomization.yaml": "helmCharts:\n- name: clusters\n",
    }
    write(folder, files)
    assert [result.tags["rule"] for result in validate(["."]).results] == ["transformer-not-run"]


def test_a_component_of_several_is_not_run_here(folder) -> None:
    component = {
        "overlays/made/kustomization.yaml": f"{COMPONENT}transformers: [all.yaml]\n",
        "overlays/made/all.yaml": OF_ITEMS.replace("../../", "../"),
    }
    one = {KUSTOMIZATION: f"components: [../made]\n{ITEMS}", f"{DEV}cart.yaml": CART}
    other = {name.replace(DEV, "overlays/stage/"): text for name, text in one.items()}
    write(folder, {**component, **one, **other})
    assert "transformer-not-run" in rules_told(".")
    assert not [result for result in validate(["."]).results if result.severity == "error"]


def test_links_in_a_circle_are_told(folder) -> None:
    write(
        folder, {f"{DEV}here.yaml": f"{LINK}here.yaml", "overlays/services/there.yaml": f"{LINK}../services/there.yaml"}
    )
    assert rules_told(".") == ["unreadable", "unreadable"]


def rules_told(*paths: str) -> list[str]:
    return [result.tags["rule"] for result in validate(paths).results]


@pytest.mark.parametrize("path", [".", DEV, KUSTOMIZATION])
def test_a_comment_in_a_kustomization_silences_what_is_told_there(path, folder) -> None:
    renaming = "namePrefix: my-  # kloom: ignore applications-renamed the charts did so\n"
    write(folder, {KUSTOMIZATION: f"{LISTED}{renaming}"})
    assert rules_told(path) == []
    write(folder, {KUSTOMIZATION: LISTED, "overlays/all/kustomization.yaml": f"resources: [../dev]\n{renaming}"})
    assert rules_told(path) == []


def test_a_comment_in_a_kustomization_that_silences_nothing_is_told(folder) -> None:
    unused = f"{LISTED}commonLabels: {{}}  # kloom: ignore applications-renamed the charts did so\n"
    write(folder, {KUSTOMIZATION: unused})
    assert rules_told(".") == ["ignore-unused"]
    assert rules_told(KUSTOMIZATION) == [], "what else it is built with was not looked at"
    write(folder, {CONFIG: config(metadata="")})
    assert rules_told(".") == ["config"], "nothing can be renamed where nothing comes out"


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
