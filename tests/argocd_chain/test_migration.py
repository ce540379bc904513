"""What docs/migration.md tells to do, done on a real Argo CD: Applications change their owner and stay the same."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from api_server import ApiServer
from applications import Applications, tracked_by
from argocd_installation import ArgoCD
from git_repository import GitRepository
from processes import Server, needed, wait_until

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "argo-cd.md").read_text(encoding="utf-8")
IN_CLUSTER = "https://kubernetes.default.svc"
NAMES = {"east-cart", "west-cart", "east-till", "till-of-the-west"}
SYNC = {"automated": {"prune": True}, "retry": {"limit": 3}, "syncOptions": ["CreateNamespace=true"]}


def blocks(name, page=PAGE):
    """The blocks that follow the example's mark, up to the next mark or heading."""
    after = page.split(f"<!-- example: {name} -->\n")[1]
    return re.findall(r"```\w*\n(.*?)```", re.split(r"<!-- example|\n##+ ", after)[0], re.DOTALL)


@pytest.fixture(scope="module")
def argocd(kloom, tmp_path_factory):
    """Argo CD with its controller of ApplicationSets, and the garbage collector of Kubernetes."""
    folder = tmp_path_factory.mktemp("migration")
    with ExitStack() as stack:
        api = stack.enter_context(ApiServer(folder / "api"))
        argocd = stack.enter_context(ArgoCD(api, folder / "argocd", kloom))
        argocd.start_application_sets()
        collector = [needed("kube-servers"), "garbage-collector", api.kubeconfig]
        stack.enter_context(Server("garbage-collector", collector, folder / "garbage-collector.log"))
        yield argocd


class Migration:
    """A repository with what the page shows, and its commands, run there."""

    def __init__(self, argocd: ArgoCD, folder: Path, kustomize: str) -> None:
        self.argocd, self.applications = argocd, Applications(argocd.api)
        self.repository = GitRepository(folder / "repository")
        self._addresses = {
            "https://github.com/example/shop.git": self.repository.url,
            "https://github.com/example/platform.git": self.repository.url,
            "server: https://10.0.0.10:6443": f"server: {IN_CLUSTER}, namespace: east",
            "server: https://10.0.1.10:6443": f"server: {IN_CLUSTER}, namespace: west",
        }
        tools = os.pathsep.join(str(Path(tool).parent) for tool in (kustomize, needed("kubectl")))
        self._environment = {
            **os.environ,
            "PATH": os.pathsep.join([tools, os.environ["PATH"]]),
            "KUBECONFIG": str(argocd.api.kubeconfig),
            "KUSTOMIZE_PLUGIN_HOME": str(argocd.plugin_home),
        }
        for service in ("cart", "till"):
            config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": service}}
            self.write(f"deploy/{service}/config.yaml", yaml.safe_dump(config))

    def write(self, path: str, text: str) -> None:
        for old, new in self._addresses.items():
            text = text.replace(old, new)
        (self.repository.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.repository.folder / path).write_text(text, encoding="utf-8")

    def show(self, name: str, page: str = PAGE) -> None:
        """Write the files of an example, each of which begins with its path as a comment."""
        for block in blocks(name, page):
            self.write(re.match(r"# (\S+)\n", block)[1], block)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.repository.folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write(path, text.replace(old, new))

    def run(self, command: str, *, status: int = 0) -> str:
        done = subprocess.run(
            ["sh", "-ec", command],
            cwd=self.repository.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def compare(self, *, status: int = 0) -> str:
        """What the page's ci/compare finds between what is live and what overlays/dev makes."""
        self.show("compare")
        return self.run("sh ci/compare overlays/dev", status=status)

    def names_that_differ(self) -> set[str]:
        """Whom ci/compare finds to differ."""
        lines = self.compare(status=1).split("@@")[2::2]
        return {re.match(r"[^\n]*\n(?:\[-|{\+)?(\S+)", line)[1] for line in lines}

    def live(self) -> dict[str, dict]:
        """The Applications that are migrated, not the roots."""
        return {name: one for name, one in self.applications.all().items() if name in NAMES}

    def identities(self) -> dict[str, str]:
        """Which objects they are, and which they have deployed."""
        deployed = self.argocd.api.objects("configmaps")
        found = {f"{one['metadata']['namespace']}/{one['metadata']['name']}": one for one in deployed}
        places = [f"{cluster}/{service}" for cluster in ("east", "west") for service in ("cart", "till")]
        every = {**self.live(), **{place: found[place] for place in places if place in found}}
        return {name: one["metadata"]["uid"] for name, one in every.items()}

    def wait_until(self, holds, otherwise):
        wait_until(holds, otherwise, details=lambda: yaml.safe_dump(self.applications.all()))

    def wait_until_deployed(self) -> dict[str, str]:
        count = 2 * len(NAMES)
        self.wait_until(lambda: len(self.identities()) == count, "not all is deployed")
        return self.identities()

    def end(self) -> None:
        """Leave nothing for the next one: the sets, the Applications, and what they have deployed."""
        for kind in ("applicationsets", "applications"):
            self.run(f"kubectl -n argocd delete {kind} --all --cascade=orphan")
        for cluster in ("east", "west"):
            self.run(f"kubectl -n {cluster} delete configmaps cart till --ignore-not-found")


@pytest.fixture
def migration(argocd, tmp_path, kustomize):
    """The page's values, with the address of a repository that is here, on the cluster that there is."""
    migration = Migration(argocd, tmp_path, kustomize)
    migration.show("values")
    yield migration
    migration.end()


def finalizers(one):
    return one["metadata"].get("finalizers")


def owners(one):
    return [owner["kind"] for owner in one["metadata"].get("ownerReferences", [])]


def is_synced(one):
    status = one.get("status", {})
    return (
        status.get("sync", {}).get("status") == "Synced"
        and status.get("operationState", {}).get("phase") == "Succeeded"
    )


def application_set(name, elements, repository):
    template = {
        "metadata": {"name": "{{.name}}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": repository, "path": "deploy/{{.service}}", "targetRevision": "main"},
            "destination": {"server": IN_CLUSTER, "namespace": "{{.cluster}}"},
            "syncPolicy": SYNC,
        },
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"goTemplate": True, "generators": [{"list": {"elements": elements}}], "template": template},
    }


