"""What a function has to say: findings about resources, and refusals of what cannot be used.

    Result.warning("is deprecated").about(application, "spec.source.ksonnet")
    Result.error("unknown key").at("services/svc-a.yaml", 7, 3)
    raise FunctionConfigError("must match a file", field="spec.services")

Who reports appends Results to the list that the function was given; who cannot go on raises.
"""

from __future__ import annotations

from .field_path import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Literal, NoReturn, Self

    Severity = Literal["error", "warning", "info"]

_ABSENT: Any = object()
_PATH_ANNOTATIONS = ("internal.config.kubernetes.io/path", "config.kubernetes.io/path")


class Result:
    """One finding, on one printable line. Frozen: `about` and `at` return a new one.

    resource is {apiVersion, kind, name[, namespace]}; file is a path with slashes, relative to where the
    function runs; line and column count from 1, 0 where unknown; current and proposed are values of the
    field.
    """

    __slots__ = (
        "column",
        "current",
        "field",
        "file",
        "file_index",
        "line",
        "message",
        "proposed",
        "resource",
        "severity",
        "tags",
    )

    message: str
    severity: Severity
    resource: Mapping[str, str] | None
    field: str
    current: Any
    proposed: Any
    file: str
    file_index: int
    line: int
    column: int
    tags: Mapping[str, str]

    def __init__(  # noqa: PLR0913  # the fields of the functions spec, all by name
        self,
        message: str,
        *,
        severity: Severity = "error",
        resource: Mapping[str, str] | None = None,
        field: str | Sequence[str | int] = "",
        current: Any = _ABSENT,
        proposed: Any = _ABSENT,
        file: str = "",
        file_index: int = 0,
        line: int = 0,
        column: int = 0,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        fields: dict[str, Any] = {
            "message": printable(message),
            "severity": severity,
            "resource": resource,
            "field": printable(text_of(field)),
            "current": current,
            "proposed": proposed,
            "file": printable(file),
            "file_index": file_index,
            "line": line,
            "column": column,
            "tags": tags or {},
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @classmethod
    def error(cls, message: str, **fields: Any) -> Self:
        """A finding that fails the build."""
        return cls(message, severity="error", **fields)

    @classmethod
    def warning(cls, message: str, **fields: Any) -> Self:
        """A finding that does not fail the build."""
        return cls(message, severity="warning", **fields)

    @classmethod
    def info(cls, message: str, **fields: Any) -> Self:
        """A remark."""
        return cls(message, severity="info", **fields)

    def about(self, obj: Mapping[str, Any], field: str | Sequence[str | int] | None = None) -> Self:
        """The same finding about a field of the object, and its file where kpt or `kustomize fn` told it."""
        changes: dict[str, Any] = {"resource": resource_of(obj)}
        if field is not None:
            changes["field"] = field
        path = _path_annotation(obj)
        if path and not self.file:
            changes["file"] = path
        return self.but(**changes)

    def at(self, file: str, line: int = 0, column: int = 0) -> Self:
        """The same finding at a place in a file."""
        return self.but(file=file, line=line, column=column)

    def but(self, **changes: Any) -> Self:
        """The same finding with other values for the fields named."""
        return type(self)(**{name: getattr(self, name) for name in self.__slots__} | changes)

    def as_severe_as(self, fail_on: str) -> Self:
        """What a build makes of the finding whose config says `failOn`: a warning is an error where that says so."""
        return self.but(severity="error") if fail_on == self.severity == "warning" else self

    @property
    def sort_key(self) -> tuple[str, int, int, tuple[str, ...], str, str]:
        """By place, then by resource, then by field and message."""
        return (self.file, self.line, self.column, _reference(self.resource), self.field, self.message)

    def __str__(self) -> str:
        """The line for people: `file:line:column: field: message` or `Kind/name field: message`."""
        named = (self.resource or {}).get
        kind_name = "/".join(str(part) for part in (named("kind"), named("name")) if part)
        place = self.file + (f":{self.line}" if self.line else "") + (f":{self.column}" if self.column else "")
        what = self.field if self.file and self.line else f"{kind_name} {self.field}".strip()
        prefix = "" if self.severity == "error" else f"{self.severity}: "
        return ": ".join([part for part in (place, printable(what)) if part] + [prefix + self.message])

    def to_dict(self) -> dict[str, Any]:
        """The finding as the functions spec writes it, which knows no line and column: they become tags."""
        entry: dict[str, Any] = {"message": self.message, "severity": self.severity}
        if self.resource:
            entry["resourceRef"] = {key: printable(value) for key, value in self.resource.items()}
        if self.field:
            entry["field"] = {"path": self.field, **self._values()}
        if self.file:
            entry["file"] = {"path": self.file} | ({"index": self.file_index} if self.file_index else {})
        tags = {printable(key): printable(value) for key, value in self.tags.items()}
        places = (("line", self.line), ("column", self.column))
        tags |= {name: str(number) for name, number in places if number}
        return entry | ({"tags": tags} if tags else {})

    def _values(self) -> dict[str, str]:
        """kpt reads both values as strings, so everything else is written as JSON."""
        named = (("currentValue", self.current), ("proposedValue", self.proposed))
        return {name: printable(_text_of(value)) for name, value in named if value is not _ABSENT}

    def _comparable(self) -> str:
        return _json_of(self.to_dict(), sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self._comparable() == other._comparable()

    def __hash__(self) -> int:
        return hash(self._comparable())

    def __repr__(self) -> str:
        return f"Result({self.severity}: {str(self)!r})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Result does not change; {name} can be given to `but`")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Result does not change, so {name} stays")


class Refusal(Exception):  # noqa: N818  # the word for what it is
    """What a person wrote cannot be used: one or several Results, printed as sentences, exit status 1.

    Given a text, and perhaps a field, it is the one error Result of them.
    """

    def __init__(self, results: str | Result | Iterable[Result], *, field: str | Sequence[str | int] = "") -> None:
        if isinstance(results, str):
            results = Result.error(results, field=field)
        self.results: tuple[Result, ...] = (results,) if isinstance(results, Result) else tuple(results)
        super().__init__("\n".join(map(str, self.results)))


class FunctionConfigError(Refusal):
    """The config of the function cannot be used."""


class ResourceListError(Refusal):
    """What came in cannot be given to a function, or what it made cannot be written."""


def resource_of(obj: Mapping[str, Any]) -> dict[str, str]:
    """The reference to an object: {apiVersion, kind, name}, and namespace where it has one."""
    metadata = obj.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    reference = {
        "apiVersion": str(obj.get("apiVersion") or ""),
        "kind": str(obj.get("kind") or ""),
        "name": str(metadata.get("name") or ""),
    }
    namespace = metadata.get("namespace")
    return reference | {"namespace": str(namespace)} if namespace else reference


def in_order(results: Iterable[Result]) -> list[Result]:
    """Each result once, sorted: the same findings print the same lines, in whatever order they were found."""
    return sorted(dict.fromkeys(results), key=lambda result: (*result.sort_key, result.severity))


def printable(text: str) -> str:
    """The text on one line, what a terminal or kustomize could stumble over written as an escape."""
    text = text.replace("\r\n", "\n").strip("\n").replace("\n", " ")
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(ord(c)) for c in text)


def _escape(character: int) -> str:
    return f"\\u{character:04x}" if character <= 0xFFFF else f"\\U{character:08x}"  # noqa: PLR2004


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else _json_of(value, ensure_ascii=False, default=str)


def _json_of(value: object, **options: Any) -> str:
    import json

    return json.dumps(value, **options)


def _path_annotation(obj: Mapping[str, Any]) -> str:
    metadata = obj.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(annotations, dict):
        return ""
    return next((str(annotations[name]) for name in _PATH_ANNOTATIONS if annotations.get(name)), "")


def _reference(resource: Mapping[str, str] | None) -> tuple[str, ...]:
    return tuple((resource or {}).get(key, "") for key in ("apiVersion", "kind", "namespace", "name"))
