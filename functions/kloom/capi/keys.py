"""What may stand as a key in the maps that a cluster's author fills in: a table of where, and of what."""

from __future__ import annotations

import re

from kloom.capi.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Steps = tuple[str | int, ...]
    KeySpec = tuple[Steps, str, str]
    """Where the map is, a pattern of its keys, and what they are in words."""

_QUALIFIED = "([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]"
_LABEL = (_QUALIFIED, "a label's name")
_ARGUMENT = (r"[A-Za-z0-9][^=\s]{0,255}", "an argument's name without the leading dashes")

OF_CLUSTER: tuple[KeySpec, ...] = (
    (("labels",), *_LABEL),
    (("annotations",), _QUALIFIED, "an annotation's name"),
    (("kubeVip", "env"), r"[A-Za-z_][-A-Za-z0-9_.]*", "an environment variable's name"),
)
OF_MACHINES: tuple[KeySpec, ...] = (
    (("labels",), *_LABEL),
    (("hostSelector", "matchLabels"), *_LABEL),
    (("kubeletExtraArgs",), *_ARGUMENT),
    (("apiServer", "extraArgs"), *_ARGUMENT),
    (("controllerManager", "extraArgs"), *_ARGUMENT),
    (("scheduler", "extraArgs"), *_ARGUMENT),
    (("etcd", "local", "extraArgs"), *_ARGUMENT),
)


def key_problems(values: Mapping[str, Any], table: tuple[KeySpec, ...], at: Steps = ()) -> Iterator[Problem]:
    """Keys that are none, in the values that stand at a path of the cluster."""
    for path, pattern, what in table:
        part: Any = values
        for step in path:
            part = part.get(step, {})
        for key in part:
            if not re.fullmatch(pattern, key):
                yield Problem((*at, *path, key), f"must be {what}", is_key=True)
