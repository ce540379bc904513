"""What README.md shows is what happens."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
BUILD = "# kustomize build --enable-alpha-plugins overlays/dev\n"


def yaml_blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


def config_file_out(stderr: str) -> list[str]:
    """The lines without the name of kustomize's temporary file, which is another one each time."""
    return re.sub(r"configured via [^;\n]+;", "configured via …;", stderr).splitlines()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the files that README shows: each block that begins with a path as a comment."""
    for block in yaml_blocks():
        if match := re.match(r"# (overlays/\S+)\n", block):
            path = tmp_path / match[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block)
    (tmp_path / ".git").mkdir()
    return tmp_path


def build(kustomize: str, plugin_home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    command = [kustomize, "build", "--enable-alpha-plugins", "overlays/dev"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_first_screen_builds_what_it_shows(kustomize: str, plugin_home: Path, repository: Path) -> None:
    (shown,) = (block.removeprefix(BUILD) for block in yaml_blocks() if block.startswith(BUILD))
    built = build(kustomize, plugin_home, repository)
    assert built.returncode == 0, built.stderr
    assert built.stdout == shown


def test_the_mistakes_are_reported_as_shown(kustomize: str, plugin_home: Path, repository: Path) -> None:
    shown = re.search(r"```console\n\$ kustomize build.*?\n(.*?)```", README, re.DOTALL)
    assert shown
    cart = repository / "overlays/dev/services/cart.yaml"
    cart.write_text(
        "# overlays/dev/services/cart.yaml\nglobal: {name: cart}\nsource: {pth: deploy/cart}\n\n"
        "clusterB: {enable: true}\ncluster-A: {enable: yess}\n"
    )
    built = build(kustomize, plugin_home, repository)
    assert built.returncode != 0
    assert built.stdout == ""
    assert [line.rstrip() for line in config_file_out(built.stderr)] == config_file_out(shown[1])


def test_the_trace_is_as_shown(kloom: str, repository: Path) -> None:
    shown = re.search(r"```console\n\$ kloom (trace \S+ \S+)\n(.*?)```", README, re.DOTALL)
    assert shown
    done = subprocess.run([kloom, *shown[1].split()], cwd=repository, capture_output=True, text=True, check=True)
    assert done.stdout == shown[2]


def test_the_function_of_ones_own_is_the_tested_one() -> None:
    example = re.search(r"<!-- example: function -->\n(```python.*?```)", (ROOT / "docs/sdk.md").read_text(), re.DOTALL)
    assert example
    assert example[1] in README
    page = (ROOT / "docs/sdk.md").read_text()
    config = re.search(r"<!-- example: config -->\n```yaml\n(.*?)```", page, re.DOTALL)
    assert config
    assert any(block.partition("\n")[2] == config[1] for block in yaml_blocks())


def test_every_field_of_a_config_is_in_the_reference() -> None:
    for schema in (ROOT / "functions/kloom/schemas").glob("*_*.json"):
        kind = "".join(word.capitalize() for word in schema.stem.split("_"))
        section = README.split(f"\n## {kind}\n")[1].split("\n## ")[0]
        fields = json.loads(schema.read_text())["properties"]
        assert fields.keys() == set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md"), *ROOT.glob("overlays/**/README.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())]
    assert links
    assert not [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()]


def test_pages_that_name_what_is_to_be_replaced_say_so() -> None:
    pages = [page for page in ROOT.glob("docs/*.md") if "example/kloom" in page.read_text()]
    assert len(pages) > 1
    assert [page.name for page in pages if "README.md#addresses-to-replace" not in page.read_text()] == []
    assert "\n## Addresses to replace\n" in README
