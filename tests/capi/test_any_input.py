"""Whatever somebody writes, kloom answers with sentences: about the config, about a file, or with objects."""

from __future__ import annotations

import json

from compact_clusters import SCHEMA, clusters, of
from hypothesis import given
from hypothesis import strategies as st

from kloom.byoh_cluster_generator import byoh_cluster_generator
from kloom.sdk.resource_list import ResourceList
from kloom.sdk.result import Refusal

ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "a: b", "{{", "\u00e9", [], {}, [None], {"a": None}, {"": 1}]
)
EVERY_ANSWER = {"refused", True, False}


@st.composite
def changed(draw, data):
    """The data with some values replaced by odd ones, or taken away."""
    value = draw(data)
    for _ in range(draw(st.integers(0, 3))):
        value = draw(changed_once(st.just(value)))
    return value


@st.composite
def changed_once(draw, data):
    value = draw(data)
    if not isinstance(value, (dict, list)) or not value or draw(st.integers(0, 5)) == 0:
        return draw(ODD)
    if isinstance(value, list):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], draw(changed_once(st.just(value[at]))), *value[at + 1 :]]
    key = draw(st.sampled_from(sorted(value)))
    if draw(st.integers(0, 4)) == 0:
        return {name: item for name, item in value.items() if name != key}
    return {**value, key: draw(changed_once(st.just(value[key])))}


def answer(spec):
    """How the generator ends: "refused", or whether it found an error. It makes objects only where it found none."""
    config = {
        "apiVersion": "kloom.dev/v1alpha1",
        "kind": "ByohClusterGenerator",
        "metadata": {"name": "one"},
        "spec": spec,
    }
    resources = ResourceList((), config)
    try:
        byoh_cluster_generator(resources)
    except Refusal:
        return "refused"
    has_errors = any(result.severity == "error" for result in resources.results)
    assert all(map(str, resources.results))
    assert not (has_errors and resources.items)
    json.dumps(resources.items)
    return has_errors


def test_clusters_that_are_nearly_right(run_until_none):
    answers = set()

    @given(changed(clusters()), st.sampled_from(("v1beta1", "v1beta2")))
    def ask(cluster, version):
        answers.add(answer({"clusters": {"one": cluster}, "clusterApiVersion": version}))

    run_until_none(ask, lambda: EVERY_ANSWER - answers)


def test_files_that_conform_to_the_schema_alone(tmp_path, monkeypatch):
    """Common files need not be whole, so they get past the schema with next to anything in them."""
    monkeypatch.chdir(tmp_path)

    @given(of(SCHEMA), of(SCHEMA))
    def ask(common, own):
        (tmp_path / "common.yaml").write_text(json.dumps(common))
        (tmp_path / "own.yaml").write_text(json.dumps(own))
        answer({"clusters": "own.yaml", "common": "common.yaml"})

    ask()


def test_hosts_of_any_shape(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    host = {"name": "a", "namespace": "clusters", "labels": {"a": "b"}}
    byo_host = {"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta1", "kind": "ByoHost", "metadata": host}
    shapes = st.sampled_from([[host], [host, byo_host], byo_host, {"kind": "List", "items": [byo_host, host]}])

    @given(changed(shapes), clusters())
    def ask(hosts, cluster):
        (tmp_path / "hosts.yaml").write_text(json.dumps(hosts))
        answer({"clusters": {"one": cluster}, "hosts": "hosts.yaml"})

    ask()
