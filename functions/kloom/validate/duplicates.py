"""Applications of a whole repository beside each other, whatever makes them: what must not be there twice."""

from __future__ import annotations

import json

from kloom.reports.report import RULE_TAG
from kloom.sdk.result import Result
from kloom.validate.rulebook import DEPLOYED_TWICE, NAME_TWICE
from kloom.values.layers import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.argo.placement import Placement
    from kloom.sdk.result import Severity
    from kloom.validate.configs import Expanded
    from kloom.validate.manifests import Manifest
    from kloom.validate.tree import Tree

    Pair = tuple["Made", "Made"]

ENVIRONMENT = ("global", "environment")
"""What tells the Applications of one config from those of another, where their services are called alike."""
_SERVICES = ("spec", "services")
_HOW_MANY_NAMES = 3


class Made:
    """An Application and where it comes from: the config or manifest that makes it, and the file that asks for it.

    `at` and `maker_at` tell of it there; `environment` is what its values say, if they do, and `at_environment` tells
    of that.
    """

    __slots__ = ("application", "asked_in", "at", "at_environment", "environment", "maker", "maker_at")

    def __init__(  # noqa: PLR0913  # a record
        self,
        application: Mapping[str, Any],
        maker: str,
        asked_in: str,
        at: Callable[[str], Result],
        maker_at: Callable[[str], Result],
        environment: str | None,
        at_environment: Callable[[str], Result],
    ) -> None:
        self.application = application
        self.maker = maker
        self.asked_in = asked_in
        self.at = at
        self.maker_at = maker_at
        self.environment = environment
        self.at_environment = at_environment

    @property
    def key(self) -> tuple[str, str]:
        """Namespace, empty where the manifest tells none, and name."""
        metadata = self.application["metadata"]
        return metadata.get("namespace") or "", metadata.get("name") or ""

    @property
    def name(self) -> str:
        """Namespace, where it tells one, and name as one word."""
        return "/".join(part for part in self.key if part)


def of_placement(tree: Tree, came: Expanded, placement: Placement) -> Made:
    """An Application that a config makes."""
    generator, service = came.generator, placement.service
    config, asked_in = generator.config, generator.path_of(service.source)

    def at(message: str) -> Result:
        return service.finding((placement.cluster,), message).but(file=tree.shown(asked_in))

    def at_config(message: str) -> Result:
        line, column = config.position(tree, _SERVICES)
        return Result.error(message, field=_SERVICES).at(tree.shown(config.file), line, column)

    def at_environment(message: str) -> Result:
        return generator.shown(tree, origin([*came.shared, service], ENVIRONMENT).finding(ENVIRONMENT, message))

    environment = (placement.values.get("global") or {}).get("environment")
    return Made(placement.application, config.file, asked_in, at, at_config, environment, at_environment)


def of_manifest(tree: Tree, manifest: Manifest) -> Made:
    """An Application that stands in a file."""

    def at(message: str) -> Result:
        return manifest.finding(tree, ("metadata", "name"), message, "")

    return Made(manifest.data, manifest.file, manifest.file, at, at, None, at)


def duplicates(made: Sequence[Made]) -> Iterator[Result]:
    """Every Application whose name another one has already, and every one that does the same work as another.

    What one config makes twice is its own finding and none here. Two configs that make several of the same Applications
    out of the same values are one finding, about the later config, and so are two that say the same environment.
    """
    same_name = [(first, second) for first, second in _pairs(made, lambda one: one.key) if first.key[1]]
    named_alike = {(id(first), id(second)) for first, second in same_name}
    same_work = [
        (first, second) for first, second in _pairs(made, _work_of({})) if (id(first), id(second)) not in named_alike
    ]
    of_environments, same_name = _of_environments(same_name)
    yield from _same_environment(of_environments)
    yield from _findings(same_name, NAME_TWICE.id, "error", "is made already", "the names of Applications must differ")
    yield from _findings(
        same_work, DEPLOYED_TWICE.id, "warning", "does the same as", "source or destination should differ"
    )


def _pairs(made: Iterable[Made], key: Callable[[Made], Any]) -> Iterator[Pair]:
    """The first of each key, with each later one of another maker."""
    firsts: dict[Any, Made] = {}
    for one in made:
        of_key = key(one)
        if of_key is not None:
            first = firsts.setdefault(of_key, one)
            if first is not one and (first.maker != one.maker or first.maker == first.asked_in):
                yield first, one


def _of_environments(pairs: Iterable[Pair]) -> tuple[list[list[Pair]], list[Pair]]:
    """Pairs of one name by the two configs that make them, where both say one environment, and the other pairs."""
    of_environments: dict[tuple[str, str], list[Pair]] = {}
    others: list[Pair] = []
    for first, second in pairs:
        is_copy = first.environment and first.environment == second.environment and first.asked_in != second.asked_in
        makers = (first.maker, second.maker)
        (of_environments.setdefault(makers, []) if is_copy else others).append((first, second))
    alone = [twice[0] for twice in of_environments.values() if len(twice) == 1]
    return [twice for twice in of_environments.values() if len(twice) > 1], [*others, *alone]


def _same_environment(of_configs: Iterable[Sequence[Pair]]) -> Iterator[Result]:
    for twice in of_configs:
        first, second = twice[0]
        message = (
            f"must differ from the environment of {first.maker_at('').file}, which is {first.environment} and makes "
            f"{_names(second for _, second in twice)} already"
        )
        yield second.at_environment(message).but(tags={RULE_TAG: NAME_TWICE.id})


def _names(made: Iterable[Made]) -> str:
    """The first names, and how many more there are."""
    names = [one.key[1] for one in made]
    more = f" and {len(names) - _HOW_MANY_NAMES} more" if len(names) > _HOW_MANY_NAMES else ""
    return ", ".join(names[:_HOW_MANY_NAMES]) + more


def _findings(pairs: Iterable[Pair], rule: str, severity: Severity, verb: str, demand: str) -> Iterator[Result]:
    of_one_file: dict[tuple[str, str], list[Pair]] = {}
    for first, second in pairs:
        if first.asked_in == second.asked_in and first.maker != second.maker:
            of_one_file.setdefault((first.maker, second.maker), []).append((first, second))
            continue
        there = first.at("")
        place = f"{there.file}:{there.line}:{there.column}"
        other = "" if first.key == second.key else f" {first.name}"
        message = f"the Application {second.name} {verb}{other}, at {place}; {demand}"
        yield second.at(message).but(severity=severity, tags={RULE_TAG: rule})
    for twice in of_one_file.values():
        maker = twice[0][0].maker_at("").file
        message = f"makes {_names(second for _, second in twice)} of the same values as {maker} does; {demand}"
        yield twice[0][1].maker_at(message).but(severity=severity, tags={RULE_TAG: rule})


def _work_of(known: dict[int, tuple[object, str]]) -> Callable[[Made], Any]:
    """Where and what an Application deploys; None where it cannot be told before it runs.

    Sources are compared as text, which is `known` by their identity: one environment's Applications share them.
    """

    def work(made: Made) -> Any:
        spec = made.application["spec"]
        source = spec.get("sources") or spec.get("source")
        if source is None or spec.get("sourceHydrator"):
            return None
        if id(source) not in known:
            known[id(source)] = (source, json.dumps(source if isinstance(source, list) else [source], sort_keys=True))
        destination = spec["destination"]
        return tuple(destination.get(field) for field in ("server", "name", "namespace")), known[id(source)][1]

    return work
