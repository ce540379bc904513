"""The charts travel: packaged, pushed to an OCI registry, pulled, rendered."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest
from processes import Server, free_ports, is_well

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
    (port,) = free_ports(1)
    folder, address = tmp_path_factory.mktemp("registry"), f"127.0.0.1:{port}"
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(data=folder / "data", address=address), encoding="utf-8")
    with Server("the registry", [program, "serve", config], folder / "log") as server:
        server.wait_until(lambda: is_well(f"http://{address}/v2/"))
        yield f"oci://{address}/charts"


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
