"""What docs/validate.md shows is what happens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kloom import __version__
from kloom.cli import _parser, main
from kloom.reports import rule_of
from kloom.validate import validate
from kloom.validate.rulebook import FORM

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/validate.md").read_text(encoding="utf-8")
CONFIG = """\
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata: {name: dev}
spec: {clusters: ../clusters.yaml, services: services/*.yaml, failOn: FAIL_ON}
"""
SERVICE = """\
global: {name: cart}
source: {path: deploy/cart, repoURL: https://git.example.com/shop.git, targetRevision: v1.2.3}
destination: {namespace: cart}
cluster-A: {enable: true}
"""
MISTAKE = SERVICE.replace("\nsource: {path:", "\n\nsource: {pth:")
OF_A_CHART = """\
global: {name: cart}
destination: {namespace: cart}
cluster-A: {enable: true, source: {repoURL: https://charts.example.com}}
"""
BROKEN = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: broken\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one environment, with one service."""
    (tmp_path / ".git").mkdir()
    write(tmp_path, "overlays/clusters.yaml", "cluster-A: {destination: {server: https://10.0.0.10:6443}}\n")
    write(tmp_path, "overlays/dev/kustomization.yaml", "generators: [applications.yaml]\n")
    write(tmp_path, "overlays/dev/applications.yaml", CONFIG.replace("FAIL_ON", "error"))
    write(tmp_path, "overlays/dev/services/cart.yaml", SERVICE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def told(paths: list[str]) -> set[str]:
    return {rule_of(result) for result in validate(paths).results}


def test_the_synopsis_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    synopsis = re.findall(r"^    (kloom validate \[.*\n(?:     .*\n)*)", PAGE, re.MULTILINE)[0]
    with pytest.raises(SystemExit):
        _parser().parse_args(["validate", "--help"])
    usage = capsys.readouterr().out.split("\n\n")[0]
    choices = {name: words.replace(",", "|") for name, words in re.findall(r"\[(--\S+) \{?([^}\]]+)\}?\]", usage)}
    assert dict(re.findall(r"\[(--\S+) ([^\]]+)\]", synopsis)) == choices


def test_the_first_run_prints_what_is_shown(repository: Path, kloom: str) -> None:
    (shown,) = blocks("console")
    command, wanted = shown.split("\n", 1)
    (count,) = re.findall(r"(\d+) Applications", wanted)
    write(repository, "overlays/dev/services/cart.yaml", MISTAKE)
    for number in range(int(count)):
        write(repository, f"overlays/dev/services/{number}.yaml", SERVICE.replace("cart", f"cart-{number}"))
    words = [kloom, *command.removeprefix("$ kloom ").split()]
    done = subprocess.run(words, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert without_seconds(done.stdout) == without_seconds(wanted)


def without_seconds(text: str) -> str:
    return re.sub(r"\d+\.\d s$", "… s", text, flags=re.MULTILINE)


def test_one_values_file_is_enough(repository: Path) -> None:
    (path,) = re.findall(r"`kloom validate (overlays\S+)`", PAGE)
    assert told([path]) == set()
    write(repository, path, MISTAKE)
    assert told([path]) == {"values"}


@pytest.mark.parametrize("block", [block for block in blocks("yaml") if "# kloom: ignore" in block])
def test_a_comment_silences_its_rule_here_and_in_a_build(
    block: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, "overlays/dev/applications.yaml", CONFIG.replace("FAIL_ON", "warning"))
    cart = write(repository, "overlays/dev/services/cart.yaml", OF_A_CHART + block)
    assert told(["."]) == set()
    assert main(["render", "overlays/dev"]) == 0
    assert "chart: cart" in capsys.readouterr().out
    cart.write_text(re.sub(r" *# kloom:.*", "", cart.read_text()))
    assert told(["."]) == {"source-chart-floats"}
    assert main(["render", "overlays/dev"]) == 1


def test_what_no_comment_silences_is_listed() -> None:
    (listed,) = re.findall(r"^- what `kloom rules` calls (.*?);", PAGE, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", listed)) == FORM


def test_a_comment_that_names_one_of_these_is_an_error(repository: Path) -> None:
    write(repository, "overlays/dev/services/cart.yaml", f"# kloom: ignore values it is so\n{MISTAKE}")
    assert told(["."]) == {"values", "ignore-unknown-rule"}


def test_a_validator_gets_no_comments_but_annotations(repository: Path) -> None:
    validator = "apiVersion: kloom.dev/v1alpha1\nkind: ManifestValidator\nmetadata: {name: all}\n"
    write(repository, "apps/kustomization.yaml", "resources: [cart.yaml]\ntransformers: [all.yaml]\n")
    write(repository, "apps/all.yaml", f"{validator}spec: {{failOn: warning}}\n")
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "cart", "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://charts.example.com", "chart": "cart", "targetRevision": "1.*"},
            "destination": {"name": "in-cluster", "namespace": "cart"},
        },
    }
    text = yaml.safe_dump(application)
    commented = text.replace("spec:", "# kloom: ignore source-chart-floats its vendor tests them\nspec:")
    write(repository, "apps/cart.yaml", commented)
    assert told(["."]) == {"source-chart-floats"}
    annotation = 'annotations: {kloom.dev/ignore: "source-chart-floats: its vendor tests them"}'
    write(repository, "apps/cart.yaml", text.replace("  namespace: argocd", f"  namespace: argocd\n  {annotation}"))
    assert told(["."]) == set()


def test_settings_ignore_what_is_shown(repository: Path) -> None:
    (settings,) = (block for block in blocks("yaml") if "argocdVersion:" in block)
    write(repository, "tests/broken/application.yaml", BROKEN)
    form = repository / "overlays/forms/exec"
    shutil.copytree(repository / "overlays/dev", form)
    (form / "applications.yaml").write_text(CONFIG.replace("FAIL_ON", "error").replace("../", "../../"))
    assert told(["."]) == {"unreadable", "application-twice"}
    write(repository, ".kloom.yaml", settings)
    assert told(["."]) == set(), "an entry that keeps nothing back would be told, too"
    write(repository, "overlays/dev/services/cart.yaml", SERVICE.replace("{path:", "{tagPrefix: cart-, path:"))
    (found,) = validate(["overlays/dev"]).results
    assert f"needs Argo CD 3.5, and argocdVersion is {yaml.safe_load(settings)['argocdVersion']}" in found.message


TWICE, CIRCLE = "may not add resource with an already registered id", "cycle detected"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
ONLY_BUILDS_TELL = {
    "two ways to one kustomization": (
        TWICE,
        {
            "overlays/one/kustomization.yaml": "resources: [../dev]\n",
            "overlays/two/kustomization.yaml": "resources: [../dev]\n",
            "overlays/all/kustomization.yaml": "resources: [../one, ../two]\n",
        },
    ),
    "an entry that stands twice": (TWICE, {"overlays/all/kustomization.yaml": "resources: [../dev, ../dev]\n"}),
    "one object in two files": (
        TWICE,
        {
            "overlays/all/kustomization.yaml": "resources: [../dev, one.yaml, two.yaml]\n",
            "overlays/all/one.yaml": CONFIG_MAP,
            "overlays/all/two.yaml": CONFIG_MAP,
        },
    ),
    "a circle": (
        CIRCLE,
        {
            "overlays/all/kustomization.yaml": "resources: [../dev, ../more]\n",
            "overlays/more/kustomization.yaml": "resources: [../all]\n",
        },
    ),
    "a patch that matches nothing": (
        "no resource matches strategic merge patch",
        {
            "overlays/all/kustomization.yaml": "resources: [../dev]\npatches: [{path: patch.yaml}]\n",
            "overlays/all/patch.yaml": CONFIG_MAP,
        },
    ),
}


@pytest.mark.parametrize(("words", "files"), ONLY_BUILDS_TELL.values(), ids=ONLY_BUILDS_TELL.keys())
def test_what_only_a_build_tells(
    words: str, files: dict[str, str], repository: Path, kustomize: str, plugin_home: Path
) -> None:
    """Where `kloom validate` learns to tell one of these, the page must lose it."""
    for name, text in files.items():
        write(repository, name, text)
    command = ["env", f"KUSTOMIZE_PLUGIN_HOME={plugin_home}", kustomize, "build", "--enable-alpha-plugins"]
    built = subprocess.run([*command, "overlays/all"], capture_output=True, text=True, check=False)
    assert built.returncode != 0
    assert words in built.stderr
    assert told(["."]) == set()
    assert all(f"| `{said}`" in PAGE for said in (TWICE, CIRCLE))


def test_pre_commit_takes_the_configuration(repository: Path) -> None:
    (shown,) = (block for block in blocks("yaml") if block.startswith("# .pre-commit-config.yaml\n"))
    path = write(repository, ".pre-commit-config.yaml", shown)
    program = Path(sys.executable).with_name("pre-commit")
    subprocess.run([program, "validate-config", path], check=True, capture_output=True)
    (taken,) = yaml.safe_load(shown)["repos"]
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in taken["hooks"]} < hooks
    assert hooks == set(re.findall(r"`(kloom-\w+)`", PAGE)), "each is told of"
    assert taken["rev"] == f"v{__version__}"
