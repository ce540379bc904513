"""`kloom doctor` on machines that have some of the tools: it tells which ways work there, by trying them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from processes import wait_until

from kloom.doctor.machine import ask
from kloom.doctor.ways import WAYS

BUILD = "kustomize build --enable-alpha-plugins DIR"
KUBECTL = "kubectl kustomize --enable-alpha-plugins DIR"
EXEC = "kustomize build --enable-alpha-plugins --enable-exec DIR"
IN_PLACE = "kustomize fn run DIR --enable-exec"
KPT = "kpt fn eval DIR --exec kloom --fn-config FILE"
HELM = "kloom eject DIR; kustomize build --enable-helm DIR-helm"
ITSELF = {"kloom render DIR": "works", "kloom validate": "works"}


class Screen:
    """What the doctor printed: the facts, the state of each way, and what it said below it."""

    def __init__(self, done):
        assert done.stderr == ""
        self.status = done.returncode
        self.text = done.stdout
        facts, _, ways = self.text.partition("\n\n")
        self.facts = dict(re.findall(r"^(\w+(?: home)?) +(.*)$", facts, re.MULTILINE))
        self.states, self.remarks = {}, {}
        for line in ways.splitlines()[:-1]:
            state, name, rest = line[:9].strip(), line[9:25].strip(), line[25:]
            if state:
                at = (name, rest)
                self.states[at], self.remarks[at] = state, []
            else:
                self.remarks[at].append(rest)

    def state(self, command, name=None):
        (found,) = [state for (way, own), state in self.states.items() if own == command and name in (None, way)]
        return found

    def said(self, command, name=None):
        (found,) = [said for (way, own), said in self.remarks.items() if own == command and name in (None, way)]
        return found


class Machine:
    """A machine with a PATH and a HOME of its own."""

    def __init__(self, folder, kloom):
        self.folder, self.kloom = folder, kloom
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.environment = {"PATH": str(self.bin), "HOME": str(folder / "user"), "LC_ALL": "C.UTF-8"}

    def has(self, *programs):
        for program in programs:
            (self.bin / Path(program).name).symlink_to(program)
        return self

    def has_script(self, name, text):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return self

    def run(self, *words):
        command = [self.kloom, *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def doctor(self, *words):
        return Screen(self.run("doctor", *words))


@pytest.fixture
def machine(tmp_path, kloom):
    return Machine(tmp_path, kloom)


def test_every_way_that_has_its_tools_works(machine, kustomize, kubectl, helm, kloom):
    machine.has(kustomize, kubectl, helm, kloom).run("plugin", "install")
    screen = machine.doctor()
    assert screen.status == 0
    assert {command for (_, command), state in screen.states.items() if state == "works"} == {
        BUILD,
        KUBECTL,
        EXEC,
        IN_PLACE,
        HELM,
        *ITSELF,
    }
    assert [screen.state(KPT), screen.state(BUILD, "container")] == ["absent", "absent"]
    assert screen.facts["plugin home"] == f"{machine.folder}/user/.config/kustomize/plugin"


def test_without_any_tool_kloom_alone_works_and_that_is_not_enough(machine):
    screen = machine.doctor()
    assert screen.status == 1
    assert {command: state for (_, command), state in screen.states.items() if state != "absent"} == ITSELF
    assert screen.facts["kustomize"] == screen.facts["kubectl"] == screen.facts["helm"] == "not on PATH"
    assert screen.said(HELM) == ["kustomize and helm must be on PATH"]


def test_doing_what_it_says_helps(machine, kubectl):
    """kubectl alone: the plugin home is the one way, and is not there yet."""
    machine.has(kubectl)
    before = machine.doctor()
    assert (before.status, before.state(KUBECTL)) == (1, "fails")
    assert before.said(KUBECTL) == ["there is no plugin home", "-> kloom plugin install"]
    machine.run("plugin", "install")
    after = machine.doctor()
    assert (after.status, after.state(KUBECTL), after.said(KUBECTL)) == (0, "works", [])


def test_an_exec_function_needs_kloom_on_path(machine, kustomize):
    screen = machine.has(kustomize).doctor()
    assert [screen.state(EXEC), screen.state(IN_PLACE)] == ["fails", "fails"]
    for way in (EXEC, IN_PLACE):
        why, fix = screen.said(way)
        assert why == "kloom is not on PATH"
        (assignment,) = shlex.split(fix.removeprefix("-> export "))
        machine.environment["PATH"] = assignment.removeprefix("PATH=").replace("$PATH", str(machine.bin))
    screen = machine.doctor()
    assert [screen.state(EXEC), screen.state(IN_PLACE)] == ["works", "works"]


def test_another_kloom_on_path_is_named(machine, kustomize, kloom):
    machine.has(kustomize).has_script("kloom", f'exec {kloom} "$@"')
    screen = machine.doctor()
    assert screen.said(EXEC) == [f"with another kloom, which is first on PATH: {machine.bin}/kloom"]


def test_a_home_without_the_links_is_told_with_every_link(machine, kustomize):
    home = machine.folder / "user" / ".config" / "kustomize" / "plugin"
    home.mkdir(parents=True)
    screen = machine.has(kustomize).doctor()
    assert screen.said(BUILD, "plugin home") == [
        f"the plugin home {home} has no link to kloom",
        "-> kloom plugin install",
    ]
    assert f"{home}/kloom.dev/v1alpha1/manifestvalidator/ManifestValidator: missing" in screen.text


def test_a_home_that_hides_the_installed_one_is_named(machine, kustomize):
    machine.has(kustomize).run("plugin", "install")
    machine.environment["XDG_CONFIG_HOME"] = str(machine.folder / "xdg")
    (machine.folder / "xdg" / "kustomize" / "plugin").mkdir(parents=True)
    screen = machine.doctor()
    assert screen.facts["plugin home"] == f"{machine.folder}/xdg/kustomize/plugin"
    assert screen.state(BUILD, "plugin home") == "fails"


def test_a_relative_home_is_told(machine, kustomize, monkeypatch):
    machine.has(kustomize).run("plugin", "install", "--home", str(machine.folder / "plugins"))
    monkeypatch.chdir(machine.folder)
    machine.environment["KUSTOMIZE_PLUGIN_HOME"] = "plugins"
    why, fix = machine.doctor().said(BUILD, "plugin home")
    assert why == "KUSTOMIZE_PLUGIN_HOME must be an absolute path"
    assert fix == f'-> export KUSTOMIZE_PLUGIN_HOME="{machine.folder}/plugins"'


DOCKER = """\
case $1 in
version) echo Version: 28.0.1;;
run) for last; do :; done; [ "$last" = registry.example.com/kloom:1 ] || exit 125; exec KLOOM;;
esac
"""


def test_a_container_function_is_tried_with_the_image_that_one_names(machine, kustomize, kloom):
    machine.has(kustomize).has_script("docker", DOCKER.replace("KLOOM", kloom))
    unknown = machine.doctor()
    assert unknown.facts["docker"] == f"28.0.1; {machine.bin}/docker"
    assert unknown.state(BUILD, "container") == "untried"
    assert unknown.said(BUILD, "container")[1] == "-> kloom doctor --image IMAGE"
    assert machine.doctor("--image", "registry.example.com/kloom:1").state(BUILD, "container") == "works"
    assert machine.doctor("--image", "registry.example.com/kloom:2").state(BUILD, "container") == "fails"


def test_a_docker_whose_server_does_not_answer_is_told(machine, kustomize):
    said = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
    machine.has(kustomize).has_script("docker", f"echo '{said}' >&2; exit 1")
    screen = machine.doctor()
    assert screen.facts["docker"] == f"{said}; {machine.bin}/docker"
    assert screen.said(BUILD, "container") == ["docker's server does not answer", "-> start it"]
    machine.has_script("podman", "echo podman version 4.3.1")
    assert "podman" in machine.doctor().said(BUILD, "container")[1]


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("Error: unknown flag: --enable-exec", "take kustomize 5.3 or newer"),
        ("Error: unknown shorthand flag: 'c' in -c", "take kustomize 5.8.1 or newer, or helm 3"),
    ],
)
def test_a_kustomize_that_is_too_old_is_told(machine, kloom, words, fix):
    machine.has(kloom).has_script("kustomize", f'[ "$1" = version ] && echo v3.8.1 && exit; echo "{words}" >&2; exit 1')
    screen = machine.doctor()
    assert screen.facts["kustomize"].startswith("3.8.1; ")
    assert screen.state(EXEC) == "fails"
    assert fix in screen.said(EXEC)[1]


def test_a_build_that_prints_nothing_does_not_work(machine):
    machine.has_script("kustomize", "exit 0").has_script("kpt", "exit 0")
    screen = machine.doctor()
    assert screen.status == 1
    assert screen.said(EXEC) == ["nothing was said, and no Application printed"]
    assert screen.said(IN_PLACE) == screen.said(KPT) == ["nothing was said, and no Application written"]


def test_what_it_does_not_know_is_told_in_the_tools_words(machine):
    machine.has_script("kustomize", "echo one >&2; echo the last >&2; exit 1")
    screen = machine.doctor()
    assert screen.facts["kustomize"].startswith("the last; ")
    assert screen.said(EXEC) == ["the last"]


def test_a_file_that_is_no_program_is_told(machine):
    (machine.bin / "kustomize").write_bytes(b"\x7fELF")
    (machine.bin / "kustomize").chmod(0o755)
    screen = machine.doctor()
    assert screen.facts["kustomize"].startswith("cannot be started: Exec format error; ")
    assert screen.state(EXEC) == "fails"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc that tells of processes")
def test_what_does_not_answer_is_ended_with_all_that_it_started(tmp_path):
    written = tmp_path / "child"
    written.touch()
    for seconds in (1, 10, 100):  # in which a shell must have started, on a busy machine later
        answer = ask(["/bin/sh", "-c", "sleep 6000 & echo $! > child; wait"], folder=str(tmp_path), seconds=seconds)
        assert answer.status != 0
        assert answer.stderr == f"no answer within {seconds} s"
        if written.read_text():
            break
    assert written.read_text(), "no shell has started"
    child = Path("/proc", written.read_text().strip())
    wait_until(lambda: has_ended(child), "what the shell had started is there still")


def has_ended(process: Path) -> bool:
    """Gone, or dead and not yet collected by its parent."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_modules_that_are_not_compiled_are_told(tmp_path):
    """As in an editable install, which pip does not compile."""
    package = shutil.copytree(
        Path(__file__).parents[1] / "functions" / "kloom", tmp_path / "kloom", ignore=shutil.ignore_patterns("*cache*")
    )
    shutil.copytree(Path(__file__).parents[1] / "charts", tmp_path / "charts")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}

    def facts():
        command = [sys.executable, "-c", "from kloom.doctor.machine import slow_start; print(*slow_start(), sep='\\n')"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    reason, fix = facts()
    assert reason == f"{len(list(package.rglob('*.py')))} of its modules are not compiled"
    subprocess.run(shlex.split(fix.removeprefix("-> ")), check=True)
    assert facts() == [""]


def test_it_fits_one_screen(machine):
    assert len(machine.doctor().text.splitlines()) <= 40


def test_readme_lists_the_same_ways():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    table = readme[readme.index("## Ways to run it") : readme.index("## ApplicationGenerator")]
    commands = {part.split(" DIR")[0] for way in WAYS for part in way.command.split("; ")}
    assert {command for command in commands if f"`{command}" not in table} == {"kustomize build --enable-helm"}
