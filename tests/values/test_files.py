import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kloom.values.files import MAX_FILE_BYTES, FileError, Repository

SECRET = "secret"


@pytest.fixture
def outside(tmp_path) -> Path:
    """A folder with a secret, and below it a repository with a kustomization."""
    base = tmp_path / "repository" / "overlays" / "dev"
    (base / "services").mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    for folder in (tmp_path, tmp_path / "repository-b", base, base.parent, base.parent.parent):
        folder.mkdir(exist_ok=True)
        (folder / "a.yaml").write_text(SECRET if "overlays" not in str(folder) else "inside")
    (tmp_path / "repository" / "a.yaml").write_text("inside")
    (base / "services" / "b.yaml").write_text("inside")
    (base / "out").symlink_to(tmp_path)
    (base / "out.yaml").symlink_to(tmp_path / "a.yaml")
    (base / "in.yaml").symlink_to("../a.yaml")
    (base / "services" / "up").symlink_to("..")
    return tmp_path


@pytest.fixture
def repository(outside) -> Repository:
    return Repository(str(outside / "repository" / "overlays" / "dev"))


def test_a_path_stands_for_itself(repository):
    assert repository.find("./services/../services/b.yaml") == ["services/b.yaml"]


def test_a_glob_finds_files_in_order(repository):
    assert repository.find("../*/a.yaml") == ["../dev/a.yaml"]
    assert repository.find("[!o]*.yaml") == ["a.yaml", "in.yaml"]
    assert "services/b.yaml" in repository.find("**/*.yaml")


@pytest.mark.parametrize("path", ["a.yaml", "../a.yaml", "../../a.yaml", "in.yaml", "services/up/a.yaml"])
def test_files_inside_the_repository_are_read(repository, path):
    assert repository.read(path) == "inside"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../../../a.yaml", "inside the repository"),
        ("../../../repository-b/a.yaml", "inside the repository"),
        ("services/../../../../a.yaml", "inside the repository"),
        ("out.yaml", "symbolic link out"),
        ("out/a.yaml", "symbolic link out"),
        ("services/up/out/a.yaml", "symbolic link out"),
        ("/etc/hostname", "no absolute path"),
        ("https://example.com/a.yaml", "no URL"),
        ("file:///etc/hostname", "no URL"),
        ("", "must be a path"),
        ("a\0.yaml", "must be a path"),
        ("services", "was a folder"),
        ("/dev/zero", "no absolute path"),
        ("b.yaml", r"no such file \(did you mean a.yaml\?\)"),
        ("service/b.yaml", "there is no folder service"),
        ("a.yaml/b.yaml", "cannot be read"),
    ],
)
def test_everything_else_is_refused(repository, path, why):
    with pytest.raises(FileError, match=why):
        repository.read(path)


PARTS = [
    "..",
    "..",
    ".",
    "",
    "a.yaml",
    "out",
    "out.yaml",
    "services",
    "up",
    "repository",
    "repository-b",
    "overlays",
    "dev",
]


@settings(
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.function_scoped_fixture], max_examples=300
)
@given(st.lists(st.sampled_from([*PARTS, "*", "**", "[.][.]", "?.yaml"]), min_size=1, max_size=8))
@example(["services", "up", "..", "..", "..", "..", "a.yaml"])
@example(["[.][.]", "..", "..", "..", "a.yaml"])
def test_no_path_and_no_glob_leads_out(repository, parts):
    try:
        for path in repository.find("/".join(parts)):
            assert repository.read(path) == "inside"
    except FileError:
        pass


def test_a_folder_that_is_called_as_a_file_is_found_and_refused(repository):
    Path(repository.base, "odd").mkdir()
    for name in ("a.yaml", "b"):
        Path(repository.base, "odd", name).mkdir()
    assert repository.find("odd/*") == ["odd/a.yaml"]
    with pytest.raises(FileError, match="regular file, was a folder"):
        repository.read("odd/a.yaml")


