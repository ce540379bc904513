"""What docs/argo-cd.md shows is what happens: its files, put into a new repository, build and are valid."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs/argo-cd.md").read_text(encoding="utf-8")
INSTALLATION = "https://raw.githubusercontent.com/argoproj/argo-cd/v3.3.6/manifests/install.yaml"
COMPONENTS = "https://github.com/example/kloom//overlays/components"
BUILD = ("build", "--enable-alpha-plugins")


def example(name):
    """The blocks that follow the example's mark, up to the next mark or heading."""
    after = GUIDE.split(f"<!-- example: {name} -->\n")[1]
    return re.findall(r"```\w*\n(.*?)```", re.split(r"<!-- example|\n##+ ", after)[0], re.DOTALL)


@pytest.fixture
def repository(kloom, tmp_path):
    """A repository as `kloom init` makes it, with the roots of the guide; `show` adds the files of an example."""
    (tmp_path / ".git").mkdir()
    subprocess.run([kloom, "init"], cwd=tmp_path, capture_output=True, check=True)

    def show(name):
        for block in example(name):
            path = tmp_path / re.match(r"# (\S+)\n", block)[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block)
        return tmp_path

    show("roots")
    show.root = tmp_path
    return show


@pytest.fixture
def run(kloom, kustomize, plugin_home, repository):
    """Run a command in the repository."""
    folders = [str(Path(tool).parent) for tool in (kloom, kustomize)]
    path = os.pathsep.join([*folders, os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}

    def ran(*command, **more):
        env = {**environment, **more}
        return subprocess.run(command, cwd=repository.root, env=env, capture_output=True, text=True, check=False)

    return ran


def printed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_root_application_is_as_shown(run):
    (shown,) = example("root of dev")
    assert printed(run("kustomize", *BUILD, "overlays/roots")) == shown.partition("\n")[2]


def test_all_of_the_guide_together_has_nothing_wrong(run, repository):
    for name in ("project of roots", "sidecar", "freeze", "confirm"):
        repository(name)
    done = run("kloom", "validate")
    assert done.returncode == 0, done.stdout
    assert re.search(r"[1-9]\d* Applications checked", done.stdout)


def test_the_project_of_the_roots_permits_them_and_no_other_source(run, repository):
    repository("project of roots")
    assert printed(run("kloom", "validate"))
    values = repository.root / "overlays/roots/common-values.yaml"
    values.write_text(values.read_text().replace("example/platform", "example/other"))
    refused = run("kloom", "validate")
    assert refused.returncode == 1
    assert "[project-source-denied]" in refused.stdout


@pytest.mark.parametrize("name", ["sidecar", "plugin home"])
def test_argo_cd_is_installed_with_the_component(name, run, repository):
    folder = repository(name) / "argocd"
    kustomization = folder / "kustomization.yaml"
    text = kustomization.read_text()
    local = os.path.relpath(ROOT / "overlays/components", folder)
    assert INSTALLATION in text
    text = text.replace(INSTALLATION, os.path.relpath(ROOT / "tests/argocd_components/install", folder))
    kustomization.write_text(re.sub(rf"{COMPONENTS}/([a-z-]+)\?ref=v[0-9.]+", rf"{local}/\1", text))
    built = printed(run("kustomize", "build", "argocd"))
    (component,) = re.findall(rf"{COMPONENTS}/([a-z-]+)", "\n".join(example(name)))
    assert built == (ROOT / "tests/argocd_components" / component / "expected.yaml").read_text()


def test_with_the_sidecar_the_roots_name_the_plugin(run, repository):
    plain = list(yaml.safe_load_all(printed(run("kustomize", *BUILD, "overlays/roots"))))
    repository("sidecar")
    for root in plain:
        root["spec"]["source"]["plugin"] = {"name": "kloom"}
    assert list(yaml.safe_load_all(printed(run("kustomize", *BUILD, "overlays/roots")))) == plain


def test_the_parameters_are_those_of_the_plugin(run, repository):
    (block,) = example("parameters")
    source = yaml.safe_load(block)["source"]
    text = printed(run("kustomize", *BUILD, "overlays/dev"))
    (repository.root / "overlays/dev/services/cart.yaml").write_text(
        "global: {name: cart}\nsource: {path: cart}\nin-cluster: {enable: true}\nsyncPolicy: {automated: {}}\n"
    )
    given = {"ARGOCD_APP_PARAMETERS": json.dumps(source["plugin"]["parameters"])}
    command = ["env", "-C", source["path"], "kloom", "argocd", "generate"]
    frozen = printed(run(*command, ARGOCD_APP_SOURCE_PATH=source["path"], **given))
    assert "enabled: false" in frozen
    assert "enabled" not in text


def test_mistakes_are_told_as_shown(run, repository):
    (shown,) = example("error")
    guestbook = repository.root / "overlays/dev/services/guestbook.yaml"
    guestbook.write_text(guestbook.read_text().replace("path:", "pth:").replace("in-cluster:", "incluster:"))
    told = run("env", "-C", "overlays/dev", "kloom", "argocd", "generate")
    assert told.returncode == 1
    assert told.stderr == shown.partition("\n")[2]


def test_rendered_manifests_are_those_of_the_build_and_outlast_a_mistake(run, repository):
    repository("rendered")
    for _ in range(2):
        printed(run("sh", "ci/render"))
    rendered = repository.root / "rendered/dev/applications.yaml"
    assert rendered.read_text() == printed(run("kustomize", *BUILD, "overlays/dev"))
    assert "path: rendered/dev" in printed(run("kustomize", *BUILD, "overlays/roots"))
    before = rendered.read_text()
    (repository.root / "overlays/dev/services/guestbook.yaml").write_text("global: {nam: guestbook}\n")
    assert run("sh", "ci/render").returncode != 0
    assert rendered.read_text() == before


def test_the_freeze_is_that_of_the_samples_and_freezes(run, repository):
    common = repository.root / "overlays/common-values.yaml"
    common.write_text(common.read_text() + "  automated: {prune: true}\n")
    repository("freeze")
    (application,) = yaml.safe_load_all(printed(run("kustomize", *BUILD, "overlays/dev")))
    assert application["spec"]["syncPolicy"]["automated"] == {"prune": True, "enabled": False}
    shipped = yaml.safe_load((ROOT / "overlays/components/freeze/kustomization.yaml").read_text())
    shown = yaml.safe_load((repository.root / "overlays/freeze/kustomization.yaml").read_text())
    for component in (shipped, shown):
        component["patches"] = [{**one, "patch": yaml.safe_load(one["patch"])} for one in component["patches"]]
    assert shown == shipped


def test_a_failover_is_the_change_of_the_samples():
    (shown,) = re.findall(r"```diff\n(.*?)```", GUIDE, re.DOTALL)
    tour = (ROOT / "overlays/README.md").read_text(encoding="utf-8")  # whose tests make the change
    assert f"```diff\n{shown}```" in tour


def test_the_project_with_the_window_is_valid(run, repository):
    repository("window")
    done = run("kloom", "validate", "argocd/project-dev.yaml")
    assert done.returncode == 0, done.stdout


def test_applications_ask_before_they_are_pruned(run, repository):
    repository("confirm")
    (application,) = yaml.safe_load_all(printed(run("kustomize", *BUILD, "overlays/dev")))
    assert application["metadata"]["annotations"] == {"argocd.argoproj.io/sync-options": "Prune=confirm"}


def test_another_kloom_than_the_repository_wants_is_told_as_shown(run, repository):
    config = repository.root / "overlays/dev/applications.yaml"
    config.write_text(config.read_text().replace(">=0.1,<0.2", ">=0.2"))
    told = run("env", "-C", "overlays/dev", "kloom", "argocd", "generate").stderr
    (shown,) = re.findall(r"\| `(kloom must be [^`]+)` \|", GUIDE)
    assert shown in told
