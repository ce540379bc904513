"""Both images in Argo CD, each run as its component says: by that user, with these mounts, on a read-only root."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from manifest_generation import RepoServer
from processes import Server, needed

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "overlays/components"
EXPECTED = ROOT / "tests/overlays/expected"
CMP_IMAGE = "localhost/kloom-cmp:tested"
SIDECAR = f"kloom-sidecar-{os.getpid()}"


def pod(component):
    """What a component adds to the repo server's pod."""
    patch = yaml.safe_load((COMPONENTS / component / "repo-server.yaml").read_text())
    return patch["spec"]["template"]["spec"]


def sandbox(container):
    """What the container's securityContext says, in the words of docker."""
    said = container["securityContext"]
    assert said["readOnlyRootFilesystem"]
    assert said["capabilities"] == {"drop": ["ALL"]}
    assert not said["allowPrivilegeEscalation"]
    user = said["runAsUser"]
    flags = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", f"--user={user}:{user}")
    return ["--rm", *flags, "--network=none"]


def mounts(container, folders):
    """The container's mounts, each of a folder or file of the host by the volume's name; the rest is temporary."""
    for mount in container["volumeMounts"]:
        folder = folders.get(mount["name"])
        path = mount["mountPath"]
        yield f"--mount=type=bind,src={folder},dst={path}" if folder else f"--tmpfs={path}"


@pytest.fixture
def checkout(tmp_path):
    """The samples, in a Git repository of their own."""
    (tmp_path / "checkout/.git").mkdir(parents=True)
    shutil.copytree(ROOT / "overlays", tmp_path / "checkout/overlays")
    return tmp_path / "checkout"


def expected(environment):
    return list(yaml.safe_load_all((EXPECTED / f"{environment}.yaml").read_text()))


@pytest.fixture(scope="module")
def beside_the_sidecar(images) -> Iterator[RepoServer]:
    """A repo server and the sidecar, in which Argo CD's plugin server runs."""
    (container,) = pod("argocd-cmp")["containers"]
    with tempfile.TemporaryDirectory(prefix="cmp-") as sockets, tempfile.TemporaryDirectory() as argocd:
        os.chmod(sockets, 0o777)
        os.chmod(argocd, 0o755)
        shutil.copy(needed("argocd-servers"), Path(argocd, "argocd-cmp-server"))
        folders = {"plugins": sockets, "var-files": argocd, "kloom-plugin": COMPONENTS / "argocd-cmp"}
        words = [f"--name={SIDECAR}", *sandbox(container), *mounts(container, folders)]
        command = [images.folder / "docker", "run", *words, CMP_IMAGE, *container["command"]]
        with Server("the sidecar", command, Path(argocd, "log")) as server:
            try:
                server.wait_until(Path(sockets, "kloom.sock").exists)
                yield RepoServer(environment={"PATH": "/nonexistent", "ARGOCD_PLUGINSOCKFILEPATH": sockets})
            finally:
                images.run("kill", SIDECAR)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_sidecar_builds(environment, beside_the_sidecar, checkout):
    source = {"path": f"overlays/{environment}", "plugin": {"name": "kloom"}}
    assert beside_the_sidecar.manifests(checkout, source).made() == expected(environment)


def test_the_sidecar_tells_what_is_wrong(beside_the_sidecar, checkout):
    (checkout / "overlays/dev/services/größe.yaml").write_text("global: {nam: größe}\n")
    source = {"path": "overlays/dev", "plugin": {"name": "kloom"}}
    assert (
        "services/größe.yaml:1:10: global.nam: unknown key" in beside_the_sidecar.manifests(checkout, source).refused()
    )


def test_the_init_container_fills_the_plugin_home_of_the_repo_server(images, kustomize, checkout, tmp_path):
    (container,) = pod("argocd-plugin-home")["initContainers"]
    home, tools = tmp_path / "volume", tmp_path / "bin"
    for folder in (home, tools):
        folder.mkdir()
    home.chmod(0o777)
    (tools / "kustomize").symlink_to(kustomize)
    name, *words = container["command"]
    volumes = mounts(container, {"kustomize-plugins": home})
    images.output("run", *sandbox(container), *volumes, f"--entrypoint={name}", container["image"], *words)
    environment = {"PATH": str(tools), "KUSTOMIZE_PLUGIN_HOME": str(home)}
    argocd = RepoServer(environment=environment, build_options="--enable-alpha-plugins")
    assert argocd.manifests(checkout, {"path": "overlays/dev"}).made() == expected("dev")
