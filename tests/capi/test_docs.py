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

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "clusters.md").read_text()
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


def test_the_hosts_are_shown_as_the_samples_have_them(kloom):
    (command, shown) = re.findall(r"```console\n\$ (kloom render .*)\n((?:.*\n)*?)```", PAGE)[0]
    path = f"{Path(kloom).parent}{os.pathsep}{os.environ['PATH']}"
    words = ["sh", "-c", command]
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout == shown


def test_the_comment_silences_the_rule_that_it_names(repository, kloom):
    (shown,) = re.findall(r"```yaml\n(  general:\n(?:.*\n)*?)```", PAGE)
    cluster = repository / "management/clusters/cluster-a.yaml"
    cluster.write_text(cluster.read_text().partition("  general:\n")[0] + shown)
    config = repository / "management/clusters.yaml"
    config.write_text(config.read_text().replace("  hosts: hosts.yaml\n", "  failOn: warning\n"))
    command = [kloom, "render", "management"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    cluster.write_text(re.sub(r" *# kloom: ignore.*\n", "", cluster.read_text()))
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "[host-selectors-overlap]" in done.stderr


def test_the_differences_that_are_ignored_can_be_said_in_values(tmp_path, kloom):
    (shown,) = re.findall(r"```yaml\n(ignoreDifferences:\n(?:.*\n)*?)```", PAGE)
    (tmp_path / ".git").mkdir()
    subprocess.run([kloom, "init"], cwd=tmp_path, capture_output=True, check=True)
    service = tmp_path / "overlays/dev/services/guestbook.yaml"
    service.write_text(service.read_text() + shown)
    (made,) = render(str(tmp_path / "overlays/dev")).objects
    assert made["spec"]["ignoreDifferences"] == yaml.safe_load(shown)["ignoreDifferences"]
    done = subprocess.run([kloom, "validate"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "nothing to complain about" in done.stdout


def test_the_commands_of_a_removal_find_what_is_made(repository):
    """As far as names and labels tell; a cluster that is deleted takes a management cluster."""
    made = render(str(repository / "management")).objects
    (commands,) = re.findall(r"```sh\n(kubectl -n clusters delete cluster .*?)```", PAGE, re.DOTALL)
    (namespace, name), *_ = re.findall(r"-n (\S+) delete cluster (\S+)", commands)
    assert ("Cluster", namespace, name) in {identity(obj) for obj in made}
    ((kind, label, value),) = re.findall(r"delete (\w+) -l (\S+)=(\S+)", commands)
    found = [obj for obj in made if f"{obj['kind']}s".lower() == kind]
    assert found
    assert {obj["metadata"]["labels"][label] for obj in found} == {value}


def test_the_kubeconfig_is_fetched_from_what_is_made():
    (fetched,) = re.findall(r"kubectl -n (\S+) get bootstrapkubeconfig (\S+)", PAGE)
    case = ROOT / "tests/cases/byoh_cluster_generator/the_kubeconfig_that_hosts_register_with"
    made = yaml.safe_load_all((case / "expected.yaml").read_text())
    assert ("BootstrapKubeconfig", *fetched) in {identity(obj) for obj in made}


def identity(obj):
    return obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]


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