def element(name):
    cluster, service = ("west", "till") if name == "till-of-the-west" else name.split("-")
    return {"name": name, "cluster": cluster, "service": service}


def test_from_an_application_set(migration):
    api = migration.argocd.api
    migration.repository.commit("Before")
    api.apply(application_set("shop", [element(name) for name in sorted(NAMES)], migration.repository.url))
    before = migration.wait_until_deployed()
    assert {tuple(owners(one)) for one in migration.live().values()} == {("ApplicationSet",)}
    assert all(map(finalizers, migration.live().values()))

    # 1. the finalizers
    (preserve,) = blocks("preserve")
    migration.run(preserve)
    migration.wait_until(lambda: not any(map(finalizers, migration.live().values())), "there are finalizers")

    # 2. what the values have forgotten is told, and what kubectl would not tell
    assert migration.run("kustomize build --enable-alpha-plugins overlays/dev | kubectl diff -f -") == ""
    assert '"retry":' in migration.compare(status=1)
    migration.replace("overlays/dev/common-values.yaml", "syncPolicy: {", "syncPolicy: {retry: {limit: 3}, ")
    assert migration.compare() == ""

    # 3. the owner
    (orphan,) = blocks("orphan")
    listed = migration.run(orphan).splitlines()[1:]
    assert {line.split()[0] for line in listed} == NAMES
    assert not any("ApplicationSet" in line for line in listed)
    assert api.objects("applicationsets") == []
    assert not any(map(owners, migration.live().values()))

    # 4. the root: looked at, then let
    migration.show("roots", GUIDE)
    migration.show("root")
    migration.show("project of roots", GUIDE)
    migration.repository.commit("Values in place of the ApplicationSet")
    migration.run("kubectl apply -f argocd/project-roots.yaml")
    (look,) = blocks("look")

    def looked():
        return [line.split() for line in migration.run(look).splitlines() if line.split()[0] in NAMES]

    migration.wait_until(lambda: len(looked()) == len(NAMES), "the root does not compare")
    assert {name: status for name, *status in looked()} == {name: ["OutOfSync"] for name in NAMES}
    migration.replace("overlays/roots/environments/dev.yaml", "syncPolicy: {automated: {enabled: false}}", "")
    migration.run(look)
    migration.wait_until(lambda: is_synced(migration.applications["root-dev"]), "the root does not sync")
    assert {tracked_by(one) for one in migration.live().values()} == {"root-dev"}
    assert migration.names_that_differ() == {"root-dev"}
    assert migration.identities() == before


def test_a_set_that_is_deleted_as_usual_takes_its_applications_with_it(migration):
    """Without which the test above would prove nothing of the one that is not."""
    migration.repository.commit("Before")
    migration.argocd.api.apply(application_set("shop", [element("east-cart")], migration.repository.url))
    migration.wait_until(lambda: migration.live() and len(migration.identities()) > 1, "not deployed")
    migration.run("kubectl -n argocd delete applicationset shop")
    migration.wait_until(lambda: not migration.identities(), "it outlives the set")


def test_from_application_files(migration):
    built = migration.run("kustomize build --enable-alpha-plugins overlays/dev")
    files = {one["metadata"]["name"]: one for one in yaml.safe_load_all(built)}
    for name, one in files.items():
        migration.write(f"apps/{name}.yaml", yaml.safe_dump(one))
    migration.repository.commit("Before")
    source = {"repoURL": migration.repository.url, "path": "apps", "targetRevision": "main"}
    spec = {
        "project": "default",
        "source": source,
        "destination": {"server": IN_CLUSTER, "namespace": "argocd"},
        "syncPolicy": {"automated": {"prune": True}},
    }
    root = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "apps", "namespace": "argocd"},
        "spec": spec,
    }
    migration.argocd.api.apply(root)
    before = migration.wait_until_deployed()
    assert migration.names_that_differ() == {"apps"}

    # a service that the values forget
    migration.replace("overlays/dev/services/till.yaml", "east: {enable: true}", "east: {enable: false}")
    assert migration.names_that_differ() == {"apps", "east-till"}
    migration.repository.commit("Values in place of files")
    moved = {"source": {**source, "path": "overlays/dev"}, "syncPolicy": {"automated": {"enabled": True}}}
    migration.argocd.api.apply({**root, "spec": {**spec, **moved}})
    (pruning,) = blocks("pruning")
    migration.wait_until(lambda: migration.run(pruning) == "east-till\n", "what is forgotten is not told")
    assert migration.identities() == before

    migration.replace("overlays/dev/services/till.yaml", "east: {enable: false}", "east: {enable: true}")
    migration.repository.commit("Nothing is forgotten")
    migration.applications.refresh("apps")
    migration.wait_until(lambda: is_synced(migration.applications["apps"]), "the root does not sync")
    assert migration.run(pruning) == ""
    assert migration.identities() == before
