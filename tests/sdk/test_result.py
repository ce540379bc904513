"""Result: one printable line for people, one record for kpt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.sdk import FunctionConfigError, Refusal, Result
from kloom.sdk.result import in_order

WEB = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
RESULTS = st.builds(
    Result,
    st.text(),
    severity=st.sampled_from(["error", "warning", "info"]),
    field=st.sampled_from(["", "spec.a", ("x", 0)]),
    file=st.sampled_from(["", "a.yaml"]),
    line=st.integers(0, 2),
    current=st.none() | st.integers() | st.text(),
)


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (Result.error("must be 2").about(WEB, "spec.replicas"), "Deployment/web spec.replicas: must be 2"),
        (Result.warning("is old").about(WEB), "Deployment/web: warning: is old"),
        (Result.error("unknown").at("a/b.yaml", 7, 3), "a/b.yaml:7:3: unknown"),
        (Result.error("unknown", field=("x", 0)).at("b.yaml", 7), "b.yaml:7: x[0]: unknown"),
        (Result.error("bad").about(WEB, "spec").at("b.yaml"), "b.yaml: Deployment/web spec: bad"),
        (Result.error("bad").about({"metadata": {"name": "x"}}, "kind"), "x kind: bad"),
        (Result.info("hello"), "info: hello"),
        (Result.error("two\nlines\n"), "two lines"),
        (Result.error("\x1b[31m\x85\ud800"), "\\u001b[31m\\u0085\\ud800"),
    ],
)
def test_line_for_people(result, line):
    assert str(result) == line


def test_record_for_kpt():
    result = Result.error("must be 2", current=1, proposed="2", tags={"rule": "r1"})
    assert result.about(WEB, "spec.replicas").at("a.yaml", 7, 3).to_dict() == {
        "message": "must be 2",
        "severity": "error",
        "resourceRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "shop"},
        "field": {"path": "spec.replicas", "currentValue": "1", "proposedValue": "2"},
        "file": {"path": "a.yaml"},
        "tags": {"rule": "r1", "line": "7", "column": "3"},
    }


def test_severity_is_always_written():
    assert Result("m").to_dict() == {"message": "m", "severity": "error"}


@pytest.mark.parametrize(
    ("severity", "fail_on", "becomes"),
    [
        ("warning", "warning", "error"),
        ("warning", "error", "warning"),
        ("info", "warning", "info"),
        ("error", "error", "error"),
    ],
)
def test_a_warning_is_as_severe_as_the_config_says(severity, fail_on, becomes):
    assert Result("m", severity=severity).as_severe_as(fail_on) == Result("m", severity=becomes)


def test_the_file_that_kpt_noted_is_named():
    noted = {
        "kind": "A",
        "metadata": {"name": "b", "annotations": {"internal.config.kubernetes.io/path": "d/f.yaml"}},
    }
    assert str(Result.error("bad").about(noted)) == "d/f.yaml: A/b: bad"


@given(st.lists(RESULTS), st.randoms())
def test_the_same_findings_are_the_same_lines_in_whatever_order(results, random):
    shuffled = [*results, *results]
    random.shuffle(shuffled)
    assert [str(result) for result in in_order(results)] == [str(result) for result in in_order(shuffled)]


@given(RESULTS)
def test_equal_results_are_one(result):
    assert len({result, result.but(), result.but(tags={"a": "b"})}) == 2


@given(RESULTS)
def test_a_line_is_one_printable_line(result):
    assert len(str(result).splitlines()) <= 1
    str(result).encode()


def test_a_result_does_not_change():
    result = Result.error("m")
    with pytest.raises(AttributeError, match="does not change"):
        result.message = "n"


def test_a_refusal_carries_one_or_several_results():
    assert FunctionConfigError("must be there", field="spec.x").results == (Result("must be there", field="spec.x"),)
    several = FunctionConfigError(Result.error(text) for text in "ab")
    assert (str(several), isinstance(several, Refusal)) == ("a\nb", True)
