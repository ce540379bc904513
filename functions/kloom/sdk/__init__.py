"""A small SDK for KRM functions in Python: what kpt's is for Go, for kustomize first.

    from kloom.sdk import ResourceList, run

    def team_label(resources: ResourceList) -> None:
        for deployment in resources.where(kind="Deployment"):
            deployment.labels["team"] = resources.function_config.get_path("spec.team")

    raise SystemExit(run(team_label))

Depends on PyYAML alone, and on nothing else of kloom.
"""

from __future__ import annotations

from . import quick_yaml
from .kube_object import KubeObject
from .resource_list import ResourceList
from .result import FunctionConfigError, Refusal, Result
from .run import Outcome, execute, run

__all__ = [
    "FunctionConfigError",
    "KubeObject",
    "Outcome",
    "Refusal",
    "ResourceList",
    "Result",
    "execute",
    "run",
]

del quick_yaml  # imported for what it does
