"""What docs/auto-sync.md and overlays/README.md show of the samples is so; tests/argocd_chain tries it on Argo CD."""

from __future__ import annotations

import re
import subprocess
from itertools import takewhile
from pathlib import Path

import pytest
import yaml

from kloom.reports import rule_of
from kloom.validate import validate

ROOT = Path(__file__).resolve().parents[2]
AUTO_SYNC = (ROOT / "docs/auto-sync.md").read_text(encoding="utf-8")
TOUR = (ROOT / "overlays/README.md").read_text(encoding="utf-8")
OF_CHILDREN = {"group": "argoproj.io", "kind": "Application", "jsonPointers": ["/spec/syncPolicy/automated"]}
RESPECTED = "RespectIgnoreDifferences=true"
WISHLIST = """\
global: {name: wishlist}
source: {repoURL: https://github.com/example/shop.git, path: wishlist/dev}
"""


def roots(tools, overlays):
    """The root Applications by their names."""
    done = tools.build(overlays / "roots")
    assert done.returncode == 0, done.stderr
    return {one["metadata"]["name"]: one for one in yaml.safe_load_all(done.stdout)}


def choice(component):
    """The kustomization of the roots that the page shows, with one of the two components."""
    (shown,) = re.findall(r"```yaml\n# overlays/roots/kustomization.yaml\n(.*?)```", AUTO_SYNC, re.DOTALL)
    assert "operators-own-sync" in shown
    return shown.replace("operators-own-sync", component)


def test_with_the_component_operators_own_auto_sync(tools, overlays):
    before = roots(tools, overlays)
    (overlays / "roots/kustomization.yaml").write_text(choice("operators-own-sync"))
    for root in before.values():
        root["spec"]["ignoreDifferences"] = [OF_CHILDREN]
        root["spec"]["syncPolicy"]["syncOptions"].append(RESPECTED)
    assert roots(tools, overlays) == before


def test_without_either_git_owns_it(tools, overlays):
    before = roots(tools, overlays)
    (overlays / "roots/kustomization.yaml").write_text(choice("git-owns-sync"))
    assert roots(tools, overlays) == before


@pytest.fixture
def wishlist(overlays, monkeypatch):
    """Writes a new service that says this too, and tells the rules that find something in it."""
    monkeypatch.chdir(overlays)

    def said(more):
        path = overlays / "dev/services/wishlist.yaml"
        path.write_text(WISHLIST + more)
        return {rule_of(result) for result in validate([str(path)]).results}

    return said


def test_the_switch_is_said(wishlist, tools, overlays):
    (shown,) = re.findall(r"```yaml\n(syncPolicy:\n.*?)```", AUTO_SYNC, re.DOTALL)
    assert wishlist(shown) == set()
    built = yaml.safe_load_all(tools.build(overlays / "dev").stdout)
    (made,) = (one["spec"] for one in built if one["metadata"]["name"].startswith("wishlist"))
    assert made["syncPolicy"]["automated"] == yaml.safe_load(shown)["syncPolicy"]["automated"]


@pytest.mark.parametrize("off", ["prune: false", "selfHeal: false", "allowEmpty: false"])
def test_what_is_off_is_left_out_or_told(off, wishlist):
    assert f"`{off}`" in AUTO_SYNC
    assert len(wishlist(f"syncPolicy: {{automated: {{enabled: true, {off}}}}}\n")) == 1


def test_zero_values_that_other_words_say_too(wishlist):
    for said, is_told in (("retry: {limit: 0}", True), ("retry: {}", False)):
        assert f"`{said}`" in AUTO_SYNC
        assert bool(wishlist(f"syncPolicy: {{automated: {{enabled: true}}, {said}}}\n")) == is_told


def test_a_removal_is_confirmed_by_an_annotation_with_the_time(tools, overlays, kubectl):
    """As far as kubectl can tell without a cluster."""
    (command,) = re.findall(r"^    (kubectl -n argocd annotate .*\\\n.*)$", AUTO_SYNC, re.MULTILINE)
    (name,) = re.findall(r"application (\S+)", command)
    file = overlays / "root.yaml"
    file.write_text(yaml.safe_dump(roots(tools, overlays)[name]))
    local = command.replace(f"annotate application {name}", f"annotate --local -f {file} -o yaml")
    done = subprocess.run(
        ["sh", "-ec", local.replace("kubectl", kubectl, 1)], capture_output=True, text=True, check=True
    )
    value = yaml.safe_load(done.stdout)["metadata"]["annotations"]["argocd.argoproj.io/deletion-approved"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(value))


# overlays/README.md


def test_the_tour_names_what_is_there(overlays):
    tree = TOUR.split("\n```\n")[1]
    folder, named = overlays, []
    for line in tree.splitlines():
        indent = len(line) - len(line.lstrip())
        names = line.strip().partition("  ")[0].split()
        words = list(takewhile(lambda word: "/" in word or word.endswith(".yaml"), names))
        if indent == 0:
            named += [overlays / word for word in words]
            folder = overlays / words[0]
        elif indent == 2:
            named += [path for word in words for path in (sorted(folder.glob(word)) or [folder / word])]
    assert [path for path in named if not path.exists()] == []
    listed = {path.relative_to(overlays).parts[0] for path in named}
    assert {path.name for path in overlays.iterdir() if path.is_dir() and path.name[0] != "."} == listed


def test_the_commands_of_the_tour_build(tools, overlays):
    (commands,) = re.findall(r"```sh\n(.*?)```", TOUR, re.DOTALL)
    folders = re.findall(r"(?:--enable-alpha-plugins|-k) (overlays/\S+)", commands)
    assert len(folders) == 4
    for folder in folders:
        done = tools.kubectl_kustomize(overlays.parent / folder)
        assert done.returncode == 0, done.stderr
