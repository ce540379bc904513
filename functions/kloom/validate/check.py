"""One check of one repository: from paths to results, each file looked at in the roles that it plays."""

from __future__ import annotations

import os

from kloom.argo.rules import Facts
from kloom.catalog import FUNCTIONS
from kloom.reports.report import RULE_TAG, rule_of
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.yaml_reader import YamlError
from kloom.validate import rulebook
from kloom.validate.configs import KIND, Generator, config_results, expanded
from kloom.validate.duplicates import Made, duplicates
from kloom.validate.kustomizations import Config, Kustomizations, is_of_kloom
from kloom.validate.manifests import Manifest, application_findings, manifests, may_hold_ours, unreadable
from kloom.validate.tree import SUFFIXES
from kloom.values import vocabulary
from kloom.values.files import FileError
from kloom.values.ignores import Ignores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules import Finding
    from kloom.validate.configs import Expanded
    from kloom.validate.settings import Settings
    from kloom.validate.tree import Tree


class Check:
    """What a check has found so far."""

    def __init__(self, tree: Tree) -> None:
        self.results: list[Result] = []
        self.files: set[str] = set()
        self.applications = 0
        self.skipped = 0
        self.folder = tree.folder
        self._tree = tree
        self._parsed: dict[str, Mapping[str, Any]] = {}
        self._made: list[Made] = []
        self._values: dict[str, set[str]] = {}
