"""What the samples' Applications deploy, in small: each Git repository, release and chart that they name, on this disk.

Every path holds one Deployment, every chart renders one ConfigMap with its values in it. They are made from what the
Applications say, so that a service that comes to the samples has its stand-in.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from git_repository import GitRepository
from processes import Server, answers, free_ports

Object = dict[str, Any]

CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  values: {{ toJson .Values | quote }}
"""


@contextmanager
def stand_ins(applications: Iterable[Object], folder: Path) -> Iterator[Mapping[str, str]]:
    """Stand-ins for every source of the Applications, and by each address that they name the one to name instead."""
    sources = [source for application in applications for source in sources_of(application)]
    charts = [source for source in sources if "chart" in source]
    repositories = git_repositories([source for source in sources if "chart" not in source], folder / "git")
    for repository in repositories.values():
        write_values(repository.folder, charts)
        repository.commit("All that is deployed")
    for source in sources:
        if "chart" not in source and source["targetRevision"] != "main":
            repositories[source["repoURL"]].tag(source["targetRevision"])
    places = {address: repository.url for address, repository in repositories.items()}
    with chart_repository(charts, folder / "charts") as served:
        yield {**places, **served}


def sources_of(application: Object) -> list[Object]:
    spec = application["spec"]
    return [*spec.get("sources", []), *([spec["source"]] if "source" in spec else [])]


def git_repositories(sources: Iterable[Object], folder: Path) -> Mapping[str, GitRepository]:
    """The repositories by their addresses, with a Deployment at each path."""
    repositories: dict[str, GitRepository] = {}
    for source in sources:
        address = source["repoURL"]
        if address not in repositories:
            repositories[address] = GitRepository(folder / PurePosixPath(address).name)
        if "path" in source:
            write_deployment(repositories[address].folder / source["path"], as_it_is="directory" in source)
    return repositories


def write_values(folder: Path, charts: Iterable[Object]) -> None:
    """Each file of values that a chart takes from a repository, whichever that is."""
    for source in charts:
        for name in source.get("helm", {}).get("valueFiles", []):
            path = folder / name.partition("/")[2]
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, {"replicaCount": 2})


def write_deployment(folder: Path, *, as_it_is: bool) -> None:
    """A Deployment that bears the service's name, with a kustomization unless the folder is read as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    name = folder.parent.name
    pods = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": "example.com/any"}]}}
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": name}}, "template": pods}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
    write_json(folder / "deployment.yaml", deployment)
    if not as_it_is:
        write_json(folder / "kustomization.yaml", {"resources": ["deployment.yaml"]})


@contextmanager
def chart_repository(sources: Iterable[Object], folder: Path) -> Iterator[Mapping[str, str]]:
    """One repository of all charts, served to Argo CD until the end of the `with` block."""
    named = list(sources)
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True)
    charts = sorted({(source["chart"], source["targetRevision"]) for source in named})
    entries = {name: [write_chart(folder, name, version)] for name, version in charts}
    write_json(folder / "index.yaml", {"apiVersion": "v1", "entries": entries})
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), str(port)]
    with Server("charts", command, folder.parent / "charts.log") as server:
        server.wait_until(lambda: answers(port))
        yield {source["repoURL"]: address for source in named}


def write_chart(folder: Path, name: str, version: str) -> Object:
    """A packaged chart; the answer is its entry in the repository's index."""
    about = {"apiVersion": "v2", "name": name, "version": version}
    package = f"{name}-{version}.tgz"
    with tarfile.open(folder / package, "w:gz") as archive:
        for path, text in {"Chart.yaml": json.dumps(about), "templates/values.yaml": CONFIG_MAP}.items():
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(text)
            archive.addfile(entry, BytesIO(text.encode()))
    return {**about, "urls": [package]}


def write_json(path: Path, content: Object) -> None:
    """JSON is YAML."""
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
