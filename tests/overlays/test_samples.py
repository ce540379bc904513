"""What the samples show: what is written once, what stays unique, and how little a change touches."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from kloom.render import render

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
ENVIRONMENTS = sorted(path.parent.name for path in OVERLAYS.glob("*/services"))


def applications(overlays: Path, name: str) -> dict[str, dict]:
    """The Applications of one environment by namespace and name."""
    made = render(str(overlays / name)).objects
    return {f"{app['metadata']['namespace']}/{app['metadata']['name']}": app for app in made}


def everything(overlays: Path) -> dict[str, dict[str, dict]]:
    return {name: applications(overlays, name) for name in ENVIRONMENTS}


def every_application(overlays: Path = OVERLAYS) -> list[dict]:
    return [app for made in everything(overlays).values() for app in made.values()]


def changed(before: dict[str, dict], after: dict[str, dict]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def sources(application: dict) -> list[dict]:
    spec = application["spec"]
    return spec.get("sources") or [spec["source"]]


# The seed's case


def test_seven_environments_four_clusters_four_repositories_a_dozen_services():
    every = every_application()
    servers = {app["spec"]["destination"]["server"] for app in every}
    repositories = {source["repoURL"] for app in every for source in sources(app)}
    services = {path.stem for path in OVERLAYS.glob("*/services/*.yaml")}

    assert len(ENVIRONMENTS) == 7
    assert len(servers) == 4
    assert len([url for url in repositories if url.startswith("https://github.com/example/")]) == 4
    assert len(services) >= 12


def test_every_endpoint_is_written_once():
    """In the file that the cluster is made from; networks aside, no other file holds an address."""
    found = [
        (address, str(path.relative_to(OVERLAYS)))
        for path in OVERLAYS.rglob("*.yaml")
        for address in re.findall(r"\b10(?:\.\d+){3}\b(?!/)", path.read_text())
    ]
    assert sorted(found) == [
        (f"10.0.{at}.10", f"management/clusters/cluster-{name}.yaml") for at, name in enumerate("abcd")
    ]


def test_names_are_unique_across_environments():
    names = Counter((app["metadata"]["namespace"], app["metadata"]["name"]) for app in every_application())
    assert [name for name, count in names.items() if count > 1] == []


def test_no_two_applications_put_the_same_into_the_same_namespace():
    places = Counter(
        json.dumps(
            [
                app["spec"]["destination"],
                [(s["repoURL"], s.get("path"), s.get("chart")) for s in sources(app)],
            ]
        )
        for app in every_application()
    )
    assert [place for place, count in places.items() if count > 1] == []


def test_every_environment_has_a_root_that_builds_it():
    roots = applications(OVERLAYS, "roots")
    assert {app["spec"]["source"]["path"] for app in roots.values()} == {f"overlays/{name}" for name in ENVIRONMENTS}
    assert set(roots) == {f"argocd/root-{name}" for name in ENVIRONMENTS}


def test_nothing_is_pruned_without_a_question():
    """The sync option on the root does it in Argo CD 3.4; the annotation on each child in older ones, too."""
    for root in applications(OVERLAYS, "roots").values():
        assert "Prune=confirm" in root["spec"]["syncPolicy"]["syncOptions"]
        assert "finalizers" not in root["metadata"]
    for app in every_application():
        assert app["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=confirm"
        assert "finalizers" not in app["metadata"]


# What a change touches


def test_new_service_file_adds_only_its_applications(overlays):
    before = everything(overlays)
    (overlays / "prod" / "services" / "wishlist.yaml").write_text(
        "{global: {name: wishlist}, source: {path: wishlist/prod}}"
    )
    after = everything(overlays)

    assert changed(before["prod"], after["prod"]) == {
        "argocd/wishlist-prod-cluster-a",
        "argocd/wishlist-prod-cluster-b",
    }
    assert changed(before["dr-drill"], after["dr-drill"]) == {"argocd/wishlist-dr-drill-cluster-b"}
    assert {name for name in ENVIRONMENTS if before[name] != after[name]} == {"prod", "dr-drill"}


def test_new_cluster_changes_nothing_until_it_is_enabled(overlays):
    before = everything(overlays)
    add(overlays / "shared" / "clusters.yaml", "cluster-E: {destination: {server: https://10.0.4.10:6443}}\n")
    assert everything(overlays) == before

    add(overlays / "dev" / "common-values.yaml", "cluster-E: {enable: true}\n")
    after = everything(overlays)
    assert changed(before["dev"], after["dev"]) == {
        f"argocd/{service}-dev-cluster-e" for service in ("catalog", "payments", "storefront")
    }
    assert all(
        app["spec"]["destination"]["server"] == "https://10.0.4.10:6443"
        for name, app in after["dev"].items()
        if name.endswith("cluster-e")
    )
    assert {name for name in ENVIRONMENTS if before[name] != after[name]} == {"dev"}


HOST = "- {{name: e-{0}-{1}, namespace: clusters, labels: {{example.com/cluster: e, example.com/role: {0}}}}}\n"
HOSTS = "".join(HOST.format(role, number) for role in ("control-plane", "worker") for number in "12")
STEPS_FOR_A_CLUSTER = {
    "management/hosts.yaml": ("", HOSTS),
    "shared/clusters.yaml": ("", "cluster-E: {from: ../management/clusters/cluster-e.yaml}\n"),
    "management/clusters/Kustomization": ("cluster-d.yaml", ", cluster-e.yaml"),
    "projects/dev.yaml": ("  destinations:\n", "    - {name: cluster-e, namespace: dev}\n"),
}
"""What README.md tells to edit when a cluster is added: after what, or at the end of the file, and what is added."""


def add_cluster_e(overlays: Path, but: str = "") -> None:
    shutil.copy(OVERLAYS.parent / ".kloom.yaml", overlays.parent)
    clusters = overlays / "management" / "clusters"
    copy = (clusters / "cluster-d.yaml").read_text()
    for old, new in {"cluster-d": "cluster-e", "cluster: d": "cluster: e", "10.0.3.10": "10.0.4.10"}.items():
        copy = copy.replace(old, new)
    (clusters / "cluster-e.yaml").write_text(copy)
    for name, (after, addition) in STEPS_FOR_A_CLUSTER.items():
        text = (overlays / name).read_text()
        if name != but:
            (overlays / name).write_text(text.replace(after, after + addition) if after else text + addition)
    add(overlays / "dev" / "common-values.yaml", "cluster-E: {enable: true}\n")


def test_a_cluster_is_added_as_readme_tells(overlays, kloom):
    add_cluster_e(overlays)
    validated = run(kloom, "validate", at=overlays.parent)
    assert validated.returncode == 0, validated.stdout
    assert run(kloom, "schema", "--check", "overlays", at=overlays.parent).returncode == 1
    assert run(kloom, "schema", "--write", "overlays", at=overlays.parent).returncode == 0
    assert run(kloom, "schema", "--check", "overlays", at=overlays.parent).returncode == 0
    assert {"argocd/catalog-dev-cluster-e", "argocd/catalog-dev-cluster-c"} <= applications(overlays, "dev").keys()


@pytest.mark.parametrize("forgotten", STEPS_FOR_A_CLUSTER)
def test_a_step_that_is_forgotten_is_told(forgotten, overlays, kloom):
    add_cluster_e(overlays, but=forgotten)
    readme = (OVERLAYS / "README.md").read_text().split("**Add a cluster:**")[1]
    assert f"`{forgotten}`" in readme.split("**Add an environment")[0] or forgotten.startswith("projects/")
    assert run(kloom, "validate", at=overlays.parent).returncode == 1


def run(*command: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_names_and_order_of_service_files_do_not_matter(name, overlays):
    before = render(str(overlays / name)).objects
    for index, path in enumerate(sorted((overlays / name / "services").iterdir(), reverse=True)):
        path.rename(path.with_name(f"{index:02}.yaml"))
    assert render(str(overlays / name)).objects == before


def test_failover_swaps_what_two_clusters_run_and_nothing_else(overlays):
    before = everything(overlays)
    swap_roles(overlays / "shared" / "clusters.yaml", "cluster-A", "cluster-B")
    after = everything(overlays)

    assert {name for name in ENVIRONMENTS if before[name] != after[name]} == {"prod", "platform"}
    assert before["prod"].keys() == after["prod"].keys()
    moved = {name: changed(before[name], after[name]) for name in ("prod", "platform")}
    assert moved["prod"] == before["prod"].keys()
    assert moved["platform"] == {f"argocd/external-dns-platform-cluster-{letter}" for letter in "ab"}
    for name, apps in moved.items():
        assert on("cluster-A", after[name], apps) == on("cluster-B", before[name], apps)
        assert on("cluster-B", after[name], apps) == on("cluster-A", before[name], apps)


def test_readme_shows_what_a_failover_changes(overlays):
    inventory = (overlays / "shared" / "clusters.yaml").read_text()
    of_roles, of_orders = re.findall(r"```diff\n(.*?)```", (OVERLAYS / "README.md").read_text(), re.DOTALL)
    orders = "argocd/orders-prod-cluster-a"
    before = applications(overlays, "prod")[orders]
    swap_roles(overlays / "shared" / "clusters.yaml", "cluster-A", "cluster-B")

    assert shown(of_roles) == changed_lines(inventory, (overlays / "shared" / "clusters.yaml").read_text())
    assert shown(of_orders) == changed_lines(lines_of(before), lines_of(applications(overlays, "prod")[orders]))


def on(cluster: str, made: dict[str, dict], names: set[str]) -> list[str]:
    """What of these Applications runs on one cluster, without what tells that it is this one."""
    made_from = yaml.safe_load((OVERLAYS / "management" / "clusters" / f"{cluster.lower()}.yaml").read_text())
    server = f"https://{made_from['controlPlaneEndpoint']['host']}:6443"
    there = [made[name] for name in names if made[name]["spec"]["destination"]["server"] == server]
    contents = ([app["metadata"].get("labels"), app["spec"]] for app in there)
    return sorted(json.dumps(content, sort_keys=True).replace(server, "") for content in contents)


def add(path: Path, line: str) -> None:
    path.write_text(path.read_text() + line)


def swap_roles(inventory: Path, one: str, other: str) -> None:
    blocks = re.split(r"^(?=cluster-)", inventory.read_text(), flags=re.MULTILINE)
    swapped = {"role: active": "role: standby", "role: standby": "role: active"}
    inventory.write_text(
        "".join(
            re.sub("role: (active|standby)", lambda match: swapped[match[0]], block)
            if block.startswith((one, other))
            else block
            for block in blocks
        )
    )


def lines_of(application: dict) -> str:
    return yaml.safe_dump(application)


def shown(diff: str) -> list[str]:
    """The changed lines of a diff, without their indentation."""
    return sorted(line[0] + line[1:].strip() for line in diff.splitlines() if line.startswith(("+", "-")))


def changed_lines(before: str, after: str) -> list[str]:
    diff = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return shown("\n".join(diff))
