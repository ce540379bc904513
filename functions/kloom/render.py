"""Render a kustomization of kloom's without kustomize: the same objects in the same order, faster.

Reads the fields that are listed in APPLIED and refuses every other one by name, rather than print something else than
kustomize would.
"""

from __future__ import annotations

import os

from kloom import API_VERSION, catalog
from kloom.config_file import kustomization_file
from kloom.sdk.kube_object import is_local_config, misshapen
from kloom.sdk.patterns import pattern
from kloom.sdk.resource_list import ResourceList
from kloom.sdk.result import Refusal, Result
from kloom.sdk.yaml_reader import YamlError, YamlReader, kustomize_plain, position_of
from kloom.values.files import FileError, Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    Place = tuple[str, str, Sequence[str | int]]
    """A field of a kustomization: its file, the file's text, the field's path."""

APPLIED = ("apiVersion", "kind", "metadata", "resources", "generators", "sortOptions")

_TOLD_FIELDS = 100
ORDERS = ("legacy", "fifo")
_DATE = pattern(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\s].*)?")
_SAME_DATE = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def _plain(text: str) -> Any:
    """A plain scalar of a resource; raises ValueError for a date that kustomize would print as another text."""
    value = kustomize_plain(text)
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_PLAIN_FLOAT:
        return int(value)
    if text[4:5] == "-" and _DATE.fullmatch(text) and not _SAME_DATE.fullmatch(text):
        raise ValueError(f"kustomize prints the date {text} as another text: quote it")
    return value


_LARGEST_PLAIN_FLOAT = 1e21
"""From here on kustomize prints whole floats with an exponent."""
_reader = YamlReader(_plain, lenient=True)


class Rendered:
    """The objects in kustomize's order, and warnings."""

    __slots__ = ("objects", "results")

    def __init__(self, objects: list[dict[str, Any]], results: list[Result]) -> None:
        self.objects = objects
        self.results = results


def render(folder: str) -> Rendered:
    """The objects that `kustomize build` of the folder prints.

    Raises Refusal for a kustomization with fields that are not applied here, and for all that the build would refuse.
    """
    results: list[Result] = []
    objects, kustomization = _accumulate(folder, results, ())
    _refuse_duplicates(objects, folder)
    objects = [obj for obj in objects if not is_local_config(obj)]
    if kustomization.get("sortOptions") != {"order": "fifo"}:
        objects.sort(key=legacy_order)
    return Rendered(objects, results)


def generator_configs(folder: str) -> list[dict[str, Any]]:
    """The configs that the kustomization in the folder lists under generators, and nothing else but them.

    Raises Refusal for a kustomization that lists more than generators.
    """
    name, file = _kustomization_in(folder)
    repository = Repository(folder)
    text, kustomization = _kustomization(repository, name, file)
    if kustomization.get("resources"):
        raise Refusal(
            Result.error("must list generators only", field="resources").at(
                file, *position_of(text, ["resources"], key=True)
            )
        )
    return list(_configs(repository, kustomization, file, text))


def legacy_order(obj: Mapping[str, Any]) -> tuple[int, str]:
    """The key of kustomize's default order (legacy): namespaces and the like first, webhooks last, then by identity."""
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    kind = str(obj.get("kind", ""))
    metadata = obj.get("metadata") or {}
    identity = "_".join((group or "~G", version or "~V", kind or "~K"))
    namespace, name = metadata.get("namespace") or "~X", metadata.get("name") or "~N"
    return (_RANK.get(kind, 0), f"{identity}|{namespace}|{name}")


def _accumulate(
    folder: str, results: list[Result], parents: Sequence[str]
) -> tuple[list[dict[str, Any]], Mapping[str, Any]]:
    """The objects of one kustomization, resources first and in their order, and the kustomization itself."""
    real = os.path.realpath(folder)
    if real in parents:
        raise Refusal(f"{folder}: must not list a kustomization above itself")
    name, file = _kustomization_in(folder)
    repository = Repository(folder)
    text, kustomization = _kustomization(repository, name, file)
    objects: list[dict[str, Any]] = []
    for index, entry in enumerate(kustomization.get("resources") or []):
        if os.path.isdir(os.path.join(folder, entry)):
            _require_inside(repository, entry, (file, text, ("resources", index)))
            below, _ = _accumulate(os.path.join(folder, entry), results, (*parents, real))
            objects += below
        else:
            objects += _resources(repository, entry, (file, text, ("resources", index)))
    for config in _configs(repository, kustomization, file, text):
        objects += _generated(config, folder, results)
    return objects, kustomization


