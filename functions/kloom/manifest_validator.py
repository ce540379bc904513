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
from kloom.argo.rules import conformance
from kloom.schemas.checker import Checker
from kloom.sdk.field_path import text_of
from kloom.sdk.kube_object import LOCAL_CONFIG
from kloom.sdk.result import FunctionConfigError, Result
from kloom.values.files import Repository
from kloom.values.inputs import Inputs
from kloom.values.layers import Layer
from kloom.values.vocabulary import conforms, declared_clusters, findings, refused_clusters
from kloom.versions import minor_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kloom.argo.rules.conformance import Conformance
    from kloom.sdk.resource_list import ResourceList

GROUP = "argoproj.io/"
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
        return fnmatchcase(name, self.name) and fnmatchcase(text_of(finding.path), self.path)


class ValidatorConfig:
    """What a ManifestValidator's spec says: what is known, what fails the build, what is ignored."""

    __slots__ = ("facts", "fail_on", "ignores")

    def __init__(self, spec: Mapping[str, Any], clusters: Mapping[str, str | None] | None) -> None:
        self.facts = rules.Facts(
            clusters=clusters,
            argocd_version=minor_version(spec["argocdVersion"]) if "argocdVersion" in spec else None,
            argocd_namespace=spec.get("argocdNamespace"),
        )
        self.fail_on: str = spec.get("failOn", "error")
        self.ignores = [Ignore(at, entry) for at, entry in enumerate(spec.get("ignore", ()))]

    def is_ignored(self, finding: rules.Finding) -> bool:
        """Whether one of the ignores covers the finding."""
        covering = [ignore for ignore in self.ignores if ignore.covers(finding)]
        for ignore in covering:
            ignore.is_used = True
        return bool(covering)

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
    found = [*validate(resources.items, config), *_unused_ignores(config)]
    resources.results += [_as_severe_as(config.fail_on, result) for result in found]
    if _is_validator(resources.function_config):
        resources.items.clear()


def validate(items: Iterable[Mapping[str, Any]], config: ValidatorConfig) -> Iterator[Result]:
    """What is wrong with the Applications and AppProjects among the items.

    What does not conform to the schema is told as such, and the rules see the rest of the object.
    """
    kinds = {"Application": conformance.application(), "AppProject": conformance.app_project()}
    seen: dict[int, tuple[Mapping[str, Any], Conformance]] = {}
    rest: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in kinds}
    for item in items:
        kind = item.get("kind")
        if kind not in kinds or not str(item.get("apiVersion")).startswith(GROUP) or _is_local(item):
            continue
        conforming = kinds[kind].of(item)
        for problem in conforming.problems:
            yield Result(problem.message, severity=problem.severity).about(item, problem.path)
        if conforming.rest is not None:
            rest[kind].append(conforming.rest)
            seen[id(conforming.rest)] = (item, conforming)
    config.facts.projects = rest["AppProject"] or None
    for finding in rules.findings(rest["Application"], config.facts, config.is_ignored):
        item, conforming = seen[id(finding.application)]
        if not conforming.concerns(finding.path):
            tags = {"rule": finding.rule.id}
            yield Result(finding.text, severity=finding.rule.severity, tags=tags).about(item, finding.path)


def _clusters(inventory: Any, items: Iterable[Mapping[str, Any]]) -> Mapping[str, str | None] | None:
    """The servers of the inventory's clusters. Raises FunctionConfigError for an inventory that cannot be read."""
    if inventory is None:
        return None
    field = ("spec", "clusters")
    if isinstance(inventory, dict) and not isinstance(inventory.get("items"), str):
        layers = [Layer("", None, inventory, config_path=field)]
    else:
        inputs = Inputs(Repository(os.curdir), items)
        layers = inputs.layers([inventory], "clusters")
        if inputs.refused or inputs.findings:
            refused = [Result.error(message, field=("spec", *place)) for place, message in inputs.refused]
            raise FunctionConfigError([*refused, *inputs.findings])
    found = [finding for layer in layers for finding in _inventory_findings(layer)]
    if found:
        raise FunctionConfigError(found)
    destinations = {
        cluster: (layer.data[cluster] or {}).get("destination") or {}
        for layer in layers
        for cluster in declared_clusters([layer], inventory=True)
    }
    return {str(said.get("name") or cluster): said.get("server") for cluster, said in destinations.items()}


def _inventory_findings(layer: Layer) -> Iterator[Result]:
    clusters = declared_clusters([layer], inventory=True)
    if not conforms(layer.data, clusters):
        yield from findings(layer, clusters, refused_clusters([layer], clusters))


def _unknown_rule(ignore: Ignore) -> Result:
    from kloom.argo.rules.syntax import did_you_mean

    hint = did_you_mean(ignore.rule, rules.RULES_BY_ID)
    message = f"must be the id of a rule, was {ignore.rule or 'empty'}{hint}"
    return Result.error(message, field=("spec", "ignore", ignore.at, "rule"))


def _unused_ignores(config: ValidatorConfig) -> Iterator[Result]:
    for ignore in config.ignores:
        if not ignore.is_used:
            message = f"should be removed: there is no {ignore.rule} to ignore"
            yield Result.warning(message, field=("spec", "ignore", ignore.at))


def _as_severe_as(fail_on: str, result: Result) -> Result:
    return result.but(severity="error") if fail_on == "warning" and result.severity == "warning" else result


def _is_local(item: Mapping[str, Any]) -> bool:
    """Whether kustomize leaves the object out of what it prints."""
    metadata = item.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(LOCAL_CONFIG, "false") != "false"


def _is_validator(config: Mapping[str, Any]) -> bool:
    """Whether the kustomization lists this config under `validators:`, and nowhere else.

    There a function must give nothing back: kustomize notes in each item of an exec function which file it is, and
    then finds the item changed (kustomize#5036). It neither sees nor loses what a validator leaves out. Anywhere else
    what is left out is gone.
    """
    from kloom.config_file import identity, listed_configs

    def is_listed(*fields: str) -> bool:
        return any(identity(listed) == identity(config) for _, _, listed in listed_configs(os.curdir, fields))

    return is_listed("validators") and not is_listed("generators", "transformers")
