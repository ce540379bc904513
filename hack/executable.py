"""Make kloom one file that carries its own Python: `PYTHON hack/executable.py --wheels FOLDER --output dist/kloom`.

The Python that runs this is the one that is carried: it needs its static library and headers (Debian: python3-dev) and
a C compiler. The wheels are kloom's and those of all it depends on. Same Python, compiler and wheels: same bytes.

The file is a small C program with CPython linked in (launcher/launcher.c) and, behind it, a zip archive of compiled
modules and data. docs/executable.md tells why, with figures.
"""

from __future__ import annotations

import argparse
import io
import marshal
import os
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Member = tuple[str, bytes]

LAUNCHER = Path(__file__).with_name("launcher")
UNUSED = {
    *("asyncio", "ctypes", "curses", "dbm", "distutils", "ensurepip", "idlelib", "lib2to3", "multiprocessing"),
    *("pydoc_data", "sqlite3", "test", "tkinter", "turtledemo", "unittest", "venv", "wsgiref", "xmlrpc", "_pyrepl"),
    *("dist-packages", "lib-dynload", "site-packages", "__pycache__"),
}
"""Folders of the standard library that kloom comes nowhere near."""
EVERYWHERE = {"libc", "libm", "libdl", "libpthread", "libutil", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}
"""Shared libraries that every Linux with glibc has; an extension module that asks for more is left out."""
FOR_TESTS = ("_test", "_xx", "xx", "_ctypes")
"""How modules that only Python's own tests import begin, and what belongs to a folder in UNUSED."""
NEEDED_FIRST = {
    "encodings": "encodings/__init__.py",
    "encodings.aliases": "encodings/aliases.py",
    "encodings.utf_8": "encodings/utf_8.py",
}
"""What Python imports before it can run anything, launcher/start.py included."""
UNCHECKED_HASH = (0b01).to_bytes(4, "little")
"""What a .pyc says of itself for Python to take it without its source."""
OLDEST_DATE = (1980, 1, 1, 0, 0, 0)


class ExecutableError(Exception):
    """There can be no executable; the text says what is missing."""


# What the archive holds


def members(wheels: Iterable[Path]) -> dict[str, bytes]:
    """All of the archive, by path: the standard library and the wheels."""
    found = dict(standard_library())
    found.update(extension_modules())
    for wheel in wheels:
        found.update(unpacked(wheel))
    return found


def standard_library() -> Iterator[Member]:
    top = Path(sysconfig.get_path("stdlib"))
    if (license_text := top / "LICENSE.txt").is_file():
        yield license_text.name, license_text.read_bytes()
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(set(folders) - UNUSED)
        for file in sorted(files):
            if file.endswith(".py"):
                path = Path(folder, file)
                name = path.relative_to(top).as_posix()
                yield f"{name}c", compiled(name, path.read_bytes())


def extension_modules() -> Iterator[Member]:
    """Those of the standard library's modules that are no part of libpython."""
    for path in sorted(Path(sysconfig.get_config_var("DESTSHARED")).glob("*.so")):
        if not path.name.startswith(FOR_TESTS) and set(needed_libraries(path)) <= EVERYWHERE:
            yield library_name(path.name), stripped(path.read_bytes())


def needed_libraries(path: Path) -> list[str]:
    """The shared libraries that a file asks for, as libc for libc.so.6."""
    return re.findall(r"\(NEEDED\).*\[(.+?)\.so", output_of("readelf", "--dynamic", path))


def unpacked(wheel: Path) -> Iterator[Member]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".py"):
                yield f"{name}c", compiled(name, content)
            elif name.endswith(".so"):
                yield library_name(name), stripped(content)
            elif not name.endswith("/"):
                yield name, content


def compiled(name: str, source: bytes) -> bytes:
    """The bytes of a .pyc. `name` is what tracebacks show."""
    code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    return MAGIC_NUMBER + UNCHECKED_HASH + source_hash(source) + marshal.dumps(code)


def library_name(name: str) -> str:
    """yaml/_yaml.so for yaml/_yaml.cpython-311-x86_64-linux-gnu.so."""
    suffix = next(suffix for suffix in EXTENSION_SUFFIXES if name.endswith(suffix))
    return f"{name.removesuffix(suffix)}.so"


