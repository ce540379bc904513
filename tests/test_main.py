"""How kloom was started decides what it is; each way in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "tests" / "cases" / "application_generator" / "seed_case"
DONE, REFUSED, WRONG_USAGE, BUG = 0, 1, 2, 3
CONFIG = {
    "apiVersion": "kloom.dev/v1alpha1",
    "kind": "ApplicationGenerator",
    "metadata": {"name": "dev"},
    "spec": {"common": "common-values.yaml", "services": ["svc-a.yaml"]},
}
ITEM = {**CONFIG, "metadata": {"name": "dev", "annotations": {"config.kubernetes.io/local-config": "true"}}}
RESOURCE_LIST = {
    "apiVersion": "config.kubernetes.io/v1",
    "kind": "ResourceList",
    "items": [ITEM],
    "functionConfig": CONFIG,
}
NEEDED_ONLY_FOR_FINDINGS = [
    "argparse", "dataclasses", "difflib", "fnmatch", "glob", "hashlib", "importlib.metadata", "inspect", "jsonschema",
    "logging", "pathlib", "subprocess", "tempfile", "traceback", "typing", "urllib", "kloom.argo.provenance",
    "kloom.charts", "kloom.cli", "kloom.schemas.derive", "kloom.schemas.findings", "base64", "collections", "datetime",
    "enum", "functools", "json", "math", "re", "yaml.constructor", "yaml.reader",
]  # fmt: skip


def run(*command, stdin="", cwd=CASE, **environment):
    return subprocess.run(
        [str(word) for word in command],
        input=stdin,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_a_resource_list_on_stdin_it_is_the_function_of_the_configs_kind(kloom):
    done = run(kloom, stdin=json.dumps(RESOURCE_LIST))
    assert (done.returncode, done.stderr) == (DONE, "")
    assert [item["metadata"]["name"] for item in json.loads(done.stdout)["items"]] == ["svc-a-cluster-a"]


def test_the_module_does_the_same(kloom):
    lists = [
        run(*command, stdin=json.dumps(RESOURCE_LIST)).stdout for command in ([kloom], [sys.executable, "-m", "kloom"])
    ]
    assert lists[0] == lists[1] != ""


def test_under_the_name_of_a_kind_it_is_that_plugin(plugin_home, tmp_path):
    (tmp_path / "config.yaml").write_text(json.dumps(CONFIG))
    plugin = plugin_home / "kloom.dev" / "v1alpha1" / "applicationgenerator" / "ApplicationGenerator"
    done = run(plugin, tmp_path / "config.yaml")
    assert (done.returncode, done.stderr) == (DONE, "")
    assert "svc-a-cluster-a" in done.stdout


@pytest.mark.parametrize("stdin", ["", "text", "kind: ConfigMap", "a: [", "---\n"])
def test_what_is_no_resource_list_is_refused(kloom, stdin):
    done = run(kloom, stdin=stdin)
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert done.stderr.startswith("stdin")
    assert "Traceback" not in done.stderr


def test_without_a_stdin_it_is_refused(kloom):
    done = run("sh", "-c", f"exec {kloom} <&-")
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert "Traceback" not in done.stderr


def test_findings_are_told_on_stderr_sorted_and_no_resource_comes(kloom):
    config = {**CONFIG, "spec": {"comon": "a", "service": "b"}}
    done = run(kloom, stdin=json.dumps({**RESOURCE_LIST, "functionConfig": config}))
    assert done.returncode == REFUSED
    assert [line.split(": ")[1:3] for line in done.stderr.splitlines()] == [
        ["spec", "must have services"],
        ["spec.comon", "unknown key (did you mean common?)"],
        ["spec.service", "unknown key (did you mean services?)"],
    ]
    assert "kind: Application\n" not in done.stdout


def test_a_subcommand_is_the_command_line(kloom):
    done = run(kloom, "render", ".")
    assert (done.returncode, done.stderr) == (DONE, "")
    assert done.stdout.count("kind: Application\n") == 3


@pytest.mark.parametrize("words", [["rendr", "."], ["render"], ["plugin"], ["--no-such-option"]])
def test_wrong_usage_has_its_own_status(kloom, words):
    done = run(kloom, *words)
    assert (done.returncode, done.stdout) == (WRONG_USAGE, "")
    assert "usage: kloom" in done.stderr


def test_a_mistake_of_the_users_is_a_sentence(kloom, tmp_path):
    done = run(kloom, "render", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (REFUSED, "", f"{tmp_path}: must hold a kustomization.yaml\n")


def test_what_is_no_folder_is_called_so(kloom, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resources: []\n")
    file, nowhere = tmp_path / "kustomization.yaml", tmp_path / "nowhere"
    told = f"{file}: must be a folder, was a file (did you mean {tmp_path}?)\n"
    assert run(kloom, "render", file).stderr == told
    assert run(kloom, "render", nowhere).stderr == f"{nowhere}: no such folder\n"


@pytest.mark.parametrize("is_function", [True, False])
def test_a_bug_is_a_traceback_that_asks_for_a_report(is_function):
    broken = "import sys, kloom.__main__, kloom.values.files as files; files.Repository.read = None"
    broken += "; sys.exit(kloom.__main__.main())"
    words = [] if is_function else ["render", "."]
    done = run(sys.executable, "-c", broken, *words, stdin=json.dumps(RESOURCE_LIST))
    assert done.returncode == BUG
    assert done.stdout == ""
    assert "Traceback" in done.stderr
    assert "please report it" in done.stderr


@pytest.mark.parametrize("words", [[], ["render", "."]])
def test_on_the_good_path_nothing_heavy_is_imported(words):
    """Start-up is paid on every call: kustomize starts kloom once per config."""
    program = "import sys, kloom.__main__ as main; main.main(); print(*sys.modules, file=sys.stderr)"
    bare = run(sys.executable, "-c", "import sys; print(*sys.modules, file=sys.stderr)").stderr.split()
    done = run(sys.executable, "-c", program, *words, stdin=json.dumps(RESOURCE_LIST))
    assert done.returncode == DONE
    loaded = set(done.stderr.split()) - set(bare)
    assert "yaml._yaml" in loaded
    assert loaded.intersection(NEEDED_ONLY_FOR_FINDINGS) == ({"kloom.cli"} if words else set())


def test_output_is_utf_8_whatever_the_locale(kloom):
    case = CASE.parent / "multi_line_and_unicode_text"
    plain, ascii_only = (run(kloom, "render", ".", cwd=case, **env) for env in ({}, {"PYTHONIOENCODING": "ascii"}))
    assert ascii_only.stdout == plain.stdout
    assert "선언형" in plain.stdout


def test_a_reader_that_goes_away_gets_no_traceback(kloom):
    done = run("sh", "-c", f"{kloom} render . | true")
    assert done.stderr == ""
