"""How hack/matrix.py measures: what counts as working, what it writes; with tools that a test makes up."""

import re
import sys
from pathlib import Path

import matrix
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def place(tmp_path):
    (tmp_path / "overlays" / "forms").mkdir(parents=True)
    return matrix.Place(folder=tmp_path, environment={"PATH": "/usr/bin:/bin"})


@pytest.fixture
def tool(tmp_path):
    """A tool that runs a shell's commands."""

    def make(commands, name="kustomize"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{commands}\n")
        program.chmod(0o755)
        return matrix.Row(tool=name, version="5.8.1", program=str(program))

    return make


def measured(column, row, place):
    return matrix.cell(row, column, matrix.BUILDS[column], place)


EXACT = f'cat {matrix.EXPECTED}/$(basename "$3").yaml'
DEV = f"cat {matrix.EXPECTED}/dev.yaml"


def test_the_reviewed_bytes_count(tool, place):
    assert measured("plugin home", tool(EXACT), place) == ""
    assert measured("plugin home", tool(f"{EXACT}; echo"), place).endswith(": it prints other bytes")
    assert measured("exec function", tool(DEV), place) == ""
    assert measured("values as items", tool("exit 0"), place) == "dev: it prints other bytes"


@pytest.mark.parametrize("column", ["plugin home", "exec function", "values as items", "container", "in place"])
def test_an_error_is_told_by_the_line_that_speaks_of_it(column, tool, place):
    row = tool("echo one >&2; echo 'error: Error: two' >&2; echo ': three' >&2; exit 1")
    assert measured(column, row, place) == "two"
    row = tool("echo one >&2; echo 'Error: ' >&2; echo two >&2; echo ': three' >&2; exit 1")
    assert measured(column, row, place) == "two"


@pytest.mark.parametrize("column", ["a missing plugin fails", "a missing flag fails"])
def test_a_build_that_must_fail_has_to(column, tool, place):
    said = "echo 'nothing selected: the-function-did-not-run' >&2"
    assert measured(column, tool(f"{said}; exit 1"), place) == ""
    assert measured(column, tool(said), place) == "it does not fail"
    assert measured(column, tool(f"{said}; echo kind: Application; exit 1"), place) == "it does not fail"


def test_the_guard_has_to_be_what_fails(tool, place):
    assert measured("a missing flag fails", tool("echo 'Error: something else' >&2; exit 1"), place) == "something else"


def test_what_is_written_in_place_counts(tool, place):
    written = "echo 'name: examined-in-cluster' > $3/new.yaml"
    assert measured("in place", tool(written), place) == ""
    assert measured("in place", tool("exit 0"), place) == "nothing was written"
    assert measured("in place", tool(f"{written}; echo > $3/services.yaml"), place) == "comments are lost"


def test_kubectl_is_not_asked_for_what_it_does_not_have(tool, place):
    row = tool("exit 1", name="kubectl")
    assert [column for column in matrix.BUILDS if measured(column, row, place) == "-"] == list(matrix.NOT_IN_KUBECTL)


def test_the_helm_of_the_column_is_the_one_on_path(tool, place):
    (place.folder / "helms").mkdir()
    helm = place.folder / "helms" / "helm"
    helm.write_text(f"#!/bin/sh\n{DEV}\n")
    helm.chmod(0o755)
    assert matrix.cell(tool("helm"), "helmCharts", matrix.ejected_builds(str(helm)), place) == ""


def test_a_tool_that_cannot_be_had_is_not_tried(place):
    row = matrix.Row(tool="kustomize", version="5.8.1", absent="no go on PATH")
    assert measured("plugin home", row, place) == "not tried: no go on PATH"


def test_reasons_stand_below_the_tables_once():
    rows = [matrix.Row(tool="kustomize", version=version) for version in ("5.3.0", "5.4.3")]
    cells = {
        (rows[0], "a"): "",
        (rows[0], "b"): "too old",
        (rows[1], "a"): "-",
        (rows[1], "b"): "too old",
    }
    text = matrix.text_of([matrix.Table(rows=rows, columns=["a", "b"], cells=cells)])
    assert text == (
        "| | a | b |\n|---|---|---|\n"
        "| kustomize 5.3.0 | yes | no (1) |\n| kustomize 5.4.3 | - | no (1) |\n\n1. too old\n"
    )
    page = f"before\n{matrix.BEGIN}old\n{matrix.END}after\n"
    assert matrix.into_page(page, text) == f"before\n{matrix.BEGIN}\n{text}\n{matrix.END}after\n"
    assert matrix.into_page(matrix.into_page(page, text), text) == matrix.into_page(page, text)


def test_a_tool_is_had_in_the_version_that_the_row_says():
    for name, versions in matrix.VERSIONS.items():
        for version in versions:
            tool = matrix.wanted(name, version)
            assert tool.at_least == version
            assert set(re.findall(r"\d+\.\d+\.\d+", f"{tool.file} {tool.checksums}")) == {version}
            assert not tool.go_package or tool.go_package.endswith(f"v{version}")
            assert matrix.told_version(name, version).endswith(f"=v{version}") or name == "kubectl"
    assert matrix.wanted("helm", "3.18.6").go_package == "helm.sh/helm/v3/cmd/helm@v3.18.6"
    assert matrix.told_version("helm", "4.3.1") == "helm.sh/helm/v4/internal/version.version=v4.3.1"


def test_rows_are_chosen_by_how_they_begin():
    chosen = matrix.chooser(["kubectl-1.3", "helm"])
    assert [name for name in ("kubectl-1.37.1", "kustomize-5.8.1", "helm-4.3.1") if chosen(name)] == [
        "kubectl-1.37.1",
        "helm-4.3.1",
    ]
    assert matrix.chooser([])("kustomize-5.8.1")


def test_a_python_that_does_not_start_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "python3.12").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.12").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (row,) = matrix.pythons([sys.executable, "/nowhere/python3"], tmp_path)
    assert row.program == str(Path(sys.executable).parent / "kloom")


