"""Each rule of `kloom validate` itself by its own examples: the bad one triggers that rule alone, the good one none."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from kloom.cli import main
from kloom.sdk.yaml_reader import YamlError, kustomize_plain, read_documents
from kloom.sdk.yaml_writer import to_yaml
from kloom.validate.repository_rule import RepositoryRule
from kloom.validate.rulebook import REPOSITORY_RULES
from kloom.values.merge import merge

from .samples import APPLICATION, CLUSTERS

Files = dict[str, str]
"""What stands in each file, by its path from the root."""

URL = "https://git.example.com/shop.git"
GUARD = Path(__file__).resolve().parents[2] / "overlays" / "components" / "guard" / "kustomization.yaml"
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec:
  clusters: clusters.yaml
  common: common-values.yaml
"""
ENDPOINTS = """\
apiVersion: kloom.dev/v1alpha1
kind: ClusterEndpointTransformer
metadata: {name: endpoints}
spec: {clusters: clusters.yaml}
"""
INVENTORY = """\
cluster-A: {destination: {server: https://10.0.0.10:6443}}
cluster-B: {destination: {server: https://10.0.1.10:6443}}
"""
SERVICE = "global: {name: cart}\nsource: {path: deploy/cart}\n"
ENABLED = "cluster-A: {enable: true}\n"
CANARY = "cluster-B: {enable: true, source: {targetRevision: canary}}\n"
TILL = "global: {name: till}\ncluster-A: {enable: true, source: {path: deploy/till}}\n"

UNLISTED = {
    "applications.yaml": f"{CONFIG}  services: services/*.yaml\n",
    "clusters.yaml": INVENTORY,
    "common-values.yaml": f"source: {{repoURL: {URL}}}\ndestination: {{namespace: dev}}\n",
    "services/cart.yaml": f"{SERVICE}{ENABLED}",
    "deploy/cart/README.md": "",
    "deploy/till/README.md": "",
}
LISTED = {**UNLISTED, "kustomization.yaml": "generators: [applications.yaml]\n"}
"""A config that makes the Application of one service, and the kustomization that runs it."""
TRANSFORMED = {"cart.yaml": APPLICATION, "clusters.yaml": INVENTORY, "endpoints.yaml": ENDPOINTS}
"""An Application, and a transformer that puts the server of its cluster in."""

AROUND: dict[str, Files] = {
    "applications-moved": LISTED,
    "applications-renamed": LISTED,
    "clusters-renamed": {"clusters.yaml": CLUSTERS},
    "config": {**LISTED, "applications.yaml": CONFIG},
    "config-among-resources": UNLISTED,
    "environment-empty": LISTED,
    "exec-without-guard": {**LISTED, "components/guard/kustomization.yaml": GUARD.read_text()},
    "file-outside-kustomization": {
        **{file if file.startswith("deploy/") else f"dev/{file}": text for file, text in LISTED.items()},
        **dict.fromkeys(("namespace.yaml", "dev/namespace.yaml"), ""),
    },
    "kustomization": {**LISTED, "namespace.yaml": ""},
    "manifest": {"cart.yaml": APPLICATION},
    "refused-by-transformer": TRANSFORMED,
    "role-without-cluster": LISTED,
    "server-of-two-clusters": {**LISTED, "services/cart.yaml": f"{SERVICE}{ENABLED}{CANARY}"},
    "service-nowhere": {**LISTED, "services/cart.yaml": SERVICE, "services/till.yaml": TILL},
    "source-file-missing": {**LISTED, "deploy/cart/Chart.yaml": "name: cart\n"},
    "source-overridden": {**LISTED, "deploy/cart/kustomization.yaml": "resources: []\n"},
    "source-path-missing": LISTED,
    "source-renderer-mismatch": LISTED,
    "symlink-out-of-bounds": LISTED,
    "transformer-not-run": {**TRANSFORMED, "patch.yaml": "kind: ConfigMap\n"},
    "unlisted-config": UNLISTED,
    "unreadable": {"cart.yaml": APPLICATION},
    "unread-values": LISTED,
    "values": {**LISTED, "services/cart.yaml": SERVICE},
}
"""For each rule the repository that its examples are put into: what they say of a file is merged into that file."""
STILL_TOLD = {"clusters-renamed": {"transformer-not-run"}}
"""What a good example cannot do without."""

EACH_RULE = pytest.mark.parametrize("rule", REPOSITORY_RULES, ids=lambda rule: rule.id)


@pytest.fixture
def found_in(tmp_path, monkeypatch, capsys):
    """What `kloom validate` finds in a repository with an example: each rule, and how severe it is there."""
    monkeypatch.chdir(tmp_path)

    def found(rule: RepositoryRule, example: str) -> set[tuple[str, str]]:
        write(AROUND[rule.id], example)
        for words in (["init"], ["remote", "add", "origin", URL], ["add", "--all"]):
            subprocess.run(["git", *words], check=True, capture_output=True)
        main(["validate", "--format", "json"])
        return {(one["rule"], one["severity"]) for one in json.loads(capsys.readouterr().out)["findings"]}

    return found


def write(around: Files, example: str) -> None:
    """Write the repository, with the files of an example in it: each stands below a comment with its name."""
    links = re.findall(r"^(\S+) -> (\S+)\n", example, re.MULTILINE)
    before, *parts = re.split(r"^# (\S+)\n", "" if links else example, flags=re.MULTILINE)
    assert before == "", "an example must begin with the name of a file"
    files = dict(around)
    for name, part in zip(parts[::2], parts[1::2], strict=True):
        files[name] = merged(files[name], part) if name in files else part
    for name, text in files.items():
        place(name).write_text(text)
    for name, target in links:
        place(name).symlink_to(target)


def place(name: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def merged(around: str, part: str) -> str:
    """The file of which an example says a part, which is all of it where it is no YAML."""
    try:
        whole, said = read_documents(f"{around}---\n{part}", kustomize_plain)
    except YamlError:
        return part
    return to_yaml(merge(whole, said))


@EACH_RULE
def test_the_bad_example_triggers_the_rule_alone(rule, found_in) -> None:
    bad, _ = rule.examples()
    assert found_in(rule, bad) == {(rule.id, rule.severity)}


@EACH_RULE
def test_the_good_example_triggers_none(rule, found_in) -> None:
    _, good = rule.examples()
    assert {name for name, _ in found_in(rule, good)} == STILL_TOLD.get(rule.id, set())


def test_only_rules_that_there_are_have_a_repository() -> None:
    assert AROUND.keys() == {rule.id for rule in REPOSITORY_RULES}
    assert STILL_TOLD.keys() <= AROUND.keys()
