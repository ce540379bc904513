"""Values files to try on kloom and on helm, generated from the vocabulary and the Application's schema.

What is generated first is what the files mean: levels that mostly add up. Then that is taken apart into an inventory,
a common file and a service's file, which say parts of it, say parts twice, and take away by null what is not meant.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kloom import schemas
from kloom.argo.application import ADDRESSES, LOCATIONS, RENDERERS, SOURCES

Values = dict[str, Any]

CLUSTERS = ("cluster-A", "cluster-B", "cluster-C", "cluster-D")
ROLES = ("active", "standby")
APPLICATION = schemas.load("application")
SPEC, DEFINITIONS = APPLICATION["properties"], APPLICATION["definitions"]

ODD_TEXTS = (
    "yes", "on", "y", "null", "~", "true", "12:30", "2020-01-01", "1e3", "0o17", "017", "08", "1_000", "0x1F", "=",
    "<<", "-", "- a", "a: b", "a #b", "#", "{{ .Values.x }}", "{{", "$x", "%", "@", "`", "'", '"', "\\", "\\n", " a ",
    "a\nb", "a\nb\n", "a\n\n\n", "\n", "\ta", "é", "日本", "🚀", "!x", "&a", "*a", "|", ">", "?", "key:", "1.10", "0",
)  # fmt: skip
texts = st.sampled_from(ODD_TEXTS) | st.text("abcdefgh0123456789-./: {}#", min_size=1, max_size=12)
words = st.sampled_from(("main", "HEAD", "v1.2.3", "apps/web", "web", "https://example.com/r.git", "dev", "team-a"))
label_keys = st.sampled_from(("team", "tier", "example.com/owner", "a.b/c", "yes", "on"))
numbers = (
    st.integers(-(2**53), 2**53)
    | st.sampled_from((0, 1, 123456789012, 1.5, 1e21, -0.5, 0.1, 1e-7, 2**53))
    | st.floats(allow_nan=False, allow_infinity=False)
)
free_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter("<<".__ne__), inner, max_size=3),
    max_leaves=6,
)
free_maps = st.dictionaries(texts.filter("<<".__ne__), free_values, max_size=3)
one_in_hundred = st.sampled_from([False] * 99 + [True])
one_in_forty = st.sampled_from([False] * 39 + [True])
one_in_ten = st.sampled_from([False] * 9 + [True])


@st.composite
def from_schema(draw: st.DrawFn, schema: Values) -> Any:
    """Data that the schema accepts, a few of its optional fields at a time."""
    if "$ref" in schema:
        return draw(from_schema(DEFINITIONS[schema["$ref"].rpartition("/")[2]]))
    match schema["type"]:
        case "string":
            return draw(st.just("apps/web") if "pattern" in schema else words | texts)
        case "boolean":
            return draw(st.booleans())
        case "integer":
            return draw(st.integers(-1, 100))
        case "array":
            return draw(st.lists(from_schema(schema["items"]), min_size=1, max_size=2))
        case "object":
            return draw(_object(schema))
        case _:
            return draw(st.integers(0, 9) | words)


@st.composite
def _object(draw: st.DrawFn, schema: Values) -> Values:
    if "properties" not in schema:
        rest = schema.get("additionalProperties")
        return draw(st.dictionaries(label_keys, from_schema(rest), max_size=2) if rest else free_maps)
    required = schema.get("required", [])
    optional = [name for name in schema["properties"] if name not in required]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=3, unique=True)) if optional else []
    return {name: draw(from_schema(schema["properties"][name])) for name in (*required, *chosen)}


@st.composite
def source_part(draw: st.DrawFn) -> Values:
    """What one level says of a source: some fields, one of each choice at most."""
    fields = DEFINITIONS["source"]["properties"]
    plain = [name for name in fields if name not in (*LOCATIONS, *RENDERERS)]
    names = draw(st.lists(st.sampled_from(plain), max_size=3, unique=True))
    for choice in (LOCATIONS, RENDERERS):
        chosen = draw(st.sampled_from((None, *choice)))
        names += [] if chosen is None else [chosen]
    return {name: draw(from_schema(fields[name])) for name in names}


@st.composite
def destination_part(draw: st.DrawFn) -> Values:
    """What one level says of a destination."""
    names = [address] if (address := draw(st.sampled_from((None, *ADDRESSES)))) else []
    names += ["namespace"] if draw(st.booleans()) else []
    return {name: draw(words) for name in names}


labels = st.dictionaries(label_keys, words | texts | st.just("") | st.none(), max_size=3)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "project": words,
    "destination": destination_part(),
    "finalizers": st.lists(words, min_size=1, max_size=2),
    "additionalLabels": labels,
    "additionalAnnotations": labels,
    **{name: from_schema(SPEC[name]) for name in ("syncPolicy", "ignoreDifferences", "info")},
    "revisionHistoryLimit": st.integers(0, 20),
}


@st.composite
def level(draw: st.DrawFn) -> Values:
    """What one level says: any fields, one way of giving a source at most; now and then something contradictory."""
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True))
    said = {name: draw(FIELDS[name]) for name in names}
    for way in draw(st.lists(st.sampled_from(SOURCES), max_size=1)):
        said[way] = draw(source_part() if way == "source" else from_schema(SPEC[way]))
    if draw(one_in_hundred):
        said[draw(st.sampled_from((*SOURCES, *FIELDS)))] = draw(st.sampled_from(("", {}, [], None, 0, False, "x")))
    return {name: value for name, value in said.items() if value != {} or draw(one_in_hundred)}


@st.composite
def global_values(draw: st.DrawFn) -> Values:
    """What holds for all clusters."""
    optional = {
        "environment": st.sampled_from(("dev", "Prod")),
        "nameFormat": st.sampled_from(
            ("{service}.{cluster}", "x-{environment}-{service}-{cluster}", "{cluster}-{service}-Y")
        ),
        "argocdNamespace": st.sampled_from(("argocd", "apps")),
        "project": words,
        "labels": labels,
        "annotations": labels,
    }
    names = draw(st.lists(st.sampled_from(sorted(optional)), max_size=4, unique=True))
    values = {name: draw(optional[name]) for name in names}
    if "environment" in values.get("nameFormat", "") and not draw(one_in_forty):
        values.setdefault("environment", "stage")
    return values | ({"name": draw(st.sampled_from(("web", "Api", "svc-a")))} if not draw(one_in_forty) else {})


@st.composite
def block(draw: st.DrawFn, cluster: str) -> Values:
    """A cluster's block."""
    said = {**draw(level()), "enable": draw(st.sampled_from((True, True, True, False, None)))}
    if role := draw(st.sampled_from((None, *ROLES))):
        said["role"] = role
    if draw(one_in_ten):
        said["name"] = f"{draw(st.sampled_from(('live', 'old.name')))}-{cluster.lower()}"
    if draw(one_in_ten):
        said["namespace"] = draw(st.sampled_from(("argocd", "team-a")))
    if draw(st.booleans()):
        said["clusterLabels"] = {"region": "east"}
    return said