# docs/compatibility.md


PAGE = matrix.PAGE.read_text()
MEASURED = PAGE[PAGE.index(matrix.BEGIN) : PAGE.index(matrix.END)]


def test_the_page_has_a_row_for_every_version():
    rows = re.findall(r"^\| (\w+ [\d.]+) \|", MEASURED, re.MULTILINE)
    wanted = [f"{name} {version}" for name, versions in matrix.VERSIONS.items() for version in versions]
    assert [row for row in rows if not row.startswith("Python")] == wanted
    assert any(row.startswith("Python") for row in rows)


def test_the_page_has_every_column_and_explains_those_of_builds():
    helms = [f"helmCharts, helm {version}" for version in (matrix.HELM_3, matrix.HELM_4)]
    first, second, third = (line.strip("| ").split(" | ") for line in MEASURED.splitlines() if line.startswith("| |"))
    assert (first, second, third) == ([*matrix.BUILDS, *helms], list(matrix.CHARTS), list(matrix.PYTHONS))
    explained = re.findall(r"^\| ([a-zA-Z ]+) \|", PAGE.partition(matrix.END)[2], re.MULTILINE)
    assert explained == ["column", *matrix.BUILDS, "helmCharts", *matrix.CHARTS]


def test_every_reason_is_referred_to():
    assert {int(number) for number in re.findall(r"no \((\d+)\)", MEASURED)} == {
        int(number) for number in re.findall(r"^(\d+)\. ", MEASURED, re.MULTILINE)
    }


def test_the_page_names_the_pythons_of_the_workflow():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    versions = re.findall(r'"(3\.\d+)"', re.search(r"python: \[(.*)\]", workflow)[1])
    assert f"with Python {', '.join(versions[:-1])} and {versions[-1]}" in PAGE.replace("\n", " ")
    project = (ROOT / "pyproject.toml").read_text()
    assert re.findall(r"Python :: (3\.\d+)", project) == versions
