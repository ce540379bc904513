"""KubeObject: a dict that answers questions; reading never changes it."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.sdk import KubeObject
from kloom.sdk.kube_object import is_local_config

KEYS = st.text("abc./", min_size=1, max_size=3)
PATHS = st.lists(KEYS | st.integers(0, 0), min_size=1, max_size=4).filter(lambda path: isinstance(path[0], str))


def deployment():
    return KubeObject(
        apiVersion="apps/v1",
        kind="Deployment",
        metadata={"name": "web", "namespace": "shop", "labels": {"app": "web", "tier": "front"}},
        spec={"template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}},
    )


def test_questions_about_identity():
    obj = deployment()
    assert (obj.api_version, obj.group, obj.kind, obj.name, obj.namespace) == (
        "apps/v1",
        "apps",
        "Deployment",
        "web",
        "shop",
    )
    assert obj.short_name == "Deployment/web"
    assert obj.identity == ("apps", "Deployment", "shop", "web")
    assert KubeObject(apiVersion="v1", kind="Secret").identity == ("", "Secret", "", "")


@pytest.mark.parametrize("obj", [{}, {"metadata": None}, {"metadata": {"labels": None, "annotations": None}}])
def test_reading_what_is_absent_or_null_creates_nothing(obj):
    read = KubeObject(copy.deepcopy(obj))
    assert (read.name, read.namespace, dict(read.labels), dict(read.annotations)) == ("", "", {}, {})
    assert read.labels.get("a") is None
    assert "a" not in read.annotations
    assert read.get_path("metadata.labels.a", "none") == "none"
    assert not read.remove_path("metadata.labels.a")
    assert not read.is_local_config
    assert read == obj


def test_labels_and_annotations_are_live():
    obj = KubeObject(kind="A", metadata=None)
    obj.labels["a"] = "b"
    obj.annotations["x.y/z"] = "1"
    assert obj["metadata"] == {"labels": {"a": "b"}, "annotations": {"x.y/z": "1"}}
    del obj.labels["a"]
    assert obj["metadata"] == {"annotations": {"x.y/z": "1"}}


@pytest.mark.parametrize(
    ("criteria", "matches"),
    [
        ({}, True),
        ({"kind": "Deployment", "api_version": "apps/v1"}, True),
        ({"kind": "Secret"}, False),
        ({"name": "web", "namespace": "shop"}, True),
        ({"namespace": ""}, False),
        ({"labels": {"app": "web"}}, True),
        ({"labels": {"app": "web", "more": "x"}}, False),
        ({"annotations": {"a": "b"}}, False),
    ],
)
def test_matches_all_criteria(criteria, matches):
    assert deployment().matches(**criteria) is matches


@pytest.mark.parametrize(("value", "local"), [("true", True), ("", True), ("no", True), ("false", False)])
def test_any_value_but_false_is_local_config(value, local):
    obj = KubeObject()
    obj.annotations["config.kubernetes.io/local-config"] = value
    assert obj.is_local_config is local


@pytest.mark.parametrize("metadata", [None, "text", [], {"annotations": None}, {"annotations": "text"}])
def test_no_object_of_another_shape_is_local_config(metadata):
    assert not is_local_config({"metadata": metadata})


@given(PATHS, st.integers())
def test_what_is_set_is_read_and_removed(path, value):
    obj = KubeObject()
    obj.set_path(path, value)
    assert obj.get_path(path) == value
    assert obj.remove_path(path)
    assert obj.get_path(path) is None


def test_set_path_replaces_appends_and_creates():
    obj = deployment()
    obj.set_path("spec.template.spec.containers[1].image", "b:1")
    obj.set_path("spec.template.spec.containers[2]", {"name": "c"})
    assert obj.get_path("spec.template.spec.containers[1]") == {"name": "b", "image": "b:1"}
    assert obj.get_path("spec.template.spec.containers[2].name") == "c"


def test_set_path_says_where_it_cannot_go():
    obj = KubeObject(kind="A", metadata={"name": "x"}, spec={"replicas": 3, "list": []})
    with pytest.raises(TypeError, match=r"A/x spec\.replicas: must be a map, was 3"):
        obj.set_path("spec.replicas.x", 1)
    with pytest.raises(IndexError, match="the list has 0 entries"):
        obj.set_path("spec.list[1]", 1)
    assert obj["spec"] == {"replicas": 3, "list": []}


def test_rename_notes_each_former_identity():
    obj = KubeObject(kind="ConfigMap", metadata={"name": "a"})
    obj.rename(name="b")
    obj.rename(name="c", namespace="n")
    obj.rename(name="c", namespace="n")
    assert (obj.name, obj.namespace) == ("c", "n")
    assert {name.rpartition("/")[2]: value for name, value in obj.annotations.items()} == {
        "previousNames": "a,b",
        "previousNamespaces": "default,default",
        "previousKinds": "ConfigMap,ConfigMap",
    }


def test_is_a_plain_mapping_to_everyone_else():
    obj = deployment()
    assert json.loads(json.dumps(obj)) == dict(obj) == obj
