"""What the transformer made it leaves as it is."""

import json
from pathlib import Path

import pytest

from kloom.byoh_machine_template_transformer import byoh_machine_template_transformer
from kloom.sdk.resource_list import ResourceList
from kloom.sdk.testing import Case, cases

CASES = Path(__file__).parents[1] / "cases" / "byoh_machine_template_transformer"
MADE = [case for case in cases(CASES) if (case.folder / "expected.yaml").exists()]


@pytest.mark.parametrize("case", MADE, ids=str)
def test_a_second_run_changes_nothing(case: Case) -> None:
    (config,) = case.documents("config.yaml")
    made = case.documents("expected.yaml")
    resources = ResourceList(case.documents("expected.yaml"), config)
    byoh_machine_template_transformer(resources)
    assert resources.results == []
    assert json.dumps(resources.items) == json.dumps(made)
