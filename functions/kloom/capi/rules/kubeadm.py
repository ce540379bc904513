"""Rules on kubeadm configurations: files, users, labels of nodes."""

from __future__ import annotations

import re

from kloom.capi.kube_vip import DEFAULT_INTERFACE
from kloom.capi.kubeadm import NODE_LABELS
from kloom.capi.labels import is_refused_by_kubelet
from kloom.capi.rules.objects import maps
from kloom.capi.rules.rule import Problem, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kloom.capi.rules.objects import Resource, World
    from kloom.capi.rules.rule import Path

KINDS = ("KubeadmControlPlane", "KubeadmControlPlaneTemplate", "KubeadmConfig", "KubeadmConfigTemplate")
_SIGN = re.compile(r'\}\}|"|`|/\*')
_CLOSING = {"`": "`", "/*": "*/"}
_QUOTED = re.compile(r'"(?:[^"\\\n]++|\\.)*+"', re.DOTALL)
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|/\*.*?\*/', re.DOTALL)
_WORD = re.compile(r"[.$]?[A-Za-z_][A-Za-z0-9_]*")
_OF_GO = frozenset(
    (
        "and", "block", "break", "call", "continue", "define", "else", "end", "eq", "false", "ge", "gt", "html", "if",
        "index", "js", "le", "len", "lt", "ne", "nil", "not", "or", "print", "printf", "println", "range", "slice",
        "template", "true", "urlquery", "with",
    )
)  # fmt: skip
"""The words of Go's text/template itself."""
_INTERFACE = DEFAULT_INTERFACE.strip("{} ")


def _path_twice(resource: Resource, _world: World) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, file in maps(resource.at("files")):
        path = file.get("path")
        if isinstance(path, str):
            if path in seen:
                yield Problem((*resource.path("files"), at, "path"), f"must be written once, was {path} again")
            seen.add(path)


def _two_contents(resource: Resource, _world: World) -> Iterator[Problem]:
    for field, plain, source in (("files", "content", "contentFrom"), ("users", "passwd", "passwdFrom")):
        for at, entry in maps(resource.at(field)):
            if entry.get(plain) and entry.get(source):
                yield Problem((*resource.path(field), at), f"{plain} and {source} exclude each other; both are set")


def _template(resource: Resource, world: World) -> Iterator[Problem]:
    if not _is_read_by_agent(resource, world):
        return
    for at, file in maps(resource.at("files")):
        wrong = next(_unknown_actions(_decoded(file)), None)
        if wrong is not None:
            message = (
                f'is a template to the agent, which knows {DEFAULT_INTERFACE} alone (and {{{{ "{{{{" }}}} for braces)'
            )
            yield Problem((*resource.path("files"), at, "content"), f"{message}, was {wrong}")


def _node_labels(resource: Resource, _world: World) -> Iterator[Problem]:
    for path, labels in _kubelet_labels(resource):
        for label in labels.split(","):
            key = label.partition("=")[0].strip()
            if is_refused_by_kubelet(key):
                yield Problem(path, f"must not hold a label of Kubernetes' own that kubelets may not set, was {key}")


def _is_read_by_agent(resource: Resource, world: World) -> bool:
    """Whether hosts of BYOH run it, as far as the objects tell."""
    return any(
        pool.is_of_byoh and (pool.owner is resource or world.referred(pool.owner, "configRef") is resource)
        for pool in world.pools
    )


def _decoded(file: Mapping[str, Any]) -> str:
    """The text of a file as the agent reads it: decoded before it is taken for a template; of what is packed, none."""
    content, encoding = file.get("content"), str(file.get("encoding") or "")
    if not isinstance(content, str) or "gz" in encoding:
        return ""
    if "b64" not in encoding and "base64" not in encoding:
        return content
    from base64 import b64decode

    try:
        return b64decode(content, validate=False).decode()
    except ValueError:
        return ""


def _unknown_actions(text: str) -> Iterator[str]:
    """What stands in double braces, and is none of Go's own words, a literal, or the one field that the agent knows."""
    at = 0
    while (start := text.find("{{", at)) >= 0:
        at = _end_of_action(text, start + 2)
        if at < 0:
            yield text[start:].partition("\n")[0]
            return
        inside = text[start + 2 : at - 2]
        words = _WORD.findall(_LITERAL.sub(" ", inside))
        is_known = all(word == _INTERFACE or word in _OF_GO or word.startswith("$") for word in words)
        if not is_known or not inside.strip("- \n"):
            yield text[start:at]


