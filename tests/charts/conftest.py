"""The real helm, as a user calls it: values go in, Applications or an error come out."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

CHARTS = Path(__file__).resolve().parents[2] / "charts"


class OutputLoader(yaml.CSafeLoader):
    """Reads numbers as YAML 1.2 does: PyYAML takes 1e+21 for a string."""


OutputLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


@dataclass(frozen=True)
class Helm:
    """Runs helm with a home of its own; values are files or mappings, the later wins."""

    program: str
    home: Path

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [self.program, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=self._environment())

    def output(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def template(self, chart: str | Path, *values: Any, release: str = "release", flags: tuple[str, ...] = ()) -> str:
        return self.output("template", release, chart, *self._files(values), *flags)

    def applications(self, chart: str | Path, *values: Any, release: str = "release") -> list[dict[str, Any]]:
        return documents(self.template(chart, *values, release=release))

    def refusal(self, chart: str | Path, *values: Any, flags: tuple[str, ...] = ()) -> str:
        done = self.run("template", "release", chart, *self._files(values), *flags)
        assert done.returncode != 0, f"helm accepts it:\n{done.stdout}"
        return done.stderr

    def _files(self, values: tuple[Any, ...]) -> Iterator[str | Path]:
        for number, value in enumerate(values):
            yield "--values"
            yield self._written(number, value) if isinstance(value, Mapping) else value

    def _written(self, number: int, values: Mapping[str, Any]) -> Path:
        file = self.home / f"values-{number}.yaml"
        file.write_text(json.dumps(values), encoding="utf-8")
        return file

    def _environment(self) -> dict[str, str]:
        homes = {f"HELM_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
        return {**os.environ, **homes}


def documents(text: str) -> list[dict[str, Any]]:
    """The documents of helm's output that hold something."""
    return [document for document in yaml.load_all(text, OutputLoader) if document]


@pytest.fixture
def helm(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(program=helm, home=tmp_path_factory.mktemp("helm"))


@pytest.fixture
def chart() -> Path:
    return CHARTS / "argo-app"


@pytest.fixture
def root_chart() -> Path:
    return CHARTS / "argo-app-root"


@pytest.fixture
def matches_golden(update_golden: bool) -> Callable[[str, str], None]:
    """Holds helm's output against a golden; `pytest --update-golden` writes it instead."""

    def check(name: str, text: str) -> None:
        golden = Path(__file__).with_name("goldens") / f"{name}.yaml"
        if update_golden:
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(re.sub(r"\n+(---\n|\Z)", r"\n\1", text), encoding="utf-8")
        assert documents(text) == documents(golden.read_text(encoding="utf-8"))

    return check
