import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kloom.catalog import FUNCTIONS
from kloom.plugin_home import (
    PluginHomeError,
    candidates,
    copy_in,
    default_home,
    executable,
    home_in_use,
    install,
    links,
    status,
    uninstall,
)


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


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Sets the variables that kustomize asks, and makes the folders that are there already."""

    def has(*folders, **variables):
        for name in ("KUSTOMIZE_PLUGIN_HOME", "XDG_CONFIG_HOME", "HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value and str(tmp_path / value))
        for folder in folders:
            (tmp_path / folder).mkdir(parents=True)
        return tmp_path

    return has


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"KUSTOMIZE_PLUGIN_HOME": "a", "XDG_CONFIG_HOME": "b", "HOME": "c"}, "a"),
        ({"KUSTOMIZE_PLUGIN_HOME": "", "XDG_CONFIG_HOME": "b", "HOME": "c"}, "b/kustomize/plugin"),
        ({"XDG_CONFIG_HOME": "", "HOME": "c"}, "c/.config/kustomize/plugin"),
    ],
)
def test_where_there_is_no_home_yet_it_is_where_kustomize_looks_first(machine, variables, folder):
    machine_folder = machine(**variables)
    assert default_home() == str(machine_folder / folder)
    assert home_in_use() is None


@pytest.mark.parametrize("there", ["c/.config/kustomize/plugin", "c/kustomize/plugin"])
def test_a_home_that_is_there_already_is_taken(machine, there):
    """One made elsewhere would hide the plugins of others from kustomize."""
    machine_folder = machine(there, XDG_CONFIG_HOME="b", HOME="c")
    assert default_home() == str(machine_folder / there)
    assert default_home() == home_in_use()


def test_the_home_that_a_person_named_is_made_and_then_taken(machine):
    folder = machine("c/.config/kustomize/plugin", KUSTOMIZE_PLUGIN_HOME="a", HOME="c")
    assert default_home() == str(folder / "a")
    assert home_in_use() == str(folder / "c/.config/kustomize/plugin")
    install(default_home())
    assert home_in_use() == str(folder / "a")


def test_without_home_there_is_no_plugin_home(machine):
    machine()
    with pytest.raises(PluginHomeError, match="HOME is not set"):
        default_home()


def test_a_relative_home_is_refused(machine, monkeypatch):
    machine(HOME="c")
    monkeypatch.setenv("KUSTOMIZE_PLUGIN_HOME", "plugins")
    with pytest.raises(PluginHomeError, match=r'must be an absolute path, .* was "plugins"'):
        default_home()


def test_kustomize_takes_the_home_that_we_say(machine, kustomize, kubectl):
    """Each of its four homes, made from the last one to the first."""
    folder = machine("build", KUSTOMIZE_PLUGIN_HOME="a", XDG_CONFIG_HOME="b", HOME="c")
    config = {"apiVersion": "kloom.dev/v1alpha1", "kind": "ApplicationGenerator", "metadata": {"name": "x"}}
    (folder / "build" / "kustomization.yaml").write_text(json.dumps({"generators": [json.dumps(config) + "\n"]}))
    for home in reversed(candidates()):
        os.makedirs(home)
        assert home_in_use() == home
        for build in ([kustomize, "build"], [kubectl, "kustomize"]):
            done = subprocess.run(
                [*build, "--enable-alpha-plugins", folder / "build"], capture_output=True, text=True, check=False
            )
            assert f"expected file with Go object code at: {home}/kloom.dev/" in done.stderr


def test_the_command_is_the_one_that_is_running(tmp_path, monkeypatch):
    """As after `pip install --user`, where Python and its commands are not in one folder."""
    (tmp_path / "kloom").touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "kloom"), "plugin", "install"])
    assert executable() == str(tmp_path / "kloom")


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


def test_links_of_kinds_that_another_version_had_are_told_and_removed(home):
    (link, *_) = install(home)
    old = Path(home, "kloom.dev", "v1alpha1", "former", "Former")
    old.parent.mkdir()
    old.symlink_to(link)
    assert (str(old), "is of a kind that this kloom does not have") in status(home)
    assert str(old) in uninstall(home)
    assert os.listdir(home) == []


def test_a_file_in_the_place_of_a_link_is_told_for_what_it_is(home):
    (link, *_) = links(home)
    os.makedirs(os.path.dirname(link))
    Path(link).touch(mode=0o644)
    assert states(home)[0] == "is no executable"
    Path(link).chmod(0o755)
    assert states(home)[0] == "is no link but an executable of its own, which kustomize runs"


def test_a_trailing_slash_spares_what_is_above_the_home(home):
    install(f"{home}/")
    uninstall(f"{home}/")
    assert os.listdir(home) == []


def test_links_that_cannot_be_removed_are_told(home, monkeypatch):
    def unlink(path):
        raise PermissionError(13, "Permission denied", path)

    (link, *_) = install(home)
    monkeypatch.setattr(os, "unlink", unlink)
    with pytest.raises(PluginHomeError, match=f"^{link}: Permission denied$"):
        uninstall(home)


def test_a_copy_of_this_kloom_in_the_home_is_as_good_and_is_removed_too(home, tmp_path, monkeypatch):
    """As `kloom plugin install --copy` leaves it."""
    own = tmp_path / "kloom"
    own.write_text("an executable that carries its own Python")
    own.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(own)])
    install(home, target="../../kloom")
    copy = Path(copy_in(home))
    copy.write_bytes(own.read_bytes())
    copy.chmod(0o755)
    assert states(home) == ["installed"] * len(FUNCTIONS)
    copy.write_text("that of another version")
    assert states(home) == [f"leads to another kloom, {copy}"] * len(FUNCTIONS)
    assert uninstall(home)[-1] == str(copy)
    assert os.listdir(home) == []
