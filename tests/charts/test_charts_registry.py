"""The charts travel: packaged, pushed to an OCI registry, pulled, rendered."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

CHARTS = Path(__file__).resolve().parents[2] / "charts"
VALUES = {
    "argo-app": CHARTS / "argo-app/ci/every-field-values.yaml",
    "argo-app-root": CHARTS / "argo-app-root/ci/all-clusters-values.yaml",
}
CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {data}}}}}
http: {{addr: "{address}"}}
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """The address of a registry of our own."""
    program = shutil.which("registry")
    assert program, "registry must be on PATH: run the tests by `make test`, which sets it up"
    folder, address = tmp_path_factory.mktemp("registry"), f"127.0.0.1:{free_port()}"
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(data=folder / "data", address=address), encoding="utf-8")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, "serve", config], stdout=log, stderr=log)
    try:
        wait_for(f"http://{address}/v2/", process, folder / "log")
        yield f"oci://{address}/charts"
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(url, process, log):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    pytest.fail(f"the registry does not answer:\n{log.read_text()}")


@pytest.mark.parametrize("name", ["argo-app", "argo-app-root"])
def test_a_chart_renders_the_same_after_a_registry(helm, registry, tmp_path, name):
    helm.output("package", CHARTS / name, "--destination", tmp_path)
    [package] = tmp_path.glob("*.tgz")
    helm.output("push", package, registry, "--plain-http")
    helm.output(
        "pull",
        f"{registry}/{name}",
        "--version",
        "0.1.0",
        "--plain-http",
        "--untar",
        "--untardir",
        tmp_path / "pulled",
    )
    expected = helm.applications(CHARTS / name, VALUES[name])
    assert expected
    assert helm.applications(package, VALUES[name]) == expected
    assert helm.applications(tmp_path / "pulled" / name, VALUES[name]) == expected
    from_registry = helm.template(f"{registry}/{name}", VALUES[name], flags=("--version", "0.1.0", "--plain-http"))
    assert from_registry == helm.template(CHARTS / name, VALUES[name])


def test_a_package_holds_no_test_values(helm, tmp_path):
    helm.output("package", CHARTS / "argo-app-root", "--destination", tmp_path)
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as package:
        files = package.getnames()
    assert "argo-app-root/charts/argo-app/templates/_application.tpl" in files
    assert [file for file in files if "/ci/" in file] == []
