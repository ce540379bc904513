"""Make what is released: `python hack/release.py [PART ...] --output FOLDER [--twice]`.

Each part is made from what Git knows of this checkout, copied to a folder of its own, and comes out the same, byte for
byte, from the same commit and the same tools; --twice makes all of it twice and compares. What is downloaded for it is
pinned with its hash in requirements/.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".tools"
REQUIREMENTS = ROOT / "hack" / "requirements"
CHARTS = ("argo-app", "argo-app-root")
CONTAINERS = ROOT / "hack" / "containers.py"
IMAGES = {"kloom": "function", "kloom-cmp": "cmp"}
"""Each image, and which of the Dockerfile's targets it is."""
CHECKSUMS, NOTES = "SHA256SUMS", "CHANGES.md"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PYTHONS = ("/usr/bin/python3", "python3", "python3.14", "python3.13", "python3.12", "python3.11")


class ReleaseError(Exception):
    """Something cannot be made, or not twice; the text says what and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """A copy of what Git knows of this checkout; `epoch` is the time of its commit, the date of all that is made."""

    folder: Path
    epoch: int

    @property
    def version(self) -> str:
        text = (self.folder / "functions" / "kloom" / "__init__.py").read_text(encoding="utf-8")
        return str(re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0])


# The parts: each writes its files into a folder


def python_packages(sources: Sources, into: Path) -> None:
    """The wheel and the source distribution."""
    backend = hatchling()
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--target", "sdist"]
    environment = {"SOURCE_DATE_EPOCH": str(sources.epoch), "PYTHONPATH": str(backend)}
    run(*command, "--directory", into, cwd=sources.folder, **environment)


def executable(sources: Sources, into: Path) -> None:
    """kloom in one file, with a Python of this machine inside."""
    python = carried_python(sources)
    with tempfile.TemporaryDirectory() as folder:
        wheels = shutil.copytree(dependencies(python), Path(folder, "wheels"))
        python_packages(sources, wheels)
        made = executable_in(into)
        run(python, sources.folder / "hack" / "executable.py", "--wheels", wheels, "--output", made)
    if run(made, "--version") != f"kloom {sources.version}\n":
        raise ReleaseError(f"{made} is not kloom {sources.version}")


def executable_in(folder: Path) -> Path:
    return folder / f"kloom-{platform.system().lower()}-{architecture()}"


def architecture() -> str:
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)


def charts(sources: Sources, into: Path) -> None:
    """Both charts as `helm package` makes them, with the commit's time in place of the clock's."""
    for chart in CHARTS:
        with tempfile.TemporaryDirectory() as folder:
            run("helm", "package", sources.folder / "charts" / chart, "--destination", folder)
            (package,) = Path(folder).iterdir()
            archive = dated(gzip.decompress(package.read_bytes()), sources.epoch)
            (into / package.name).write_bytes(gzip.compress(archive, mtime=0))


def dated(archive: bytes, epoch: int) -> bytes:
    """The same tar archive with one date for all that it holds, in the order of names."""
    made = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as old,
        tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for entry in sorted(old.getmembers(), key=lambda entry: entry.name):
            entry.mtime, entry.pax_headers = epoch, {}
            new.addfile(entry, old.extractfile(entry) if entry.isfile() else None)
    return made.getvalue()


def images(sources: Sources, into: Path) -> None:
    """The images as OCI archives, of the executable that was made before; docker keeps them, too."""
    docker, base = docker_and_base()
    revision = run("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*", cwd=ROOT).strip()
    said = {"BASE": base, "VERSION": sources.version, "REVISION": revision}
    said |= {name: os.environ[name] for name in ("SOURCE",) if name in os.environ}
    arguments = [f"--build-arg={name}={value}" for name, value in said.items()]
    with tempfile.TemporaryDirectory() as programs:
        shutil.copy(executable_in(into), Path(programs, "kloom"))
        for name in ("kustomize", "helm"):
            shutil.copy(program(name), Path(programs, name))
        for image, target in IMAGES.items():
            tag = f"{image}:{sources.version}"
            options = [*arguments, f"--build-context=programs={programs}", f"--target={target}", f"--tag={tag}"]
            run(docker, "rmi", "--force", "--ignore", tag)  # or it would stay, without a name
            run(docker, "build", "--layers=false", f"--timestamp={sources.epoch}", *options, sources.folder)
            archive = Path(programs, "archive")
            run(docker, "save", "--format=oci-archive", f"--output={archive}", tag)
            file = into / f"{image}-{sources.version}-{architecture()}.oci.tar"
            file.write_bytes(dated(archive.read_bytes(), sources.epoch))
            archive.unlink()


def program(name: str) -> str:
    if found := shutil.which(name):
        return found
    raise ReleaseError(f"there is no {name} on PATH")


@cache
def docker_and_base() -> tuple[Path, str]:
    """A docker that works, and the image to build upon: BASE, else the Dockerfile's, else this machine's glibc."""
    docker = Path(run(sys.executable, CONTAINERS).strip(), "docker")
    if base := os.environ.get("BASE"):
        return docker, base if base.startswith("localhost/") or "@" in base else pinned(docker, base)
    base = re.findall(r"^ARG BASE=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)[0]
    try:
        return docker, pinned(docker, base)
    except ReleaseError as error:
        print(f"{error}\nSo the images stand on this machine's glibc alone: for trials only.", file=sys.stderr)
        return docker, run(sys.executable, CONTAINERS, "--trial-base").strip()


def pinned(docker: Path, image: str) -> str:
    """The image, pulled, by its digest: what was built upon can be told afterwards."""
    run(docker, "pull", "--quiet", image)
    digests = run(docker, "image", "inspect", "--format={{.Digest}}", image)
    return f"{re.sub(':[^:/]+$', '', image)}@{digests.strip()}"


PARTS: dict[str, Callable[[Sources, Path], None]] = {
    "python": python_packages,
    "executable": executable,
    "charts": charts,
    "images": images,
}


# What they are made with


def hatchling() -> Path:
    """A folder with the build backend, in the one version that requirements/build.txt pins."""
    pinned = REQUIREMENTS / "build.txt"
    return kept(
        f"hatchling-{digest(pinned.read_bytes())[:12]}",
        lambda folder: pip(sys.executable, "install", "--quiet", "--target", folder, "--requirement", pinned),
    )


def dependencies(python: str) -> Path:
    """A folder with the wheels of all that kloom depends on, in the versions that requirements/run.txt pins."""
    pinned = REQUIREMENTS / "run.txt"
    version = run(python, "-c", "import sys; print(sys.implementation.cache_tag)").strip()
    return kept(
        f"wheels-{version}-{digest(pinned.read_bytes())[:12]}",
        lambda folder: pip(python, "download", "--quiet", "--dest", folder, "--requirement", pinned),
    )


def pip(python: str, command: str, *arguments: str | Path) -> None:
    checked = ("--require-hashes", "--only-binary=:all:", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "--python", python, command, *checked, *arguments)


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of .tools, made when it is first asked for; its name says all that its content depends on."""
    folder = KEPT / name
    if not folder.is_dir():
        KEPT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as new:
            make(Path(new, name))
            Path(new, name).replace(folder)
    return folder


