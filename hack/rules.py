"""Write docs/rules.md from the rules themselves: `python hack/rules.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kloom.argo.rules import RULES, Rule

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
FAMILIES = {
    "metadata": "Names, labels, annotations, finalizers",
    "destination": "The destination",
    "source": "Sources",
    "renderers": "helm, kustomize, directory",
    "hydrator": "The source hydrator",
    "sync_policy": "The sync policy",
    "ignore_differences": "Ignored differences",
    "together": "Applications beside each other",
    "project": "AppProjects",
    "versions": "Versions of Argo CD",
    "ignores": "Ignores",
}
"""The headings by the module that a rule is in."""
INTRODUCTION = """\
# Rules

What kloom holds against Argo CD Applications beyond their schema, in every `ApplicationGenerator` and in
`ManifestValidator`. An **error** is what Argo CD or Kubernetes refuses, at the latest when it syncs. A **warning** is
what they accept although it does not do what it says; `failOn: warning` lets that fail the build, too.

Sources are files of Argo CD's repository where nothing else is said. This page is written by `python hack/rules.py`.

## ManifestValidator

```yaml
apiVersion: kloom.dev/v1alpha1
kind: ManifestValidator
metadata:
  name: argo-cd
spec:
  argocdVersion: "3.5"
  clusters: ../clusters.yaml
  failOn: warning
  ignore:
  - {rule: source-chart-floats, name: "vendor-*", reason: the vendor tests every patch}
```

| field of `spec` | |
|---|---|
| `argocdVersion` | the Argo CD that reads the manifests, as `"3.5"`; without it, what not every one has is a warning |
| `argocdNamespace` | where Argo CD runs; without it, the namespace of the AppProjects |
| `clusters` | the clusters that Argo CD knows, as in `ApplicationGenerator`: a file, `{items: NAME}`, or the blocks |
| `failOn` | `error` (default) or `warning` |
| `ignore` | findings that are meant: `rule`, `name` (a glob of Applications), `path` (a glob of fields), `reason` |

It checks every Application and AppProject of the build: first that each field is known and of its type, then the rules
below. It changes nothing. AppProjects among the resources are held against the Applications that name them.

- Under `transformers:`, list it last in the outermost kustomization: it sees what the entries before it made. In a
  component it sees the resources before the patches of whoever includes the component.
- Under `validators:` it works as well, after all transformers. It gives nothing back there, since kustomize takes items
  that an exec function echoes for changed (kustomize#5036) and uses none of them. List it in one of the two only.

## Ignoring

One Application ignores a rule by an annotation, with a reason:

```yaml
metadata:
  annotations:
    kloom.dev/ignore: "source-chart-floats: the vendor tests every patch; namespace-missing: the parent says it"
```

An ignore that ignores nothing, or gives no reason, is a finding itself. What does not conform to the schema cannot be
ignored.
"""


def page() -> str:
    """The whole page."""
    return "\n".join((INTRODUCTION, *_table(), *(text for rule in _sorted() for text in _section(rule))))


def _sorted() -> list[Rule]:
    families = list(FAMILIES)
    return sorted(RULES, key=lambda rule: families.index(_family(rule)))


def _family(rule: Rule) -> str:
    return rule.check.__module__.rpartition(".")[2]


def _table() -> Iterator[str]:
    yield f"## All {len(RULES)} rules\n"
    yield "| rule | severity | |"
    yield "|---|---|---|"
    for rule in _sorted():
        yield f"| [`{rule.id}`](#{rule.id}) | {rule.severity} | {rule.why} |"
    yield ""


def _section(rule: Rule) -> Iterator[str]:
    first = next(other for other in _sorted() if _family(other) == _family(rule))
    if rule is first:
        yield f"## {FAMILIES[_family(rule)]}\n"
    bad, good = rule.examples()
    yield f"### {rule.id}\n"
    yield f"{rule.severity.capitalize()}. {rule.why}\n"
    yield f"```yaml\n# wrong\n{bad}```\n"
    yield f"```yaml\n# right\n{good}```\n"
    yield f"<sub>{rule.source}</sub>\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name)
