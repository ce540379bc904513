#!/usr/bin/env python3
"""What ApplicationGenerator does, in the lines that it takes without checks: the yardstick of `hack/bench.py`."""

import glob
import json
import sys
from typing import Any

import yaml


def read(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.CSafeLoader)


def merge(base: Any, overlay: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    return base | {key: merge(base.get(key), value) for key, value in overlay.items()}


def application(values: Any, cluster: str) -> dict[str, Any]:
    shared, block = values["global"], values[cluster]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": f"{shared['name']}-{shared['environment']}-{cluster}".lower(),
            "namespace": shared["argocdNamespace"],
            "labels": shared["labels"] | block["additionalLabels"],
        },
        "spec": {
            "project": shared["project"],
            "source": values["source"],
            "destination": values["destination"] | block["destination"],
            "syncPolicy": block["syncPolicy"],
        },
    }


spec = yaml.load(sys.stdin, Loader=yaml.CSafeLoader)["functionConfig"]["spec"]
clusters = read(spec["clusters"])
common = merge(clusters, read(spec["common"]))
services = [merge(common, read(path)) for path in sorted(glob.glob(spec["services"]))]
items = [application(values, name) for values in services for name in clusters if values[name]["enable"]]
json.dump({"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items}, sys.stdout)
