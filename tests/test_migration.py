"""What docs/migration.md shows builds and is valid; what needs an Argo CD is tried in tests/argocd_chain."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
SEED = ROOT / "tests" / "cases" / "application_generator" / "seed_case"


def example(name):
    """The blocks that follow the example's mark, up to the next mark or heading."""
    after = PAGE.split(f"<!-- example: {name} -->\n")[1]
    return re.findall(r"```\w*\n(.*?)```", re.split(r"<!-- example|\n##+ ", after)[0], re.DOTALL)


@pytest.fixture
def repository(kloom, kustomize, helm, plugin_home, tmp_path):
    """A repository; `show` writes the files of an example, `run` runs a command of the page."""
    (tmp_path / ".git").mkdir()
    folders = [str(Path(tool).parent) for tool in (kloom, kustomize, helm)]
    path = os.pathsep.join([*folders, os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}

    class Repository:
        root = tmp_path

        def show(self, name):
            for block in example(name):
                path = tmp_path / re.match(r"# (\S+)\n", block)[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block)

        def run(self, command):
            return subprocess.run(
                ["sh", "-ec", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )

        def edit(self, path, old, new):
            text = (tmp_path / path).read_text()
            assert old in text
            (tmp_path / path).write_text(text.replace(old, new))

    return Repository()


def printed(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_names_that_are_live_are_kept(repository):
    repository.show("values")
    built = printed(repository.run("kustomize build --enable-alpha-plugins overlays/dev"))
    names = {one["metadata"]["name"] for one in yaml.safe_load_all(built)}
    assert names == {"east-cart", "west-cart", "east-till", "till-of-the-west"}
    assert "nothing to complain about" in printed(repository.run("kloom validate"))


@pytest.fixture
def charts(repository):
    """The values files of the case that kloom comes from, and the charts in a folder of their own."""
    repository.show("charts")
    dev = repository.root / "apps" / "dev"
    for name in ("common-values.yaml", "svc-a.yaml", "svc-b.yaml"):
        shutil.copy(SEED / name, dev)
    shutil.copytree(ROOT / "charts", repository.root / "apps" / "charts")
    return repository


def test_values_files_of_helm_charts_stay_as_they_are(charts):
    (diff,) = example("diff")
    assert printed(charts.run(diff)) == ""
    before = (charts.root / "before").read_text()
    assert {one["metadata"]["name"] for one in yaml.safe_load_all(before)} == {"svc-a-cluster-a", "svc-b-cluster-a"}
    assert printed(charts.run("kloom validate apps/dev-kloom"))


def test_the_order_of_files_shows_in_the_diff_and_is_mended_in_the_service_s_file(charts):
    (diff,) = example("diff")
    charts.edit("apps/dev/svc-a.yaml", "  path: dev/svc-a\n", "  path: dev/svc-a\n  targetRevision: v1\n")
    told = charts.run(diff)
    assert told.returncode == 1
    assert re.findall(r"^[<>].*", told.stdout, re.MULTILINE) == [
        "<     targetRevision: main",
        ">     targetRevision: v1",
    ]
    charts.edit("apps/dev/svc-a.yaml", "  targetRevision: v1\n", "")
    assert printed(charts.run(diff)) == ""


def test_an_empty_field_that_would_inherit_is_told(charts):
    (diff,) = example("diff")
    charts.edit("apps/dev/svc-a.yaml", "  syncPolicy:\n    automated:\n      prune: true\n", "  syncPolicy: {}\n")
    charts.edit("apps/dev/common-values.yaml", "source:", "syncPolicy: {automated: {}}\nsource:")
    refused = charts.run(diff.splitlines()[1])
    assert refused.returncode != 0
    assert "svc-a.yaml:10:15: cluster-A.syncPolicy:" in refused.stderr


def test_in_the_end_the_folder_is_the_same_one(charts):
    (diff,) = example("diff")
    printed(charts.run(diff))
    charts.run("mv apps/dev-kloom/*.yaml apps/dev")
    charts.edit("apps/dev/applications.yaml", "../dev/", "")
    built = printed(charts.run("kustomize build --enable-alpha-plugins apps/dev"))
    assert built == (charts.root / "before").read_text()


def test_differences_look_as_shown(repository):
    (differences,) = example("differences")
    live, built = re.sub(r"\{\+.*?\+\}", "", differences), re.sub(r"\[-.*?-\]", "", differences)
    (repository.root / "live").write_text(re.sub(r"\[-(.*?)-\]", r"\1", live))
    (repository.root / "built").write_text(re.sub(r"\{\+(.*?)\+\}", r"\1", built))
    (compare,) = example("compare")
    told = repository.run(compare.splitlines()[-1])
    lines = [line for line in told.stdout.splitlines()[4:] if not line.startswith("@@")]
    assert lines == differences.splitlines()