def carried_python(sources: Sources) -> str:
    """The first Python here that can be linked into a program; KLOOM_CARRIED_PYTHON names another."""
    reasons = []
    for python in filter(None, (os.environ.get("KLOOM_CARRIED_PYTHON"), *PYTHONS, sys.executable)):
        try:
            run(python, sources.folder / "hack" / "executable.py", "--check")
        except ReleaseError as error:
            reasons.append(str(error).splitlines()[-1])
        else:
            return python
    raise ReleaseError("\n  ".join(["no Python here can be carried in an executable:", *dict.fromkeys(reasons)]))


# The whole


def release(parts: Sequence[str], output: Path, *, twice: bool, tag: str = "") -> None:
    """Make the parts and the list of their checksums. Nothing is written unless all of it was made."""
    with tempfile.TemporaryDirectory() as folder:
        sources = copied_sources(Path(folder, "sources"))
        notes = changes(sources, tag) if tag else ""
        made = made_in(Path(folder, "made"), sources, parts)
        if twice:
            elsewhere = replace(sources, folder=sources.folder.rename(Path(folder, "moved-sources")))
            must_be_same(made, made_in(Path(folder, "made-again"), elsewhere, parts))
        output.mkdir(parents=True, exist_ok=True)
        for file in sorted(made.iterdir()):
            shutil.copy(file, output)
            print(f"{output / file.name}: {file.stat().st_size:,} bytes")
        if notes:
            (output / NOTES).write_text(notes, encoding="utf-8")
    if twice:
        print("made twice, from different folders: the same bytes")


def changes(sources: Sources, tag: str) -> str:
    """What CHANGELOG.md says of the version, which must be the one that is tagged."""
    if tag != f"v{sources.version}":
        raise ReleaseError(f"the tag is {tag}, but functions/kloom/__init__.py says {sources.version}")
    text = (sources.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(sources.version)}\b.*?\n(.+?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not section:
        raise ReleaseError(f"CHANGELOG.md has no section ## {sources.version}, which is what its readers are told")
    return section[1].strip() + "\n"


def copied_sources(folder: Path) -> Sources:
    """What is committed or about to be: nothing that Git ignores gets into a release."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_symlink() or (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name, follow_symlinks=False)
    return Sources(folder=folder, epoch=int(run("git", "log", "-1", "--format=%ct", cwd=ROOT)))


def made_in(output: Path, sources: Sources, parts: Sequence[str]) -> Path:
    output.mkdir()
    for part in parts:
        PARTS[part](sources, output)
    lines = [f"{digest(file.read_bytes())}  {file.name}\n" for file in sorted(output.iterdir())]
    (output / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
    return output


def must_be_same(first: Path, second: Path) -> None:
    names = sorted({file.name for folder in (first, second) for file in folder.iterdir()})
    differing = [name for name in names if content_of(first / name) != content_of(second / name)]
    if differing:
        raise ReleaseError(f"made twice, and not the same: {', '.join(differing)}")


def content_of(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    try:
        ended = subprocess.run(
            command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise ReleaseError(f"{command[0]}: {error.strerror}") from None
    if ended.returncode:
        raise ReleaseError(f"{' '.join(map(str, command))}:\n{ended.stderr.strip()}")
    return ended.stdout


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all by default")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="default: dist")
    parser.add_argument("--tag", default="", help="refuse if this is not the version's tag; write its CHANGES.md, too")
    parser.add_argument("--twice", action="store_true", help="make all of it twice and compare")
    options = parser.parse_args(argv)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    wanted = set(options.parts or PARTS)
    wanted |= {"executable"} if "images" in wanted else set()
    try:
        release([part for part in PARTS if part in wanted], options.output, twice=options.twice, tag=options.tag)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
