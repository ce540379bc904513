"""Check the objects of Argo CD and Cluster API by every rule of `kloom.argo.rules` and `kloom.capi.rules`.

What goes in: all resources of a build. What comes out: the same, unchanged, and results about `Application/name field`.

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
from kloom.config_spec import conforming_spec
from kloom.sdk.field_path import text_of
from kloom.sdk.kube_object import is_local_config
from kloom.sdk.result import FunctionConfigError, Result
from kloom.sdk.suggestion import did_you_mean
from kloom.values.files import Repository
from kloom.values.inputs import Inputs
from kloom.values.layers import FROM, Layer
from kloom.values.vocabulary import conforms, declared_clusters, findings, is_said, refused_clusters
from kloom.versions import minor_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.rules.conformance import Conformance
    from kloom.argo.rules.rule import Path
    from kloom.sdk.resource_list import ResourceList

GROUP = "argoproj.io/"
_CLUSTER_API = "cluster.x-k8s.io/"
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

    def covers(self, rule: str, obj: Mapping[str, Any], path: Path) -> bool:
        """Whether what a rule found in an object is what is meant."""
        from fnmatch import fnmatchcase

        if rule != self.rule:
            return False
        name = (obj.get("metadata") or {}).get("name") or ""
        return fnmatchcase(name, self.name) and fnmatchcase(text_of(path), self.path)


class ValidatorConfig:
    """What a ManifestValidator's spec says: what is known, what fails the build, what is ignored."""

    __slots__ = ("byoh_provider", "facts", "fail_on", "ignores")

    def __init__(self, spec: Mapping[str, Any], clusters: Mapping[str, str | None] | None) -> None:
        self.facts = rules.Facts(
            clusters=clusters,
            argocd_version=minor_version(spec["argocdVersion"]) if "argocdVersion" in spec else None,
            argocd_namespace=spec.get("argocdNamespace"),
            kustomize_versions=spec.get("kustomizeVersions"),
        )
        self.byoh_provider: str | None = spec.get("byohProvider")
        self.fail_on: str = spec.get("failOn", "error")
        self.ignores = [Ignore(at, entry) for at, entry in enumerate(spec.get("ignore", ()))]

    def is_ignored(self, finding: rules.Finding) -> bool:
        """Whether one of the ignores covers the finding in an Application or AppProject."""
        return self.covers(finding.rule.id, finding.application, finding.path)

    def covers(self, rule: str, obj: Mapping[str, Any], path: Path) -> bool:
        """Whether one of the ignores covers what a rule found in an object."""
        covering = [ignore for ignore in self.ignores if ignore.covers(rule, obj, path)]
        for ignore in covering:
            ignore.is_used = True
        return bool(covering)

    @classmethod
    def from_object(
        cls, config: Mapping[str, Any], items: Iterable[Mapping[str, Any]] | None = None
    ) -> ValidatorConfig:
        """The record of a config object; its inventory, which may be a ConfigMap, is read where items are given.

        Raises FunctionConfigError with everything that is wrong in it.
        """
        spec = conforming_spec(config, SCHEMA, "manifest_validator")
        record = cls(spec, None if items is None else known_clusters(spec.get("clusters"), items))
        if unknown := [_unknown_rule(ignore) for ignore in record.ignores if not _is_rule(ignore.rule)]:
            raise FunctionConfigError(unknown)
        return record


def manifest_validator(resources: ResourceList) -> None:
    """Add what is wrong with the items of Argo CD and of Cluster API to the results."""
    config = ValidatorConfig.from_object(resources.function_config, resources.items)
    found = [*validate(resources.items, config), *validate_clusters(resources.items, config), *_unused_ignores(config)]
    resources.results += [result.as_severe_as(config.fail_on) for result in found]
    if _is_validator(resources.function_config):
        resources.items.clear()


