"""Whichever way an environment is built, the bytes are the same, and they are the ones that were reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

OVERLAYS = Path(__file__).resolve().parents[2] / "overlays"
EXPECTED = Path(__file__).with_name("expected")
FORMS = OVERLAYS / "forms"
KUSTOMIZATIONS = sorted(path.parent.name for path in OVERLAYS.glob("*/applications.yaml"))

FUNCTION = 'config.kubernetes.io/function: "exec: {path: kloom}"'


def output(process) -> str:
    assert process.returncode == 0, process.stderr
    return process.stdout


def as_exec_function(folder: Path) -> Path:
    """The same environment by function annotation, in place."""
    config, kustomization = folder / "applications.yaml", folder / "kustomization.yaml"
    config.write_text(config.read_text().replace("metadata:\n", f"metadata:\n  annotations: {{{FUNCTION}}}\n"))
    kustomization.write_text(kustomization.read_text() + "components: [../components/guard]\n")
    return folder


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_the_reviewed_bytes_come_out(name, tools, update_golden):
    built = output(tools.build(OVERLAYS / name))
    expected = EXPECTED / f"{name}.yaml"
    if update_golden:
        expected.write_text(built)
    assert built == expected.read_text()


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_kubectl_builds_the_same_bytes(name, tools):
    assert output(tools.kubectl_kustomize(OVERLAYS / name)) == output(tools.build(OVERLAYS / name))


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_exec_function_builds_the_same_bytes(name, tools, overlays):
    assert output(tools.build_with_exec(as_exec_function(overlays / name))) == output(tools.build(OVERLAYS / name))


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_kloom_render_prints_the_same_objects_in_the_same_order(name, tools):
    assert objects(output(tools.render(OVERLAYS / name))) == objects(output(tools.build(OVERLAYS / name)))


@pytest.mark.parametrize("form", ["exec", "items"])
def test_forms_build_the_same_bytes_as_dev(form, tools):
    assert output(tools.build_with_exec(OVERLAYS / "forms" / form)) == output(tools.build(OVERLAYS / "dev"))


def test_exec_form_is_dev_with_one_annotation_more():
    form = (OVERLAYS / "forms" / "exec" / "applications.yaml").read_text().replace("../../dev/", "")
    own = yaml.safe_load(form.replace("../../", "../"))
    assert own["metadata"].pop("annotations")
    assert own == yaml.safe_load((OVERLAYS / "dev" / "applications.yaml").read_text())


def test_container_form_is_the_items_form_with_another_annotation():
    container, items = (
        yaml.safe_load((FORMS / form / "applications.yaml").read_text()) for form in ("container", "items/dev")
    )
    assert container["metadata"].pop("annotations") != items["metadata"].pop("annotations")
    assert container == items


def test_items_form_holds_copies_of_the_values_of_dev():
    form, dev = FORMS / "items" / "dev" / "values", OVERLAYS / "dev"
    values = ["common-values.yaml", *(f"services/{path.name}" for path in (dev / "services").iterdir())]
    assert [without_modeline(form / name) for name in values] == [without_modeline(dev / name) for name in values]


def without_modeline(path: Path) -> str:
    """The text below the comment for editors, which differs with the folder."""
    modeline, text = path.read_text().split("\n", 1)
    assert "yaml-language-server: $schema=" in modeline
    return text


def test_goldens_are_of_kustomizations_that_exist():
    assert sorted(path.stem for path in EXPECTED.iterdir()) == KUSTOMIZATIONS


def objects(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))
