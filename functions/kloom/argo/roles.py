"""Roles that clusters have and roles that values speak of: which of them miss each other.

cluster-B: {role: stanby}                            in the inventory
roles: {standby: {syncPolicy: {automated: null}}}    in the common values: nothing of it holds for cluster-B
"""

from __future__ import annotations

from kloom.sdk.patterns import pattern
from kloom.values.ignores import ROLE_NOWHERE, RULE_TAG
from kloom.values.vocabulary import ACTIVE, slip_of, some_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kloom.sdk.result import Result
    from kloom.values.layers import Layer

    Place = tuple[Layer, tuple[str, str]]

_DIGITS = "0123456789"
_COUNTED = pattern(r"[0-9]+|(?<![a-z])[a-z](?![a-z])")
"""What numbers names: digits, and a letter that stands alone."""


def findings(layers: Sequence[Layer], clusters: Sequence[str]) -> Iterator[Result]:
    """Roles that miss another by a letter, which are errors, and roles without a cluster, which are remarks.

    A failover may leave a role without a cluster, so nothing fails because of that, unless a cluster has one that is a
    letter apart. Of two such roles, each known to one side alone, the one that is said in fewer places is told; of as
    many, the cluster's.
    """
    spoken = _places((role, layer, ("roles", role)) for layer in layers for role in layer.data.get("roles") or ())
    held = _places(
        (role, layer, (cluster, "role"))
        for layer in layers
        for cluster in clusters
        if (role := (layer.data.get(cluster) or {}).get("role"))
    )
    told = set()
    for role in held.keys() - spoken.keys() - {ACTIVE}:
        meant = _slip_of(role, spoken)
        if meant and (meant in held or len(spoken[meant]) >= len(held[role])):
            told.add(meant)
            message = f"must be a role that values speak of ({_names(spoken)}), was {role} (did you mean {meant}?)"
            message += f"; roles: {{{role}: {{}}}} beside {meant} says that it is meant"
            yield from (layer.finding(path, message) for layer, path in held[role])
    for role in spoken.keys() - held.keys() - told:
        message = f"no cluster has this role; roles of clusters are: {_names(held) or 'none'}"
        meant = _slip_of(role, held)
        for layer, path in spoken[role]:
            if meant and meant not in layer.data["roles"]:  # a file that speaks of both means both
                both = f"roles: {{{meant}: {{}}}} in this file says that both are meant"
                yield layer.finding(path, f"{message} (did you mean {meant}?); {both}", key=True)
            else:
                remark = layer.finding(path, message, key=True, severity="info")
                yield remark.but(tags={RULE_TAG: ROLE_NOWHERE})


def _places(said: Iterable[tuple[str, Layer, tuple[str, str]]]) -> dict[str, list[Place]]:
    """Where each role is said."""
    places: dict[str, list[Place]] = {}
    for role, layer, path in said:
        places.setdefault(role, []).append((layer, path))
    return places


def _slip_of(role: str, others: Iterable[str]) -> str | None:
    """The first of the other roles that this one misses by a letter, and that is not its neighbour in a row."""
    return next((other for other in sorted(others) if slip_of(role, (other,)) and not _are_counted(role, other)), None)


def _are_counted(role: str, other: str) -> bool:
    """Whether roles are told apart by numbers or letters on purpose: prod and prod2, zone-a-1 and zone-b-1."""
    role, other = role.lower(), other.lower()
    is_numbered = _COUNTED.sub("#", role) == _COUNTED.sub("#", other) or role.rstrip(_DIGITS) == other.rstrip(_DIGITS)
    return role != other and is_numbered


def _names(roles: Iterable[str]) -> str:
    return some_of(sorted(roles))
