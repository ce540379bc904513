import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.argo.levels import Contradiction
from kloom.argo.names import formatted_name, is_keepable_key, name_problem, namespace_problem


@pytest.mark.parametrize(
    ("shared", "name"),
    [
        ({"name": "svc"}, "svc-east"),
        ({"name": "Svc", "environment": "Dev"}, "svc-dev-east"),
        ({"name": "svc", "environment": ""}, "svc-east"),
        ({"name": "svc", "nameFormat": "{cluster}.{service}.{service}-X"}, "east.svc.svc-x"),
        ({"name": "{cluster}", "nameFormat": "{service}"}, "{cluster}"),
        ({"nameFormat": "fixed"}, "fixed"),
        ({"name": "svc", "nameFormat": ""}, "svc-east"),
    ],
)
def test_names(shared, name):
    assert formatted_name(shared, "East") == name


@pytest.mark.parametrize(
    ("shared", "path"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a", "nameFormat": "{environment}"}, "environment"),
        ({"name": "a", "nameFormat": "{service}{}"}, "nameFormat"),
        ({"name": "a", "nameFormat": "{Service}"}, "nameFormat"),
        ({"name": "a", "nameFormat": "{ service }"}, "nameFormat"),
        ({"name": "a", "nameFormat": "{{service}}"}, "nameFormat"),
        ({"name": "a", "nameFormat": "service}"}, "nameFormat"),
    ],
)
def test_a_format_that_cannot_be_filled_is_a_contradiction_where_it_must_change(shared, path):
    with pytest.raises(Contradiction) as found:
        formatted_name(shared, "east")
    assert found.value.paths == (("global", path),)


@pytest.mark.parametrize("name", ["a", "0", "a-b.c-d", "a" * 253, "a.0"])
def test_names_that_kubernetes_takes(name):
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a..b", ".a", "a.", "a.-b", "a_b", "a b", "a\n", "ä", "a" * 254])
def test_names_that_kubernetes_refuses(name):
    assert name_problem(name)


@pytest.mark.parametrize(
    ("namespace", "is_taken"), [("a" * 63, True), ("a" * 64, False), ("a.b", False), ("argo-cd", True), ("0", True)]
)
def test_namespaces_are_labels(namespace, is_taken):
    assert (namespace_problem(namespace) is None) == is_taken


@given(st.text("aA0-._\n", max_size=12))
def test_a_name_is_dns_labels_joined_by_dots(name):
    label = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
    assert (name_problem(name) is None) == all(label.match(part) for part in name.split("."))


@pytest.mark.parametrize("key", ["team", "a.b/c", "0.a/b", "x1", "trueish", "no", "on"])
def test_annotation_keys_that_kustomize_keeps(key):
    assert is_keepable_key(key)


@pytest.mark.parametrize("key", ["true", "NULL", "1.5", "0x1F", "2020-01-01", ""])
def test_annotation_keys_that_kustomize_loses(key):
    assert not is_keepable_key(key)
