from pathlib import Path

import pytest

import kloom
from kloom import API_VERSION
from kloom.catalog import FUNCTIONS, config_of, dispatch, function_of
from kloom.sdk.execute import execute
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
    assert FUNCTIONS[kind][:2] == (f"kloom.{name}", name)
    assert callable(function_of(kind))
    assert (PACKAGE / "schemas" / f"{name}.json").exists()


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_the_config_of_every_kind_can_be_read_by_itself(kind):
    with pytest.raises(FunctionConfigError, match=r"spec\.unheardOf: unknown key"):
        config_of(config(kind=kind, spec={"unheardOf": 1}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "ApplicationGeneratr"}, r"^kind: must be .* \(did you mean ApplicationGenerator\?\)"),
        ({"kind": ["ApplicationGenerator"]}, "^kind: must be"),
        ({"kind": None}, "^kind: must be .*, was absent$"),
        ({"apiVersion": "kloom.dev/v1alpha2"}, "^apiVersion: must be kloom.dev/v1alpha1, was kloom.dev/v1alpha2$"),
        ({"apiVersion": None}, "^apiVersion: must be kloom.dev/v1alpha1, was absent$"),
        ({"metadata": {}}, "^metadata.name: must be there$"),
        ({"metadata": "dev"}, "^metadata: must be a map$"),
        ({"spec": []}, "^spec: must be a map$"),
    ],
)
def test_what_kustomize_or_the_function_refuses_a_config_for(changes, message):
    with pytest.raises(FunctionConfigError, match=message):
        config_of(config(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "applicationgeneratr"}, r"kind: must be .*, was .* \(did you mean ApplicationGenerator\?\)$"),
        ({"kind": "ConfigMap"}, "ConfigMap/dev kind: must be .*, was ConfigMap$"),
        ({"apiVersion": "kloom.dev/v1"}, "apiVersion: must be kloom.dev/v1alpha1, was kloom.dev/v1$"),
    ],
)
def test_an_unknown_kind_is_refused(changes, message):
    with pytest.raises(FunctionConfigError, match=message):
        dispatch(ResourceList((), config(**changes)))


@pytest.mark.parametrize(
    "sent", [None, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "function-input"}, "data": {}}]
)
def test_without_a_config_it_is_told_how_to_give_one(sent):
    (result,) = execute(dispatch, ResourceList((), sent).encode()).stderr.splitlines()
    assert result.startswith("functionConfig must be there, of a kind that kloom has: ApplicationGenerator, ")
    assert result.endswith("; kpt fn eval takes it with --fn-config FILE")


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
