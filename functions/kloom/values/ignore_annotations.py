"""The annotation by which an object ignores rules, each with its reason.

metadata:
  annotations:
    kloom.dev/ignore: "source-chart-floats: the vendor tests every patch; namespace-missing: the parent says it"
"""

from __future__ import annotations

from kloom.sdk.suggestion import did_you_mean
from kloom.values.ignores import UNKNOWN_RULE, UNUSED, WITHOUT_REASON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    Object = Mapping[str, Any]
    Finding = TypeVar("Finding")

ANNOTATION = "kloom.dev/ignore"
PATH = ("metadata", "annotations", ANNOTATION)


def ignores_of(text: str) -> dict[str, str]:
    """Rule and reason of each ignore that the annotation says."""
    entries = (entry.partition(":") for entry in text.split(";") if entry.strip())
    return {name.strip(): reason.strip() for name, _, reason in entries}


def heeded(
    found: Iterable[Finding],
    objects: Iterable[Object],
    known: Collection[str],
    *,
    about: Callable[[Finding], tuple[Object, str]],
    complaint: Callable[[Object, str, str], Finding],
) -> Iterator[Finding]:
    """The findings that no ignore with a reason drops, and what is wrong with the ignores.

    about: the object and the rule's id of a finding. complaint: a finding about an object's annotation, of a rule's id
    (UNKNOWN_RULE, WITHOUT_REASON or UNUSED of `kloom.values.ignores`) and a message.
    """
    ignoring = {id(obj): (obj, ignores_of(text)) for obj in objects if (text := _annotation(obj))}
    used: set[tuple[int, str]] = set()
    for finding in found:
        obj, rule = about(finding)
        if id(obj) in ignoring and ignoring[id(obj)][1].get(rule):
            used.add((id(obj), rule))
        else:
            yield finding
    for obj, ignores in ignoring.values():
        for name, reason in ignores.items():
            if name not in known:
                message = f"must name rules, was {name or 'empty'}{did_you_mean(name, known)}"
                yield complaint(obj, UNKNOWN_RULE, message)
            elif not reason:
                yield complaint(obj, WITHOUT_REASON, f'must give a reason, as "{name}: why", was {name} alone')
            elif (id(obj), name) not in used:
                yield complaint(obj, UNUSED, f"should be removed: there is no {name} to ignore")


def _annotation(obj: Object) -> str:
    metadata = obj.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    text = annotations.get(ANNOTATION) if isinstance(annotations, dict) else None
    return text if isinstance(text, str) else ""
