"""The Helm charts that say the same as `ApplicationGenerator`, and argo-app-root for any clusters.

Helm wants to know a chart's sub-charts before it reads values, so argo-app-root is written for certain
clusters; the repository's own holds those of the samples. In go cluster names, out comes a chart for
`helm template`, `helm package` or the `helmCharts:` of a kustomization:

    write_root_chart(["cluster-A", "cluster-B"], into="charts/argo-app-root")
"""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

from kloom import __version__
from kloom.schemas.derive import root_chart_schema
from kloom.sdk.yaml_writer import to_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

APPLICATION_CHART = "argo-app"
ROOT_CHART = "argo-app-root"
SAME_FOR_ALL_CLUSTERS = (
    ".helmignore",
    "README.md",
    "values.yaml",
    "templates/_argo-app.tpl",
    "templates/applications.yaml",
)


def charts_folder() -> Traversable:
    """Where both charts are: in the package, be it a folder or a part of the executable, else at the checkout's top."""
    packaged = files("kloom") / "charts"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "charts"


def write_root_chart(clusters: Sequence[str], into: str | os.PathLike[str]) -> None:
    """Write argo-app-root for these clusters into a folder, with a copy of argo-app inside.

    The folder is made if there is none; what an earlier call wrote there is replaced.
    """
    chart, model = Path(into), charts_folder() / ROOT_CHART
    texts = {
        "Chart.yaml": _chart_yaml(_text(model / "Chart.yaml"), clusters),
        "values.schema.json": _values_schema(clusters),
        **{path: _text(model / path) for path in SAME_FOR_ALL_CLUSTERS},
    }
    for path, text in texts.items():
        file = chart / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    _copy_application_chart(chart / "charts" / APPLICATION_CHART)


def _chart_yaml(model: str, clusters: Sequence[str]) -> str:
    """The Chart.yaml with one dependency for each cluster, which its block's `enable` switches on."""
    dependencies = [
        {
            "name": APPLICATION_CHART,
            "version": __version__,
            "alias": cluster,
            "condition": f"{cluster}.enable",
        }
        for cluster in clusters
    ]
    head, _, _ = model.partition("dependencies:\n")
    return head + to_yaml({"dependencies": dependencies})


def _values_schema(clusters: Sequence[str]) -> str:
    return json.dumps(root_chart_schema(clusters), indent=2, ensure_ascii=False) + "\n"


def _copy_application_chart(target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)  # a template of an older version would be rendered, too
    _copy(charts_folder() / APPLICATION_CHART, target)


def _copy(folder: Traversable, target: Path) -> None:
    target.mkdir(parents=True)
    for entry in folder.iterdir():
        if entry.is_file():
            (target / entry.name).write_bytes(entry.read_bytes())
        elif entry.name != "ci":
            _copy(entry, target / entry.name)


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")
