"""A small kustomization to spoil, and kloom as a process that is watched: what it prints, and what it takes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import fuzz as script

SECONDS = 30.0  # of the processor: far beyond what anything takes, so that only what hangs is found
MEGABYTES = 1000
PATIENCE = 120.0  # of the clock


@pytest.fixture(scope="session")
def fuzz() -> ModuleType:
    return script


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A process that has ended."""

    status: int
    stdout: bytes
    stderr: str
    seconds: float

    def has_refused(self, *told: str) -> bool:
        """Whether it refused with sentences, and was modest: the property that every hostile input has."""
        lines = self.stderr.splitlines()
        assert (self.status, lines != []) == (1, True), (self.status, self.seconds, self.stderr[-2000:])
        assert all(line and line.isprintable() for line in lines), lines
        assert "Traceback" not in self.stderr
        assert all(text in self.stderr for text in told), (told, self.stderr[:2000])
        assert self.stdout == b"" or json.loads(self.stdout)["kind"] == "ResourceList"
        assert self.seconds < SECONDS, (self.seconds, self.stderr[:2000])
        return True


@dataclass(frozen=True)
class Kustomization:
    """A folder to spoil, and every way in which kloom reads it."""

    folder: Path
    kloom: str
    plugin_home: Path
    config: dict[str, Any]

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def configure(self, **spec: Any) -> None:
        self.write("config.yaml", json.dumps(self.config | {"spec": {**self.config["spec"], **spec}}))

    def render(self, folder: str = ".") -> Ended:
        return self._run([self.kloom, "render", folder])

    def stdin(self, *items: dict[str, Any]) -> bytes:
        """What `kustomize build` sends, with the config.yaml as functionConfig and, without other items, as the item."""
        config = json.loads((self.folder / "config.yaml").read_text())
        metadata = config.get("metadata")
        annotations = {"config.kubernetes.io/local-config": "true"}
        local = {**metadata, "annotations": annotations} if isinstance(metadata, dict) else metadata
        whole = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": config}
        return json.dumps(whole | {"items": list(items) or [config | {"metadata": local}]}).encode()

    def function(self, stdin: bytes | Path | None = None) -> Ended:
        """As `kustomize build` runs it."""
        return self._run([self.kloom], self.stdin() if stdin is None else stdin)

    def plugin(self, stdin: bytes | Path = b"", config: str = "config.yaml") -> Ended:
        """As kustomize runs the plugin of its plugin home."""
        (program,) = self.plugin_home.rglob("ApplicationGenerator")
        return self._run([str(program), config], stdin)

    def _run(self, command: Sequence[str], stdin: bytes | Path = b"") -> Ended:
        given = stdin if isinstance(stdin, Path) else self.folder.parent / "stdin"
        if isinstance(stdin, bytes):
            given.write_bytes(stdin)
        out, err = self.folder.parent / "stdout", self.folder.parent / "stderr"
        with given.open("rb") as read, out.open("wb") as written, err.open("wb") as told:
            process = subprocess.Popen(
                command, cwd=self.folder, stdin=read, stdout=written, stderr=told, preexec_fn=_limit_memory
            )
            killer = threading.Timer(PATIENCE, process.kill)
            killer.start()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            killer.cancel()
            killer.join()  # Python warns of a fork beside another thread
        return Ended(
            status=process.returncode,
            stdout=out.read_bytes(),
            stderr=err.read_text(),
            seconds=usage.ru_utime + usage.ru_stime,
        )


def _limit_memory() -> None:
    """More ends in a MemoryError, status 3: no more than this is needed for anything that is refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 2**20, MEGABYTES * 2**20))


@pytest.fixture
def kustomization(tmp_path: Path, kloom: str, plugin_home: Path, fuzz: ModuleType) -> Kustomization:
    """A repository with one kustomization, which builds."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / ".git").mkdir()
    made = Kustomization(folder, kloom, plugin_home, fuzz.CONFIG)
    for name, text in fuzz.FOLDER.items():
        made.write(name, text)
    return made
