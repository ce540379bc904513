"""All rules by their ids: those on Applications, and those that only somebody who sees the whole repository can check."""

from __future__ import annotations

from kloom.argo.rules import RULES
from kloom.argo.rules.together import DEPLOYED_TWICE, NAME_TWICE
from kloom.reports import RuleNote

__all__ = ["DEPLOYED_TWICE", "IDS", "NAME_TWICE", "REPOSITORY_RULES", "RepositoryRule", "explanation", "notes"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kloom.sdk.result import Severity


class RepositoryRule:
    """A rule of `kloom validate` itself, told in the same words as those on Applications."""

    __slots__ = ("bad", "good", "id", "severity", "source", "title", "why")

    def __init__(  # noqa: PLR0913  # a record, all by name
        self, name: str, severity: Severity, title: str, *, why: str, source: str, bad: str, good: str
    ) -> None:
        self.id = name
        self.severity = severity
        self.title = title
        self.why = why
        self.source = source
        self.bad = bad
        self.good = good


UNREAD = RepositoryRule(
    "unread-values",
    "warning",
    "Every values file is read by a config.",
    why="A values file that no config names, or that its glob misses, deploys nothing, whatever it says.",
    source="docs/validate.md",
    bad="""\
# services/cart.yml, where the config says:
services: services/*.yaml
""",
    good="""\
# services/cart.yaml
""",
)
UNLISTED = RepositoryRule(
    "unlisted-config",
    "warning",
    "Every config of kloom's is listed by a kustomization.",
    why="A config that no kustomization lists under generators, transformers or validators is never run.",
    source="docs/validate.md",
    bad="""\
# kustomization.yaml
resources: []
""",
    good="""\
# kustomization.yaml
generators: [applications.yaml]
""",
)
NOT_READ = RepositoryRule(
    "unreadable",
    "error",
    "What holds an Application or a config of kloom's can be read.",
    why="kustomize and Argo CD fail on a file that is no YAML; what stands in it was not checked.",
    source="https://yaml.org/spec/1.2.2/",
    bad="metadata: {name: cart\n",
    good="metadata: {name: cart}\n",
)
CONFIG = RepositoryRule(
    "config",
    "error",
    "The config of a function says only what its kind knows, and names files that are there.",
    why="A build with such a config fails.",
    source="README.md, the table of the kind's fields",
    bad="spec: {service: services/*.yaml}\n",
    good="spec: {services: services/*.yaml}\n",
)
VALUES = RepositoryRule(
    "values",
    "error",
    "Values files keep to their layout, and every Application that they enable can be made.",
    why="A build with such values fails.",
    source="docs/values.md",
    bad="cluster-A: {enabled: true}\n",
    good="cluster-A: {enable: true}\n",
)
MANIFEST = RepositoryRule(
    "manifest",
    "error",
    "A manifest of an Application says only what Argo CD knows, in the right types.",
    why="The API server drops a field that it does not know without a word, and refuses a wrong type.",
    source="the CustomResourceDefinition applications.argoproj.io",
    bad="spec: {project: default, syncpolicy: {}}\n",
    good="spec: {project: default, syncPolicy: {}}\n",
)
REPOSITORY_RULES = (UNREAD, UNLISTED, NOT_READ, CONFIG, VALUES, MANIFEST)
IDS = frozenset((*(rule.id for rule in RULES), *(rule.id for rule in REPOSITORY_RULES)))


def notes() -> Mapping[str, RuleNote]:
    """Every rule by its id, sorted, as reports and `kloom rules` tell of it."""
    found = [_note(rule.id, rule.severity, rule.title, rule.why, rule.source) for rule in REPOSITORY_RULES]
    found += [_note(rule.id, rule.severity, _first_sentence(rule.why), rule.why, rule.source) for rule in RULES]
    return {note.id: note for note in sorted(found, key=lambda note: note.id)}


def explanation(name: str) -> str:
    """What `kloom explain` prints. Raises KeyError for a rule that there is not."""
    rule = {rule.id: rule for rule in (*REPOSITORY_RULES, *RULES)}[name]
    bad, good = (_indented(example) for example in (rule.bad, rule.good))
    note = notes()[name]
    title = f"{note.title}\n\n" if note.title != rule.why else ""
    return (
        f"{rule.id} ({rule.severity})\n\n{title}{rule.why}\nSource: {rule.source}\n\nWrong:\n\n{bad}\nRight:\n\n{good}"
    )


def _note(name: str, severity: Severity, title: str, why: str, source: str) -> RuleNote:
    return RuleNote(name, severity, title, f"{why} ({source})")


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _indented(example: str) -> str:
    from textwrap import dedent, indent

    return indent(dedent(example).strip("\n") + "\n", "    ")
