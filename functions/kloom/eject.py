"""Leave kloom: write the plain-helm form of a kustomization, and prove that it renders the same.

    DIR/kustomization.yaml      helmCharts: one entry a service
    DIR/charts/argo-app-root/   the root chart for the kustomization's own clusters, argo-app inside
    DIR/values/                 the values files as they are, by their paths in the repository

Nothing is written unless the real helm renders the very Applications that the function does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from kloom import charts
from kloom.application_generator import Environment, GeneratorConfig, expand
from kloom.render import generator_configs, render
from kloom.sdk.result import Refusal
from kloom.sdk.yaml_patch import patched
from kloom.sdk.yaml_reader import YamlReader, kustomize_plain
from kloom.sdk.yaml_writer import to_yaml
from kloom.values.files import Repository
from kloom.values.helm_yaml import LARGEST_INTEGER
from kloom.values.inputs import Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kloom.values.layers import Layer

_NOT_IN_RELEASE_NAMES = re.compile("[^a-z0-9-]+")
_MAX_RELEASE_NAME = 53
_MODELINE = re.compile(r"^(#\s*yaml-language-server:\s*\$schema=)(\S+)", re.MULTILINE)
_HEADER = """\
# The plain-helm form of a kloom kustomization: the same Applications from the same values files.
# kustomize build --enable-helm
"""


def eject(folder: str, to: str | None = None) -> str:
    """Write the plain-helm form of the kustomization in the folder; a sentence about what was proven.

    Raises Refusal where the kustomization holds more than one ApplicationGenerator, where it does not build, where helm
    is missing, and where helm renders something else (which would be a bug in kloom's charts).
    """
    target = _beside(folder) if to is None else to
    if os.path.lexists(target):
        raise Refusal(f"{target} is there already; move it away, or name another folder with --to")
    if shutil.which("helm") is None:
        raise Refusal("helm must be on PATH: without it nothing proves that both forms render the same")
    environment, applications = _environment(folder)
    parent = os.path.dirname(os.path.abspath(target))
    os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".kloom-eject-") as scratch:
        draft = os.path.join(scratch, "draft")
        releases = _write(environment, folder, draft, os.path.abspath(target))
        _prove(applications, _rendered_by_helm(draft, releases))
        os.rename(draft, target)
    count = len(applications)
    proven = f"{target}: helm renders the same {count} Applications of {len(releases)} services as kloom does"
    return proven if not environment.config.generate_paths_of else f"{proven}, but for the manifestGeneratePaths"


def _beside(folder: str) -> str:
    """A folder of the same name with -helm behind it: inside, a glob for services could match the copied values."""
    path = os.path.normpath(folder)
    return f"{path if os.path.basename(path).strip('.') else os.path.realpath(path)}-helm"


def _environment(folder: str) -> tuple[Environment, list[dict[str, Any]]]:
    """What the folder's one ApplicationGenerator reads, and the Applications that it makes."""
    configs = generator_configs(folder)
    if [config.get("kind") for config in configs] != ["ApplicationGenerator"]:
        raise Refusal(f"{folder}: must list one ApplicationGenerator under generators, lists {len(configs)} configs")
    render(folder)  # refuses what a build would refuse, with its places
    environment = Environment(GeneratorConfig.from_object(configs[0]), Inputs(Repository(folder), ()))
    without_paths = GeneratorConfig.from_object(_without_paths(configs[0]))
    applications, _ = expand(Environment(without_paths, Inputs(Repository(folder), ())))
    return environment, applications


def _without_paths(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config without what takes a look into the repository, which Helm cannot do."""
    spec = {key: value for key, value in config["spec"].items() if key != "manifestGeneratePaths"}
    return {**config, "spec": spec}


def _write(environment: Environment, folder: str, draft: str, target: str) -> list[dict[str, Any]]:
    """Write chart, values files and kustomization into the draft of the target; the entries of its `helmCharts`."""
    charts.write_root_chart(environment.clusters, os.path.join(draft, "charts", charts.ROOT_CHART))
    repository = Repository(folder)
    shared = [_write_values(layer, repository, draft, target) for layer in environment.shared]
    releases = []
    for service in environment.services:
        first, *others = [*shared, _write_values(service, repository, draft, target)]
        release = {"name": charts.ROOT_CHART, "releaseName": _release_name(service), "valuesFile": first}
        releases.append(release | ({"additionalValuesFiles": others} if others else {}))
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "helmGlobals": {"chartHome": "charts"},
        "helmCharts": releases,
    }
    with open(os.path.join(draft, "kustomization.yaml"), "w", encoding="utf-8") as file:
        file.write(_HEADER + to_yaml(kustomization))
    return releases


def _write_values(layer: Layer, repository: Repository, draft: str, target: str) -> str:
    """Copy a layer's file below values/, under its path in the repository; its path in the draft."""
    source = os.path.join(repository.base, layer.source or "kloom-inventory.yaml")
    path = os.path.join("values", os.path.relpath(source, repository.root))
    full = os.path.join(draft, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8", newline="") as file:
        file.write(_with_schemas(_values_text(layer), source, os.path.join(target, path)))
    return path


def _with_schemas(text: str, former: str, path: str) -> str:
    """The text with its comments for editors, which name a schema beside the former file, as they must be elsewhere."""

    def moved(match: re.Match[str]) -> str:
        if "://" in match[2] or os.path.isabs(match[2]):
            return match[0]
        schema = os.path.join(os.path.dirname(former), match[2])
        return match[1] + os.path.relpath(schema, os.path.dirname(path))

    return _MODELINE.sub(moved, text)


def _values_text(layer: Layer) -> str:
    """The layer's file as it is; with servers where it says `from`, which helm does not read."""
    if layer.text is None:
        return to_yaml(layer.data)
    return patched(layer.text, layer.data) if layer.taken else layer.text


def _release_name(service: Layer) -> str:
    stem = os.path.splitext(os.path.basename(service.source))[0].lower()
    return _NOT_IN_RELEASE_NAMES.sub("-", stem).strip("-")[:_MAX_RELEASE_NAME].rstrip("-") or "service"


def _rendered_by_helm(draft: str, releases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects of all releases, by one helm process each, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [obj for objects in pool.map(lambda release: _template(draft, release), releases) for obj in objects]


def _template(draft: str, release: dict[str, Any]) -> list[dict[str, Any]]:
    files = [release["valuesFile"], *release.get("additionalValuesFiles", ())]
    values = [word for file in files for word in ("--values", file)]
    chart = os.path.join("charts", charts.ROOT_CHART)
    command = ["helm", "template", release["releaseName"], chart, *values]
    done = subprocess.run(command, cwd=draft, capture_output=True, text=True, check=False)  # noqa: S603  # our words
    if done.returncode:
        raise Refusal(f"helm refuses {release['releaseName']}: {done.stderr.strip()}")
    return [obj for obj in YamlReader(kustomize_plain).documents(done.stdout) if obj]


def _prove(ours: Sequence[dict[str, Any]], helms: Sequence[dict[str, Any]]) -> None:
    """Raise Refusal, naming what differs, unless both hold the same Applications."""
    mine, its = _by_name(ours), _by_name(helms)
    different = sorted(name for name in mine.keys() | its.keys() if mine.get(name) != its.get(name))
    if different or len(its) != len(helms):
        raise Refusal(
            f"helm renders something else, which is a bug in kloom: {', '.join(different) or 'twice the same'}"
        )


def _by_name(objects: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"{obj['metadata']['namespace']}/{obj['metadata']['name']}": as_float64(obj) for obj in objects}


def as_float64(value: Any) -> Any:
    """The same data with integers beyond 2^53 as the floats that they are to Helm and to JSON's readers in Go.

    Helm prints the float 3.566908172896435e16 as the integer 35669081728964350.
    """
    if isinstance(value, dict):
        return {key: as_float64(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_float64(item) for item in value]
    return float(value) if isinstance(value, int) and abs(value) > LARGEST_INTEGER else value
