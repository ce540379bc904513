"""What the schemas of Cluster API and BYOH say of an object's fields, and where an object does not fit.

The shapes of Cluster API's kinds are in shapes.json, which `hack/capi_shapes.py` writes from its definitions; those of
BYOH's are here. A shape is a type's name, {"fields", "required"}, {"values"}, {"items"} or {"choices"}; `#3` is the one
at that place among those that are shared.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache

from kloom.capi.api_versions import V1BETA1, V1BETA2
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Literal

    from kloom.capi.rules.rule import Object, Path

    Shape = str | Mapping[str, Any]
    What = Literal["unknown", "type", "missing", "empty", "choice", "version"]

_REFERENCE = {
    "fields": dict.fromkeys(
        ("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"), "string"
    )
}


def _template(spec: Shape) -> Shape:
    return {
        "fields": {"template": {"fields": {"spec": spec}, "required": ["spec"]}},
        "required": ["template"],
    }


_OF_BYOH: Mapping[str, Shape] = {
    "BootstrapKubeconfig": {
        "fields": {
            "apiserver": "string",
            "certificate-authority-data": "string",
            "insecure-skip-tls-verify": "boolean",
        },
        "required": ["apiserver", "certificate-authority-data"],
    },
    "ByoCluster": {
        "fields": {
            "bundleLookupBaseRegistry": "string",
            "controlPlaneEndpoint": {"fields": {"host": "string", "port": "integer"}},
        }
    },
    "ByoMachineTemplate": _template(
        {"fields": {"installerRef": _REFERENCE, "providerID": "string", "selector": "map"}}
    ),
    "K8sInstallerConfigTemplate": _template(
        {"fields": {"bundleRepo": "string", "bundleType": "string"}, "required": ["bundleRepo", "bundleType"]}
    ),
}
"""The fields that both forks of BYOH have; that an endpoint needs host and port is a rule of its own."""
SHAPED = (
    "Cluster",
    "ClusterResourceSet",
    "KubeadmConfig",
    "KubeadmConfigTemplate",
    "KubeadmControlPlane",
    "KubeadmControlPlaneTemplate",
    "MachineDeployment",
    "MachineHealthCheck",
    "MachineSet",
    *_OF_BYOH,
)
"""The kinds whose shapes are known."""
_CLASSES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "text": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, float),
    "integer or string": (int, str),
    "map": (dict,),
}
_WORDS: Mapping[str, str] = {
    "string": "a string",
    "text": "a string",
    "integer": "an integer",
    "boolean": "true or false",
    "number": "a number",
    "integer or string": "an integer or a percentage",
    "map": "a map",
}
_ROOT = ("apiVersion", "kind", "metadata", "spec", "status")
_SELECTORS = ("selector", "clusterSelector")
"""What selects by labels is looked at by rules of its own."""
_FILLED_IN = (("strategy", "type"),)
"""What webhooks write before schemas are asked, whatever stands there: holder and field."""


class Misfit:
    """Where an object does not fit its schema: what is wrong, the path, and what must hold."""

    __slots__ = ("message", "path", "what")

    def __init__(self, what: What, path: Path, message: str) -> None:
        self.what = what
        self.path = path
        self.message = message


def misfits(obj: Object, kind: str, version: str) -> list[Misfit]:
    """Everything in an object that the schema of its kind refuses; nothing for a kind or version without a shape."""
    shapes = _shapes(kind)
    if version not in shapes:
        return []
    other = shapes.get(V1BETA2 if version == V1BETA1 else V1BETA1)
    found = [
        Misfit("unknown", (key,), f"is no field of a {kind}{did_you_mean(key, _ROOT)}")
        for key in obj
        if key not in _ROOT
    ]
    if obj.get("spec") is None:
        return [*found, Misfit("missing", (), "must have a spec")]
    return [*found, *Fitting(version).misfits(obj["spec"], shapes[version], other, ("spec",))]


class Fitting:
    """Holds values of one API version against shapes; `other` is the shape in the other version, where that has one."""

    __slots__ = ("_other_version", "_version")

    def __init__(self, version: str) -> None:
        self._version = version
        self._other_version = V1BETA2 if version == V1BETA1 else V1BETA1

    def misfits(self, value: Any, shape: Shape, other: Shape | None, path: Path) -> Iterator[Misfit]:
        """What does not fit at and below a path."""
        shape, other = _resolved(shape), None if other is None else _resolved(other)
        if not _has_type(value, shape):
            yield self._mistyped(value, shape, other, path)
        elif _says_nothing(value) and _must_be_said(shape):
            yield Misfit("empty", path, f"must not be empty{'' if value == '' else ': leave it out'}")
        elif isinstance(shape, str):
            return
        elif "fields" in shape:
            yield from self._map(value, shape, other, path)
        elif "values" in shape or "items" in shape:
            key = "values" if "values" in shape else "items"
            of_other = other.get(key) if isinstance(other, dict) else None
            for step, item in value.items() if key == "values" else enumerate(value):
                if item is not None or key == "items":
                    yield from self.misfits(item, shape[key], of_other, (*path, step))
        elif value not in shape["choices"] and path[-2:] not in _FILLED_IN:
            choices = shape["choices"]
            message = f"must be {' or '.join(map(str, choices))}, was {value or 'empty'}{did_you_mean(value, choices)}"
            yield Misfit("choice", path, message)

    def _map(self, value: Mapping[str, Any], shape: Mapping[str, Any], other: Any, path: Path) -> Iterator[Misfit]:
        fields = shape["fields"]
        of_other = other["fields"] if isinstance(other, dict) and "fields" in other else {}
        is_of_other = False
        for key, item in value.items():
            if item is None:
                continue
            if key not in fields:
                is_of_other |= key in of_other
                yield self._unknown(key, fields, of_other, path)
            elif key not in _SELECTORS or not isinstance(item, dict):
                yield from self.misfits(item, fields[key], of_other.get(key), (*path, key))
        missing = [key for key in shape.get("required", ()) if value.get(key) is None]
        missing = [key for key in missing if (path[-1:], key) not in [((holder,), name) for holder, name in _FILLED_IN]]
        if missing and not is_of_other:
            yield Misfit("missing", path, f"must have {' and '.join(missing)}")

    def _unknown(self, key: str, fields: Mapping[str, Any], of_other: Mapping[str, Any], path: Path) -> Misfit:
        if key in of_other:
            return Misfit("version", (*path, key), f"is a field of {self._other_version}, not of {self._version}")
        return Misfit("unknown", (*path, key), f"is no field that there is{did_you_mean(key, fields)}")

    def _mistyped(self, value: Any, shape: Shape, other: Shape | None, path: Path) -> Misfit:
        if other is not None and _has_type(value, other):
            return Misfit("version", path, f"must be {_wanted(shape)} in {self._version}, was {kind_of(value)}")
        was = f": {value}" if isinstance(value, (str, int, float)) and value != "" else ""
        return Misfit("type", path, f"must be {_wanted(shape)}, was {kind_of(value)}{was}")


def _has_type(value: Any, shape: Shape) -> bool:
    if shape == "anything":
        return True
    if isinstance(shape, str):
        is_whole = type(value) is float and value.is_integer() and int in _CLASSES[shape]
        return type(value) in _CLASSES[shape] or is_whole
    if "items" in shape:
        return isinstance(value, list)
    return isinstance(value, str if "choices" in shape else dict)


def _wanted(shape: Shape) -> str:
    if isinstance(shape, str):
        return _WORDS[shape]
    return "a list" if "items" in shape else "a string" if "choices" in shape else "a map"


def _says_nothing(value: Any) -> bool:
    """Whether it is empty, or a map of nulls, which the API server takes away first."""
    return value in ([], "") or (isinstance(value, dict) and all(item is None for item in value.values()))


def _must_be_said(shape: Shape) -> bool:
    return shape == "text" or (isinstance(shape, dict) and "must not be empty" in shape)


def _resolved(shape: Shape) -> Shape:
    if isinstance(shape, str) and shape.startswith("#"):
        found: Shape = _file()["shared"][int(shape[1:])]
        return found
    return shape


def _shapes(kind: str) -> Mapping[str, Shape]:
    """The shapes of a kind's spec by version."""
    if kind in _OF_BYOH:
        return {V1BETA1: _OF_BYOH[kind]}
    file = _file()
    return {version: file[version][kind] for version in (V1BETA1, V1BETA2) if kind in file[version]}


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    file = os.path.join(os.path.dirname(os.path.dirname(__file__)), "shapes.json")  # no path to open in the executable
    return json.loads(__spec__.loader.get_data(file))  # type: ignore[no-any-return,union-attr]  # our own file
