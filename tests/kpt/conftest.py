"""Packages on disk, and the tools that run functions in place: each writes what a function changed into its file."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

NOT_TRIED = "kpt is not on PATH: that functions run under kpt was NOT TRIED (https://kpt.dev/installation)"
KPTFILE = """\
apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: package
pipeline:
  mutators:
  - exec: kloom
    configPath: config.yaml
"""


@dataclass
class Run:
    """What a tool came to: the exit status, all that it said, and the results that it understood."""

    status: int
    said: str
    results: list[dict] = field(default_factory=list)


class Package:
    """A folder of resources whose function's config is config.yaml; kpt shows results, `kustomize fn` stderr alone."""

    def __init__(self, folder: Path, tool: Callable[[Path], Run], *, shows_results: bool) -> None:
        self.folder = folder
        self.tool = tool
        self.shows_results = shows_results
        self.before: dict[str, str] = {}

    def has(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.yaml").write_text(text)

    def run(self) -> Run:
        self.before = self.files()
        return self.tool(self.folder)

    def run_well(self) -> None:
        done = self.run()
        assert done.status == 0, done.said

    def files(self) -> dict[str, str]:
        return {str(path.relative_to(self.folder)): path.read_text() for path in self.folder.rglob("*.yaml")}

    def changed(self) -> dict[str, str | None]:
        """The files that the last run wrote otherwise than they were, or removed."""
        after = self.files()
        return {name: after.get(name) for name in self.before | after if self.before.get(name) != after.get(name)}


@dataclass
class Tools:
    """How each tool is asked to run the function in a folder."""

    environment: dict[str, str]
    scratch: Path

    def kustomize_fn_run(self, folder: Path) -> Run:
        return self._run("kustomize", "fn", "run", folder, "--enable-exec")

    def kpt_fn_eval(self, folder: Path) -> Run:
        config = folder / "config.yaml"
        return self._kpt("eval", folder, "--exec", "kloom", "--fn-config", config)

    def kpt_fn_render(self, folder: Path) -> Run:
        (folder / "Kptfile").write_text(KPTFILE)
        return self._kpt("render", folder, "--allow-exec")

    def _kpt(self, *words: object) -> Run:
        results = self.scratch / "results"
        done = self._run("kpt", "fn", *words, "--results-dir", results, "--truncate-output=false")
        listed = yaml.safe_load((results / "results.yaml").read_text()).get("items", ())
        shutil.rmtree(results)
        done.results = [result for item in listed for result in item.get("results", ())]
        return done

    def _run(self, *command: object) -> Run:
        words = [str(word) for word in command]
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False, timeout=600)
        return Run(done.returncode, done.stdout + done.stderr)


def need_kpt() -> None:
    """In CI kpt must be there; elsewhere what needs it is skipped without it."""
    if not shutil.which("kpt"):
        untried = pytest.fail if os.environ.get("CI") else pytest.skip
        untried(NOT_TRIED)


@pytest.fixture(params=["kustomize_fn_run", "kpt_fn_eval", "kpt_fn_render"])
def package(request: pytest.FixtureRequest, tmp_path: Path, kloom: str, kustomize: str) -> Package:
    assert kustomize
    by_kpt = request.param.startswith("kpt")
    if by_kpt:
        need_kpt()
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(kloom).parent), os.environ["PATH"]])}
    (tmp_path / "package").mkdir()
    tool = getattr(Tools(environment, tmp_path), request.param)
    return Package(tmp_path / "package", tool, shows_results=by_kpt)
