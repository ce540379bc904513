"""The examples of the rules on Cluster API objects, completed by a whole cluster, and what the rules find in them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from kloom.capi.api_versions import as_v1beta1
from kloom.capi.rules import GROUPS, Facts, Finding, findings
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "capi"))  # any cluster that the generator takes
SAMPLE = FOLDER / "sample.yaml"
BEFORE = "\n# before\n"


class Example:
    """The objects of an example: all of them, those that it speaks of, and the same at an earlier revision."""

    def __init__(self, text: str) -> None:
        now, _, before = text.partition(BEFORE)
        self.objects, self.changed = completed(now)
        self.before = completed(before) if before else None

    def findings(self) -> list[Finding]:
        return list(findings(self.objects, Facts(before=self.before and self.before[0])))


@pytest.fixture
def found_in() -> Callable[[str], list[Finding]]:
    """What the rules find in an example."""
    return lambda text: Example(text).findings()


def sample(version: str = "v1beta2") -> list[dict[str, Any]]:
    """A cluster that is right, in one of the API versions."""
    objects = read_documents(SAMPLE.read_text(encoding="utf-8"), kustomize_plain)
    return [as_v1beta1(obj) for obj in objects] if version == "v1beta1" else objects


def completed(text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The sample, changed as the fragments say; a fragment of a name that the sample has not adds another object."""
    objects = sample()
    changed = []
    for fragment in read_documents(text, kustomize_plain):
        version = str(fragment.get("apiVersion") or "").rpartition("/")[2]
        alike = [obj for obj in sample(version) if obj["kind"] == fragment["kind"]]
        name = fragment.get("metadata", {}).get("name") or alike[0]["metadata"]["name"]
        base = next((obj for obj in alike if obj["metadata"]["name"] == name), alike[0] if alike else bare(fragment))
        whole = merged(deepcopy(base), fragment)
        whole["metadata"]["name"] = name
        same = [at for at, obj in enumerate(objects) if (obj["kind"], obj["metadata"]["name"]) == (whole["kind"], name)]
        if same:
            objects[same[0]] = whole
        else:
            objects.append(whole)
        changed.append(whole)
    return objects, changed


def bare(fragment: dict[str, Any]) -> dict[str, Any]:
    """What an object of a kind that the sample has not gets without being asked."""
    group = GROUPS.get(fragment["kind"])
    version = {"apiVersion": f"{group}/v1beta1"} if group else {}
    return {**version, "metadata": {"namespace": "clusters"}}


def merged(base: Any, change: Any) -> Any:
    """Maps deeply; null removes; everything else is replaced."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    for key, value in change.items():
        if value is None:
            base.pop(key, None)
        else:
            base[key] = merged(base.get(key), value)
    return base
