"""One Application out of the merged values of one service and the name of one cluster.

What goes in: merged values, in the vocabulary of values files. What comes out: the Application as a mapping. Fields
come from levels (see `levels`): the cluster's block, `roles.<its role>`, the shared fields, `global`.
"""

from __future__ import annotations

from kloom.argo.levels import Contradiction, below, choice, first_said, is_absent, nearest, union
from kloom.argo.names import MAX_NAME, formatted_name, is_keepable_key, name_problem, name_rule, namespace_problem
from kloom.sdk.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.levels import Level

DEFAULT_PROJECT = "default"
DEFAULT_NAMESPACE = "argocd"

SOURCES = ("source", "sources", "sourceHydrator")
ADDRESSES = ("server", "name")
LOCATIONS = ("path", "chart")
RENDERERS = ("helm", "kustomize", "directory", "plugin")
SOURCE_FIELDS = ("name", "ref", "repoURL", "tagPrefix", "targetRevision")
WHOLE_FIELDS = ("ignoreDifferences", "info", "revisionHistoryLimit", "syncPolicy")
HYDRATOR_REQUIRED = (
    ("drySource", ("repoURL", "targetRevision", "path")),
    ("syncSource", ("targetBranch", "path")),
    ("hydrateTo", ("targetBranch",)),
)
"""What a sourceHydrator must hold, hydrateTo only where it is there (the CRD's `required`)."""


