"""Patterns of AppProjects, as Argo CD reads them (gobwas/glob, with its own `!` and `/…/`)."""

import pytest

from kloom.argo.rules import globs
from kloom.argo.rules.project import is_destination_permitted, is_source_permitted, normalized_url


@pytest.mark.parametrize(
    ("pattern", "text", "separators", "expected"),
    [
        ("*", "a/b", "/", True),
        ("https://git.example.com/*", "https://git.example.com/shop", "/", True),
        ("https://git.example.com/*", "https://git.example.com/team/shop", "/", False),
        ("https://git.example.com/**", "https://git.example.com/team/shop", "/", True),
        ("shop-*", "shop-dev/x", "", True),
        ("shop-?", "shop-1", "", True),
        ("shop-?", "shop-10", "", False),
        ("shop-[ab]", "shop-b", "", True),
        ("shop-[!ab]", "shop-b", "", False),
        ("shop-[a-c]", "shop-b", "", True),
        ("shop-{dev,test*}", "shop-test1", "", True),
        ("shop-{dev,test}", "shop-prod", "", False),
        ("shop.dev", "shop-dev", "", False),
        (r"shop-\*", "shop-*", "", True),
        (r"shop-\*", "shop-1", "", False),
        ("shop-{dev", "shop-{dev", "", False),
        ("shop-[", "shop-[", "", False),
        ("", "", "", True),
        ("", "shop", "", False),
    ],
)
def test_globs(pattern: str, text: str, separators: str, expected: bool) -> None:
    assert globs.matches(pattern, text, separators) is expected


@pytest.mark.parametrize(
    ("patterns", "text", "expected"),
    [
        (["team-*"], "team-a", True),
        (["/^team-[0-9]+$/"], "team-12", True),
        (["/^team-[0-9]+$/"], "team-a", False),
        (["/(/"], "team-a", True),
        ([], "team-a", False),
    ],
)
def test_source_namespaces(patterns: list[str], text: str, expected: bool) -> None:
    assert globs.matches_any(patterns, text) is expected


@pytest.mark.parametrize(
    ("repos", "url", "expected"),
    [
        (["*"], "https://git.example.com/shop.git", True),
        ([], "https://git.example.com/shop.git", False),
        (["https://git.example.com/Shop"], "https://git.example.com/shop.git", True),
        (["git@git.example.com:team/*"], "ssh://git@git.example.com/team/shop", True),
        (["*", "!https://git.example.com/secret"], "https://git.example.com/secret.git", False),
        (["!https://git.example.com/secret"], "https://git.example.com/shop", True),
    ],
)
def test_source_repos(repos: list[str], url: str, expected: bool) -> None:
    assert is_source_permitted({"spec": {"sourceRepos": repos}}, url) is expected


@pytest.mark.parametrize(
    ("entries", "server", "name", "namespace", "expected"),
    [
        ([{"server": "*", "namespace": "*"}], "https://a", None, "shop", True),
        ([{"server": "https://a", "namespace": "shop-*"}], "https://a", None, "shop-dev", True),
        ([{"server": "https://a", "namespace": "shop-*"}], "https://a", None, "till", False),
        ([{"name": "east", "namespace": "*"}], None, "east", "till", True),
        ([{"name": "east", "namespace": "*"}], None, "west", "till", False),
        ([{"name": "east", "namespace": "*"}], "https://a", None, "till", True),  # it may be called so
        (
            [{"server": "*", "namespace": "*"}, {"server": "!https://a", "namespace": "*"}],
            "https://a",
            None,
            "x",
            False,
        ),
        ([{"server": "*", "namespace": "*"}, {"server": "*", "namespace": "!prod"}], "https://a", None, "prod", False),
        ([{"server": "*", "namespace": "!prod"}], "https://a", None, "dev", True),
    ],
)
def test_destinations(entries: list[dict], server: str, name: str, namespace: str, expected: bool) -> None:
    assert is_destination_permitted({"spec": {"destinations": entries}}, server, name, namespace) is expected


def test_urls_are_compared_as_argo_cd_does() -> None:
    assert normalized_url("git@Git.example.com:team/shop.git") == "git@git.example.com/team/shop"
    assert normalized_url(" https://git.example.com/shop.git") == "https://git.example.com/shop"
