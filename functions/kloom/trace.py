"""Tell where a field of a generated Application comes from: which file said it last, and what that overrode.

    $ kloom trace cart-dev-cluster-a spec.destination.server
    spec.destination.server: https://10.0.0.10:6443
      overlays/clusters.yaml:3:38: cluster-A.destination.server

The first line below a field is what the Application holds; each further one is what it overrides.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

from kloom.application_generator import placed
from kloom.argo.provenance import places
from kloom.catalog import config_of
from kloom.config_file import identity
from kloom.manifest_generate_paths import ANNOTATION
from kloom.sdk.field_path import steps_of, text_of
from kloom.sdk.result import FunctionConfigError, Refusal, Result
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import position_of
from kloom.validate.configs import KIND, Generator, config_results, refusals
from kloom.validate.kustomizations import Kustomizations
from kloom.validate.tree import Tree, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kloom.application_generator import Environment
    from kloom.argo.placement import Placement
    from kloom.argo.provenance import Place, Step
    from kloom.validate.kustomizations import Config, Kustomization
    from kloom.values.layers import Layer

_MOST_ERRORS = 20
_TO_DASHES = str.maketrans("./", "--")
_COMPUTED: Mapping[Place, str] = {
    ("metadata", "annotations", ANNOTATION): "  found in the repository, as manifestGeneratePaths asks",
}


def trace(name: str, field: str = "", folder: str = os.curdir) -> Iterator[str]:
    """The lines that tell where the field, or everything inside of it, of the Application of that name comes from.

    The Application is looked for in every kustomization in and below the folder; where several make it, each is told,
    below the name of its config. Raises Refusal where none makes it, with what keeps it from being made, and for a
    field that it does not have.
    """
    try:
        path = steps_of(field)
    except ValueError as error:
        raise Refusal(str(error)) from None
    if not os.path.isdir(folder):
        raise Refusal(f"{folder}: must be a folder" if os.path.exists(folder) else f"{folder}: no such folder")
    makers = list(_makers(folder))
    made = [(maker, placement) for maker in makers for placement in maker.placements if _is_called(placement, name)]
    if not made:
        raise _refusal(name, folder, makers)
    several = len({maker.config.file for maker, _ in made}) > 1
    for maker, placement in made:
        if several:
            yield f"# {maker.tree.shown(maker.config.file)}"
        yield from _traced(maker, placement, path)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Maker:
    """One config and what it makes; its files, and those of errors and services, are as they are seen from here."""

    tree: Tree
    config: Config
    generator: Generator | None = None
    """None where the config itself is wrong."""
    shared: Sequence[Layer] = ()
    """The layers that all services have in common."""
    services: Mapping[str, str] = field(default_factory=dict)
    """The names of the services by their files."""
    placements: Sequence[Placement] = ()
    errors: Sequence[Result] = ()

    def errors_about(self, name: str) -> Iterator[Result]:
        """The errors in whatever all services need, and in files of those whose name is a part of this one."""
        for error in self.errors:
            service = self.services.get(error.file)
            if service is None or _is_part(service, name):
                yield error

    def shown(self, source: str) -> str:
        """The file of a layer."""
        return self.tree.shown(self.generator.path_of(source) if self.generator else self.config.file)


def _makers(folder: str) -> Iterator[_Maker]:
    """The configs of all kustomizations in and below the folder, each once."""
    tree = Tree(root_of(folder))
    within = os.path.join(os.path.realpath(folder), "")
    kustomizations = Kustomizations(tree, dict.fromkeys((*tree.files(), *tree.files(os.path.realpath(folder)))))
    seen = set()
    for config in kustomizations.configs():
        file = config.kustomization.file
        key = (file, config.field, identity(config.data))
        if config.data.get("kind") == KIND and file.startswith(within) and key not in seen:
            seen.add(key)
            homes = kustomizations.homes(config.kustomization) if config.field == "transformers" else ()
            for home in homes or (None,):
                yield _maker(tree, config, kustomizations, home)


def _maker(tree: Tree, config: Config, kustomizations: Kustomizations, home: Kustomization | None) -> _Maker:
    """What a config makes of what a kustomization hands it, as far as it can be made."""
    try:
        generator = Generator(config, config_of(config.data), kustomizations, home)
    except FunctionConfigError as error:
        return _Maker(tree=tree, config=config, errors=config_results(tree, config, error))
    environment = generator.environment({}, tree.shown(config.file))
    placements, found = placed(environment)
    errors = [result for result in (*found, *refusals(environment)) if result.severity == "error"]
    return _Maker(
        tree=tree,
        config=config,
        generator=generator,
        shared=environment.shared,
        services={tree.shown(generator.path_of(source)): name for source, name in _services(environment)},
        placements=placements,
        errors=[generator.shown(tree, result) for result in errors],
    )


def _services(environment: Environment) -> Iterator[tuple[str, str]]:
    """File and name of each service; of one that says none, or cannot be read, that of the file."""
    read = {layer.source: layer.data.get("global") for layer in environment.services}
    unread = (finding.file for finding in environment.findings) if environment.is_complete else ()
    for source in (*read, *unread):
        shared = read.get(source)
        name = shared.get("name") if isinstance(shared, dict) else None
        yield source, name if isinstance(name, str) and name else os.path.splitext(os.path.basename(source))[0]


def _is_part(service: str, name: str) -> bool:
    """Whether a service's name stands in an Application's, at the ends or between dashes, dots and slashes."""
    return f"-{service}-".lower().translate(_TO_DASHES) in f"-{name}-".translate(_TO_DASHES)


def _is_called(placement: Placement, name: str) -> bool:
    namespace, own = placement.key()
    return name in (own, f"{namespace}/{own}")


def _refusal(name: str, folder: str, makers: Sequence[_Maker]) -> Refusal:
    """That nothing makes the Application, and what may be why: mistakes of its service, or of what all need."""
    known = [placement.key()[1] for maker in makers for placement in maker.placements]
    others = f"but {len(known)} other{'s' if len(known) > 1 else ''}" if known else "nor any other"
    message = f"{folder}: makes no Application {name}, {others}{did_you_mean(name, known)}"
    errors = [error for maker in makers for error in maker.errors_about(name)]
    if len(errors) > _MOST_ERRORS:
        message += f"; the first {_MOST_ERRORS} of {len(errors)} mistakes follow, --in DIR looks in fewer folders"
    return Refusal([Result.error(message), *errors[:_MOST_ERRORS]])


def _traced(maker: _Maker, placement: Placement, path: Sequence[Step]) -> Iterator[str]:
    value = _value(placement.application, path)
    if value is None:
        raise Refusal(_no_such_field(placement.application, path))
    layers = [*maker.shared, placement.service]
    for leaf, said in _leaves(value, path):
        yield f"{text_of(leaf)}: {_shown(said)}"
        told = list(_told(placement, layers, leaf, maker))
        yield from told or [_COMPUTED.get(leaf, "  by default, or the same in every Application")]


def _told(placement: Placement, layers: Sequence[Layer], leaf: Sequence[Step], maker: _Maker) -> Iterator[str]:
    """One line for each layer that says the leaf at one of its places, what is in force first."""
    value = _value(placement.application, leaf)
    for place in places(placement.values, placement.cluster, leaf):
        for layer in reversed(layers):
            if layer.has(place):
                said = _value(layer.data, place)
                suffix = "" if said == value or leaf[:2] == ("metadata", "name") else f" (overridden: {_shown(said)})"
                yield f"  {_position(layer, place, maker)}{text_of(layer.written(place))}{suffix}"
                if layer.written(place) != place:
                    file, line, column = layer.taken[str(place[0])]()
                    yield f"    {maker.shown(file)}:{line}:{column}"


def _position(layer: Layer, place: Place, maker: _Maker) -> str:
    if layer.text is None:
        path = (*layer.config_path, *place)
        line, column = maker.config.position(maker.tree, path)
        return f"{maker.tree.shown(maker.config.file)}:{line}:{column}: {text_of(layer.config_path)}."
    line, column = position_of(layer.text, layer.written(place))
    return f"{maker.shown(layer.source)}:{line}:{column}: "


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
