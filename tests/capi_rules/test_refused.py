"""refused/ holds, for each rule on what Cluster API itself refuses, the objects of its bad example, whole.

A real API server with Cluster API's webhooks is asked about them: NAME.yaml must be refused there, by itself or
after NAME.before.yaml was taken. `make golden` writes them from the examples.
"""

from pathlib import Path

import pytest

from kloom.capi.rules import RULES, Rule
from kloom.sdk.yaml_writer import to_yaml_documents

from .conftest import FOLDER, Example

REFUSED = FOLDER / "refused"
EACH_REFUSED = pytest.mark.parametrize("rule", [rule for rule in RULES if rule.is_refused], ids=lambda rule: rule.id)


@EACH_REFUSED
def test_the_objects_are_those_of_the_example(rule: Rule, update_golden: bool) -> None:
    bad, _ = rule.examples()
    example = Example(bad)
    texts = {REFUSED / f"{rule.id}.yaml": to_yaml_documents(example.changed)}
    if example.before is not None:
        texts[REFUSED / f"{rule.id}.before.yaml"] = to_yaml_documents(example.before[1])
    for file, text in texts.items():
        if update_golden:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == text


def test_there_are_no_others() -> None:
    known = {rule.id for rule in RULES if rule.is_refused}
    assert {name_of(file) for file in REFUSED.iterdir()} == known


def name_of(file: Path) -> str:
    return file.name.removesuffix(".yaml").removesuffix(".before")
