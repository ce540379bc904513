"""execute: bytes in, bytes and sentences out."""

import json

import pytest
import yaml

from kloom.sdk import FunctionConfigError, KubeObject, ResourceList, Result, execute
from kloom.sdk.resource_list import LOCAL_CONFIG

CONFIG = {"apiVersion": "example.com/v1", "kind": "F", "metadata": {"name": "f"}}
LOCAL = CONFIG | {"metadata": {"name": "f", "annotations": {LOCAL_CONFIG: "true"}}}
WEB = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "annotations": {"x": "y"}}}


def build(*items):
    """What `kustomize build` sends."""
    whole = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": CONFIG}
    return json.dumps(whole | {"items": items or [LOCAL]}).encode()


def items(outcome):
    return json.loads(outcome.stdout)["items"]


def nothing(resources):
    pass


def test_what_a_function_leaves_alone_goes_back():
    outcome = execute(nothing, build(WEB))
    assert (outcome.status, items(outcome), outcome.stderr) == (0, [WEB], "")


def test_the_config_is_neither_seen_among_the_items_nor_echoed():
    seen = []
    outcome = execute(lambda resources: seen.extend(resources.items), build())
    assert (outcome.status, seen, items(outcome)) == (0, [], [])


def test_same_input_same_bytes():
    assert execute(nothing, build(WEB)).stdout == execute(nothing, build(WEB)).stdout


def test_an_error_result_refuses_and_hands_the_list_back_as_it_came():
    def function(resources):
        resources.items[0]["data"] = {"half": "done"}
        obj = KubeObject(resources.items[0])
        resources.results += [
            Result.error("b").about(obj),
            Result.warning("a").about(obj),
            Result.error("b").about(obj),
        ]

    outcome = execute(function, build(WEB))
    assert (outcome.status, items(outcome)) == (1, [WEB])
    assert outcome.stderr == "ConfigMap/web: warning: a\nConfigMap/web: b\n"
    assert [result["message"] for result in json.loads(outcome.stdout)["results"]] == ["a", "b"]


def test_a_warning_is_printed_and_does_not_fail():
    outcome = execute(lambda resources: resources.results.append(Result.warning("w")), build(WEB))
    assert (outcome.status, outcome.stderr) == (0, "warning: w\n")
    assert json.loads(outcome.stdout)["results"] == [{"message": "w", "severity": "warning"}]


def test_a_config_error_is_about_the_config_and_keeps_earlier_findings():
    def function(resources):
        resources.results.append(Result.warning("early"))
        raise FunctionConfigError([Result.error("bad", field="spec.a"), Result.error("worse").at("x.yaml", 2)])

    outcome = execute(function, build(WEB))
    assert outcome.status == 1
    assert outcome.stderr == "warning: early\nF/f spec.a: bad\nx.yaml:2: worse\n"
    assert items(outcome) == [WEB]


@pytest.mark.parametrize("stdin", [b"", b"\xff", b"a: [", b"kind: List"])
def test_a_stdin_that_is_no_resource_list_is_one_sentence(stdin):
    outcome = execute(nothing, stdin)
    assert (outcome.status, outcome.stdout) == (1, b"")
    assert outcome.stderr.startswith("stdin")
    assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize("problem", [ValueError("oops"), SystemExit(0), RecursionError(), KeyError("k")])
def test_a_bug_is_a_traceback_and_a_request(problem):
    def function(_resources):
        raise problem

    outcome = execute(function, build(WEB))
    assert (outcome.status, outcome.stdout) == (3, b"")
    assert "Traceback" in outcome.stderr
    assert "bug in function" in outcome.stderr.splitlines()[-1]


def test_a_value_that_is_no_json_is_a_bug_that_names_it():
    outcome = execute(lambda resources: resources.items[0].set_path("data.k", {1}), build(WEB))
    assert (outcome.status, outcome.stdout) == (3, b"")
    assert "ConfigMap/web data.k: must be a value of JSON, was set: {1}" in outcome.stderr


@pytest.mark.parametrize("value", ["\x7f", "\ud800", "\uffff", float("nan"), {"<<": "x"}])
def test_a_value_that_kustomize_cannot_print_is_refused(value):
    outcome = execute(lambda resources: resources.items[0].set_path("data.k", value), build(WEB))
    assert (outcome.status, items(outcome)) == (1, [WEB])
    assert outcome.stderr.startswith("ConfigMap/web data.k: ")
    assert outcome.stderr.count("\n") == 1


def test_a_list_with_unprintable_text_can_be_handed_back():
    odd = WEB | {"data": {"k": "a\x85b\u2028"}}

    def function(_resources):
        raise FunctionConfigError("no")

    assert items(execute(function, build(odd))) == [odd]


class TestPluginHome:
    def call(self, function, tmp_path, stdin=b""):
        (tmp_path / "config").write_text(json.dumps(CONFIG))
        return execute(function, stdin, [str(tmp_path / "config")])

    def test_a_generator_is_given_nothing(self, tmp_path):
        outcome = self.call(lambda resources: resources.items.append(WEB), tmp_path)
        assert (outcome.status, items(outcome)) == (0, [WEB])

    def test_a_transformer_is_given_documents(self, tmp_path):
        outcome = self.call(nothing, tmp_path, yaml.safe_dump_all([WEB, WEB]).encode())
        assert items(outcome) == [WEB, WEB]

    def test_after_an_error_stdout_is_empty(self, tmp_path):
        outcome = self.call(lambda resources: resources.results.append(Result.error("e")), tmp_path)
        assert (outcome.status, outcome.stdout, outcome.stderr) == (1, b"", "e\n")

    def test_a_config_that_is_not_there_is_a_sentence(self, tmp_path):
        outcome = execute(nothing, b"", [str(tmp_path / "none")])
        assert (outcome.status, outcome.stdout) == (1, b"")
        assert outcome.stderr.endswith("none: the config cannot be read: No such file or directory\n")


class TestInPlace:
    def test_an_empty_folder_gets_yaml(self):
        stdin = b"kind: ResourceList\nitems: []\nfunctionConfig: {kind: ConfigMap}\n"
        outcome = execute(lambda resources: resources.items.append(WEB), stdin)
        assert yaml.safe_load(outcome.stdout)["items"] == [WEB]
        assert b"{" not in outcome.stdout

    def test_the_config_stays_a_file_of_the_folder(self):
        noted = CONFIG | {"metadata": {"name": "f", "annotations": {"internal.config.kubernetes.io/path": "f.yaml"}}}
        stdin = yaml.safe_dump({"kind": "ResourceList", "items": [noted, WEB], "functionConfig": noted}).encode()
        seen = []
        outcome = execute(lambda resources: seen.extend(resources.items), stdin)
        assert seen == [WEB]
        assert ResourceList.decode(outcome.stdout).items == [noted, WEB]
