"""`kloom doctor`: what is found on this machine, which ways of running kloom work here, and what to do for the others.

Each way is really tried, on a tiny repository in a temporary folder, and given up after a while.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kloom import __version__, plugin_home
from kloom.doctor.machine import programs, slow_start
from kloom.doctor.ways import WORKS, outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kloom.doctor.machine import Program
    from kloom.doctor.ways import Outcome

_ARGO_CD = "Argo CD", "not tried, as it runs elsewhere: docs/argo-cd.md"


def examine(image: str = "") -> tuple[list[str], bool]:
    """The lines of the screen, and whether kloom runs inside kustomize, kubectl or kpt in any way.

    The image is kloom's, for the trial of a container function.
    """
    found = programs()
    tried = outcomes(found, image)
    works = any(outcome.state == WORKS and outcome.way.builds for outcome in tried)
    return [*_found(found), "", *_tried(tried)], works


def _found(found: Mapping[str, Program]) -> Iterator[str]:
    yield f"{'kloom':<12} {__version__}; {plugin_home.executable()}"
    yield f"{'Python':<12} {'.'.join(map(str, sys.version_info[:3]))}; {sys.executable}"
    yield from (f"{'':<12} {line}" for line in slow_start())
    for program in found.values():
        yield f"{program.name:<12} {_told(program)}"
    yield from (f"{title:<12} {line}" for title, line in _plugin_home())


def _told(program: Program) -> str:
    return f"{program.version or program.trouble}; {program.path}" if program.path else "not on PATH"


def _plugin_home() -> Iterator[tuple[str, str]]:
    """The home that kustomize and kubectl take, and what is not as `kloom plugin install` leaves it."""
    home = plugin_home.home_in_use()
    yield "plugin home", home or "there is none"
    for link, state in plugin_home.status(home) if home else ():
        if state != plugin_home.INSTALLED:
            yield "", f"{link}: {state}"


def _tried(tried: list[Outcome]) -> Iterator[str]:
    for outcome in tried:
        yield f"{outcome.state:<7}  {outcome.way.name:<14}  {outcome.way.command}"
        for line in filter(None, (outcome.why, outcome.fix and f"-> {outcome.fix}")):
            yield f"{'':<7}  {'':<14}  {line}"
    yield "{:<7}  {:<14}  {}".format("", *_ARGO_CD)
