"""The schemas for editors: current where they are committed, led to by every sample, and as strict as the build."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from kloom import editor_schemas
from kloom.catalog import FUNCTIONS
from kloom.cli import main
from kloom.sdk.result import Refusal
from kloom.values.helm_yaml import HELM

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = [
    path
    for path in sorted((ROOT / "overlays").rglob("*.yaml"))
    if path.name != "kustomization.yaml" and not {"components", "manifests", "projects"} & {*path.parts}
]
CLUSTERS = ("cluster-A", "cluster-B", "cluster-C", "cluster-D")


def schema_of(path: Path) -> Path:
    """The schema that a file's modeline leads to."""
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
    assert found, f"{path}: the first line must name its schema"
    return path.parent / found[1]


def files(folder: Path) -> Iterator[Path]:
    return (folder / editor_schemas.FOLDER).rglob("*.json")


def violations(schema: dict[str, Any], text: str) -> list[str]:
    return [error.message for error in Draft7Validator(schema).iter_errors(HELM.document(text))]


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property below a schema, and where it stands."""
    if isinstance(schema, dict):
        for name, below in schema.get("properties", {}).items():
            yield f"{path}/{name}", below
        for name, below in schema.items():
            yield from properties(below, f"{path}/{name}")
    elif isinstance(schema, list):
        for below in schema:
            yield from properties(below, path)


def resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        steps = schema["$ref"].removeprefix("#/").split("/")
        schema = whole
        for step in steps:
            schema = schema[step]
    return schema


def test_the_committed_schemas_are_current() -> None:
    assert editor_schemas.outdated(str(ROOT / "overlays")) == [], "run kloom schema --write overlays"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sample_conforms_to_the_schema_that_it_names(path: Path) -> None:
    schema = schema_of(path)
    assert schema.resolve() in files(ROOT / "overlays")
    assert violations(HELM.document(schema.read_text()), path.read_text()) == []


@pytest.mark.parametrize("name", editor_schemas.NAMES)
def test_every_property_is_described_and_every_schema_valid(name: str) -> None:
    schema = editor_schemas.schema(name, CLUSTERS)
    Draft7Validator.check_schema(schema)
    found = list(properties(schema))
    assert found
    assert [path for path, below in found if not resolved(below, schema).get("description")] == []


def test_there_is_one_for_each_kind() -> None:
    assert set(FUNCTIONS) < set(editor_schemas.NAMES)


def test_unknown_keys_clusters_and_nulls() -> None:
    schema = editor_schemas.schema("values", ["cluster-A"])
    assert violations(schema, "cluster-A: {enable: true, source: null, clusterLabels: {a: null}}") == []
    assert violations(schema, "roles: {active: null}\nglobal: {labels: {a: null}}\nsources: null") == []
    for mistake in ("cluster-B: {}", "cluster-A: {enabel: true}", "info: [{name: null, value: a}]", "cluster-A: null"):
        assert len(violations(schema, mistake)) == 1, mistake


def test_an_inline_inventory_is_checked_as_one_in_a_file() -> None:
    schema = editor_schemas.schema("ApplicationGenerator")
    config = "apiVersion: kloom.dev/v1alpha1\nkind: ApplicationGenerator\nmetadata: {name: a}\nspec: "
    for clusters in ("a.yaml", "{items: b}", "{items: {enable: true}}", "{cluster-A: {role: a}, source: {path: a}}"):
        assert violations(schema, f"{config}{{services: a, clusters: {clusters}}}") == []
    assert len(violations(schema, f"{config}{{services: a, clusters: {{cluster-A: {{rule: active}}}}}}")) == 1


def test_a_cluster_is_checked_in_its_file_and_in_the_config() -> None:
    config = "apiVersion: kloom.dev/v1alpha1\nkind: ByohClusterGenerator\nmetadata: {name: a}\nspec: {clusters: "
    for cluster, mistakes in (
        ("{name: a, controlPlane: {replicas: 3, machineHealthCheck: null}, workers: {a: null}}", 0),
        ("{controlPlane: {replica: 3}}", 1),
        ("{machines: {taints: [{key: a, effect: NoRun}]}}", 1),
    ):
        assert len(violations(editor_schemas.schema("cluster"), cluster)) == mistakes
        assert len(violations(editor_schemas.schema("ByohClusterGenerator"), f"{config}{{a: {cluster}}}}}")) == mistakes
    for clusters in ("a.yaml", "[a.yaml, {items: b}]", "{items: b}"):
        assert violations(editor_schemas.schema("ByohClusterGenerator"), f"{config}{clusters}}}") == []


def test_an_inventory_may_say_shared_fields_and_names_any_cluster() -> None:
    schema = editor_schemas.schema("inventory")
    assert violations(schema, "source: {path: a}\nroles: {active: {}}\ncluster-Z: {role: active}") == []
    assert len(violations(schema, "cluster_Z: {}")) == 1
    assert len(violations(schema, "cluster-Z: {source: {pth: a}}")) == 1


# The command


def test_writing_again_changes_nothing(overlays: Path) -> None:
    assert not any(written for _, written in editor_schemas.write(str(overlays)))


def test_a_new_cluster_is_one_line_more(overlays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = overlays / editor_schemas.FOLDER / "values/shared/clusters.json"
    before = path.read_text()
    inventory = overlays / "shared/clusters.yaml"
    inventory.write_text(inventory.read_text() + "cluster-E: {}\n")
    assert main(["schema", "--check", str(overlays)]) == 1
    assert capsys.readouterr().err == f"{path}: is out of date: run kloom schema --write {overlays}\n"
    assert main(["schema", "--write", str(overlays)]) == 0
    assert main(["schema", "--check", str(overlays)]) == 0
    assert set(path.read_text().split()) - set(before.split()) == {'"cluster-E":'}


def test_a_schema_that_nothing_needs_is_removed_and_others_files_stay(overlays: Path) -> None:
    folder = overlays / editor_schemas.FOLDER
    (folder / "own.json").write_text("{}")
    shutil.rmtree(overlays / "roots")
    assert editor_schemas.outdated(str(overlays)) == [str(folder / "values/roots/applications.json")]
    list(editor_schemas.write(str(overlays)))
    assert not (folder / "values/roots/applications.json").exists()
    assert (folder / "own.json").exists()


@pytest.mark.parametrize(
    ("path", "clusters"),
    [("shared/clusters.yaml", CLUSTERS), ("dev", CLUSTERS), ("roots", ("management",))],
)
def test_a_schema_on_stdout(overlays: Path, path: str, clusters: tuple[str, ...], capsys: Any) -> None:
    assert main(["schema", "values", "--clusters", str(overlays / path)]) == 0
    assert capsys.readouterr().out == editor_schemas.text_of(editor_schemas.schema("values", clusters))


def test_clusters_of_common_files_are_called_as_the_file_or_the_config(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    head = "apiVersion: kloom.dev/v1alpha1\nkind: ApplicationGenerator\nmetadata: {name: a}\n"
    for name, common in (("one", "../common.yaml"), ("two", "[../common.yaml, own.yaml]")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kustomization.yaml").write_text("generators: [apps.yaml]")
        (tmp_path / name / "apps.yaml").write_text(f"{head}spec: {{services: s, common: {common}}}")
    (tmp_path / "common.yaml").write_text("cluster-A: {enable: true}")
    (tmp_path / "two/own.yaml").write_text("cluster-B: {enable: true}")
    list(editor_schemas.write(str(tmp_path)))
    written = [str(path.relative_to(tmp_path / editor_schemas.FOLDER)) for path in files(tmp_path)]
    assert [name for name in sorted(written) if name.startswith("values")] == [
        "values/common.json",
        "values/two/apps.json",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--clusters", "none.yaml"], "none.yaml: no such file"),
        (["--clusters", "dev/services"], "dev/services: must be an inventory, or a kustomization"),
        (["Applications"], "Applications: there is no such schema, but ApplicationGenerator"),
        (["--write", "none"], "none: must be a folder"),
    ],
)
def test_a_mistake_is_a_sentence(
    words: list[str], told: str, overlays: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(overlays)
    assert main(["schema", *words]) == 1
    assert capsys.readouterr().err.startswith(told)


def test_what_a_build_refuses_is_told_with_its_place(overlays: Path) -> None:
    (overlays / "shared/clusters.yaml").write_text("a b: {}\n")
    with pytest.raises(Refusal, match=r"shared/clusters.yaml:1:1: .*a cluster's name must match"):
        list(editor_schemas.write(str(overlays)))


def test_nothing_is_written_through_a_link(overlays: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(overlays / ".kloom")
    (overlays / ".kloom").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refusal, match="must not be a symbolic link"):
        list(editor_schemas.write(str(overlays)))
    assert not any((tmp_path / "elsewhere").iterdir())


def test_init_writes_schemas_that_fit_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert main(["init", str(tmp_path)]) == 0
    written = [path for path in sorted(tmp_path.rglob("*.yaml")) if path.name != "kustomization.yaml"]
    assert len(written) == 5
    for path in written:
        assert violations(HELM.document(schema_of(path).read_text()), path.read_text()) == []
    assert main(["schema", "--check", str(tmp_path / "overlays")]) == 0
