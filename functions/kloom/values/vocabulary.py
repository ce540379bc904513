"""The closed vocabulary of values files, and which top-level keys are clusters."""

from __future__ import annotations

import re

from kloom import schemas
from kloom.schemas.checker import Checker
from kloom.sdk.yaml_reader import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.sdk.result import Result
    from kloom.values.layers import Layer

_SCHEMA = schemas.load("values")
_CHECKER = Checker(_SCHEMA["definitions"])
_TOP_LEVEL = {name: _CHECKER.compile(field) for name, field in _SCHEMA["properties"].items()}
_BLOCK = _CHECKER.named("cluster")

TOP_LEVEL_KEYS = tuple(_SCHEMA["properties"])
BLOCK_KEYS = _SCHEMA["definitions"]["cluster"]["properties"].keys()
_KEYS = {key.lower(): key for key in (*_SCHEMA["definitions"]["global"]["properties"], *BLOCK_KEYS, *TOP_LEVEL_KEYS)}
_CLUSTER_NAME = re.compile("[A-Za-z0-9-]+")
_TOLD_CLUSTERS = 50


def declared_clusters(layers: Sequence[Layer], *, inventory: bool) -> list[str]:
    """The clusters that an inventory, or without one the common files, declare, in the order of their appearance.

    In an inventory every key outside of the vocabulary is a cluster; in a common file only one whose block
    holds nothing but block keys (the seed's case), and that is no slip of a known key.
    """
    names: dict[str, None] = {}
    for layer in layers:
        for key, value in layer.data.items():
            if key in _TOP_LEVEL or not isinstance(value, dict) or slip_of(key, TOP_LEVEL_KEYS):
                continue
            if inventory or value.keys() <= BLOCK_KEYS:
                names[key] = None
    return list(names)


def conforms(values: Mapping[str, Any], clusters: Collection[str]) -> bool:
    """Whether one file's values say only what the vocabulary knows, in the right types; else see `findings`."""
    clusters = frozenset(clusters)
    for key, value in values.items():
        check = _TOP_LEVEL.get(key)
        if check is None:
            if key not in clusters:
                return False
            check = _BLOCK
        if not check(value):
            return False
    return True


def findings(layer: Layer, clusters: Sequence[str], refused: Mapping[str, tuple[Layer, Any]]) -> Iterator[Result]:
    """What is wrong in a layer that does not conform; `refused` is what `refused_clusters` says."""
    from kloom.schemas.derive import values_schema
    from kloom.schemas.findings import MAX_ERRORS, MORE_ERRORS, schema_errors

    own = {key: value for key, (declaring, value) in refused.items() if declaring is layer}
    for count, (key, value) in enumerate(own.items()):
        if count == MAX_ERRORS:
            yield layer.finding([key], MORE_ERRORS, key=True)
            break
        yield layer.finding([key], f"unknown key; {_why_no_cluster(value)}", key=True)
    for error in schema_errors(values_schema([*clusters, *refused]), layer.data):
        if error.path[0] in own:
            continue
        hint = _cluster_hint(clusters) if error.unknown_key and len(error.path) == 1 else ""
        yield layer.finding(error.path, error.message(hint), key=error.unknown_key)


def refused_clusters(layers: Sequence[Layer], clusters: Collection[str]) -> dict[str, tuple[Layer, Any]]:
    """Top-level keys of the layers that declare clusters and are neither known nor clusters: where, and value."""
    refused: dict[str, tuple[Layer, Any]] = {}
    clusters = frozenset(clusters)
    for layer in layers:
        for key, value in layer.data.items():
            if key not in _TOP_LEVEL and key not in clusters and not slip_of(key, TOP_LEVEL_KEYS):
                refused.setdefault(key, (layer, value))
    return refused


def cluster_name_findings(layers: Sequence[Layer], clusters: Sequence[str]) -> Iterator[Result]:
    """Cluster names that cannot serve as a Helm alias and a part of a name, or that differ only by case."""
    seen: dict[str, str] = {}
    for cluster in clusters:
        layer = next(layer for layer in layers if cluster in layer.data)
        lower = cluster.lower()
        if not _CLUSTER_NAME.fullmatch(cluster):
            yield layer.finding([cluster], "a cluster's name must match [A-Za-z0-9-]+", key=True)
        elif lower in _KEYS:
            yield layer.finding([cluster], f"a cluster must not be called as the key {_KEYS[lower]} is", key=True)
        elif lower in seen:
            yield layer.finding([cluster], f"must differ from the cluster {seen[lower]} by more than case", key=True)
        seen.setdefault(lower, cluster)


def slip_of(word: str, known: Collection[str]) -> str | None:
    """The known key that the word misses by case or by one letter wrong, missing, doubled or swapped."""
    return next((key for key in known if key != word and _one_slip(word.lower(), key.lower())), None)


def _one_slip(word: str, key: str) -> bool:
    if word == key:
        return True
    if abs(len(word) - len(key)) > 1 or len(key) < 4:  # noqa: PLR2004  # short keys are near to everything
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, key, strict=False)) if a != b), min(len(word), len(key)))
    rest, of_key = word[same:], key[same:]
    swapped = rest[:2] == of_key[1::-1] and rest[2:] == of_key[2:]
    return rest[1:] == of_key[1:] or rest[1:] == of_key or rest == of_key[1:] or swapped


def _why_no_cluster(value: object) -> str:
    if not isinstance(value, dict):
        return f"a cluster's block must be a map, was {kind_of(value)}"
    from difflib import get_close_matches

    unknown = next(key for key in value if key not in BLOCK_KEYS)
    close = "".join(f" (did you mean {match}?)" for match in get_close_matches(unknown, BLOCK_KEYS, n=1))
    return f"no cluster either, as {unknown} is no key of a cluster's block{close}"


def _cluster_hint(clusters: Sequence[str]) -> str:
    if not clusters:
        return "no cluster is declared"
    more = len(clusters) - _TOLD_CLUSTERS
    return f"declared clusters are {', '.join(clusters[:_TOLD_CLUSTERS])}" + (f" and {more} more" if more > 0 else "")
