"""A plugin home that holds kloom itself, so that it works where nothing of kloom is installed.

    <home>/kloom.dev/kloom                                             the executable that carries its own Python
    <home>/kloom.dev/v1alpha1/<lower-case kind>/<Kind> → ../../kloom   one link per kind

Argo CD's repo server gets kloom this way: a container fills a volume, and the repo server's own container reads it.
"""

from __future__ import annotations

import os
import shutil
import sys

from kloom import plugin_home
from kloom.plugin_home import PluginHomeError


def install(home: str) -> list[str]:
    """Copy the running executable into the home and link every kind to the copy; the links.

    Raises PluginHomeError for a kloom that needs a Python beside it, and where the home cannot be written.
    """
    if not getattr(sys, "frozen", False):
        raise PluginHomeError(
            "only the executable that carries its own Python can be copied; this kloom needs one here"
        )
    copy = plugin_home.copy_in(home)
    fresh = f"{copy}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copy(sys.executable, fresh)  # with its mode
        os.replace(fresh, copy)
    except OSError as error:
        raise PluginHomeError(f"{error.filename or copy}: {error.strerror}") from None
    return plugin_home.install(home, target=os.path.join(os.pardir, os.pardir, "kloom"))
