"""hack/containers.py: a docker that works, or a sentence."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "hack" / "containers.py"


def test_where_there_is_no_podman_it_says_all_that_it_tried(tmp_path):
    (tmp_path / "hack").mkdir()
    script = tmp_path / "hack" / "containers.py"
    script.write_text(SCRIPT.read_text().replace("os.geteuid() != 0", "True"))
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "No container can be run here:",
        "  as_it_is: there is no podman on PATH",
        "  with_own_settings: there is no podman on PATH",
        "  installed_by_apt: only root may install podman and runc and netavark",
        "Install podman, or run this as root.",
    ]


def test_the_base_for_trials_holds_nothing_but_glibc(docker):
    container = docker.output("create", "--network=none", "localhost/kloom-trial-base:1", "/bin/true").decode().strip()
    try:
        with tarfile.open(fileobj=io.BytesIO(docker.output("export", container))) as exported:
            files = {Path(entry.name).name for entry in exported if entry.isfile()}
    finally:
        docker.output("rm", container)
    libraries = {name for name in files if name.startswith(("lib", "ld-linux"))}
    assert {"libc.so.6", "libgcc_s.so.1"} <= libraries
    assert files - libraries <= {"passwd", "true", "hosts", "hostname", "resolv.conf", ".containerenv"}