def test_a_fifo_is_refused_without_waiting(repository):
    os.mkfifo(os.path.join(repository.base, "fifo.yaml"))
    with pytest.raises(FileError, match="regular file, was a named pipe"):
        repository.read("fifo.yaml")


def test_a_device_behind_a_link_is_refused(repository):
    os.symlink("/dev/zero", os.path.join(repository.base, "zero.yaml"))
    with pytest.raises(FileError, match="symbolic link out"):
        repository.read("zero.yaml")


def test_a_link_to_itself_is_refused(repository):
    os.symlink("loop.yaml", os.path.join(repository.base, "loop.yaml"))
    with pytest.raises(FileError, match="cannot be read"):
        repository.read("loop.yaml")


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(repository):
    path = Path(repository.base, "large.yaml")
    path.write_text("#" * MAX_FILE_BYTES)
    assert len(repository.read("large.yaml")) == MAX_FILE_BYTES
    path.write_text("#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(FileError, match="at most 4 MiB"):
        repository.read("large.yaml")


def test_the_place_of_a_byte_that_is_no_utf_8_is_told(repository):
    Path(repository.base, "latin.yaml").write_bytes(b"a: b\nc: \xfc\n")
    with pytest.raises(FileError, match="the byte 0xfc in line 2") as refused:
        repository.read("latin.yaml")
    assert (refused.value.line, refused.value.column) == (2, 4)


def test_a_byte_order_mark_is_read(repository):
    Path(repository.base, "mark.yaml").write_bytes(b"\xef\xbb\xbfa: b\n")
    assert repository.read("mark.yaml").lstrip("\ufeff") == "a: b\n"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("nothing-*.yaml", "matches no file$"),
        ("service/*.yaml", r"no folder service \(did you mean services\?\)"),
        ("services/none/*.yaml", "no folder services/none"),
        ("*/none/*.yaml", "matches no file$"),
    ],
)
def test_a_glob_that_matches_nothing_is_refused(repository, pattern, why):
    with pytest.raises(FileError, match=why):
        repository.find(pattern)


class TestWithoutGit:
    @pytest.fixture(autouse=True)
    def _remove_git(self, outside, monkeypatch):
        (outside / "repository" / ".git").rmdir()
        monkeypatch.delenv("KLOOM_ROOT", raising=False)

    def base(self, outside):
        return str(outside / "repository" / "overlays" / "dev")

    def test_the_kustomization_is_the_bound(self, outside):
        with pytest.raises(FileError, match=r"as no \.git is above it; KLOOM_ROOT"):
            Repository(self.base(outside)).read("../a.yaml")

    def test_kloom_root_widens_it(self, outside, monkeypatch):
        monkeypatch.setenv("KLOOM_ROOT", str(outside / "repository"))
        assert Repository(self.base(outside)).read("../../a.yaml") == "inside"
        with pytest.raises(FileError, match="the folder that KLOOM_ROOT names"):
            Repository(self.base(outside)).read("../../../a.yaml")

    @pytest.mark.parametrize("elsewhere", ["repository-b", "repository/overlays/dev/services", "nowhere"])
    def test_kloom_root_elsewhere_counts_for_nothing(self, outside, monkeypatch, elsewhere):
        monkeypatch.setenv("KLOOM_ROOT", str(outside / elsewhere))
        assert Repository(self.base(outside)).root == self.base(outside)
        with pytest.raises(FileError, match=rf"nor KLOOM_ROOT, which is {outside / elsewhere}, is above it"):
            Repository(self.base(outside)).read("../a.yaml")


def test_kloom_root_counts_for_nothing_beside_git(outside, monkeypatch):
    monkeypatch.setenv("KLOOM_ROOT", str(outside))
    assert Repository(str(outside / "repository" / "overlays")).root == str(outside / "repository")


def test_a_file_that_is_forbidden(repository, monkeypatch):
    """As for anybody but root, to whom nothing is."""

    def forbidden(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(FileError, match=r"^cannot be read: Permission denied$"):
        repository.read("services/b.yaml")