@st.composite
def meanings(draw: st.DrawFn) -> Values:
    """What the files of one service shall mean once merged."""
    values = {"global": draw(global_values()), **draw(level())}
    if roles := draw(st.sampled_from(((), ("active",), ROLES, ROLES))):
        values["roles"] = {role: draw(level()) for role in roles}
    values |= {cluster: draw(block(cluster)) for cluster in CLUSTERS}
    if draw(one_in_ten):
        for cluster, role in zip(CLUSTERS, ROLES, strict=False):
            values[cluster] |= {"failoverGroup": "production", "role": role}
    if not draw(one_in_forty):
        _complete(draw, values)
    return values


def _complete(draw: st.DrawFn, values: Values) -> None:
    """Say what an Application cannot do without: a whole source at some level, an address for each cluster."""
    if not any(values.get(way) for way in SOURCES):
        values["source"] = {}
    levels = [values, *values.get("roles", {}).values(), *(values[cluster] for cluster in CLUSTERS)]
    for said in levels if "source" not in values else levels[:1]:
        if isinstance(said.get("source"), dict):
            said["source"] = {"repoURL": "https://example.com/r.git", **said["source"]}
            if not any(said["source"].get(name) for name in LOCATIONS):
                said["source"][draw(st.sampled_from(LOCATIONS))] = draw(words)
    address = draw(st.sampled_from(ADDRESSES))
    for at, said in enumerate([values] if draw(st.booleans()) else levels[-len(CLUSTERS) :]):
        destination = said.setdefault("destination", {})
        if isinstance(destination, dict) and not any(map(destination.get, ADDRESSES)):
            destination[address] = f"https://10.0.0.{at}:6443"


@st.composite
def files(draw: st.DrawFn) -> tuple[Values, Values, Values]:
    """An inventory, a common file and a service's file that together mean what `meanings` gives."""
    meant = draw(meanings())
    inventory = {cluster: {} for cluster in CLUSTERS}
    for cluster in CLUSTERS:
        # of groups and their roles, what a service says does not count
        shared = ("role", "failoverGroup") if "failoverGroup" in meant[cluster] and not draw(one_in_forty) else ()
        for fact in ("role", "clusterLabels", "failoverGroup", "destination"):
            if fact in meant[cluster] and (fact in shared or draw(st.booleans())):
                inventory[cluster][fact] = meant[cluster].pop(fact)
    common, service = draw(taken_apart(meant))
    if not service and not draw(one_in_forty):
        common, service = service, common
    return inventory, common, service


@st.composite
def taken_apart(draw: st.DrawFn, meant: Values) -> tuple[Values, Values]:
    """Two maps whose merge is the map that is meant."""
    common: Values = {}
    service: Values = {}
    for key, value in meant.items():
        where = draw(st.sampled_from(("common", "service", "service", "both")))
        if isinstance(value, dict) and value and where == "both":
            common[key], service[key] = draw(taken_apart(value))
        elif where == "common":
            common[key] = value
        else:
            service[key] = value
            if where == "both" and isinstance(value, (str, bool, int, float)):
                common[key] = draw(st.just(value) | st.sampled_from(("was", True, 3)).filter(_alike(value)))
    return common, service


def _alike(value: object) -> Any:
    return lambda other: type(other) is type(value)
