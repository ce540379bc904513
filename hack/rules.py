"""Write docs/rules.md from the rules themselves: `python hack/rules.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kloom.argo import rules as argo
from kloom.capi import rules as capi

Rule = argo.Rule | capi.Rule
PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
FAMILIES = {
    "metadata": "Names, labels, annotations, finalizers",
    "destination": "The destination",
    "source": "Sources",
    "renderers": "helm, kustomize, directory",
    "hydrator": "The source hydrator",
    "sync_policy": "The sync policy",
    "ignore_differences": "Ignored differences",
    "zeros": "Zero values",
    "together": "Applications beside each other",
    "project": "AppProjects",
    "versions": "Versions of Argo CD",
    "ignores": "Ignores",
}
"""The headings of Argo CD's rules by the module that a rule is in."""
FAMILIES_OF_CLUSTERS = {
    "form": "The form of objects",
    "names": "Names of clusters",
    "network": "Endpoints and networks",
    "control_plane": "Control planes",
    "workers": "Workers",
    "versions": "Versions of Kubernetes",
    "kubeadm": "Files, users and labels of nodes",
    "kube_vip": "kube-vip",
    "references": "References",
    "selections": "Selectors",
    "hosts": "Hosts and what is installed on them",
    "history": "What changed since a revision",
}
"""The same for Cluster API's."""
INTRODUCTION = """\
# Rules

What kloom holds against Argo CD Applications beyond their schema, in every `ApplicationGenerator`, and against the
objects of Cluster API and BYOH; both in `ManifestValidator` and `kloom validate`. An **error** is what Argo CD, Cluster
API or Kubernetes refuses, at the latest when it syncs, and what can never work. A **warning** is what they accept
although it does not do what it says; `failOn: warning` lets that fail the build, too.

Sources are files of Argo CD's or Cluster API's repository where nothing else is said. This page is written by
`python hack/rules.py`.

## ManifestValidator

```yaml
apiVersion: kloom.dev/v1alpha1
kind: ManifestValidator
metadata:
  name: all
spec:
  argocdVersion: "3.5"
  byohProvider: platform9
  clusters: ../clusters.yaml
  failOn: warning
  ignore:
  - {rule: source-chart-floats, name: "vendor-*", reason: the vendor tests every patch}
```

| field of `spec` | |
|---|---|
| `argocdVersion` | the Argo CD that reads the manifests, as `"3.5"`; without it, what not every one has is a warning |
| `byohProvider` | the fork of BYOH, `platform9` or `vmware`; without it, versions that either installs pass |
| `argocdNamespace` | where Argo CD runs; without it, the namespace of the AppProjects |
| `kustomizeVersions` | the versions of kustomize that argocd-cm registers, as its keys name them |
| `clusters` | the clusters that Argo CD knows, as in `ApplicationGenerator`: a file, `{items: NAME}`, or the blocks |
| `failOn` | `error` (default) or `warning` |
| `ignore` | findings that are meant: `rule`, `name` (a glob of objects), `path` (a glob of fields), `reason` |

It checks every Application and AppProject of the build: first that each field is known and of its type, then the rules
below. It changes nothing. AppProjects among the resources are held against the Applications that name them. Objects of
Cluster API are checked by the rules alone, in v1beta1 and v1beta2 alike: all of a build beside each other.

- Under `transformers:`, list it last in the outermost kustomization: it sees what the entries before it made. In a
  component it sees the resources before the patches of whoever includes the component.
- Under `validators:` it works as well, after all transformers. It gives nothing back there, since kustomize takes items
  that an exec function echoes for changed (kustomize#5036) and uses none of them. List it in one of the two only.

## Ignoring

One object ignores a rule by an annotation, with a reason:

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
    return "\n".join(
        (
            INTRODUCTION,
            *_part("Argo CD", argo.RULES, FAMILIES),
            *_part("Cluster API", capi.RULES, FAMILIES_OF_CLUSTERS),
        )
    )


def _part(subject: str, rules: Sequence[Rule], families: Mapping[str, str]) -> Iterator[str]:
    order = list(families)
    ordered = sorted(rules, key=lambda rule: order.index(_family(rule)))
    yield f"## All {len(ordered)} rules on objects of {subject}\n"
    yield "| rule | severity | |"
    yield "|---|---|---|"
    for rule in ordered:
        yield f"| [`{rule.id}`](#{rule.id}) | {rule.severity} | {rule.why} |"
    yield ""
    family = ""
    for rule in ordered:
        if _family(rule) != family:
            family = _family(rule)
            yield f"## {families[family]}\n"
        yield from _section(rule)


def _family(rule: Rule) -> str:
    return rule.check.__module__.rpartition(".")[2]


def _section(rule: Rule) -> Iterator[str]:
    bad, good = rule.examples()
    yield f"### {rule.id}\n"
    yield f"{rule.severity.capitalize()}. {rule.why}\n"
    yield f"```yaml\n# wrong\n{bad}```\n"
    yield f"```yaml\n# right\n{good}```\n"
    yield f"<sub>{rule.source}</sub>\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name)