def _kustomization_in(folder: str) -> tuple[str, str]:
    """The kustomization's name in its folder, and its path for messages."""
    name = kustomization_file(folder)
    if name is None:
        if os.path.isfile(folder):
            raise Refusal(f"{folder}: must be a folder, was a file (did you mean {os.path.dirname(folder) or '.'}?)")
        holds = "must hold a kustomization.yaml" if os.path.isdir(folder) else "no such folder"
        raise Refusal(f"{folder}: {holds}")
    path = os.path.normpath(os.path.join(folder, name))
    if os.path.islink(path):  # kustomize takes no kustomization of another folder
        target = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
        if target.split(os.sep)[0] == os.pardir:
            raise Refusal(Result.error(f"must stand in its own folder, was a link to {target}", file=path))
    return name, path


def _configs(
    repository: Repository, kustomization: Mapping[str, Any], file: str, text: str
) -> Iterator[dict[str, Any]]:
    """The configs listed under generators, as files or inline."""
    for index, entry in enumerate(kustomization.get("generators") or []):
        place = (file, text, ("generators", index))
        yield from _parsed(entry, file) if "\n" in entry else _manifests(repository, entry, place)


def _kustomization(repository: Repository, name: str, file: str) -> tuple[str, Mapping[str, Any]]:
    """The text and content of a kustomization whose every field is applied here."""
    try:
        text = repository.read(name)
    except FileError as error:
        raise Refusal(f"{file}: {error}") from None
    documents = _parsed(text, file, is_one=True)
    if not documents:
        raise Refusal(f"{file}: must not be empty")
    kustomization = documents[0]
    if kustomization.get("kind", "Kustomization") != "Kustomization":
        raise Refusal(Result.error("must be a Kustomization").at(file, *position_of(text, ["kind"])))
    unapplied = [key for key in kustomization if key not in APPLIED]
    wrong = [
        *(_unapplied(key, file, text) for key in unapplied[:_TOLD_FIELDS]),
        *_misshapen(kustomization, file, text),
    ]
    if wrong:
        raise Refusal(wrong)
    return text, kustomization


def _misshapen(kustomization: Mapping[str, Any], file: str, text: str) -> Iterator[Result]:
    """Fields that kustomize itself could not read."""
    for field in ("resources", "generators"):
        entries = kustomization.get(field) or []
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            yield Result.error("must be a list of strings", field=field).at(file, *position_of(text, [field]))
    if kustomization.get("sortOptions") not in (None, *({"order": order} for order in ORDERS)):
        message = f"must be {{order: {' or '.join(ORDERS)}}}"
        yield Result.error(message, field="sortOptions").at(file, *position_of(text, ["sortOptions"]))


def _unapplied(key: str, file: str, text: str) -> Result:
    applied = ", ".join(APPLIED[3:])
    hint = "; build this one with kustomize"
    return Result.error(
        f"kloom render does not apply this field of a kustomization, only {applied}{hint}", field=key
    ).at(file, *position_of(text, [key], key=True))


def _require_inside(repository: Repository, entry: str, place: Place) -> None:
    """Refuse a kustomization outside of the repository."""
    try:
        repository.folder(entry)
    except FileError as error:
        raise _refused(f"{entry}: {error}", place) from None


def _resources(repository: Repository, entry: str, place: Place) -> list[dict[str, Any]]:
    """The objects of one listed file, as whole as kustomize wants them."""
    objects = _manifests(repository, entry, place)
    for obj in objects:
        metadata = obj.get("metadata")
        if not obj.get("kind") or not isinstance(metadata, dict) or not metadata.get("name"):
            raise _refused(f"{entry}: each object must have a kind and metadata.name", place)
        if not all(isinstance(value, str) for value in (metadata.get("annotations") or {}).values()):
            raise _refused(f"{entry}: annotations must be strings: quote them", place)
        if obj["kind"] in catalog.FUNCTIONS and not is_local_config(obj):
            _require_no_config(obj, entry, place)
    return objects


