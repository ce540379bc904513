"""What Cluster API's webhooks and definitions refuse, `kloom validate` refuses first, and names the rule.

The objects are in tests/capi_rules/refused: ID.yaml is what the rule ID is about; where there is an ID.before.yaml,
that is what the cluster has, and ID.yaml is refused as a change of it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from api_server import ApiServer, Object, namespace

from kloom.capi.api_versions import as_v1beta1

RULES = Path(__file__).resolve().parents[1] / "capi_rules"
REFUSED = RULES / "refused"
IDS = sorted(file.stem for file in REFUSED.glob("*.yaml") if not file.stem.endswith(".before"))
EACH_REFUSED = pytest.mark.parametrize("rule", IDS)
VERSIONS = ("v1beta1", "v1beta2")


@pytest.fixture(scope="module", autouse=True)
def places(api: ApiServer) -> None:
    """A namespace for every test."""
    api.apply(*(namespace(name) for name in (*IDS, *VERSIONS)))


@EACH_REFUSED
def test_the_api_refuses_it(api: ApiServer, rule: str):
    before = REFUSED / f"{rule}.before.yaml"
    if before.exists():
        api.apply(*objects(before, rule))
    assert api.refusal(*objects(REFUSED / f"{rule}.yaml", rule))


@EACH_REFUSED
def test_kloom_refuses_it_first(kloom: str, tmp_path: Path, rule: str):
    file, before = tmp_path / "cluster.yaml", REFUSED / f"{rule}.before.yaml"
    command = [kloom, "validate", tmp_path]
    if before.exists():
        file.write_bytes(before.read_bytes())
        commit(tmp_path)
        command += ["--since", "HEAD"]
    file.write_bytes((REFUSED / f"{rule}.yaml").read_bytes())
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert rule in done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_the_api_takes_what_no_rule_finds_wrong(api: ApiServer, version: str):
    right = objects(RULES / "sample.yaml", version)
    api.apply(*(map(as_v1beta1, right) if version == "v1beta1" else right))


def objects(file: Path, place: str) -> list[Object]:
    """The objects of a file, in a namespace of their own instead of the one that they name."""
    text = file.read_text(encoding="utf-8").replace("namespace: clusters", f"namespace: {place}")
    return [obj for obj in yaml.load_all(text, yaml.CSafeLoader) if obj]


def commit(folder: Path) -> None:
    """Make the folder a Git repository, with everything in it committed."""
    author = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "--message", "before"]):
        subprocess.run(["git", "-C", folder, *command], check=True, capture_output=True)
