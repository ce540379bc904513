"""How Kubernetes and Argo CD spell names, labels, durations, versions and URLs."""

from __future__ import annotations

from posixpath import normpath

from kloom.argo.names import is_dns_subdomain
from kloom.sdk.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

MAX_LABEL = 63
MAX_PREFIX = 253
_WITHIN_NAMES = str.maketrans("", "", "-_.")
_DURATION = pattern(r"[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)")  # Go takes both micro signs
_KUBE_VERSION = pattern(r"\s*v?([0-9]+(?:\.[0-9]+)*).*")


def label_problem(key: str, value: str) -> str | None:
    """Why Kubernetes refuses a label, None where it does not."""
    if (problem := key_problem(key)) is not None:
        return problem
    if value and (len(value) > MAX_LABEL or not _is_name(value)):
        return (
            f'must be at most {MAX_LABEL} letters, digits, "-", "_" and ".", '
            f"and begin and end with a letter or digit, was {value}"
        )
    return None


def key_problem(key: str) -> str | None:
    """Why Kubernetes refuses the key of a label or annotation, None where it does not."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > MAX_PREFIX or not is_dns_subdomain(prefix)):
        return f"the key's prefix must be a DNS name of lower-case letters, was {prefix or 'empty'}"
    if len(name) > MAX_LABEL or not _is_name(name):
        return (
            f'the key must be at most {MAX_LABEL} letters, digits, "-", "_" and ".", '
            f"and begin and end with a letter or digit, was {name or 'empty'}"
        )
    return None


def _is_name(text: str) -> bool:
    """Whether the text is letters and digits, with "-", "_" and "." within."""
    inside = text.translate(_WITHIN_NAMES)
    return inside.isalnum() and text.isascii() and text[0].isalnum() and text[-1].isalnum()


def is_duration(text: str) -> bool:
    """Whether Argo CD reads the text as a duration: whole seconds, or Go's form as 1h30m."""
    return is_integer(text) or _DURATION.fullmatch(text) is not None


def is_integer(text: str) -> bool:
    """Whether Go's strconv.Atoi takes the text."""
    return text.isascii() and (text[1:] if text[:1] in ("+", "-") else text).isdigit()


def is_kube_version(text: str) -> bool:
    """Whether Kubernetes' ParseGeneric takes the text: v1.31, 1.31.2+k3s1; the first number has no leading zero."""
    match = _KUBE_VERSION.fullmatch(text)
    numbers = match[1].split(".") if match else []
    return len(numbers) > 1 and (numbers[0] == "0" or not numbers[0].startswith("0"))


def is_release_name(text: str) -> bool:
    """Whether Helm takes the text as a release's name, its length aside."""
    return is_dns_subdomain(text)


def leaves_root(path: str) -> bool:
    """Whether a path in a repository is absolute, or climbs out of it."""
    depth = 0
    for step in path.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(step, 1)
        if depth < 0:
            return True
    return path.startswith("/")


def is_root(path: str) -> bool:
    """Whether a path is the repository's root, however it is spelt."""
    return normpath(path) in (".", "/", "//")


def sources_of(spec: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """The sources that Argo CD uses, and where in the spec: a hydrator's dry source, else `sources`, else `source`."""
    if hydrator := spec.get("sourceHydrator"):
        yield ("sourceHydrator", "drySource"), hydrator.get("drySource") or {}
    elif sources := spec.get("sources"):
        for at, source in enumerate(sources):
            yield ("sources", at), source
    elif source := spec.get("source"):
        yield ("source",), source
