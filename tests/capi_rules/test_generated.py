"""What ByohClusterGenerator makes of any cluster that it accepts, no rule finds wrong."""

import hypothesis
import pytest
from compact_clusters import Values, clusters, made

from kloom.capi.rules import Facts, findings


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
@hypothesis.settings(max_examples=60)
@hypothesis.given(clusters())
def test_no_rule_finds_an_error(version: str, cluster: Values) -> None:
    found = findings(made(cluster, version), Facts())
    errors = [finding for finding in found if finding.rule.severity == "error"]
    assert [(finding.text, finding.obj["kind"], finding.path) for finding in errors] == []
