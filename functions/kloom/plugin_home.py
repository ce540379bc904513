"""Kustomize's plugin home: one link per kind; a config needs no function annotation, a missing kloom is an error.

kustomize looks for `<home>/kloom.dev/v1alpha1/<lower-case kind>/<Kind>` in one home, and runs it. The home is the first
of these that exists: `$KUSTOMIZE_PLUGIN_HOME`, `$XDG_CONFIG_HOME/kustomize/plugin`, `~/.config/kustomize/plugin`,
`~/kustomize/plugin`. kubectl has the same code inside.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import sys

from kloom import API_VERSION
from kloom.catalog import FUNCTIONS
from kloom.sdk.result import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "KUSTOMIZE_PLUGIN_HOME"
INSTALLED, MISSING = "installed", "missing"


class PluginHomeError(Refusal):
    """The plugin home cannot be changed; the text says why."""


def candidates() -> list[str]:
    """Where kustomize looks for a plugin home, first to last; none below HOME where that is not set."""
    config, home = os.environ.get("XDG_CONFIG_HOME"), os.environ.get("HOME")
    folders = [
        os.environ.get(VARIABLE),
        config and os.path.join(config, "kustomize", "plugin"),
        home and os.path.join(home, ".config", "kustomize", "plugin"),
        home and os.path.join(home, "kustomize", "plugin"),
    ]
    return [folder for folder in folders if folder]


def home_in_use() -> str | None:
    """The home that kustomize takes as things are: the first one that exists, or None."""
    return next(filter(os.path.exists, candidates()), None)


def default_home() -> str:
    """The home that kustomize takes once there are links in it. Raises PluginHomeError where there can be none."""
    named = os.environ.get(VARIABLE)
    if named and not os.path.isabs(named):
        raise PluginHomeError(
            f'{VARIABLE} must be an absolute path, else kustomize finds no plugin in it, was "{named}"'
        )
    home = named or home_in_use() or next(iter(candidates()), None)
    if home is None:
        raise PluginHomeError(f"HOME is not set, so there is no plugin home: name a folder with --home and {VARIABLE}")
    return home


def links(home: str) -> Iterator[str]:
    """Where kustomize looks for each kind."""
    for kind in FUNCTIONS:
        yield os.path.join(os.path.abspath(home), *API_VERSION.split("/"), kind.lower(), kind)


def copy_in(home: str) -> str:
    """Where a home holds kloom itself, if it does (plugin_copy)."""
    return os.path.join(os.path.abspath(home), API_VERSION.split("/")[0], "kloom")


def install(home: str, target: str | None = None) -> list[str]:
    """Link every kind to the kloom that is running, or to the target; the links. Installing again changes nothing.

    Raises PluginHomeError where something else stands in a link's place, or the folder cannot be written.
    """
    target = target or executable()
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
    """Remove the links that are there, a copy of kloom, and the folders that this leaves empty; what was removed.

    Links of kinds that only another version has go too. Raises PluginHomeError where one cannot be removed.
    """
    removed = [link for link in (*links(home), *leftovers(home)) if os.path.islink(link)]
    removed += [copy_in(home)] if os.path.isfile(copy_in(home)) else []
    try:
        for path in removed:
            os.unlink(path)
            folder = os.path.dirname(path)
            while folder != os.path.abspath(home) and not os.listdir(folder):
                os.rmdir(folder)
                folder = os.path.dirname(folder)
    except OSError as error:
        raise PluginHomeError(f"{error.filename}: {error.strerror}") from None
    return removed


def status(home: str) -> Iterator[tuple[str, str]]:
    """Each link and what is true of it: "installed", "missing" or what is wrong."""
    copy = os.path.realpath(copy_in(home))
    for link in links(home):
        yield link, _state(link, copy)
    for link in leftovers(home):
        yield link, "is of a kind that this kloom does not have"


def leftovers(home: str) -> list[str]:
    """Links of kloom's group for kinds that it does not have: another version left them."""
    known = set(links(home))
    group = os.path.join(os.path.abspath(home), API_VERSION.split("/")[0])
    files = (os.path.join(folder, name) for folder, _, names in os.walk(group) for name in names)
    return sorted(path for path in files if os.path.islink(path) and path not in known)


def executable() -> str:
    """The kloom command that is running, or beside this interpreter, or on PATH. Raises PluginHomeError without one."""
    if getattr(sys, "frozen", False):  # the executable that carries its interpreter
        return sys.executable
    running = sys.argv[0] if os.path.basename(sys.argv[0]) == "kloom" else ""
    beside = os.path.join(os.path.dirname(sys.executable), "kloom")
    own = next((path for path in (running, beside) if os.path.isfile(path) and os.access(path, os.X_OK)), None)
    found = own or shutil.which("kloom")
    if found is None:
        raise PluginHomeError("no kloom command beside this Python and none on PATH: install kloom with pip or pipx")
    return os.path.abspath(found)


def _state(link: str, copy: str) -> str:
    if not os.path.lexists(link):
        return MISSING
    leads_to = os.path.realpath(link)
    if not (os.path.isfile(link) and os.access(link, os.X_OK)):
        return f"leads to {leads_to}, which is no executable" if os.path.islink(link) else "is no executable"
    if not os.path.islink(link):
        return "is no link but an executable of its own, which kustomize runs"
    own = os.path.realpath(executable())
    if leads_to == own or (leads_to == copy and filecmp.cmp(copy, own, shallow=False)):
        return INSTALLED
    return f"leads to another kloom, {leads_to}"


def _replace_link(link: str, target: str) -> None:
    """Put the link in place in one step, so that a build that runs meanwhile finds the old one or the new."""
    if os.path.islink(link) and os.readlink(link) == target:
        return
    fresh = f"{link}.{os.getpid()}"
    os.symlink(target, fresh)
    os.replace(fresh, link)
