"""Every way to run kloom, tried for real on a tiny repository in a temporary folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kloom import plugin_home
from kloom.doctor import sample
from kloom.doctor.machine import SECONDS, Answer, ask, kloom_on_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kloom.doctor.machine import Program

WORKS, FAILS, ABSENT, UNTRIED = "works", "fails", "absent", "untried"
CONTAINER_SECONDS = 120  # its image may have to come first


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What a trial may use: a folder of its own, and the image for containers."""

    folder: str
    image: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A way to run kloom: what one types, the programs that it takes, and how it is tried.

    `builds` is whether it is one of those for which kloom is there: inside kustomize, kubectl or kpt.
    """

    name: str
    command: str
    takes: Sequence[str]
    attempt: Callable[[Trial], str]
    builds: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a way: WORKS, FAILS, ABSENT (a program is not there) or UNTRIED; why, and what to do about it."""

    way: Way
    state: str
    why: str = ""
    fix: str = ""


class TrialError(Exception):
    """What a tool said, or left undone."""


class NotTriedError(Exception):
    """What a trial would have to be told first; the second argument is what to do."""


def outcomes(programs: Mapping[str, Program], image: str) -> list[Outcome]:
    """Try every way, all at the same time."""
    with tempfile.TemporaryDirectory(prefix="kloom-doctor-") as repository, ThreadPoolExecutor(len(WAYS)) as pool:
        os.mkdir(os.path.join(repository, ".git"))
        trials = [Trial(folder=os.path.join(repository, str(at)), image=image) for at in range(len(WAYS))]
        return list(pool.map(lambda way, trial: _outcome(way, trial, programs), WAYS, trials))


def _outcome(way: Way, trial: Trial, programs: Mapping[str, Program]) -> Outcome:
    missing = [name for name in way.takes if not programs[name].path]
    if missing:
        return Outcome(way=way, state=ABSENT, why=f"{' and '.join(missing)} must be on PATH")
    if "docker" in way.takes and programs["docker"].trouble:
        return _failed(way, programs["docker"].trouble)
    try:
        return Outcome(way=way, state=WORKS, why=way.attempt(trial))
    except NotTriedError as unknown:
        return Outcome(way=way, state=UNTRIED, why=unknown.args[0], fix=unknown.args[1])
    except TrialError as trouble:
        return _failed(way, str(trouble))


def _failed(way: Way, said: str) -> Outcome:
    why, fix = diagnosis(said)
    return Outcome(way=way, state=FAILS, why=why, fix=fix)


# The trials: each returns a remark, or raises TrialError


def _plugin_home(*build: str) -> Callable[[Trial], str]:
    def attempt(trial: Trial) -> str:
        sample.write_plugin_form(trial.folder)
        _built([*build, "--enable-alpha-plugins", trial.folder])
        return ""

    return attempt


def _exec(trial: Trial) -> str:
    sample.write_exec_form(trial.folder)
    _built(["kustomize", "build", "--enable-alpha-plugins", "--enable-exec", trial.folder])
    return _another_kloom()


def _container(trial: Trial) -> str:
    if not trial.image:
        raise NotTriedError("it takes kloom's image", "kloom doctor --image IMAGE")
    sample.write_container_form(trial.folder, trial.image)
    _built(["kustomize", "build", "--enable-alpha-plugins", trial.folder], CONTAINER_SECONDS)
    return ""


def _in_place(trial: Trial) -> str:
    sample.write_package(trial.folder)
    _done(["kustomize", "fn", "run", trial.folder, "--enable-exec"])
    _require_written(trial)
    return _another_kloom()


def _kpt(trial: Trial) -> str:
    sample.write_package(trial.folder)
    config = os.path.join(trial.folder, sample.CONFIG)
    _done(["kpt", "fn", "eval", trial.folder, "--exec", "kloom", "--fn-config", config])
    _require_written(trial)
    return _another_kloom()


def _render(trial: Trial) -> str:
    sample.write_plugin_form(trial.folder)
    _built([plugin_home.executable(), "render", trial.folder])
    return ""


def _validate(trial: Trial) -> str:
    sample.write_plugin_form(trial.folder)
    _done([plugin_home.executable(), "validate", trial.folder])
    return ""


