"""What docs/editors.md shows is what happens, in a repository as `kloom init` makes it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from kloom.catalog import FUNCTIONS
from kloom.values.helm_yaml import HELM

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/editors.md").read_text(encoding="utf-8")
SERVICE = "overlays/dev/services/cart.yaml"


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture
def repository(tmp_path: Path, kloom: str) -> Path:
    (tmp_path / ".git").mkdir()
    subprocess.run([kloom, "init"], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def mistakes(schema: Path, text: str) -> list[str]:
    validator = Draft7Validator(json.loads(schema.read_text()))
    return [error.message for error in validator.iter_errors(HELM.document(text))]


def test_the_commands_run_as_they_stand(repository: Path, kloom: str) -> None:
    commands = re.findall(r"^    (kloom schema .*)$", PAGE, re.MULTILINE)
    assert len(commands) == 3
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(kloom).parent), os.environ["PATH"]])}
    subprocess.run(["sh", "-ec", "\n".join(commands)], cwd=repository, env=environment, check=True)
    written = (repository / "values.schema.json").read_text()
    assert written == (repository / "overlays/.kloom/schemas/values/clusters.json").read_text()


def test_the_schemas_of_the_table_are_those_that_are_written(repository: Path) -> None:
    folder = repository / "overlays/.kloom/schemas"
    first_column = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    told = {name for cell in first_column for name in re.findall(r"`(\S+\.json)`", cell)}
    assert told > {"<Kind>.json", "values/<path>.json"}
    kinds = {f"{kind}.json" for kind in FUNCTIONS}
    others = told - {"<Kind>.json", "values/<path>.json"}
    written = {str(path.relative_to(folder)) for path in folder.rglob("*.json")}
    assert written == kinds | others | {"values/clusters.json"}


def test_a_file_that_begins_as_shown_finds_its_schema(repository: Path) -> None:
    shown = block("yaml")
    (modeline,) = re.findall(r"\$schema=(\S+)", shown)
    schema = (repository / SERVICE).parent / modeline
    assert mistakes(schema, shown) == []
    assert mistakes(schema, f"{shown}in-cluster: {{enable: true}}\n") == []
    assert len(mistakes(schema, f"{shown}cluster-Z: {{enable: true}}\n")) == 1


def test_the_settings_of_an_editor_lead_files_to_schemas_that_they_keep_to(repository: Path) -> None:
    found = set()
    for schema, globs in json.loads(block("json"))["yaml.schemas"].items():
        for glob in [globs] if isinstance(globs, str) else globs:
            files = list(repository.glob(glob))
            assert files, glob
            for file in files:
                assert mistakes(repository / schema, file.read_text()) == []
                assert len(mistakes(repository / schema, f"{file.read_text()}unheard-of: true\n")) == 1
            found.update(files)
    every = set((repository / "overlays").rglob("*.yaml"))
    assert {path.name for path in every - found} == {"kustomization.yaml"}
