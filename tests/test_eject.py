import os
import shutil
import subprocess

import pytest

from kloom import charts
from kloom.eject import eject
from kloom.sdk.result import Refusal
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec:
"""
FILES = {
    ".git/HEAD": "",
    "clusters.yaml": "cluster-A: {destination: {name: a}, role: active}\ncluster-B: {destination: {name: b}}\n",
    "common-values.yaml": "source: {repoURL: https://git.example.com}\nroles: {active: {revisionHistoryLimit: 0}}\n",
    "dev/common-values.yaml": "global: {environment: dev}\n",
    "dev/kustomization.yaml": "generators: [applications.yaml]\n",
    "dev/applications.yaml": CONFIG
    + "  clusters: ../clusters.yaml\n  common: [../common-values.yaml, common-values.yaml]\n"
    + "  services: ['**/web.yaml']\n",
    "dev/services/a/web.yaml": "global: {name: web}\nsource: {path: w}\ncluster-A: &a {enable: true}\ncluster-B: *a\n",
    "dev/services/b/web.yaml": "global: {name: other}\nsource: {path: other}\ncluster-B: {enable: true}\n",
}
INLINE = CONFIG + "  clusters: {east-1: {destination: {name: e}, finalizers: [a/b]}}\n  services: service.yaml\n"


@pytest.fixture
def repository(tmp_path, monkeypatch, helm):
    assert helm
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def built(kustomize, plugin_home, *arguments):
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    command = [kustomize, "build", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return read_documents(done.stdout, kustomize_plain)


@pytest.mark.usefixtures("repository")
def test_kustomize_builds_the_same_from_the_ejected_form(kustomize, plugin_home):
    ours = built(kustomize, plugin_home, "--enable-alpha-plugins", "dev")
    assert len(ours) == 3
    assert eject("dev") == "dev-helm: helm renders the same 3 Applications of 2 services as kloom does"
    assert built(kustomize, plugin_home, "--enable-helm", "dev-helm") == ours


def test_the_values_files_stay_as_they_are(repository):
    eject("dev", "else/where")
    for name in ("clusters.yaml", "common-values.yaml", "dev/common-values.yaml", "dev/services/a/web.yaml"):
        assert (repository / "else" / "where" / "values" / name).read_text() == FILES[name]
    assert {name.split("/")[0] for name in files_of(repository / "else" / "where")} == {
        "charts",
        "kustomization.yaml",
        "values",
    }


def test_editors_find_the_schemas_of_the_copies(repository):
    common, service = repository / "dev" / "common-values.yaml", repository / "dev" / "services" / "a" / "web.yaml"
    schema = repository / ".kloom" / "schemas" / "values" / "clusters.json"
    write(repository, {".kloom/schemas/values/clusters.json": "{}"})
    for file, path in ((common, "../.kloom/schemas/values/clusters.json"), (service, "https://example.com/s.json")):
        file.write_text(f"# yaml-language-server: $schema={path}\n{file.read_text()}")
    eject("dev", "else/where")
    copies = repository / "else" / "where" / "values" / "dev"
    line, rest = (copies / "common-values.yaml").read_text().split("\n", 1)
    moved = copies / line.removeprefix("# yaml-language-server: $schema=")
    assert moved.resolve() == schema
    assert rest == FILES["dev/common-values.yaml"]
    assert (copies / "services" / "a" / "web.yaml").read_text() == service.read_text()


def test_an_inline_inventory_becomes_a_file(repository, kustomize, plugin_home):
    service = "global: {name: a}\nsource: {repoURL: r, path: p}\neast-1: {enable: true}\n"
    write(repository, {"dev/applications.yaml": INLINE, "dev/service.yaml": service})
    eject("dev")
    assert (repository / "dev-helm/values/dev/kloom-inventory.yaml").exists()
    ours = built(kustomize, plugin_home, "--enable-alpha-plugins", "dev")
    assert built(kustomize, plugin_home, "--enable-helm", "dev-helm") == ours


def refused(repository, *arguments):
    """What eject says when it refuses, having written nothing."""
    before = files_of(repository)
    with pytest.raises(Refusal) as refusal:
        eject(*arguments)
    assert files_of(repository) == before
    return str(refusal.value)


def test_without_helm_it_fails(repository, monkeypatch):
    monkeypatch.setenv("PATH", str(repository))
    assert (
        refused(repository, "dev") == "helm must be on PATH: without it nothing proves that both forms render the same"
    )


@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_what_is_in_its_way_stays(repository, what):
    target = repository / "dev-helm"
    {"folder": target.mkdir, "file": target.touch, "link": lambda: target.symlink_to("nowhere")}[what]()
    assert "dev-helm is there already" in refused(repository, "dev")


def test_the_proof_fails_where_the_charts_render_something_else(repository, monkeypatch):
    broken = repository / "broken"
    shutil.copytree(charts.charts_folder(), broken, symlinks=True)
    template = broken / "argo-app" / "templates" / "_application.tpl"
    text = template.read_text()
    assert "revisionHistoryLimit" in text
    template.write_text(text.replace("revisionHistoryLimit:", "revisionHistoryLimits:"))
    monkeypatch.setattr(charts, "charts_folder", lambda: broken)
    assert "helm renders something else, which is a bug in kloom: argocd/web-dev-cluster-a" in refused(
        repository, "dev"
    )


def test_the_proof_fails_where_helm_refuses(repository, monkeypatch):
    broken = repository / "broken"
    shutil.copytree(charts.charts_folder(), broken, symlinks=True)
    (broken / "argo-app" / "templates" / "application.yaml").write_text("{{ fail `no` }}")
    monkeypatch.setattr(charts, "charts_folder", lambda: broken)
    assert "helm refuses web: " in refused(repository, "dev")


def test_what_does_not_build_is_not_ejected(repository):
    write(repository, {"dev/services/a/web.yaml": "global: {name: web\n", "dev/services/b/web.yaml": "clusterA: {}\n"})
    lines = refused(repository, "dev").splitlines()
    assert [line.split(": ")[0] for line in lines] == ["dev/services/a/web.yaml:1:9", "dev/services/b/web.yaml:1:1"]


@pytest.mark.parametrize(
    ("kustomization", "why"),
    [
        (
            "generators: [applications.yaml, applications.yaml]\n",
            "must list one ApplicationGenerator under generators, lists 2",
        ),
        ("resources: []\n", "lists 0 configs"),
        (
            "generators: [applications.yaml]\nresources: [other.yaml]\n",
            "kustomization.yaml:2:1: resources: must list generators only",
        ),
        ("generators: [applications.yaml]\nnamespace: x\n", "kustomization.yaml:2:1: namespace: "),
    ],
)
def test_other_kustomizations_are_refused(repository, kustomization, why):
    (repository / "dev" / "kustomization.yaml").write_text(kustomization)
    assert why in refused(repository, "dev")


def test_paths_that_kloom_finds_are_left_out_and_that_is_said(repository):
    write(repository, {"w/a.yaml": "", "other/a.yaml": ""})
    config = repository / "dev/applications.yaml"
    config.write_text(config.read_text() + "  manifestGeneratePaths: https://git.example.com\n")
    assert eject("dev").endswith("Applications of 2 services as kloom does, but for the manifestGeneratePaths")
