"""Ask Argo CD's own code, through the oracle beside this file: one line of JSON there, one line back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Self

Object = dict[str, Any]
Verdicts = Mapping[str, list[str]]
"""What Argo CD says, by what it looked at; what it has nothing to say of is not there."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Manifests, and what is known beside them, to Argo CD as to kloom's rules; and folders of checked out files.

    root is the one that stands for the repository of every source, checkouts are those whose links are looked at.
    """

    applications: Sequence[Object]
    projects: Sequence[Object] | None = None
    clusters: Mapping[str, str] | None = None
    namespace: str = "argocd"
    render: bool = False
    checkouts: Sequence[str] = ()
    root: str = ""
    secrets: Sequence[Object] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Verdicts on each Application and AppProject, and the symbolic link that each checkout is refused for, or none."""

    applications: list[Verdicts]
    projects: list[Verdicts] = field(default_factory=list)
    checkouts: list[str] = field(default_factory=list)


class ArgoCD:
    """The oracle as a running program."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _open(self._process.stdin).close()
        self._process.wait(timeout=300)
        _open(self._process.stdout).close()

    def judge(self, world: World) -> Answer:
        """What Argo CD says of the manifests."""
        to, back = _open(self._process.stdin), _open(self._process.stdout)
        to.write(json.dumps(vars(world)) + "\n")
        to.flush()
        line = back.readline()
        assert line, "the oracle has ended: what it printed to stderr says why"
        return Answer(**json.loads(line))


def _open(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
