"""Files arrive on a host as they are written, whatever braces are in them: asked of Go's own text/template."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kloom.capi.kube_vip import DEFAULT_INTERFACE, kube_vip_file
from kloom.capi.kubeadm import as_written

AGENT = Path(__file__).parent / "agent"
WORDS = ("{{", "}}", "{", "}", "{{{", DEFAULT_INTERFACE, " .Name ", "{{-", "/* */", '"', "`", "\n", "if", "end", "é")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map("".join) | st.text(max_size=10)


def on_host(go: str, contents: list[str]) -> list[str]:
    """What the agent writes."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}
    ended = subprocess.run(
        [go, "run", "."],
        cwd=AGENT,
        env=environment,
        input=json.dumps(contents),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    rendered: list[str] = json.loads(ended.stdout)
    return rendered


def test_content_arrives_as_written(go: str) -> None:
    contents: list[str] = []

    @settings(max_examples=500)
    @given(TEXTS)
    def collect(content: str) -> None:
        contents.append(content)

    collect()
    arrived = on_host(go, [as_written(content) for content in contents])
    assert arrived == [content.replace(DEFAULT_INTERFACE, "eth0") for content in contents]
    assert sum("{{" in content for content in contents) > len(contents) / 4


def test_kube_vip_gets_the_interface_of_its_host(go: str) -> None:
    content = kube_vip_file("10.0.0.10", 6443, {})["content"]
    (arrived,) = on_host(go, [content])
    assert arrived == content.replace(DEFAULT_INTERFACE, "eth0")
