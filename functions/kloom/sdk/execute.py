"""Call a function from bytes to bytes: what kustomize or kpt sends in, what they get, what people read.

Two protocols, told apart by the first argument: without one, a ResourceList comes on stdin (exec and
container functions, kpt, `kustomize fn`); with one, it names the file that holds the config, and stdin holds
bare documents or nothing (kustomize's plugin home).
"""

from __future__ import annotations

from .resource_list import ResourceList, is_config_copy
from .result import FunctionConfigError, Refusal, ResourceListError, in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from .result import Result

    Function = Callable[[ResourceList], object]
    Hidden = list[tuple[int, dict[str, Any]]]

DONE, REFUSED, BUG = 0, 1, 3
MAX_STDIN = 64 * 2**20
"""How many bytes may come on stdin."""
_PATH_MARK = b"config.kubernetes.io/path"


class Outcome:
    """What a call came to: the bytes for stdout (empty: nothing), the text for stderr, the exit status.

    The status is 0 when it is done, 1 after a mistake in what was given or an error result, 3 after a bug.
    """

    __slots__ = ("status", "stderr", "stdout")

    def __init__(self, status: int, stdout: bytes = b"", stderr: str = "") -> None:
        self.status = status
        self.stdout = stdout
        self.stderr = stderr


def execute(function: Function, stdin: bytes, argv: Sequence[str] = ()) -> Outcome:
    """Call the function; argv is without the program's name, and the config file that it names is read."""
    try:
        resources = _decoded(stdin, argv)
    except Refusal as refusal:
        return Outcome(REFUSED, stderr=_lines(refusal.results))
    call = _PluginCall() if argv else _call_from(resources, stdin)
    hidden = _hide_config(resources)
    try:
        function(resources)
        results = resources.results = in_order(resources.results)
        if not any(result.severity == "error" for result in results):
            return Outcome(DONE, call.encoded(resources, hidden), _lines(results))
    except Refusal as refusal:
        results = in_order([*resources.results, *_about_config(refusal, resources)])
    except (Exception, SystemExit):  # noqa: BLE001  # whatever a function does must not look like success
        return Outcome(BUG, stderr=_bug_report(function))
    return Outcome(REFUSED, call.unchanged(results), _lines(results))


class _PluginCall:
    """The plugin home: whatever is on stdout is a resource, so after an error nothing is."""

    def encoded(self, resources: ResourceList, _hidden: Hidden) -> bytes:
        return resources.encode()

    def unchanged(self, _results: Sequence[Result]) -> bytes:
        return b""


class _BuildCall:
    """`kustomize build`: JSON. The config that it hands in for want of resources need not come back."""

    def __init__(self, stdin: bytes) -> None:
        self.stdin = stdin

    def encoded(self, resources: ResourceList, _hidden: Hidden) -> bytes:
        return resources.encode()

    def unchanged(self, results: Sequence[Result]) -> bytes:
        """The list as it came, with the results."""
        resources = ResourceList.decode(self.stdin)
        resources.results = list(results)
        return resources.encode_unchecked()


class _InPlaceCall:
    """kpt and `kustomize fn` write files, so YAML; the config is one, and is deleted unless it comes back."""

    def __init__(self, stdin: bytes) -> None:
        self.stdin = stdin

    def encoded(self, resources: ResourceList, hidden: Hidden) -> bytes:
        from .in_place import encode_in_place

        for at, item in hidden:
            resources.items.insert(at, item)
        return encode_in_place(resources, self.stdin.decode())

    def unchanged(self, results: Sequence[Result]) -> bytes:
        """The list as it came, with the results, which kpt shows; nothing where it cannot be written again."""
        resources = ResourceList.decode(self.stdin)
        resources.results = list(results)
        try:
            return self.encoded(resources, [])
        except ResourceListError:
            return b""


def _decoded(stdin: bytes, argv: Sequence[str]) -> ResourceList:
    if len(stdin) > MAX_STDIN:
        raise ResourceListError(f"stdin: must be at most {MAX_STDIN // 2**20} MiB")
    if not argv:
        return ResourceList.decode(stdin)
    try:
        with open(argv[0], "rb") as file:
            config = file.read(MAX_STDIN)
    except OSError as error:
        raise ResourceListError(f"{argv[0]}: the config cannot be read: {error.strerror}") from None
    return ResourceList.decode_plugin(config, stdin, argv[0])


def _call_from(resources: ResourceList, stdin: bytes) -> _InPlaceCall | _BuildCall:
    """Which call it is: kpt and `kustomize fn` note the file of each resource.

    From an empty folder they send no items at all, whereas `kustomize build` always sends one: the config,
    for want of others.
    """
    in_place = not resources.items or _PATH_MARK in stdin
    return _InPlaceCall(stdin) if in_place else _BuildCall(stdin)


def _hide_config(resources: ResourceList) -> Hidden:
    """Take the function's own config out of the items; what was taken, with its position."""
    config = resources.function_config
    hidden = [(at, item) for at, item in enumerate(resources.items) if is_config_copy(item, config)]
    for at, _ in reversed(hidden):
        del resources.items[at]
    return hidden


def _about_config(refusal: Refusal, resources: ResourceList) -> Iterator[Result]:
    """A config error that names no place is one of the config itself."""
    for result in refusal.results:
        unplaced = isinstance(refusal, FunctionConfigError) and not result.file and not result.resource
        yield result.about(resources.function_config) if unplaced and resources.function_config else result


def _lines(results: Iterable[Result]) -> str:
    """What people see of the results: kustomize shows none itself (kustomize#4399)."""
    return "".join(f"{result}\n" for result in in_order(results))


def _bug_report(function: Function) -> str:
    import traceback

    name = getattr(function, "__name__", repr(function))
    return f"{traceback.format_exc()}This is a bug in {name}, not in your files: please report it.\n"
