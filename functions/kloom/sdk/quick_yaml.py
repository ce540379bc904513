"""Import PyYAML in two thirds of its time.

A third of it goes into patterns of its reader and resolver in Python, which the C parser does not use. While PyYAML is
imported here, patterns are made such that they compile when first used; whoever uses them later sees no difference.
"""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _LazyPattern:
    """A pattern that compiles when its first attribute is asked for."""

    __slots__ = ("_arguments", "_pattern")

    def __init__(self, *arguments: Any) -> None:
        self._arguments = arguments
        self._pattern: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._pattern is None:
            self._pattern = re.compile(*self._arguments)
        return getattr(self._pattern, name)


def import_yaml() -> None:
    """Import PyYAML, if nobody has; afterwards `import yaml` finds it."""
    if "yaml" in sys.modules:
        return
    compile_pattern = re.compile
    re.compile = _LazyPattern  # type: ignore[assignment]  # for the time of one import
    try:
        import yaml  # noqa: F401  # what it leaves in sys.modules is what counts
    finally:
        re.compile = compile_pattern


import_yaml()
