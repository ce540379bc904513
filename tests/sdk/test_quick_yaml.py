"""PyYAML imported in parts behaves as PyYAML does; each claim in a process of its own, where nobody has imported it."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_parser_comes_without_the_rest() -> None:
    loaded = run("import sys, kloom.sdk; print(*sys.modules)").split()
    assert "yaml._yaml" in loaded
    assert {"yaml.constructor", "yaml.reader", "re"}.isdisjoint(loaded)


def test_it_reads_and_refuses_as_it_does_after_the_whole_package() -> None:
    code = """
from kloom.sdk.yaml_reader import YamlError, YamlReader, kustomize_plain
for text in ("a: [1, x]", "a: [", "a: 'b", "a: *b", "a\\x01: b", "a: b\\n---\\nc: d", "a: b: c", "\\t- a", "- a\\n b"):
    try:
        print(YamlReader(kustomize_plain).document(text))
    except YamlError as error:
        print(error.message, error.line, error.column)
"""
    assert run(code) == run("import yaml, yaml.reader, yaml.composer\n" + code)


def test_the_whole_package_is_there_for_whoever_asks() -> None:
    code = """
import kloom.sdk, yaml
assert yaml.safe_load("a: [1, 2020-01-01]")["a"][1].year == 2020
assert yaml.load("b: 1", yaml.CSafeLoader) == {"b": 1}
assert yaml.dump({"a": [1]}) == "a:\\n- 1\\n"
assert yaml.YAMLError is yaml.error.YAMLError
import yaml.constructor
from yaml import SafeLoader, nodes
try:
    yaml.safe_load("a: [")
except yaml.YAMLError as error:
    assert isinstance(error, yaml.parser.ParserError)
assert not hasattr(yaml, "nothing")
"""
    run(code)


def test_what_the_c_parser_raises_is_an_error_of_the_package() -> None:
    run("""
import kloom.sdk, yaml
try:
    yaml.load("a: [", yaml.CSafeLoader)
except yaml.YAMLError as error:
    assert error.problem_mark
else:
    raise SystemExit("read")
""")


def test_another_pyyaml_is_imported_as_it_comes() -> None:
    """One of which the C module cannot be imported in parts."""
    run("""
import sys

class Finder:
    asked = 0

    @classmethod
    def find_spec(cls, name, path, target=None):
        cls.asked += name == "yaml.tokens"
        if name == "yaml.tokens" and cls.asked == 1:
            raise RuntimeError("not in parts")

sys.meta_path.insert(0, Finder)
from kloom.sdk.yaml_reader import YamlReader, kustomize_plain
assert Finder.asked == 2
assert "yaml.constructor" in sys.modules
assert YamlReader(kustomize_plain).document("a: 1") == {"a": 1}
""")
