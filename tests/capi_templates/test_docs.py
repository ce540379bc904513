"""The example of docs/byoh-machine-templates.md does what the page says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

from kloom.sdk.yaml_reader import kustomize_plain, read_documents

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "byoh-machine-templates.md").read_text(encoding="utf-8")
CLUSTER = ROOT / "tests" / "cases" / "byoh_machine_template_transformer" / "clusterctl_output_gets_selectors"


def test_the_example_builds(kustomize: str, plugin_home: Path, tmp_path: Path) -> None:
    for name, text in re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    generated = (CLUSTER / "input.yaml").read_text(encoding="utf-8").replace("lab-md-0", "lab-storage")
    (tmp_path / "cluster.yaml").write_text(generated, encoding="utf-8")
    command = [kustomize, "build", "--enable-alpha-plugins", tmp_path]
    done = subprocess.run(
        command, env={"KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}, capture_output=True, text=True, check=True
    )
    templates = {
        obj["metadata"]["name"].rpartition("-")[0]: obj["spec"]["template"]["spec"]
        for obj in read_documents(done.stdout, kustomize_plain)
        if obj["kind"] in ("ByoMachineTemplate", "K8sInstallerConfigTemplate") and "selector" in str(obj)
    }
    assert {name: spec["selector"]["matchLabels"]["role"] for name, spec in templates.items()} == {
        "east-lab-control-plane": "control-plane",
        "east-lab-storage": "storage",
    }
    assert "mirror.example.com/byoh" in done.stdout


def test_every_field_is_told() -> None:
    schema = yaml.safe_load((ROOT / "functions/kloom/schemas/byoh_machine_template_transformer.json").read_text())
    pool = schema["definitions"]["pool"]["properties"].keys() - {"target"}
    target = schema["definitions"]["target"]["properties"].keys()
    rows = re.findall(r"^\| (.*?) \| ", PAGE.split("## Fields")[1], re.MULTILINE)
    assert {*schema["properties"], *pool, *target} <= {word for row in rows for word in re.findall(r"\w+", row)}
