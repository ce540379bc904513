"""A root Application with kloom beside the ApplicationSet controller: `make compare`.

Each way has a fresh API server and a real Argo CD to itself, and makes the same Applications: 100 services on 4
clusters. Then one service changes in Git, and somebody switches auto-sync off by hand. Where Argo CD would wait for a
webhook or for its next look, it is told to look, in each way alike.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "argocd_chain"), str(ROOT / "tests" / "servers")]

from api_server import ApiServer  # noqa: E402  # needs the path above
from applications import REFRESH, Applications, said_in_git  # noqa: E402
from argocd_installation import ArgoCD  # noqa: E402
from git_repository import GitRepository  # noqa: E402
from processes import needed, wait_until  # noqa: E402

Object = dict[str, Any]

SERVICES = [f"service-{number:03}" for number in range(1, 101)]
CLUSTERS = [f"cluster-{number}" for number in range(1, 5)]
CHANGED, CHILD = "service-042", "service-007-cluster-2"
HERE = {"name": "in-cluster", "namespace": "shop"}
AUTOMATED = {"enabled": True, "prune": True}
LOOK_AGAIN = "argocd.argoproj.io/application-set-refresh"

CONFIG = """apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: shop}
spec: {common: common-values.yaml, services: services/*.yaml}
"""
KUSTOMIZATION = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
generators: [applications.yaml]
"""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What each way finds: Argo CD, and the repository with the services in it."""

    argocd: ArgoCD
    applications: Applications
    repository: GitRepository
    kloom: str


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to make the Applications: how it begins, and how Argo CD is told that Git has changed."""

    name: str
    start: Callable[[Installation], object]
    look: Callable[[Installation], object]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds, and what became of the switch."""

    all_there: float
    change_there: float
    switch: str
    made: dict[str, Object]


# What is in Git: the services once for kloom, once as parameters for ApplicationSets


def write_service(folder: Path, name: str, release: str) -> None:
    values = {
        "global": {"name": name, "labels": {"service": name, "release": release}},
        **{cluster: {"enable": True} for cluster in CLUSTERS},
    }
    write(folder / "overlay" / "services" / f"{name}.yaml", yaml.safe_dump(values))
    write(folder / "parameters" / f"{name}.json", json.dumps({"service": name, "release": release}))


def write_repository(repository: GitRepository) -> None:
    folder = repository.folder
    common = {
        "global": {"project": "default"},
        "source": {"repoURL": repository.url, "path": "deploy", "targetRevision": "main"},
        "syncPolicy": {"automated": AUTOMATED},
        **{cluster: {"destination": HERE} for cluster in CLUSTERS},
    }
    write(folder / "overlay" / "kustomization.yaml", KUSTOMIZATION)
    write(folder / "overlay" / "applications.yaml", CONFIG)
    write(folder / "overlay" / "common-values.yaml", yaml.safe_dump(common))
    write(folder / "deploy" / "README.md", "Nothing is deployed: what is measured are the Applications.")
    for name in SERVICES:
        write_service(folder, name, "first")
    commit(repository, "100 services")


def commit(repository: GitRepository, message: str) -> None:
    """Commit all, with the ApplicationSet that lists what the services say now."""
    write(repository.folder / "set" / "shop.yaml", json.dumps(by_list(repository)))
    repository.commit(message)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# The ways


def root_application(to: Installation, path: str) -> Object:
    """The samples' root Application of operators who own auto-sync, for a path of this repository."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "roots" / "kustomization.yaml", "resources: [made.yaml]\ncomponents: [../component]\n")
        made = run(to.kloom, "render", ROOT / "overlays" / "roots")
        write(Path(folder) / "roots" / "made.yaml", made)
        component = ROOT / "overlays" / "components" / "operators-own-sync" / "kustomization.yaml"
        write(Path(folder) / "component" / "kustomization.yaml", component.read_text(encoding="utf-8"))
        root: Object = next(yaml.safe_load_all(run(needed("kustomize"), "build", Path(folder) / "roots")))
    root["metadata"]["name"] = "root"
    root["spec"]["project"] = "default"  # as that of the ApplicationSets
    root["spec"]["source"] = {"repoURL": to.repository.url, "path": path, "targetRevision": "main"}
    return root


def application_set(repository: GitRepository, generators: list[Object]) -> Object:
    template = {
        "metadata": {
            "name": "{{.service}}-{{.cluster}}",
            "labels": {"service": "{{.service}}", "release": "{{.release}}"},
        },
        "spec": {
            "project": "default",
            "source": {"repoURL": repository.url, "path": "deploy", "targetRevision": "main"},
            "destination": HERE,
            "syncPolicy": {"automated": AUTOMATED},
        },
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": generators,
            "syncPolicy": {"preserveResourcesOnDeletion": True},
            "template": template,
        },
    }


def by_list(repository: GitRepository) -> Object:
    """All parameters in the ApplicationSet itself."""
    services = [json.loads(path.read_text()) for path in sorted((repository.folder / "parameters").iterdir())]
    elements = [{**service, "cluster": cluster} for service in services for cluster in CLUSTERS]
    return application_set(repository, [{"list": {"elements": elements}}])


def by_files(repository: GitRepository) -> Object:
    """A file of parameters for each service, times the clusters."""
    files = {"repoURL": repository.url, "revision": "main", "files": [{"path": "parameters/*.json"}]}
    clusters = {"elements": [{"cluster": cluster} for cluster in CLUSTERS]}
    return application_set(repository, [{"matrix": {"generators": [{"git": files}, {"list": clusters}]}}])


def refresh_root(to: Installation) -> None:
    to.applications.annotate("root", REFRESH, "normal")


WAYS = [
    Way(
        name="ApplicationSet, a list in Git",
        start=lambda to: to.argocd.api.apply(root_application(to, "set")),
        look=refresh_root,
    ),
    Way(
        name="ApplicationSet, files in Git x clusters",
        start=lambda to: to.argocd.api.apply(by_files(to.repository)),
        look=lambda to: to.applications.annotate("shop", LOOK_AGAIN, "true", "applicationsets"),
    ),
    Way(
        name="root Application with kloom",
        start=lambda to: to.argocd.api.apply(root_application(to, "overlay")),
        look=refresh_root,
    ),
]


# The measurement


def measure(way: Way, folder: Path, kloom: str) -> Measured:
    """Everything that is measured of one way, on servers of its own."""
    with ExitStack() as stack:
        for name in ("api", "argocd"):
            (folder / name).mkdir(parents=True)
        api = stack.enter_context(ApiServer(folder / "api"))
        argocd = stack.enter_context(ArgoCD(api, folder / "argocd", kloom))
        if "ApplicationSet" in way.name:
            argocd.start_application_sets()
        repository = GitRepository(folder / "repository")
        write_repository(repository)
        to = Installation(argocd=argocd, applications=Applications(api), repository=repository, kloom=kloom)
        all_there = seconds(
            lambda: way.start(to), lambda: to.applications.count("service") == len(SERVICES) * len(CLUSTERS)
        )
        children = {name: said_in_git(one) for name, one in to.applications.all().items() if name != "root"}
        for child in children.values():
            child["spec"]["source"]["repoURL"] = "this way's repository"
        quiet(to)
        write_service(repository.folder, CHANGED, "second")
        commit(repository, "A release")
        change_there = seconds(lambda: way.look(to), lambda: to.applications.count("release=second") == len(CLUSTERS))
        quiet(to)
        return Measured(all_there=all_there, change_there=change_there, switch=switched(way, to), made=children)


def switched(way: Way, to: Installation) -> str:
    """What becomes of auto-sync that is switched off by hand, when Git changes again."""
    to.applications.patch(CHILD, {"spec": {"syncPolicy": {"automated": None}}})
    began = time.perf_counter()
    write_service(to.repository.folder, CHANGED, "third")
    commit(to.repository, "Another release")
    while to.applications.count("release=third") < len(
        CLUSTERS
    ):  # a controller that is at work may miss what it is told
        way.look(to)
        time.sleep(1)
        if time.perf_counter() > began + 300:
            raise TimeoutError("the release does not come")
    quiet(to)
    if "automated" not in to.applications[CHILD]["spec"].get("syncPolicy", {}):
        return "kept, through a commit"
    return f"reverted within {time.perf_counter() - began:.1f} s"


def seconds(act: Callable[[], object], done: Callable[[], bool]) -> float:
    began = time.perf_counter()
    act()
    wait_until(done, "not done", 300)
    return time.perf_counter() - began


def quiet(to: Installation) -> None:
    """Return once Argo CD has nothing left to do: every Application is compared with what is in Git."""
    compared = lambda one: "sync" in one.get("status", {})  # noqa: E731  # told by its name
    wait_until(lambda: all(map(compared, to.applications.all().values())), "Argo CD does not come to rest", 300)


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> int:
    kloom = str(Path(sys.executable).with_name("kloom"))
    machine = f"{os.cpu_count()} cores, load before it {os.getloadavg()[0]:.1f}"
    print(f"{len(SERVICES)} services on {len(CLUSTERS)} clusters; {machine}\n")
    print("| | all Applications, from nothing | one service's change in Git | auto-sync switched off by hand |")
    print("|---|---|---|---|")
    told: list[Measured] = []
    folder = Path(tempfile.mkdtemp(prefix="compare-"))
    for number, way in enumerate(WAYS):
        found = measure(way, folder / str(number), kloom)
        print(f"| {way.name} | {found.all_there:.1f} s | {found.change_there:.1f} s | {found.switch} |", flush=True)
        told.append(found)
    shutil.rmtree(folder)  # after a failure, the servers' logs are in it
    if any(found.made != told[0].made for found in told):
        print("the ways have not made the same Applications", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
