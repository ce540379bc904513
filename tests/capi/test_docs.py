"""docs/clusters.md: its example builds, and its tables name every field there is."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from kloom import schemas
from kloom.render import render

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "clusters.md").read_text()
CLUSTER = schemas.load("cluster")
POOL = CLUSTER["definitions"]["pool"]["properties"]


def first_column(title: str) -> set[str]:
    """The words set as code in the first column of the section's table."""
    section = re.split(r"^##+ ", PAGE.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("The config", schemas.load("byoh_cluster_generator")["properties"].keys()),
        ("A cluster", CLUSTER["properties"].keys()),
        ("Machines", POOL.keys() - {"rollingUpdate"}),
    ],
)
def test_every_field_is_in_its_table(title, fields):
    assert first_column(title) == set(fields)


def test_every_field_of_machines_is_told_to_replace_them_or_not():
    words = first_column("Rollouts")
    assert POOL.keys() - words == {"preKubeadmCommands", "postKubeadmCommands"}
    assert "commands" in PAGE


@pytest.fixture
def repository(tmp_path):
    """A repository with the files that the page shows, and nothing else."""
    (tmp_path / ".git").mkdir()
    for file, text in re.findall(r"```yaml\n# (management/[^\s:]+).*\n((?:.*\n)*?)```", PAGE):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_example_builds_as_it_stands(repository, kustomize, plugin_home):
    rendered = render(str(repository / "management"))
    assert rendered.results == []
    (command,) = re.findall(r"`(kustomize build \S+ management)`", PAGE)
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    words = [kustomize, *command.split()[1:]]
    built = subprocess.run(words, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert list(yaml.safe_load_all(built.stdout)) == rendered.objects


def test_what_the_page_says_comes_out_comes_out(repository):
    (tree,) = re.findall(r"```\n(Cluster cluster-a (?:.*\n)*?)```", PAGE)
    made = {f"{obj['kind']} {obj['metadata']['name']}" for obj in render(str(repository / "management")).objects}
    assert set(re.findall(r"[A-Z]\w+ cluster-a\S*", tree)) <= made


def test_the_example_is_valid(repository, kloom):
    done = subprocess.run([kloom, "validate"], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "warning" not in done.stdout


def test_what_removes_superseded_templates_removes_nothing_else(tmp_path):
    (snippet,) = re.findall(r"```sh\n(kloom render .*?)```", PAGE, re.DOTALL)
    made = (Path(__file__).parent / "expected" / "management-v1beta2.yaml").read_text()
    current = sorted(set(re.findall(r"name: (cluster-a-\S+-[0-9a-f]{8})$", made, re.MULTILINE)))
    (tmp_path / "rendered.yaml").write_text(made)
    listed = [
        *(f"byomachinetemplate.infrastructure/{name}" for name in current),
        "byomachinetemplate.infrastructure/old-1",
    ]
    (tmp_path / "listed").write_text("\n".join(listed) + "\n")
    programs = {
        "kloom": "cat rendered.yaml",
        "kubectl": 'case "$3" in get) cat listed;; delete) echo "$4" >> deleted;; esac',
    }
    for name, body in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", snippet], cwd=tmp_path, env=environment, check=True)
    assert len(current) > 5
    assert set((tmp_path / "deleted").read_text().split()) == {"byomachinetemplate.infrastructure/old-1"}
