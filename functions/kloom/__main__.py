"""Find out how kloom was started, and be that.

Run under a kind's name (kustomize's plugin home) it is that plugin; run without arguments and with something on stdin
it is a KRM function and asks functionConfig for the kind; else it is the command line.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """The exit status: 0 done, 1 a mistake in what was given, 2 wrong usage, 3 a bug."""
    from kloom.catalog import FUNCTIONS

    is_plugin = os.path.basename(sys.argv[0]) in FUNCTIONS
    if is_plugin or (len(sys.argv) == 1 and not (sys.stdin and sys.stdin.isatty())):
        from kloom.catalog import dispatch
        from kloom.sdk.run import run

        return run(dispatch)
    from kloom.cli import main as command_line

    return command_line()


def console() -> None:
    """The installed command: `main`, and then leave at once.

    kustomize waits for the process to end; tearing down the interpreter would cost a tenth of a small build. Nor is
    there garbage worth looking for in what reads, writes and ends.
    """
    gc.disable()
    status = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            status = status or 1
    os._exit(status)


if __name__ == "__main__":
    raise SystemExit(main())
