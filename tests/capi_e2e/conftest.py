"""What only `make e2e` runs: a real Kubernetes API with Cluster API's own managers, which are built from Go modules.

pytest                  # leaves this folder out
pytest tests/capi_e2e   # what make e2e does
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from api_server import ApiServer, Object, namespace
from cluster_api import ClusterApi

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))  # the modules beside this one

from management import Management, Provisioned, Sample  # noqa: E402  # needs the path above

PROGRAMS = ROOT / ".tools/cluster-api"
VERSIONS = ("v1beta1", "v1beta2")
FOLDER = pytest.StashKey[Path]()
"""Where the servers write."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Say whose word was not BYOH's own and, after a failure, where the servers' logs are."""
    if (folder := config.stash.get(FOLDER, None)) is None:
        return
    terminalreporter.write_line(
        "BYOH: kinds as in tests/servers/byoh.py; its manager did NOT run, tests say what it would"
    )
    if exitstatus:
        terminalreporter.write_line(f"The logs of the servers are in {folder}")


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A Kubernetes API that Cluster API's managers work at; BYOH's is not among them."""
    assert PROGRAMS.is_dir(), f"{PROGRAMS} must be there: run these tests by `make e2e`, which makes it"
    folder = request.config.stash[FOLDER] = tmp_path_factory.mktemp("management")
    with ApiServer(folder) as api, ClusterApi(api, PROGRAMS, folder):
        yield api


@pytest.fixture(scope="session")
def managements(api: ApiServer) -> dict[str, Management]:
    """A namespace for each API version that Cluster API's kinds may be written in."""
    made = {version: Management(api=api, namespace=f"clusters-{version}") for version in VERSIONS}
    api.apply(*(namespace(management.namespace) for management in made.values()))
    return made


@pytest.fixture(scope="session")
def new_sample(managements, kustomize, plugin_home, tmp_path_factory) -> Callable[..., Sample]:
    """Copies the management overlay, to be written in a version and applied to a management cluster."""
    environment = ["env", f"KUSTOMIZE_PLUGIN_HOME={plugin_home}"]

    def copy(version: str, management: Management | None = None) -> Sample:
        root = tmp_path_factory.mktemp("sample")
        (root / ".git").mkdir()
        folder = shutil.copytree(ROOT / "overlays/management", root / "management")
        sample = Sample(folder=folder, command=[*environment, kustomize, "build", "--enable-alpha-plugins", folder])
        sample.edit("clusters.yaml", r"clusterApiVersion: \w+", f"clusterApiVersion: {version}")
        place = (management or managements[version]).namespace
        for file in ("common.yaml", "hosts.yaml"):
            sample.edit(file, "namespace: clusters", f"namespace: {place}")
        return sample

    return copy


@pytest.fixture(scope="session")
def provisioned_in(managements: dict[str, Management], new_sample) -> dict[str, Provisioned]:
    """The sample in each version, applied twice. Cluster API makes the machines of both at the same time."""
    said = {version: new_sample(version).build() for version in VERSIONS}
    for version, management in managements.items():
        management.start_with(said[version])
    for management in managements.values():
        management.wait_for_machines()
    return {version: said_again(management, said[version]) for version, management in managements.items()}


def said_again(management: Management, said: Sequence[Object]) -> Provisioned:
    stored, made = management.api.stored(*said), management.objects("machines,byomachines,secrets")
    management.apply(said)
    return Provisioned(said=said, stored=stored, again=management.api.stored(*said), made=made)


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def provisioned(provisioned_in: dict[str, Provisioned], version: str) -> Provisioned:
    return provisioned_in[version]


@pytest.fixture
def management(managements: dict[str, Management], version: str) -> Management:
    return managements[version]


@pytest.fixture
def sample(new_sample: Callable[..., Sample], version: str) -> Sample:
    """A copy of the management overlay that the test may edit."""
    return new_sample(version)
