"""YAML as Helm reads it (sigs.k8s.io/yaml on go-yaml v2), minus what Helm reads lossily, which is refused.

    on, y, No       booleans           12:30, 2020-01-01    strings
    0o17, 017, 0xF  15                 1e3                  1000

Refused: infinity and NaN (no JSON), integers beyond 2^53 (Helm keeps them as float64 and changes their digits).
"""

from __future__ import annotations

from kloom.sdk.yaml_numbers import number
from kloom.sdk.yaml_reader import YamlReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST_INTEGER = 2**53


def helm_plain(text: str) -> Any:
    """The value of a plain scalar; raises ValueError for one that must be quoted."""
    if text in _WORDS:
        return _WORDS[text]
    if not text or text[0] not in "+-.0123456789":
        return text
    value = number(text)
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_INTEGER:
        return int(value)
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise ValueError(f"{text} is beyond 2^53, where Helm loses digits: quote it")
    return value


def _spellings(*words: str) -> list[str]:
    return [spelling for word in words for spelling in {word, word.capitalize(), word.upper()}]


_WORDS: dict[str, Any] = {
    "": None,
    "~": None,
    **dict.fromkeys(_spellings("null"), None),
    **dict.fromkeys(_spellings("y", "yes", "on", "true"), True),
    **dict.fromkeys(_spellings("n", "no", "off", "false"), False),
}

HELM = YamlReader(helm_plain, share_equal_maps=True)
