"""The closed vocabulary of values files, and which top-level keys are clusters."""

from __future__ import annotations

from kloom.schemas.checker import Checker
from kloom.schemas.compact import VALUES
from kloom.sdk.patterns import DIGITS, LETTERS
from kloom.sdk.suggestion import did_you_mean, is_slip
from kloom.sdk.yaml_reader import kind_of
from kloom.values.layers import FROM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.sdk.result import Result
    from kloom.values.layers import Layer

_CHECKER = Checker(VALUES["definitions"])
_TOP_LEVEL = {name: _CHECKER.compile(field) for name, field in VALUES["properties"].items()}
_BLOCK = _CHECKER.named("cluster")

TOP_LEVEL_KEYS = tuple(VALUES["properties"])
BLOCK_KEYS = VALUES["definitions"]["cluster"]["properties"].keys()
_KEYS = {key.lower(): key for key in (*VALUES["definitions"]["global"]["properties"], *BLOCK_KEYS, *TOP_LEVEL_KEYS)}
ACTIVE = "active"
"""The one role that means something where no values speak of it: a failover group has one such cluster."""
_IN_CLUSTER_NAMES = LETTERS | DIGITS | {"-"}
_TOLD_NAMES = 50
_NEAR_TO_LITTLE = 4
"""How long a key must be for a letter to make another word of it: shorter ones are near to everything."""


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


def is_said(key: str, layers: Iterable[Layer]) -> bool:
    """Whether the block of any cluster says the key."""
    return any(key in block for layer in layers for block in layer.data.values() if block.__class__ is dict)


class Conformance:
    """Holds values of files against the vocabulary; blocks that several files share are looked at once."""

    __slots__ = ("_blocks", "_clusters")

    def __init__(self, clusters: Collection[str]) -> None:
        self._clusters = frozenset(clusters)
        self._blocks: dict[int, object] = {}  # those that conform, by their identity, which keeping them keeps theirs

    def __call__(self, values: Mapping[str, Any]) -> bool:
        """Whether one file's values say only what the vocabulary knows, in the right types; else see `findings`."""
        return all(
            check(value) if (check := _TOP_LEVEL.get(key)) else key in self._clusters and self._is_block(value)
            for key, value in values.items()
        )

    def _is_block(self, value: object) -> bool:
        if id(value) not in self._blocks:
            if not _BLOCK(value):
                return False
            self._blocks[id(value)] = value
        return True


def conforms(values: Mapping[str, Any], clusters: Collection[str]) -> bool:
    """Whether one file's values conform by themselves."""
    return Conformance(clusters)(values)


def findings(layer: Layer, clusters: Sequence[str], refused: Mapping[str, tuple[Layer, Any]]) -> Iterator[Result]:
    """What is wrong in a layer that does not conform; `refused` is what `refused_clusters` says."""
    from kloom.schemas.derive import values_schema
    from kloom.schemas.findings import MAX_ERRORS, MORE_ERRORS, schema_errors
    from kloom.values.misplaced import kind_of_manifest, misplaced

    if kind := kind_of_manifest(layer.data):
        yield layer.finding(["kind"], f"must be a values file, was a manifest, of the kind {kind}", key=True)
        return
    own = {key: value for key, (declaring, value) in refused.items() if declaring is layer}
    for count, (key, value) in enumerate(own.items()):
        if count == MAX_ERRORS:
            yield layer.finding([key], MORE_ERRORS, key=True)
            break
        yield layer.finding([key], f"unknown key; {misplaced([key], layer.data) or _why_no_cluster(value)}", key=True)
    for error in schema_errors(values_schema([*clusters, *refused]), layer.data, layer.plain_text):
        if error.path[0] in own:
            continue
        if error.unknown_key and (where := misplaced(error.path, layer.data)):
            message = f"{error.rule}; {where}"
        else:
            message = error.message(_unknown_key_hint(error.path, clusters) if error.unknown_key else "")
        yield layer.finding(error.path, message, key=error.unknown_key)


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
        if not (cluster and _IN_CLUSTER_NAMES.issuperset(cluster)):
            yield layer.finding([cluster], "a cluster's name must match [A-Za-z0-9-]+", key=True)
        elif lower in _KEYS:
            yield layer.finding([cluster], f"a cluster must not be called as the key {_KEYS[lower]} is", key=True)
        elif lower in seen:
            yield layer.finding([cluster], f"must differ from the cluster {seen[lower]} by more than case", key=True)
        seen.setdefault(lower, cluster)


def slip_of(word: str, known: Collection[str]) -> str | None:
    """The known key that the word misses by case or, unless the key is short, by a letter."""
    return next((key for key in known if key != word and _misses(word.lower(), key.lower())), None)


def _misses(word: str, key: str) -> bool:
    return word == key or (len(key) >= _NEAR_TO_LITTLE and is_slip(word, key))


def _why_no_cluster(value: object) -> str:
    if not isinstance(value, dict):
        return f"a cluster's block must be a map, was {kind_of(value)}"
    unknown = next(key for key in value if key not in BLOCK_KEYS)
    return f"no cluster either, as {unknown} is no key of a cluster's block{did_you_mean(unknown, BLOCK_KEYS)}"


def _unknown_key_hint(path: Sequence[str | int], clusters: Sequence[str]) -> str:
    """What else to say of an unknown key: which clusters there are, or what `from` is, of which no schema knows."""
    if len(path) == 1:
        return _cluster_hint(clusters)
    key = str(path[-1])
    if len(path) == len(("cluster", "key")) and FROM in (key, slip_of(key, (FROM,))):
        return "an entry of the inventory, and nothing else, takes the cluster's endpoint by from: FILE"
    return ""


def _cluster_hint(clusters: Sequence[str]) -> str:
    if not clusters:
        return "no cluster is declared"
    return f"declared clusters are {some_of(clusters)}"


def some_of(names: Sequence[str]) -> str:
    """The first of perhaps many names, and how many more there are."""
    more = len(names) - _TOLD_NAMES
    return ", ".join(names[:_TOLD_NAMES]) + (f" and {more} more" if more > 0 else "")
