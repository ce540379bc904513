"""Tell where a field of a generated Application comes from: which file said it last, and what that overrode.

    $ kloom trace cart-dev-cluster-a spec.destination.server
    spec.destination.server: https://10.0.0.10:6443
      overlays/clusters.yaml:3:38: cluster-A.destination.server

The first line below a field is what the Application holds; each further one is what it overrides.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress

from kloom.application_generator import Environment, GeneratorConfig, placed
from kloom.argo.provenance import places
from kloom.config_file import identity, kustomization_file, kustomization_folders, listed_configs, located
from kloom.manifest_generate_paths import ANNOTATION
from kloom.sdk.field_path import steps_of, text_of
from kloom.sdk.result import Refusal, Result
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import position_of
from kloom.values.files import FileError, Repository
from kloom.values.inputs import Inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.placement import Placement
    from kloom.argo.provenance import Place, Step
    from kloom.values.inputs import Entry
    from kloom.values.layers import Layer

KIND = "ApplicationGenerator"
_MOST_ERRORS = 20
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
    several = len({maker.config for maker, _ in made}) > 1
    for maker, placement in made:
        if several:
            yield f"# {maker.config}"
        yield from _traced(maker, placement, path)


class _Maker:
    """One config: the folder of its kustomization, its file, the layers that its services share, and what it makes.

    `errors` is what is wrong with it, with files as they are seen from here; `services` the names of its services, by
    such files.
    """

    __slots__ = ("config", "errors", "folder", "placements", "services", "shared")

    def __init__(self, folder: str, config: str) -> None:
        self.folder = folder
        self.config = config
        self.errors: Sequence[Result] = ()
        self.placements: Sequence[Placement] = ()
        self.services: dict[str, str] = {}
        self.shared: Sequence[Layer] = ()

    def file(self, source: str) -> str:
        """A file of the environment as it is seen from here."""
        return os.path.normpath(os.path.join(self.folder, source))

    def read(self, config: Mapping[str, Any]) -> None:
        """Make what the config asks for, as far as it can be made."""
        try:
            record = GeneratorConfig.from_object(config)
            environment = Environment(record, Inputs(Repository(self.folder), ()))
        except Refusal as refusal:
            self.errors = self._errors_in(refusal.results, config)
            return
        self.shared = environment.shared
        self.services = {self.file(source): _stem(source) for source in _files(record.services, environment.repository)}
        self.services |= {self.file(layer.source): _name_in(layer) for layer in environment.services}
        self.placements, found = placed(environment)
        refused = [Result.error(message, field=("spec", *place)) for place, message in environment.refused]
        self.errors = self._errors_in([*found, *refused], config)

    def errors_about(self, name: str) -> Iterator[Result]:
        """The errors in whatever all services need, and in files of those whose name is a part of this one."""
        return (error for error in self.errors if self.services.get(error.file, "") in name)

    def _errors_in(self, results: Iterable[Result], config: Mapping[str, Any]) -> list[Result]:
        errors = [result for result in results if result.severity == "error"]
        return [
            result.but(file=self.file(result.file) if result.file else self.config)
            for result in located(errors, config, self.folder)
        ]


def _makers(folder: str) -> Iterator[_Maker]:
    """The configs of all kustomizations in and below the folder, each once."""
    for where in kustomization_folders(folder):
        seen = set()
        for entry, _, config in listed_configs(where, ["generators"]):
            if config.get("kind") == KIND and identity(config) not in seen:
                seen.add(identity(config))
                file = entry if "\n" not in entry else kustomization_file(where) or ""
                maker = _Maker(where, os.path.normpath(os.path.join(where, file)))
                maker.read(config)
                yield maker


def _files(entries: Iterable[Entry], repository: Repository) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, str):
            with suppress(FileError):  # which is one of the errors
                yield from repository.find(entry)


def _stem(source: str) -> str:
    return os.path.splitext(os.path.basename(source))[0]


def _name_in(layer: Layer) -> str:
    """The service's name, or its file's where it says none."""
    shared = layer.data.get("global")
    name = shared.get("name") if isinstance(shared, dict) else None
    return name if isinstance(name, str) else _stem(layer.source)


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
        told = list(_told(placement, layers, leaf, maker.folder))
        yield from told or [_COMPUTED.get(leaf, "  by default, or the same in every Application")]


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
