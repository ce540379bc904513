"""Give existing control planes and workers of Cluster API their BYOH templates, with names that stand for the content.

What goes in: the objects of a build, as `clusterctl generate`, a chart or a person wrote them, in v1beta1 or v1beta2.
What comes out: the same, with a ByoMachineTemplate and a K8sInstallerConfigTemplate for each KubeadmControlPlane and
MachineDeployment whose machines are hosts, and references that lead to them; all other references of Cluster API's lead
to what kustomize's namePrefix, nameSuffix and namespace renamed and moved.

    apiVersion: kloom.dev/v1alpha1
    kind: ByohMachineTemplateTransformer
    metadata:
      name: hosts
    spec:
      bundleRegistry: registry.example.com/byoh
      pools:
      - target: {kind: KubeadmControlPlane}
        hostSelector: {matchLabels: {role: control-plane}}
      - target: {kind: MachineDeployment, name: "*-workers"}
        hostSelector: {matchLabels: {role: worker}}
"""

from __future__ import annotations

from kloom import schemas
from kloom.capi.pool_templates import (
    INSTALLER,
    OWNERS,
    Stock,
    Wish,
    Wrong,
    is_of_byoh,
    outliving,
    point_at,
    templates_of,
)
from kloom.capi.renaming import repoint
from kloom.capi.rules import selectors
from kloom.capi.rules.objects import GROUPS, Resource
from kloom.config_spec import conforming_spec
from kloom.sdk.kube_object import KubeObject
from kloom.sdk.result import FunctionConfigError, Result
from kloom.versions import unmet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.capi.pool_templates import Made
    from kloom.capi.rules.rule import Path
    from kloom.sdk.resource_list import ResourceList

SCHEMA = schemas.load("byoh_machine_template_transformer")


class Pool:
    """One entry of `pools`: whom it is for, and what it says about their machines."""

    __slots__ = ("at", "host_selector", "is_used", "registry", "target")

    def __init__(self, at: int, entry: Mapping[str, Any]) -> None:
        self.at = at
        self.target: Mapping[str, Any] = entry["target"]
        self.host_selector: Mapping[str, Any] | None = entry.get("hostSelector")
        self.registry: str | None = entry.get("bundleRegistry")
        self.is_used = False

    def covers(self, owner: Resource) -> bool:
        """Whether the entry is for the owner."""
        from fnmatch import fnmatchcase

        if owner.kind != self.target["kind"]:
            return False
        is_named = fnmatchcase(owner.name, self.target.get("name", "*"))
        is_there = self.target.get("namespace", owner.namespace) == owner.namespace
        labels = owner.metadata("labels")
        return is_named and is_there and selectors.matches(self.target.get("labelSelector", {}), labels)


class TransformerConfig:
    """What a ByohMachineTemplateTransformer's spec says."""

    __slots__ = ("bundle_registry", "fail_on", "keeps_superseded", "pools")

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.bundle_registry: str | None = spec.get("bundleRegistry")
        self.pools = [Pool(at, entry) for at, entry in enumerate(spec.get("pools", ()))]
        self.keeps_superseded: bool = spec.get("keepSuperseded", False)
        self.fail_on: str = spec.get("failOn", "error")

    @classmethod
    def from_object(cls, config: Mapping[str, Any]) -> TransformerConfig:
        """The record of a config object. Raises FunctionConfigError with everything that is wrong in it."""
        spec = conforming_spec(config, SCHEMA, "byoh_machine_template_transformer")
        if problems := list(_problems(spec)):
            raise FunctionConfigError(problems)
        return cls(spec)


def byoh_machine_template_transformer(resources: ResourceList) -> None:
    """Put the templates of every pool among the items; nothing is changed where anything is wrong."""
    config = TransformerConfig.from_object(resources.function_config)
    from copy import deepcopy

    items = [KubeObject(deepcopy(dict(item))) for item in resources.items]
    found = [Result.error(message).about(item, path) for item, path, message in repoint(items)]
    made = list(_made(items, config, found))
    found += _unused(config, items)
    resources.results += [result.as_severe_as(config.fail_on) for result in found]
    if not any(result.severity == "error" for result in resources.results):
        resources.items[:] = items
        for owner, templates in made:
            _put(resources, owner, templates)
        _supersede(resources, [templates for _, templates in made], keep=config.keeps_superseded)


