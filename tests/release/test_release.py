"""hack/release.py: all that a release has, made twice and the same, of what the commit holds and the pins allow."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import containers
import pytest
import yaml

import release
from kloom import __version__

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "hack" / "release.py"
ARCHITECTURE = r"(amd64|arm64)"


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make release` leaves: the script itself compares what it made twice."""
    folder = tmp_path_factory.mktemp("release")
    command = [sys.executable, SCRIPT, "--twice", "--output", folder]
    environment = {**os.environ, "BASE": "localhost/kloom-trial-base:1"}  # nothing is pulled
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("made twice, from different folders: the same bytes\n")
    return folder


def test_there_is_a_file_of_each_kind_and_its_checksum(released):
    expected = [
        "SHA256SUMS",
        rf"argo-app-{__version__}\.tgz",
        rf"argo-app-root-{__version__}\.tgz",
        rf"kloom-{__version__}-{ARCHITECTURE}\.oci\.tar",
        rf"kloom-{__version__}-py3-none-any\.whl",
        rf"kloom-{__version__}\.tar\.gz",
        rf"kloom-cmp-{__version__}-{ARCHITECTURE}\.oci\.tar",
        rf"kloom-linux-{ARCHITECTURE}",
    ]
    files = sorted(path.name for path in released.iterdir())
    assert len(files) == len(expected)
    assert [name for pattern, name in zip(expected, files, strict=True) if not re.fullmatch(pattern, name)] == []
    sums = dict(reversed(line.split("  ")) for line in (released / "SHA256SUMS").read_text().splitlines())
    assert sums == {name: digest(released / name) for name in files if name != "SHA256SUMS"}


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_packaged_chart_renders_as_the_folder_does(released, helm):
    values = ROOT / "charts/argo-app-root/ci/all-clusters-values.yaml"
    package, folder = (
        subprocess.check_output([helm, "template", "a", chart, "-f", values], text=True)
        for chart in (released / f"argo-app-root-{__version__}.tgz", ROOT / "charts/argo-app-root")
    )
    assert package.count("kind: Application\n") == 4
    assert package == folder


def test_the_source_distribution_holds_no_tests(released):
    with tarfile.open(released / f"kloom-{__version__}.tar.gz") as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    assert {"functions", "charts", "pyproject.toml", "LICENSE"} <= tops
    assert "tests" not in tops


def test_an_image_archive_is_what_registries_take(released):
    """An OCI image layout, which skopeo and podman push as it is."""
    (archive,) = released.glob(f"kloom-{__version__}-*.oci.tar")
    with tarfile.open(archive) as layout:
        (manifest,) = loaded(layout, "index.json")["manifests"]
        config = loaded(layout, blob(loaded(layout, blob(manifest["digest"]))["config"]["digest"]))
    assert config["config"]["User"] == "65534:65534"
    assert config["config"]["Labels"]["org.opencontainers.image.version"] == __version__


def blob(named: str) -> str:
    return f"blobs/{named.replace(':', '/')}"


def loaded(layout: tarfile.TarFile, name: str):
    file = layout.extractfile(name)
    assert file is not None
    return json.load(file)


# What holds it together


def pins(name: str) -> dict[str, str]:
    """The versions that a file of hack/requirements pins, each of which has hashes."""
    text = (ROOT / "hack" / "requirements" / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    return dict(re.match(r"([a-z0-9-]+)==(\S+)", entry).groups() for entry in entries)


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w-]+", requirement)[0].lower() for requirement in requirements}


def test_everything_that_is_asked_for_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert names(project["project"]["dependencies"]) <= pins("run.txt").keys()
    assert names(project["build-system"]["requires"]) <= pins("build.txt").keys()


def test_a_difference_is_told(tmp_path):
    for folder, texts in {"one": {"a": "1", "b": "1"}, "two": {"a": "1", "b": "2", "c": "3"}}.items():
        (tmp_path / folder).mkdir()
        for name, text in texts.items():
            (tmp_path / folder / name).write_text(text)
    with pytest.raises(release.ReleaseError, match=r"made twice, and not the same: b, c$"):
        release.must_be_same(tmp_path / "one", tmp_path / "two")


def test_an_archive_tells_neither_when_nor_in_which_order_it_was_made():
    def archive(names: str, time: int) -> bytes:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name in names:
                entry = tarfile.TarInfo(name)
                entry.mtime, entry.size = time, 1
                tar.addfile(entry, io.BytesIO(name.encode()))
        return file.getvalue()

    assert (
        release.dated(archive("ab", 1), 7) == release.dated(archive("ba", 2), 7) != release.dated(archive("ba", 2), 8)
    )


