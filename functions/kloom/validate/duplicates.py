"""Applications of a whole repository beside each other, whatever makes them: what must not be there twice."""

from __future__ import annotations

import json

from kloom.reports.report import RULE_TAG
from kloom.validate.rulebook import DEPLOYED_TWICE, NAME_TWICE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kloom.sdk.result import Result, Severity

_HOW_MANY_NAMES = 3


class Made:
    """An Application and where it comes from: the config or manifest that makes it, and the file that asks for it."""

    __slots__ = ("application", "asked_in", "at", "maker", "maker_at")

    def __init__(
        self,
        application: Mapping[str, Any],
        maker: str,
        asked_in: str,
        at: Callable[[str], Result],
        maker_at: Callable[[str], Result],
    ) -> None:
        self.application = application
        self.maker = maker
        self.asked_in = asked_in
        self.at = at
        self.maker_at = maker_at

    @property
    def key(self) -> tuple[str, str]:
        """Namespace, empty where the manifest tells none, and name."""
        metadata = self.application["metadata"]
        return metadata.get("namespace") or "", metadata.get("name") or ""

    @property
    def name(self) -> str:
        """Namespace, where it tells one, and name as one word."""
        return "/".join(part for part in self.key if part)


def duplicates(made: Sequence[Made]) -> Iterator[Result]:
    """Every Application whose name another one has already, and every one that does the same work as another.

    What one config makes twice is its own finding and none here. Two configs that make several of the same Applications
    out of the same values are one finding, about the later config.
    """
    same_name = [(first, second) for first, second in _pairs(made, lambda one: one.key) if first.key[1]]
    named_alike = {(id(first), id(second)) for first, second in same_name}
    same_work = [
        (first, second) for first, second in _pairs(made, _work_of({})) if (id(first), id(second)) not in named_alike
    ]
    yield from _findings(same_name, NAME_TWICE.id, "error", "is made already", "the names of Applications must differ")
    yield from _findings(
        same_work, DEPLOYED_TWICE.id, "warning", "does the same as", "source or destination should differ"
    )


def _pairs(made: Iterable[Made], key: Callable[[Made], Any]) -> Iterator[tuple[Made, Made]]:
    """The first of each key, with each later one of another maker."""
    firsts: dict[Any, Made] = {}
    for one in made:
        of_key = key(one)
        if of_key is not None:
            first = firsts.setdefault(of_key, one)
            if first is not one and (first.maker != one.maker or first.maker == first.asked_in):
                yield first, one


def _findings(
    pairs: Iterable[tuple[Made, Made]], rule: str, severity: Severity, verb: str, demand: str
) -> Iterator[Result]:
    of_one_file: dict[tuple[str, str], list[tuple[Made, Made]]] = {}
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
        names = ", ".join(second.key[1] for _, second in twice[:_HOW_MANY_NAMES])
        more = f" and {len(twice) - _HOW_MANY_NAMES} more" if len(twice) > _HOW_MANY_NAMES else ""
        message = f"makes {names}{more} of the same values as {maker} does; {demand}"
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
