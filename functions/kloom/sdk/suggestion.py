"""What a person most likely meant by a word that is none of those known."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_CUTOFF = 0.6


def likely(word: str, known: Iterable[str], cutoff: float = _CUTOFF) -> str | None:
    """The known word that is most like the given one, whatever the case; None where none is.

    cutoff: how alike words must be, from 0 to 1.
    """
    from difflib import get_close_matches

    by_lower = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str], cutoff: float = _CUTOFF) -> str:
    """That word as the end of a message; empty where there is none."""
    meant = likely(word, known, cutoff)
    return f" (did you mean {meant}?)" if meant else ""


def is_slip(word: str, meant: str) -> bool:
    """Whether a word is another one but for one letter at most: wrong, missing, too many, or swapped with the next."""
    if abs(len(word) - len(meant)) > 1:
        return False
    same = next((at for at, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other), len(word))
    rest, of_meant = word[same:], meant[same:]
    swapped = rest[:2] == of_meant[1::-1] and rest[2:] == of_meant[2:]
    return rest[1:] == of_meant[1:] or rest[1:] == of_meant or rest == of_meant[1:] or swapped
