"""A failover of the samples: two words in the inventory, and exactly what that changes in every environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
EXPECTED = Path(__file__).with_name("failover.txt")
ENVIRONMENTS = sorted(path.parent.name for path in OVERLAYS.glob("*/services"))


def with_roles(inventory: Path, **roles: str) -> int:
    """Write other roles into the inventory, by the last letter of the cluster; how many lines that changes."""
    before = inventory.read_text().splitlines(keepends=True)
    after, cluster = [], ""
    for line in before:
        cluster = line[len("cluster-")] if line.startswith("cluster-") else cluster
        is_other = line.startswith("  role: ") and cluster in roles
        after.append(f"  role: {roles[cluster]}\n" if is_other else line)
    inventory.write_text("".join(after))
    return sum(one != other for one, other in zip(before, after, strict=True))


def built(tools, overlays: Path) -> dict[str, dict[str, Any]]:
    """What kustomize builds of all environments: each Application, by its environment and name, as its fields."""
    found = {}
    for environment in ENVIRONMENTS:
        done = tools.build(overlays / environment)
        assert done.returncode == 0, done.stderr
        for application in yaml.safe_load_all(done.stdout):
            found[f"{environment} {application['metadata']['name']}"] = dict(fields(application))
    return found


def fields(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each field by its path; a list is one."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from fields(value[key], f"{path}.{key}" if path else key)
    else:
        yield path, value


def differences(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A line for each Application that differs, and one for each of its fields that does."""
    for name in sorted(before.keys() | after.keys()):
        was, is_now = before.get(name, {}), after.get(name, {})
        if was != is_now:
            yield name
            for field in sorted(was.keys() | is_now.keys()):
                if was.get(field) != is_now.get(field):
                    yield f"  {field}: {said(was, field)} -> {said(is_now, field)}"


def said(application: dict[str, Any], field: str) -> str:
    return json.dumps(application[field]) if field in application else "nothing"


def test_two_lines_move_production_and_this_is_all_that_they_change(tools, overlays, update_golden):
    before = built(tools, overlays)
    assert with_roles(overlays / "shared" / "clusters.yaml", A="standby", B="active") == 2
    changes = "".join(f"{line}\n" for line in differences(before, built(tools, overlays)))
    if update_golden:
        EXPECTED.write_text(changes)
    assert changes == EXPECTED.read_text()


def test_failing_back_leaves_no_trace(tools, overlays):
    before = built(tools, overlays)
    with_roles(overlays / "shared" / "clusters.yaml", A="standby", B="active")
    with_roles(overlays / "shared" / "clusters.yaml", A="active", B="standby")
    assert built(tools, overlays) == before


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ({"B": "active"}, "and cluster-A and cluster-B have it"),
        ({"A": "standby"}, "cluster-A is standby and cluster-B is standby"),
        ({"C": "drained"}, "cluster-C is drained and cluster-D is standby"),
    ],
)
def test_half_a_failover_is_refused_in_every_environment(name, roles, told, tools, overlays):
    assert with_roles(overlays / "shared" / "clusters.yaml", **roles) == 1
    process = tools.build(overlays / name)
    assert process.returncode != 0
    assert process.stdout == ""
    assert told in process.stderr
    assert "../shared/clusters.yaml:" in process.stderr
