"""Resource lists, configs and ConfigMaps of the wrong shape: a sentence each, with the field."""

from __future__ import annotations

import json
from typing import Any

LISTS: list[tuple[str | dict[str, Any], str]] = [
    ("", "a ResourceList must be there, was empty"),
    ("---\n---\n", "a ResourceList must be there, was empty"),
    ("a", "must be one ResourceList, was a string"),
    ("[]", "must be one ResourceList, was a list"),
    ("5", "must be one ResourceList, was a number"),
    ("{}", "must be one ResourceList, was a map"),
    ("kind: List\nitems: []", "must be one ResourceList, was kind List"),
    ("kind: ResourceList\n---\nkind: ResourceList\n", "must be one ResourceList, was 2 documents"),
    ("kind: [ResourceList]", "must be one ResourceList"),
    ({"items": {}}, "stdin: items: must be a list, was a map"),
    ({"items": "a"}, "stdin: items: must be a list, was a string"),
    ({"items": [None]}, "stdin: items[0]: must be a resource, was null"),
    ({"items": [{}, []]}, "stdin: items[1]: must be a resource, was a list"),
    ({"items": [{"kind": 5}]}, "stdin: items[0]: kind: must be a string, was a number"),
    ({"items": [{"kind": "A", "metadata": "x"}]}, "stdin: items[0]: metadata: must be a map, was a string"),
    ({"items": [{"metadata": {"name": []}}]}, "stdin: items[0]: metadata.name: must be a string, was a list"),
    (
        {"items": [{"metadata": {"annotations": []}}]},
        "stdin: items[0]: metadata.annotations: must be a map, was a list",
    ),
    ({"items": [{"metadata": {"labels": {"a": {}}}}]}, "stdin: items[0]: metadata.labels: must hold strings"),
    ({"functionConfig": []}, "stdin: functionConfig: must be a map, was a list"),
    ({}, "functionConfig must be there"),
    ({"functionConfig": {"kind": {}}}, "stdin: functionConfig.kind: must be a string, was a map"),
    ({"functionConfig": {"apiVersion": 1}}, "stdin: functionConfig.apiVersion: must be a string, was a number"),
]
CONFIGS: list[tuple[dict[str, Any], str]] = [
    ({"metadata": "x"}, "metadata: must be a map, was a string"),
    ({"metadata": {"name": 5}}, "metadata.name: must be a string, was a number"),
    ({"metadata": {"annotations": ["x"]}}, "metadata.annotations: must be a map, was a list"),
    ({"spec": []}, "spec: must be a map, was a list"),
    ({"spec": "x"}, "spec: must be a map, was a string"),
    ({"spec": None}, "spec: must have services"),
    ({"spec": {"services": 5}}, "spec.services: must be a string"),
    ({"spec": {"services": [5]}}, "spec.services[0]: must be a string"),
    ({"spec": {"services": [None]}}, "spec.services[0]: must be a string"),
    ({"spec": {"services": {"items": []}}}, "spec.services.items: must be a string"),
    ({"spec": {"services": "a", "clusters": 5}}, "spec.clusters: must be a string"),
    ({"spec": {"services": "a", "requires": "9" * 10_000}}, "spec.requires"),
    ({"spec": {"services": "a", "requires": ">=" + "9" * 10_000}}, "spec.requires"),
    ({"kind": "applicationgenerator"}, "did you mean ApplicationGenerator?"),
    ({"kind": None}, "kind: must be ApplicationGenerator or "),
    ({"apiVersion": "kloom.dev/v9"}, "apiVersion: must be kloom.dev/v1alpha1"),
]
DATA: list[dict[str, Any]] = [
    {"data": "x"},
    {"data": 5},
    {"data": ["a"]},
    {"data": {"a.yaml": 5}},
    {"data": {"a.yaml": None}},
    {"data": {"a.yaml": {}}},
    {"binaryData": "x"},
]


def resource_list(config: Any, *items: Any) -> bytes:
    whole = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList"}
    return json.dumps(whole | {"functionConfig": config, "items": list(items)}).encode()


def assert_refused(fuzz: Any, cases: list[tuple[Any, str]]) -> None:
    verdicts, _ = fuzz.judge([case for case, _ in cases])
    assert len(verdicts) == len(cases)
    for verdict, (case, told) in zip(verdicts, cases, strict=True):
        assert (verdict.problem, verdict.status) == ("", fuzz.REFUSED), (case, verdict)
        assert told in verdict.stderr, case


def test_what_is_no_resource_list(fuzz: Any) -> None:
    head = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList"}
    texts = [(given if isinstance(given, str) else json.dumps(head | given), told) for given, told in LISTS]
    assert_refused(fuzz, [(fuzz.Case("stdin", text.encode()), told) for text, told in texts])


def test_a_config_of_the_wrong_shape(fuzz: Any) -> None:
    changed = [(fuzz.CONFIG | change, told) for change, told in CONFIGS]
    assert_refused(fuzz, [(fuzz.Case("stdin", resource_list(config, config)), told) for config, told in changed])
    for target, file in (("plugin", ""), ("render", "config.yaml")):
        cases = [(fuzz.Case(target, json.dumps(config).encode(), file), told) for config, told in changed]
        assert_refused(fuzz, cases)


def test_a_config_with_thousands_of_mistakes_tells_the_first(fuzz: Any) -> None:
    config = fuzz.CONFIG | {"spec": {f"k{n:05}": n for n in range(20_000)}}
    assert_refused(fuzz, [(fuzz.Case("plugin", json.dumps(config).encode()), "only the first 100 mistakes are told")])


def test_values_in_a_config_map_of_the_wrong_shape(fuzz: Any) -> None:
    config = fuzz.CONFIG | {"spec": {**fuzz.CONFIG["spec"], "services": {"items": "s"}}}
    head = {"kind": "ConfigMap", "metadata": {"name": "s", "annotations": {"kloom.dev/values": "s"}}}
    assert_refused(fuzz, [(fuzz.Case("stdin", resource_list(config, head | data)), "ConfigMap/s") for data in DATA])


def test_an_item_that_cannot_be_written_again_is_no_bug(fuzz: Any) -> None:
    """kpt's call, refused, with an item that kustomize could not print: what came cannot go back."""
    item = {"kind": "A", "metadata": {"name": "a"}, "<<": {}}
    noted = {"kind": "A", "metadata": {"name": "b", "annotations": {"config.kubernetes.io/path": "a.yaml"}}}
    text = resource_list({"kind": "None"}, item, noted).replace(b'"<<"', b"!!str <<")
    assert_refused(fuzz, [(fuzz.Case("stdin", text), "kind: must be ApplicationGenerator or ")])
