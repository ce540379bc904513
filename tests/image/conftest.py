"""Both images, built of the executable that `make dist/kloom` made, and a docker that runs them.

pytest                # leaves this folder out
pytest tests/image    # what make e2e does
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kloom import __version__

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXECUTABLE = ROOT / "dist" / "kloom"
FUNCTION_IMAGE = f"ghcr.io/example/kloom:{__version__}"
"""The image that the samples name, so that they run as they stand."""
CMP_IMAGE = "localhost/kloom-cmp:tested"


@dataclass(frozen=True)
class Docker:
    """The command `docker`, in a folder to put first on PATH for kustomize to find it."""

    folder: Path

    @property
    def on_path(self) -> dict[str, str]:
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *words: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [str(self.folder / "docker"), *map(str, words)]
        return subprocess.run(command, input=stdin, capture_output=True, check=False)

    def output(self, *words: object, stdin: bytes = b"") -> bytes:
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def inspected(self, image: str) -> dict[str, Any]:
        (image_as_told,) = json.loads(self.output("image", "inspect", image))
        return image_as_told


@pytest.fixture(scope="session")
def docker() -> Docker:
    """Without one these tests fail, since a skip would prove nothing; the script tells what it tried."""
    found = subprocess.run(
        [sys.executable, ROOT / "hack" / "containers.py"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return Docker(Path(found.stdout.strip()))


@pytest.fixture(scope="session")
def images(docker: Docker, kustomize: str, helm: str, tmp_path_factory: pytest.TempPathFactory) -> Docker:
    """Both are in its store: on nothing but glibc, of ready-made programs, with nothing compiled or downloaded."""
    assert EXECUTABLE.exists(), f"{EXECUTABLE} must exist: run these tests by `make e2e`, or `make executable` first"
    programs = tmp_path_factory.mktemp("programs")
    for name, program in {"kloom": EXECUTABLE, "kustomize": kustomize, "helm": helm}.items():
        shutil.copy(program, programs / name)
    words = [f"--build-context=programs={programs}", "--build-arg=BASE=localhost/kloom-trial-base:1"]
    docker.run("rmi", "--force", CMP_IMAGE, FUNCTION_IMAGE)  # or each run would leave one more without a name
    for target, tag in {"function": FUNCTION_IMAGE, "cmp": CMP_IMAGE}.items():
        version = f"--build-arg=VERSION={__version__}"
        docker.output("build", "--layers=false", *words, version, f"--target={target}", f"--tag={tag}", ROOT)
    return docker


@dataclass(frozen=True)
class Kustomize:
    """`kustomize build`, with docker on PATH and without any kloom."""

    program: str
    docker: Docker

    def build(self, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
        return run([self.program, "build", "--enable-alpha-plugins", *flags, str(folder)], **self.docker.on_path)


def run(command: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def in_containers(kustomize: str, images: Docker) -> Kustomize:
    return Kustomize(kustomize, images)
