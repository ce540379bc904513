"""Each field of a generated Application is found where the values say it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from strategies import CLUSTERS, Values, files

from kloom.argo.application import Applications, enabled_clusters
from kloom.argo.levels import Contradiction
from kloom.argo.provenance import place, places
from kloom.values.merge import merge_all


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    return [(path, value)]


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


@settings(max_examples=60)
@given(files())
def test_the_first_place_holds_what_the_application_holds(trio: tuple[Values, Values, Values]) -> None:
    values = merge_all(trio)
    for cluster in enabled_clusters(values, CLUSTERS):
        try:
            application = Applications().application(values, cluster)
        except (Contradiction, AttributeError, TypeError):  # the files need not conform to the schema
            continue
        for path, value in leaves(application):
            found = places(values, cluster, path)
            if (
                path[:2] in (("metadata", "name"), ("metadata", "namespace"), ("spec", "project"))
                or value is None
                or not path[2:]
            ):
                continue
            assert path in (("apiVersion",), ("kind",)) or at(values, found[0]) == value


VALUES = {
    "global": {"name": "web", "environment": "dev", "project": "shop", "labels": {"team": "a"}},
    "source": {"repoURL": "https://example.com/r.git", "path": "web"},
    "roles": {"active": {"source": {"path": "web/active"}, "syncPolicy": {"automated": {"prune": True}}}},
    "syncPolicy": {"automated": {"prune": False}},
    "cluster-A": {"enable": True, "role": "active", "destination": {"server": "https://a:6443"}},
}


def test_what_is_overridden_follows_nearest_first() -> None:
    assert places(VALUES, "cluster-A", ["spec", "source", "path"]) == [
        ("roles", "active", "source", "path"),
        ("source", "path"),
    ]
    assert places(VALUES, "cluster-A", ["spec", "syncPolicy", "automated", "prune"]) == [
        ("roles", "active", "syncPolicy", "automated", "prune"),
        ("syncPolicy", "automated", "prune"),
    ]


def test_a_name_comes_from_its_parts() -> None:
    assert places(VALUES, "cluster-A", ["metadata", "name"]) == [("global", "name"), ("global", "environment")]


def test_what_nobody_said_is_looked_for_at_its_nearest_parent() -> None:
    assert place(VALUES, "cluster-A", ["spec", "source", "helm", "releaseName"]) == ("roles", "active", "source")
    assert place(VALUES, "cluster-A", ["spec", "ignoreDifferences"]) == ("cluster-A",)