def stripped(library: bytes) -> bytes:
    """Without what debuggers want: a third of a library is left to copy on every start, or less."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "library")
        file.write_bytes(library)
        output_of("strip", "--strip-unneeded", file)
        return file.read_bytes()


def zipped(content: dict[str, bytes], behind: int) -> bytes:
    """The archive, uncompressed, as it stands behind so many bytes, with the index that launcher/start.py reads."""
    file, index = io.BytesIO(), {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            archive.writestr(zipfile.ZipInfo(name, OLDEST_DATE), content[name])
            index[name] = (behind + file.tell() - len(content[name]), len(content[name]))
        places = marshal.dumps(index)
        archive.writestr(zipfile.ZipInfo("index", OLDEST_DATE), places)
        archive.comment = struct.pack("<QQ", behind + file.tell() - len(places), len(places))
    return file.getvalue()


# The program before it


def launcher() -> bytes:
    """The compiled launcher with all of CPython linked in: what it needs of other libraries is inside, too."""
    python = static_library()
    include = sysconfig.get_path("include")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "launcher")
        Path(folder, "frozen.h").write_text(frozen_modules(), encoding="utf-8")
        output_of(
            *(compiler(), "-O2", "-DNDEBUG", "-Wall", "-Werror", f"-I{include}", f"-I{folder}"),
            *(LAUNCHER / "launcher.c", "-o", program),
            *("-s", "-no-pie", "-Wl,--export-dynamic", "-Wl,--build-id=none"),
            *("-Wl,--whole-archive", python, "-Wl,--no-whole-archive"),
            *linked_libraries(),
        )
        return program.read_bytes()


def frozen_modules() -> str:
    """The C text of the modules that must be inside the program."""
    library = Path(sysconfig.get_path("stdlib"))
    files = {name: library / path for name, path in NEEDED_FIRST.items()} | {"start": LAUNCHER / "start.py"}
    entries = []
    for name, path in files.items():
        code = marshal.dumps(compile(path.read_bytes(), f"{name}.py", "exec", dont_inherit=True, optimize=0))
        numbers, package = ",".join(map(str, code)), int(path.name == "__init__.py")
        text = f"(const unsigned char[]){{{numbers}}}"
        entries.append(f'{{.name = "{name}", .code = {text}, .size = {len(code)}, .is_package = {package}}},')
    return "\n".join(["static const struct _frozen FROZEN[] = {", *entries, "{0}};", ""])


def static_library() -> Path:
    if sys.version_info < (3, 11):  # noqa: UP036  # whichever Python is asked
        raise ExecutableError(f"{sys.executable} is older than 3.11")
    path = Path(sysconfig.get_config_var("LIBPL") or "", sysconfig.get_config_var("LIBRARY") or "")
    header = Path(sysconfig.get_path("include"), "Python.h")
    for needed in (path, header):
        if not needed.is_file():
            raise ExecutableError(f"{sys.executable} has no {needed.name}, as Debian's package python3-dev brings")
    return path


def compiler() -> str:
    found = shutil.which(os.environ.get("CC", "cc"))
    if not found:
        raise ExecutableError("there is no C compiler: put cc on PATH, or name one in CC")
    return found


def linked_libraries() -> list[str]:
    """What libpython was linked with: glibc's libraries by name, all others from their archives."""
    words = " ".join(sysconfig.get_config_var(name) or "" for name in ("LIBS", "SYSLIBS", "MODLIBS"))
    names = dict.fromkeys(re.findall(r"(?<!\S)-l(\S+)", words))
    return [f"-l{name}" if f"lib{name}" in EVERYWHERE else f"-l:lib{name}.a" for name in names]


def output_of(*command: str | Path) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ExecutableError(f"{' '.join(map(str, command))}:\n{ended.stderr}")
    return ended.stdout


# The whole


def executable(wheels: Sequence[Path]) -> bytes:
    program = launcher()
    return program + zipped(members(wheels), behind=len(program))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--wheels", type=Path, help="the folder that holds the wheels")
    parser.add_argument("--output", type=Path, help="the file to write")
    parser.add_argument("--check", action="store_true", help="only say whether this Python can be carried")
    options = parser.parse_args(argv)
    try:
        static_library()
        compiler()
        if not options.check:
            content = executable(sorted(options.wheels.glob("*.whl")))
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_bytes(content)
            options.output.chmod(0o755)
    except ExecutableError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if sys.flags.hash_randomization:  # compiled modules hold sets, in an order that it decides
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    sys.exit(main())
