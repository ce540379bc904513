"""Texts made to hurt, as values, as the config, as what comes on stdin: each is refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from .conftest import MEGABYTES, SECONDS

MIB = 2**20
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)

# name: text, what must be told
TEXTS: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "alias_bomb": (lambda: BOMB, "aliases expand"),
    "alias_bomb_of_maps": (
        lambda: "a0: &a0 {x: y}\n" + "".join(f"a{n}: &a{n} {{b: *a{n - 1}, c: *a{n - 1}}}\n" for n in range(1, 40)),
        "aliases expand",
    ),
    "alias_to_itself": (lambda: "a: &a [*a]\n", "nested deeper"),
    "alias_to_itself_as_key": (lambda: "? &a {*a : b}\n: c\n", ""),
    "a_million_brackets": (lambda: "a: " + "[" * 10**6, "nested deeper"),
    "a_million_braces": (lambda: "{a: " * 10**6, "nested deeper"),
    "brackets_in_balance": (lambda: "a: " + "[" * 10**5 + "]" * 10**5, "nested deeper"),
    "a_few_hundred_brackets": (lambda: "a: " + "[" * 500 + "]" * 500, "nested deeper"),
    "deep_blocks": (lambda: "".join(" " * n + "a:\n" for n in range(1500)), "nested deeper"),
    "deep_lists": (lambda: "- " * 50_000 + "a", "nested deeper"),
    "deep_question_marks": (lambda: "? " * 50_000 + "a", "nested deeper"),
    "deep_lists_on_many_lines": (lambda: "".join("- " * (n % 1000) + "a\n" for n in range(2000)), ""),
    "a_quote_that_never_ends": (lambda: "a: '" + "''" * MIB, "no valid YAML"),
    "quotes_in_quotes": (lambda: "a: " + "'\"" * MIB, "no valid YAML"),
    "invalid_utf8": (lambda: b"a: b\nc: \xff\xfe\n", "must be UTF-8"),
    "a_surrogate_in_utf8": (lambda: b"a: \xed\xa0\x80\n", "must be UTF-8"),
    "utf16": (lambda: "a: b\n".encode("utf-16"), "must be UTF-8"),
    "utf16_without_a_mark": (lambda: "a: b\n".encode("utf-16-be"), ""),
    "utf32": (lambda: "a: b\n".encode("utf-32"), "must be UTF-8"),
    "nul": (lambda: "a: b\0c\n", "no valid YAML"),
    "escape": (lambda: "a: \x1b[2J\n", "no valid YAML"),
    "backspace": (lambda: "a: b\bc\n", "no valid YAML"),
    "a_line_separator": (lambda: "a: b\u2028c\n", ""),
    "an_escaped_surrogate": (lambda: 'a: "\\ud800"\n', ""),
    "an_escaped_nul": (lambda: 'a: "\\0"\n', ""),
    "a_noncharacter": (lambda: "a: \uffff\n", "no valid YAML"),
    "a_python_object": (lambda: "a: !!python/object/apply:os.system ['touch pwned']\n", ""),
    "a_python_name": (lambda: "a: !!python/name:os.system\n", ""),
    "a_tag_of_ones_own": (lambda: "!a {b: !c d}\n", ""),
    "a_tag_directive": (lambda: "%TAG ! tag:example.com,2000:\n---\n!a b\n", ""),
    "a_directive_of_nobody": (lambda: "%FOO bar\n---\na: b\n", ""),
    "yaml_of_the_future": (lambda: "%YAML 9.9\n---\na: b\n", "no valid YAML"),
    "a_set": (lambda: "a: !!set {b, c}\n", ""),
    "null_as_key": (lambda: "null: a\n", ""),
    "a_map_as_key": (lambda: "{a: b}: c\n", ""),
    "a_long_key": (lambda: "k" * 100_000 + ": a\n", ""),
    "an_alias_of_nobody": (lambda: "a: *b\n", "no valid YAML"),
    "a_tab": (lambda: "a:\n\tb: c\n", "no valid YAML"),
    "a_huge_integer": (lambda: "a: " + "9" * 100_000 + "\n", ""),
    "a_huge_hexadecimal": (lambda: "a: 0x" + "f" * 100_000 + "\n", ""),
    "a_huge_octal": (lambda: "a: 0o" + "7" * 100_000 + "\n", ""),
    "a_huge_exponent": (lambda: "a: 1e" + "9" * 100_000 + "\n", ""),
    "infinity": (lambda: "a: .inf\n", ""),
    "one_huge_scalar": (lambda: f"a: {'x' * (4 * MIB - 8)}\n", ""),
    "many_nodes_in_a_flow": (lambda: f"[{'a,' * (2 * MIB - 8)}]", ""),
    "many_lists": (lambda: "[],\n" * MIB, "no valid YAML"),
    "many_documents": (lambda: "---\n" * (MIB - 8), ""),
    "many_comments": (lambda: "#\n" * (2 * MIB - 8) + "[]", ""),
    "many_keys": (lambda: "".join(f"key-{n}: {{}}\n" for n in range(100_000)), ""),
    "many_keys_one_twice": (lambda: "".join(f"k{n % 99_999}: {{}}\n" for n in range(100_000)), "duplicate key"),
    "many_wrong_values": (lambda: "".join(f"k{n}: {n}\n" for n in range(100_000)), ""),
    "many_wrong_labels": (
        lambda: "global:\n  labels:\n" + "".join(f"    k{n}: {n}\n" for n in range(100_000)),
        "",
    ),
    "many_anchors": (lambda: "".join(f"k{n}: &a{n} {{}}\n" for n in range(100_000)), ""),
    "many_merges": (
        lambda: "a: &a {b: c}\n" + "".join(f"k{n}: {{<<: [{', '.join(['*a'] * 100)}]}}\n" for n in range(1000)),
        "",
    ),
    "too_large": (lambda: "#" * (5 * MIB), ""),
}
ITEMS = b"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: {kind: None}\nitems:\n- kind: A\n"


def texts() -> dict[str, tuple[bytes, str]]:
    made = ((name, make(), told) for name, (make, told) in TEXTS.items())
    return {name: (text if isinstance(text, bytes) else text.encode(), told) for name, text, told in made}


def assert_all_are_refused(fuzz: Any, cases: Sequence[Any], where: str = "") -> None:
    """All in one process: each with a sentence that begins with a place, in seconds, in little memory."""
    verdicts, megabytes = fuzz.judge(cases)
    for verdict in verdicts:
        told = TEXTS[verdict.case.name][1] if where else ""
        seen = (verdict.case.name, verdict.problem, verdict.status, verdict.seconds, verdict.stderr[:500])
        assert not verdict.problem, seen
        assert verdict.status == fuzz.REFUSED, seen
        assert told in verdict.stderr, seen
        assert all(re.match(where, line) for line in verdict.stderr.splitlines()), seen
        assert verdict.seconds < SECONDS, seen
    assert len(verdicts) == len(cases)
    assert megabytes < MEGABYTES


def test_as_values(fuzz: Any) -> None:
    cases = [fuzz.Case("values", text, "services/a.yaml", name) for name, (text, _) in texts().items()]
    assert_all_are_refused(fuzz, cases, where=r"[a-z/]+\.yaml(:[0-9]+:[0-9]+)?: ")


def test_as_what_kustomize_sends(fuzz: Any) -> None:
    assert_all_are_refused(fuzz, [fuzz.Case("stdin", text, "", name) for name, (text, _) in texts().items()])


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("values", "clusters.yaml"),
        ("values", "common.yaml"),
        ("render", "config.yaml"),
        ("render", "kustomization.yaml"),
    ],
)
def test_as_another_file(fuzz: Any, target: str, file: str) -> None:
    """The reader is the same one, so that the longest texts need not be read again."""
    cases = [fuzz.Case(target, text, file, name) for name, (text, _) in texts().items() if not name.startswith("many")]
    assert_all_are_refused(fuzz, cases)


def test_as_config_of_the_plugin(fuzz: Any) -> None:
    cases = [fuzz.Case("plugin", text, "", name) for name, (text, _) in texts().items() if not name.startswith("many")]
    assert_all_are_refused(fuzz, cases)


def test_as_an_item(fuzz: Any) -> None:
    """The text as fields of an item; the config is of nobody, so that what is harmless there is refused, too."""
    inside = {
        name: b"".join(b"  " + line + b"\n" for line in text.split(b"\n"))
        for name, (text, _) in texts().items()
        if not name.startswith("many")
    }
    assert_all_are_refused(fuzz, [fuzz.Case("stdin", ITEMS + text, "", name) for name, text in inside.items()])


def test_nothing_was_executed(kustomization: Any) -> None:
    kustomization.write("services/a.yaml", "a: !!python/object/apply:os.system ['touch pwned']\n")
    assert kustomization.function().has_refused("explicit tags are not read")
    assert not list(Path(kustomization.folder).rglob("pwned"))
