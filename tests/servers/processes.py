"""Servers as processes of their own: started, waited for, and stopped whatever happens; their output is in a file."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from http import HTTPStatus
from http.client import HTTPException
from itertools import islice
from pathlib import Path
from ssl import SSLContext
from typing import Self
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

LOG_TAIL = 4000
"""How many characters of a log a failure shows."""
PATIENCE = 300.0
"""How many seconds something may take on a machine that is busy otherwise; what is waited for comes far sooner."""
EPHEMERAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Server:
    """A program that runs from here to the end of the `with` block."""

    def __init__(
        self, name: str, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.log = name, log
        self._command, self._environment = list(map(str, command)), {**os.environ, **(environment or {})}

    def __enter__(self) -> Self:
        with self.log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                preexec_fn=_end_with_the_parent,  # noqa: PLW1509  # the tests start no threads
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until(self, ready: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Return once it is ready; one that has ended, or is not ready in time, fails with the end of its log."""
        wait_until(lambda: self._process.poll() is not None or ready(), f"{self.name} is not ready", seconds, self.tail)
        assert self._process.poll() is None, f"{self.name} has ended:\n{self.tail()}"

    def tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]


def wait_until(
    holds: Callable[[], bool], otherwise: str, seconds: float = PATIENCE, details: Callable[[], str] = str
) -> None:
    """Ask ten times a second until it holds; once the time is over, fail with what is otherwise the case."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{otherwise}, after {seconds:g} s\n{details()}"
        time.sleep(0.1)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on, all different, and none of them given before.

    A server binds its port a while after it is given, when a port that the system had chosen may be that of somebody's
    connection. Linux takes those from a range; these are below it, and reserved against other tests that run.
    """
    if not EPHEMERAL_PORTS.exists():
        return _ports_of_the_system(count)
    first = int(EPHEMERAL_PORTS.read_text(encoding="ascii").split()[0])
    candidates = [*range(max(1024, first - 16384), first)]
    random.SystemRandom().shuffle(candidates)
    found = list(islice(filter(_is_reserved, candidates), count))
    return found if len(found) == count else _ports_of_the_system(count)


def _ports_of_the_system(count: int) -> list[int]:
    with ExitStack() as listeners:
        sockets = [listeners.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]


_reservations: list[socket.socket] = []
"""Kept until the tests end."""


def _is_reserved(port: int) -> bool:
    """Whether a port is free, and from now on reserved for these tests, by a name that only one socket can have."""
    reservation = socket.socket(socket.AF_UNIX)
    try:
        reservation.bind(f"\0port {port} of tests")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
    except OSError:
        reservation.close()
        return False
    _reservations.append(reservation)
    return True


def answers(port: int) -> bool:
    """Whether somebody listens on a port of 127.0.0.1."""
    with socket.socket() as client:
        client.settimeout(10)
        return client.connect_ex(("127.0.0.1", port)) == 0


def is_well(url: str, trust: SSLContext | None = None) -> bool:
    """Whether a server says of itself that it is well."""
    directly = build_opener(ProxyHandler({}), HTTPSHandler(context=trust))
    try:
        with directly.open(url, timeout=10) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


def needed(name: str) -> str:
    """The path of a program that tests need; without it they fail, since a skip would prove nothing."""
    path = shutil.which(name)
    assert path, f"{name} must be on PATH: run these tests by `make e2e`, which builds it"
    return path


def _end_with_the_parent() -> None:
    """Have Linux end this process with the tests, should they be killed."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
