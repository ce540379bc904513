"""What stands in the charts' files, and in the root chart that is written for other clusters."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from kloom import __version__
from kloom.charts import charts_folder, write_root_chart

CHARTS = Path(__file__).resolve().parents[2] / "charts"
SAMPLE_CLUSTERS = ("cluster-A", "cluster-B", "cluster-C", "cluster-D")
NOT_RENDERED = {"clusterLabels", "failoverGroup"}  # facts about the cluster, not copied


def text(path):
    return (CHARTS / path).read_text(encoding="utf-8")


def templates():
    return "".join(file.read_text(encoding="utf-8") for file in CHARTS.glob("argo-app*/templates/*"))


def files(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def vocabulary(chart):
    """The keys at the top of the chart's values, and those in `global`."""
    schema = json.loads(text(f"{chart}/values.schema.json"))
    top = schema["properties"]
    in_global = (
        {**schema["definitions"], **top}["global"] if "$ref" not in top["global"] else schema["definitions"]["global"]
    )
    return (set(top) | set(in_global["properties"])) - set(SAMPLE_CLUSTERS)


def described(values_yaml):
    """The keys, commented out or not, that come next after a `# --` line."""
    keys, waiting = set(), False
    for line in values_yaml.splitlines():
        content = line.lstrip("# ")
        key = re.match(r"(?!Ref)([\w-]+):( |$)", content)
        if content.startswith("-- "):
            waiting = True
        elif waiting and key:
            keys.add(key[1])
            waiting = False
    return keys


@pytest.mark.parametrize("chart", ["argo-app", "argo-app-root"])
def test_templates_use_every_value(chart):
    unused = {key for key in vocabulary(chart) if not re.search(rf"\b{key}\b", templates())}
    assert unused - NOT_RENDERED == set()


@pytest.mark.parametrize("definition", ["source", "destination"])
def test_templates_name_every_field_of_source_and_destination(definition):
    schema = json.loads(text("argo-app/values.schema.json"))
    fields = {**schema["properties"], **schema["definitions"]}[definition]["properties"]
    assert {field for field in fields if f'"{field}"' not in templates()} == set()


@pytest.mark.parametrize("chart", ["argo-app", "argo-app-root"])
def test_values_yaml_describes_every_value(chart):
    assert vocabulary(chart) - described(text(f"{chart}/values.yaml")) - {"global"} == set()


def test_argo_app_has_no_default_but_enable():
    assert yaml.safe_load(text("argo-app/values.yaml")) == {"enable": False}


def test_argo_app_root_has_no_default_at_all():
    values = yaml.safe_load(text("argo-app-root/values.yaml"))
    assert values == {"global": {}, "roles": {}}


@pytest.mark.parametrize("chart", ["argo-app", "argo-app-root"])
def test_charts_have_the_version_of_the_project(chart):
    metadata = yaml.safe_load(text(f"{chart}/Chart.yaml"))
    versions = {
        metadata["version"],
        metadata["appVersion"],
        *(d["version"] for d in metadata.get("dependencies", [])),
    }
    assert versions == {__version__}


def test_every_named_template_tells_its_usage():
    for file in CHARTS.glob("argo-app*/templates/*.tpl"):
        source = file.read_text(encoding="utf-8")
        for name in re.findall(r'define "([^"]+)"', source):
            comment, _, _ = source.partition(f'define "{name}"')[0].rpartition("*/")
            assert f"{name}: " in comment.rpartition("/*")[2], name
            assert f'include "{name}"' in comment.rpartition("Usage: ")[2], name


def test_argo_app_in_the_root_chart_is_argo_app():
    link = CHARTS / "argo-app-root/charts/argo-app"
    assert link.is_symlink()
    assert link.readlink() == Path("../../argo-app")


def test_charts_folder_holds_both_charts():
    assert {"argo-app", "argo-app-root"} <= {folder.name for folder in charts_folder().iterdir()}


def test_the_repository_s_root_chart_is_what_is_written_for_its_clusters(tmp_path):
    write_root_chart(SAMPLE_CLUSTERS, into=tmp_path)
    of_repository = {
        path: data for path, data in files(CHARTS / "argo-app-root").items() if not path.startswith(("ci/", "charts/"))
    }
    of_argo_app = {
        f"charts/argo-app/{path}": data
        for path, data in files(CHARTS / "argo-app").items()
        if not path.startswith("ci/")
    }
    assert files(tmp_path) == {**of_repository, **of_argo_app}


def test_a_root_chart_for_any_clusters_renders(helm, tmp_path):
    clusters = ["1e3", "no", "argo-app", "X-1", "0x1F"]
    write_root_chart(clusters, into=tmp_path / "new" / "chart")
    shared = {
        "global": {"name": "svc"},
        "source": {"repoURL": "https://github.com/app-1/app-1.git", "path": "dev"},
        "destination": {"name": "in-cluster"},
    }
    values = {**shared, **{cluster: {"enable": True} for cluster in clusters}}
    helm.output("lint", "--strict", tmp_path / "new" / "chart")
    rendered = helm.applications(tmp_path / "new" / "chart", values)
    assert {application["metadata"]["name"] for application in rendered} == {
        f"svc-{cluster.lower()}" for cluster in clusters
    }


def test_a_root_chart_is_written_over_an_older_one(tmp_path):
    write_root_chart(["a", "b"], into=tmp_path)
    old = tmp_path / "charts/argo-app/templates/old.yaml"
    old.write_text("x", encoding="utf-8")
    write_root_chart(["a"], into=tmp_path)
    assert not old.exists()
    assert "alias: b" not in (tmp_path / "Chart.yaml").read_text(encoding="utf-8")


def test_a_root_chart_without_its_cluster_refuses_values_of_it(helm, tmp_path):
    write_root_chart(["a"], into=tmp_path / "chart")
    assert "'b' not allowed" in helm.refusal(tmp_path / "chart", {"b": {"enable": True}})
