"""kloom's schema of Applications against the API server's own validation, by kubectl-validate and Argo CD's CRDs."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from argocd import Object
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifests import CORPUS, CRDS, corpus, go_module, goldens
from strategies import from_schema

from kloom import schemas
from kloom.argo.rules import conformance

NUMBER = 3000
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collected Applications are not beside this checkout")
CONFORMING = conformance.application()


@pytest.fixture(scope="module", params=["of Argo CD's Go module", "newest"])
def crd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the CRD of Applications, of two ages."""
    where = CRDS if request.param == "newest" else go_module("github.com/argoproj/argo-cd/v3") / "manifests" / "crds"
    if not where.is_dir():
        pytest.skip("the newest CRDs are not beside this checkout")
    folder = tmp_path_factory.mktemp("crd")
    shutil.copy(where / "application-crd.yaml", folder)
    return folder


@pytest.fixture
def refused(kubectl_validate: str, crd: Path, tmp_path: Path) -> Callable[[Sequence[Object]], list[str]]:
    """What the API server has against each Application, in one text; empty where it takes it."""

    def ask(applications: Sequence[Object]) -> list[str]:
        files = [tmp_path / f"{at}.json" for at in range(len(applications))]
        for file, application in zip(files, applications, strict=True):
            file.write_text(json.dumps(application), encoding="utf-8")
        command = [kubectl_validate, str(tmp_path), "--local-crds", str(crd), "--output", "json"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.stdout.startswith("{"), ended.stderr
        answers = json.loads(ended.stdout)
        return ["".join(answer.get("message", "") for answer in answers[str(file)]) for file in files]

    return ask


def assert_same_verdict(applications: Sequence[Object], refusals: Sequence[str]) -> None:
    wrong = []
    for application, refusal in zip(applications, refusals, strict=True):
        conformance = CONFORMING.of(application)
        problems = [f"{problem.path}: {problem.message}" for problem in conformance.problems if problem.severity == "error"]
        if bool(problems) != bool(refusal) and not _is_explained(application, problems, refusal):
            wrong.append(f"kloom: {problems or 'fine'}\nAPI server: {refusal or 'fine'}\n  {application}")
    assert not wrong, f"{len(wrong)} of {len(applications)}:\n" + "\n".join(wrong[:20])


def _is_explained(application: Object, problems: Sequence[str], refusal: str) -> bool:
    return False


@NEEDS_CORPUS
def test_public_applications(refused: Callable[[Sequence[Object]], list[str]]) -> None:
    applications = [one for _, world in corpus() for one in world.applications]
    assert_same_verdict(applications, refused(applications))


def test_samples_and_goldens(refused: Callable[[Sequence[Object]], list[str]]) -> None:
    applications = [one for _, world in goldens() for one in world.applications]
    assert_same_verdict(applications, refused(applications))


@pytest.mark.parametrize("kind", ["as the schema has it", "with one mistake"])
def test_generated(refused: Callable[[Sequence[Object]], list[str]], kind: str) -> None:
    applications: list[Object] = []

    @settings(max_examples=NUMBER, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(application() if kind == "as the schema has it" else mistaken())
    def collect(one: Object) -> None:
        applications.append(one)

    collect()
    assert_same_verdict(applications, refused(applications))


@st.composite
def application(draw: st.DrawFn) -> Object:
    """An Application with whatever the schema has."""
    metadata: Object = {"name": "cart", "namespace": "argocd"}
    metadata |= draw(st.sampled_from(({}, {"labels": {"team": "a"}}, {"annotations": {"a/b": "c"}, "finalizers": ["a/b"]})))
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


OTHERS = st.sampled_from((None, "x", "", 7, -1, 1.5, 2.0, True, [], {}, [None], ["x"], [{}], {"a": "b"}, {"a": None}))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document but apiVersion and kind: what holds it, and its key."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        if key not in ("apiVersion", "kind"):
            yield value, key
            yield from _places(inner)
