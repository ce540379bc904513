"""kloom and helm say the same: for whatever both accept, and what helm refuses kloom refuses too."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kloom_only import KLOOM_ONLY, Refusal
from strategies import CLUSTERS, Values, files

from kloom.application_generator import Environment, GeneratorConfig, expand
from kloom.argo import application
from kloom.argo.levels import below, choice, is_absent
from kloom.argo.rules.together import NAME_TWICE
from kloom.eject import as_float64
from kloom.sdk.result import Result
from kloom.sdk.yaml_reader import YamlReader, kustomize_plain
from kloom.sdk.yaml_writer import to_yaml
from kloom.values.files import Repository
from kloom.values.helm_yaml import HELM
from kloom.values.ignores import RULE_TAG
from kloom.values.inputs import Inputs
from kloom.values.merge import merge

ROOT_CHART = Path(__file__).resolve().parents[2] / "charts" / "argo-app-root"
EXAMPLES = int(os.environ.get("KLOOM_EXAMPLES", "250"))
LEAST_SHARE = 0.8
"""How much of it both accept, at least."""
CHOICES = {
    "source": application.SOURCES,
    "address": application.ADDRESSES,
    "location": application.LOCATIONS,
    "renderer": application.RENDERERS,
}
INHERITED_FIELDS = ("destination", "project", "syncPolicy", "source", *application.WHOLE_FIELDS)
LEVELS = ("block", "role", "shared", "global", "default")

Applications = dict[str, Values]


class Refused(Exception):  # noqa: N818  # the word for what it is
    """What was printed instead of Applications."""


def by_kloom(folder: Path, names: tuple[str, ...]) -> Applications:
    """The Applications that kloom makes of the files, the last of which is the service's, by namespace and name."""
    *shared, service = names
    spec: Values = {"services": service, "common": [name for name in shared if name != "inventory.yaml"]}
    if "inventory.yaml" in shared:
        spec["clusters"] = "inventory.yaml"
    return of_config(folder, spec)


def of_config(folder: Path, spec: Values, *, heed_rules: bool = False) -> Applications:
    """The Applications of a config's spec. Rules, which refuse what Argo CD would, are heeded where they are tested."""
    inputs = Inputs(Repository(str(folder)), ())
    made, findings = expand(Environment(GeneratorConfig("test", spec), inputs))
    refused = [message for _, message in inputs.refused]
    errors = [finding for finding in findings if finding.severity == "error"]
    refused += [told(finding) for finding in errors if heed_rules or is_of_layout(finding)]
    if refused:
        raise Refused("\n".join(refused))
    return by_name(made)


def is_of_layout(finding: Result) -> bool:
    return finding.tags.get(RULE_TAG) in (None, NAME_TWICE.id)


def told(finding: Result) -> str:
    rule = finding.tags.get(RULE_TAG)
    return f"{finding} [{rule}]" if rule else str(finding)


def by_helm(helm: str, folder: Path, names: tuple[str, ...], chart: Path = ROOT_CHART) -> Applications:
    """The Applications that helm renders of the same files."""
    values = [word for name in names for word in ("--values", name)]
    done = subprocess.run(
        [helm, "template", "r", chart, *values], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(done.stderr)
    return by_name([document for document in YamlReader(kustomize_plain).documents(done.stdout) if document])


def by_name(objects: list[Values]) -> Applications:
    return {f"{obj['metadata']['namespace']}/{obj['metadata']['name']}": as_float64(obj) for obj in objects}


def outcome(render: Any, *args: Any) -> Applications | Refused:
    try:
        return render(*args)  # type: ignore[no-any-return]  # one of the two above
    except Refused as refused:
        return refused


def occurrences(values: Values) -> set[str]:
    """Which level each field of each Application comes from, and which member of each choice is taken."""
    found = set()
    for cluster in application.enabled_clusters(values, CLUSTERS):
        levels = application.levels_of(values, cluster)
        names = [{1: "role"}.get(at, "block") if at < len(levels) - 1 else "shared" for at in range(len(levels))]
        for field in INHERITED_FIELDS:
            at = next((at for at, (_, said) in enumerate(levels) if not is_absent(said.get(field))), None)
            farther = "global" if field == "project" and (values.get("global") or {}).get("project") else "default"
            found.add(f"{field} of {farther if at is None else names[at]}")
        sources = below(levels, "source")
        for of, where in (
            ("source", levels),
            ("address", below(levels, "destination")),
            ("location", sources),
            ("renderer", sources),
        ):
            found.add(f"{of}: {choice(where, CHOICES[of])}")
    return found


def expected_occurrences() -> set[str]:
    everywhere = {f"{field} of {level}" for field in INHERITED_FIELDS for level in LEVELS[:3]}
    fallen_back = {f"{field} of default" for field in ("project", *application.WHOLE_FIELDS)} | {"project of global"}
    return everywhere | fallen_back | {f"{of}: {member}" for of, members in CHOICES.items() for member in members}


def test_generated_values_render_alike(
    helm: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], run_until_none: Any
) -> None:
    """kloom and helm give the same Applications for generated files; what helm refuses, kloom refuses."""
    folder = tmp_path_factory.mktemp("equality")
    names = ("inventory.yaml", "common.yaml", "service.yaml")
    verdicts: Counter[str] = Counter()
    occurred: set[str] = set()

    @settings(max_examples=EXAMPLES)
    @given(files())
    def compare(trio: tuple[Values, Values, Values]) -> None:
        for name, values in zip(names, trio, strict=True):
            (folder / name).write_text(to_yaml(values))
        ours, helms = outcome(by_kloom, folder, names), outcome(by_helm, helm, folder, names)
        if isinstance(helms, Refused):
            assert isinstance(ours, Refused), f"only helm refuses: {helms}"
            verdicts["both refuse"] += 1
        elif isinstance(ours, Refused):
            unlisted = [line for line in str(ours).splitlines() if not any(entry.covers(line) for entry in KLOOM_ONLY)]
            assert not unlisted, "only kloom refuses, and docs/values.md does not list why: " + "\n".join(unlisted)
            verdicts["only kloom refuses"] += 1
        else:
            assert ours == helms
            verdicts["both accept"] += 1
            inventory, common, service = (HELM.document((folder / name).read_text()) for name in names)
            occurred.update(occurrences(merge(merge(inventory, common), service)))

    run_until_none(compare, lambda: expected_occurrences() - occurred)
    share = verdicts["both accept"] / verdicts.total()
    with capsys.disabled():
        told = f"equality with helm over {verdicts.total()} generated inputs: {dict(verdicts)}"
        print(f"\n{told}, {share:.0%} accepted by both")  # noqa: T201  # a figure that CI shows
    assert share >= LEAST_SHARE


