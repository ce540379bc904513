"""Bring a `docker` that works: `python hack/containers.py` prints the folder to put first on PATH.

It is podman under that name, which needs no daemon; kustomize knows no other name, kpt knows both. The first of these
that can run a container here is taken, and remembered in .tools/containers:

1. podman as this machine has it;
2. podman with settings that a machine inside a container needs: runc, no systemd, limits that may be set;
3. the same, installed by apt-get first, where that may be done.

The base image for trials is made here, too: this machine's glibc and nothing else, so what runs on it needs no more.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOME = Path(__file__).resolve().parents[1] / ".tools" / "containers"
TRIAL_BASE = "localhost/kloom-trial-base:1"
GLIBC = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libutil.so.1", "libgcc_s.so.1")
PASSWD = "root:x:0:0:root:/root:/nologin\nnobody:x:65534:65534:nobody:/:/nologin\n"  # noqa: S105  # a file's text
PACKAGES = ("podman", "runc", "netavark")
CONTAINERS_CONF = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "none"
"""
STORAGE_CONF = """\
[storage]
driver = "overlay"
graphroot = "{graph}"
runroot = "{run}"
"""
PROBE = ("run", "--rm", "--network", "none", "--read-only", "--user", "nobody", TRIAL_BASE, "/bin/true")


class ContainerError(Exception):
    """No container can be run here; the text says what was tried."""


# The base image for trials


def base_image() -> bytes:
    """A tar archive of the file system: glibc's libraries, a user, a folder for temporary files, and `true`."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for path in ("/tmp", "/etc"):  # noqa: S108  # in the image
            tar.addfile(entry(path, tarfile.DIRTYPE, 0o1777 if path == "/tmp" else 0o755))  # noqa: S108
        add(tar, "/etc/passwd", PASSWD.encode())
        for library in glibc():
            add(tar, str(library), library.read_bytes())
        add(tar, "/bin/true", Path(needed_program("true")).read_bytes())
    return file.getvalue()


def glibc() -> Iterator[Path]:
    """The libraries, at the paths where programs of this machine ask for them."""
    loaded = output_of(needed_program("ldd"), needed_program("true"))
    found = re.search(r"libc\.so\.6 => (\S+).*?^\s*(/\S*ld-linux\S+)", loaded, re.MULTILINE | re.DOTALL)
    if not found:
        raise ContainerError("this machine's programs do not run on glibc, which the base image is made of")
    yield Path(found[2])
    yield from (Path(found[1]).with_name(name) for name in GLIBC)


def add(tar: tarfile.TarFile, path: str, content: bytes) -> None:
    file = entry(path, tarfile.REGTYPE, 0o755)
    file.size = len(content)
    tar.addfile(file, io.BytesIO(content))


def entry(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    made = tarfile.TarInfo(path.lstrip("/"))
    made.type, made.mode = kind, mode
    return made


# The ways to a docker that works: each writes one, to be tried


def as_it_is(docker: Path) -> None:
    write_script(docker, f'exec {podman(docker)} "$@"\n')


def with_own_settings(docker: Path) -> None:
    program, home = podman(docker), docker.parents[1]
    needed_program("runc")
    run = f"/run/kloom-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"  # podman wants it short
    home.mkdir(parents=True, exist_ok=True)
    (home / "containers.conf").write_text(CONTAINERS_CONF, encoding="utf-8")
    (home / "storage.conf").write_text(STORAGE_CONF.format(graph=home / "storage", run=run), encoding="utf-8")
    lines = [
        f"export CONTAINERS_CONF='{home}/containers.conf' CONTAINERS_STORAGE_CONF='{home}/storage.conf'",
        "export BUILDAH_ISOLATION=chroot",
        f'exec {program} "$@"',
    ]
    write_script(docker, "\n".join([*lines, ""]))


def installed_by_apt(docker: Path) -> None:
    if os.geteuid() != 0:
        raise ContainerError(f"only root may install {' and '.join(PACKAGES)}")
    apt = needed_program("apt-get")
    print(f"installing {', '.join(PACKAGES)} ...", file=sys.stderr, flush=True)
    output_of(apt, "update")
    output_of(apt, "install", "--yes", "--no-install-recommends", *PACKAGES)
    with_own_settings(docker)


def podman(docker: Path) -> str:
    """The real one, and not the script that this script writes."""
    others = [folder for folder in os.get_exec_path() if Path(folder).resolve() != docker.parent.resolve()]
    return needed_program("podman", os.pathsep.join(others))


def write_script(docker: Path, text: str) -> None:
    docker.parent.mkdir(parents=True, exist_ok=True)
    for path in (docker, docker.with_name("podman")):
        path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
        path.chmod(0o755)


# The whole


def ensure(home: Path = HOME) -> Path:
    """The folder whose `docker` has run a container."""
    docker = home / "bin" / "docker"
    if docker.exists() and complaint(docker) is None:
        return docker.parent
    reasons = []
    for way in (as_it_is, with_own_settings, installed_by_apt):
        try:
            way(docker)
        except ContainerError as error:
            reasons.append(f"  {way.__name__}: {error}")
        else:
            failed = complaint(docker)
            if failed is None:
                return docker.parent
            reasons.append(f"  {way.__name__}: {failed}")
    shutil.rmtree(docker.parent, ignore_errors=True)  # what does not work is not for others to find
    raise ContainerError("\n".join(["No container can be run here:", *reasons, "Install podman, or run this as root."]))


def complaint(docker: Path) -> str | None:
    """Why this docker is not good enough, or None after it has run a container."""
    try:
        if subprocess.run([docker, "image", "inspect", TRIAL_BASE], capture_output=True, check=False).returncode:
            output_of(docker, "import", "-", TRIAL_BASE, stdin=base_image())
        output_of(docker, *PROBE)
    except ContainerError as error:
        return str(error)
    return None


def needed_program(name: str, path: str | None = None) -> str:
    found = shutil.which(name, path=path)
    if not found:
        raise ContainerError(f"there is no {name} on PATH")
    return found


def output_of(*command: str | Path, stdin: bytes | None = None) -> str:
    ended = subprocess.run(command, input=stdin, capture_output=True, check=False)
    if ended.returncode:
        words = " ".join(map(str, command))
        raise ContainerError(f"{words}: {ended.stderr.decode(errors='replace').strip() or ended.returncode}")
    return ended.stdout.decode()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--trial-base", action="store_true", help="print the name of the base image for trials instead")
    options = parser.parse_args(argv)
    try:
        folder = ensure()
        print(TRIAL_BASE if options.trial_base else folder)
    except ContainerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
