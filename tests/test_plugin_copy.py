import os
import subprocess
import sys

import pytest

from kloom import plugin_home
from kloom.catalog import FUNCTIONS
from kloom.cli import main
from kloom.plugin_copy import install
from kloom.plugin_home import PluginHomeError


@pytest.fixture
def carried(monkeypatch, tmp_path):
    """An executable that takes itself for the one which carries its own Python."""
    executable = tmp_path / "bin/kloom-1.0"
    executable.parent.mkdir()
    executable.write_text('#!/bin/sh\nbasename "$0"\n')
    executable.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(executable))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    return executable


def test_the_home_works_wherever_it_is_moved_to(carried, tmp_path):
    links = install(str(tmp_path / "home"))
    assert links == list(plugin_home.links(str(tmp_path / "home")))
    carried.unlink()
    (tmp_path / "home").rename(tmp_path / "moved")
    for kind, link in zip(FUNCTIONS, plugin_home.links(str(tmp_path / "moved")), strict=True):
        assert subprocess.run([link], capture_output=True, text=True, check=True).stdout == f"{kind}\n"


def test_another_version_takes_its_place(carried, tmp_path):
    install(str(tmp_path))
    carried.write_text("#!/bin/sh\necho newer\n")
    for link in install(str(tmp_path)):
        assert subprocess.run([link], capture_output=True, text=True, check=True).stdout == "newer\n"
    assert {*os.listdir(tmp_path / "kloom.dev")} == {"kloom", "v1alpha1"}


def test_a_kloom_that_needs_its_python_is_not_copied(tmp_path, capsys):
    with pytest.raises(PluginHomeError, match="carries its own Python"):
        install(str(tmp_path))
    assert main(["plugin", "install", "--copy", "--home", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("only the executable that carries its own Python can be copied")
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("carried")
def test_a_home_that_cannot_be_written(tmp_path):
    (tmp_path / "kloom.dev").write_text("in the way")
    with pytest.raises(PluginHomeError, match=r"kloom\.dev: File exists"):
        install(str(tmp_path))