@pytest.mark.parametrize("entry", KLOOM_ONLY, ids=lambda entry: entry.title)
def test_what_only_kloom_refuses(entry: Refusal, helm: str, tmp_path: Path) -> None:
    """Each entry of the list: kloom refuses for that reason, helm renders each of the services."""
    others = entry.other_services
    texts = {"common.yaml": entry.common, "service.yaml": entry.service, **others}
    if entry.inventory:
        texts["inventory.yaml"] = entry.inventory
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    spec = {"clusters": "inventory.yaml", "common": "common.yaml", "services": ["service.yaml", *others]}
    with pytest.raises(Refused) as refused:
        of_config(tmp_path, spec, heed_rules=True)
    assert all(entry.covers(line) for line in str(refused.value).splitlines())
    for service in ("service.yaml", *others):
        assert by_helm(helm, tmp_path, ("inventory.yaml", "common.yaml", service))


def test_the_list_of_what_only_kloom_refuses_is_the_documented_one() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "values.md").read_text()
    section = text.split("## What only kloom refuses")[1].split("\n## ")[0]
    numbered = re.findall(r"^(\d+)\. \*\*(.+?)\*\*", section, re.MULTILINE)
    assert [(int(number), title) for number, title in numbered] == [
        (number, entry.title) for number, entry in enumerate(KLOOM_ONLY, 1)
    ]


PLAIN_SCALARS = """
yes no on off y n Y N Yes NO On True FALSE true null Null ~ 0 -0 +1 1 -1 01 010 08 0777 0o17 0O17 0x1F 0XfF 0b11
-0b11 1_000 _1 1_ 1__0 1e3 1E+3 1.5e3 1.e3 .5 -.5 +.5 ._5 5. 1.10 12:30 12:30:45 190:20 2020-01-01
2020-01-01T10:00:00Z = + -- ++1 0x 0o 0b 1e 1e400 1e-7 123456789012 9007199254740992 1.0
100000000000000000000.5
0x_1F 0_7 1.2.3 v1 a.b .a .. ... e3 0.1e1 -1e3 00 0e0 1,000 a:b a?b TRUE nULL Yes! /x
""".split()  # noqa: SIM905  # a table of words
"""Alone, `-` is none: it begins a list."""


def test_plain_scalars_are_read_alike(helm: str, tmp_path: Path) -> None:
    """Every spelling of a table comes out of helm as what kloom reads."""
    assert_read_alike(helm, tmp_path, PLAIN_SCALARS)


def test_generated_plain_scalars_are_read_alike(helm: str, tmp_path: Path) -> None:
    """So do generated ones: thousands of number-like texts, a few hundred a helm process."""
    scalars = st.text("0123456789+-.eExXobOB_ynYN~", min_size=1, max_size=6).filter("-".__ne__)

    @settings(max_examples=15)
    @given(st.lists(scalars, min_size=200, max_size=300))
    def compare(scalars: list[str]) -> None:
        assert_read_alike(helm, tmp_path, scalars)

    compare()


def assert_read_alike(helm: str, folder: Path, scalars: list[str]) -> None:
    """kloom reads every one of the scalars, and helm the same."""
    head = (
        "global: {name: web}\ncluster-A: {enable: true, destination: {server: x}}\nsource:\n  repoURL: r\n  path: p\n"
    )
    lines = "\n".join(f"    v{at}: {scalar}" for at, scalar in enumerate(scalars))
    (folder / "values.yaml").write_text(f"{head}  helm:\n   valuesObject:\n{lines}\n")
    (folder / "inventory.yaml").write_text("cluster-A: {}\n")
    names = ("inventory.yaml", "values.yaml")
    assert by_kloom(folder, names) == by_helm(helm, folder, names)
