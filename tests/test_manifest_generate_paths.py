"""Which paths an Application's manifests are made from: each way in which one file leads to another."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.file_references import Unknown
from kloom.manifest_generate_paths import outermost
from kloom.source_files import SourceFiles
from kloom.values.files import Repository

CONFIG = {"apiVersion": "kloom.dev/v1alpha1", "kind": "ApplicationGenerator", "metadata": {"name": "dev"}}


@pytest.fixture
def repository(tmp_path):
    """Write files, given as path and content, into a repository; the paths that a source or a whole spec reads."""
    (tmp_path / ".git").mkdir()

    def written(files, source=None, **spec):
        for path, content in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content if isinstance(content, str) else json.dumps(content))
        files_of = SourceFiles(Repository(str(tmp_path)))
        return outermost(files_of.of_spec(spec or {"source": source or {"path": "app"}}))

    written.root = tmp_path
    return written


def test_manifests_are_their_folder(repository):
    assert repository({"app/cart.yaml": "kind: ConfigMap\n", "other/a.yaml": ""}) == ["app"]


def test_a_kustomization_is_what_it_refers_to_and_so_on(repository):
    files = {
        "app/kustomization.yaml": {"resources": ["../base", "cart.yaml"], "components": ["traits/large"]},
        "base/kustomization.yml": {"resources": ["cart.yaml"], "helmGlobals": {"chartHome": "../charts"}},
        "app/traits/large/kustomization.yaml": {"kind": "Component", "components": ["../../../traits/fast"]},
        "traits/fast/Kustomization": {"kind": "Component"},
        "charts/a/Chart.yaml": {"name": "a"},
    }
    assert repository(files) == ["app", "base", "charts", "traits/fast"]


@pytest.mark.parametrize(
    "field",
    [
        {"configMapGenerator": [{"name": "a", "files": ["key=../b.txt"]}]},
        {"patches": [{"path": "../b.txt"}]},
        {"helmCharts": [{"name": "a", "additionalValuesFiles": ["../b.txt"]}]},
        {"openapi": {"path": "../b.txt"}},
        {"a field that is still to come": "../b.txt"},
    ],
)
def test_every_file_outside_of_the_folder_counts_whatever_the_field(field, repository):
    assert repository({"app/kustomization.yaml": field, "b.txt": ""}) == ["app", "b.txt"]


def test_what_is_fetched_stands_in_no_path(repository):
    remote = ["https://github.com/example/a//b?ref=v1", "github.com/example/a", "git@github.com:example/a.git"]
    assert repository({"app/kustomization.yaml": {"resources": remote}}) == ["app"]


def test_circles_come_to_an_end(repository):
    files = {"app/kustomization.yaml": {"resources": ["../b"]}, "b/kustomization.yaml": {"resources": ["../app"]}}
    assert repository(files) == ["app", "b"]


def test_kloom_reads_what_its_config_names(repository):
    spec = {
        "clusters": "../clusters.yaml",
        "common": ["../shared/*.yaml", "common.yaml"],
        "services": ["services/*.yaml", "../prod/[a-m]*/service.yaml"],
    }
    files = {"app/kustomization.yaml": {"generators": ["config.yaml"]}, "app/config.yaml": {**CONFIG, "spec": spec}}
    files["clusters.yaml"] = {"cluster-A": {"destination": {"name": "a"}}}
    assert repository(files) == ["app", "clusters.yaml", "prod", "shared"]  # new files of a glob count, too


def test_an_inventory_takes_endpoints_from_other_files(repository):
    files = {
        "app/kustomization.yaml": {"transformers": ["config.yaml"]},
        "app/config.yaml": {**CONFIG, "spec": {"clusters": "../shared/clusters.yaml"}},
        "shared/clusters.yaml": {"a": {"from": "../clusters/a.yaml"}, "b": {"destination": {"name": "b"}}},
    }
    assert repository(files) == ["app", "clusters/a.yaml", "shared/clusters.yaml"]


def test_a_config_may_stand_in_the_kustomization(repository):
    config = json.dumps({**CONFIG, "spec": {"services": "../services/*.yaml"}}) + "\n"
    assert repository({"app/kustomization.yaml": {"generators": [config]}}) == ["app", "services"]


def test_symbolic_links_lead_to_what_they_name(repository):
    (repository.root / "app").mkdir()
    (repository.root / "app/chart").symlink_to("../charts/cart")
    (repository.root / "app/values.yaml").symlink_to("../shared/values.yaml")
    (repository.root / "app/outside").symlink_to("/etc/hostname")
    files = {"charts/cart/Chart.yaml": {"name": "cart"}, "shared/values.yaml": ""}
    assert repository(files) == ["app", "charts/cart", "shared/values.yaml"]


def test_a_folder_behind_a_symbolic_link(repository):
    (repository.root / "app").symlink_to("versions/one")
    files = {"versions/one/kustomization.yaml": {"resources": ["../two"]}, "versions/two/kustomization.yaml": {}}
    assert repository(files) == ["app", "versions/one", "versions/two"]


def test_every_symbolic_link_on_the_way_counts(repository):
    (repository.root / "shared").mkdir()
    (repository.root / "shared/current").symlink_to("stable")
    (repository.root / "shared/stable").symlink_to("../versions/one")
    files = {
        "app/kustomization.yaml": {"generators": ["config.yaml"]},
        "app/config.yaml": {**CONFIG, "spec": {"common": "../shared/current/values.yaml"}},
        "versions/one/values.yaml": "",
    }
    links = ["shared/current", "shared/stable", "versions/one"]
    assert repository(files) == ["app", *links]


def test_symbolic_links_in_circles_come_to_an_end(repository):
    (repository.root / "app").mkdir()
    for name in "abcdefgh":
        (repository.root / "app" / name).symlink_to(".")
    (repository.root / "app/itself").symlink_to("itself/again")
    assert repository({"app/kustomization.yaml": {"resources": [*"abcdefgh", "itself"]}}) == ["app"]


def test_nothing_outside_of_the_repository_is_looked_at(repository):
    (repository.root / "app").mkdir()
    (repository.root / "app/all").symlink_to("/")
    assert repository({"app/kustomization.yaml": {"resources": ["all", "all/etc"]}}) == ["app"]


def test_a_glob_of_inventories(repository):
    files = {
        "app/kustomization.yaml": {"generators": ["config.yaml"]},
        "app/config.yaml": {**CONFIG, "spec": {"clusters": "../shared/clusters-*.yaml"}},
        "shared/clusters-a.yaml": {"a": {"from": "../clusters/a.yaml"}},
    }
    assert repository(files) == ["app", "clusters/a.yaml", "shared"]


def test_an_inventory_that_is_not_there_yet_counts(repository):
    files = {
        "app/kustomization.yaml": {"generators": ["config.yaml"]},
        "app/config.yaml": {**CONFIG, "spec": {"clusters": "../shared/clusters.yaml"}},
    }
    assert repository(files) == ["app", "shared/clusters.yaml"]


def test_an_inventory_that_is_broken_counts(repository):
    files = {
        "app/kustomization.yaml": {"generators": ["config.yaml"]},
        "app/config.yaml": {**CONFIG, "spec": {"clusters": "../shared/clusters.yaml"}},
        "shared/clusters.yaml": "a: [",
    }
    assert repository(files) == ["app", "shared/clusters.yaml"]


def test_roots_that_are_made_by_a_root_depend_on_all_that_they_name(repository):
    config = {**CONFIG, "spec": {"services": "*.yaml", "manifestGeneratePaths": "https://example.com"}}
    assert repository({"app/kustomization.yaml": {"generators": ["c.yaml"]}, "app/c.yaml": config}) == [""]


@pytest.mark.parametrize(
    "kustomization",
    ["[]", "a", "generators: 5", "generators: [{a: b}, 5, null]", "resources: {a: [../b, 5]}", "transformers: a.yaml"],
)
def test_a_kustomization_that_is_none_is_read_as_far_as_it_goes(kustomization, repository):
    assert "app" in repository({"app/kustomization.yaml": kustomization})


@pytest.mark.parametrize(
    "config", ["[]", "a", "{apiVersion: kloom.dev/v1alpha1, spec: a}", "{apiVersion: builtin, spec: [a]}"]
)
def test_a_config_that_is_none_too(config, repository):
    files = {"app/kustomization.yaml": {"generators": ["config.yaml"]}, "app/config.yaml": config}
    assert repository(files) == ["app"]


def test_a_chart_is_the_charts_beside_it_that_it_needs(repository):
    dependencies = [{"name": "a", "repository": "file://../a"}, {"name": "b", "repository": "https://example.com"}]
    files = {"app/Chart.yaml": {"dependencies": dependencies}, "a/Chart.yaml": {"name": "a"}}
    assert repository(files) == ["a", "app"]


def test_values_files_of_helm(repository):
    helm = {
        "valueFiles": ["values.yaml", "../b/values.yaml", "/c/values.yaml", "https://example.com/d.yaml"],
        "fileParameters": [{"name": "e", "path": "../e.txt"}],
    }
    source = {"path": "app", "helm": helm}
    assert repository({"app/Chart.yaml": {}}, source) == ["app", "b/values.yaml", "c/values.yaml", "e.txt"]


def test_values_files_of_a_ref(repository):
    chart = {"chart": "cart", "helm": {"valueFiles": ["$values/cart/dev/values.yaml"]}}
    assert repository({}, sources=[chart, {"ref": "values"}]) == ["cart/dev/values.yaml"]


def test_components_that_argo_cd_adds(repository):
    source = {"path": "app", "kustomize": {"components": ["../traits"]}}
    assert repository({"app/kustomization.yaml": {}, "traits/kustomization.yaml": {}}, source) == ["app", "traits"]


def test_the_environment_of_klooms_own_plugin(repository):
    parameters = [{"name": "environment", "string": "dev"}]
    source = {"path": "overlays", "plugin": {"name": "kloom", "parameters": parameters}}
    files = {"overlays/dev/kustomization.yaml": {"resources": ["../base"]}, "overlays/base/kustomization.yaml": {}}
    assert repository(files, source) == ["overlays/base", "overlays/dev"]


def test_the_root_is_everything(repository):
    assert repository({"kustomization.yaml": {"resources": ["a"]}, "a/b.yaml": ""}, {"path": "."}) == [""]


def test_paths_inside_of_others_are_left_out():
    assert outermost(["a/c", "a-b", "a", "a/b/c", "b/c", "b/cd"]) == ["a", "a-b", "b/c", "b/cd"]


@pytest.mark.parametrize(
    ("files", "source", "why"),
    [
        ({}, {"path": "app"}, "app: no such folder in this repository (the Git repository around the kustomization)"),
        ({"app/a.yaml": ""}, {"path": "app", "plugin": {"name": "cdk8s"}}, "a plugin may read any file"),
        ({"app/a.jsonnet": ""}, {"path": "app"}, "app: Jsonnet may import what it likes"),
        ({"app/a": ""}, {"path": "app", "directory": {"jsonnet": {"libs": ["b"]}}}, "Jsonnet may import what it likes"),
        (
            {"app/kustomization.yaml": {"transformers": ["a.yaml"]}, "app/a.yaml": {"apiVersion": "b/v1", "kind": "C"}},
            {"path": "app"},
            "app: C of b is a function, which reads what it likes",
        ),
        (
            {"app/kustomization.yaml": {"generators": ["configs"]}, "app/configs/kustomization.yaml": {}},
            {"path": "app"},
            "app: configs may hold configs of functions, which read what they like",
        ),
        (
            {"app/kustomization.yaml": "resources: [\n"},
            {"path": "app"},
            "app/kustomization.yaml: no valid YAML",
        ),
        (
            {"app/kustomization.yaml": {"generators": ["config.yaml"]}},
            {"path": "app"},
            "app/config.yaml: no such file",
        ),
        ({"a;b/c.yaml": ""}, {"path": "a;b"}, "a;b: Argo CD takes what stands before ; for a path"),
        (
            {"app/Chart.yaml": {}},
            {"path": "app", "helm": {"valueFiles": ["$ARGOCD_APP_NAME.yaml"]}},
            "holds a variable",
        ),
    ],
)
def test_what_cannot_be_told(files, source, why, repository):
    with pytest.raises(Unknown) as unknown:
        repository(files, source)
    assert why in str(unknown.value)


TEXTS = st.sampled_from(
    ["", ".", "..", "../b", "a", "config.yaml", "a=../b", "kloom.dev/v1", "file://../b", "**/*", "a\nb"]
)
KEYS = st.sampled_from(["generators", "resources", "spec", "clusters", "apiVersion", "dependencies", "from", "a"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(kustomization=DATA, config=DATA, chart=DATA)
def test_whatever_stands_in_the_files_is_read_or_told(kustomization, config, chart):
    with TemporaryDirectory() as root:
        for folder in (".git", "app"):
            Path(root, folder).mkdir()
        for name, data in {"kustomization": kustomization, "config": config, "Chart": chart}.items():
            Path(root, f"app/{name}.yaml").write_text(json.dumps(data))
        try:
            found = SourceFiles(Repository(root)).of_spec({"source": {"path": "app"}})
        except Unknown:
            return
    assert "app" in found
    assert not any(path.startswith(("/", "..")) for path in found)
