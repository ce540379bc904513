"""The golden-case runner: what passes, what fails and how it says so, what it writes."""

from pathlib import Path

import pytest

from kloom.sdk import FunctionConfigError, Result
from kloom.sdk.testing import Case, cases, check

CONFIG = "apiVersion: v1\nkind: F\nmetadata: {name: f}\n"
INPUT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def add_label(resources):
    for obj in resources.where(kind="ConfigMap"):
        obj.labels["a"] = "yes"


def warn(resources):
    resources.results.append(Result.warning("careful"))


def refuse(_resources):
    raise FunctionConfigError("must be there", field="spec")


def fail(_resources):
    raise ValueError("oops")


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "cases" / "one"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "input.yaml").write_text(INPUT)
    return Case(folder)


def test_cases_are_found_by_their_config(case):
    assert [str(found) for found in cases(case.folder.parent)] == ["one"]


def test_no_case_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no case there"):
        cases(tmp_path)


@pytest.mark.parametrize("function", [add_label, warn, refuse])
def test_what_update_writes_passes_and_is_compared(case, function):
    check(function, case, update=True)
    check(function, case, update=False)
    with pytest.raises(AssertionError, match="one: "):
        check(lambda resources: resources.items.clear(), case, update=False)


def test_expected_yaml_is_compared_as_data(case):
    (case.folder / "expected.yaml").write_text(
        "metadata: {labels: {a: 'yes'}, name: a}\nkind: ConfigMap\napiVersion: v1\n"
    )
    check(add_label, case, update=False)
    (case.folder / "expected.yaml").write_text(
        "metadata: {labels: {a: true}, name: a}\nkind: ConfigMap\napiVersion: v1\n"
    )
    with pytest.raises(AssertionError, match=r'\+    a: "yes"'):
        check(add_label, case, update=False)


def test_a_refusal_leaves_only_its_errors(case):
    check(add_label, case, update=True)
    check(refuse, case, update=True)
    assert not (case.folder / "expected.yaml").exists()
    assert (case.folder / "errors.txt").read_text() == "F/f spec: must be there\n"


def test_a_case_that_expects_nothing_fails(case):
    with pytest.raises(AssertionError, match=r"neither expected\.yaml nor errors\.txt"):
        check(refuse, case, update=False)


def test_a_bug_fails_even_when_updating(case):
    with pytest.raises(AssertionError, match="exit status 3"):
        check(fail, case, update=True)


def test_the_function_runs_in_the_folder_of_the_case(case):
    (case.folder / "beside.txt").write_text("x")

    def function(resources):
        resources.items[0]["data"] = {"k": Path("beside.txt").read_text()}

    check(function, case, update=True)
    assert "k: x" in (case.folder / "expected.yaml").read_text()


def test_two_outputs_from_one_input_fail(case):
    calls = []

    def function(resources):
        calls.append(1)
        resources.items[0]["data"] = {"k": len(calls)}

    with pytest.raises(AssertionError, match="two runs gave two outputs"):
        check(function, case)
