"""What an Application is called, and what Kubernetes takes for a name."""

from __future__ import annotations

from kloom.argo.levels import Contradiction, is_absent
from kloom.sdk.patterns import LETTERS, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_PLACEHOLDER = pattern(r"\{([^{}]*)\}")
_WORDS = frozenset(
    spelling for word in ("true", "false", "null") for spelling in (word, word.capitalize(), word.upper())
)
MAX_NAME = 253
MAX_NAMESPACE = 63


def formatted_name(shared: Mapping[str, Any], cluster: str) -> str:
    """The name by `global.nameFormat`, lower-cased; by default service, environment if there, and cluster.

    Raises Contradiction for a placeholder that is unknown or has no value.
    """
    name_format = shared.get("nameFormat")
    if name_format is None or is_absent(name_format):
        service, environment = shared.get("name"), shared.get("environment")
        if not service and is_absent(service):
            raise _unsaid("service")
        has_environment = environment or not is_absent(environment)
        return (f"{service}-{environment}-{cluster}" if has_environment else f"{service}-{cluster}").lower()
    values = {"service": shared.get("name"), "environment": shared.get("environment"), "cluster": cluster}
    name = _PLACEHOLDER.sub(lambda match: _value_of(match[1], values), str(name_format))
    if not {"{", "}"}.isdisjoint(_PLACEHOLDER.sub("", str(name_format))):
        raise Contradiction(("global", "nameFormat"), f"braces must hold a placeholder each, was {name_format}")
    return name.lower()


def is_dns_label(text: str) -> bool:
    """Whether the text is a DNS-1123 label, its length aside: lower-case letters, digits, and "-" within."""
    inside = text.replace("-", "")
    return inside.isalnum() and inside.isascii() and text == text.lower() and text[0] != "-" != text[-1]


def is_dns_subdomain(text: str) -> bool:
    """Whether the text is a DNS-1123 subdomain, its length aside: labels with dots between them."""
    return all(map(is_dns_label, text.split("."))) if "." in text else is_dns_label(text)


def name_rule(name: str) -> str | None:
    """What Kubernetes wants of the name of an Application, a DNS-1123 subdomain; None where it is so."""
    if len(name) > MAX_NAME:
        return f"must be at most {MAX_NAME} characters long"
    if not is_dns_subdomain(name):
        return 'must consist of lower-case letters, digits, "-" and ".", and begin and end with a letter or digit'
    return None


def name_problem(name: str) -> str | None:
    """Why Kubernetes refuses the name of an Application, None where it does not."""
    rule = name_rule(name)
    return None if rule is None else f"{rule}, was {len(name) if len(name) > MAX_NAME else name}"


def namespace_problem(namespace: str) -> str | None:
    """Why Kubernetes refuses the name of a namespace (a DNS-1123 label), None where it does not."""
    if len(namespace) > MAX_NAMESPACE or not is_dns_label(namespace):
        return f'must be a namespace: at most {MAX_NAMESPACE} lower-case letters, digits and "-", was {namespace}'
    return None


def is_keepable_key(key: str) -> bool:
    """Whether kustomize keeps an annotation key: not one that YAML could read as a number, a boolean, null or a date.

    kustomize writes annotation keys without quotes when it adds to them, and then fails on its own text.
    """
    prefix, slash, name = key.partition("/")
    if slash:
        return prefix != "" and name[:1] not in ("", "/")
    return key[:1] in LETTERS and key not in _WORDS


def _value_of(placeholder: str, values: Mapping[str, Any]) -> str:
    if placeholder not in values:
        known = ", ".join(f"{{{name}}}" for name in values)
        raise Contradiction(("global", "nameFormat"), f"unknown placeholder {{{placeholder}}}; there are {known}")
    value = values[placeholder]
    if is_absent(value):
        raise _unsaid(placeholder)
    return str(value)


def _unsaid(placeholder: str) -> Contradiction:
    field = "name" if placeholder == "service" else placeholder
    return Contradiction(("global", field), f"must be said, as the Application's name holds {{{placeholder}}}")
