"""The one list of what exists: each kind, and the function that answers for it."""

from __future__ import annotations

import sys

from kloom import API_VERSION, sentinel
from kloom.sdk.result import FunctionConfigError, Refusal, ResourceListError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kloom.sdk.resource_list import ResourceList

    Function = Callable[[ResourceList], None]

FUNCTIONS = {
    "ApplicationGenerator": "kloom.application_generator:application_generator",
    "ByohClusterGenerator": "kloom.byoh_cluster_generator:byoh_cluster_generator",
    "ByohMachineTemplateTransformer": "kloom.byoh_machine_template_transformer:byoh_machine_template_transformer",
    "ClusterEndpointTransformer": "kloom.cluster_endpoint_transformer:cluster_endpoint_transformer",
    "ManifestValidator": "kloom.manifest_validator:manifest_validator",
}
"""Where the function of each kind is; imported when it is called."""
_KPTS_OWN = ("ConfigMap", "function-input")
"""What kpt makes up where it is given no config."""
CONFIGS = {
    "ApplicationGenerator": "GeneratorConfig",
    "ByohClusterGenerator": "GeneratorConfig",
    "ByohMachineTemplateTransformer": "TransformerConfig",
    "ClusterEndpointTransformer": "TransformerConfig",
    "ManifestValidator": "ValidatorConfig",
}
"""The record of each kind's config, in the module of its function: `from_object` reads and checks it."""


def function_of(kind: str) -> Function:
    """The function that answers for a kind, which must be one of FUNCTIONS."""
    return _in_module_of(kind, FUNCTIONS[kind].split(":")[1])  # type: ignore[no-any-return]  # by the table


def config_of(config: Mapping[str, Any]) -> Any:
    """The record of a config of whichever kind, by itself: nothing that it names is read.

    Raises FunctionConfigError for what kustomize or the function would refuse it for.
    """
    for field in ("metadata", "spec"):
        if not isinstance(config.get(field, {}), (dict, type(None))):
            raise FunctionConfigError("must be a map", field=field)
    kind, version = config.get("kind"), config.get("apiVersion")
    if not isinstance(kind, str) or kind not in FUNCTIONS:
        known = " or ".join(FUNCTIONS)
        raise FunctionConfigError(f"must be {known}, was {kind}{_did_you_mean(str(kind))}", field="kind")
    if version != API_VERSION:
        raise FunctionConfigError(f"must be {API_VERSION}, was {version}", field="apiVersion")
    if not (config.get("metadata") or {}).get("name"):  # kustomize tells configs apart by it
        raise FunctionConfigError("must be there", field="metadata.name")
    return _in_module_of(kind, CONFIGS[kind]).from_object(config)


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
        _require_known(config.api_version, config.kind)
        function_of(config.kind)(resources)
    except Refusal as refusal:
        from kloom.config_file import located

        raise type(refusal)(located(refusal.results, config)) from None
    if resources.results:
        from kloom.config_file import located

        resources.results = located(resources.results, config)
    if not config.kind.endswith("Validator") and sentinel.FUNCTION_ANNOTATION in config.annotations:
        sentinel.leave(resources)


def _require_known(api_version: str, kind: str) -> None:
    if api_version != API_VERSION or kind not in FUNCTIONS:
        known = kind if kind in FUNCTIONS else " or ".join(FUNCTIONS)
        close = "" if kind in FUNCTIONS else _did_you_mean(kind)
        was = f"{kind or 'no kind'} of {api_version or 'no apiVersion'}{close}"
        raise FunctionConfigError(f"functionConfig must be {known} of {API_VERSION}, was {was}")


def _did_you_mean(kind: str) -> str:
    from difflib import get_close_matches

    return "".join(f" (did you mean {match}?)" for match in get_close_matches(kind, FUNCTIONS, n=1))


def _in_module_of(kind: str, name: str) -> Any:
    module = FUNCTIONS[kind].split(":")[0]
    __import__(module)  # importlib would load more than the module itself
    return getattr(sys.modules[module], name)