@pytest.mark.parametrize(
    ("tag", "changelog", "problem"),
    [
        ("v9.9.9", "", "the tag is v9.9.9, but functions/kloom/__init__.py says 1.2.0"),
        ("v1.2.0", "## Unreleased\n\n- a\n", "CHANGELOG.md has no section ## 1.2.0"),
        ("v1.2.0", "## 1.2.01\n\n- a\n", "CHANGELOG.md has no section ## 1.2.0"),
    ],
)
def test_a_tag_must_be_the_version_and_be_told_of(tag, changelog, problem, tmp_path):
    with pytest.raises(release.ReleaseError, match=re.escape(problem)):
        release.changes(sources(tmp_path, changelog), tag)


def test_the_section_of_the_version_is_what_readers_are_told(tmp_path):
    text = "# Changelog\n\n## Unreleased\n\n- d\n\n## 1.2.0 - 2030-01-02\n\n### Added\n\n- b\n\n## 1.1.0\n\n- a\n"
    assert release.changes(sources(tmp_path, text), "v1.2.0") == "### Added\n\n- b\n"


def sources(folder: Path, changelog: str):
    (folder / "functions" / "kloom").mkdir(parents=True)
    (folder / "functions" / "kloom" / "__init__.py").write_text('__version__ = "1.2.0"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return release.Sources(folder=folder, epoch=0)


def test_where_no_python_can_be_carried_every_reason_is_told(tmp_path, monkeypatch):
    (tmp_path / "hack").mkdir()
    (tmp_path / "hack" / "executable.py").write_text("import sys; sys.exit('it has no libpython.a')\n")
    monkeypatch.setenv("KLOOM_CARRIED_PYTHON", "/no/such/python")
    with pytest.raises(release.ReleaseError) as refused:
        release.carried_python(release.Sources(folder=tmp_path, epoch=0))
    assert str(refused.value).splitlines() == [
        "no Python here can be carried in an executable:",
        *[line for line in str(refused.value).splitlines()[1:] if line.startswith("  ")],
    ]
    assert "  /no/such/python: No such file or directory" in str(refused.value)
    assert "  it has no libpython.a" in str(refused.value)


# The workflow, which cannot be tried here but for what it asks of this repository


WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yaml").read_text())


def commands(job: str) -> str:
    return "\n".join(step.get("run", "") for step in WORKFLOW["jobs"][job]["steps"])


def test_it_makes_what_make_release_makes_where_the_dockerfile_compiles():
    dockerfile = (ROOT / "Dockerfile").read_text()
    (builder,) = re.findall(r"^ARG BUILDER=docker\.io/library/(\S+)", dockerfile, re.MULTILINE)
    (base,) = re.findall(r"^ARG BASE=(\S+)", dockerfile, re.MULTILINE)
    making = WORKFLOW["jobs"]["make"]
    assert (making["container"]["image"], making["env"]["BASE"]) == (builder, base)
    assert 'make release TAG="$GITHUB_REF_NAME"' in commands("make")


def test_the_same_packages_are_installed_to_compile():
    dockerfile = (ROOT / "Dockerfile").read_text()
    compiling = packages(re.sub(r"\\\n", "", dockerfile))
    assert packages(commands("make")) == compiling | set(containers.PACKAGES)


def packages(text: str) -> set[str]:
    (listed,) = re.findall(r"apt-get install --yes --no-install-recommends\s+(.+)", text)
    return set(listed.split())


def test_every_file_of_a_release_is_published(released):
    """Each is uploaded, and what has a registry goes there, by a pattern of the workflow that finds it."""
    patterns = set(re.findall(r"(?<![\w/])files/([\w.*-]+)", commands("publish")))
    assert "*" in patterns
    assert [
        name for name in ("*.whl", "kloom-*.tar.gz", "*.tgz") if name not in patterns or not [*released.glob(name)]
    ] == []
    for image in released.glob("*.oci.tar"):
        assert re.fullmatch(rf"(kloom|kloom-cmp)-{__version__}-{ARCHITECTURE}\.oci\.tar", image.name)
    assert "files/$image-${TAG#v}-$architecture.oci.tar" in commands("publish")


def test_samples_and_pages_name_the_images_of_this_version():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "overlays").rglob("*.yaml")]
    tags = {tag for page in pages for tag in re.findall(r"/kloom(?:-cmp)?:([\w.-]+)", page.read_text())}
    assert tags == {__version__}
