"""What objects were called before kustomize renamed them, by the notes that it leaves in them until a build ends."""

from __future__ import annotations

from kloom.sdk.kube_object import PREVIOUS_IDS, KubeObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

PREFIXES = "internal.config.kubernetes.io/prefixes"


class Unclear(Exception):  # noqa: N818  # the word for what it is
    """A name that several objects had before; the text says which."""


class Names:
    """What objects are called now that were called otherwise before."""

    __slots__ = ("_former", "_now")

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        self._now: dict[tuple[str, str, str], KubeObject] = {}
        self._former: dict[tuple[str, str, str], list[KubeObject]] = {}
        for item in items:
            obj = KubeObject(item)
            self._now[obj.kind, obj.namespace, obj.name] = obj
            for name in set(str(obj.annotations.get(PREVIOUS_IDS[0], "")).split(",")) - {"", obj.name}:
                self._former.setdefault((obj.kind, obj.namespace, name), []).append(obj)

    @property
    def have_changed(self) -> bool:
        """Whether anything had another name."""
        return bool(self._former)

    def find(self, kind: str, name: str, referrer: KubeObject) -> KubeObject | None:
        """The object of the referrer's namespace that a name means; None where there is none.

        Raises Unclear where several objects were called so, and none of them got its name together with the referrer.
        """
        found = self._now.get((kind, referrer.namespace, name))
        if found is not None:
            return found
        former = self._former.get((kind, referrer.namespace, name), [])
        together = [one for one in former if one.annotations.get(PREFIXES) == referrer.annotations.get(PREFIXES)]
        if len(former) > 1 and len(together) != 1:
            raise Unclear(f"must be clear: {name} is what {', '.join(sorted(one.name for one in former))} were called")
        return together[0] if together else former[0] if former else None
