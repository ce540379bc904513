import pytest

from kloom.sdk.suggestion import did_you_mean, is_slip


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("sorces", ["source", "sources"], "sources"),
        ("repourl", ["path", "repoURL"], "repoURL"),
        ("SOURCE", ["Resource", "source"], "source"),
        ("web-c", ["web-b", "web-a"], "web-b"),
        ("chart", ["path", "server"], ""),
        ("chart", [], ""),
    ],
)
def test_the_known_word_that_is_most_alike_in_any_case(word, known, meant):
    said = f" (did you mean {meant}?)" if meant else ""
    assert did_you_mean(word, known) == did_you_mean(word, reversed(known)) == said


def test_how_alike_it_must_be_can_be_said():
    assert did_you_mean("b.yaml", ["long.yaml"])
    assert not did_you_mean("b.yaml", ["long.yaml"], 0.8)


@pytest.mark.parametrize("word", ["https", "htps", "httpss", "hxtps", "htpts", "http", "ttps", "httpsx"])
def test_a_slip_is_one_letter_or_two_neighbours(word):
    assert is_slip(word, "https")


@pytest.mark.parametrize("word", ["", "sptth", "hxxps", "htt", "thtsp", "https12", "HTTPS"])
def test_what_is_farther_off_is_no_slip(word):
    assert not is_slip(word, "https")
