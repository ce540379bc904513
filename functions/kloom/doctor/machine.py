"""What is on this machine: the tools with their versions, Python, the plugin home."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

import kloom

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROGRAMS: Mapping[str, Sequence[str]] = {
    "kustomize": ("version",),
    "kubectl": ("version", "--client"),
    "helm": ("version", "--short"),
    "docker": ("version",),
    "podman": ("--version",),
    "kpt": ("version",),
}
"""What each is asked for its version; docker then asks its server, too, without which it is of no use."""
SECONDS = 20
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+[\w.+-]*")
_KUSTOMIZE_INSIDE = re.compile(r"Kustomize Version: v(\S+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A tool: where it is ("" nowhere), which version it says that it is, or what is wrong with it."""

    name: str
    path: str = ""
    version: str = ""
    trouble: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a command came to."""

    status: int
    stdout: str
    stderr: str


def programs() -> dict[str, Program]:
    """Every program of PROGRAMS; they are asked at the same time."""
    with ThreadPoolExecutor(len(PROGRAMS)) as pool:
        return {program.name: program for program in pool.map(_program, PROGRAMS)}


def ask(command: Sequence[str], folder: str = os.curdir, seconds: float = SECONDS) -> Answer:
    """Run a command in a folder; after so many seconds it is ended, with all that it started."""
    with subprocess.Popen(  # noqa: S603  # tools of PATH, our words
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return Answer(status=-1, stdout="", stderr=f"no answer within {seconds:g} s")
    return Answer(status=process.returncode, stdout=stdout, stderr=stderr)


def slow_start() -> list[str]:
    """What makes each call of kloom slower than it need be, and after it what to do."""
    missing = list(_uncompiled())
    if not missing:
        return []
    command = [sys.executable, "-m", "compileall", "-q", os.path.dirname(kloom.__file__)]
    return [f"{len(missing)} of its modules are not compiled", f"-> {shlex.join(command)}"]


def kloom_on_path() -> str:
    """The kloom that an exec function would be; "" for none."""
    return shutil.which("kloom") or ""


def _program(name: str) -> Program:
    path = shutil.which(name)
    if path is None:
        return Program(name=name)
    try:
        answer = ask([path, *PROGRAMS[name]])
    except OSError as error:
        return Program(name=name, path=path, trouble=f"cannot be started: {error.strerror}")
    if answer.status:
        return Program(name=name, path=path, trouble=(answer.stderr.strip() or "tells no version").splitlines()[-1])
    version = _VERSION.search(answer.stdout)
    inside = _KUSTOMIZE_INSIDE.search(answer.stdout)
    told = version[0] if version else answer.stdout.strip()
    return Program(name=name, path=path, version=told + (f" with kustomize {inside[1]} inside" if inside else ""))


def _uncompiled() -> Iterator[Path]:
    """The modules of kloom that Python compiles anew each time it is started."""
    for source in Path(kloom.__file__).parent.rglob("*.py"):
        compiled = Path(cache_from_source(str(source)))
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            yield source
