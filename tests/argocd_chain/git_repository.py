"""Git repositories on this disk, for Argo CD to read by a file:// address."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "Tests",
    "GIT_AUTHOR_EMAIL": "tests@example.com",
    "GIT_COMMITTER_NAME": "Tests",
    "GIT_COMMITTER_EMAIL": "tests@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class GitRepository:
    """A folder with its history; a commit holds all that is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = folder.as_uri()
        folder.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--initial-branch=main")

    def commit(self, message: str) -> str:
        """The revision of a new commit on main."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.revision()

    def tag(self, name: str) -> None:
        self._git("tag", "--force", name)

    def branch(self, name: str) -> None:
        """Let a branch of this name stand where main stands."""
        self._git("branch", "--force", name)

    def revision(self) -> str:
        return self._git("rev-parse", "HEAD").strip()

    def take_back_to(self, revision: str) -> None:
        """Let the folder be as it was at a revision; the next commit says so."""
        self._git("rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".")
        self._git("clean", "-d", "--force", "--quiet")
        self._git("checkout", revision, "--", ".")

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"git {' '.join(arguments)}:\n{done.stderr}"
        return done.stdout
