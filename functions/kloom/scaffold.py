"""Write a first environment into a repository: an inventory, common values, one environment with one service.

What is there already is never touched, so running it again changes nothing. The schemas for editors follow what the
files say, whoever wrote them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kloom import __version__, editor_schemas
from kloom.sdk.result import Refusal
from kloom.values.files import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_first_environment(folder: str) -> Iterator[tuple[str, bool]]:
    """Write each file that is not there yet; its path, and whether it was written.

    Raises Refusal where a file cannot be written, and where those that are there do not declare clusters rightly.
    """
    for name, text in FILES.items():
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            yield path, False
            continue
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise Refusal(f"{path}: cannot be written: {error.strerror}") from None
        yield path, True
    environment = Repository(os.path.join(folder, "overlays", "dev"))
    if environment.root != environment.base:  # else nothing above it may be read, and neither are its clusters
        yield from editor_schemas.write(os.path.join(folder, "overlays"))


def _minor_range(version: str) -> str:
    """The versions that render as this one does: up to the next minor."""
    major, minor = version.split(".")[:2]
    return f">={major}.{minor},<{major}.{int(minor) + 1}"


FILES = {
    "overlays/clusters.yaml": """\
# yaml-language-server: $schema=.kloom/schemas/inventory.json
# The inventory: every cluster once, and its endpoint nowhere else in the repository.
# A service chooses its clusters by `enable: true`; facts here are for people and for `roles:`.
# A new cluster is a new block; `kloom schema --write overlays` then lets editors know its name.
in-cluster:
  destination:
    server: https://kubernetes.default.svc
  clusterLabels:
    region: local
""",
    "overlays/common-values.yaml": """\
# yaml-language-server: $schema=.kloom/schemas/values/clusters.json
# Values for every service of every environment; an environment's or a service's own file wins over them.
global:
  argocdNamespace: argocd
source:
  repoURL: https://github.com/argoproj/argocd-example-apps.git
  targetRevision: HEAD
syncPolicy:
  syncOptions: [CreateNamespace=true]
""",
    "overlays/dev/common-values.yaml": """\
# yaml-language-server: $schema=../.kloom/schemas/values/clusters.json
# What is the same for every service of this environment.
global:
  environment: dev
  project: default
destination:
  namespace: dev
""",
    "overlays/dev/services/guestbook.yaml": """\
# yaml-language-server: $schema=../../.kloom/schemas/values/clusters.json
# One file a service. Its Application is called guestbook-dev-in-cluster: service, environment, cluster.
global:
  name: guestbook
source:
  path: guestbook
in-cluster:
  enable: true
""",
    "overlays/dev/applications.yaml": f"""\
# yaml-language-server: $schema=../.kloom/schemas/ApplicationGenerator.json
# What kloom reads, merged first to last: the inventory, the common values, then each service's own file.
apiVersion: kloom.dev/v1alpha1
kind: ApplicationGenerator
metadata:
  name: dev
spec:
  requires: "{_minor_range(__version__)}"  # laptop, CI and Argo CD build with the same kloom
  clusters: ../clusters.yaml
  common: [../common-values.yaml, common-values.yaml]
  services: [services/*.yaml]  # a new file here is a new service
  failOn: warning  # kustomize shows no warning of a build that succeeds, so none is left
""",
    "overlays/dev/kustomization.yaml": """\
# kloom plugin install                                     once on each machine
# kustomize build --enable-alpha-plugins overlays/dev      what Argo CD would apply
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
generators:
- applications.yaml
""",
}
