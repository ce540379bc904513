"""What docs/cluster-endpoints.md and docs/failover.md show is what happens."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec: {clusters: ../shared/clusters.yaml, services: SERVICE}
"""
WEB = """\
global: {name: web}
source: {repoURL: https://github.com/example/shop.git, targetRevision: v1.4.0, path: web}
cluster-A: {enable: true}
cluster-B: {enable: true}
"""


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


def written(page: str, folder: Path) -> Path:
    """A repository with the files that a page shows: each block that begins with a path as a comment."""
    (folder / ".git").mkdir()
    for block in blocks(page, "yaml"):
        if match := re.match(r"# (\S+\.yaml)\n", block):
            path = folder / match[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block)
    return folder


def with_environment(folder: Path, name: str, service: str) -> Path:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "kustomization.yaml").write_text("generators: [applications.yaml]\n")
    (folder / name / "applications.yaml").write_text(CONFIG.replace("SERVICE", service))
    return folder / name


def built(kustomize: str, plugin_home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    command = [kustomize, "build", "--enable-alpha-plugins", folder]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def endpoints(tmp_path: Path) -> Path:
    return written("cluster-endpoints.md", tmp_path)


@pytest.fixture
def failover(tmp_path: Path) -> Path:
    return written("failover.md", tmp_path)


def test_the_inventory_takes_the_endpoint_and_trace_tells_it(endpoints, kloom):
    (endpoints / "web.yaml").write_text(WEB)
    with_environment(endpoints, "dev", "../web.yaml")
    (shown,) = (block for block in blocks("cluster-endpoints.md", "console") if block.startswith("$ kloom trace"))
    command, output = shown.split("\n", 1)
    words = command.removeprefix("$ kloom ").split()
    done = subprocess.run([kloom, *words], cwd=endpoints, capture_output=True, text=True, check=True)
    assert done.stdout == output


def test_the_transformer_redirects_the_application_as_shown(endpoints, kustomize, plugin_home):
    (shown,) = (block for block in blocks("cluster-endpoints.md", "console") if block.startswith("$ kustomize build"))
    done = built(kustomize, plugin_home, endpoints / "apps")
    assert done.returncode == 0, done.stderr
    assert shown.split("\n", 1)[1] in done.stdout


def test_the_secrets_are_as_shown(endpoints, kustomize, plugin_home):
    head = "# kustomize build --enable-alpha-plugins argocd\n"
    (shown,) = (block.removeprefix(head) for block in blocks("cluster-endpoints.md", "yaml") if block.startswith(head))
    done = built(kustomize, plugin_home, endpoints / "argocd")
    assert done.returncode == 0, done.stderr
    assert done.stdout == shown


def test_the_reference_is_the_one_of_the_readme():
    def rows(text: str) -> list[str]:
        section = text.split("\n## ClusterEndpointTransformer\n")[1].split("\n## ")[0]
        return re.findall(r"^\| `\w+` \|.*$", section, re.MULTILINE)

    own = rows((DOCS / "cluster-endpoints.md").read_text())
    assert own
    assert own == rows((DOCS.parent / "README.md").read_text())


def test_half_a_failover_is_refused_as_shown(failover, kustomize, plugin_home):
    inventory = failover / "shared/clusters.yaml"
    inventory.write_text(inventory.read_text().replace("role: standby", "role: active"))
    refused = built(kustomize, plugin_home, with_environment(failover, "prod", "orders.yaml"))
    (shown,) = blocks("failover.md", "console")
    assert refused.returncode != 0
    told, wanted = (re.sub(r"via [^;\n]+;", "via …;", text).splitlines() for text in (refused.stderr, shown))
    assert [line.rstrip() for line in told] == wanted[1:]  # without the command


def test_the_diff_lets_the_clusters_change_places(failover, kustomize, plugin_home):
    folder = with_environment(failover, "prod", "orders.yaml")
    before = by_server(built(kustomize, plugin_home, folder))
    inventory = failover / "shared/clusters.yaml"
    (diff,) = blocks("failover.md", "diff")
    text = inventory.read_text()
    gone, come = ([line[1:] for line in diff.splitlines() if line[0] == sign] for sign in "-+")
    for old, new in zip(gone, come, strict=True):
        at = text.index(old, text.index("cluster-B:") if "standby" in old else 0)
        text = text[:at] + new + text[at + len(old) :]
    inventory.write_text(text)
    after = by_server(built(kustomize, plugin_home, folder))
    one, other = before
    assert before[one] != before[other]
    assert after == {one: before[other], other: before[one]}


def test_the_difference_is_seen_before_it_is_merged(failover, kustomize, plugin_home):
    (command,) = blocks("failover.md", "sh")
    folder = with_environment(failover, "overlays/prod", "../../prod/orders.yaml")
    config = folder / "applications.yaml"
    config.write_text(config.read_text().replace("../shared", "../../shared"))
    (failover / "old.yaml").write_text(built(kustomize, plugin_home, folder).stdout)

    def difference():
        path = f"{Path(kustomize).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
        words = ["sh", "-c", command]
        return subprocess.run(words, cwd=failover, env=environment, capture_output=True, text=True, check=False).stdout

    assert difference() == ""
    inventory = failover / "shared/clusters.yaml"
    swapped = {"active": "standby", "standby": "active"}
    inventory.write_text(re.sub("active|standby", lambda match: swapped[match[0]], inventory.read_text()))
    changed = {" ".join(line.split()) for line in difference().splitlines()}
    assert changed >= {"< replicaCount: 6", "> replicaCount: 1", "> replicaCount: 6", "< replicaCount: 1"}


def by_server(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What each cluster gets of the one service: source and sync policy."""
    assert done.returncode == 0, done.stderr
    specs = [application["spec"] for application in yaml.safe_load_all(done.stdout)]
    return {spec["destination"]["server"]: (spec["source"], spec.get("syncPolicy")) for spec in specs}
