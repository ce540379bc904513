"""What a function says to the person who starts it by hand."""

from __future__ import annotations

import inspect
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_WAYS = """\
A KRM function: kustomize or kpt run it, with a ResourceList on stdin.

  kustomize   list its config under generators: or transformers:, with the annotation
                config.kubernetes.io/function: "exec: {{path: ./{program}}}"
              and build with --enable-alpha-plugins --enable-exec
  kpt         kpt fn eval DIR --exec ./{program} --fn-config config.yaml
  by hand     {program} config.yaml < resources.yaml
"""


def help_text(function: Callable[..., object]) -> str:
    """The function's docstring, or its module's, and the ways to run it."""
    module = sys.modules.get(getattr(function, "__module__", ""))
    about = inspect.getdoc(function) or (module and inspect.getdoc(module)) or ""
    program = sys.argv[0].rsplit("/", 1)[-1] or "function"
    return "\n\n".join(part.strip("\n") for part in (about, _WAYS.format(program=program)) if part) + "\n"
