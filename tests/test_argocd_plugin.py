"""`kloom argocd generate`, as Argo CD's plugin server runs it; that server itself is in tests/argocd_plugins."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml

from kloom.argocd_plugin import Parameters, generate, readable, repository_root
from kloom.sdk.result import Refusal

OVERLAYS = Path(__file__).resolve().parents[1] / "overlays"
UNPACKED = "/tmp/_cmp_server/a4c6"


@pytest.fixture
def run(kloom, kustomize, plugin_home):
    """Run the command in a folder; parameters are those of the Application."""
    path = os.pathsep.join([str(Path(kustomize).parent), os.environ["PATH"]])

    def ran(folder, parameters=None, **environment):
        given = {} if parameters is None else {"ARGOCD_APP_PARAMETERS": json.dumps(parameters)}
        env = {"PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home), **given, **environment}
        command = [kloom, "argocd", "generate"]
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)

    return ran


@pytest.fixture
def dev(tmp_path):
    """The sample dev in a repository of its own, into which temporary files may be written."""
    (tmp_path / ".git").mkdir()
    return shutil.copytree(OVERLAYS, tmp_path / "overlays") / "dev"


def test_prints_what_kustomize_prints(run, dev):
    done = run(dev)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (OVERLAYS.parent / "tests/overlays/expected/dev.yaml").read_text()


def test_argo_cd_sends_null_where_there_are_no_parameters(run, dev):
    assert run(dev, ARGOCD_APP_PARAMETERS="null").returncode == 0


def test_every_text_comes_through_whatever_the_locale(run, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("configMapGenerator: [{name: a, literals: [größe=außen]}]\n")
    assert "größe: außen" in run(tmp_path, LC_ALL="C").stdout
    (tmp_path / "kustomization.yaml").write_text("resources: [größe.yaml]\n")
    assert "größe.yaml" in run(tmp_path, LC_ALL="POSIX").stderr


def test_nothing_is_left_in_the_repository(run, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("configMapGenerator: [{name: a, literals: [a=1]}]\n")
    assert run(tmp_path).returncode == 0
    assert os.listdir(tmp_path) == ["kustomization.yaml"]


def test_no_manifests_are_an_error(run, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resources: [empty.yaml]\n")
    local = {"annotations": {"config.kubernetes.io/local-config": "true"}, "name": "a"}
    (tmp_path / "empty.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": local}))
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("the build printed no manifests, for which Argo CD would delete all resources")


def test_kustomize_must_be_there(run, tmp_path):
    done = run(tmp_path, PATH="/nonexistent")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "kustomize must be on PATH of the plugin's container\n"


def test_a_checkout_that_cannot_be_written_is_told(kustomize, tmp_path, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    assert kustomize
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "mkdtemp", forbidden)
    (tmp_path / "kustomization.yaml").touch()
    with pytest.raises(Refusal, match=rf"^{tmp_path}: temporary files cannot be written: Permission denied$"):
        generate({})


def test_freeze_leaves_other_kinds_and_what_is_not_synced_automatically(run, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]\n")
    spec = {"project": "default", "destination": {"name": "a"}, "source": {"repoURL": "b", "path": "c"}}
    policies = {"manual": None, "cart": {"automated": {"prune": True}}, "off": {"syncOptions": ["Validate=false"]}}
    all_ = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cart"}, "data": {"yes": "yes", "n": "1e3"}},
        *(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": {"name": name},
                "spec": {**spec, **({"syncPolicy": policy} if policy else {})},
            }
            for name, policy in policies.items()
        ),
    ]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(all_))
    plain, frozen = (list(yaml.safe_load_all(run(tmp_path, given).stdout)) for given in (None, freeze("*")))
    cart = next(one for one in plain if one["metadata"]["name"] == "cart" and "spec" in one)
    assert cart["spec"]["syncPolicy"]["automated"].setdefault("enabled", False) is False
    assert frozen == plain


def freeze(*globs):
    return [{"name": "freeze", "array": list(globs)}]


# Parameters


def refusals(text):
    with pytest.raises(Refusal) as refusal:
        Parameters.from_json(text)
    return [str(result) for result in refusal.value.results]


def test_everything_that_is_wrong_with_parameters_is_told():
    given = [
        {"name": "freez", "array": ["*"]},
        {"name": "environment", "array": ["dev"]},
        {"name": "freeze", "map": {}},
    ]
    assert refusals(json.dumps(given)) == [
        "plugin.parameters[0]: freez: unknown parameter; there are: environment, freeze (did you mean freeze?)",
        "plugin.parameters[1]: environment must be given as string",
        "plugin.parameters[2]: freeze must be given as array",
    ]


@pytest.mark.parametrize("text", ["[", "{}", "5", '["freeze"]'])
def test_parameters_as_argo_cd_does_not_write_them(text):
    assert refusals(text) == ["ARGOCD_APP_PARAMETERS must be a JSON list of parameters, as Argo CD writes it"]


@pytest.mark.parametrize("environment", ["..", "../prod", "/etc", "dev/../../prod"])
def test_an_environment_stays_below_the_path(environment):
    parameters = json.dumps([{"name": "environment", "string": environment}])
    with pytest.raises(Refusal, match="environment: must be a folder below the Application's path, was "):
        generate({"ARGOCD_APP_PARAMETERS": parameters})


# Where the repository ends


@pytest.mark.parametrize(
    ("folder", "source_path", "root"),
    [
        ("overlays/dev", "overlays/dev", ""),
        ("overlays/dev", "./overlays//dev/", ""),
        ("dev", "overlays/dev", ""),  # Argo CD sent overlays alone
        ("", "overlays/dev", ""),  # Argo CD sent overlays/dev alone
        ("", ".", ""),
        ("", "", ""),
        ("overlays/dev", "", "overlays/dev"),  # not run by Argo CD
        ("dev/dev", "dev/dev", ""),
    ],
)
def test_the_root_stands_before_the_path_of_the_source(folder, source_path, root):
    assert repository_root(os.path.normpath(f"{UNPACKED}/{folder}"), source_path) == os.path.normpath(
        f"{UNPACKED}/{root}"
    )


# What people read


def test_kustomize_says_nothing_after_the_findings():
    findings = "a.yaml:1:1: b: unknown key\na.yaml:2:1: c: unknown key\n"
    for folder in ("/tmp", "/var/some folder"):
        said = f"Error: {findings}: failure in plugin configured via {folder}/kust-plugin-config-1; exit status 1\n"
        assert readable(said, UNPACKED) == findings


def test_a_plugin_that_was_killed_is_still_told():
    said = "Error: : failure in plugin configured via /tmp/kust-plugin-config-2; signal: killed\n"
    assert readable(said, UNPACKED) == ": failure in plugin; signal: killed\n"


def test_paths_begin_at_the_root_of_the_repository():
    said = f"Error: accumulating resources: '{UNPACKED}/overlays/dev' and '{UNPACKED}'\n"
    assert readable(said, UNPACKED) == "accumulating resources: 'overlays/dev' and '.'\n"
