"""Files that are none, or not where they seem to be, paths that lead nowhere, and too much on stdin."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MIB = 2**20


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * MIB)


def a_large_file(path: Path) -> None:
    path.write_bytes(b"# nothing but this comment\n" * (100 * MIB // 27))


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (Path.mkdir, "regular file, was a folder"),
    "fifo": (os.mkfifo, "regular file, was a named pipe"),
    "link_out": (lambda path: path.symlink_to("/etc/hostname"), "symbolic link out of the repository"),
    "link_up_and_out": (lambda path: path.symlink_to("../../../stdin"), "symbolic link out of the repository"),
    "link_to_a_device": (lambda path: path.symlink_to("/dev/zero"), "symbolic link out of the repository"),
    "link_to_stdin": (lambda path: path.symlink_to("/proc/self/fd/0"), "symbolic link out of the repository"),
    "link_to_itself": (lambda path: path.symlink_to(path.name), "cannot be read: Too many levels of symbolic links"),
    "link_to_nothing": (lambda path: path.symlink_to("nothing.yaml"), "no such file"),
    "link_to_a_folder": (lambda path: path.symlink_to("."), "regular file, was a folder"),
    "sparse": (sparse, "must be at most 4 MiB, was 100 MiB"),
    "large": (a_large_file, "must be at most 4 MiB, was"),
}
FILE = pytest.mark.parametrize(("make", "told"), FILES.values(), ids=FILES)


@FILE
def test_as_values_file(make: Callable[[Path], object], told: str, kustomization: Any) -> None:
    path = kustomization.folder / "services" / "a.yaml"
    path.unlink()
    make(path)
    kustomization.configure(services="services/a.yaml")
    place = ("services/a.yaml:1:1: ",) if "MiB" in told else ("config.yaml:1:", "services/a.yaml: ")
    assert kustomization.function().has_refused(*place, told)


@FILE
@pytest.mark.parametrize("field", ["generators", "resources"])
def test_as_file_of_a_kustomization(make: Any, told: str, field: str, kustomization: Any) -> None:
    if field == "resources" and "folder" in told:
        told = "must hold a kustomization.yaml" if make is Path.mkdir else "must not list a kustomization above itself"
    kustomization.write("kustomization.yaml", f"{field}: [odd.yaml]\n")
    make(kustomization.folder / "odd.yaml")
    assert kustomization.render().has_refused(told)


@pytest.mark.parametrize("make", [make for make, _ in FILES.values()], ids=FILES)
def test_as_config_that_kustomize_ran_nevertheless(make: Any, kustomization: Any) -> None:
    """The config comes on stdin; its file is only looked at for the place of what is wrong."""
    kustomization.configure(services="nothing.yaml")
    stdin = kustomization.stdin()
    (kustomization.folder / "config.yaml").unlink()
    make(kustomization.folder / "config.yaml")
    assert kustomization.function(stdin).has_refused(
        "ApplicationGenerator/dev spec.services: nothing.yaml: no such file"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"new\nline.yaml", "services/new line.yaml"),
        (b"\xff\xfe.yaml", "services/\\udcff\\udcfe.yaml"),
        (b"\x1b[2J.yaml", "services/\\u001b[2J.yaml"),
        ("\u202elmay.yaml".encode(), "services/\\u202elmay.yaml"),
        (b"a: b #c.yaml", "services/a: b #c.yaml"),
        (b"n" * 250 + b".yaml", "services/nnn"),
    ],
)
def test_odd_names_that_a_glob_finds(name: bytes, told: str, kustomization: Any) -> None:
    path = os.path.join(os.fsencode(kustomization.folder / "services"), name)
    with open(path, "wb") as file:
        file.write(b"sorce: {}\n")
    assert kustomization.function().has_refused(f"{told}", ":1:1: sorce: unknown key")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("a" * 5000, "cannot be read: File name too long"),
        ("a/" * 5000, "cannot be read: File name too long"),
        ("../" * 5000 + "a", "must stay inside the repository"),
        ("a\nb.yaml", "no such file"),
        ("a\0b", "must be a path"),
        ("**/" * 300 + "a", "matches no file"),
        ("[" * 500, "matches no file"),
        ("*" * 5000, "unknown key"),  # it matches everything, the config among it
        ("**/*/" * 1500 + "a", "matches no file"),
        ("*a" * 200 + "b", "matches no file"),
        ("/dev/zero", "no absolute path"),
        ("file:///dev/zero", "no URL"),
        ("services/../../a.yaml", "must stay inside the repository"),
        ("~/a.yaml", "no such file"),
        ("\ud800", "no valid YAML"),
        ("", "must be a path"),
    ],
)
def test_odd_paths_in_a_config(entry: str, told: str, kustomization: Any) -> None:
    kustomization.configure(services=entry)
    (kustomization.folder / "services" / ("a" * 200)).mkdir()
    assert kustomization.function().has_refused(told)


@pytest.mark.parametrize("pattern", ["**/none-*.yaml", "*/*/*/none", "services/**/**/services/**/none"])
def test_links_in_circles_end_a_glob(pattern: str, kustomization: Any) -> None:
    for name, target in (("one", ".."), ("two", ".."), ("three", "."), ("four", "four"), ("five", "nowhere")):
        (kustomization.folder / "services" / name).symlink_to(target)
    kustomization.configure(services=pattern)
    assert kustomization.function().has_refused("matches no file")


def test_folders_in_folders_end_a_glob(kustomization: Any) -> None:
    former = Path.cwd()
    deep = kustomization.folder / "d"
    try:
        os.chdir(kustomization.folder)
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
        kustomization.configure(services="**/none-*.yaml")
        assert kustomization.function().has_refused("spec.services: **/none-*.yaml: ")
    finally:
        os.chdir(former)
        subprocess.run(["rm", "-r", deep], check=True)  # no Python could: rmtree recurses


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("resources: [.]", "must not list a kustomization above itself"),
        ("resources: [kustomization.yaml]", "kustomization.yaml"),
        ("generators: [kustomization.yaml]", "kustomization.yaml"),
        ("generators: [.]", "regular file, was a folder"),
        ("resources: [..]", "must stay inside the repository"),
        ("resources: [services/..]", "must not list a kustomization above itself"),
        ("resources: {a: b}", "must be a list of strings"),
        ("generators: [{kind: A}]", "must be a list of strings"),
        ("resources: ['']", ""),
        ("resources: [.]\n---\nnamePrefix: a", "one document a file; here a second one starts"),
        ("sources: [.]\n---\n", "one document a file; here a second one starts"),
        ("[]", "must hold objects"),
        ("a", "must hold objects"),
    ],
)
def test_odd_kustomizations(text: str, told: str, kustomization: Any) -> None:
    kustomization.write("kustomization.yaml", text)
    assert kustomization.render().has_refused("kustomization.yaml" if "above" not in told else ".", told)


# Sizes on stdin


def test_a_hundred_megabytes_on_stdin(kustomization: Any) -> None:
    path = kustomization.folder.parent / "large"
    a_large_file(path)
    assert kustomization.function(path).has_refused("stdin: must be at most 64 MiB")
    sparse(path)
    assert kustomization.plugin(path).has_refused("stdin: must be at most 64 MiB")


def test_an_integer_that_no_reader_takes_for_one_goes_back_as_it_came(kustomization: Any) -> None:
    item = f"{{apiVersion: v1, kind: A, metadata: {{name: a}}, decimal: {'9' * 5000}, hexadecimal: 0x{'f' * 5000}}}"
    config = json.dumps(kustomization.config)
    done = kustomization.function(f"{{kind: ResourceList, functionConfig: {config}, items: [{item}]}}".encode())
    assert done.status == 0, done.stderr
    (first, *_) = json.loads(done.stdout)["items"]
    assert (first["decimal"], first["hexadecimal"]) == ("9" * 5000, f"0x{'f' * 5000}")
