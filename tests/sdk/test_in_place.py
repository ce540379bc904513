"""What `kustomize fn run` writes back into files: what the function changed, and nothing else."""

import difflib

import pytest
import yaml

from kloom.sdk import Refusal, execute
from kloom.sdk.resource_list import ResourceList

CONFIG = """\
apiVersion: example.com/v1
kind: MyFunction
metadata:
  name: mine
  annotations:
    config.kubernetes.io/function: |
      exec: {path: FUNCTION}
"""
FILE = """\
# the first of two
apiVersion: v1 # core
kind: ConfigMap
metadata:
  name: "a"
  labels: {app: 'x', tier: "y"}
# about the data
data:
  # about k
  k: 'quoted' # trailing
  eq: =
  date: 2020-01-01
  answer: yes
  script: |
    #!/bin/sh
    echo "é"

    exit 0
  keep: |+
    two newlines

  folded: "a # b"
# about the list
list:
- 'one' # 1
# about two
- "two"
- name: three
  value: 'x'
---
# the second
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 2, list: [a, 'b'], "c": {}}
"""


@pytest.fixture
def folder(tmp_path, author, kustomize):
    """Runs a function on a folder with FILE; the lines of it that go and come, by file."""
    directory = tmp_path / "package"
    directory.mkdir()

    def run(body, **files):
        config = CONFIG.replace("FUNCTION", str(author(body)))
        before = {"a.yaml": FILE, "config.yaml": config, **files}
        for name, text in before.items():
            (directory / name).write_text(text)
        done = kustomize("fn", "run", directory, "--enable-exec")
        assert done.returncode == 0, done.stderr
        after = {path.name: path.read_text() for path in directory.iterdir()}
        return {name: diff for name in before | after if (diff := _diff(before.get(name), after.get(name)))}

    return run


def _diff(before, after):
    if before is None or after is None:
        return after
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line for line in lines if line[0] in "+-"]


def test_a_function_that_changes_nothing_changes_no_file(folder):
    assert folder("pass") == {}


@pytest.mark.parametrize("function", ["cat", "ours"])
def test_what_kyaml_itself_makes_of_a_file(tmp_path, author, kustomize, function):
    """Any function gets this, one that copies its input too; should kyaml change, docs/sdk.md must."""
    text = (
        "apiVersion: v1\nkind: A  # two spaces\nmetadata:\n  name: a\nlist:\n  - 1\n"
        "fold: >-\n  a\n  b\nblock: |\n  😀\n"
    )
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "a.yaml").write_text(text)
    path = "/bin/cat" if function == "cat" else author("pass")
    kustomize("fn", "run", tmp_path / "package", "--exec-path", path, "--enable-exec")
    assert (tmp_path / "package" / "a.yaml").read_text() == (
        'apiVersion: v1\nkind: A # two spaces\nmetadata:\n  name: a\nlist:\n- 1\nfold: "a b"\nblock: "\\U0001F600\\n"\n'
    )


def test_one_changed_value_is_one_changed_line(folder):
    assert folder('resources.where(name="a")[0]["data"]["k"] = "new"') == {
        "a.yaml": ["-   k: 'quoted' # trailing", "+   k: new # trailing"]
    }


def test_new_values_are_quoted_where_readers_disagree(folder):
    body = """
    data = resources.where(name="a")[0]["data"]
    data.update(sha="1234e56", flag="yes", text="x\\ny\\n", eq="=")
    """
    assert folder(body) == {
        "a.yaml": ['+   sha: "1234e56"', '+   flag: "yes"', "+   text: |", "+     x", "+     y"],
    }


def test_lists_and_removals_touch_only_their_lines(folder):
    body = """
    obj = resources.where(name="a")[0]
    del obj["data"]["date"]
    obj["list"].insert(1, "between")
    obj["list"][-1]["value"] = "changed"
    """
    assert folder(body) == {"a.yaml": ["-   date: 2020-01-01", "+ - between", "-   value: 'x'", "+   value: changed"]}


