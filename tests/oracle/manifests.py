"""Where manifests to ask about come from: the rules' examples, the samples and goldens, public repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from argocd import World
from rule_examples import completed

from kloom.manifest_validator import ValidatorConfig
from kloom.sdk.yaml_reader import kustomize_plain, read_documents

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "applications"
CRDS = ROOT.parent / "shared" / "crds" / "argo-cd"
GOLDENS = ("overlays/**/applications.yaml", "tests/cases/**/expected.yaml", "tests/overlays/**/*.yaml")


def world_of(text: str, **said: Any) -> World:
    """What a text of several documents lays before Argo CD; a ManifestValidator's clusters are known to it."""
    documents = [document for document in read_documents(text, kustomize_plain) if isinstance(document, dict)]
    clusters = None
    for document in documents:
        if document.get("kind") == "ManifestValidator":
            known = ValidatorConfig.from_object(document, items=()).facts.clusters or {}
            clusters = {name: server for name, server in known.items() if server} or None
    return World(
        applications=[one for one in documents if one.get("kind") == "Application" and "metadata" in one],
        projects=[one for one in documents if one.get("kind") == "AppProject"] or None,
        clusters=clusters,
        secrets=[one for one in documents if one.get("kind") == "Secret"],
        **said,
    )


def example(text: str, **said: Any) -> World:
    """What a rule's example lays before Argo CD: the parts of Applications that it says, completed."""
    documents = [document for document in read_documents(text, kustomize_plain) if document]
    parts = [completed(document) for document in documents if "kind" not in document]
    return World(**{**vars(world_of(text, **said)), "applications": parts})


def goldens() -> Iterator[tuple[Path, World]]:
    """The samples, and what the tests expect of functions."""
    for pattern in GOLDENS:
        for file in sorted(ROOT.glob(pattern)):
            yield file.relative_to(ROOT), world_of(file.read_text(encoding="utf-8"))


def corpus() -> Iterator[tuple[Path, World]]:
    """Applications of public repositories, collected beside this one."""
    for file in sorted(CORPUS.glob("*.yaml")):
        yield file.relative_to(CORPUS), world_of(file.read_text(encoding="utf-8"))


def go_module(path: str) -> Path:
    """Where Go has put a module that the oracle is built from."""
    command = ["go", "list", "-m", "-f", "{{.Dir}}", path]
    return Path(subprocess.check_output(command, cwd=Path(__file__).parent, text=True).strip())