class Applications:
    """Makes the Applications of one environment; equal parts of them are one object, made once.

    A part of which a cluster's block says nothing is the same on all clusters of a role, so it is made for the first.
    """

    __slots__ = ("_made", "_said", "_unsaid", "_values")

    def __init__(self) -> None:
        # by the identity of what a part is made of, which is kept beside it so that the identity stays its own
        self._made: dict[tuple[int, ...], tuple[object, Any]] = {}
        self._said: dict[int, tuple[object, tuple[str, ...]]] = {}
        self._values: Mapping[str, Any] | None = None
        self._unsaid: dict[tuple[str | None, tuple[str, ...]], tuple[dict[str, Any], dict[str, Any]]] = {}

    def application(self, values: Mapping[str, Any], cluster: str) -> dict[str, Any]:
        """The Application of the service with these merged values on this cluster.

        Raises Contradiction for levels that do not add up and for what an Application cannot do without.
        """
        levels = levels_of(values, cluster)
        shared = values.get("global") or {}
        block = levels[0][1]
        known = self._said.get(id(block))
        said = known[1] if known else self._said_by(block)
        if self._values is not values:
            self._values = values
            self._unsaid = {}
        of_others = self._unsaid.get((block.get("role"), said))
        if of_others is None:
            of_others = self._unsaid[block.get("role"), said] = self._inherited(shared, levels, said)
        metadata, spec = of_others[0].copy(), of_others[1].copy()
        metadata["name"] = _name(shared, levels[0], cluster)
        for part in said:
            in_metadata, _, make = _PARTS[part]
            made = make(self, shared, levels)
            if part == "source":
                member, source = made
                if member != part:
                    spec = {member if key == part else key: value for key, value in spec.items()}
                spec[member] = source
            elif made is not None:
                (metadata if in_metadata else spec)[part] = made
            else:
                del (metadata if in_metadata else spec)[part]
        return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}

    def _said_by(self, block: Mapping[str, Any]) -> tuple[str, ...]:
        """The parts of which a block says something."""
        said = (part for part, (_, keys, _) in _PARTS.items() if any(block.get(key) is not None for key in keys))
        made = self._said[id(block)] = (block, tuple(said))
        return made[1]

    def _inherited(
        self, shared: Mapping[str, Any], levels: Sequence[Level], said: Collection[str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Metadata and spec of what the block does not say, with nulls in the places of what it does."""
        metadata: dict[str, Any] = {"name": None}
        spec: dict[str, Any] = {}
        for part, (in_metadata, _, make) in _PARTS.items():
            made = None if part in said else make(self, shared, levels)
            if part == "source" and made is not None:
                spec[made[0]] = made[1]
            elif made is not None or part in said:
                (metadata if in_metadata else spec)[part] = made
        return metadata, spec

    def labels(self, shared: Mapping[str, Any], levels: Sequence[Level]) -> Any:
        """The labels of all levels, None where there are none."""
        return self._union(shared.get("labels"), levels, "additionalLabels")

    def annotations(self, shared: Mapping[str, Any], levels: Sequence[Level]) -> Any:
        """The annotations of all levels, None where there are none."""
        annotations = self._union(shared.get("annotations"), levels, "additionalAnnotations")
        if annotations:
            _require_keepable(annotations, levels)
        return annotations

    def source(self, _shared: Mapping[str, Any], levels: Sequence[Level]) -> tuple[str, Any]:
        """Which of source, sources and sourceHydrator it is, and what it says."""
        member = _choice_of_source(levels)
        if member == "source":
            return member, self._part(levels, member, _source)
        return member, _whole_source(levels, member)

    def destination(self, _shared: Mapping[str, Any], levels: Sequence[Level]) -> Any:
        """The destination, falling back field by field."""
        return self._part(levels, "destination", _destination)

    def _part(self, levels: Sequence[Level], field: str, make: Callable[[Sequence[Level]], Any]) -> Any:
        """A map that falls back field by field, made once for the same maps of the same levels."""
        key = tuple([id(level.get(field)) for _, level in levels])
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = ([level.get(field) for _, level in levels], make(levels))
        return made[1]

    def _union(self, of_all: Mapping[str, str] | None, levels: Sequence[Level], field: str) -> dict[str, str] | None:
        parts = [part for _, level in levels if (part := level.get(field))]
        if of_all:
            parts.append(of_all)
        if not parts:
            return None
        key = tuple(map(id, parts))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = (parts, union(parts) or None)
        return made[1]


def _nearest(field: str) -> Callable[[Applications, Mapping[str, Any], Sequence[Level]], Any]:
    return lambda _applications, _shared, levels: nearest(levels, field)


def contradictions(values: Mapping[str, Any], cluster: str) -> Iterator[Contradiction]:
    """Everything for which `Applications.application` would raise, part by part."""
    from functools import partial

    levels = levels_of(values, cluster)
    shared = values.get("global") or {}
    yield from _wrong_names(shared, levels[0], cluster)
    parts: list[Callable[[], object]] = [
        lambda: _namespace(shared, levels),
        lambda: _annotations(shared, levels),
        lambda: _project(shared, levels),
        lambda: _any_source(levels),
        *(
            partial(_source_field, levels, group)
            for group in (*((field,) for field in SOURCE_FIELDS), LOCATIONS, RENDERERS)
        ),
        lambda: _destination(levels),
        *(partial(_field_inside, levels, "destination", group) for group in (ADDRESSES, ("namespace",))),
        *(partial(nearest, levels, field) for field in ("finalizers", *WHOLE_FIELDS)),
    ]
    for part in parts:
        try:
            part()
        except Contradiction as contradiction:
            yield contradiction


_DATE = pattern(r"[0-9]{4}-[0-9]+-[0-9]+$")
_PARTS: Mapping[str, tuple[bool, Sequence[str], Callable[[Applications, Mapping[str, Any], Sequence[Level]], Any]]] = {
    "namespace": (True, ("namespace",), lambda _applications, shared, levels: _namespace(shared, levels)),
    "labels": (True, ("additionalLabels",), Applications.labels),
    "annotations": (True, ("additionalAnnotations",), Applications.annotations),
    "finalizers": (True, ("finalizers",), _nearest("finalizers")),
    "project": (False, ("project",), lambda _applications, shared, levels: _project(shared, levels)),
    "source": (False, SOURCES, Applications.source),
    "destination": (False, ("destination",), Applications.destination),
    **{field: (False, (field,), _nearest(field)) for field in WHOLE_FIELDS},
}
"""Each part of an Application: whether in its metadata, which keys of a level say it, and how it is made."""


def levels_of(values: Mapping[str, Any], cluster: str) -> list[Level]:
    """The cluster's block, `roles.<its role>` where there is one, and the shared fields."""
    block = values.get(cluster) or {}
    levels: list[Level] = [((cluster,), block)]
    role = block.get("role")
    if role and (of_role := (values.get("roles") or {}).get(role)):
        levels.append((("roles", role), of_role))
    levels.append(((), values))
    return levels


def enabled_clusters(values: Mapping[str, Any], clusters: Iterable[str]) -> list[str]:
    """The clusters on which the service with these merged values runs."""
    return [cluster for cluster in clusters if (values.get(cluster) or {}).get("enable") is True]


def _name(shared: Mapping[str, Any], block: Level, cluster: str) -> str:
    own = block[1].get("name")
    name = formatted_name(shared, cluster) if is_absent(own) else str(own)
    if name_rule(name):
        raise next(_wrong_names(shared, block, cluster))
    return name


def _wrong_names(shared: Mapping[str, Any], block: Level, cluster: str) -> Iterator[Contradiction]:
    """What is wrong with a name: each part that spoils it, or else all of it."""
    path, values = block
    own = values.get("name")
    try:
        name = formatted_name(shared, cluster) if is_absent(own) else str(own)
    except Contradiction as contradiction:
        yield contradiction
        return
    if problem := name_problem(name):
        spoiling = [*_spoiling_parts(shared, cluster)] if is_absent(own) else []
        yield from spoiling or [Contradiction((*path, "name"), f"the Application's name {problem}")]


def _spoiling_parts(shared: Mapping[str, Any], cluster: str) -> Iterator[Contradiction]:
    """The parts of a name each of which spoils it whatever the others are: many Applications may share one."""
    harmless = {"name": "x", "environment": "x"}
    for part in ("name", "environment", "nameFormat"):
        said = shared.get(part)
        if is_absent(said):
            continue
        name = formatted_name({**harmless, part: said}, cluster)
        if rule := name_rule(name):
            was = f"{len(str(said))} in this part alone" if len(name) > MAX_NAME else said
            yield Contradiction(("global", part), f"the Application's name {rule}, was {was}")


def _namespace(shared: Mapping[str, Any], levels: Sequence[Level]) -> str:
    path, block = levels[0]
    own = (*path, "namespace")
    of_all = ("global", "argocdNamespace")
    namespace = first_said(((own, block.get("namespace")), (of_all, shared.get("argocdNamespace"))))
    if namespace is None:
        return DEFAULT_NAMESPACE
    if problem := namespace_problem(namespace):
        raise Contradiction(of_all if is_absent(block.get("namespace")) else own, problem)
    return str(namespace)


def _annotations(shared: Mapping[str, Any], levels: Sequence[Level]) -> dict[str, str]:
    annotations = union([*(level.get("additionalAnnotations") for _, level in levels), shared.get("annotations")])
    _require_keepable(annotations, levels)
    return annotations


def _require_keepable(annotations: Mapping[str, str], levels: Sequence[Level]) -> None:
    """Refuse annotation keys that kustomize does not keep as the strings that they are (it fails, or drops them)."""
    for key in annotations:
        if not is_keepable_key(key) and _is_read_as_no_string(key):
            said = [
                (*path, "additionalAnnotations")
                for path, level in levels
                if key in (level.get("additionalAnnotations") or ())
            ]
            path = said[0] if said else ("global", "annotations")
            raise Contradiction(
                (*path, key), f'kustomize cannot keep the annotation key "{key}", which it takes for no string'
            )


def _is_read_as_no_string(key: str) -> bool:
    """Whether kustomize reads the key, which it writes without quotes, as a number, a boolean, null, a date or a map.

    What else is no annotation's key is a matter of rules.
    """
    from kloom.sdk.yaml_reader import kustomize_plain

    try:
        return key == "<<" or _DATE.match(key) is not None or not isinstance(kustomize_plain(key), str)
    except ValueError:
        return True


def _project(shared: Mapping[str, Any], levels: Sequence[Level]) -> Any:
    project = nearest((*levels, (("global",), shared)), "project")
    return DEFAULT_PROJECT if project is None else project


def _any_source(levels: Sequence[Level]) -> Any:
    member = _choice_of_source(levels)
    return _source(levels) if member == "source" else _whole_source(levels, member)


def _choice_of_source(levels: Sequence[Level]) -> str:
    member = choice(levels, SOURCES)
    if member is None:
        raise Contradiction((*levels[0][0], "source"), "must have a source, sources or a sourceHydrator")
    return member


def _source(levels: Sequence[Level]) -> dict[str, Any]:
    nearest(levels, "source")
    inside = below(levels, "source")
    location = choice(inside, LOCATIONS)
    renderer = choice(inside, RENDERERS)
    source = _fields(inside, (*SOURCE_FIELDS, *(member for member in (location, renderer) if member)))
    missing = ["a repoURL"] * ("repoURL" not in source) + ["a path or a chart"] * (location is None)
    if missing:
        raise Contradiction((*levels[0][0], "source"), f"must have {' and '.join(missing)}")
    return source


def _source_field(levels: Sequence[Level], group: Sequence[str]) -> Any:
    return _field_inside(levels, "source", group) if choice(levels, SOURCES) == "source" else None


def _field_inside(levels: Sequence[Level], part: str, group: Sequence[str]) -> Any:
    """Which of fields that exclude each other a map says, and what."""
    inside = below(levels, part)
    member = choice(inside, group)
    return None if member is None else nearest(inside, member)


def _whole_source(levels: Sequence[Level], member: str) -> Any:
    value = nearest(levels, member)
    if member == "sourceHydrator" and (missing := list(_missing_in_hydrator(value))):
        path = next(path for path, level in levels if level.get(member))
        raise Contradiction((*path, member), f"must have {' and '.join(missing)}")
    return value


def _missing_in_hydrator(hydrator: Mapping[str, Any]) -> Iterator[str]:
    for part, fields in HYDRATOR_REQUIRED:
        said = hydrator.get(part)
        if part != "hydrateTo" or not is_absent(said):
            yield from (f"{part}.{field}" for field in fields if is_absent((said or {}).get(field)))


def _destination(levels: Sequence[Level]) -> dict[str, Any]:
    nearest(levels, "destination")
    inside = below(levels, "destination")
    address = choice(inside, ADDRESSES)
    if address is None:
        raise Contradiction((*levels[0][0], "destination"), "must have a server or a name")
    return _fields(inside, (address, "namespace"))


def _fields(inside: Sequence[Level], fields: Iterable[str]) -> dict[str, Any]:
    return {field: value for field in fields if (value := nearest(inside, field)) is not None}
