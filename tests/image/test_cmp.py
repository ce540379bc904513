"""The sidecar's image: kustomize and helm with kloom in the plugin home, as Argo CD runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "tests" / "overlays" / "expected" / "dev.yaml"
IMAGE = "localhost/kloom-cmp:tested"
CHART = "charts/argo-app-root"


@pytest.fixture
def inside(images):
    """Run a command as in the sidecar: Argo CD's user, a root file system that cannot be written, /tmp, a checkout."""
    checkout = f"--mount=type=bind,src={ROOT},dst=/checkout,ro=true"
    sandbox = ("--read-only", "--network=none", "--cap-drop=all", "--security-opt=no-new-privileges", "--user=999:999")

    def run(*words: str) -> str:
        return images.output("run", "--rm", *sandbox, "--tmpfs=/tmp", checkout, IMAGE, *words).decode()

    return run


def test_kustomize_finds_kloom(inside):
    assert inside("kustomize", "build", "--enable-alpha-plugins", "/checkout/overlays/dev") == DEV.read_text()


def test_helm_renders_the_same_as_outside(inside, helm):
    values = f"{CHART}/ci/all-clusters-values.yaml"
    outside = subprocess.check_output([helm, "template", "a", ROOT / CHART, "-f", ROOT / values], text=True)
    assert inside("helm", "template", "a", f"/checkout/{CHART}", "-f", f"/checkout/{values}") == outside


def test_every_kind_is_installed(inside):
    states = inside("kloom", "plugin", "status").splitlines()
    assert states
    assert all(state.endswith(": installed") for state in states)


def test_the_command_is_left_to_argo_cd(images):
    """argocd-cmp-server, which comes in a volume, must be run as it is named."""
    config = images.inspected(IMAGE)["Config"]
    assert not config.get("Entrypoint")
    assert config["User"] == "65534:65534"
