"""kloom's schema of Applications against the API server's own validation, by kubectl-validate and Argo CD's CRDs."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argocd import Object
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import CORPUS, CRDS, corpus, go_module, goldens
from strategies import from_schema

from kloom import schemas
from kloom.argo.rules import Facts, conformance, findings

NUMBER = int(os.environ.get("ORACLE_EXAMPLES", "1000"))
OF_KUBERNETES = {
    "annotation-invalid",
    "field-newer-than-argocd",
    "finalizer-invalid",
    "label-invalid",
    "name-invalid",
    "namespace-invalid",
}
"""Rules of kloom on what the API server checks."""
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collected Applications are not beside this checkout")
CONFORMING = conformance.application()


@dataclass(frozen=True)
class Server:
    """An API server: which CRD it has, and of which Argo CD that is."""

    program: str
    crds: Path
    argocd_version: tuple[int, int] | None

    def refusals(self, applications: Sequence[Object], folder: Path) -> list[str]:
        """What it has against each Application, in one text; empty where it takes it."""
        files = [folder / f"{at}.json" for at in range(len(applications))]
        for file, application in zip(files, applications, strict=True):
            file.write_text(json.dumps(application, ensure_ascii=False), encoding="utf-8")
        command = [self.program, str(folder), "--local-crds", str(self.crds), "--output", "json"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.stdout.startswith("{"), ended.stderr
        answers = json.loads(ended.stdout)
        return ["".join(answer.get("message", "") for answer in answers[str(file)]) for file in files]

    def problems(self, application: Object) -> Iterator[str]:
        """What kloom has against an Application that this API server should refuse."""
        conforming = CONFORMING.of(application)
        for problem in conforming.problems:
            if problem.severity == "error" and not _is_null_text(application, problem.path, problem.message):
                yield f"{problem.path}: {problem.message}"
        facts = Facts(argocd_version=self.argocd_version)
        for finding in findings([conforming.rest], facts) if conforming.rest else ():
            if finding.rule.id in OF_KUBERNETES:
                yield f"{finding.path}: {finding.text}"


def _is_null_text(application: Object, path: tuple[str | int, ...], message: str) -> bool:
    """Whether it is a label or the like that is null: the API server takes that for "", and kloom wants it said."""
    value: Any = application
    for step in path:
        value = value[step] if step in value or isinstance(value, list) else ""
    return value is None and isinstance(path[-1], str) and message.startswith("must be a string")


@pytest.fixture(scope="module", params=["Argo CD's Go module", "newest"])
def server(request: pytest.FixtureRequest, kubectl_validate: str, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """API servers with the CRD of the Argo CD that the oracle is built from, and with the newest."""
    newest = request.param == "newest"
    where = CRDS if newest else go_module("github.com/argoproj/argo-cd/v3") / "manifests" / "crds"
    if not where.is_dir():
        pytest.skip("the newest CRDs are not beside this checkout")
    folder = tmp_path_factory.mktemp("crds")
    shutil.copy(where / "application-crd.yaml", folder)
    return Server(kubectl_validate, folder, None if newest else (3, 3))


def assert_same_verdict(server: Server, applications: Sequence[Object], folder: Path) -> None:
    wrong = []
    for application, refusal in zip(applications, server.refusals(applications, folder), strict=True):
        problems = list(server.problems(application))
        if bool(problems) != bool(refusal):
            wrong.append(f"kloom: {problems or 'fine'}\nAPI server: {refusal or 'fine'}\n  {application}")
    assert not wrong, f"{len(wrong)} of {len(applications)}:\n" + "\n".join(wrong[:20])


@NEEDS_CORPUS
def test_public_applications(server: Server, tmp_path: Path) -> None:
    applications = [one for _, world in corpus() for one in world.applications]
    assert_same_verdict(server, applications, tmp_path)


def test_samples_and_goldens(server: Server, tmp_path: Path) -> None:
    applications = [one for _, world in goldens() for one in world.applications]
    assert_same_verdict(server, applications, tmp_path)


def test_generated(server: Server, generated: list[Object], tmp_path: Path) -> None:
    assert_same_verdict(server, generated, tmp_path)


@pytest.fixture(scope="module", params=["as the schema has it", "with one mistake"])
def generated(request: pytest.FixtureRequest) -> list[Object]:
    """Applications from the schema."""
    applications: list[Object] = []

    @settings(max_examples=NUMBER)
    @given(application() if request.param == "as the schema has it" else mistaken())
    def collect(one: Object) -> None:
        applications.append(one)

    collect()
    return applications


@st.composite
def application(draw: st.DrawFn) -> Object:
    """An Application with whatever the schema has."""
    metadata: Object = {"name": "cart", "namespace": "argocd"}
    metadata |= draw(
        st.sampled_from(({}, {"labels": {"team": "a"}}, {"annotations": {"a/b": "c"}, "finalizers": ["a/b"]}))
    )
    spec = draw(from_schema(schemas.load("application")))
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}


@st.composite
def mistaken(draw: st.DrawFn) -> Object:
    """An Application with one thing in it that is unknown, missing, or of another type."""
    one = copy.deepcopy(draw(application()))
    holder, key = draw(st.sampled_from(list(_places(one))))
    match draw(st.sampled_from(("unknown", "missing", "other"))):
        case "unknown" if isinstance(holder, dict):
            holder["colour"] = draw(OTHERS)
        case "missing":
            del holder[key]
        case _:
            holder[key] = draw(OTHERS)
    return one


OTHERS: st.SearchStrategy[Any] = st.sampled_from(
    (None, "x", "", 7, -1, 1.5, 2.0, True, [], {}, [None], ["x"], [{}], {"a": "b"}, {"a": None})
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document but apiVersion and kind: what holds it, and its key."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        if key not in ("apiVersion", "kind"):
            yield value, key
            yield from _places(inner)
