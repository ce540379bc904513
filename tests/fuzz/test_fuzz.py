"""What hack/fuzz.py does for minutes, a few times; and texts that hypothesis puts together for the readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloom.sdk.yaml_reader import YamlError, kustomize_plain, position_of, read_documents
from kloom.values.helm_yaml import HELM

PIECES = (
    "a", "b:", ": ", "- ", "? ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", "'", '"', "&a ", "*a", "<<: ", "!!str ", "! ", "|\n",
    ">-\n", "#", "---\n", "...\n", "%YAML 1.1\n", "\t", "\\", "~", "yes", "1", "0x", "1e9", ".inf", "2020-01-01", "\u2028", "\ufeff", "é", "\0",
)  # fmt: skip
yaml_like = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=40)
paths = st.lists(st.sampled_from(("a", "b", 0, 1, "<<")), max_size=4)


@settings(max_examples=300)
@given(yaml_like, paths)
def test_a_reader_reads_or_refuses(text: str, path: list[str | int]) -> None:
    for read in (
        lambda: read_documents(text, kustomize_plain),
        lambda: HELM.document(text),
        lambda: position_of(text, path),
        lambda: position_of(text, path, key=True),
    ):
        if refused := refusal(read):
            message, line, column = refused
            assert message
            assert min(line, column) >= 1


def refusal(read: Callable[[], object]) -> tuple[str, int, int] | None:
    """The sentence and the place of a refusal, None where there is none."""
    try:
        read()
    except YamlError as error:
        return error.message, error.line, error.column
    return None


@settings(max_examples=300)
@given(yaml_like)
def test_what_is_read_is_bounded_plain_data(text: str) -> None:
    try:
        found = read_documents(text, kustomize_plain)
    except YamlError:
        return
    assert all(map(is_plain, found))


def is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(item) for key, item in value.items())
    return all(map(is_plain, value)) if isinstance(value, list) else isinstance(value, (str, int, float, type(None)))


def test_mutated_input_is_met_politely(fuzz: Any, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for seed in range(1, 5):
        verdicts, _ = fuzz.judged(["--seed", str(seed), *fuzz.TARGETS])
        bad = [verdict for verdict in verdicts if verdict.problem]
        assert not bad, [(verdict.problem, verdict.case) for verdict in bad[:3]]
        assert len(verdicts) == fuzz.BATCH
        counted.update(verdict.case.target for verdict in verdicts)
    assert counted.keys() == fuzz.TARGETS.keys()
    with capsys.disabled():
        print(f"\nfuzz: {counted.total()} mutated cases ({dict(counted)})")  # noqa: T201  # a figure that CI shows
