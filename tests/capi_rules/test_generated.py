"""What ByohClusterGenerator makes of any cluster that it accepts, no rule finds wrong."""

import hypothesis
import pytest
from compact_clusters import Values, clusters

from kloom.byoh_cluster_generator import byoh_cluster_generator
from kloom.capi.rules import Facts, findings
from kloom.sdk.resource_list import ResourceList


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
@hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(clusters())
def test_no_rule_finds_an_error(version: str, cluster: Values) -> None:
    config = {
        "apiVersion": "kloom.dev/v1alpha1",
        "kind": "ByohClusterGenerator",
        "metadata": {"name": "one"},
        "spec": {"clusters": {"one": cluster}, "clusterApiVersion": version},
    }
    resources = ResourceList((), config)
    byoh_cluster_generator(resources)
    errors = [finding for finding in findings(resources.items, Facts()) if finding.rule.severity == "error"]
    assert [(finding.text, finding.obj["kind"], finding.path) for finding in errors] == []