def _require_no_config(obj: Mapping[str, Any], entry: str, place: Place) -> None:
    """Refuse a config of kloom's among resources, which kustomize prints as if it were to be applied."""
    if str(obj.get("apiVersion")).partition("/")[0] == API_VERSION.partition("/")[0]:
        raise _refused(catalog.misplaced(entry, obj["kind"]), place)


def _manifests(repository: Repository, entry: str, place: Place) -> list[dict[str, Any]]:
    """The objects of one listed file, which kustomize wants below the kustomization's folder."""
    file = place[0]
    if os.path.normpath(entry).split(os.sep)[0] == os.pardir:
        raise _refused(f"{entry}: must be a file below the kustomization's folder", place)
    try:
        return _parsed(repository.read(entry), os.path.normpath(os.path.join(os.path.dirname(file), entry)))
    except FileError as error:
        raise _refused(f"{entry}: {error}", place) from None


def _refused(message: str, place: Place) -> Refusal:
    file, text, field = place
    return Refusal(Result.error(message, field=field).at(file, *position_of(text, field)))


def _parsed(text: str, file: str, *, is_one: bool = False) -> list[dict[str, Any]]:
    """The objects of a text, which may have to be one document."""
    try:
        documents = [_reader.document(text)] if is_one else _reader.documents(text)
    except YamlError as error:
        raise Refusal(Result.error(error.message).at(file, error.line, error.column)) from None
    objects = [obj for document in documents if document is not None for obj in _inlined(document)]
    if not all(isinstance(obj, dict) for obj in objects):
        raise Refusal(f"{file}: must hold objects")
    if wrong := [Result.error(told, field=path, file=file) for obj in objects for path, told in misshapen(obj)]:
        raise Refusal(wrong)
    return [obj for obj in objects if obj]


def _inlined(document: Any) -> Iterator[Any]:
    """The object, or the objects of a list of any kind."""
    items = document.get("items") if isinstance(document, dict) else None
    if isinstance(items, list) and str(document.get("kind", "")).endswith("List"):
        yield from items
    else:
        yield document


def _generated(config: dict[str, Any], folder: str, results: list[Result]) -> list[dict[str, Any]]:
    """What the function of one config generates, run in the kustomization's folder as kustomize does."""
    resources = ResourceList((), config)
    former = os.getcwd()
    os.chdir(folder)
    try:
        catalog.dispatch(resources)
    except Refusal as refusal:
        raise Refusal(_from(folder, result) for result in refusal.results) from None
    finally:
        os.chdir(former)
    errors = [result for result in resources.results if result.severity == "error"]
    if errors:
        raise Refusal(_from(folder, result) for result in resources.results)
    results += [_from(folder, result) for result in resources.results]
    return resources.items


def _from(folder: str, result: Result) -> Result:
    """The result with its file as seen from where the command runs."""
    if not result.file or result.file.startswith("ConfigMap/"):
        return result
    return result.but(file=os.path.normpath(os.path.join(folder, result.file)))


def _refuse_duplicates(objects: Sequence[Mapping[str, Any]], folder: str) -> None:
    """Two objects of one identity stop kustomize ("may not add resource with an already registered id")."""
    seen: set[tuple[str, str, str, str]] = set()
    repeated = []
    for obj in objects:
        metadata = obj.get("metadata") or {}
        identity = (
            str(obj.get("apiVersion")),
            str(obj.get("kind")),
            metadata.get("namespace") or "default",
            str(metadata.get("name")),
        )
        if identity in seen:
            repeated.append(f"{folder}: {identity[1]}/{identity[3]} in namespace {identity[2]} must be there only once")
        seen.add(identity)
    if repeated:
        raise Refusal(Result.error(text) for text in repeated)


def _ranks() -> Iterator[tuple[str, int]]:
    first = (
        "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount",
        "PodSecurityPolicy", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret",
        "Endpoints", "Service", "LimitRange", "PriorityClass", "PersistentVolume", "PersistentVolumeClaim",
        "Deployment", "StatefulSet", "CronJob", "PodDisruptionBudget",
    )  # fmt: skip
    last = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    yield from ((kind, at - len(first)) for at, kind in enumerate(first))
    yield from ((kind, at + 1) for at, kind in enumerate(last))


_RANK = dict(_ranks())
