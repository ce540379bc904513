"""The whole chain: from a commit of values, through kloom in the repo server, to Applications and their clusters."""

from __future__ import annotations

import pytest
from applications import changed, errors, operation, said_in_git, without
from argocd_installation import BUILD_OPTIONS
from processes import wait_until

A, B = "https://10.0.0.10:6443", "https://10.0.1.10:6443"  # active and standby
WISHLIST = """
global: {name: wishlist}
source: {path: storefront/prod, targetRevision: main}
cluster-B: {enable: false}
"""


# What Git says comes to be


def test_every_child_that_the_build_prints_is_there_and_accepted(chain):
    chain.wait_until_compared()
    children = chain.children()
    assert children.keys() == chain.build("prod").keys()
    assert {name: errors(one) for name, one in children.items() if errors(one)} == {}
    chain.hold_against_the_build()


def test_a_commit_to_one_services_file_changes_its_children_alone(chain):
    chain.replace("services/storefront.yaml", "targetRevision: v2.8.1", "targetRevision: main")
    assert chain.push("A release") == {"storefront-prod-cluster-a", "storefront-prod-cluster-b"}


def test_what_a_file_says_of_one_cluster_changes_that_child_alone(chain):
    chain.append("services/storefront.yaml", "cluster-B: {additionalLabels: {example.com/canary: first}}")
    assert chain.push("A canary") == {"storefront-prod-cluster-b"}


def test_only_what_has_changed_is_applied(chain):
    chain.append("services/storefront.yaml", "cluster-B: {additionalLabels: {example.com/canary: first}}")
    chain.push("A canary")
    applied = operation(chain.applications[chain.root])["syncResult"]["resources"]
    assert [one["name"] for one in applied] == ["storefront-prod-cluster-b"]


def test_a_service_file_more_is_an_application_more(chain):
    chain.path("services/wishlist.yaml").write_text(WISHLIST)
    assert chain.push("A service") == {"wishlist-prod-cluster-a"}


def remove_reports(chain):
    """Commit that a service is gone; the answer is the revision, at which Argo CD asks before it removes anything."""
    before = chain.children()
    chain.path("services/reports.yaml").unlink()
    revision = chain.refresh("No reports any more")
    chain.wait_until_it_asks("reports-prod-cluster")
    assert changed(before, chain.children()) == set()
    return revision


def test_a_service_file_less_removes_its_applications_once_that_is_confirmed(chain):
    before = chain.children()
    revision = remove_reports(chain)
    chain.confirm()
    chain.wait_until_synced(revision)
    assert changed(before, chain.children()) == {"reports-prod-cluster-a", "reports-prod-cluster-b"}
    assert "reports" in chain.replicas(A), "without a finalizer its workloads are left"


def test_a_removal_that_nobody_confirms_can_be_taken_back(chain):
    before = chain.children()
    remove_reports(chain)
    chain.terminate()
    chain.take_back()
    assert changed(before, chain.children()) == set()


def swap_the_roles(chain):
    inventory = chain.path("../shared/clusters.yaml")
    pair, rest = inventory.read_text().split("cluster-C:")
    swapped = {"active": "standby", "standby": "active"}
    lines = [
        line.replace(role := line.split()[-1], swapped[role]) if "  role:" in line else line
        for line in pair.splitlines()
    ]
    inventory.write_text("\n".join([*lines, f"cluster-C:{rest}"]))


def test_a_failover_moves_the_roles_and_nothing_else(chain):
    others = {name: chain.build(name) for name in ("dev", "test", "stage", "perf")}
    before = chain.children()
    swap_the_roles(chain)
    assert chain.push("Fail over") == before.keys()
    after = chain.children()
    assert {name: chain.build(name) for name in others} == others
    for name, old in before.items():
        assert after[name]["metadata"]["uid"] == old["metadata"]["uid"]
        assert place(after[name]) == place(old)
        assert role(after[name]) == role(before[counterpart(name)])


def counterpart(name):
    """The Application of the same service on the other cluster of the pair."""
    kept = {"ledger-production": "ledger-prod-cluster-b", "ledger-prod-cluster-b": "ledger-production"}
    a, b = "-cluster-a", "-cluster-b"
    return kept.get(name) or (name.replace(a, b) if name.endswith(a) else name.replace(b, a))


