"""The definitions of the kinds that kloom writes: Cluster API's from its Go module, BYOH's by whoever has them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import byoh

ROOT = Path(__file__).resolve().parents[2]
MODULE = "sigs.k8s.io/cluster-api"
CURRENT, BEFORE_V1BETA2 = "v1.13.6", "v1.10.10"
"""Releases of Cluster API: one that serves both versions, and the last line that has v1beta1 alone."""
BASES = ("config", "controlplane/kubeadm/config", "bootstrap/kubeadm/config")
FOLDER = Path(os.environ.get("KLOOM_BYOH_CRDS", ROOT.parent / "shared" / "crds" / "byoh"))
OF_BYOH: Mapping[str, Path | None] = {
    "the fields that kloom writes": None,
    **{path.name: path for path in sorted(FOLDER.glob("*")) if path.is_dir()},
}
"""By a name: kloom's own list of fields, and the forks' definitions, where there is a folder with them."""


def of_cluster_api(release: str = CURRENT) -> list[Path]:
    """The folders with the definitions of a release of Cluster API."""
    command = ["go", "mod", "download", "-json", f"{MODULE}@{release}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    return [Path(json.loads(ended.stdout)["Dir"]) / base / "crd" / "bases" for base in BASES]


def of_byoh(name: str, folder: Path) -> Path:
    """A folder with BYOH's definitions of that name, which may have to be written first."""
    if (own := OF_BYOH[name]) is not None:
        return own
    for definition in byoh.definitions():
        (folder / f"{definition['spec']['names']['plural']}.json").write_text(json.dumps(definition))
    return folder


def refusals(
    program: str, definitions: Sequence[Path], objects: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path
) -> dict[str, str]:
    """What an API server with these definitions has against the objects, by the name that they are given under."""
    for name, listed in objects.items():
        (folder / f"{name}.yaml").write_text("\n---\n".join(json.dumps(obj, ensure_ascii=False) for obj in listed))
    command = [program, str(folder), "--local-crds", ",".join(map(str, definitions)), "--output", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.stdout.startswith("{"), ended.stderr
    answers = json.loads(ended.stdout)
    assert len(answers) == len(objects)
    told = {Path(path).stem: "".join(answer.get("message", "") for answer in found) for path, found in answers.items()}
    return {name: message for name, message in told.items() if message}
