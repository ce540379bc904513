"""An editor, as far as tests need one: a client of the real yaml-language-server, over its stdin and stdout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = "yaml-language-server-*/node_modules/.bin/yaml-language-server"
SETTINGS = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "hover": True, "completion": True}}


class Editor:
    """Opens texts in a workspace and asks about them; lines and columns count from 0, as in the protocol."""

    def __init__(self, server: list[str], folder: Path) -> None:
        self._server = subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._count = 0
        capabilities = {"workspace": {"configuration": True}, "textDocument": {"hover": {}, "completion": {}}}
        self._ask("initialize", processId=os.getpid(), rootUri=folder.as_uri(), capabilities=capabilities)
        self._send("initialized")  # upon which the server asks for its settings: without them nothing is opened
        while not _asks_for_settings(message := self._receive()):
            self._answer(message)
        self._answer(message)

    def close(self) -> None:
        self._server.kill()
        self._server.communicate()

    def open(self, path: Path, text: str | None = None) -> list[dict[str, Any]]:
        """Open a file, with its own text or another one; the diagnostics, `line` and `message` of each."""
        return self.open_all({path: path.read_text() if text is None else text})[path]

    def open_all(self, texts: Mapping[Path, str]) -> dict[Path, list[dict[str, Any]]]:
        """Open several files that were not open before; what is told of other ones meanwhile is passed over."""
        for path, text in texts.items():
            document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
            self._send("textDocument/didOpen", textDocument=document)
        found: dict[str, list[dict[str, Any]]] = {}
        while not {path.as_uri() for path in texts} <= found.keys():
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics":
                told = message["params"]["diagnostics"]
                lines = [{"line": one["range"]["start"]["line"], "message": one["message"]} for one in told]
                found[message["params"]["uri"]] = lines
            self._answer(message)
        return {path: found[path.as_uri()] for path in texts}

    def completions(self, path: Path, line: int, column: int) -> set[str]:
        answer = self._ask("textDocument/completion", **_position(path, line, column))
        return {item["label"] for item in answer["items"]}

    def hover(self, path: Path, line: int, column: int) -> str:
        answer = self._ask("textDocument/hover", **_position(path, line, column))
        return answer["contents"]["value"].replace("\\", "") if answer else ""  # Markdown

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._count += 1
        self._send(method, number=self._count, **parameters)
        while (message := self._receive()).get("id") != self._count or "method" in message:
            self._answer(message)
        return message["result"]

    def _send(self, method: str, *, number: int | None = None, **parameters: Any) -> None:
        self._write({"method": method, "params": parameters} | ({} if number is None else {"id": number}))

    def _answer(self, message: dict[str, Any]) -> None:
        """Answer what the server asks: its settings, section by section; nothing to the rest."""
        if "id" in message and "method" in message:
            sections = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
            result = sections and [SETTINGS.get(section.get("section")) for section in sections]
            self._write({"id": message["id"], "result": result})

    def _write(self, message: dict[str, Any]) -> None:
        assert self._server.stdin
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._server.stdout
        length = 0
        while (header := self._server.stdout.readline().strip()) or not length:
            assert header, "the server has ended"
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message


def _asks_for_settings(message: dict[str, Any]) -> bool:
    """Whether it asks for all of them, not for those of one file."""
    is_question = message.get("method") == "workspace/configuration"
    return is_question and "yaml" in (item.get("section") for item in message["params"]["items"])


def _position(path: Path, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}


@pytest.fixture(scope="session")
def language_server() -> list[str]:
    """How to start the server. In CI it must be there; elsewhere these tests are skipped without it."""
    found = [*sorted((ROOT / ".tools").glob(INSTALLED)), *filter(None, [shutil.which("yaml-language-server")])]
    node = shutil.which("node")
    if found and node:
        return [node, str(found[-1]), "--stdio"]
    missing = "yaml-language-server" if node else "node"
    message = f"no {missing}: what editors show was NOT tested; `make tools` installs the server where npm is on PATH"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def editor(language_server: list[str]) -> Iterator[Editor]:
    editor = Editor(language_server, ROOT)
    yield editor
    editor.close()


@pytest.fixture
def overlays(tmp_path: Path) -> Path:
    """A copy of the samples in a repository of their own, to be changed."""
    (tmp_path / ".git").mkdir()
    return shutil.copytree(ROOT / "overlays", tmp_path / "overlays")