def _end_of_action(text: str, at: int) -> int:
    """Where an action ends, behind its braces; braces in texts and comments do not count. -1 where it never does."""
    while sign := _SIGN.search(text, at):
        if sign[0] == "}}":
            return sign.end()
        if sign[0] == '"':
            quoted = _QUOTED.match(text, sign.start())
            at = quoted.end() if quoted else -1
        else:
            end = text.find(_CLOSING[sign[0]], sign.end())
            at = end + len(_CLOSING[sign[0]]) if end >= 0 else -1
        if at < 0:
            return -1
    return -1


def _kubelet_labels(resource: Resource) -> Iterator[tuple[Path, str]]:
    """Where the kubelet's labels are said, in either version's form, and what they are."""
    kubeadm = resource.at("kubeadm") or {}
    for configuration in ("initConfiguration", "joinConfiguration"):
        above = kubeadm.get(configuration)
        registration = above.get("nodeRegistration") if isinstance(above, dict) else None
        arguments = registration.get("kubeletExtraArgs") if isinstance(registration, dict) else None
        path = (*resource.path("kubeadm"), configuration, "nodeRegistration", "kubeletExtraArgs")
        if isinstance(arguments, dict) and isinstance(arguments.get(NODE_LABELS), str):
            yield (*path, NODE_LABELS), arguments[NODE_LABELS]
        for at, entry in maps(arguments):
            if entry.get("name") == NODE_LABELS and isinstance(entry.get("value"), str):
                yield (*path, at, "value"), entry["value"]


PATH_TWICE = Rule(
    "file-twice",
    "error",
    kinds=KINDS,
    is_refused=True,
    why="Cluster API refuses two files of one path.",
    source="api/bootstrap/kubeadm/v1beta2/kubeadmconfig_types.go: validateFiles",
    bad="""
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {files: [{path: /etc/motd, content: one}, {path: /etc/motd, content: two}]}}}
        """,
    good="""
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {files: [{path: /etc/motd, content: one}, {path: /etc/issue, content: two}]}}}
        """,
    check=_path_twice,
)
TWO_CONTENTS = Rule(
    "content-and-content-from",
    "error",
    kinds=KINDS,
    is_refused=True,
    why="Cluster API refuses a file or a password that is said twice.",
    source="api/bootstrap/kubeadm/v1beta2/kubeadmconfig_types.go: validateFiles, validateUsers",
    bad="""
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {files: [{path: /etc/motd, content: hi, contentFrom: {secret: {name: a, key: b}}}]}}}
        """,
    good="""
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {files: [{path: /etc/motd, contentFrom: {secret: {name: motd, key: two}}}]}}}
        """,
    check=_two_contents,
)
TEMPLATE = Rule(
    "file-template-unknown",
    "error",
    kinds=KINDS,
    why="BYOH's agent runs every file through Go's text/template: it gives up on fields that it does not know.",
    source="cluster-api-provider-bringyourownhost agent/cloudinit/cloudinit.go, template_parser.go",
    bad="""
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {files: [{path: /etc/app.tmpl, content: "host: {{ .Values.host }}"}]}}}
        """,
    good="""
        kind: KubeadmConfigTemplate
        spec: {template: {spec: {files: [{path: /etc/app.tmpl, content: 'host: {{ "{{" }} .Values.host }}'}]}}}
        """,
    check=_template,
)
FORBIDDEN_LABEL = Rule(
    "node-label-forbidden",
    "error",
    kinds=KINDS,
    why="A kubelet does not start with labels of Kubernetes' own, as node-role.kubernetes.io; a Machine's labels do.",
    source="https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/: --node-labels",
    bad="""
        kind: KubeadmConfigTemplate
        spec:
          template:
            spec:
              joinConfiguration:
                nodeRegistration:
                  kubeletExtraArgs: [{name: node-labels, value: node-role.kubernetes.io/worker=}]
        """,
    good="""
        kind: KubeadmConfigTemplate
        spec:
          template:
            spec:
              joinConfiguration:
                nodeRegistration:
                  kubeletExtraArgs: [{name: node-labels, value: example.com/rack=7}]
        """,
    check=_node_labels,
)
RULES = (PATH_TWICE, TWO_CONTENTS, TEMPLATE, FORBIDDEN_LABEL)
