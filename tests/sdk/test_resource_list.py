"""ResourceList: what is read, what is written, who is who."""

import json

import pytest

from kloom.sdk import KubeObject, ResourceList
from kloom.sdk.resource_list import is_config_copy
from kloom.sdk.result import ResourceListError

HEAD = b"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"


def config_map(name, **annotations):
    metadata = {"name": name} | ({"annotations": annotations} if annotations else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "stdin: a ResourceList must be there, was empty"),
        (b"# nothing\n", "stdin: a ResourceList must be there, was empty"),
        (b"kind: List\nitems: []\n", "stdin: must be one ResourceList, was kind List"),
        (b"[]", "stdin: must be one ResourceList, was a list"),
        (
            b"kind: ResourceList\n---\nkind: ResourceList\n",
            "stdin: must be one ResourceList, was 2 documents",
        ),
        (HEAD + b"items: 3\n", "stdin: items: must be a list, was a number"),
        (HEAD + b"items: [{}, 3]\n", "stdin: items[1]: must be a resource, was a number"),
        (HEAD + b"functionConfig: x\n", "stdin: functionConfig: must be a map, was a string"),
        (b"kind: x\nb: \xff", "stdin:2: must be UTF-8, was the byte 0xff"),
    ],
)
def test_what_is_no_resource_list_is_refused_in_one_sentence(data, message):
    with pytest.raises(ResourceListError) as caught:
        ResourceList.decode(data)
    assert str(caught.value) == message


@pytest.mark.parametrize("data", [b"a: [", b"a: 1\na: 2\n", b"\x00", b"a: *x"])
def test_what_is_no_yaml_is_refused_with_its_place(data):
    with pytest.raises(ResourceListError, match=r"^stdin:\d+:\d+: "):
        ResourceList.decode(data)


def test_items_come_in_as_objects_and_unknown_fields_do_not_go_out():
    resources = ResourceList.decode(
        HEAD + b"items: [{kind: A}]\nresults: [{message: m}]\nmore: 1\nfunctionConfig: {kind: C}\n"
    )
    assert isinstance(resources.items[0], KubeObject)
    assert resources.function_config.kind == "C"
    assert json.loads(resources.encode()) == {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "items": [{"kind": "A"}],
    }


def test_items_are_written_even_where_there_are_none():
    assert json.loads(ResourceList.decode(HEAD).encode())["items"] == []


def test_strings_that_readers_disagree_on_stay_strings():
    data = HEAD + b"items: [{a: =, b: yes, c: 12:30, d: 2020-01-01, e: 1e3x, f: !!merge <<}]\n"
    (item,) = ResourceList.decode(data).items
    assert item == {"a": "=", "b": "yes", "c": "12:30", "d": "2020-01-01", "e": "1e3x", "f": "<<"}


def test_a_plugin_is_given_its_config_and_bare_documents():
    resources = ResourceList.decode_plugin(b"kind: C\n", b"kind: A\n---\n---\nkind: B\n")
    assert resources.function_config == {"kind": "C"}
    assert resources.items == [{"kind": "A"}, {"kind": "B"}]
    assert ResourceList.decode_plugin(b"kind: C\n", b"").items == []


@pytest.mark.parametrize("config", [b"", b"[]", b"kind: A\n---\nkind: B\n"])
def test_a_plugin_without_one_config_is_refused(config):
    with pytest.raises(ResourceListError, match=r"^c\.yaml: must be one function config"):
        ResourceList.decode_plugin(config, b"", "c.yaml")


def test_encode_names_object_and_path():
    with pytest.raises(ResourceListError, match=r"^ConfigMap/a data\.k: kustomize cannot print the character U\+0080"):
        ResourceList([config_map("a") | {"data": {"k": "\x80"}}]).encode()
    with pytest.raises(TypeError, match=r"ConfigMap/a data\.k: must be a value of JSON, was set"):
        ResourceList([config_map("a") | {"data": {"k": {1}}}]).encode()


def test_where_takes_plain_mappings_too_and_stays_connected():
    resources = ResourceList()
    resources.items.append(config_map("a"))
    (found,) = resources.where(kind="ConfigMap", name="a")
    found["data"] = {"x": "y"}
    assert resources.items == [config_map("a") | {"data": {"x": "y"}}]
    assert resources.where(kind="Secret") == []


def test_upsert_replaces_by_identity_and_keeps_the_notes_of_the_tools():
    noted = config_map("a", **{"internal.config.kubernetes.io/needsHashSuffix": "enabled", "mine": "gone"})
    resources = ResourceList([noted, config_map("b")])
    resources.upsert(config_map("a") | {"data": {"x": "y"}})
    resources.upsert(config_map("c"))
    assert [item["metadata"]["name"] for item in resources.items] == ["a", "b", "c"]
    assert resources.items[0]["metadata"]["annotations"] == {"internal.config.kubernetes.io/needsHashSuffix": "enabled"}
    assert resources.items[0]["data"] == {"x": "y"}


def test_remove_takes_out_the_item_of_that_identity():
    resources = ResourceList([config_map("a"), config_map("b")])
    assert resources.remove(config_map("a"))
    assert not resources.remove(config_map("a"))
    assert resources.items == [config_map("b")]


@pytest.mark.parametrize(
    ("annotations", "is_copy"),
    [
        ({"config.kubernetes.io/local-config": "true"}, True),
        ({"internal.config.kubernetes.io/path": "fn.yaml"}, True),
        ({}, False),
        ({"config.kubernetes.io/local-config": "true", "kustomize.config.k8s.io/id": "x"}, False),
    ],
)
def test_the_functions_own_config_is_told_from_resources(annotations, is_copy):
    assert is_config_copy(config_map("c", **annotations), config_map("c")) is is_copy
    assert not is_config_copy(config_map("d", **annotations), config_map("c"))
    assert not is_config_copy({}, {})
