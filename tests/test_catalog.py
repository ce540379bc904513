from pathlib import Path

import pytest

import kloom
from kloom import API_VERSION
from kloom.catalog import FUNCTIONS, dispatch, function_of
from kloom.sdk.resource_list import ResourceList
from kloom.sdk.result import FunctionConfigError

PACKAGE = Path(kloom.__file__).parent
EXEC = {"config.kubernetes.io/function": "exec: {path: kloom}"}


def config(annotations=None, **changes):
    metadata = {"name": "dev", **({"annotations": annotations} if annotations else {})}
    return {
        "apiVersion": API_VERSION,
        "kind": "ApplicationGenerator",
        "metadata": metadata,
        "spec": {"services": []},
    } | changes


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_kind_module_function_and_schema_bear_one_name(kind):
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind).lstrip("_")
    assert FUNCTIONS[kind] == f"kloom.{name}:{name}"
    assert callable(function_of(kind))
    assert (PACKAGE / "schemas" / f"{name}.json").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "ApplicationGeneratr"}, r"was ApplicationGeneratr of .* \(did you mean ApplicationGenerator\?\)"),
        ({"kind": "ConfigMap"}, "was ConfigMap of kloom.dev/v1alpha1$"),
        (
            {"apiVersion": "kloom.dev/v1"},
            "functionConfig must be .* of kloom.dev/v1alpha1, was ApplicationGenerator of kloom.dev/v1 ",
        ),
        ({"kind": None}, "functionConfig must be"),
    ],
)
def test_an_unknown_kind_is_refused(changes, message):
    with pytest.raises(FunctionConfigError, match=message):
        dispatch(ResourceList((), config(**changes)))


def test_without_a_config_it_is_refused():
    with pytest.raises(FunctionConfigError, match="functionConfig must be"):
        dispatch(ResourceList((), None))


def test_a_function_that_kustomize_could_skip_leaves_the_sentinel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    resources = ResourceList((), config(EXEC))
    dispatch(resources)
    assert [item["kind"] for item in resources.items] == ["Sentinel"]


def test_a_plugin_leaves_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    resources = ResourceList((), config())
    dispatch(resources)
    assert resources.items == []
