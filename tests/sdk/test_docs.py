"""The example of docs/sdk.md does what the page says, under the real kustomize."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

PAGE = (Path(__file__).parents[2] / "docs" / "sdk.md").read_text(encoding="utf-8")
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1}
"""


def example(name):
    return re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```\n<!-- end -->", PAGE, re.DOTALL)[1]


def write(folder, config):
    function = folder / "team_labels.py"
    function.write_text(example("function").replace("/usr/bin/env python3", sys.executable))
    function.chmod(0o755)
    (folder / "config.yaml").write_text(config)
    (folder / "web.yaml").write_text(WEB)
    (folder / "kustomization.yaml").write_text("resources: [web.yaml]\ntransformers: [config.yaml]\n")


def test_the_example_labels_and_warns(tmp_path, kustomize):
    write(tmp_path, example("config"))
    done = kustomize("build", "--enable-alpha-plugins", "--enable-exec", tmp_path)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["metadata"] == {"name": "web", "labels": {"team": "payments"}}
    assert done.stderr == "Deployment/web spec.replicas: warning: should be 2 or more\n"


def test_the_example_refuses_a_config_without_team(tmp_path, kustomize):
    write(tmp_path, example("config").partition("spec:")[0])
    done = kustomize("build", "--enable-alpha-plugins", "--enable-exec", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("TeamLabels/payments spec.team: must name a team, was not there\n")


def test_the_example_is_tested_as_shown(tmp_path):
    (shown,) = re.findall(r"```python\n(from kloom\.sdk\.testing import .*?)```", PAGE, re.DOTALL)
    function = example("function").replace("raise SystemExit(run(team_labels))\n", "")
    (tmp_path / "test_team_labels.py").write_text(f"{function}\nimport pytest\n{shown}")
    case = tmp_path / "tests/cases/team_labels/labels_deployments"
    case.mkdir(parents=True)
    (case / "config.yaml").write_text(example("config"))
    (case / "input.yaml").write_text(WEB)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]

    def tested(**more):
        environment = {**os.environ, **more}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert tested().returncode == 1, "nothing is expected yet"
    tested(UPDATE_EXPECTED="1")
    assert "team: payments" in (case / "expected.yaml").read_text()
    done = tested()
    assert done.returncode == 0, done.stdout
