"""Kustomize's plugin home: one link per kind; a config needs no function annotation, a missing kloom is an error.

kustomize looks for `$KUSTOMIZE_PLUGIN_HOME/kloom.dev/v1alpha1/<lower-case kind>/<Kind>`, or the same below
`$XDG_CONFIG_HOME/kustomize/plugin` (by default `~/.config/kustomize/plugin`), and runs it.
"""

from __future__ import annotations

import os
import shutil
import sys

from kloom import API_VERSION
from kloom.catalog import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class PluginHomeError(Exception):
    """The plugin home cannot be changed; the text says why."""


def default_home() -> str:
    """The folder in which kustomize looks for plugins."""
    if home := os.environ.get("KUSTOMIZE_PLUGIN_HOME"):
        return home
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(config, "kustomize", "plugin")


def links(home: str) -> Iterator[str]:
    """Where kustomize looks for each kind."""
    for kind in FUNCTIONS:
        yield os.path.join(home, *API_VERSION.split("/"), kind.lower(), kind)


def install(home: str) -> list[str]:
    """Link every kind to the kloom that is running; the links. Installing again changes nothing.

    Raises PluginHomeError where something else stands in a link's place, or the folder cannot be written.
    """
    target = executable()
    made = list(links(home))
    try:
        for link in made:
            if os.path.lexists(link) and not os.path.islink(link):
                raise PluginHomeError(f"{link} is there and is no link of kloom's; move it away")
            os.makedirs(os.path.dirname(link), exist_ok=True)
            _replace_link(link, target)
    except OSError as error:
        raise PluginHomeError(f"{error.filename}: {error.strerror}") from None
    return made


def uninstall(home: str) -> list[str]:
    """Remove the links that are there, and the folders that this leaves empty; the links removed."""
    removed = [link for link in links(home) if os.path.islink(link)]
    for link in removed:
        os.unlink(link)
        folder = os.path.dirname(link)
        while folder != home and not os.listdir(folder):
            os.rmdir(folder)
            folder = os.path.dirname(folder)
    return removed


def status(home: str) -> Iterator[tuple[str, str]]:
    """Each link and what is true of it: "installed", "missing" or what is wrong."""
    for link in links(home):
        if not os.path.lexists(link):
            yield link, "missing"
        elif not os.access(link, os.X_OK):
            yield link, f"leads to {os.path.realpath(link)}, which is no executable"
        elif os.path.realpath(link) != os.path.realpath(executable()):
            yield link, f"leads to another kloom, {os.path.realpath(link)}"
        else:
            yield link, "installed"


def executable() -> str:
    """The kloom command beside this interpreter, or the one on PATH. Raises PluginHomeError where there is none."""
    beside = os.path.join(os.path.dirname(sys.executable), "kloom")
    found = beside if os.access(beside, os.X_OK) else shutil.which("kloom")
    if found is None:
        raise PluginHomeError("no kloom command beside this Python and none on PATH: install kloom with pip or pipx")
    return os.path.abspath(found)


def _replace_link(link: str, target: str) -> None:
    """Put the link in place in one step, so that a build that runs meanwhile finds the old one or the new."""
    if os.path.islink(link) and os.readlink(link) == target:
        return
    fresh = f"{link}.{os.getpid()}"
    os.symlink(target, fresh)
    os.replace(fresh, link)
