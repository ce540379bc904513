"""The rules on Applications of public repositories: what is wrong with them by Argo CD's own measure, and no more."""

from collections import Counter
from pathlib import Path

import pytest

from kloom.manifest_validator import ValidatorConfig, validate
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "applications"
if not CORPUS.is_dir():
    pytest.skip("the collected Applications are not beside this repository", allow_module_level=True)


OF_SEVERAL_STACKS = "application-twice"
"""Each file holds all Applications of a repository, also those that are never deployed together."""


def test_only_fragments_have_errors() -> None:
    errors: Counter[tuple[str, str]] = Counter()
    for file in sorted(CORPUS.glob("*.yaml")):
        items = [item for item in read_documents(file.read_text(encoding="utf-8"), kustomize_plain) if item]
        for result in validate(items, ValidatorConfig({}, None)):
            if result.severity == "error" and result.tags.get("rule") != OF_SEVERAL_STACKS:
                errors[file.stem, (result.resource or {})["name"]] += 1
    stem = "nautible__nautible-plugin"
    assert errors == {(stem, "grafana"): 4, (stem, "loki"): 2, (stem, "tempo"): 2}
