"""Compact clusters as somebody could write them: every field of the schema, every value that its patterns allow."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from hypothesis import strategies as st

from kloom import schemas
from kloom.byoh_cluster_generator import byoh_cluster_generator
from kloom.sdk.resource_list import ResourceList

SCHEMA = schemas.load("cluster")
DEFINITIONS = SCHEMA["definitions"]
Values = dict[str, Any]

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cs", "Cn"))
TEXTS = st.text(PRINTABLE | st.just("\n"), max_size=20)
LABEL_KEYS = st.sampled_from(("example.com/a", "a", "node-role.kubernetes.io/worker", "b.node.cluster.x-k8s.io/zone"))
ARGUMENTS = st.sampled_from(("max-pods", "v", "feature-gates", "node-ip", "Weird_One.x"))
KEYS = {"args": ARGUMENTS, "env": ARGUMENTS, "featureGates": ARGUMENTS}
NAMESPACES = ("clusters", "a-1")
NAMES = st.sampled_from(("a", "general", "x" * 20, "9-b"))
NUMBERS = st.sampled_from((0, 1, 2, 3, 30, 300, 6443, 2**31 - 1, -1))


@st.composite
def clusters(draw: st.DrawFn) -> Values:
    """A cluster that says what every one must say, and some of all else."""
    control_plane = {
        **draw(of(DEFINITIONS["controlPlane"] if "controlPlane" in DEFINITIONS else _part("controlPlane")))
    }
    control_plane["replicas"] = draw(st.sampled_from((1, 3, 3, 5)))
    workers = draw(st.dictionaries(NAMES, of(DEFINITIONS["pool"]), max_size=2))
    for pool in workers.values():
        pool["replicas"] = draw(st.sampled_from((0, 1, 10)))
    optional = [name for name in SCHEMA["properties"] if name not in _REQUIRED]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=4, unique=True))
    said = {name: draw(of(_part(name))) for name in chosen}
    if draw(st.booleans()):
        said["machines"] = draw(of(_part("machines")))
    return {
        **said,
        "namespace": draw(st.sampled_from(NAMESPACES)),
        "kubernetesVersion": draw(st.sampled_from(("v1.31.0", "1.35.9", "v1.34.2-rc.1", "v1.33.4+vendor.2"))),
        "controlPlaneEndpoint": draw(st.sampled_from(_ENDPOINTS)),
        "clusterNetwork": draw(st.sampled_from(_NETWORKS)),
        "controlPlane": control_plane,
        "workers": workers,
    }


@st.composite
def of(draw: st.DrawFn, schema: Values, name: str = "") -> Any:
    """Data that the schema accepts, a few optional fields at a time."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return draw(of(DEFINITIONS[name], name))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    match draw(st.sampled_from(kinds)):
        case "string":
            return draw(_string(schema))
        case "boolean":
            return draw(st.booleans())
        case "integer":
            return draw(NUMBERS)
        case "array":
            return draw(st.lists(of(schema["items"]), max_size=2))
        case _:
            return draw(_object(schema, name))


@st.composite
def _object(draw: st.DrawFn, schema: Values, name: str) -> Values:
    if "properties" not in schema:
        keys = NAMES if name in ("workers", "resourceSets") else KEYS.get(name, LABEL_KEYS)
        return draw(st.dictionaries(keys, of(schema["additionalProperties"]), max_size=2))
    required = schema.get("required", [])
    optional = [name for name in schema["properties"] if name not in required]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=4, unique=True)) if optional else []
    if {"content", "contentFrom"} <= set(optional):
        chosen = [name for name in chosen if not name.startswith("content")]
        chosen.append(draw(st.sampled_from(("content", "contentFrom"))))
    return {name: draw(of(schema["properties"][name], name)) for name in (*required, *chosen)}


def _string(schema: Values) -> st.SearchStrategy[str]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return _matching(schema["pattern"])
    return TEXTS


@cache
def _matching(pattern: str) -> st.SearchStrategy[str]:
    """Short texts that match a pattern: long ones take long to draw."""
    short = re.sub(r"\{([01]),\d+\}", r"{\1,3}", pattern)
    return st.from_regex(short.replace("$", r"\Z"), alphabet=PRINTABLE)


def _part(name: str) -> Values:
    part: Values = SCHEMA["properties"][name]
    return part


_REQUIRED = (
    "name", "namespace", "kubernetesVersion", "controlPlaneEndpoint", "clusterNetwork", "controlPlane", "workers",
    "machines",
)  # fmt: skip
_ENDPOINTS = (
    {"host": "10.0.0.10"},
    {"host": "10.0.0.10", "port": 8443},
    {"host": "fd00::10"},
    {"host": "api.example.com", "port": 443},
)
_NETWORKS = (
    {"pods": "192.168.0.0/16", "services": ["10.128.0.0/12"]},
    {"pods": ["192.168.0.0/16", "fd01::/48"], "services": "10.128.0.0/12", "serviceDomain": "example.com"},
)


def made(cluster: Values, version: str) -> list[Values]:
    """What the generator makes of a cluster at a version of Cluster API; nothing where it refuses it."""
    config = {
        "apiVersion": "kloom.dev/v1alpha1",
        "kind": "ByohClusterGenerator",
        "metadata": {"name": "one"},
        "spec": {"clusters": {"one": cluster}, "clusterApiVersion": version},
    }
    resources = ResourceList((), config)
    byoh_cluster_generator(resources)
    return resources.items
