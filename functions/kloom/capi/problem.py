"""One thing that is wrong with a cluster: where in its files, and what must hold there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kloom.sdk.result import Severity
    from kloom.values.layers import Path


class Problem:
    """A path into the values of a cluster, and a message about what is there or is missing there."""

    __slots__ = ("is_key", "message", "path", "severity")

    def __init__(self, path: Path, message: str, severity: Severity = "error", *, is_key: bool = False) -> None:
        self.path = path
        self.message = message
        self.severity = severity
        self.is_key = is_key
        """Whether it is the key at the end of the path that is wrong."""
