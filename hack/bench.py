"""Measure kloom beside the other ways to render the same Applications: `python hack/bench.py [--quick]`.

For each size (services x clusters) a repository is written to a temporary folder: an inventory, common values, one
values file a service, and the folders of bench/, each of which builds it in one way. Before a figure is printed, all
ways have made the same Applications. They take turns, round by round, so a machine that drifts drifts for all; a ratio
is the median of the rounds' ratios. docs/speed.md tells how to read the result.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Clock = Callable[[], float]

ROOT = Path(__file__).resolve().parent.parent
KCL_LIBRARY = ROOT / ".tools" / "kcl"
KLOOM = str(Path(sys.executable).parent / "kloom")
SEED, STATIC = "helmCharts: one helm process per service", "the Applications as static YAML"
FLOOR_EXEC, FLOOR_PLUGIN = "floor of an exec function: cat", "floor of the plugin home: cat"
EXEC, PLUGIN, RENDER = "kloom as exec function", "kloom in the plugin home", "kloom render"
EXEC_ALONE, PLUGIN_ALONE = "kloom's process as exec function", "kloom's process in the plugin home"
PROTOTYPE, PROTOTYPE_ALONE = "the prototype as exec function", "the prototype alone"
ARGOCD_APPS, KCL = "argo-helm's argocd-apps chart", "KCL, reading no files"

PLUGIN_LINK = "../plugin-home/kloom.dev/v1alpha1/applicationgenerator/ApplicationGenerator"
"""kloom in the plugin home, as seen from the folder of a way."""

CLUSTERS = {f"cluster-{letter}": f"https://10.0.{number}.10:6443" for number, letter in enumerate("ABCD")}
COMMON = {
    "global": {"environment": "dev", "project": "dev", "argocdNamespace": "argocd"},
    "source": {"repoURL": "https://github.com/app-1/app-1.git", "targetRevision": "main"},
    "destination": {"namespace": "dev"},
}


@dataclass(frozen=True)
class Size:
    """How many services on how many clusters, and how often each kind of way is measured."""

    services: int
    clusters: int
    rounds: Mapping[str, int] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.services}×{self.clusters}"  # noqa: RUF001  # a product


SMALL = Size(3, 2, {"helm": 5, "kustomize": 25, "alone": 25})
MEDIUM = Size(100, 4, {"helm": 3, "kustomize": 11, "alone": 21})
LARGE = Size(1000, 4, {"helm": 1, "kustomize": 2, "alone": 9})
SIZES = (SMALL, MEDIUM, LARGE)


@dataclass(frozen=True)
class Way:
    """A command that makes the Applications, in a folder of the repository; `absent` says why it cannot be run.

    `pace` is the kind of way: all of one kind take turns, and are measured equally often.
    """

    title: str
    pace: str
    command: Sequence[str] = ()
    folder: str = "."
    stdin: str = os.devnull
    against: str = ""
    absent: str = ""


@dataclass
class Measured:
    """The seconds of every way's rounds, by size and title."""

    seconds: dict[tuple[Size, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def of(self, size: Size, title: str) -> float | None:
        rounds = self.seconds.get((size, title))
        return median(rounds) if rounds else None

    def ratio(self, size: Size, title: str, against: str) -> float | None:
        """The median of the rounds' ratios; of ways that did not take turns, the ratio of their medians."""
        pairs = self._pairs(size, title, against)
        return median(own / other for own, other in pairs) if pairs else None

    def difference(self, size: Size, title: str, against: str) -> float | None:
        pairs = self._pairs(size, title, against)
        return median(own - other for own, other in pairs) if pairs else None

    def _pairs(self, size: Size, title: str, against: str) -> list[tuple[float, float]]:
        own, other = self.seconds.get((size, title), []), self.seconds.get((size, against), [])
        if len(own) == len(other):
            return list(zip(own, other, strict=True))
        return [(median(own), median(other))] if own and other else []


# The repository


def write_repository(folder: Path, size: Size) -> None:
    """The values of so many services on so many clusters, and beside them every way's folder."""
    services = write_values(folder, size)
    _write(folder / "kustomization.yaml", _helm_charts(services))
    shutil.copytree(ROOT / "bench", folder, dirs_exist_ok=True)
    _write_what_kloom_makes(folder)


def write_values(folder: Path, size: Size) -> list[str]:
    """What all ways have in common; the services' files are told."""
    (folder / ".git").mkdir(parents=True)
    (folder / "services").mkdir()
    clusters = dict(list(CLUSTERS.items())[: size.clusters])
    services = [f"services/svc-{number:04}.yaml" for number in range(size.services)]
    _write(folder / "clusters.yaml", {name: {"destination": {"server": at}} for name, at in clusters.items()})
    _write(folder / "common-values.yaml", COMMON)
    for number, name in enumerate(services):
        _write(folder / name, _service_values(number, clusters))
    return services


def _service_values(number: int, clusters: Iterable[str]) -> dict[str, Any]:
    """A service's own file, as short as users write it; enabled everywhere."""
    sync = {"automated": {"prune": True}}
    block = {"enable": True, "additionalLabels": {}, "syncPolicy": sync}
    return {
        "global": {"name": f"svc-{number:04}", "labels": {"team": f"team-{number % 10}"}},
        "source": {"path": f"dev/svc-{number:04}"},
        **{cluster: json.loads(json.dumps(block)) for cluster in clusters},
    }


def _helm_charts(services: Iterable[str]) -> dict[str, Any]:
    charts = [
        {
            "name": "argo-app-root",
            "valuesFile": "clusters.yaml",
            "additionalValuesFiles": ["common-values.yaml", service],
        }
        for service in services
    ]
    return {"helmGlobals": {"chartHome": str(ROOT / "charts")}, "helmCharts": charts}


def _write_what_kloom_makes(folder: Path) -> None:
    """The inputs of the other ways: kloom's own bytes for the floors, its Applications for what expands nothing."""
    _run((KLOOM, "plugin", "install", "--home", str(folder / "plugin-home")))
    made = _run((str(folder / "plugin" / PLUGIN_LINK), "generator.yaml"), cwd=folder / "plugin")
    (folder / "floor-plugin/resource-list.json").write_text(made, encoding="utf-8")
    applications = json.loads(made)["items"]
    given = _resource_list(folder / "exec")
    (folder / "exec/stdin.json").write_text(given, encoding="utf-8")
    made = _run((KLOOM,), cwd=folder / "exec", stdin=given)
    (folder / "floor-exec/resource-list.json").write_text(made, encoding="utf-8")
    (folder / "prototype/stdin.json").write_text(_resource_list(folder / "prototype"), encoding="utf-8")
    (folder / "static/applications.yaml").write_text(_run((KLOOM, "render", str(folder / "plugin"))), encoding="utf-8")
    _write(folder / "argocd-apps.yaml", {"applications": dict(map(_for_argocd_apps, applications))})


def _resource_list(folder: Path) -> str:
    """What kustomize sends to an exec function that generates: the config, also as the only item."""
    config = yaml.safe_load((folder / "generator.yaml").read_text(encoding="utf-8"))
    config["metadata"]["annotations"]["config.kubernetes.io/local-config"] = "true"
    return json.dumps({"kind": "ResourceList", "items": [config], "functionConfig": config})


def _for_argocd_apps(application: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    metadata, spec = application["metadata"], application["spec"]
    return metadata["name"], {"namespace": metadata["namespace"], "additionalLabels": metadata["labels"], **spec}


def _write(path: Path, value: object) -> None:
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")


# The ways


def ways(size: Size, argocd_apps: str | None) -> Iterator[Way]:
    """All of them, in the order of the table; those that are compared stand beside each other."""
    kustomize = ("kustomize", "build", "--enable-alpha-plugins", "--enable-exec", "--enable-helm")
    prototype = ("python3", "prototype.py")
    yield Way(SEED, "helm", kustomize, against=PLUGIN)
    yield Way(STATIC, "kustomize", kustomize, "static")
    yield Way(PROTOTYPE, "kustomize", kustomize, "prototype", against=FLOOR_EXEC)
    yield Way(FLOOR_EXEC, "kustomize", kustomize, "floor-exec")
    yield Way(EXEC, "kustomize", kustomize, "exec", against=FLOOR_EXEC)
    yield Way(FLOOR_PLUGIN, "kustomize", kustomize, "floor-plugin")
    yield Way(PLUGIN, "kustomize", kustomize, "plugin", against=FLOOR_PLUGIN)
    yield Way(PROTOTYPE_ALONE, "alone", prototype, "prototype", stdin="prototype/stdin.json")
    yield Way(RENDER, "alone", (KLOOM, "render", "plugin"), against=PROTOTYPE_ALONE)
    yield Way(EXEC_ALONE, "alone", (KLOOM,), "exec", stdin="exec/stdin.json")
    yield Way(PLUGIN_ALONE, "alone", (PLUGIN_LINK, "generator.yaml"), "plugin")
    if argocd_apps is None:
        yield Way(ARGOCD_APPS, "alone", absent="helm cannot pull it here; --argocd-apps CHART names a copy")
    else:
        yield Way(ARGOCD_APPS, "alone", ("helm", "template", argocd_apps, "-f", "argocd-apps.yaml"), against=RENDER)
    absent = "" if shutil.which("kcl") or KCL_LIBRARY.is_dir() else "neither kcl is on PATH nor its library in .tools"
    yield Way(KCL, "alone", _kcl(size), "kcl", against=RENDER, absent=absent)


def _kcl(size: Size) -> tuple[str, ...]:
    """KCL's own command, or else its library."""
    if shutil.which("kcl"):
        return ("kcl", "run", "applications.k", "-D", f"services={size.services}", "-D", f"clusters={size.clusters}")
    return (sys.executable, "run.py", str(KCL_LIBRARY), str(size.services), str(size.clusters))


def argocd_apps_chart(named: str | None, folder: Path) -> str | None:
    """The chart that the user named, or a copy that helm pulls; None where it cannot."""
    if named is not None:
        return os.path.abspath(named)
    repository = "https://argoproj.github.io/argo-helm"
    command = ("helm", "pull", "argocd-apps", "--repo", repository, "--untar", "--untardir", str(folder))
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=30)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return str(folder / "argocd-apps")


# The measuring


def measure(repository: Path, size: Size, all_ways: Sequence[Way], measured: Measured, clock: Clock) -> None:
    """Run the ways in turns, forwards and backwards; every output is checked.

    Raises SystemExit where two ways do not make the same Applications.
    """
    expected = Outputs(repository)
    for pace, rounds in size.rounds.items():
        turn = [way for way in all_ways if way.pace == pace and not way.absent]
        for number in range(rounds):
            for way in turn if number % 2 == 0 else reversed(turn):
                _say(f"{size}, round {number + 1} of {rounds}: {way.title}")
                seconds, output = _timed(repository, way, clock)
                expected.check(way, output)
                measured.seconds[size, way.title].append(seconds)


class Outputs:
    """What each way prints: the same Applications as all others, and the same bytes whenever it runs."""

    def __init__(self, repository: Path) -> None:
        self._applications = _applications((repository / "static/applications.yaml").read_text(encoding="utf-8"))
        self._known: dict[str, str] = {}

    def check(self, way: Way, output: str) -> None:
        if output == self._known.get(way.title):
            return
        if way.title in self._known:
            raise SystemExit(f"{way.title}: prints something else every time")
        if output not in self._known.values() and _applications(output) != self._applications:
            raise SystemExit(f"{way.title}: does not make the same Applications as kloom render")
        self._known[way.title] = output


def _applications(output: str) -> dict[tuple[str, str], Any]:
    """Labels and spec of the Applications by namespace and name, in YAML documents or in a ResourceList."""
    if output.startswith("{"):
        documents = json.loads(output)["items"]
    else:
        documents = [document for document in yaml.load_all(output, Loader=yaml.CSafeLoader) if document]
    found = {}
    for document in documents:
        if document["kind"] != "Application":  # what an exec function is given, or leaves for the guard
            continue
        metadata = document["metadata"]
        found[metadata["namespace"], metadata["name"]] = (metadata["labels"], document["spec"])
    return found


def processor_seconds() -> float:
    """What all processes that this one started, and those that they started, have computed so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _timed(repository: Path, way: Way, clock: Clock) -> tuple[float, str]:
    """The seconds that the command took, and what it printed."""
    environment = _environment(repository)
    with open(repository / way.stdin, "rb") as stdin, tempfile.TemporaryFile("w+", encoding="utf-8") as stdout:
        start = clock()
        status = subprocess.call(way.command, cwd=repository / way.folder, env=environment, stdin=stdin, stdout=stdout)
        seconds = clock() - start
        if status:
            raise SystemExit(f"{way.title}: exit status {status}")
        stdout.seek(0)
        return seconds, stdout.read()


def _environment(repository: Path) -> dict[str, str]:
    """This environment, with kloom and Python of this interpreter, and with compiled modules, as pip installs them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    path = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    return {**environment, "PATH": path, "KUSTOMIZE_PLUGIN_HOME": str(repository / "plugin-home")}


def _run(command: Sequence[str], cwd: Path = ROOT, stdin: str = "") -> str:
    return subprocess.run(
        command, cwd=cwd, input=stdin, env=_environment(cwd), check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout


# The report


@dataclass(frozen=True)
class Goal:
    """What should hold, what was measured, and the limit; None where it was not measured."""

    text: str
    measured: float | None
    limit: float
    unit: str = "×"  # noqa: RUF001  # a ratio

    def __str__(self) -> str:
        if self.measured is None:
            return f"| {self.text} | {self.limit:g}{self.unit} | not measured | |"
        met = "met" if self.measured <= self.limit else "**NOT met**"
        return f"| {self.text} | {self.limit:g}{self.unit} | {self.measured:.2f}{self.unit} | {met} |"


def table(measured: Measured, all_ways: Iterable[Way], sizes: Sequence[Size]) -> Iterator[str]:
    """A row for each way, and behind its time how it compares to the row that it is measured against."""
    yield f"| | {' | '.join(map(str, sizes))} | against |"
    yield f"|---|{'---|' * len(sizes)}---|"
    for way in all_ways:
        cells = [_cell(measured, size, way) for size in sizes]
        remark = f"absent: {way.absent}" if way.absent else way.against
        yield f"| {way.title} | {' | '.join(cells)} | {remark} |"


def _cell(measured: Measured, size: Size, way: Way) -> str:
    seconds = measured.of(size, way.title)
    if seconds is None:
        return ""
    ratio = measured.ratio(size, way.title, way.against)
    return f"{seconds:.3g} s" + (f" ({ratio:.2f}×)" if ratio is not None else "")  # noqa: RUF001  # a ratio


def goals(measured: Measured) -> Iterator[Goal]:
    """The limits that kloom is to keep, each against its own floor in the same run."""
    of_form = ((EXEC, FLOOR_EXEC, 1.15), (PLUGIN, FLOOR_PLUGIN, 1.25))
    for form, floor, limit in of_form:
        yield Goal(f"{MEDIUM}: {form}, of its floor", measured.ratio(MEDIUM, form, floor), limit)
    for form, floor, process in ((EXEC, FLOOR_EXEC, EXEC_ALONE), (PLUGIN, FLOOR_PLUGIN, PLUGIN_ALONE)):
        yield Goal(f"{LARGE}: {form}, of its floor", measured.ratio(LARGE, form, floor), 1.05)
        yield Goal(f"{LARGE}: {form}, of its floor, by its process", _with_process(measured, floor, process), 1.05)
    for form, floor, _ in of_form:
        above = measured.difference(SMALL, form, floor)
        yield Goal(f"{SMALL}: {form}, above its floor", None if above is None else above * 1000, 50, " ms")
    yield Goal(f"{LARGE}: {RENDER}, of {PROTOTYPE_ALONE}", measured.ratio(LARGE, RENDER, PROTOTYPE_ALONE), 0.5)
    others = (SEED, STATIC, ARGOCD_APPS, KCL)
    ratios = [ratio for other in others if (ratio := measured.ratio(MEDIUM, RENDER, other)) is not None]
    yield Goal(f"{MEDIUM}: {RENDER}, of the fastest other tool", max(ratios, default=None), 1)
    yield Goal(f"{RENDER}: cost of {LARGE}, of that of {MEDIUM}, without start-up", _growth(measured), 12)


def _with_process(measured: Measured, floor: str, process: str) -> float | None:
    """What the floor and kloom's process take one after the other, of the floor alone, for the largest input.

    kustomize is handed the very same bytes by both, so a build with kloom takes no longer. The ratio of the
    builds themselves has in it what kustomize's own time differs by from round to round.
    """
    alone, whole = measured.of(LARGE, process), measured.of(LARGE, floor)
    return None if alone is None or whole is None else (whole + alone) / whole


def _growth(measured: Measured) -> float | None:
    """By what a tenfold input multiplies the time that is more than that of three services."""
    small, medium, large = (measured.of(size, RENDER) for size in SIZES)
    if small is None or medium is None or large is None:
        return None
    return (large - small) / (medium - small)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _versions() -> str:
    kloom, kustomize = _run((KLOOM, "--version")).strip(), _run(("kustomize", "version")).strip()
    helm = _run(("helm", "version", "--short")).strip()
    return f"{kloom}, Python {platform.python_version()}, kustomize {kustomize}, helm {helm}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"leave out the rows that take minutes at {LARGE}")
    parser.add_argument("--cpu", action="store_true", help="count processor time, for a machine that is busy")
    parser.add_argument("--argocd-apps", metavar="CHART", help="a copy of that chart (default: helm pulls it)")
    arguments = parser.parse_args()
    clock = processor_seconds if arguments.cpu else time.perf_counter
    measured = Measured()
    rows: list[Way] = []
    with tempfile.TemporaryDirectory() as temporary:
        chart = argocd_apps_chart(arguments.argocd_apps, Path(temporary))
        for size in SIZES:
            repository = Path(temporary) / f"{size.services}x{size.clusters}"
            write_repository(repository, size)
            rows = list(ways(size, chart))
            quick = arguments.quick and size is LARGE
            measure(repository, size, [way for way in rows if way.pace == "alone" or not quick], measured, clock)
    print(f"{'Processor' if arguments.cpu else 'Elapsed'} time; {_versions()}, {os.cpu_count()} cores\n")
    print("\n".join(table(measured, rows, SIZES)), end="\n\n")
    print("| goal | at most | measured | |\n|---|---|---|---|")
    print("\n".join(map(str, goals(measured))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
