"""Files that are none, or not where they seem to be; and lists and configs of the wrong shape."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MIB = 2**20
LIST = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList"}


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * MIB)


def a_large_file(path: Path) -> None:
    path.write_bytes(b"# nothing but this comment\n" * (100 * MIB // 27))


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (Path.mkdir, "regular file, was a folder"),
    "fifo": (os.mkfifo, "regular file, was a device"),
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
    assert kustomization.function().has_refused("config.yaml:1:", "services/a.yaml: ", told)


@FILE
@pytest.mark.parametrize("field", ["generators", "resources"])
def test_as_file_of_a_kustomization(make: Any, told: str, field: str, kustomization: Any) -> None:
    if field == "resources" and "folder" in told:
        told = "must hold a kustomization.yaml" if make is Path.mkdir else "must not list a kustomization above itself"
    kustomization.write("kustomization.yaml", f"{field}: [odd.yaml]\n")
    make(kustomization.folder / "odd.yaml")
    assert kustomization.render().has_refused(told)


@FILE
def test_as_config_that_kustomize_ran_nevertheless(make: Any, told: str, kustomization: Any) -> None:
    """The config comes on stdin; its file is only looked at for the place of what is wrong."""
    kustomization.configure(services="nothing.yaml")
    stdin = kustomization.stdin()
    (kustomization.folder / "config.yaml").unlink()
    make(kustomization.folder / "config.yaml")
    assert kustomization.function(stdin).has_refused(
        "ApplicationGenerator/dev spec.services: nothing.yaml: no such file"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_forbidden(kustomization: Any) -> None:
    (kustomization.folder / "services" / "a.yaml").chmod(0)
    assert kustomization.function().has_refused("services/a.yaml: cannot be read: Permission denied")


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
        ("*" * 5000, "matches no file"),
        ("*a" * 200 + "b", "matches no file"),
        ("/dev/zero", "no absolute path"),
        ("file:///dev/zero", "no URL"),
        ("services/../../a.yaml", "must stay inside the repository"),
        ("~/a.yaml", "no such file"),
        ("\ud800", "must be a path"),
        ("", "must be a path"),
    ],
)
def test_odd_paths_in_a_config(entry: str, told: str, kustomization: Any) -> None:
    kustomization.configure(services=entry)
    (kustomization.folder / "services" / ("a" * 200)).mkdir()
    assert kustomization.function().has_refused(told)


def test_links_in_circles_end_a_glob(kustomization: Any) -> None:
    for name in ("one", "two", "three"):
        (kustomization.folder / "services" / name).symlink_to("..")
    kustomization.configure(services="**/none-*.yaml")
    assert kustomization.function().has_refused("matches no file")


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
        ("[]", "must hold objects"),
        ("a", "must hold objects"),
    ],
)
def test_odd_kustomizations(text: str, told: str, kustomization: Any) -> None:
    kustomization.write("kustomization.yaml", text)
    assert kustomization.render().has_refused("kustomization.yaml" if "above" not in told else ".", told)


# Shapes


@pytest.mark.parametrize(
    ("stdin", "told"),
    [
        ("", "a ResourceList must be there, was empty"),
        ("---\n---\n", "a ResourceList must be there, was empty"),
        ("a", "must be one ResourceList, was a string"),
        ("[]", "must be one ResourceList, was a list"),
        ("5", "must be one ResourceList, was a number"),
        ("{}", "must be one ResourceList, was a map"),
        ("kind: List\nitems: []", "must be one ResourceList, was kind List"),
        ("kind: ResourceList\n---\nkind: ResourceList\n", "must be one ResourceList, was 2 documents"),
        ("kind: [ResourceList]", "must be one ResourceList"),
        ({"items": {}}, "stdin: items: must be a list, was a map"),
        ({"items": "a"}, "stdin: items: must be a list, was a string"),
        ({"items": [None]}, "stdin: items[0]: must be a resource, was null"),
        ({"items": [{}, []]}, "stdin: items[1]: must be a resource, was a list"),
        ({"items": [{"kind": 5}]}, "stdin: items[0]: kind: must be a string, was a number"),
        ({"items": [{"kind": "A", "metadata": "x"}]}, "stdin: items[0]: metadata: must be a map, was a string"),
        ({"items": [{"metadata": {"name": []}}]}, "stdin: items[0]: metadata.name: must be a string, was a list"),
        (
            {"items": [{"metadata": {"annotations": []}}]},
            "stdin: items[0]: metadata.annotations: must be a map, was a list",
        ),
        ({"items": [{"metadata": {"labels": {"a": {}}}}]}, "stdin: items[0]: metadata.labels: must hold strings"),
        ({"functionConfig": []}, "stdin: functionConfig: must be a map, was a list"),
        ({}, "functionConfig must be ApplicationGenerator"),
        ({"functionConfig": {"kind": {}}}, "stdin: functionConfig.kind: must be a string, was a map"),
        ({"functionConfig": {"apiVersion": 1}}, "stdin: functionConfig.apiVersion: must be a string, was a number"),
    ],
)
def test_what_is_no_resource_list(stdin: str | dict[str, Any], told: str, kustomization: Any) -> None:
    text = stdin if isinstance(stdin, str) else json.dumps(LIST | stdin)
    assert kustomization.function(text.encode()).has_refused(told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metadata": "x"}, "metadata: must be a map, was a string"),
        ({"metadata": {"name": 5}}, "metadata.name: must be a string, was a number"),
        ({"metadata": {"annotations": ["x"]}}, "metadata.annotations: must be a map, was a list"),
        ({"metadata": None}, "services"),
        ({"spec": []}, "spec: must be a map, was a list"),
        ({"spec": "x"}, "spec: must be a map, was a string"),
        ({"spec": None}, "spec: must have services"),
        ({"spec": {"services": 5}}, "spec.services: must be a string"),
        ({"spec": {"services": [5]}}, "spec.services[0]: must be a string"),
        ({"spec": {"services": [None]}}, "spec.services[0]: must be a string"),
        ({"spec": {"services": {"items": []}}}, "spec.services.items: must be a string"),
        ({"spec": {"services": "a", "clusters": 5}}, "spec.clusters: must be a string"),
        ({"spec": {"services": "a", "requires": "9" * 10_000}}, "spec.requires"),
        ({"spec": {"services": "a", "requires": ">=" + "9" * 10_000}}, "spec.requires"),
        ({"spec": {f"k{n}": n for n in range(100_000)}}, "spec.k0: unknown key"),
        ({"kind": "applicationgenerator"}, "did you mean ApplicationGenerator?"),
        ({"kind": None}, "functionConfig must be ApplicationGenerator"),
        ({"apiVersion": "kloom.dev/v9"}, "functionConfig must be ApplicationGenerator"),
    ],
)
@pytest.mark.parametrize("way", ["function", "plugin", "render"])
def test_a_config_of_the_wrong_shape(way: str, change: dict[str, Any], told: str, kustomization: Any) -> None:
    kustomization.write("config.yaml", json.dumps(kustomization.config | change))
    if change == {"metadata": None}:
        kustomization.write("services/a.yaml", "a")
    assert getattr(kustomization, way)().has_refused(told)


@pytest.mark.parametrize("data", ["x", 5, [], ["a"], {"a.yaml": 5}, {"a.yaml": None}, {"a.yaml": {}}])
def test_values_in_a_config_map_of_the_wrong_shape(data: Any, kustomization: Any) -> None:
    kustomization.configure(services={"items": "services"})
    annotations = {"kloom.dev/values": "services"}
    item = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "s", "annotations": annotations},
        "data": data,
    }
    if data == []:
        item["binaryData"] = "x"
    assert kustomization.function(kustomization.stdin(item)).has_refused("ConfigMap/s")


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
