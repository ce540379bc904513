import os
import subprocess

import pytest

from kloom.render import render
from kloom.scaffold import FILES, write_first_environment
from kloom.sdk.result import Refusal
from kloom.sdk.yaml_reader import kustomize_plain, read_documents


@pytest.fixture
def repository(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


def contents(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_it_builds_at_once(repository, kustomize, plugin_home):
    assert all(written for _, written in write_first_environment(str(repository)))
    overlay = repository / "overlays" / "dev"
    command = [kustomize, "build", "--enable-alpha-plugins", overlay]
    environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(plugin_home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    (application,) = read_documents(done.stdout, kustomize_plain)
    assert application["metadata"]["name"] == "guestbook-dev-in-cluster"
    assert render(str(overlay)).objects == [application]


def test_writing_it_twice_changes_nothing(repository):
    list(write_first_environment(str(repository)))
    before = contents(repository)
    assert not any(written for _, written in write_first_environment(str(repository)))
    assert contents(repository) == before


def test_what_is_there_stays(repository):
    mine = repository / "overlays" / "clusters.yaml"
    mine.parent.mkdir()
    mine.write_text("mine: {}")
    (repository / "overlays" / "common-values.yaml").symlink_to("nowhere")
    kept = [path for path, written in write_first_environment(str(repository)) if not written]
    assert [os.path.basename(path) for path in kept] == ["clusters.yaml", "common-values.yaml"]
    assert mine.read_text() == "mine: {}"
    assert not (repository / "overlays" / "nowhere").exists()


@pytest.mark.parametrize("name", FILES)
def test_every_file_begins_with_a_comment_that_says_what_it_is_for(name):
    assert FILES[name].startswith("# ")


def test_a_place_that_cannot_be_written_is_told(repository):
    (repository / "overlays").touch()
    with pytest.raises(Refusal, match=r"overlays/clusters.yaml: cannot be written"):
        list(write_first_environment(str(repository)))
