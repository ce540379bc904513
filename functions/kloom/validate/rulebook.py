"""All rules by their ids: those on Applications, on clusters, and those that take a whole repository to check."""

from __future__ import annotations

import json

from kloom.argo import rules as of_argo
from kloom.argo.rules.together import DEPLOYED_TWICE, NAME_TWICE
from kloom.capi import rules as of_clusters
from kloom.reports import RuleNote
from kloom.sdk.result import Refusal

__all__ = [
    "CONFIG",
    "DEPLOYED_TWICE",
    "FORM",
    "IDS",
    "IGNORABLE",
    "MANIFEST",
    "NAME_TWICE",
    "NOT_READ",
    "PATH",
    "UNLISTED",
    "UNREAD",
    "VALUES",
    "as_json",
    "as_table",
    "explanation",
    "notes",
]

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
PATH = RepositoryRule(
    "source-path-missing",
    "warning",
    "A source's path in this very repository is there.",
    why="Argo CD cannot render an Application whose path does not exist; checked where the repoURL is origin's or "
    "upstream's, and the targetRevision what is checked out, or HEAD.",
    source="argo-cd util/app/path/path.go Path",
    bad="source: {repoURL: https://git.example.com/shop.git, path: delpoy/cart}\n",
    good="source: {repoURL: https://git.example.com/shop.git, path: deploy/cart}\n",
)
REPOSITORY_RULES = (UNREAD, UNLISTED, NOT_READ, CONFIG, VALUES, MANIFEST, PATH)
FORM = frozenset((NOT_READ.id, CONFIG.id, VALUES.id, MANIFEST.id))
"""What must hold before any other rule can be checked; nothing silences it but taking the file out."""
RULES: tuple[of_argo.Rule | of_clusters.Rule, ...] = (*of_argo.RULES, *of_clusters.RULES)
_OF_APPLICATIONS = (NAME_TWICE.id, DEPLOYED_TWICE.id, PATH.id)
IGNORABLE = frozenset((*(rule.id for rule in RULES), UNREAD.id, UNLISTED.id, *_OF_APPLICATIONS))
IDS = frozenset(IGNORABLE | FORM)


def no_such_path(path: str) -> str:
    """What is wrong by the rule PATH."""
    return f"should be a folder of this repository, was {path}, which is not there"


def notes() -> Mapping[str, RuleNote]:
    """Every rule by its id, sorted, as reports and `kloom rules` tell of it."""
    found = [_note(rule.id, rule.severity, rule.title, rule.why, rule.source) for rule in REPOSITORY_RULES]
    found += [_note(rule.id, rule.severity, _first_sentence(rule.why), rule.why, rule.source) for rule in RULES]
    return {note.id: note for note in sorted(found, key=lambda note: note.id)}


def as_table() -> str:
    """A line a rule: id, severity, title."""
    found = notes().values()
    width = max(len(note.id) for note in found)
    return "".join(f"{note.id:<{width}}  {note.severity:<7}  {note.title}\n" for note in found)


def as_json() -> str:
    """A list of {id, severity, title}."""
    listed = [{"id": note.id, "severity": note.severity, "title": note.title} for note in notes().values()]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def explanation(name: str) -> str:
    """Why a rule is there, where that is written down, and an example. Raises Refusal for a rule that there is not."""
    known: dict[str, RepositoryRule | of_argo.Rule | of_clusters.Rule] = {
        rule.id: rule for rule in (*REPOSITORY_RULES, *RULES)
    }
    rule = known.get(name)
    if rule is None:
        from difflib import get_close_matches

        close = "".join(f" (did you mean {match}?)" for match in get_close_matches(name, IDS, n=1))
        raise Refusal(f"{name}: no such rule; `kloom rules` lists them{close}")
    title = f"{rule.title}\n\n" if isinstance(rule, RepositoryRule) else ""
    wrong, right = _indented(rule.bad), _indented(rule.good)
    told = f"{rule.id} ({rule.severity})\n\n{title}{rule.why}\nSource: {rule.source}"
    return f"{told}\n\nWrong:\n\n{wrong}\nRight:\n\n{right}"


def _note(name: str, severity: Severity, title: str, why: str, source: str) -> RuleNote:
    return RuleNote(name, severity, title, f"{why} ({source})")


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _indented(example: str) -> str:
    from textwrap import dedent, indent

    return indent(dedent(example).strip("\n") + "\n", "    ")
