"""The one list of what exists: each kind, and the function that answers for it."""

from __future__ import annotations

import sys

from kloom import API_VERSION
from kloom.sdk.result import FunctionConfigError, Refusal, ResourceListError
from kloom.sdk.suggestion import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kloom.sdk.resource_list import ResourceList

    Function = Callable[[ResourceList], None]

FUNCTIONS = {
    "ApplicationGenerator": ("kloom.application_generator", "application_generator", "GeneratorConfig"),
    "ByohClusterGenerator": ("kloom.byoh_cluster_generator", "byoh_cluster_generator", "GeneratorConfig"),
    "ByohMachineTemplateTransformer": (
        "kloom.byoh_machine_template_transformer",
        "byoh_machine_template_transformer",
        "TransformerConfig",
    ),
    "ClusterEndpointTransformer": (
        "kloom.cluster_endpoint_transformer",
        "cluster_endpoint_transformer",
        "TransformerConfig",
    ),
    "ManifestValidator": ("kloom.manifest_validator", "manifest_validator", "ValidatorConfig"),
}
"""Of each kind the module, imported when it is called, and in it the function and the record of the config.

The record's `from_object` reads and checks a config.
"""
_KPTS_OWN = ("ConfigMap", "function-input")
"""What kpt makes up where it is given no config."""


def function_of(kind: str) -> Function:
    """The function that answers for a kind, which must be one of FUNCTIONS."""
    module, function, _ = FUNCTIONS[kind]
    return _in_module(module, function)  # type: ignore[no-any-return]  # by the table


def config_of(config: Mapping[str, Any]) -> Any:
    """The record of a config of whichever kind, by itself: nothing that it names is read.

    Raises FunctionConfigError for what kustomize or the function would refuse it for.
    """
    for field in ("metadata", "spec"):
        if not isinstance(config.get(field, {}), (dict, type(None))):
            raise FunctionConfigError("must be a map", field=field)
    _require_known(config)
    if not (config.get("metadata") or {}).get("name"):  # kustomize tells configs apart by it
        raise FunctionConfigError("must be there", field="metadata.name")
    module, _, record = FUNCTIONS[config["kind"]]
    return _in_module(module, record).from_object(config)


def misplaced(entry: str, kind: str) -> str:
    """What to say of an entry of resources that holds a config of one of the kinds."""
    proper = "generators" if kind.endswith("Generator") else "transformers"
    return f"{entry} is a config of kloom's ({kind}): it belongs under {proper}, here it does nothing"


def dispatch(resources: ResourceList) -> None:
    """Be the function of the kind that functionConfig names.

    Raises FunctionConfigError for a kind that is not in the list, ResourceListError where there is no config; findings
    about the config get its file and line.
    """
    config = resources.function_config
    if not config or (config.kind, config.name) == _KPTS_OWN:
        message = f"functionConfig must be there, of a kind that kloom has: {', '.join(FUNCTIONS)}"
        raise ResourceListError(f"{message}; kpt fn eval takes it with --fn-config FILE")
    try:
        _require_known(config)
        function_of(config.kind)(resources)
    except Refusal as refusal:
        from kloom.config_file import located

        raise type(refusal)(located(refusal.results, config)) from None
    if resources.results:
        from kloom.config_file import located

        resources.results = located(resources.results, config)
    if config.annotations and not config.kind.endswith("Validator"):
        from kloom import sentinel

        sentinel.leave(resources)


def _require_known(config: Mapping[str, Any]) -> None:
    kind, version = config.get("kind"), config.get("apiVersion")
    if not isinstance(kind, str) or kind not in FUNCTIONS:
        was = f"{kind or 'absent'}{did_you_mean(str(kind), FUNCTIONS)}"
        raise FunctionConfigError(f"must be {' or '.join(FUNCTIONS)}, was {was}", field="kind")
    if version != API_VERSION:
        raise FunctionConfigError(f"must be {API_VERSION}, was {version or 'absent'}", field="apiVersion")


def _in_module(module: str, name: str) -> Any:
    __import__(module)  # importlib would load more than the module itself
    return getattr(sys.modules[module], name)
