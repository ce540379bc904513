"""Symbolic links that Argo CD refuses a repository for: which of them count, and what is told of each."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from kloom.cli import main
from kloom.validate.git_index import links_of
from kloom.validate.links import is_out_of_bounds

RULE = "symlink-out-of-bounds"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of Git's own making, called shop."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    root = tmp_path / "shop"
    (root / "deploy" / "cart").mkdir(parents=True)
    monkeypatch.chdir(root)
    git("init", "--quiet")
    return root


def git(*words):
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def link(path, target, *, is_added=True):
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    if is_added:
        git("add", "--force", path)


def findings(capsys, *paths):
    """Message by file."""
    main(["validate", *paths, "--format", "github"])
    lines = capsys.readouterr().out.splitlines()
    found = [re.match(rf"::error file=(.*?),title={RULE}::(.*)", line) for line in lines if RULE in line]
    return {match[1]: match[2] for match in found if match}


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("/etc/hosts", "must be a relative symbolic link that never leaves the repository, was /etc/hosts"),
        ("../../x", "must be a symbolic link that never leaves the repository, was ../../x"),
        ("../../shop/deploy/cart/a", "… was ../../shop/deploy/cart/a (did you mean cart/a?)"),
        ("../../shop/x", "… was ../../shop/x (did you mean ../x?)"),
        ("\x1b[2J/../../..", r"… was '\x1b[2J/../../..'"),
    ],
)
def test_what_is_told(capsys, target, told):
    link("deploy/link", target)
    message = findings(capsys)["deploy/link"]
    assert message == told.replace("…", "must be a symbolic link that never leaves the repository,")


def test_an_absolute_link_into_the_repository_is_told_as_a_relative_one(repository, capsys):
    link("deploy/link", repository / "common" / "values.yaml")
    assert findings(capsys)["deploy/link"].endswith("(did you mean ../common/values.yaml?)")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("target", ["cart", "..", "../nowhere", "cart/../../deploy", "../..x", "../...", "link"])
def test_links_that_stay_inside_are_right(capsys, target):
    link("deploy/link", target)
    assert findings(capsys) == {}


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("path", ["link", ".hidden/link", "node_modules/link", "chart/templates/link", "deploy/a b/ü"])
def test_a_link_counts_wherever_it_is(capsys, path):
    link(path, "/nowhere")
    assert [*findings(capsys)] == [path]


@pytest.mark.usefixtures("repository")
def test_links_that_git_does_not_keep_do_not_count(capsys):
    Path(".gitignore").write_text("venv\n")
    link("venv/bin/python", "/usr/bin/python3", is_added=False)
    link("result", "/nix/store/x", is_added=False)
    link("deploy/kept", "/nowhere")
    assert [*findings(capsys)] == ["deploy/kept"]
    Path("deploy/kept").unlink()
    assert findings(capsys) == {}
    Path("deploy/kept").write_text("")
    assert findings(capsys) == {}


@pytest.mark.usefixtures("repository")
def test_without_git_the_links_of_the_folders_that_are_looked_through_count(capsys):
    os.rename(".git", "../elsewhere")
    for path in (".venv/bin/python", "node_modules/link", "deploy/link"):
        link(path, "/nowhere", is_added=False)
    (told,) = findings(capsys).items()
    assert told[0] == "deploy/link"
    assert "the repository (., as there is no .git), was" in told[1]


@pytest.mark.usefixtures("repository")
def test_links_are_looked_for_in_the_folders_that_are_asked_about(capsys):
    link("deploy/cart/link", "/nowhere")
    link("deploy/link.yaml", "/nowhere")
    link("other/link", "/nowhere")
    Path("deploy/app.yaml").write_text("")
    assert len(findings(capsys)) == 3
    assert [*findings(capsys, "deploy")] == ["deploy/cart/link", "deploy/link.yaml"]
    assert findings(capsys, "deploy/app.yaml") == {}


@pytest.mark.usefixtures("repository")
def test_settings_ignore_links(capsys):
    link("deploy/link", "/nowhere")
    ignored = "ignore:\n- {rule: symlink-out-of-bounds, path: deploy, reason: the repo server allows it}\n"
    Path(".kloom.yaml").write_text(ignored)
    assert main(["validate", "--fail-on", "warning"]) == 0
    Path(".kloom.yaml").write_text(ignored.replace("deploy", "other"))
    assert [*findings(capsys)] == ["deploy/link"]
    assert main(["validate"]) == 1
    assert f"{RULE} finds nothing in other: take it out" in capsys.readouterr().out


def in_index():
    """The links, as Git tells them."""
    listed = subprocess.check_output(["git", "ls-files", "--stage", "-z", "--recurse-submodules"]).split(b"\0")
    return [os.fsdecode(line.partition(b"\t")[2]) for line in listed if line.startswith(b"120000")]


NAMES = ("a", "ab", "ab/c", "deploy/" + "x" * 200, "deploy/" + "x" * 199 + "/" + "y" * 250, "z" * 9, "ü", "\udcff")


@pytest.mark.parametrize("version", [2, 3, 4])
def test_the_index_is_read_as_git_reads_it(repository, version):
    for count, name in enumerate(NAMES):
        for number in range(9):  # every length, for what is aligned
            link(f"{name}-{count}/{'n' * number}-link", "x", is_added=False)
            Path(f"{name}-{count}/{'n' * number}-file").write_text("")
    git("add", ".")
    if version == 3:
        Path("added-later").write_text("")
        link("link-added-later", "x", is_added=False)
        git("add", "--intent-to-add", ".")
    else:
        git("update-index", "--index-version", str(version))
    assert (repository / ".git" / "index").read_bytes()[4:8] == bytes((0, 0, 0, version))
    assert len(in_index()) >= len(NAMES) * 9
    assert [*links_of(str(repository))] == in_index()


def test_the_index_of_a_long_history_of_names(repository):
    """Numbers of more than one byte, of what a name in version 4 takes from the one before."""
    for number in range(3):
        for length in (1, 127, 128, 129, 240, 255):
            folders = "/".join(f"{step}{'x' * (length - 1)}" for step in "abc")
            link(f"{folders}/{number}", "x", is_added=False)
    git("add", ".")
    git("update-index", "--index-version", "4")
    assert [*links_of(str(repository))] == in_index()


@pytest.mark.usefixtures("repository")
def test_a_conflict_is_one_link(capsys):
    link("deploy/link", "/base")
    for target in ("/theirs", "/ours"):
        git("commit", "--quiet", "--message", "link", "--allow-empty")
        git("checkout", "--quiet", "-B", target[1:], "HEAD" if target == "/theirs" else "HEAD~1")
        Path("deploy/link").unlink(missing_ok=True)
        link("deploy/link", target)
    git("commit", "--quiet", "--message", "link")
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b", "merge", "theirs"], check=False)
    assert [*findings(capsys)] == ["deploy/link"]


@pytest.mark.usefixtures("repository")
def test_in_a_worktree(monkeypatch, capsys):
    link("deploy/link", "/nowhere")
    git("commit", "--quiet", "--message", "link")
    git("worktree", "add", "--quiet", "../other")
    monkeypatch.chdir("../other")
    assert [*findings(capsys)] == ["deploy/link"]


@pytest.mark.usefixtures("repository")
def test_links_of_submodules_count_in_the_repository_that_has_them(tmp_path, monkeypatch, capsys):
    git("init", "--quiet", str(tmp_path / "library"))
    monkeypatch.chdir(tmp_path / "library")
    link("up", "../values.yaml")
    link("out", "../../../x")
    git("commit", "--quiet", "--message", "links")
    monkeypatch.chdir(tmp_path / "shop")
    git("submodule", "--quiet", "add", str(tmp_path / "library"), "deploy/library")
    assert in_index() == ["deploy/library/out", "deploy/library/up"]
    assert [*findings(capsys)] == ["deploy/library/out"]
    monkeypatch.chdir("deploy/library")
    assert [*findings(capsys)] == ["out", "up"]
    monkeypatch.chdir(tmp_path / "shop")
    git("submodule", "deinit", "--force", "deploy/library")
    assert findings(capsys) == {}


@pytest.mark.usefixtures("repository")
def test_an_index_with_other_names_of_objects_tells_nothing(monkeypatch, capsys):
    git("init", "--quiet", "--object-format=sha256", "../other")
    monkeypatch.chdir("../other")
    for number in range(9):
        link(f"{'n' * number}link", "/nowhere")
    assert len(in_index()) == 9
    assert findings(capsys) == {}


@pytest.mark.usefixtures("repository")
def test_an_index_that_git_did_not_write_is_no_bug(capsys):
    link("deploy/link", "/nowhere")
    path = Path(".git/index")
    index = path.read_bytes()
    long_number = index[:7] + b"\4" + index[8:74] + b"\xff" * 900
    for forged in (b"", index[:12], index[:60], index[:80], b"\0\0\xa0\0", b"DIRC" + bytes(900), long_number):
        path.write_bytes(forged)
        assert findings(capsys) == {}
    for name in (b"././././././", b"./../deploy", b"deploy/../."):  # submodules that hold themselves
        path.write_bytes(index.replace(b"\0\0\xa0\0", b"\0\0\xe0\0").replace(b"deploy/link", name[:11]))
        assert findings(capsys) == {}


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("text", ["gitdir: .\n", "gitdir: \0\n", "", "gitdir: ../nowhere\n", "x" * 9999])
def test_a_git_file_that_leads_nowhere(capsys, text):
    os.rename(".git", "../elsewhere")
    Path(".git").write_text(text)
    link("deploy/link", "/nowhere", is_added=False)
    assert findings(capsys) == {}


def test_what_is_meant_instead_is_right():
    root = "/home/ada/shop"
    for folder in ("", "a", "a/b"):
        for place in ("", "a", "a/b", "c/d"):
            meant = os.path.relpath(os.path.join(root, place), os.path.join(root, folder))
            assert not is_out_of_bounds(os.path.join(folder, "link"), meant)
