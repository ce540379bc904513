"""Check Argo CD Applications and AppProjects: their schema, and every rule of `kloom.argo.rules`; change nothing.

What goes in: all resources of a build. What comes out: the same, and results about `Application/name field`.

    apiVersion: kloom.dev/v1alpha1
    kind: ManifestValidator
    metadata:
      name: argo-cd
    spec:
      argocdVersion: "3.3"
      clusters: ../clusters.yaml
      failOn: warning
      ignore:
      - {rule: source-chart-floats, name: "vendor-*", reason: the vendor tests every patch}

It works last under `transformers:` of the outermost kustomization. Under `validators:` kustomize refuses whatever comes
back changed by its own bookkeeping, so there nothing comes back (see `_is_validator`).
"""

from __future__ import annotations

import os

from kloom import schemas
from kloom.argo import rules
from kloom.schemas.checker import Checker
from kloom.sdk.field_path import text_of
from kloom.sdk.result import FunctionConfigError, Result
from kloom.values.files import Repository
from kloom.values.inputs import Inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.schemas.checker import Predicate
    from kloom.sdk.kube_object import KubeObject
    from kloom.sdk.resource_list import ResourceList

    Object = dict[str, Any]
    Path = Sequence[str | int]

GROUP = "argoproj.io"
SCHEMA = schemas.load("manifest_validator")


class Ignore:
    """A finding that its author knows and means: a rule, globs of names and fields, and why."""

    __slots__ = ("at", "is_used", "name", "path", "rule")

    def __init__(self, at: int, entry: Mapping[str, str]) -> None:
        self.at = at
        self.rule = entry["rule"]
        self.name = entry.get("name", "*")
        self.path = entry.get("path", "*").replace("[", "[[]")  # a list position, not a set of characters
        self.is_used = False

    def covers(self, finding: rules.Finding) -> bool:
        """Whether the finding is the one that is meant."""
        from fnmatch import fnmatchcase

        if finding.rule.id != self.rule:
            return False
        name = finding.application["metadata"].get("name") or ""
        covers = fnmatchcase(name, self.name) and fnmatchcase(text_of(finding.path), self.path)
        self.is_used = self.is_used or covers
        return covers


class ValidatorConfig:
    """What a ManifestValidator's spec says: what is known beside the manifests, what fails the build, what is ignored."""

    __slots__ = ("fail_on", "facts", "ignores")

    def __init__(self, spec: Mapping[str, Any], clusters: Mapping[str, str | None] | None) -> None:
        self.facts = rules.Facts(
            clusters=clusters,
            argocd_version=_version(spec.get("argocdVersion")),
            argocd_namespace=spec.get("argocdNamespace"),
        )
        self.fail_on: str = spec.get("failOn", "error")
        self.ignores = [Ignore(at, entry) for at, entry in enumerate(spec.get("ignore", ()))]

    @classmethod
    def from_object(cls, config: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> ValidatorConfig:
        """The record of a config object; its inventory may be a ConfigMap among the items.

        Raises FunctionConfigError with everything that is wrong in it.
        """
        spec = config.get("spec")
        if spec is None:
            spec = {}
        if not Checker(SCHEMA["definitions"]).compile(SCHEMA)(spec):
            from kloom.schemas.findings import schema_errors

            raise FunctionConfigError(
                [Result.error(error.message(), field=("spec", *error.path)) for error in schema_errors(SCHEMA, spec)]
            )
        record = cls(spec, _clusters(spec.get("clusters"), items))
        if unknown := [_unknown_rule(ignore) for ignore in record.ignores if ignore.rule not in rules.RULES_BY_ID]:
            raise FunctionConfigError(unknown)
        return record


def manifest_validator(resources: ResourceList) -> None:
    """Add what is wrong with the Applications and AppProjects among the items to the results."""
    config = ValidatorConfig.from_object(resources.function_config, resources.items)
    applications = _items(resources, "Application")
    projects = _items(resources, "AppProject")
    found = [*validate(applications, projects, config), *_unused_ignores(config)]
    resources.results += [_as_severe_as(config.fail_on, result) for result in found]
    if _is_validator(resources.function_config):
        resources.items.clear()


def validate(
    applications: Sequence[Mapping[str, Any]], projects: Sequence[Mapping[str, Any]], config: ValidatorConfig
) -> Iterator[Result]:
    """What is wrong with Applications and AppProjects.

    What does not conform to the schema is told as such, and the rules then see the rest of the object.
    """
    schemas_of = (("Application", applications, application_schema()), ("AppProject", projects, project_schema()))
    sound: dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    broken: dict[int, list[Path]] = {}
    for kind, objects, schema in schemas_of:
        conforms: Predicate = Checker(schema["definitions"]).compile(schema)
        sound[kind] = []
        for obj in objects:
            if conforms(obj):
                sound[kind].append((obj, obj))
                continue
            from kloom.schema_findings import nothing
    yield from ()
