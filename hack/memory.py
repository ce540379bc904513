"""Measure the memory that `kloom validate` takes by the size of a repository: `python hack/memory.py`.

Of each form that a repository can have, the peak at several sizes, and what each Application adds to that of a single
service. What is to hold is that this grows with no size. Whatever else runs on the machine does not matter.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MIB = 1 << 20
CLUSTERS = 4
SERVICES = (1, 250, 500, 1000, 2000)
LIMIT = 1.25
# What the kernel tells of a program begins with the size of the one that started it, so a small one does
_STARTED_SMALL = """
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(status, usage.ru_maxrss, file=sys.stderr)
"""
_IN_BYTES = 1 if sys.platform == "darwin" else 1024


def peak(folder: Path) -> int:
    """The bytes of memory that a run of `kloom validate` takes at most. Raises SystemExit where it finds something."""
    command = [sys.executable, "-ISc", _STARTED_SMALL, bench.KLOOM, "validate"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    status, size = done.stderr.split()
    if int(status):
        raise SystemExit(done.stdout)
    return int(size) * _IN_BYTES


def write_values(folder: Path, services: int) -> None:
    """Values files, and one config that reads them."""
    bench.write_values(folder, bench.Size(services, CLUSTERS, {}))
    shutil.copytree(bench.ROOT / "bench" / "plugin", folder / "plugin")


def write_manifests(folder: Path, services: int) -> None:
    """The same Applications, each in a file of its own."""
    for number, manifest in enumerate(_rendered(services).split("\n---\n")):
        (folder / f"{number:05}.yaml").write_text(f"{manifest}\n", encoding="utf-8")
    (folder / ".git").mkdir()


def write_one_file(folder: Path, services: int) -> None:
    """The same Applications in as few files as may be: of at most 4 MiB."""
    manifests = _rendered(services).split("\n---\n")
    for start in range(0, len(manifests), 4000):
        text = "\n---\n".join(manifests[start : start + 4000])
        (folder / f"{start}.yaml").write_text(text, encoding="utf-8")
    (folder / ".git").mkdir()


FORMS: Mapping[str, Callable[[Path, int], None]] = {
    "values files": write_values,
    "a manifest for each": write_manifests,
    "manifests in large files": write_one_file,
}


def _rendered(services: int) -> str:
    with tempfile.TemporaryDirectory() as temporary:
        write_values(Path(temporary, "repository"), services)
        command = (bench.KLOOM, "render", "repository/plugin")
        return subprocess.run(command, cwd=temporary, check=True, capture_output=True, text=True).stdout


def measured(write: Callable[[Path, int], None]) -> Iterator[int]:
    """The peak at each size."""
    for services in SERVICES:
        with tempfile.TemporaryDirectory() as temporary:
            write(Path(temporary), services)
            yield peak(Path(temporary))


def main() -> int:
    """Print the table; the exit status tells whether memory grows in proportion."""
    sizes = [bench.Size(services, CLUSTERS, {}) for services in SERVICES]
    print(f"| peak memory of kloom validate | {' | '.join(map(str, sizes))} | an Application | at most |")
    print(f"|---|{'---|' * (len(SERVICES) + 2)}")
    is_proportional = True
    for form, write in FORMS.items():
        least, *peaks = measured(write)
        each = [
            (size - least) / (CLUSTERS * (services - 1)) for size, services in zip(peaks, SERVICES[1:], strict=True)
        ]
        is_proportional &= each[-1] <= LIMIT * each[0]
        shown = " | ".join(f"{size / MIB:.0f} MiB" for size in (least, *peaks))
        told = f"{each[0] / 1000:.1f} to {each[-1] / 1000:.1f} kB"
        print(f"| {form} | {shown} | {told} ({each[-1] / each[0]:.2f}×) | {LIMIT}× |")  # noqa: RUF001  # a ratio
    return 0 if is_proportional else 1


if __name__ == "__main__":
    sys.exit(main())
