"""The one list of what exists: each kind, and the function that answers for it."""

from __future__ import annotations

import sys

from kloom import API_VERSION, sentinel
from kloom.sdk.result import FunctionConfigError, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

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


def function_of(kind: str) -> Function:
    """The function that answers for a kind, which must be one of FUNCTIONS."""
    module, name = FUNCTIONS[kind].split(":")
    __import__(module)  # importlib would load more than the function itself
    return getattr(sys.modules[module], name)  # type: ignore[no-any-return]  # by the table


def dispatch(resources: ResourceList) -> None:
    """Be the function of the kind that functionConfig names.

    Raises FunctionConfigError for a kind that is not in the list; findings about the config get its file and line.
    """
    config = resources.function_config
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
        from difflib import get_close_matches

        close = "".join(f" (did you mean {match}?)" for match in get_close_matches(kind, FUNCTIONS, n=1))
        raise FunctionConfigError(
            f"functionConfig must be {' or '.join(FUNCTIONS)} of {API_VERSION}, was {kind} of {api_version}{close}"
        )
