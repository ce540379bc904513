"""dist/kloom, the file that carries its own Python, is kloom: with nothing around it, and told apart by nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from kloom import __version__
from kloom.catalog import FUNCTIONS, dispatch
from kloom.sdk.execute import execute
from kloom.sdk.testing import Case, cases

ROOT = Path(__file__).resolve().parents[2]
CASES = [pytest.param(case, id=str(case)) for case in cases(ROOT / "tests" / "cases")]
NOTHING = {"PATH": "/nowhere"}


@pytest.fixture(scope="session")
def executable() -> Path:
    path = ROOT / "dist" / "kloom"
    assert path.exists(), f"{path} must exist: run these tests by `make e2e`, or `make executable` first"
    return path


@pytest.fixture
def own_home(executable: Path, tmp_path: Path) -> str:
    """A plugin home that the executable has set up for itself."""
    home = str(tmp_path / "home")
    run(executable, "plugin", "install", "--home", home)
    return home


def run(*command: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run it with an environment that holds nothing but this."""
    words = [str(word) for word in command]
    return subprocess.run(words, input=stdin, env={**NOTHING, **environment}, capture_output=True, check=False)


def output(process: subprocess.CompletedProcess[bytes]) -> str:
    assert process.returncode == 0, process.stderr.decode()
    return process.stdout.decode()


@pytest.mark.parametrize("case", CASES)
def test_every_case_comes_out_as_in_process(case: Case, executable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same status, same bytes on both streams; no locale is set, and none is needed."""
    monkeypatch.chdir(case.folder)
    wanted = execute(dispatch, case.resource_list())
    done = run(executable, stdin=case.resource_list())
    assert (done.returncode, done.stdout, done.stderr.decode()) == (wanted.status, wanted.stdout, wanted.stderr)


def test_in_the_plugin_home(own_home: str, kustomize: str, kloom: str) -> None:
    folder = ROOT / "overlays" / "dev"
    build = [kustomize, "build", "--enable-alpha-plugins", folder]
    assert len([path for path in Path(own_home).rglob("*") if path.is_symlink()]) == len(FUNCTIONS)
    built = output(run(*build, KUSTOMIZE_PLUGIN_HOME=own_home))
    assert built == output(run(kloom, "render", folder))


def test_as_exec_function(executable: Path, kustomize: str) -> None:
    """By the name that the samples give it, on a PATH with no Python."""
    form = ROOT / "overlays" / "forms" / "exec"
    build = [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", form]
    expected = ROOT / "tests" / "overlays" / "expected" / "dev.yaml"
    assert output(run(*build, PATH=str(executable.parent))) == expected.read_text()


def test_in_a_plugin_home_of_copies_or_under_another_name(executable: Path, tmp_path: Path) -> None:
    """What kustomize runs may be a copy; what a person runs may be called as it was downloaded."""
    shutil.copy(executable, tmp_path / "ApplicationGenerator")
    shutil.copy(executable, tmp_path / "kloom-linux-amd64")
    refused = run(tmp_path / "ApplicationGenerator", "no_such_config")
    assert b"no_such_config: the config cannot be read" in refused.stderr
    assert output(run(tmp_path / "kloom-linux-amd64", "--version")) == f"kloom {__version__}\n"
    home = tmp_path / "home"
    output(run(tmp_path / "kloom-linux-amd64", "plugin", "install", "--home", home))
    links = [path for path in home.rglob("*") if path.is_symlink()]
    assert {path.resolve() for path in links} == {tmp_path / "kloom-linux-amd64"}


def test_schemas_and_charts_are_inside(executable: Path, helm: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    done = subprocess.run([executable, "init"], cwd=tmp_path, env=NOTHING, capture_output=True, text=True, check=True)
    assert "wrote" in done.stdout
    environment = {"PATH": str(Path(helm).parent)}
    ejected = output(run(executable, "eject", tmp_path / "overlays" / "dev", **environment))
    assert "the same 1 Applications" in ejected


@pytest.mark.parametrize(
    "command",
    [
        "validate --format json overlays",
        "validate --format sarif tests/validate",
        "validate --since HEAD overlays",
        "rules",
        "explain values",
        "schema values --clusters overlays/shared/clusters.yaml",
        "trace --in overlays/dev catalog-dev-cluster-c spec.source",
        "render overlays/prod",
        "render overlays/management",
        "render no-such-folder",
        "no-such-command",
    ],
)
def test_every_command_says_the_same(command: str, executable: Path, kloom: str) -> None:
    """What it reads of its own, it reads from inside."""
    own, installed = (
        subprocess.run([program, *command.split()], cwd=ROOT, capture_output=True, text=True, check=False)
        for program in (executable, kloom)
    )
    assert own.returncode in (0, 1, 2)
    assert (own.returncode, without_times(own.stdout)) == (installed.returncode, without_times(installed.stdout))
    assert own.stderr == installed.stderr


def without_times(text: str) -> str:
    return re.sub(r'"seconds": [\d.]+|[\d.]+ s\b', "", text)


def test_python_around_it_plays_no_part(executable: Path, tmp_path: Path) -> None:
    """Neither modules in the working folder nor variables for Python reach it."""
    for name in ("yaml.py", "json.py", "kloom.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')")
    variables = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path), "PYTHONSTARTUP": str(tmp_path / "yaml.py")}
    done = subprocess.run(
        [executable, "rules"], cwd=tmp_path, env={**NOTHING, **variables}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_ends_it_quietly(executable: Path) -> None:
    shell = f"{executable} render {ROOT / 'overlays' / 'platform'} | head -c 1"
    done = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("a", "")


def test_replacing_the_file_does_not_disturb_what_runs(executable: Path, tmp_path: Path) -> None:
    """An upgrade in place, while a build waits for its input."""
    copy = tmp_path / "kloom"
    shutil.copy(executable, copy)
    case = Case(ROOT / "tests" / "cases" / "application_generator" / "names_must_be_valid")
    process = subprocess.Popen(
        [copy], cwd=case.folder, env=NOTHING, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    copy.unlink()
    copy.write_text("something else")
    _, stderr = process.communicate(case.resource_list())
    assert stderr.decode() == case.text("errors.txt")


def test_it_asks_for_nothing_but_glibc(executable: Path) -> None:
    asked = re.findall(r"\(NEEDED\).*\[(.+?)\]", subprocess.check_output(["readelf", "-d", executable], text=True))
    assert "libc.so.6" in asked
    others = {"libm.so.6", "libdl.so.2", "libpthread.so.0", "libutil.so.1", "ld-linux-x86-64.so.2"}
    assert set(asked) <= {"libc.so.6", *others}


def test_all_of_kloom_is_in_the_archive(executable: Path) -> None:
    with zipfile.ZipFile(executable) as archive:
        inside = {name.removesuffix("c") for name in archive.namelist() if re.match(r"kloom/.*\.pyc$", name)}
    package = ROOT / "functions"
    assert inside == {path.relative_to(package).as_posix() for path in (package / "kloom").rglob("*.py")}
