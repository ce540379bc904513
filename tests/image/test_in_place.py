"""The image under the tools that write what a function makes into the files of a package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kloom import __version__

ROOT = Path(__file__).resolve().parents[2]
IMAGE = f"ghcr.io/example/kloom:{__version__}"
SHOWN = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", (ROOT / "docs" / "kpt.md").read_text(), re.DOTALL))
"""The package that the documentation shows, by file."""
NOT_TRIED = "kpt is not on PATH: that kloom's image runs under kpt was NOT TRIED (https://kpt.dev/installation)"
KPT = {"KPT_FN_RUNTIME": "podman", "KRM_FN_RUNTIME": "podman"}
"""Which container tool kpt shall run, by its variable's older and newer name."""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The same with the image in place of the command."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name, text in SHOWN.items():
        in_container = text.replace("exec: {path: kloom}", f"container: {{image: {IMAGE}}}")
        (folder / name).write_text(re.sub(r"exec: kloom.*", f"image: {IMAGE}", in_container))
    return folder


@pytest.mark.parametrize(
    "command",
    [
        "kustomize fn run {package}",
        "kpt fn eval {package} --image {image} --fn-config {package}/applications.yaml",
        "kpt fn render {package}",
    ],
)
def test_it_writes_the_application(command, package, images):
    before = files(package)
    words = command.format(package=package, image=IMAGE).split()
    if not shutil.which(words[0]):
        untried = pytest.fail if os.environ.get("CI") else pytest.skip
        untried(NOT_TRIED)
    done = subprocess.run(
        words, env={**os.environ, **images.on_path, **KPT}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = {name: text for name, text in files(package).items() if before.get(name) != text}
    assert list(made) == ["argocd/application_web-in-cluster.yaml"]
    assert "repoURL: https://git.example.com/web.git" in made["argocd/application_web-in-cluster.yaml"]


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.yaml"))}
