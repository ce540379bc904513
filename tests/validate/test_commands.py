"""`kloom validate`, `kloom rules`, `kloom explain`: exit statuses, colors, and what is told of rules."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from kloom import schemas
from kloom.cli import main
from kloom.reports import FORMATS
from kloom.validate import validate
from kloom.validate.rulebook import IDS, notes
from kloom.validate.tree import glob_matcher

ROOT = Path(__file__).resolve().parents[2]
BAD = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\nspec: {}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_path_that_is_not_there_is_a_wrong_usage(capsys):
    assert main(["validate", "nowhere"]) == 2
    assert capsys.readouterr().err == "kloom validate: nowhere: no such file or folder\n"


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "junit", "github"])
def test_the_exit_status_is_the_same_in_every_format(folder, capsys, format_):
    assert main(["validate", "--format", format_]) == 0
    (folder / "app.yaml").write_text(BAD)
    assert main(["validate", "--format", format_]) == 1
    assert capsys.readouterr().err == ""


def test_paths_are_told_from_where_the_command_runs(folder, monkeypatch, capsys):
    (folder / "apps").mkdir()
    (folder / "apps" / "app.yaml").write_text(BAD)
    monkeypatch.chdir(folder / "apps")
    assert main(["validate", ".."]) == 1
    assert capsys.readouterr().out.startswith("app.yaml\n")
    assert main(["validate", "--format", "github"]) == 1
    assert "::error file=apps/app.yaml," in capsys.readouterr().out


def test_two_repositories_are_checked_each_by_itself(tmp_path, capsys):
    for name in ("one", "two"):
        (tmp_path / name / ".git").mkdir(parents=True)
        (tmp_path / name / "app.yaml").write_text(BAD.replace("{}", "{source: {}}"))
    assert main(["validate", str(tmp_path / "one"), str(tmp_path / "two")]) == 1
    said = capsys.readouterr().out
    assert "application-twice" not in said
    assert "2 Applications checked" in said


@pytest.mark.parametrize(
    ("words", "variables", "painted"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_a_terminal_is_painted_unless_somebody_says_no(folder, kloom, words, variables, painted):
    (folder / "app.yaml").write_text(BAD)
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables
    process = subprocess.Popen([kloom, "validate", *words], stdout=theirs, env=environment)
    os.close(theirs)
    printed = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    assert process.wait() == 1
    assert b"1 Application checked" in printed
    assert (b"\x1b[31m" in printed) == painted


def read(terminal):
    """What came next; nothing once nobody is left who could write."""
    try:
        return os.read(terminal, 10_000)
    except OSError:  # as Linux says it, other systems read nothing
        return b""


def test_a_pipe_is_not_painted(folder, kloom):
    (folder / "app.yaml").write_text(BAD)
    done = subprocess.run([kloom, "validate"], capture_output=True, check=False)
    assert b"\x1b" not in done.stdout


def test_rules_are_listed_for_people_and_for_scripts(capsys):
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["rules", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [line.split()[:2] for line in lines] == [[rule["id"], rule["severity"]] for rule in listed]
    assert all(line.endswith(rule["title"]) for line, rule in zip(lines, listed, strict=True))


def test_every_rule_is_known_by_one_id():
    assert notes().keys() == IDS


@pytest.mark.parametrize("name", sorted(IDS))
def test_every_rule_is_explained(capsys, name):
    assert main(["explain", name]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{name} (")
    assert all(f"\n{part}:" in said for part in ("Source", "Wrong", "Right"))


def test_a_rule_that_there_is_not_gets_a_suggestion(capsys):
    assert main(["explain", "unread-value"]) == 1
    said = capsys.readouterr().err
    assert said == "unread-value: no such rule; `kloom rules` lists them (did you mean unread-values?)\n"


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("tests", ["tests", "tests/a.yaml", "tests/b/c.yaml"], ["a/tests", "testsuite"]),
        ("*/a.yaml", ["b/a.yaml"], ["a.yaml", "b/c/a.yaml"]),
        ("**/a.yaml", ["a.yaml", "b/c/a.yaml"], ["b/ba.yaml"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a/c"]),
        ("a?.yaml", ["ab.yaml"], ["a.yaml", "a/.yaml"]),
        ("a+(b)/", ["a+(b)/c"], ["aab"]),
    ],
)
def test_globs_of_settings(pattern, matching, others):
    matches = glob_matcher(pattern)
    assert all(map(matches, matching))
    assert not any(map(matches, others))


def test_this_repository_is_clean():
    assert [str(result) for result in validate([str(ROOT)]).results] == []


def test_every_setting_is_in_the_reference():
    schema = schemas.load("settings")["properties"]
    entry = schema["ignore"]["items"]["properties"]
    told = re.findall(r"^\| `([\w.\[\]]+)` \|", (ROOT / "docs/validate.md").read_text(), re.MULTILINE)
    settings = {*schema.keys() - {"ignore"}, *(f"ignore[].{name}" for name in entry)}
    assert settings | set(FORMATS) == set(told)


def test_a_kustomization_that_is_no_utf_8_is_told_and_nothing_crashes(folder, capsys):
    (folder / "kustomization.yaml").write_bytes(b"generators: [\xff]\n")
    assert main(["validate", "."]) == 1
    told = capsys.readouterr()
    assert "must be UTF-8" in told.out + told.err
    assert "Traceback" not in told.out + told.err
