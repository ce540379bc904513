import os
import sys
from pathlib import Path

import pytest

from kloom.catalog import FUNCTIONS
from kloom.plugin_home import PluginHomeError, default_home, executable, install, links, status, uninstall


@pytest.fixture
def home(tmp_path):
    return str(tmp_path / "plugins")


def states(home):
    return [state for _, state in status(home)]


def test_kustomize_finds_each_kind_below_group_version_and_lower_case_kind(home):
    assert list(links(home)) == [f"{home}/kloom.dev/v1alpha1/{kind.lower()}/{kind}" for kind in FUNCTIONS]


def test_a_life(home):
    assert states(home) == ["missing"] * len(FUNCTIONS)
    installed = install(home)
    assert [os.path.realpath(link) for link in installed] == [os.path.realpath(executable())] * len(FUNCTIONS)
    assert states(home) == ["installed"] * len(FUNCTIONS)
    assert uninstall(home) == installed
    assert states(home) == ["missing"] * len(FUNCTIONS)
    assert os.listdir(home) == []


def test_installing_again_changes_nothing(home):
    before = [os.lstat(link).st_ino for link in install(home)]
    assert [os.lstat(link).st_ino for link in install(home)] == before
    assert all(len(os.listdir(os.path.dirname(link))) == 1 for link in links(home))


def test_a_link_to_an_older_kloom_is_replaced(home, tmp_path):
    older = tmp_path / "kloom"
    older.touch(mode=0o755)
    (link, *_) = links(home)
    os.makedirs(os.path.dirname(link))
    os.symlink(older, link)
    assert states(home)[0] == f"leads to another kloom, {older}"
    older.unlink()
    assert "which is no executable" in states(home)[0]
    install(home)
    assert states(home)[0] == "installed"


def test_what_is_no_link_stays_and_is_told(home):
    (link, *_) = links(home)
    os.makedirs(os.path.dirname(link))
    Path(link).write_text("foreign")
    with pytest.raises(PluginHomeError, match="is there and is no link of kloom's"):
        install(home)
    assert uninstall(home) == []
    assert Path(link).read_text() == "foreign"


def test_uninstalling_leaves_the_plugins_of_others(home):
    install(home)
    other = Path(home, "example.com", "v1", "thing", "Thing")
    other.parent.mkdir(parents=True)
    other.touch()
    uninstall(home)
    assert [path for path in Path(home).rglob("*") if path.is_file()] == [other]
    assert os.listdir(home) == ["example.com"]


def test_a_home_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PluginHomeError, match="Not a directory"):
        install(str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"KUSTOMIZE_PLUGIN_HOME": "/a", "XDG_CONFIG_HOME": "/b"}, "/a"),
        ({"KUSTOMIZE_PLUGIN_HOME": "", "XDG_CONFIG_HOME": "/b"}, "/b/kustomize/plugin"),
        ({"HOME": "/c"}, "/c/.config/kustomize/plugin"),
    ],
)
def test_the_home_is_where_kustomize_looks(environment, folder, monkeypatch):
    for name in ("KUSTOMIZE_PLUGIN_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_home() == folder


def test_the_command_is_the_one_beside_python_else_the_one_on_path(tmp_path, monkeypatch):
    for name in ("beside", "path"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kloom").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "beside" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert executable() == str(tmp_path / "beside" / "kloom")
    (tmp_path / "beside" / "kloom").unlink()
    assert executable() == str(tmp_path / "path" / "kloom")
    (tmp_path / "path" / "kloom").unlink()
    with pytest.raises(PluginHomeError, match="no kloom command"):
        executable()
