"""All rules by their ids: those on Applications, on clusters, and those that take a whole repository to check."""

from __future__ import annotations

import json

from kloom.application_generator import EMPTY
from kloom.argo import rules as of_argo
from kloom.argo.rules.together import DEPLOYED_TWICE, NAME_TWICE
from kloom.capi import rules as of_clusters
from kloom.reports import RuleNote
from kloom.sdk.result import Refusal
from kloom.sdk.suggestion import did_you_mean
from kloom.validate import kustomization_rules
from kloom.validate.repository_rule import RepositoryRule
from kloom.values.ignores import ROLE_NOWHERE, SERVICE_NOWHERE, TWO_CLUSTERS

__all__ = [
    "CONFIG",
    "DEPLOYED_TWICE",
    "FILE",
    "FORM",
    "IDS",
    "IGNORABLE",
    "MANIFEST",
    "NAME_TWICE",
    "NOT_READ",
    "OVERRIDDEN",
    "PATH",
    "RENDERER",
    "SYMLINK",
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


UNREAD = RepositoryRule(
    "unread-values",
    "warning",
    "Every values file is read by a config.",
    why="A values file that no config names, or that its glob misses, deploys nothing, whatever it says.",
    source="docs/validate.md",
    bad="""\
# applications.yaml
spec: {services: services/*.yaml}
# services/till.yml
global: {name: till}
cluster-A: {enable: true, source: {path: deploy/till}}
""",
    good="""\
# applications.yaml
spec: {services: services/*.yaml}
# services/till.yaml
global: {name: till}
cluster-A: {enable: true, source: {path: deploy/till}}
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
    bad="""\
# cart.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cart, namespace: argocd
""",
    good="""\
# cart.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cart, namespace: argocd}
""",
)
CONFIG = RepositoryRule(
    "config",
    "error",
    "The config of a function says only what its kind knows, and names files that are there.",
    why="A build with such a config fails.",
    source="README.md, the table of the kind's fields",
    bad="""\
# applications.yaml
spec: {service: services/*.yaml}
""",
    good="""\
# applications.yaml
spec: {services: services/*.yaml}
""",
)
VALUES = RepositoryRule(
    "values",
    "error",
    "Values files keep to their layout, and every Application that they enable can be made.",
    why="A build with such values fails.",
    source="docs/values.md",
    bad="""\
# services/cart.yaml
cluster-A: {enabled: true}
""",
    good="""\
# services/cart.yaml
cluster-A: {enable: true}
""",
)
MANIFEST = RepositoryRule(
    "manifest",
    "error",
    "A manifest of an Application says only what Argo CD knows, in the right types.",
    why="The API server drops a field that it does not know without a word, and refuses a wrong type.",
    source="the CustomResourceDefinition applications.argoproj.io",
    bad="""\
# cart.yaml
spec: {project: default, syncpolicy: {automated: {}}}
""",
    good="""\
# cart.yaml
spec: {project: default, syncPolicy: {automated: {}}}
""",
)
NOWHERE = RepositoryRule(
    SERVICE_NOWHERE,
    "warning",
    "Every service runs somewhere, or says that it does not.",
    why="A service that no cluster enables makes no Application, and one that was there is pruned. `enable: false` on "
    "a cluster in its own file, or on all of them in the shared ones, says that this is meant.",
    source="docs/values.md",
    bad="""\
# services/cart.yaml
global: {name: cart}
cluster-A: {destination: {namespace: cart}}
""",
    good="""\
# services/cart.yaml
global: {name: cart}
cluster-A: {enable: true, destination: {namespace: cart}}
""",
)
EMPTY_ENVIRONMENT = RepositoryRule(
    EMPTY,
    "error",
    "Every config of an ApplicationGenerator makes an Application, or says that it makes none.",
    why="A root Application that prunes would remove all that are there. `allowEmpty: true` in the config says that "
    "this is meant; no comment does.",
    source="docs/values.md",
    bad="""\
# applications.yaml
spec: {services: []}
""",
    good="""\
# applications.yaml
spec: {services: [], allowEmpty: true}
""",
)
WITHOUT_CLUSTER = RepositoryRule(
    ROLE_NOWHERE,
    "info",
    "Every role that values speak of is the role of a cluster.",
    why="What is said for a role that no cluster has holds nowhere. A failover may leave one so, and nothing fails "
    "because of it; a role that misses another by a letter is an error.",
    source="docs/failover.md",
    bad="""\
# clusters.yaml
cluster-A: {role: active}
# common-values.yaml
roles: {spare: {syncPolicy: {automated: {enabled: false}}}}
""",
    good="""\
# clusters.yaml
cluster-A: {role: active}
cluster-B: {role: spare}
# common-values.yaml
roles: {spare: {syncPolicy: {automated: {enabled: false}}}}
""",
)
SERVER = RepositoryRule(
    TWO_CLUSTERS,
    "error",
    "No service runs on one cluster in one namespace under two of the cluster's names.",
    why="Two clusters of an inventory with one server, or one destination.name, are mostly a block that was copied: "
    "what is meant for the second one goes to the first. Two names for one cluster are taken as long as no service "
    "runs under both in one namespace.",
    source="docs/values.md",
    bad="""\
# clusters.yaml
cluster-A: {destination: {server: https://10.0.0.10:6443}}
cluster-B: {destination: {server: https://10.0.0.10:6443}}
""",
    good="""\
# clusters.yaml
cluster-A: {destination: {server: https://10.0.0.10:6443}}
cluster-B: {destination: {server: https://10.0.1.10:6443}}
""",
)
PATH = RepositoryRule(
    "source-path-missing",
    "warning",
    "A source's path in this very repository is there.",
    why="Argo CD cannot render an Application whose path does not exist; checked where the repoURL is origin's or "
    "upstream's, and the targetRevision what is checked out, or HEAD.",
    source="argo-cd util/app/path/path.go Path",
    bad="""\
# services/cart.yaml
source: {repoURL: https://git.example.com/shop.git, path: delpoy/cart}
""",
    good="""\
# services/cart.yaml
source: {repoURL: https://git.example.com/shop.git, path: deploy/cart}
""",
)
SYMLINK = RepositoryRule(
    "symlink-out-of-bounds",
    "error",
    "Symbolic links are relative and never leave the repository.",
    why="Argo CD's repo server renders nothing of a repository that holds, wherever in it, a link which is absolute or "
    "leaves it at any step, even to come back; unless it runs with --allow-oob-symlinks.",
    source="argo-cd util/app/path/path.go CheckOutOfBoundsSymlinks",
    bad="""\
overlays/dev/common.yaml -> /home/ada/shop/overlays/common.yaml
overlays/dev/hosts.yaml -> ../../../shop/overlays/hosts.yaml
""",
    good="""\
overlays/dev/common.yaml -> ../common.yaml
overlays/dev/hosts.yaml -> ../hosts.yaml
""",
)
FILE = RepositoryRule(
    "source-file-missing",
    "warning",
    "The files that a source names in this very repository are there.",
    why="Argo CD cannot render an Application whose value files, file parameters, components or patches do not exist; "
    "checked where source-path-missing is, of names without variables and wildcards, unless missing ones are ignored.",
    source="argo-cd reposerver/repository/repository.go getResolvedValueFiles; util/kustomize/kustomize.go Build",
    bad="""\
# deploy/cart/values-prod.yaml
replicas: 3
# services/cart.yaml
source:
  repoURL: https://git.example.com/shop.git
  path: deploy/cart
  helm: {valueFiles: [values-prd.yaml]}
""",
    good="""\
# deploy/cart/values-prod.yaml
replicas: 3
# services/cart.yaml
source:
  repoURL: https://git.example.com/shop.git
  path: deploy/cart
  helm: {valueFiles: [values-prod.yaml]}
""",
)
RENDERER = RepositoryRule(
    "source-renderer-mismatch",
    "warning",
    "A source that says kustomize has a kustomization in its path, one that says helm a chart.",
    why="Argo CD renders by what the source says, whatever is in the path, and fails: kustomize without a "
    "kustomization.yaml, helm without a Chart.yaml. Checked where source-path-missing is.",
    source="argo-cd reposerver/repository/repository.go GetAppSourceType; util/kustomize/kustomize.go Build",
    bad="""\
# deploy/cart/deployment.yaml
kind: Deployment
# services/cart.yaml
source:
  repoURL: https://git.example.com/shop.git
  path: deploy/cart
  kustomize: {images: ["cart:1.2.3"]}
""",
    good="""\
# deploy/cart/deployment.yaml
kind: Deployment
# deploy/cart/kustomization.yaml
resources: [deployment.yaml]
# services/cart.yaml
source:
  repoURL: https://git.example.com/shop.git
  path: deploy/cart
  kustomize: {images: ["cart:1.2.3"]}
""",
)
OVERRIDDEN = RepositoryRule(
    "source-overridden",
    "warning",
    "No file in a source's path overrides what the Application says.",
    why="Argo CD merges .argocd-source.yaml and .argocd-source-NAME.yaml of the path over the source, so that it "
    "renders something else than the Application says. A tool that writes such a file back, as argocd-image-updater "
    "does, is a reason to ignore this. Checked where source-path-missing is.",
    source="argo-cd reposerver/repository/repository.go mergeSourceParameters; docs/user-guide/parameters.md",
    bad="""\
# deploy/cart/.argocd-source.yaml
kustomize: {images: ["cart:1.2.2"]}
# services/cart.yaml
source:
  repoURL: https://git.example.com/shop.git
  path: deploy/cart
  kustomize: {images: ["cart:1.2.3"]}
""",
    good="""\
# services/cart.yaml
source:
  repoURL: https://git.example.com/shop.git
  path: deploy/cart
  kustomize: {images: ["cart:1.2.3"]}
""",
)
OF_SOURCES = (PATH, FILE, RENDERER, OVERRIDDEN)
"""Rules that hold sources against the files of the repository that they are in, if it is this one."""
_OF_FORM = (NOT_READ, CONFIG, VALUES, MANIFEST, EMPTY_ENVIRONMENT, *kustomization_rules.OF_BUILDS)
REPOSITORY_RULES = (
    *(UNREAD, UNLISTED, NOWHERE, WITHOUT_CLUSTER, SERVER, *OF_SOURCES, SYMLINK),
    *(*_OF_FORM, *kustomization_rules.IGNORABLE),
)
RULES: tuple[of_argo.Rule | of_clusters.Rule, ...] = (*of_argo.RULES, *of_clusters.RULES)
IDS = frozenset(rule.id for rule in (*REPOSITORY_RULES, *RULES))
FORM = frozenset(rule.id for rule in _OF_FORM)
"""What must hold before any other rule can be checked; no comment silences it."""
IGNORABLE = IDS - FORM


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
        raise Refusal(f"{name}: no such rule; `kloom rules` lists them{did_you_mean(name, IDS)}")
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
