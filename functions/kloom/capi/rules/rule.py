"""What a rule on Cluster API objects is, what it knows of the world, and what it finds."""

from __future__ import annotations

from kloom.rule_record import RuleRecord
from kloom.values.ignores import UNKNOWN_RULE, UNUSED, WITHOUT_REASON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from kloom.capi.rules.objects import Resource
    from kloom.sdk.result import Severity

    Path = tuple[str | int, ...]
    Object = Mapping[str, Any]


class Problem:
    """What a rule finds: where in the object, and what must hold. A rule on all objects says which one it means."""

    __slots__ = ("message", "path", "resource")

    def __init__(self, path: Path, message: str, resource: Resource | None = None) -> None:
        self.path = path
        self.message = message
        self.resource = resource


class Rule(RuleRecord):
    """One thing that must hold, as data: `check(resource, world)` yields what is wrong with it.

    kinds: what the rule looks at, one object after another; a rule without kinds gets None for the resource, and looks
    at the world. is_refused: whether Cluster API's webhooks or the schemas of its kinds refuse the object. source: file
    names are of Cluster API's repository. bad and good: manifests; behind a line `# before`, what stood in Git until
    then.
    """

    __slots__ = ("check", "is_refused", "kinds")

    def __init__(  # noqa: PLR0913  # the fields of a record, all by name
        self,
        name: str,
        severity: Severity,
        *,
        kinds: Sequence[str] = (),
        is_refused: bool = False,
        why: str,
        source: str,
        bad: str,
        good: str,
        check: Callable[[Any, Any], Iterable[Problem]],
    ) -> None:
        super().__init__(name, severity, why=why, source=source, bad=bad, good=good)
        self.kinds = kinds
        self.is_refused = is_refused
        self.check = check


class Misuse:
    """A rule on the annotation `kloom.dev/ignore`, which is the same on objects of all kinds: what it is called."""

    __slots__ = ("id", "severity")

    def __init__(self, name: str, severity: Severity) -> None:
        self.id = name
        self.severity = severity


MISUSES = {
    misuse.id: misuse
    for misuse in (Misuse(UNKNOWN_RULE, "error"), Misuse(WITHOUT_REASON, "error"), Misuse(UNUSED, "warning"))
}


class Facts:
    """What is known beside the objects; what is not said is None, and then not held against them.

    before: the same objects as an earlier revision has them, for what must not change. provider: the fork of BYOH,
    "platform9" or "vmware", which tells the versions of Kubernetes that it installs. kubernetes_versions: other ones,
    as ">=1.30,<1.34", where there are bundles of one's own.
    """

    __slots__ = ("before", "kubernetes_versions", "provider")

    def __init__(
        self,
        *,
        before: Iterable[Object] | None = None,
        provider: str | None = None,
        kubernetes_versions: str | None = None,
    ) -> None:
        self.before = None if before is None else list(before)
        self.provider = provider
        self.kubernetes_versions = kubernetes_versions


class Finding:
    """A problem of one object, the rule that found it, and where in the object it is."""

    __slots__ = ("message", "obj", "path", "rule")

    def __init__(self, obj: Object, rule: Rule | Misuse, path: Path, message: str) -> None:
        self.obj = obj
        self.rule = rule
        self.path = path
        self.message = message

    @property
    def text(self) -> str:
        """The message, and by which rule, so that its reader can look that up, or ignore it."""
        return f"{self.message} [{self.rule.id}]"
