"""Tell where a field of a generated Application comes from: which file said it last, and what that overrode.

    $ kloom trace cart-dev-cluster-a spec.destination.server
    spec.destination.server: https://10.0.0.10:6443
      overlays/clusters.yaml:3:38: cluster-A.destination.server

The first line below a field is what the Application holds; each further one is what it overrides.
"""

from __future__ import annotations

import json
import os

from kloom.application_generator import Environment, GeneratorConfig, placed
from kloom.argo.provenance import places
from kloom.config_file import identity, kustomization_folders, listed_configs
from kloom.manifest_generate_paths import ANNOTATION
from kloom.sdk.field_path import steps_of, text_of
from kloom.sdk.result import Refusal
from kloom.sdk.yaml_reader import position_of
from kloom.values.files import Repository
from kloom.values.inputs import Inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.placement import Placement
    from kloom.argo.provenance import Place, Step
    from kloom.values.layers import Layer

KIND = "ApplicationGenerator"
_COMPUTED: Mapping[Place, str] = {
    ("metadata", "annotations", ANNOTATION): "  found in the repository, as manifestGeneratePaths asks",
}


def trace(name: str, field: str = "", folder: str = os.curdir) -> Iterator[str]:
    """The lines that tell where the field, or everything inside of it, of the Application of that name comes from.

    The Application is looked for in every kustomization in and below the folder. Raises Refusal where none makes it,
    and for a field that it does not have.
    """
    try:
        path = steps_of(field)
    except ValueError as error:
        raise Refusal(str(error)) from None
    for where, environment, placement in _found(name, folder):
        value = _value(placement.application, path)
        if value is None:
            raise Refusal(_no_such_field(placement.application, path))
        layers = [*environment.shared, placement.service]
        for leaf, said in _leaves(value, path):
            yield f"{text_of(leaf)}: {_shown(said)}"
            told = list(_told(placement, layers, leaf, where))
            yield from told or [_COMPUTED.get(leaf, "  by default, or the same in every Application")]


def _found(name: str, folder: str) -> Iterator[tuple[str, Environment, Placement]]:
    """Where the Application is made: the kustomization's folder, what its config reads, the service on its cluster."""
    known: list[str] = []
    found = False
    for where in kustomization_folders(folder):
        for environment in _environments(where):
            for placement in placed(environment)[0]:
                namespace, own = placement.key()
                known.append(own)
                if name in (own, f"{namespace}/{own}"):
                    found = True
                    yield where, environment, placement
    if not found:
        from difflib import get_close_matches

        close = "".join(f" (did you mean {match}?)" for match in get_close_matches(name, known, n=1))
        raise Refusal(f"{folder}: makes no Application {name}, but {len(known)} others{close}")


def _environments(folder: str) -> Iterator[Environment]:
    seen = set()
    for _, _, config in listed_configs(folder, ["generators"]):
        if config.get("kind") == KIND and identity(config) not in seen:
            seen.add(identity(config))
            yield Environment(GeneratorConfig.from_object(config), Inputs(Repository(folder), ()))


def _told(placement: Placement, layers: Sequence[Layer], leaf: Sequence[Step], folder: str) -> Iterator[str]:
    """One line for each layer that says the leaf at one of its places, what is in force first."""
    value = _value(placement.application, leaf)
    for place in places(placement.values, placement.cluster, leaf):
        for layer in reversed(layers):
            if layer.has(place):
                said = _value(layer.data, place)
                suffix = "" if said == value or leaf[:2] == ("metadata", "name") else f" (overridden: {_shown(said)})"
                yield f"  {_position(layer, place, folder)}{text_of(layer.written(place))}{suffix}"
                if layer.written(place) != place:
                    file, line, column = layer.taken[str(place[0])]()
                    yield f"    {os.path.normpath(os.path.join(folder, file))}:{line}:{column}"


def _position(layer: Layer, place: Place, folder: str) -> str:
    if layer.text is None:
        return f"{folder}: {text_of(layer.config_path)}."
    line, column = position_of(layer.text, layer.written(place))
    return f"{os.path.normpath(os.path.join(folder, layer.source))}:{line}:{column}: "


def _leaves(value: Any, path: Sequence[Step]) -> Iterator[tuple[Place, Any]]:
    """What stands inside of a map, each scalar and list with its path; the value itself where it is no map."""
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _leaves(value[key], (*path, key))
    else:
        yield tuple(path), value


def _value(data: Any, path: Sequence[Step]) -> Any:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _shown(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() and value else json.dumps(value, ensure_ascii=False)


def _no_such_field(application: Any, path: Sequence[Step]) -> str:
    """Says how far the path leads, and what is there."""
    at = next(count for count in range(1, len(path) + 1) if _value(application, path[:count]) is None)
    there = _value(application, path[: at - 1])
    known = ", ".join(sorted(there)) if isinstance(there, dict) else "no fields"
    where = text_of(path[: at - 1]) or "it"
    return f"{text_of(path)}: the Application has no {text_of(path[:at])}; in {where} there are {known}"
