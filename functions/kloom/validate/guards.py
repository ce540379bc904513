"""Exec functions that nothing guards: without --enable-exec kustomize skips them, prints nothing and is content."""

from __future__ import annotations

from kloom import sentinel
from kloom.reports.report import RULE_TAG
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import YamlError, YamlReader, kustomize_plain
from kloom.validate import kustomization_rules
from kloom.validate.listings import is_remote
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kloom.validate.kustomizations import Config, Kustomization, Kustomizations
    from kloom.validate.tree import Tree

_PATH = ("metadata", "annotations", sentinel.FUNCTION_ANNOTATION)


def unguarded(tree: Tree, kustomizations: Kustomizations) -> Iterator[tuple[Config, Result]]:
    """The configs that a kustomization builds, by itself or from further up, without a guard that would miss them."""
    for config in kustomizations.configs():
        if not _is_exec(config) or str(config.data.get("kind")).endswith("Validator"):
            continue
        root = next(_unguarded_roots(tree, kustomizations, config), None)
        if root is not None:
            line, column = config.position(tree, _PATH)
            message = (
                f"must have a guard in {tree.shown(root.file)}, as kustomize skips an exec function without a word "
                "where --enable-exec is missing: list the component guard"
            )
            found = Result.error(message, field=_PATH, tags={RULE_TAG: kustomization_rules.UNGUARDED.id})
            yield config, found.at(tree.shown(config.file), line, column)


def holds_guard(tree: Tree, kustomization: Kustomization) -> bool:
    """Whether a kustomization's own replacements ask for the sentinel, be they in files of their own."""
    listed = kustomization.data.get("replacements")
    paths = [entry.get("path") for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    files = [kustomization.file, *(kustomization.path_of(path) for path in paths if isinstance(path, str))]
    return any(sentinel.NAME in _text(tree, file) for file in files)


def _unguarded_roots(tree: Tree, kustomizations: Kustomizations, config: Config) -> Iterator[Kustomization]:
    """The kustomizations that somebody may build, and that miss nothing when the config's function is skipped.

    A guard runs before the transformers of its own kustomization, so it guards them from further up only.
    """
    own = config.kustomization
    above = kustomizations.upwards(own) if own else []
    guarding = [one for one in above if one is not own or config.field != "transformers"]
    guarded = {one.file for one in guarding if _is_guarded(tree, kustomizations, one)}
    for root in above:
        is_built = not root.is_component and not kustomizations.including(root)
        if is_built and guarded.isdisjoint(kustomizations.closure(root.file)):
            yield root


def _is_guarded(tree: Tree, kustomizations: Kustomizations, kustomization: Kustomization) -> bool:
    """Whether it has the guard, or a component that is fetched, which may be the guard."""
    parts = [kustomization, *kustomizations.components(kustomization)]
    is_fetched = any(is_remote(entry) for part in parts for _, _, entry in part.entries("components"))
    return is_fetched or any(holds_guard(tree, part) for part in parts)


def _is_exec(config: Config) -> bool:
    said = config.annotations.get(sentinel.FUNCTION_ANNOTATION)
    if not isinstance(said, str):
        return False
    try:
        runs = YamlReader(kustomize_plain, lenient=True).document(said)
    except YamlError:
        return False
    return isinstance(runs, dict) and "exec" in runs


def _text(tree: Tree, file: str) -> str:
    try:
        return tree.text(file)
    except FileError:
        return ""
