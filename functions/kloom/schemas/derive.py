"""Derive the schemas of values files and of the charts from the schema of the Application.

In a values file any key of a map may be null (it removes what an earlier file said) or missing (another level says
it), so those schemas take null everywhere but inside lists, which Helm replaces whole, and require nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kloom import schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DRAFT = "http://json-schema.org/draft-07/schema#"  # the newest one that Helm 3 and Helm 4 both know
_LAYER = "Layer"


def values_schema(clusters: Iterable[str] = ()) -> dict[str, Any]:
    """What may stand in a values file: `global`, `roles`, the shared fields and the blocks of these clusters."""
    blocks = {cluster: {"$ref": "#/definitions/cluster"} for cluster in clusters}
    return {
        "$schema": DRAFT,
        "title": "A kloom values file",
        **_closed({"global": {"$ref": "#/definitions/global"}, "roles": _roles(), **_shared(), **blocks}),
        "definitions": _definitions(),
    }


def root_chart_schema(clusters: Iterable[str]) -> dict[str, Any]:
    """The `values.schema.json` of an argo-app-root chart for these clusters."""
    schema = values_schema(clusters)
    schema["title"] = "Values of the chart argo-app-root"
    schema["definitions"]["cluster"]["properties"]["global"] = _handed_down()
    return schema


def chart_schema() -> dict[str, Any]:
    """The `values.schema.json` of the chart argo-app, whose values are one cluster's block and `global`."""
    definitions = _definitions()
    block = definitions.pop("cluster")
    shared_global = {**definitions.pop("global"), "additionalProperties": True}
    shared_global["description"] += " Other keys belong to other charts under the same umbrella."
    properties = {"global": shared_global, **block["properties"]}
    return {
        "$schema": DRAFT,
        "title": "Values of the chart argo-app",
        **_closed(properties),
        "definitions": definitions,
    }


def layer(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as one of several layers: null allowed and nothing required, lists excepted."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"] + _LAYER}
    result = {key: value for key, value in schema.items() if key != "required"}
    if "properties" in schema:
        result["properties"] = {name: layer(field) for name, field in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = layer(schema["additionalProperties"])
    types = schema["type"]
    result["type"] = [*([types] if isinstance(types, str) else types), "null"]
    return result


def _definitions() -> dict[str, Any]:
    strict = schemas.load("application")["definitions"]
    return {
        "global": _closed(_GLOBAL, "What holds for every cluster."),
        "cluster": _closed({**_CLUSTER_ONLY, **_shared()}, "The service on this cluster."),
        **strict,
        **{f"{name}{_LAYER}": layer(definition) for name, definition in strict.items()},
    }


def _shared() -> dict[str, Any]:
    spec = schemas.load("application")["properties"]
    return {**{name: layer(field) for name, field in spec.items()}, **_METADATA}


def _roles() -> dict[str, Any]:
    role = _nullable(_closed(_shared(), "What differs on clusters of this role."))
    return {
        "type": ["object", "null"],
        "description": "Shared fields by role; a cluster's block or the inventory says its role.",
        "additionalProperties": role,
    }


def _closed(properties: Mapping[str, Any], description: str | None = None) -> dict[str, Any]:
    described = {} if description is None else {"description": description}
    return {"type": "object", **described, "additionalProperties": False, "properties": dict(properties)}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _handed_down() -> dict[str, Any]:
    return {"type": ["object", "null"], "description": "Helm puts the top-level `global` here; nobody writes it."}


def _text(description: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "description": description}


def _texts(description: str) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "description": description,
        "additionalProperties": {"type": ["string", "null"]},
    }


_GLOBAL = {
    "name": _text("The service."),
    "environment": _text("The environment, a part of the Application's name."),
    "nameFormat": _text("The Application's name, of {service}, {environment} and {cluster}."),
    "argocdNamespace": _text("The namespace of the Applications; argocd by default."),
    "project": _text("The AppProject; default by default."),
    "labels": _texts("Labels of the Application."),
    "annotations": _texts("Annotations of the Application."),
}
_METADATA = {
    "finalizers": {
        "type": ["array", "null"],
        "items": {"type": "string"},
        "description": "Finalizers of the Application; with none, removing it leaves its workloads.",
    },
    "additionalLabels": _texts("More labels of the Application."),
    "additionalAnnotations": _texts("More annotations of the Application."),
}
_CLUSTER_ONLY = {
    "enable": {"type": ["boolean", "null"], "description": "Whether the service runs on this cluster."},
    "name": _text("The name of this Application, instead of the one by nameFormat."),
    "namespace": _text("The namespace of this Application."),
    "role": _text("The cluster's role, a key of `roles`."),
    "clusterLabels": _texts("Facts about the cluster; not copied to Applications."),
    "failoverGroup": _text("The clusters that fail over to each other, of which one has the role active."),
}
