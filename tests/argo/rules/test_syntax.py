"""How Kubernetes, Helm, jq and Go spell things."""

import pytest

from kloom.argo.rules import syntax


@pytest.mark.parametrize(("text", "expected"), [
    ("30", True), ("-5", True), ("5s", True), ("1h30m", True), ("1.5h", True), (".5s", True), ("0", True),
    ("300ms", True),
    ("5 minutes", False), ("1d", False), ("", False), ("s", False), ("1h 30m", False),
])  # fmt: skip
def test_durations(text: str, expected: bool) -> None:
    assert syntax.is_duration(text) is expected


@pytest.mark.parametrize(("text", "expected"), [
    ("1.33", True), ("v1.33.2", True), ("1.33.2+k3s1", True), ("v1.33.2-gke.100", True),
    ("1", False), ("latest", False), ("1.033", True), ("01.33", False), ("", False),
])  # fmt: skip
def test_versions_of_kubernetes(text: str, expected: bool) -> None:
    assert syntax.is_kube_version(text) is expected


@pytest.mark.parametrize(("path", "leaves", "is_root"), [
    ("deploy", False, False), (".", False, True), ("./", False, True), ("", False, True), ("a/..", False, True),
    ("a/../b", False, False), ("../a", True, False), ("a/../../b", True, False), ("/deploy", True, False),
    ("..", True, False), ("/", True, True), ("...", False, False),
])  # fmt: skip
def test_paths(path: str, leaves: bool, is_root: bool) -> None:
    assert (syntax.leaves_root(path), syntax.is_root(path)) == (leaves, is_root)


@pytest.mark.parametrize(("key", "value", "is_right"), [
    ("team", "checkout", True), ("example.com/team", "", True), ("a.B_c-1", "A.b_c-1", True), ("team", "x" * 63, True),
    ("team", "x" * 64, False), ("team", "-x", False), ("team", "a b", False), ("Example.com/team", "a", False),
    ("/team", "a", False), ("example.com/", "a", False), ("x" * 64, "a", False), ("a/b/c", "d", False),
])  # fmt: skip
def test_labels(key: str, value: str, is_right: bool) -> None:
    assert (syntax.label_problem(key, value) is None) is is_right
