"""The results of a check, and which of them are told: neither comments nor settings keep them back."""

from __future__ import annotations

import os

from kloom.reports.report import rule_of
from kloom.validate import rulebook
from kloom.values.files import FileError
from kloom.values.ignores import Ignores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from kloom.sdk.result import Result
    from kloom.validate.settings import Settings
    from kloom.validate.tree import Tree
    from kloom.validate.validators import Validators


class Findings:
    """Results as they come, each with the config or manifest that it comes from, and the comments of files read."""

    __slots__ = ("_found", "_ignores", "_of_builds", "_settings", "_tree", "_unproved", "_validators")

    def __init__(self, tree: Tree, settings: Settings, validators: Validators) -> None:
        self._tree = tree
        self._settings = settings
        self._validators = validators
        self._found: list[tuple[Result, str]] = []
        self._of_builds: list[tuple[Result, str]] = []
        self._ignores = Ignores(rulebook.IGNORABLE)
        self._unproved: set[str] = set()

    def add(self, results: Iterable[Result], maker: str = "") -> None:
        """Results, and the config or manifest that they come from."""
        self._found += [(result, maker) for result in results]

    def add_of_build(self, results: Iterable[Result], maker: str) -> None:
        """Results of a function that sees objects only: its errors fail a build, whatever comments say."""
        for result in results:
            (self._of_builds if result.severity == "error" else self._found).append((result, maker))

    def read_comments(self, path: str) -> None:
        """Heed the comments of a file."""
        try:
            self._ignores.read(self._tree.shown(path), self._tree.text(path))
        except FileError:  # told by whoever reads it for what it says
            return

    def leave_unused(self, paths: Collection[str]) -> None:
        """Unused comments in these files prove nothing: not all that reads them was checked, or it failed."""
        self._unproved.update(map(self._tree.shown, paths))

    @property
    def keep_rules_away(self) -> bool:
        """Whether something that was found kept rules from looking."""
        return any(keeps_rules_away(result) for result, _ in self._found)

    def told(self, *, whole: bool) -> Iterator[Result]:
        """What is told, and what is wrong with comments; where the whole repository was checked, with settings too.

        What is a warning by itself and an error for some config is told as an error, once.
        """
        results = [*self._ignores.kept(self._not_excluded(self._found)), *self._not_excluded(self._of_builds)]
        errors = {_without_severity(result) for result in results if result.severity == "error"}
        yield from (one for one in results if one.severity == "error" or _without_severity(one) not in errors)
        yield from self._ignores.mistakes()
        yield from (unused for unused in self._ignores.unused() if unused.file not in self._unproved)
        if whole:
            yield from self._settings.unused()

    def _not_excluded(self, found: Iterable[tuple[Result, str]]) -> list[Result]:
        kept = []
        for result, maker in found:
            file = os.path.join(os.path.realpath(os.curdir), result.file)
            paths = [os.path.normpath(file), *([maker] if maker else [])]
            if any(map(self._settings.excludes, paths)) or self._settings.ignores(rule_of(result), *paths):
                continue
            if not self._validators.ignore(result, paths):
                kept.append(result)
        return kept


def keeps_rules_away(result: Result) -> bool:
    """Whether something is so wrong that no rule could look at what it spoils."""
    return result.severity == "error" and rule_of(result) in rulebook.FORM


def _without_severity(result: Result) -> tuple[object, ...]:
    return result.file, result.line, result.column, result.field, result.message, rule_of(result)
