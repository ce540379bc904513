"""What the executable runs first: import from the archive behind it, and be kloom.

Python's own zipimport reads the directory of the archive entry by entry, which takes longer than kloom's work on a
small build; here an index says where each member lies. Shared libraries must be files for their loader, so a library is
put in a file in memory; on the hot path that is yaml's parser. No import here may need the archive before it is there.
"""

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import ExtensionFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.readers import ZipReader
    from types import ModuleType

EXECUTABLE = "/proc/self/exe"
PYC_HEADER, INDEX_PLACE, NUMBER = 16, 16, 8
"""How many bytes: what precedes the code in a .pyc; the archive's last, which tell the index's place and size; each."""


class Archive:
    """Finder and loader of what is in the archive; a member's `__file__` begins as if the executable were a folder."""

    def __init__(self) -> None:
        self.file = os.open(EXECUTABLE, os.O_RDONLY | os.O_CLOEXEC)
        place = self._read(os.fstat(self.file).st_size - INDEX_PLACE, INDEX_PLACE)
        offset, size = (int.from_bytes(place[at : at + NUMBER], "little") for at in (0, NUMBER))
        self.members: dict[str, tuple[int, int]] = marshal.loads(self._read(offset, size))  # noqa: S302  # our own file

    def _read(self, offset: int, size: int) -> bytes:
        return os.pread(self.file, size, offset)

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> ModuleSpec | None:
        del path, target
        stem = name.replace(".", "/")
        if (member := f"{stem}/__init__.pyc") in self.members:
            spec = self._spec(name, member)
            spec.submodule_search_locations = [f"{EXECUTABLE}/{stem}"]
            return spec
        if (member := f"{stem}.pyc") in self.members:
            return self._spec(name, member)
        if (member := f"{stem}.so") in self.members:
            file = file_in_memory(member, self.get_data(member))
            return ModuleSpec(name, ExtensionFileLoader(name, file), origin=file)
        return None

    def _spec(self, name: str, member: str) -> ModuleSpec:
        spec = ModuleSpec(name, self, origin=f"{EXECUTABLE}/{member}")  # type: ignore[arg-type]  # Loader is an ABC to derive from
        spec.has_location = True
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: "ModuleType") -> None:
        pyc = memoryview(self.get_data(module.__file__ or ""))
        exec(marshal.loads(pyc[PYC_HEADER:]), module.__dict__)  # noqa: S102, S302  # our own file

    def get_data(self, path: str) -> bytes:
        try:
            return self._read(*self.members[path.removeprefix(f"{EXECUTABLE}/")])
        except KeyError:
            raise FileNotFoundError(path) from None

    def get_resource_reader(self, package: str) -> "ZipReader":
        """What importlib.resources asks: the archive is a zip archive, too."""
        from importlib.readers import ZipReader
        from types import SimpleNamespace

        parents = "".join(f"{parent}/" for parent in package.split(".")[:-1])
        return ZipReader(SimpleNamespace(archive=EXECUTABLE, prefix=parents), package)  # type: ignore[arg-type]  # all it asks


def file_in_memory(name: str, content: bytes) -> str:
    """A path that lasts as long as the process."""
    descriptor = os.memfd_create(os.path.basename(name))
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    return f"/proc/self/fd/{descriptor}"


def start() -> None:
    sys.frozen = True  # type: ignore[attr-defined]  # as other makers of executables call it
    sys.meta_path[-1] = Archive()  # in place of the finder of files
    from kloom.__main__ import console

    console()


start()
