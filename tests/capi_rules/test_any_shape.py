"""Whatever stands where: rules and transformer find something or nothing, and never fail."""

import json
from copy import deepcopy
from typing import Any

import hypothesis
from hypothesis import strategies as st

from kloom.byoh_machine_template_transformer import byoh_machine_template_transformer
from kloom.capi.rules import Facts, findings
from kloom.sdk.resource_list import ResourceList

from .conftest import sample

JUNK = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        7,
        1.5,
        "",
        "{{",
        "v1.34.2",
        "1/2",
        "10.0.0.0/8",
        [],
        [None],
        [[]],
        {},
        {"a": None},
        {"x": [{}]},
    ]
)


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """Every path into the objects."""
    if isinstance(value, dict):
        return [path, *(place for key, item in value.items() for place in places(item, (*path, key)))]
    if isinstance(value, list):
        return [path, *(place for at, item in enumerate(value) for place in places(item, (*path, at)))]
    return [path]


TRANSFORMER = {
    "apiVersion": "kloom.dev/v1alpha1",
    "kind": "ByohMachineTemplateTransformer",
    "metadata": {"name": "hosts"},
    "spec": {"pools": [{"target": {"kind": "MachineDeployment"}, "hostSelector": {"matchLabels": {"role": "worker"}}}]},
}
SAMPLES = {version: sample(version) for version in ("v1beta1", "v1beta2")}
MISSHAPEN = ("apiVersion", "kind", "metadata")
"""What objects must be for the rules to be asked at all (`kloom.sdk.kube_object.misshapen`)."""
PLACES = {
    version: [place for place in places(objects) if len(place) > 1 and place[1] not in MISSHAPEN]
    for version, objects in SAMPLES.items()
}


@hypothesis.settings(max_examples=150)
@hypothesis.given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_no_shape_makes_the_rules_fail(version: str, data: st.DataObject) -> None:
    objects = deepcopy(SAMPLES[version])
    for _ in range(data.draw(st.integers(1, 3))):
        put(objects, data.draw(st.sampled_from(PLACES[version])), data.draw(JUNK))
    facts = Facts(before=SAMPLES[version], provider=data.draw(st.sampled_from([None, "platform9", "vmware", "?"])))
    for found in (findings(objects, facts), findings(SAMPLES[version], Facts(before=objects))):
        for finding in found:
            assert finding.message
            json.dumps(finding.path)


def put(value: Any, place: tuple, junk: Any) -> None:
    """Put something at a path; nothing where an earlier one took the way away."""
    *above, last = place
    for step in above:
        if not isinstance(value, (dict, list)) or (isinstance(value, dict) and step not in value):
            return
        if isinstance(value, list) and not (isinstance(step, int) and step < len(value)):
            return
        value = value[step]
    if isinstance(value, dict) or (isinstance(value, list) and isinstance(last, int) and last < len(value)):
        value[last] = deepcopy(junk)


@hypothesis.settings(max_examples=150)
@hypothesis.given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_no_shape_makes_the_transformer_fail(version: str, data: st.DataObject) -> None:
    objects = deepcopy(SAMPLES[version])
    for _ in range(data.draw(st.integers(1, 3))):
        put(objects, data.draw(st.sampled_from(PLACES[version])), data.draw(JUNK))
    resources = ResourceList(deepcopy(objects), TRANSFORMER)
    byoh_machine_template_transformer(resources)
    if any(result.severity == "error" for result in resources.results):
        assert resources.items == objects
    else:
        once = deepcopy(resources.items)
        byoh_machine_template_transformer(resources)
        assert resources.items == once
