import copy

import pytest

from kloom.argo.application import Applications, contradictions, enabled_clusters
from kloom.argo.levels import Contradiction

VALUES = {
    "global": {"name": "svc-a", "labels": {"team": "a"}},
    "source": {"repoURL": "https://git.example.com/apps.git", "path": "a"},
    "syncPolicy": {"automated": {}},
    "east": {"enable": True, "destination": {"server": "https://east.example.com"}},
    "west": {"enable": True, "destination": {"server": "https://west.example.com"}},
}


def with_values(**changes):
    return {**VALUES, **changes}


def problems(values, cluster="east"):
    """Each contradiction as one line; `application` must raise where there is one, and only there."""
    found = [f"{'.'.join(problem.paths[0])}: {problem.message}" for problem in contradictions(values, cluster)]
    if found:
        with pytest.raises(Contradiction):
            Applications().application(values, cluster)
    else:
        Applications().application(values, cluster)
    return found


def test_values_are_never_changed():
    values = copy.deepcopy(VALUES)
    applications = Applications()
    for cluster in ("east", "west"):
        applications.application(values, cluster)
    assert values == VALUES


def test_applications_made_together_are_those_made_alone():
    together = Applications()
    for values in (VALUES, with_values(revisionHistoryLimit=0, additionalLabels={"tier": "b"}), VALUES):
        for cluster in ("east", "west"):
            assert together.application(values, cluster) == Applications().application(copy.deepcopy(values), cluster)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"source": {"path": "b"}, "project": "shop"},
        {"sources": [{"repoURL": "https://git.example.com/apps.git", "path": "b"}]},
        {"additionalLabels": {}, "finalizers": ["x"], "namespace": "apps", "syncPolicy": {"retry": {"limit": 1}}},
    ],
)
def test_fields_stand_in_one_order_wherever_they_are_said(said):
    values = with_values(revisionHistoryLimit=1, additionalAnnotations={"a.b/c": "d"})
    made = Applications().application({**values, "east": {**VALUES["east"], **said}}, "east")
    order = ("name", "namespace", "labels", "annotations", "finalizers")
    assert list(made["metadata"]) == [field for field in order if field in made["metadata"]]
    order = ("project", "source", "sources", "destination", "revisionHistoryLimit", "syncPolicy")
    assert list(made["spec"]) == [field for field in order if field in made["spec"]]


@pytest.mark.parametrize("enable", [False, None, "true", 1])
def test_nothing_but_true_enables(enable):
    assert enabled_clusters(with_values(east={"enable": enable}), ["west", "east", "north"]) == ["west"]


def test_what_is_right_has_no_contradictions():
    assert problems(VALUES) == []


def test_every_contradiction_is_told_not_only_the_first():
    block = {"name": "A", "namespace": "B", "destination": {}, "syncPolicy": {}}
    source = {"path": "a", "chart": "b", "helm": {"version": "v3"}, "plugin": {"name": "x"}}
    assert [line.split(":")[0] for line in problems(with_values(source=source, east=block))] == [
        "east.name",
        "east.namespace",
        "source.path",
        "source.path",
        "source.helm",
        "east.destination",
        "east.syncPolicy",
    ]


def test_all_that_a_source_lacks_is_one_finding():
    assert problems(with_values(source={"targetRevision": "main"})) == [
        "east.source: must have a repoURL and a path or a chart"
    ]


def test_a_ref_does_not_stand_for_a_path_in_a_single_source():
    assert problems(with_values(source={"repoURL": "x", "ref": "values"})) == [
        "east.source: must have a path or a chart"
    ]


def test_a_hydrator_is_told_all_that_it_lacks_where_it_stands():
    values = with_values(source=None, sourceHydrator={"drySource": {"repoURL": "x"}, "hydrateTo": {"targetBranch": ""}})
    assert problems(values) == [
        "sourceHydrator: must have drySource.targetRevision and drySource.path and syncSource.targetBranch"
        " and syncSource.path and hydrateTo.targetBranch"
    ]


def test_what_a_nearer_choice_replaces_may_be_incomplete():
    block = {**VALUES["east"], "sources": [{"repoURL": "x", "ref": "y"}]}
    assert problems(with_values(source={"targetRevision": "main", "path": "a", "chart": "b"}, east=block)) == []


def test_a_role_without_fields_is_no_level():
    assert problems(with_values(roles={"active": None}, east={**VALUES["east"], "role": "active"})) == []
    assert problems(with_values(roles=None, east={**VALUES["east"], "role": "active"})) == []
