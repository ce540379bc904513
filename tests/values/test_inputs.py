import pytest

from kloom.values.files import Repository
from kloom.values.inputs import Inputs


def config_map(name, named, namespace=None, **fields):
    metadata = {"name": name, "annotations": {"kloom.dev/values": named}}
    return {"kind": "ConfigMap", "metadata": metadata | ({"namespace": namespace} if namespace else {}), **fields}


@pytest.fixture
def repository(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(f"global: {{name: {name}}}")
    return Repository(str(tmp_path))


def names(layers):
    return [layer.data["global"]["name"] for layer in layers]


def test_layers_come_in_the_order_of_the_entries_each_file_once(repository):
    inputs = Inputs(repository, ())
    assert names(inputs.layers(["c.yaml", "*.yaml", "./a.yaml"], "common")) == ["c", "a", "b"]
    assert (inputs.findings, inputs.refused) == ([], [])


def test_config_maps_come_in_the_order_of_the_items_their_entries_by_name(repository):
    items = [
        config_map("second", "v", data={"t": "global: {name: t}", "s": "global: {name: s}"}),
        config_map("first", "v", data={"x": "global: {name: x}"}),
        config_map("other", "w", data={"no": "global: {name: no}"}),
        {"kind": "Secret", "metadata": {"annotations": {"kloom.dev/values": "v"}}, "data": {"no": "x"}},
        {"kind": "ConfigMap", "metadata": {"name": "unmarked"}, "data": {"no": "x"}},
        {"kind": "ConfigMap", "metadata": None},
        config_map("empty", "v"),
    ]
    inputs = Inputs(repository, items)
    assert names(inputs.layers([{"items": "v"}, "a.yaml"], "services")) == ["s", "t", "x", "a"]


def test_config_maps_of_one_name_in_two_namespaces_are_two(repository):
    items = [
        config_map("same", "v", namespace, data={"k": f"global: {{name: {namespace}}}"}) for namespace in ("one", "two")
    ]
    assert names(Inputs(repository, items).layers([{"items": "v"}], "services")) == ["one", "two"]


@pytest.mark.parametrize("fields", [{"binaryData": {"k": "/w=="}}, {"data": {"k": 1}}])
def test_an_entry_that_is_no_text_is_told_of_rather_than_left_out(repository, fields):
    inputs = Inputs(repository, [config_map("map", "v", **fields)])
    assert inputs.layers([{"items": "v"}], "services") == []
    assert [str(finding) for finding in inputs.findings] == ["ConfigMap/map[k]:1:1: must be UTF-8 text"]


def test_every_entry_that_cannot_be_read_is_told_with_its_place(repository):
    inputs = Inputs(repository, [config_map("map", "v", data={})])
    inputs.layers(["a.yaml", "d.yaml", {"items": "w"}], "common")
    inputs.layers(["../a.yaml"], "services")
    assert [place for place, _ in inputs.refused] == [("common", 1), ("common", 2), ("services",)]
    assert inputs.refused[1][1] == "no ConfigMap is annotated kloom.dev/values: w; there are: v"
