"""Every page: what its blocks say can be read, and the commands that it shows are there.

That what they show happens is for the tests of each page.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from kloom.cli import _parser
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

ROOT = Path(__file__).resolve().parents[1]
GENERATED = ROOT / "docs" / "rules.md"  # its examples are the rules' own, whose tests read them
PAGES = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "overlays/README.md", *ROOT.glob("docs/*.md"))
    if path != GENERATED
]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(*languages: str) -> list[object]:
    """The blocks of all pages in these languages, each by its page and line."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in FENCED.finditer(text):
            if match[1] in languages:
                name = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
                found.append(pytest.param(match[2], id=name))
    assert found
    return found


def commands(program: str) -> list[str]:
    """The commands of a program that pages show, in blocks and indented, without what is piped, written or said."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        shown = "".join(match[2].replace("$ ", "") for match in FENCED.finditer(text) if match[1] in ("sh", "console"))
        shown += "".join(re.findall(r"^ {4}(\S.*\n)", FENCED.sub("", text), re.MULTILINE))
        for line in shown.splitlines():
            parts = re.split(r"[;|>]|&&|\s#", line)
            found += [part.strip() for part in parts if part.strip().startswith(f"{program} ")]
    assert found
    return sorted(set(found))


@pytest.mark.parametrize("block", blocks("yaml"))
def test_yaml_is_yaml_in_which_no_key_stands_twice(block: str) -> None:
    assert read_documents(block, kustomize_plain)


@pytest.mark.parametrize("block", blocks("json"))
def test_json_is_json(block: str) -> None:
    assert json.loads(block)


@pytest.mark.parametrize("block", blocks("python"))
def test_python_is_python(block: str) -> None:
    compile(block, "the page", "exec")


@pytest.mark.parametrize("block", blocks("sh"))
def test_a_shell_can_read_it(block: str) -> None:
    done = subprocess.run(["sh", "-n"], input=block, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", commands("kloom"))
def test_the_command_is_one_of_kloom_s(command: str) -> None:
    if "[" not in command:  # a synopsis, which the test of its page compares
        _parser().parse_args(shlex.split(command)[1:])


def test_the_targets_of_make_are_there() -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {target for command in commands("make") for target in command.split()[1:2]} <= targets


def test_the_programs_of_hack_are_there() -> None:
    named = {name for page in PAGES for name in re.findall(r"python (hack/\w+\.py)", page.read_text(encoding="utf-8"))}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
