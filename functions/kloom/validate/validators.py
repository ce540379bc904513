"""What the ManifestValidators of a repository let pass: the entries of their `ignore`, which a build heeds too.

An entry holds for the files that the kustomization that lists the config brings together.
"""

from __future__ import annotations

from kloom.manifest_validator import Ignore
from kloom.reports.report import rule_of
from kloom.sdk.field_path import steps_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from kloom.sdk.result import Result
    from kloom.validate.kustomizations import Config, Kustomizations

KIND = "ManifestValidator"


class Validators:
    """The entries of all configs, with the files that each is about."""

    __slots__ = ("_entries",)

    def __init__(self, kustomizations: Kustomizations) -> None:
        self._entries = [
            (frozenset(kustomizations.closure(config.folder)), ignores)
            for config in kustomizations.configs()
            if config.data.get("kind") == KIND and (ignores := list(_ignores(config)))
        ]

    def ignore(self, result: Result, paths: Iterable[str]) -> bool:
        """Whether one of them ignores what a rule found in an object of one of these files."""
        if not self._entries or result.resource is None:
            return False
        files = frozenset(paths)
        named = {"metadata": {"name": result.resource.get("name")}}
        return any(
            ignore.covers(rule_of(result), named, tuple(steps_of(result.field)))
            for closure, ignores in self._entries
            if not files.isdisjoint(closure)
            for ignore in ignores
        )


def _ignores(config: Config) -> Iterator[Ignore]:
    """The entries that can be used; a build tells what is wrong with the others."""
    spec = config.data.get("spec")
    entries: Any = spec.get("ignore") if isinstance(spec, dict) else None
    for at, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and entry.keys() >= {"rule", "reason"} and all(map(_is_text, entry.values())):
            yield Ignore(at, entry)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""
