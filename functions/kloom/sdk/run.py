"""Run a function as this process's work: stdin in, exactly one ResourceList out, sentences on stderr, an exit
status.

    def my_function(resources: ResourceList) -> None: ...

    if __name__ == "__main__":
        raise SystemExit(run(my_function))

What came of it without a process, for tests: `execute`.
"""

from __future__ import annotations

import gc
import os
import sys

from .execute import DONE, MAX_STDIN, REFUSED, Outcome, execute
from .stdout_guard import StdoutGuard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .execute import Function

__all__ = ["Outcome", "execute", "run"]

_SET_FOR_PLUGINS = "KUSTOMIZE_PLUGIN_CONFIG_ROOT"
"""What kustomize sets for a plugin of its plugin home, and for no other function."""


def run(function: Function, argv: Sequence[str] | None = None) -> int:
    """Run the function; the exit status: 0 done, 1 a mistake in what was given or an error result, 3 a bug.

    argv is without the program's name, sys.argv's by default. A person who gives --help, or starts it at a
    terminal with nothing, is told what it is.
    """
    argv = sys.argv[1:] if argv is None else argv
    if _wants_help(argv):
        from .help import help_text

        sys.stdout.write(help_text(function))
        return DONE
    collecting = gc.isenabled()
    gc.disable()  # what is read stays until the end
    try:
        with StdoutGuard() as stdout:
            return _delivered(execute(function, _stdin(argv), argv), stdout)
    except OSError as error:
        _say(f"stdin cannot be read or stdout not be written: {error.strerror}\n")
        return REFUSED
    finally:
        if collecting:
            gc.enable()


def _wants_help(argv: Sequence[str]) -> bool:
    if argv:
        return argv[0] in ("--help", "-h")
    return sys.stdin is not None and sys.stdin.isatty()


def _stdin(argv: Sequence[str]) -> bytes:
    """All of stdin, or one byte more than is allowed; nothing where a person gave the config file and no resources."""
    if sys.stdin is None or (argv and sys.stdin.isatty()):
        return b""
    return sys.stdin.buffer.read(MAX_STDIN + 1)


def _delivered(outcome: Outcome, stdout: StdoutGuard) -> int:
    """Write both streams; the exit status, which is never 0 unless all of stdout was written."""
    if outcome.status and _SET_FOR_PLUGINS in os.environ:
        _say("\n")  # kustomize puts "Error: " before a plugin's words, and the first finding begins a line, too
    _say(outcome.stderr)
    try:
        stdout.write(outcome.stdout)
    except OSError as error:
        _say(f"stdout cannot be written: {error.strerror}\n")
        return outcome.status or REFUSED
    return outcome.status


def _say(text: str) -> None:
    if text and sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()
