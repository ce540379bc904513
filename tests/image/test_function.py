"""The image is the KRM function: in kustomize it makes the same bytes as any other form, and it asks for nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from kloom import __version__

ROOT = Path(__file__).resolve().parents[2]
FORM = ROOT / "overlays" / "forms" / "container"
DEV = ROOT / "tests" / "overlays" / "expected" / "dev.yaml"
IMAGE = f"ghcr.io/example/kloom:{__version__}"

(CONFIG,) = re.findall(
    r"```yaml\n(# applications.yaml\n.*?)```", (ROOT / "docs" / "containers.md").read_text(), re.DOTALL
)
"""The config that the documentation shows."""
MOUNTED = {
    "kustomization.yaml": "generators: [applications.yaml]\n",
    "applications.yaml": CONFIG,
    "values/common-values.yaml": """\
global: {environment: dev}
source: {repoURL: https://github.com/example/shop.git, targetRevision: main}
cluster-A: {enable: true, destination: {server: https://10.0.0.10:6443, namespace: dev}}
""",
    "values/services/catalog.yaml": "global: {name: catalog}\nsource: {path: catalog}\n",
    "values/services/ledger.yaml": "global: {name: ledger}\nsource: {path: ledger}\n",
}


def output(process: subprocess.CompletedProcess[str]) -> str:
    assert process.returncode == 0, process.stderr
    return process.stdout


def refused(process: subprocess.CompletedProcess[str]) -> str:
    assert process.returncode != 0
    assert process.stdout == ""
    return process.stderr


def environment(folder: Path) -> Path:
    """An environment that holds all its values: a mount may lead nowhere else."""
    for name, text in MOUNTED.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def with_function(folder: Path, function: dict[str, object]) -> Path:
    config = yaml.safe_load(CONFIG)
    config["metadata"]["annotations"]["config.kubernetes.io/function"] = json.dumps(function)
    (folder / "applications.yaml").write_text(json.dumps(config))
    return folder


@pytest.fixture
def as_exec_function(tmp_path: Path, kustomize: str, kloom: str) -> str:
    """What the same environment makes outside of containers."""
    folder = with_function(environment(tmp_path / "exec"), {"exec": {"path": "kloom"}})
    path = os.pathsep.join([str(Path(kloom).parent), os.environ["PATH"]])
    command = [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", folder]
    return subprocess.check_output(command, env={**os.environ, "PATH": path}, text=True)


def test_values_as_items(in_containers):
    """The sample as it stands builds the bytes that were reviewed for dev."""
    assert output(in_containers.build(FORM)) == DEV.read_text()


def test_kubectl_runs_it_too(images, kubectl):
    build = [kubectl, "kustomize", "--enable-alpha-plugins", FORM]
    built = subprocess.check_output(build, env={**os.environ, **images.on_path}, text=True)
    assert built == DEV.read_text()


def test_values_as_mounted_files(in_containers, as_exec_function, tmp_path):
    built = output(in_containers.build(environment(tmp_path / "dev")))
    assert built.count("kind: Application\n") == 2
    assert built == as_exec_function


def test_a_mistake_in_a_mounted_file_is_told_with_its_place(in_containers, tmp_path):
    folder = environment(tmp_path / "dev")
    (folder / "values/services/ledger.yaml").write_text("global: {name: ledger}\nsorce: {path: ledger}\n")
    assert "values/services/ledger.yaml:2:1: sorce: " in refused(in_containers.build(folder))


def test_what_is_not_mounted_is_not_there(in_containers, tmp_path):
    folder = environment(tmp_path / "dev")
    (folder / "applications.yaml").write_text((folder / "applications.yaml").read_text().replace("values/c", "c"))
    assert "common-values.yaml: no such file" in refused(in_containers.build(folder)).lower()


def test_without_the_image_the_build_fails(in_containers, tmp_path):
    folder = with_function(environment(tmp_path / "dev"), {"container": {"image": "localhost/no-such-image:0"}})
    assert "localhost/no-such-image" in refused(in_containers.build(folder))


@pytest.mark.parametrize("user", ["nobody", "4711:4711", "0:0"])
def test_it_needs_no_network_no_rights_and_no_place_to_write(user, images, tmp_path):
    """The function by itself: any user, a root file system that cannot be written, no capability, one process."""
    config = {"apiVersion": "kloom.dev/v1alpha1", "kind": "ApplicationGenerator", "metadata": {"name": "dev"}}
    config["spec"] = {"common": "values/common-values.yaml", "services": "values/services/*.yaml"}
    whole = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [], "functionConfig": config}
    values = environment(tmp_path / "dev") / "values"
    rights = ("--read-only", "--network=none", "--cap-drop=all", "--security-opt=no-new-privileges", "--pids-limit=2")
    mount = f"--mount=type=bind,src={values},dst=/kustomization/values,ro=true"
    made = images.output("run", "--rm", "-i", *rights, f"--user={user}", mount, IMAGE, stdin=json.dumps(whole).encode())
    assert [item["metadata"]["name"] for item in yaml.safe_load(made)["items"]] == [
        "catalog-dev-cluster-a",
        "ledger-dev-cluster-a",
    ]


def test_what_the_image_says_of_itself(images):
    image = images.inspected(IMAGE)
    assert image["Config"]["User"] == "65534:65534"
    assert image["Config"]["Entrypoint"] == ["/usr/local/bin/kloom"]
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in image["Labels"].items()}
    assert labels["version"] == __version__
    assert {"title", "description", "url", "source", "licenses", "revision", "base.name"} <= labels.keys()


def test_the_image_is_its_base_and_one_program(images):
    base = images.inspected("localhost/kloom-trial-base:1")
    layers = images.inspected(IMAGE)["RootFS"]["Layers"]
    assert layers[: len(base["RootFS"]["Layers"])] == base["RootFS"]["Layers"]
    added = images.inspected(IMAGE)["Size"] - base["Size"]
    assert added < 1.01 * (ROOT / "dist" / "kloom").stat().st_size + 2**16
