"""What docs/values.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kloom.render import render
from kloom.reports import rule_of
from kloom.sdk.result import Refusal
from kloom.validate import validate

PAGE = (Path(__file__).resolve().parents[2] / "docs/values.md").read_text(encoding="utf-8")
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec: {clusters: {cluster-A: {destination: {name: cluster-a}}}, services: services/*.yaml, failOn: warning}
"""
SOURCE = "source: {repoURL: https://git.example.com/shop.git, targetRevision: v1.2.3, path: deploy}\n"
CART = f"global: {{name: cart}}\n{SOURCE}cluster-A: {{enable: true, destination: {{namespace: cart}}}}\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "services").mkdir()
    (tmp_path / "kustomization.yaml").write_text("generators: [applications.yaml]\n")
    (tmp_path / "applications.yaml").write_text(CONFIG)
    (tmp_path / "services/cart.yaml").write_text(CART)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_service_waits_for_its_cluster_by_the_comment(repository: Path) -> None:
    (shown,) = re.findall(r"^```yaml\n(# kloom: ignore .*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    ledger = repository / "services/ledger.yaml"
    ledger.write_text(shown + SOURCE)
    assert [one["metadata"]["name"] for one in render(".").objects] == ["cart-cluster-a"]
    assert [str(result) for result in validate(["."]).results] == []
    ledger.write_text(shown.partition("\n")[2] + SOURCE)
    with pytest.raises(Refusal) as refused:
        render(".")
    assert {rule_of(result) for result in refused.value.results} == {"service-nowhere"}
