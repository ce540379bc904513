"""Each folder of cases/ is a repository; its expected.txt holds commands, what they print, and how they end.

    $ kloom validate overlays
    …
    [1]

`make golden` writes anew what the commands print.
"""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from kloom.cli import main

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.fixture
def repository(request, tmp_path, monkeypatch):
    copy = tmp_path / "repository"
    shutil.copytree(FOLDER / request.param, copy, ignore=shutil.ignore_patterns("expected.txt"))
    (copy / ".git").mkdir()
    monkeypatch.chdir(copy)
    return FOLDER / request.param


def transcript(command, capsys):
    status = main(shlex.split(command)[1:])
    printed = capsys.readouterr()
    text = re.sub(r"\d+\.\d s", "0.0 s", printed.err + printed.out)
    return f"$ {command}\n{text}[{status}]\n"


@pytest.mark.parametrize("repository", CASES, indirect=True)
def test_it_prints_what_is_expected(repository, capsys, update_golden):
    expected = repository / "expected.txt"
    commands = re.findall(r"^\$ (.*)", expected.read_text(), re.MULTILINE)
    assert commands
    printed = "\n".join(transcript(command, capsys) for command in commands)
    if update_golden:
        expected.write_text(printed)
    assert printed == expected.read_text()
