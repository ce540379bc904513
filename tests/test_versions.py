import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom import __version__
from kloom.versions import satisfies

NUMBERS = st.lists(st.integers(0, 20), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("version", "requirement", "satisfied"),
    [
        ("0.4.0", ">=0.4,<0.5", True),
        ("0.5", ">=0.4,<0.5", False),
        ("0.4.9", "  >= 0.4 , < 0.5 ", True),
        ("0.10", ">0.9", True),
        ("1.0.0", "==1", True),
        ("1.0.1", "==1", False),
        ("1.0", "!=1.0.0", False),
        ("2", "<=2.0", True),
        ("0.0", "==0", True),
    ],
)
def test_requirements(version, requirement, satisfied):
    assert satisfies(version, requirement) is satisfied


@pytest.mark.parametrize(
    "requirement", ["", "0.4", "~=0.4", ">=0.4,", ">=", ">= 0.4 <0.5", ">=v1", ">=1.x", "latest", "=>1"]
)
def test_what_is_no_requirement_is_refused(requirement):
    with pytest.raises(ValueError, match="must be clauses"):
        satisfies("0.4", requirement)


def test_this_version_can_be_compared():
    assert satisfies(__version__, f"=={__version__}")
    assert satisfies(__version__, ">=0")


@given(NUMBERS, NUMBERS)
def test_of_two_versions_exactly_one_comparison_holds(left, right):
    one, other = (".".join(map(str, numbers)) for numbers in (left, right))
    assert [satisfies(one, f"{comparison}{other}") for comparison in ("<", "==", ">")].count(True) == 1
    assert satisfies(one, f">={other}") != satisfies(one, f"<{other}")
    assert satisfies(one, f"!={other}") != satisfies(one, f"=={other}")
