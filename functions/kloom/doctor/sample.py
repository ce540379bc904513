"""The tiny repository that `kloom doctor` builds: one service on one cluster, in the form that each way asks for."""

from __future__ import annotations

import os

from kloom import API_VERSION

APPLICATION = "name: examined-in-cluster\n"
"""What every way must bring about."""
CONFIG = "applications.yaml"
SERVICE = """\
global: {name: examined}
source: {repoURL: https://git.example.com/examined.git, path: deploy}
in-cluster: {enable: true}
"""
COMMENT = "# which must stay\n"
_KUSTOMIZATION = f"generators: [{CONFIG}]\n"
_ITEMS_KUSTOMIZATION = f"resources: [services.yaml]\ntransformers: [{CONFIG}]\n"
_VALUES = f"""\
{COMMENT}apiVersion: v1
kind: ConfigMap
metadata:
  name: services
  annotations: {{kloom.dev/values: services, config.kubernetes.io/local-config: "true"}}
data:
  examined.yaml: |
"""


def write_plugin_form(folder: str) -> None:
    """Values in files, for the plugin home and for kloom itself."""
    _write(folder, {"kustomization.yaml": _KUSTOMIZATION, CONFIG: _config("service.yaml"), "service.yaml": SERVICE})


def write_exec_form(folder: str) -> None:
    """The same with the annotation that makes it an exec function."""
    config = _config("service.yaml", "exec: {path: kloom}")
    _write(folder, {"kustomization.yaml": _KUSTOMIZATION, CONFIG: config, "service.yaml": SERVICE})


def write_container_form(folder: str, image: str) -> None:
    """Values as items, for a function that sees no files."""
    config = _config("{items: services}", f'container: {{image: "{image}"}}')
    _write(folder, {"kustomization.yaml": _ITEMS_KUSTOMIZATION, CONFIG: config, "services.yaml": _values()})


def write_package(folder: str) -> None:
    """Values as items, for a function that writes into the files of its folder."""
    config = _config("{items: services}", "exec: {path: kloom}")
    _write(folder, {CONFIG: config, "services.yaml": _values()})


def _config(services: str, function: str = "") -> str:
    annotations = f"\n  annotations: {{config.kubernetes.io/function: '{function}'}}" if function else ""
    return (
        f"apiVersion: {API_VERSION}\nkind: ApplicationGenerator\nmetadata:\n  name: examined{annotations}\n"
        f"spec:\n  clusters: {{in-cluster: {{destination: {{name: in-cluster}}}}}}\n  services: {services}\n"
    )


def _values() -> str:
    return _VALUES + "".join(f"    {line}\n" for line in SERVICE.splitlines())


def _write(folder: str, files: dict[str, str]) -> None:
    os.makedirs(folder)
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
