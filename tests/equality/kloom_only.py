"""What only kloom refuses: the closed list, numbered as docs/values.md numbers it.

Each entry: its title, what every message of it contains (a regular expression), and files that show it, which helm
renders without complaint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

COMMON = """\
source: {repoURL: https://example.com/r.git, path: web}
destination: {namespace: dev}
"""
INVENTORY = """\
cluster-A: {destination: {server: https://10.0.0.10:6443}}
cluster-B: {destination: {server: https://10.0.1.10:6443}}
"""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One kind of input that kloom refuses and helm does not."""

    title: str
    pattern: str
    service: str
    common: str = COMMON
    inventory: str | None = INVENTORY
    other_services: dict[str, str] = field(default_factory=dict)

    def covers(self, line: str) -> bool:
        """Whether a finding's line is of this kind."""
        return re.search(self.pattern, line) is not None


SERVICE = "global: {name: web}\ncluster-A: {enable: true}\n"

KLOOM_ONLY = (
    Refusal(
        title="A key that stands twice in one map",
        pattern="duplicate key",
        service=SERVICE + "project: a\nproject: b\n",
    ),
    Refusal(
        title="A second document in one file",
        pattern="one document a file",
        service=SERVICE + "---\nproject: b\n",
    ),
    Refusal(
        title="Keys that are no strings, and merge keys",
        pattern="a key must be a string|merge keys|drops a key",
        service=SERVICE + "source: {helm: {valuesObject: {on: a, 1: b}}}\n",
    ),
    Refusal(
        title="Explicit tags",
        pattern="explicit tags",
        service=SERVICE + "project: !!str dev\n",
    ),
    Refusal(
        title="Integers beyond 2^53",
        pattern=r"beyond 2\^53",
        service=SERVICE + "source: {helm: {valuesObject: {id: 9007199254740993}}}\n",
    ),
    Refusal(
        title="Line breaks that YAML versions disagree on",
        pattern="is a line break to some readers",
        service=SERVICE + "# a\u2028# b\n",
    ),
    Refusal(
        title="A wrong type or unknown key that a later file replaces",
        pattern="must be .*, was|unknown key",
        common=COMMON + "project: [a]\n",
        service=SERVICE + "project: dev\n",
    ),
    Refusal(
        title="`global` inside a cluster's block",
        pattern="global: unknown key",
        service="global: {name: web}\ncluster-A: {enable: true, global: {project: x}}\n",
    ),
    Refusal(
        title="A cluster that the inventory does not declare, or whose name cannot be told from another key or cluster",
        pattern="declared clusters are|no cluster is declared|a cluster('s name)? must|must differ from the cluster",
        inventory="cluster-A: {destination: {server: https://10.0.0.10:6443}}\n",
        service=SERVICE + "cluster-B: {enable: false}\n",
    ),
    Refusal(
        title="Names that Kubernetes does not take for an Application or a namespace",
        pattern="the Application's name must|must be a namespace",
        service="global: {name: web_1}\ncluster-A: {enable: true}\n",
    ),
    Refusal(
        title="Two Applications of one name",
        pattern="is made already",
        service=SERVICE,
        other_services={"copy.yaml": SERVICE},
    ),
    Refusal(
        title="Annotation keys that kustomize cannot keep",
        pattern="kustomize cannot keep",
        service=SERVICE + 'additionalAnnotations: {"true": x1}\n',
    ),
    Refusal(
        title="Files that are too large, nested too deep, or whose aliases expand too far",
        pattern="nested deeper|aliases expand|must be at most",
        service=SERVICE + "# " + "x" * 5_000_000 + "\n",
    ),
    Refusal(
        title="What Argo CD or Kubernetes would refuse, by the errors of docs/rules.md",
        pattern=r"\[[a-z-]+\]$",
        service=SERVICE + "syncPolicy: {retry: {limit: 2, backoff: {duration: 5 minutes}}}\n",
    ),
    Refusal(
        title="Failover groups that do not have one active cluster",
        pattern="failover group",
        inventory=INVENTORY.replace("cluster-A: {", "cluster-A: {failoverGroup: shop, role: active, ").replace(
            "cluster-B: {", "cluster-B: {failoverGroup: shop, role: active, "
        ),
        service=SERVICE,
    ),
    Refusal(
        title="One endpoint for two clusters",
        pattern="must be the endpoint of one cluster",
        inventory="cluster-A: &copy {destination: {server: https://10.0.0.10:6443}}\ncluster-B: *copy\n",
        service=SERVICE + "cluster-B: {enable: true}\n",
    ),
    Refusal(
        title="A service's file that says nothing",
        pattern="must say of a service",
        common=COMMON + SERVICE,
        service="# nothing but a comment\n",
    ),
    Refusal(
        title="Roles that miss another by a letter",
        pattern="must be a role that values speak of|no cluster has this role",
        inventory=INVENTORY.replace("cluster-B: {", "cluster-B: {role: stanby, "),
        service=SERVICE + "roles: {standby: {syncPolicy: {automated: {enabled: false}}}}\n",
    ),
)
