"""Which contents BYOH's agent, that runs each file through Go's text/template, gives up on."""

from base64 import b64encode
from collections.abc import Callable

import pytest

from kloom.capi.rules import Finding

FILE = """\
kind: KubeadmConfigTemplate
spec: {{template: {{spec: {{files: [{{path: /etc/a, encoding: {encoding}, content: {content}}}]}}}}}}
"""


def found(found_in: Callable[[str], list[Finding]], content: str, encoding: str = "null") -> list[str]:
    import json

    example = FILE.format(content=json.dumps(content), encoding=encoding)
    return [finding.message.rpartition(", was ")[2] for finding in found_in(example)]


@pytest.mark.parametrize(
    "content",
    [
        "interface: {{ .DefaultNetworkInterfaceName }}",
        "interface: {{- .DefaultNetworkInterfaceName -}}",
        'escaped: {{ "{{" }} .Values.host }}',
        "raw: {{`{{ .Values.host }}`}}",
        '{{ if eq .DefaultNetworkInterfaceName "eth0" }}a{{ else }}b{{ end }}',
        "{{ $name := .DefaultNetworkInterfaceName }}{{ $name }}",
        "{{/* a comment */}}",
        "${HOST} {not: braces} }}",
    ],
)
def test_what_it_knows(found_in: Callable[[str], list[Finding]], content: str) -> None:
    assert found(found_in, content) == []


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("a: {{ .Values.host }}", "{{ .Values.host }}"),
        ("a: {{ ds.meta_data.hostname }}", "{{ ds.meta_data.hostname }}"),
        ("a: {{ .DefaultNetworkName }}", "{{ .DefaultNetworkName }}"),
        ("a: {{ include 'x' . }}", "{{ include 'x' . }}"),
        ("a: {{}}", "{{}}"),
        ("a: {{ .DefaultNetworkInterfaceName\nb", "{{ .DefaultNetworkInterfaceName"),
    ],
)
def test_what_it_gives_up_on(found_in: Callable[[str], list[Finding]], content: str, wrong: str) -> None:
    assert found(found_in, content) == [wrong]


def test_what_is_encoded_is_decoded_first(found_in: Callable[[str], list[Finding]]) -> None:
    content = b64encode(b"a: {{ .Values.host }}").decode()
    assert found(found_in, content, "base64") == ["{{ .Values.host }}"]


def test_other_machines_are_no_matter_of_the_agent(found_in: Callable[[str], list[Finding]]) -> None:
    other = (
        "---\nkind: MachineDeployment\nspec: {template: {spec: {infrastructureRef: {kind: DockerMachineTemplate}}}}\n"
    )
    example = FILE.format(content='"{{ ds.meta_data.hostname }}"', encoding="null") + other
    assert found_in(example) == []
