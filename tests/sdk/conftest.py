"""The real kustomize, and functions as their authors write them: one executable file."""

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FUNCTIONS = REPOSITORY / "functions"

Kustomize = Callable[..., subprocess.CompletedProcess[str]]
Author = Callable[..., Path]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    path = f"{REPOSITORY / '.tools' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**kept, "PATH": path, "PYTHONPATH": str(FUNCTIONS)}


@pytest.fixture(scope="session")
def kustomize(environment: dict[str, str]) -> Kustomize:
    """Runs kustomize; a machine without it fails these tests, since what they claim was not tried."""
    program = shutil.which("kustomize", path=environment["PATH"])
    if program is None:
        pytest.fail("kustomize is neither on PATH nor in .tools/bin")

    def run(*arguments: object, **extra: str) -> subprocess.CompletedProcess[str]:
        command = [program, *map(str, arguments)]
        env = {**environment, **extra}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=600)

    return run


@pytest.fixture
def author(tmp_path: Path) -> Author:
    """Writes a function's file around the body of `def function(resources)`; it can call `config_map`."""

    def write(body: str, name: str = "function.py") -> Path:
        path = tmp_path / name
        lines = [
            f"#!{sys.executable}",
            "import sys",
            "from kloom.sdk import FunctionConfigError, ResourceList, Result, run",
            "def config_map(name, data):",
            "    return {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': name}, 'data': data}",
            "def function(resources):",
            textwrap.indent(textwrap.dedent(body).strip("\n"), "    "),
            "raise SystemExit(run(function))",
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write