def test_flow_style_stays_flow_style(folder):
    body = """
    resources.where(name="a")[0].labels["new"] = "1e3"
    web = resources.where(kind="Deployment")[0]
    web.set_path("spec.replicas", 3)
    web.get_path("spec.list").append("c")
    """
    assert folder(body) == {
        "a.yaml": [
            "-   labels: {app: 'x', tier: \"y\"}",
            '+   labels: {app: \'x\', tier: "y", "new": "1e3"}',
            "- spec: {replicas: 2, list: [a, 'b'], \"c\": {}}",
            '+ spec: {replicas: 3, list: [a, \'b\', "c"], "c": {}}',
        ]
    }


def test_a_new_item_becomes_a_file_named_for_it(folder):
    made = folder('resources.upsert(config_map("made", {"a": "yes"}))')
    assert made == {
        "configmap_made.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: made\ndata:\n  a: "yes"\n'
    }


def test_a_removed_item_is_gone_and_its_neighbour_as_it_was(folder, tmp_path):
    folder('resources.remove(resources.where(kind="Deployment")[0])')
    assert (tmp_path / "package" / "a.yaml").read_text() == FILE.partition("---\n")[0]


def test_a_renamed_item_stays_in_its_file_without_notes_for_a_build(folder):
    assert folder('resources.where(name="a")[0].rename(name="b")') == {"a.yaml": ['-   name: "a"', "+   name: b"]}


def test_a_folder_without_resources_gets_a_readable_file(tmp_path, author, kustomize):
    function = author('resources.items.append({"apiVersion": "v1", "kind": "A", "metadata": {"name": "b"}})')
    (tmp_path / "empty").mkdir()
    done = kustomize("fn", "run", tmp_path / "empty", "--exec-path", function, "--enable-exec")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "empty" / "a_b.yaml").read_text() == "apiVersion: v1\nkind: A\nmetadata:\n  name: b\n"


def test_an_error_leaves_the_files_alone(tmp_path, author, kustomize):
    function = author('resources.items.clear()\nraise FunctionConfigError("no")')
    (tmp_path / "a.yaml").write_text(FILE)
    done = kustomize("fn", "run", tmp_path, "--exec-path", function, "--enable-exec")
    assert done.returncode == 1
    assert "ConfigMap/function-input: no\n" in done.stderr
    assert (tmp_path / "a.yaml").read_text() == FILE


LIST = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- # head
  kind: A   # kept
  metadata:
    name: 'a'
    annotations: {internal.config.kubernetes.io/path: 'a.yaml', internal.config.kubernetes.io/index: '0'}
  list:
      - "x"
- kind: B
  metadata:
    annotations: {internal.config.kubernetes.io/path: 'a.yaml', internal.config.kubernetes.io/index: '1'}
  text: >-
    folded
    text
"""


def test_unchanged_items_go_back_byte_for_byte():
    assert execute(lambda _: None, LIST.encode()).stdout.decode() == LIST


def test_other_margins_give_the_same():
    head, items = LIST.split("items:\n")
    shifted = f"{head}items:\n" + "".join(f"   {line}\n" for line in items.splitlines())
    assert execute(lambda _: None, shifted.encode()).stdout.decode() == LIST


def test_order_and_new_items_are_the_functions():
    def function(resources):
        resources.items.reverse()
        resources.items.insert(0, {"kind": "C"})

    made = execute(function, LIST.encode()).stdout.decode()
    assert [item["kind"] for item in yaml.safe_load(made)["items"]] == ["C", "B", "A"]
    assert "- # head\n  kind: A   # kept\n" in made


def test_an_item_that_is_made_again_takes_the_place_of_the_former():
    def function(resources):
        resources.items.append({"kind": "A", "metadata": {"name": "a"}, "list": ["x", "y"]})

    made = execute(function, LIST.encode()).stdout.decode()
    assert made == LIST.replace('      - "x"\n', '      - "x"\n      - "y"\n')


def test_json_with_paths_is_answered_in_block_yaml():
    flow = str(yaml.safe_load(LIST)).encode()
    made = execute(lambda resources: resources.items[0].set_path("list", ["é"]), flow)
    assert b"\n  list:\n  - " in made.stdout
    assert ResourceList.decode(made.stdout).items[1] == ResourceList.decode(flow).items[1]


def test_after_an_error_kpt_gets_the_list_as_it_came_with_the_results():
    def function(resources):
        resources.items[0]["list"] = []
        raise Refusal("refused")

    outcome = execute(function, LIST.encode())
    assert outcome.status == 1
    assert outcome.stdout.decode() == LIST + "results:\n- message: refused\n  severity: error\n"
