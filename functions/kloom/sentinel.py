"""The sentinel: an object that proves that kustomize ran an exec function, which it can skip without a word.

The component overlays/components/guard selects the sentinel in a `replacements:`. Where there is none the build fails,
and says the sentinel's name, which is the message. Where there is one kustomize drops it at the end, as local-config.
"""

from __future__ import annotations

import os

from kloom import API_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kloom.sdk.kube_object import KubeObject
    from kloom.sdk.resource_list import ResourceList

KIND = "Sentinel"
NAME = "the-function-did-not-run--build-with---enable-alpha-plugins---enable-exec"
FUNCTION_ANNOTATION = "config.kubernetes.io/function"
"""Makes a config an exec or container function; without --enable-exec kustomize skips it (kustomize#4399)."""
_FILE_ANNOTATIONS = ("internal.config.kubernetes.io/path", "internal.config.kubernetes.io/index")
"""Where a config stands, as `kustomize fn` notes it; kpt eval notes the index alone, `kustomize build` neither."""


def leave(resources: ResourceList) -> None:
    """Add the sentinel to the items of a function that kustomize can skip.

    There is one for all functions of a kustomization, and none in place, where it would stay. Its namespace tells it
    from those of other kustomizations that one build brings together.
    """
    config = resources.function_config
    in_place = any(name in config.annotations for name in _FILE_ANNOTATIONS)
    if FUNCTION_ANNOTATION not in config.annotations or in_place:
        return
    if any(item.get("kind") == KIND for item in resources.items) or not _is_first_generator(config):
        return
    resources.items.append(
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {
                "name": NAME,
                "namespace": _namespace(config),
                "annotations": {"config.kubernetes.io/local-config": "true"},
            },
        }
    )


def _is_first_generator(config: KubeObject) -> bool:
    """Whether no generator of kloom's is listed before: generators do not see what others made."""
    from kloom.config_file import identity, listed_configs

    listed = [
        identity(other)
        for _, _, other in listed_configs(os.curdir, ["generators"])
        if FUNCTION_ANNOTATION in ((other.get("metadata") or {}).get("annotations") or {})
        and other.get("apiVersion") == API_VERSION
    ]
    return identity(config) not in listed[1:]


def _namespace(config: KubeObject) -> str:
    """Kind, name and folder of the config, the folder as seen from the repository's root: the same on every machine."""
    from kloom.values.files import Repository

    repository = Repository(os.curdir)
    folder = os.path.relpath(repository.base, repository.root).replace(os.sep, ".")
    return f"{config.kind}.{config.name}.{folder}"
