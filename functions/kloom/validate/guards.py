"""Exec functions that nothing guards: without --enable-exec kustomize skips them, prints nothing and is content."""

from __future__ import annotations

from kloom import sentinel
from kloom.reports.report import RULE_TAG
from kloom.sdk.kube_object import KubeObject
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import YamlError
from kloom.validate import kustomization_rules
from kloom.values.files import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kloom.validate.kustomizations import Config, Kustomization, Kustomizations
    from kloom.validate.tree import Tree

_PATH = ("metadata", "annotations", sentinel.FUNCTION_ANNOTATION)


def unguarded(tree: Tree, kustomizations: Kustomizations) -> Iterator[tuple[Config, Result]]:
    """The configs that a kustomization builds, by itself or from further up, without a guard that would miss them."""
    for config in kustomizations.configs():
        if not _is_exec(tree, config) or str(config.data.get("kind")).endswith("Validator"):
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


def is_guard(replacement: Any) -> bool:
    """Whether a replacement is the guard: it asks for the sentinel, and changes nothing."""
    source = replacement.get("source") if isinstance(replacement, dict) else None
    return isinstance(source, dict) and source.get("name") == sentinel.NAME


def replacements(tree: Tree, kustomization: Kustomization) -> Iterator[Any]:
    """A kustomization's own replacements, be they in files of their own; None for one that cannot be read."""
    listed = kustomization.data.get("replacements")
    for entry in listed if isinstance(listed, list) else ():
        path = entry.get("path") if isinstance(entry, dict) else None
        yield from _in_file(tree, kustomization.path_of(path)) if isinstance(path, str) else [entry]


def _unguarded_roots(tree: Tree, kustomizations: Kustomizations, config: Config) -> Iterator[Kustomization]:
    """The kustomizations that somebody may build, and that miss nothing when the config's function is skipped."""
    for root, between in kustomizations.builds(config.kustomization):
        if not any(_is_guarded(tree, kustomizations, one) for one in between):
            yield root


def _is_guarded(tree: Tree, kustomizations: Kustomizations, kustomization: Kustomization) -> bool:
    """Whether it has the guard, or a component that is fetched, which may be the guard."""
    parts = [kustomization, *kustomizations.components(kustomization)]
    is_fetched = any(part.is_fetched(entry) for part in parts for _, _, entry in part.entries("components"))
    return is_fetched or any(is_guard(one) for part in parts for one in replacements(tree, part))


def _in_file(tree: Tree, path: str) -> list[Any]:
    try:
        document = next(iter(tree.documents(path)), None)
    except (FileError, YamlError):
        return [None]
    return document if isinstance(document, list) else [document]


def _is_exec(tree: Tree, config: Config) -> bool:
    said = KubeObject(config.data).annotations.get(sentinel.FUNCTION_ANNOTATION)
    try:
        runs = tree.parsed(said)[:1] if isinstance(said, str) else []
    except YamlError:
        return False
    return any(isinstance(one, dict) and "exec" in one for one in runs)