def _made(
    items: Sequence[KubeObject], config: TransformerConfig, found: list[Result]
) -> Iterator[tuple[KubeObject, Made]]:
    """Each owner whose machines are hosts, and its templates; what is wrong is added to `found`."""
    stock = Stock(items)
    for item in items:
        owner = Resource(item)
        if owner.kind not in OWNERS or owner.group != GROUPS[owner.kind]:
            continue
        pools = [pool for pool in config.pools if pool.covers(owner)]
        for pool in pools:
            pool.is_used = True
        if not pools and not is_of_byoh(owner):
            continue
        try:
            yield item, templates_of(owner, _wish(owner, pools, config, stock), stock)
        except Wrong as wrong:
            found.append(Result.error(str(wrong)).about(item, wrong.path))


def _wish(owner: Resource, pools: Sequence[Pool], config: TransformerConfig, stock: Stock) -> Wish:
    if len(pools) > 1:
        places = " and ".join(f"spec.pools[{pool.at}]" for pool in pools)
        raise Wrong((), f"must be the target of one pool of the config, was that of {places}")
    if not pools:
        if stock.machine_template(owner) is None:
            raise Wrong((), "must be the target of a pool of the config, or refer to a ByoMachineTemplate that is here")
        return Wish(None, config.bundle_registry)
    pool = pools[0]
    if pool.host_selector is None and stock.machine_template(owner) is None:
        place = f"spec.pools[{pool.at}]"
        raise Wrong((), f"must have a hostSelector in {place}, or a ByoMachineTemplate that is here; {{}} is any host")
    return Wish(pool.host_selector, pool.registry or config.bundle_registry)


def _put(resources: ResourceList, owner: KubeObject, templates: Made) -> None:
    resources.upsert(templates.installer)
    resources.upsert(templates.machine_template)
    point_at(owner, templates.machine_template)


def _supersede(resources: ResourceList, made: Iterable[Made], *, keep: bool) -> None:
    """Take away the templates that nobody refers to any more; or let them outlive those that replace them."""
    for former in [former for templates in made for former in templates.superseded]:
        if not keep and not _is_referred(former, resources):
            resources.remove(former.data)
        for item in resources.where(kind=former.kind, namespace=former.namespace, name=former.name) if keep else ():
            item.annotations.update(outliving(former.metadata("annotations")))


def _is_referred(template: Resource, resources: ResourceList) -> bool:
    field = "installerRef" if template.kind == INSTALLER else "infrastructureRef"
    for referrer in map(Resource, resources.items):
        reference = referrer.at(field) or {}
        namespace = reference.get("namespace") or referrer.namespace
        if (reference.get("kind"), namespace, reference.get("name")) == template.key():
            return True
    return False


def _unused(config: TransformerConfig, items: Iterable[Mapping[str, Any]]) -> Iterator[Result]:
    for pool in config.pools:
        if pool.is_used:
            continue
        kind = pool.target["kind"]
        there = sorted({owner.name for owner in map(Resource, items) if owner.kind == kind})
        message = f"must match a {kind}; there are: {', '.join(there) or 'none'}"
        yield Result.error(message, field=("spec", "pools", pool.at, "target"))


def _problems(spec: Mapping[str, Any]) -> Iterator[Result]:
    """What is wrong in a config beyond its schema."""
    yield from _scheme(("spec",), spec)
    for at, pool in enumerate(spec.get("pools", ())):
        path: Path = ("spec", "pools", at)
        yield from _scheme(path, pool)
        for holder, field in ((pool, "hostSelector"), (pool["target"], "labelSelector")):
            inside = path if holder is pool else (*path, "target")
            for place, message in selectors.problems(holder.get(field, {})):
                yield Result.error(message, field=(*inside, field, *place))
    if "requires" in spec and (problem := unmet(spec["requires"])):
        yield Result.error(problem, field="spec.requires")


def _scheme(path: Path, holder: Mapping[str, Any]) -> Iterator[Result]:
    registry = holder.get("bundleRegistry", "")
    if "://" in registry:
        message = f"must have no scheme, as {registry.partition('://')[2]}, was {registry}"
        yield Result.error(message, field=(*path, "bundleRegistry"))
