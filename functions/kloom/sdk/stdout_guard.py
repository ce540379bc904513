"""Keep stdout for the one ResourceList: whatever else prints there prints on stderr.

One stray line on stdout is a YAML error in kustomize, which names no function and hides even the exit status.
Python's print, C libraries and child processes all write to descriptor 1; so that is stderr while a function
runs.
"""

from __future__ import annotations

import atexit
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

STDOUT, STDERR = 1, 2


class StdoutGuard:
    """A context in which descriptor 1 is stderr; `write` reaches the real one. OSError where none is."""

    __slots__ = ("_python_stdout", "_real")

    def __enter__(self) -> Self:
        _flush()
        self._real = os.dup(STDOUT)  # not inherited by child processes
        try:
            os.dup2(STDERR, STDOUT)
        except OSError:  # no stderr either: nowhere to talk to
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, STDOUT)
            os.close(nowhere)
        self._python_stdout = sys.stdout
        sys.stdout = sys.stderr
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout = self._python_stdout
        _flush()  # what was printed through an older reference to sys.stdout
        _flush_libraries()
        os.dup2(self._real, STDOUT)
        os.close(self._real)
        atexit.unregister(_stdout_to_stderr)
        atexit.register(_stdout_to_stderr)

    def write(self, data: bytes) -> None:
        """Write all of it to the real stdout. Raises OSError, as for a closed pipe or a full disk."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._real, rest) :]


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _flush_libraries() -> None:
    """Print now what C libraries hold in a buffer of their own, which Python would print as it exits."""
    if "ctypes" in sys.modules or any(map(_is_foreign_library, list(sys.modules.items()))):
        import ctypes

        ctypes.CDLL(None).fflush(None)


def _is_foreign_library(loaded: tuple[str, object]) -> bool:
    name, module = loaded
    file = getattr(module, "__file__", None) or ""
    return file.endswith(".so") and "lib-dynload" not in file and not name.startswith(("yaml.", "_yaml"))


def _stdout_to_stderr() -> None:
    """What is printed after the list, as the process ends."""
    try:
        _flush()
        os.dup2(STDERR, STDOUT)
    except (OSError, ValueError):
        pass
