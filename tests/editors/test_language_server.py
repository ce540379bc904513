"""What a person sees who edits the samples in an editor that has yaml-language-server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kloom import editor_schemas

ROOT = Path(__file__).resolve().parents[2]
MODELINE = "# yaml-language-server: $schema="
SERVICE = Path("dev/services/payments.yaml")
VALUES = "# yaml-language-server: $schema=../../.kloom/schemas/values/shared/clusters.json\n"


def with_modeline(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.yaml")) if path.read_text().startswith(MODELINE)]


def test_the_samples_show_nothing_underlined(editor: Any, overlays: Path) -> None:
    files = with_modeline(overlays)
    assert len(files) > 50
    found = editor.open_all({path: path.read_text() for path in files})
    assert {path: told for path, told in found.items() if told} == {}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("global:\n  name: payments\nsorce: {}\n", 3, "sorce"),
        ("source:\n  pth: payments/dev\n", 2, "pth"),
        ("roles:\n  active:\n    syncPolicy: {automatic: {}}\n", 3, "automatic"),
        ("cluster-C:\n  enable: perhaps\n", 2, "boolean"),
        ("cluster-E:\n  enable: true\n", 1, "cluster-E"),
        ("sources:\n- repoURL: null\n", 2, "string"),
        ("syncPolicy:\n  syncOptions: [true]\n", 2, "string"),
    ],
)
def test_a_mistake_is_underlined_where_it_stands(
    editor: Any, overlays: Path, text: str, line: int, message: str
) -> None:
    (found,) = editor.open(overlays / SERVICE, VALUES + text)
    assert found["line"] == line
    assert message in found["message"]


def test_null_is_no_mistake_outside_of_lists(editor: Any, overlays: Path) -> None:
    text = "source: null\nsyncPolicy: {automated: {prune: null}}\nroles: {active: null}\ncluster-A: {enable: null}\n"
    assert editor.open(overlays / SERVICE, VALUES + text) == []


def test_the_top_level_offers_clusters_and_vocabulary(editor: Any, overlays: Path) -> None:
    editor.open(overlays / SERVICE, VALUES)
    offered = editor.completions(overlays / SERVICE, 1, 0)
    assert offered >= {"cluster-A", "cluster-B", "cluster-C", "cluster-D", "global", "roles", "source", "syncPolicy"}
    assert "management" not in offered


@pytest.mark.parametrize(
    ("before", "offered"),
    [
        ("cluster-A:\n  ", {"enable", "name", "namespace", "role", "clusterLabels", "source", "destination"}),
        ("cluster-A:\n  enable: ", {"true", "false"}),
        ("global:\n  ", {"name", "environment", "nameFormat", "argocdNamespace", "project"}),
        ("roles:\n  active:\n    ", {"source", "syncPolicy", "additionalLabels"}),
        ("syncPolicy:\n  automated:\n    prune: ", {"true", "false"}),
        ("sources:\n- ", {"repoURL", "targetRevision", "helm", "ref"}),
    ],
)
def test_what_may_stand_there_is_offered(editor: Any, overlays: Path, before: str, offered: set[str]) -> None:
    lines = (VALUES + before).split("\n")
    editor.open(overlays / SERVICE, VALUES + before)
    assert editor.completions(overlays / SERVICE, len(lines) - 1, len(lines[-1])) >= offered


@pytest.mark.parametrize(
    ("text", "word", "told"),
    [
        ("syncPolicy:\n  automated: {prune: true}\n", "syncPolicy", "When and how to sync."),
        ("syncPolicy:\n  automated: {prune: true}\n", "prune", "Delete what is gone from Git."),
        ("cluster-A:\n  enable: true\n", "enable", "Whether the service runs on this cluster."),
        ("cluster-A:\n  enable: true\n", "cluster-A", "The service on this cluster."),
        ("global:\n  nameFormat: '{service}'\n", "nameFormat", "The Application's name, of {service}"),
    ],
)
def test_hovering_tells_what_a_key_means(editor: Any, overlays: Path, text: str, word: str, told: str) -> None:
    editor.open(overlays / SERVICE, VALUES + text)
    before = (VALUES + text).split(word)[0] if word != "cluster-A" else VALUES
    assert told in editor.hover(overlays / SERVICE, before.count("\n"), len(before.rsplit("\n", 1)[-1]) + 1)


def test_an_inventory_may_name_new_clusters_but_no_new_fields(editor: Any, overlays: Path) -> None:
    inventory = overlays / "shared" / "clusters.yaml"
    lines = inventory.read_text().count("\n")
    (found,) = editor.open(inventory, inventory.read_text() + "cluster-E:\n  enabel: true\n")
    assert found["line"] == lines + 1
    assert "enabel" in found["message"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("services:", "servces:", "servces"),
        ("kind: ApplicationGenerator", "kind: ApplicationGenerater", "ApplicationGenerator"),
        ("  requires:", "  failOn: warn\n  requires:", "failOn|warning|error"),
    ],
)
def test_a_mistake_in_a_config_is_underlined(editor: Any, overlays: Path, old: str, new: str, message: str) -> None:
    config = overlays / "dev" / "applications.yaml"
    found = editor.open(config, config.read_text().replace(old, new))
    assert any(word in one["message"] for one in found for word in message.split("|"))


def test_a_new_cluster_is_known_once_the_schemas_are_written(editor: Any, overlays: Path) -> None:
    inventory = overlays / "shared" / "clusters.yaml"
    inventory.write_text(inventory.read_text() + "cluster-E: {destination: {name: five}}\n")
    list(editor_schemas.write(str(overlays)))
    assert editor.open(overlays / SERVICE, VALUES + "cluster-E: {enable: true}\n") == []
