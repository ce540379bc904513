"""A layer: one values file, ConfigMap entry or inline map, and where each of its values stands."""

from __future__ import annotations

from kloom.sdk.yaml_reader import plain_text_at, position_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from kloom.sdk.result import Result, Severity
    from kloom.sdk.yaml_reader import YamlError

    Path = Sequence[str | int]


FROM = "from"
"""What an inventory's entry says in the place of a server: the file that tells the cluster's endpoint."""
SERVER = ("destination", "server")


class Layer:
    """The values of one file: `source` is its name for messages, `text` what stands in it.

    A map inside of a function's config has neither; `config_path` is its place there. `taken` tells of the servers that
    the data has from other files, by the cluster: file, line and column, where the text says `from`.
    """

    __slots__ = ("config_path", "data", "source", "taken", "text")

    def __init__(self, source: str, text: str | None, data: Mapping[str, Any], config_path: Path = ()) -> None:
        self.source = source
        self.text = text
        self.data = data
        self.config_path = config_path
        self.taken: Mapping[str, Callable[[], tuple[str, int, int]]] = {}

    def written(self, path: Path) -> Path:
        """Where the text says what the data has at the path."""
        is_taken = path[1:3] == SERVER and path[0] in self.taken
        return (path[0], FROM) if is_taken else path

    def has(self, path: Path) -> bool:
        """Whether the layer says anything, be it null, at the path."""
        value: Any = self.data
        for step in path:
            inside = step in value if isinstance(value, dict) else isinstance(value, list) and step in range(len(value))
            if not inside:
                return False
            value = value[step]
        return True

    def plain_text(self, path: Path) -> str | None:
        """What is written at the path, where a plain scalar is: `1.10` for the number 1.1."""
        return None if self.text is None else plain_text_at(self.text, path)

    def finding(self, path: Path, message: str, *, key: bool = False, severity: Severity = "error") -> Result:
        """A finding about the value (or key) at the path of this layer, or about its nearest parent that is there."""
        from kloom.sdk.result import Result

        path = self.written(path)
        if self.text is None:
            return Result(message, severity=severity, field=(*self.config_path, *path))
        line, column = position_of(self.text, path, key=key)
        return Result(message, severity=severity, file=self.source, line=line, column=column, field=path)


def origin(layers: Sequence[Layer], path: Path) -> Layer:
    """The layer that said last what the merged values hold at the path; the last layer where none says it."""
    return next((layer for layer in reversed(layers) if layer.has(path)), layers[-1])


def syntax_finding(source: str, error: YamlError) -> Result:
    """A finding for a file that cannot be read as YAML."""
    from kloom.sdk.result import Result

    return Result.error(error.message, file=source, line=error.line, column=error.column)
