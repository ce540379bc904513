"""What docs/oracle.md shows runs as it stands."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from api_server import ApiServer

from kloom.render import render

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/oracle.md").read_text(encoding="utf-8")
ONE, MANIFESTS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
(SERVER,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def answered(command: str, **environment: str) -> dict[str, list[object]]:
    """What the oracle answers, where a clone of the repository has it."""
    env = {**os.environ, **environment}
    done = subprocess.run(["sh", "-ec", command], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_one_application() -> None:
    (verdicts,) = answered(ONE)["applications"]
    assert verdicts["destination"] == ["Destination server missing from app spec"]


def test_the_manifests_of_an_environment(plugin_home: Path) -> None:
    made = answered(MANIFESTS, KUSTOMIZE_PLUGIN_HOME=str(plugin_home))["manifests"]
    assert made == render(str(ROOT / "overlays/dev")).objects


def test_an_api_for_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(SERVER, str(ROOT / "docs/oracle.md"), "exec"), {"ApiServer": ApiServer, "folder": tmp_path})
    assert re.search(r"^clusters +Active ", capsys.readouterr().out, re.MULTILINE)