def validate(items: Sequence[Mapping[str, Any]], config: ValidatorConfig) -> Iterator[Result]:
    """What is wrong with the Applications and AppProjects among the items.

    What does not conform to the schema is told as such, and the rules see the rest of the object.
    """
    kinds = {"Application": conformance.application(), "AppProject": conformance.app_project()}
    seen: dict[int, tuple[Mapping[str, Any], Conformance]] = {}
    rest: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in kinds}
    secrets: list[Mapping[str, Any]] = []
    for item in items:
        kind = item.get("kind")
        if kind not in kinds or not str(item.get("apiVersion")).startswith(GROUP) or is_local_config(item):
            if kind == "Secret" and not is_local_config(item):
                secrets.append(item)
            continue
        conforming = kinds[kind].of(item)
        for problem in conforming.problems:
            yield Result(problem.message, severity=problem.severity).about(item, problem.path)
        if conforming.rest is not None:
            rest[kind].append(conforming.rest)
            seen[id(conforming.rest)] = (item, conforming)
    config.facts.projects = rest["AppProject"] or None
    if secrets:
        from kloom.argo.cluster_secrets import told_of

        config.facts.cluster_secrets = told_of(secrets)
    for finding in rules.findings(rest["Application"], config.facts, config.is_ignored):
        item, conforming = seen[id(finding.application)]
        if not conforming.concerns(finding.path):
            tags = {"rule": finding.rule.id}
            yield Result(finding.text, severity=finding.rule.severity, tags=tags).about(item, finding.path)


def validate_clusters(items: Sequence[Mapping[str, Any]], config: ValidatorConfig) -> Iterator[Result]:
    """What is wrong with the Cluster API objects among the items; nothing is imported where there are none."""
    if not any(_CLUSTER_API in str(item.get("apiVersion")) for item in items):
        return
    from kloom.capi import rules as of_clusters

    objects = [item for item in items if not is_local_config(item)]
    for finding in of_clusters.findings(objects, of_clusters.Facts(provider=config.byoh_provider)):
        if not config.covers(finding.rule.id, finding.obj, finding.path):
            tags = {"rule": finding.rule.id}
            yield Result(finding.text, severity=finding.rule.severity, tags=tags).about(finding.obj, finding.path)


def known_clusters(
    inventory: Any, items: Iterable[Mapping[str, Any]], folder: str = os.curdir
) -> Mapping[str, str | None] | None:
    """The servers of the inventory's clusters. Raises FunctionConfigError for an inventory that cannot be read.

    Its path is relative to the folder.
    """
    if inventory is None:
        return None
    inputs = Inputs(Repository(folder), items)
    if isinstance(inventory, dict) and not isinstance(inventory.get("items"), str):
        layers = [Layer("", None, inventory, config_path=("spec", "clusters"))]
    else:
        layers = inputs.layers([inventory], "clusters")
    if is_said(FROM, layers):
        from kloom.capi.inventory import with_endpoints

        layers = with_endpoints(layers, inputs)
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


def _is_rule(name: str) -> bool:
    if name in rules.RULES_BY_ID:
        return True
    from kloom.capi.rules import RULES_BY_ID

    return name in RULES_BY_ID


def _unknown_rule(ignore: Ignore) -> Result:
    from kloom.capi.rules import RULES_BY_ID

    hint = did_you_mean(ignore.rule, [*rules.RULES_BY_ID, *RULES_BY_ID])
    message = f"must be the id of a rule, was {ignore.rule or 'empty'}{hint}"
    return Result.error(message, field=("spec", "ignore", ignore.at, "rule"))


def _unused_ignores(config: ValidatorConfig) -> Iterator[Result]:
    for ignore in config.ignores:
        if not ignore.is_used:
            message = f"should be removed: there is no {ignore.rule} to ignore"
            yield Result.warning(message, field=("spec", "ignore", ignore.at))


def _is_validator(config: Mapping[str, Any]) -> bool:
    """Whether the kustomization lists this config under `validators:`, and nowhere else.

    There a function must give nothing back: kustomize notes in each item of an exec function which file it is, and
    then finds the item changed (kustomize#5036). It neither sees nor loses what a validator leaves out. Anywhere else
    what is left out is gone. Raises FunctionConfigError where it cannot be told.
    """
    from kloom.config_file import identity, listed_configs, unread_entries

    def is_listed(*fields: str) -> bool:
        return any(identity(listed) == identity(config) for _, _, listed in listed_configs(os.curdir, fields))

    if not is_listed("validators") or is_listed("generators", "transformers"):
        return False
    if unread := ", ".join(unread_entries(os.curdir, ("transformers",))):
        raise FunctionConfigError(
            f"must be listed under transformers, not validators: {unread} under transformers may hold it too, "
            "and there what a validator gives back would delete every resource"
        )
    return True