def _ejected(trial: Trial) -> str:
    sample.write_plugin_form(trial.folder)
    ejected = f"{trial.folder}-helm"
    _done([plugin_home.executable(), "eject", trial.folder, "--to", ejected])
    _built(["kustomize", "build", "--enable-helm", ejected])
    return ""


def _built(command: Sequence[str], seconds: float = SECONDS) -> None:
    if sample.APPLICATION not in _done(command, seconds).stdout:
        raise TrialError("nothing was said, and no Application printed")


def _done(command: Sequence[str], seconds: float = SECONDS) -> Answer:
    try:
        answer = ask(command, seconds=seconds)
    except OSError as error:
        raise TrialError(f"{command[0]}: {error.strerror}") from None
    if answer.status:
        raise TrialError(answer.stderr.strip() or f"{command[0]} ended with exit status {answer.status}")
    return answer


def _require_written(trial: Trial) -> None:
    """Raises TrialError unless the Application is in a file, and the comment of another file still there."""
    files = {path.name: path.read_text() for path in Path(trial.folder).rglob("*.yaml")}
    if not any(sample.APPLICATION in text for text in files.values()):
        raise TrialError("nothing was said, and no Application written")
    if not files["services.yaml"].startswith(sample.COMMENT):
        raise TrialError("services.yaml lost its comment")


def _another_kloom() -> str:
    found = kloom_on_path()
    same = os.path.realpath(found) == os.path.realpath(plugin_home.executable())
    return "" if same else f"with another kloom, which is first on PATH: {found}"


WAYS = (
    Way(
        name="plugin home",
        command="kustomize build --enable-alpha-plugins DIR",
        takes=["kustomize"],
        attempt=_plugin_home("kustomize", "build"),
    ),
    Way(
        name="plugin home",
        command="kubectl kustomize --enable-alpha-plugins DIR",
        takes=["kubectl"],
        attempt=_plugin_home("kubectl", "kustomize"),
    ),
    Way(
        name="exec function",
        command="kustomize build --enable-alpha-plugins --enable-exec DIR",
        takes=["kustomize"],
        attempt=_exec,
    ),
    Way(
        name="container",
        command="kustomize build --enable-alpha-plugins DIR",
        takes=["kustomize", "docker"],
        attempt=_container,
    ),
    Way(name="in place", command="kustomize fn run DIR --enable-exec", takes=["kustomize"], attempt=_in_place),
    Way(name="kpt", command="kpt fn eval DIR --exec kloom --fn-config FILE", takes=["kpt"], attempt=_kpt),
    Way(name="a shell", command="kloom render DIR", takes=[], attempt=_render, builds=False),
    Way(name="pre-commit, CI", command="kloom validate", takes=[], attempt=_validate, builds=False),
    Way(
        name="without kloom",
        command="kloom eject DIR; kustomize build --enable-helm DIR-helm",
        takes=["kustomize", "helm"],
        attempt=_ejected,
        builds=False,
    ),
)


# What tools say, and what to do about it


def diagnosis(said: str) -> tuple[str, str]:
    """What a tool's words mean, and what to do; the words' last line where they are not known."""
    for words, why, fix in _known():
        if words in said:
            return why, fix
    return said.splitlines()[-1], ""


def _known() -> Iterator[tuple[str, str, str]]:
    home = plugin_home.home_in_use()
    folder = os.path.dirname(plugin_home.executable())
    newer = "take kustomize 5.3 or newer: https://kubectl.docs.kubernetes.io/installation/kustomize"
    if home and not os.path.isabs(home):
        variable = plugin_home.VARIABLE
        yield (
            f"fork/exec {home}",
            f"{variable} must be an absolute path",
            f'export {variable}="{os.path.abspath(home)}"',
        )
    yield "unable to find plugin root", "there is no plugin home", "kloom plugin install"
    yield "expected file with Go object code", f"the plugin home {home} has no link to kloom", "kloom plugin install"
    yield '"kloom": executable file not found', "kloom is not on PATH", f'export PATH="{folder}:$PATH"'
    yield "unknown flag", "it is too old", newer
    yield (
        "unknown shorthand flag: 'c' in -c",
        "helm 4 is newer than this kustomize expects",
        ("take kustomize 5.8.1 or newer, or helm 3"),
    )
    podman = "; or link podman as docker, in a folder that comes first on PATH" if shutil.which("podman") else ""
    yield "docker daemon", "docker's server does not answer", f"start it{podman}"