def place(application):
    return application["spec"]["destination"]


def role(application):
    """All that an Application says, but where it goes."""
    return without(said_in_git(application), "spec.destination")


def test_a_failover_reaches_the_clusters(chain):
    chain.wait_until_replicas({A: {"storefront": 3}, B: {"storefront": 1, "ledger": 0}})
    swap_the_roles(chain)
    chain.push("Fail over")
    chain.wait_until_replicas({A: {"storefront": 1, "ledger": 0}, B: {"storefront": 3}})
    assert chain.replicas(B)["ledger"] == 0, "nobody has synced the ledger that is active now"


# What fails leaves all as it is


@pytest.fixture
def untouched(chain):
    """Fail if the root syncs anything while the test runs, or a child is another one afterwards."""
    before, synced = chain.children(), operation(chain.applications[chain.root])
    yield
    assert changed(before, chain.children()) == set()
    assert operation(chain.applications[chain.root]) == synced


def complaint(chain):
    return "\n".join(errors(chain.applications[chain.root]))


@pytest.mark.usefixtures("untouched")
def test_a_broken_values_file_is_told_with_its_line_and_changes_nothing(chain):
    chain.replace("services/orders.yaml", "  chart: orders\n", "  chrt: orders\n")
    chain.refresh("Broken")
    line = 1 + chain.path("services/orders.yaml").read_text().splitlines().index("  chrt: orders")
    assert f"services/orders.yaml:{line}:3: source.chrt: unknown key (did you mean chart?)" in complaint(chain)


@pytest.mark.usefixtures("untouched")
def test_all_findings_are_told(chain):
    chain.replace("services/orders.yaml", "  chart: orders\n", "  chrt: orders\n")
    chain.append("services/reports.yaml", "clusterB: {enable: true}")
    chain.refresh("Broken")
    assert "services/orders.yaml:" in complaint(chain)
    assert "clusterB: unknown key" in complaint(chain)


@pytest.fixture
def without_the_flag(chain):
    chain.argocd.configure(kustomize_buildOptions="")
    yield
    chain.argocd.configure(kustomize_buildOptions=BUILD_OPTIONS)


@pytest.fixture
def without_the_plugin(chain):
    chain.argocd.uninstall_kloom()
    yield
    chain.argocd.install_kloom()


def looked_again(chain, sentence):
    """Whether Argo CD tells the sentence once it looks anew at what it has cached."""
    chain.applications.refresh(chain.root, hard=True)
    return sentence in complaint(chain)


@pytest.mark.usefixtures("without_the_flag", "untouched")
def test_a_lost_flag_is_told_and_prunes_nothing(chain):
    sentence = "external plugins disabled; unable to load external plugin 'ApplicationGenerator'"
    wait_until(lambda: looked_again(chain, sentence), "the lost flag is not told", details=lambda: complaint(chain))


@pytest.mark.usefixtures("without_the_plugin", "untouched")
def test_a_lost_plugin_is_told_and_prunes_nothing(chain):
    sentence = "expected file with Go object code"
    wait_until(lambda: looked_again(chain, sentence), "the lost plugin is not told", details=lambda: complaint(chain))


# By the plugin of a sidecar, in place of the plugin home


@pytest.fixture
def by_sidecar(chain):
    """The chain with a root Application that names the plugin."""
    chain.replace(
        "../roots/common-values.yaml", "  targetRevision: main\n", "  targetRevision: main\n  plugin: {name: kloom}\n"
    )
    chain.apply_root()
    chain.push("By the sidecar")
    return chain


def test_the_sidecar_makes_the_same_children(by_sidecar):
    assert "plugin" in by_sidecar.applications[by_sidecar.root]["spec"]["source"]
    by_sidecar.append("services/storefront.yaml", "cluster-B: {additionalLabels: {example.com/canary: first}}")
    assert by_sidecar.push("A canary") == {"storefront-prod-cluster-b"}


@pytest.mark.usefixtures("by_sidecar", "untouched")
def test_the_sidecar_tells_the_line_too(chain):
    chain.append("services/orders.yaml", "clusterB: {enable: true}")
    chain.refresh("Broken")
    line = len(chain.path("services/orders.yaml").read_text().splitlines())
    assert f"services/orders.yaml:{line}:1: clusterB: unknown key" in complaint(chain)
