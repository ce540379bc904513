"""Golden cases for functions: a folder a case, what goes in, what must come out.

    config.yaml      the function's config
    input.yaml       the resources, as bare documents; none where it is missing
    expected.yaml    the resources that must come out, in this order
    errors.txt       what must be printed on stderr; without an expected.yaml, the function must refuse

With pytest, a test of one's own functions is:

    @pytest.mark.parametrize("case", cases("tests/cases/my_function"), ids=str)
    def test_case(case: Case) -> None:
        check(my_function, case)

A function runs in its case's folder, as kustomize runs it in the kustomization's. The environment variable
UPDATE_EXPECTED=1 writes what comes out instead of comparing it; read it in review.
"""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .data_difference import same
from .execute import DONE, REFUSED, execute
from .kube_object import LOCAL_CONFIG
from .resource_list import API_VERSION, KIND
from .yaml_reader import kustomize_plain, read_documents
from .yaml_writer import to_yaml_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .execute import Function, Outcome

UPDATE = "UPDATE_EXPECTED"


class Case:
    """One folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return self.folder.name

    def text(self, name: str) -> str:
        """The text of a file of the case; empty where it is missing."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def documents(self, name: str) -> list[Any]:
        """The documents of a file of the case."""
        found = read_documents(self.text(name), kustomize_plain)
        return [document for document in found if document is not None]

    def resource_list(self) -> bytes:
        """The case as `kustomize build` would send it."""
        (config,) = self.documents("config.yaml")
        items = self.documents("input.yaml") or [_local(config)]
        whole = {"apiVersion": API_VERSION, "kind": KIND, "items": items, "functionConfig": config}
        return json.dumps(whole, ensure_ascii=False).encode()


def cases(folder: str | Path) -> list[Case]:
    """The cases below the folder: each folder that holds a config.yaml. FileNotFoundError without any."""
    found = [Case(path.parent) for path in sorted(Path(folder).rglob("config.yaml"))]
    if not found:
        raise FileNotFoundError(f"{folder}: no case there: no folder that holds a config.yaml")
    return found


def check(function: Function, case: Case, *, update: bool | None = None) -> None:
    """Run the function on the case. Raises AssertionError, with a diff, where something else comes out.

    It runs twice, since the same input must give the same bytes.
    """
    outcome = _outcome(function, case)
    again = _outcome(function, case)
    if (outcome.stdout, outcome.stderr) != (again.stdout, again.stderr):
        raise AssertionError(f"{case}: two runs gave two outputs")
    if os.environ.get(UPDATE) == "1" if update is None else update:
        _write(case, outcome)
    problem = "\n".join(_problems(case, outcome))
    if problem:
        raise AssertionError(f"{case}: {problem}\n({UPDATE}=1 writes what came out)")


def _problems(case: Case, outcome: Outcome) -> Iterator[str]:
    refused = not (case.folder / "expected.yaml").exists()
    wanted = REFUSED if refused else DONE
    if outcome.status != wanted:
        yield f"exit status {outcome.status}, must be {wanted}"
    yield from _difference("errors.txt", case.text("errors.txt"), outcome.stderr)
    if refused and not case.text("errors.txt"):
        yield "neither expected.yaml nor errors.txt says what must come out"
    if not refused and outcome.status == DONE:
        expected, items = case.documents("expected.yaml"), _items(outcome)
        if not same(expected, items):
            yield from _difference("expected.yaml", to_yaml_documents(expected), to_yaml_documents(items))


def _outcome(function: Function, case: Case) -> Outcome:
    given = case.resource_list()
    before = Path.cwd()
    os.chdir(case.folder)
    try:
        return execute(function, given)
    finally:
        os.chdir(before)


def _write(case: Case, outcome: Outcome) -> None:
    files = {"errors.txt": outcome.stderr}
    if outcome.status == DONE:
        files["expected.yaml"] = to_yaml_documents(_items(outcome))
    for name in ("expected.yaml", "errors.txt"):
        path = case.folder / name
        if files.get(name) or (name == "expected.yaml" and name in files):
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink(missing_ok=True)


def _items(outcome: Outcome) -> list[Any]:
    items: list[Any] = json.loads(outcome.stdout)["items"]
    return items


def _difference(name: str, expected: str, found: str) -> Iterator[str]:
    if expected != found:
        wanted, came = expected.splitlines(), found.splitlines()
        yield "\n" + "\n".join(difflib.unified_diff(wanted, came, name, "what came out", lineterm=""))


def _local(config: dict[str, Any]) -> dict[str, Any]:
    """The config as kustomize hands it to a function that is given no resources."""
    metadata = config.get("metadata") or {}
    annotations = {**(metadata.get("annotations") or {}), LOCAL_CONFIG: "true"}
    return {**config, "metadata": {**metadata, "annotations": annotations}}
