from argparse import ArgumentParser
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloom import __version__, editor_schemas
from kloom.catalog import FUNCTIONS
from kloom.cli import _parser, _plain_arguments, main


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert (exit_.value.code, capsys.readouterr().out) == (0, f"kloom {__version__}\n")


def help_of(capsys, *words):
    with pytest.raises(SystemExit) as exit_:
        main([*words, "--help"])
    assert exit_.value.code == 0
    return capsys.readouterr().out


def test_help_says_what_it_is_and_lists_every_command_with_what_it_does(capsys):
    lines = help_of(capsys).splitlines()
    assert "A few lines per service become complete Argo CD Applications on every cluster." in lines
    commands = [line.split(maxsplit=1) for line in lines[lines.index("commands:") + 2 :] if line.startswith("    ")]
    assert {"render", "init", "eject", "plugin"} <= {command for command, _ in commands}
    assert all(text for _, text in commands)
    assert max(map(len, lines)) <= 100


def test_without_a_word_it_is_the_help(capsys):
    with pytest.raises(SystemExit) as exit_:
        main([])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == help_of(capsys)


def test_the_help_names_every_schema(capsys):
    told = " ".join(help_of(capsys, "schema").split())
    names = [name for name in editor_schemas.NAMES if name not in FUNCTIONS and name != editor_schemas.VALUES]
    assert f"values (default), {', '.join(names)}, or a kind" in told


@pytest.mark.parametrize("command", ["render", "init", "eject", "plugin"])
def test_each_command_has_a_help_of_its_own(capsys, command):
    assert f"usage: kloom {command}" in help_of(capsys, command)


def test_a_life_of_the_plugin_home(tmp_path, capsys):
    home = ["--home", str(tmp_path / "home")]
    assert main(["plugin", "status", *home]) == 1
    assert main(["plugin", "install", *home]) == 0
    assert main(["plugin", "status", *home]) == 0
    assert main(["plugin", "uninstall", *home]) == 0
    link = f"{home[1]}/kloom.dev/v1alpha1/applicationgenerator/ApplicationGenerator"
    said = capsys.readouterr().out
    for line in (f"{link}: missing", f"installed {link}", f"{link}: installed", f"removed {link}"):
        assert line in said.splitlines()


def test_what_stands_in_the_way_of_a_link_is_a_sentence(tmp_path, capsys):
    link = tmp_path / "kloom.dev" / "v1alpha1" / "applicationgenerator" / "ApplicationGenerator"
    link.mkdir(parents=True)
    assert main(["plugin", "install", "--home", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{link} is there and is no link of kloom's; move it away\n"


def test_init_tells_what_it_wrote_what_it_kept_and_what_to_do(tmp_path, capsys):
    (tmp_path / ".git").mkdir()
    assert main(["init", str(tmp_path)]) == 0
    first = capsys.readouterr().out
    assert main(["init", str(tmp_path)]) == 0
    second = capsys.readouterr().out
    assert {line.split()[0] for line in first.split("\n\n")[0].splitlines()} == {"wrote"}
    assert {line.split()[0] for line in second.split("\n\n")[0].splitlines()} == {"kept"}
    assert f"kloom render {tmp_path}/overlays/dev" in first
    assert ".git" not in first


def test_init_outside_of_git_tells_what_is_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("KLOOM_ROOT", raising=False)
    assert main(["init", str(tmp_path)]) == 0
    assert "There is no .git above it" in capsys.readouterr().out
    monkeypatch.setenv("KLOOM_ROOT", str(tmp_path))
    assert main(["init", str(tmp_path)]) == 0
    assert "There is no .git" not in capsys.readouterr().out
    assert main(["render", str(tmp_path / "overlays" / "dev")]) == 0


def test_warnings_are_told_and_the_objects_printed(tmp_path, capsys):
    files = {
        "kustomization.yaml": "generators: [config.yaml]\n",
        "config.yaml": "apiVersion: kloom.dev/v1alpha1\nkind: ApplicationGenerator\nmetadata: {name: dev}\n"
        "spec: {clusters: {a: {destination: {name: a}}}, services: [s.yaml, t.yaml]}\n",
        "s.yaml": "global: {name: s}\nsource: {repoURL: https://git.example.com/a.git, path: p}\na: {enable: true}\n",
        "t.yaml": "global: {name: t}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert main(["render", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert f"{tmp_path}/t.yaml:1:1: global: warning: no cluster says enable: true" in said.err
    assert "name: s-a\n" in said.out


PLAIN = (["render", "."], ["render", "overlays/dev"], ["render", ""], ["argocd", "generate"])
OTHER = (["render"], ["render", "-h"], ["render", ".", "x"], ["argocd"], ["argocd", "generated"], ["doctor"])


def by_parser(words):
    """What the parser reads, None where it answers itself: with its help, the version or an error."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        try:
            return vars(PARSER.parse_args(words))
        except SystemExit:
            return None


def known_words(parser):
    """The commands and options of a parser and of those below it, and what some options take."""
    for action in parser._actions:  # noqa: SLF001  # argparse tells them nowhere else
        yield from (*action.option_strings, *(action.choices or ()))
        if isinstance(action.choices, dict):
            for below in action.choices.values():
                yield from known_words(below) if isinstance(below, ArgumentParser) else ()


PARSER = _parser()
OTHER_WORDS = st.sampled_from((".", "", " a ", "@a", "-", "--", "--home=.")) | st.text()
WORDS = st.sampled_from(sorted({*known_words(PARSER)})) | OTHER_WORDS
BEGUN = st.sampled_from((["render"], ["argocd"], []))


@pytest.mark.parametrize("words", PLAIN)
def test_what_is_read_without_the_parser_is_what_the_parser_reads(words):
    assert vars(_plain_arguments(words)) == by_parser(words)


@pytest.mark.parametrize("words", OTHER)
def test_other_words_are_left_to_the_parser(words):
    assert _plain_arguments(words) is None


@settings(max_examples=1000)
@given(st.builds(list.__add__, BEGUN, st.lists(WORDS, max_size=3)))
def test_no_words_mean_anything_else_than_to_the_parser(words):
    plain = _plain_arguments(words)
    assert plain is None or vars(plain) == by_parser(words)
