"""What is seen to be wrong with a jq path expression; the oracle holds it against gojq."""

from __future__ import annotations

import pytest

from kloom.argo.rules import jq

RIGHT = r"""
.spec.replicas
.spec.containers[] | select(.name == "a]") | .image
.metadata.annotations["a\"b"]
select(.name == "a-\(.x | tostring)")
.webhooks[]?.clientConfig.caBundle
.spec.template.spec.containers[0].env[1:]
.a[:-1], .a[-1:]
.. | objects | select(has("x"))
."a"."b"["c"]
.a.[0]
-1 + +1
@base64 "x\(.a)"
{a, "b": .c, (.d): -1, and, }
[.a, .b][0] // {}
limit(3; .a[]) and .b or (.c | not)
if .a then .b else .c end | .d as $x | $x
reduce .a[] as $x (0; . + $x)
.a |= 1
"""

WRONG = r"""
.spec.containers[.image      # [ has no partner
[.spec)                      # ) has no partner
.spec)                       # ) has no partner
.metadata["name              # " has no partner
"\(.x"                       # " has no partner
.spec |                      # nothing stands behind |
.spec.                       # nothing stands behind .
| .spec                      # | cannot stand at the beginning
.spec | | .x                 # | cannot stand behind |
select(.a ==)                # ) cannot stand behind ==
.a[1,]                       # ] cannot stand behind ,
first()                      # ) cannot stand behind (
?                            # ? cannot stand at the beginning
.spec.x.(.y)                 # ( cannot stand behind .
.spec containers             # an operator must stand between .spec and containers
.a[] "b"                     # an operator must stand between ] and "
spec.replicas .. 1           # an operator must stand between .replicas and ..
.a; .b                       # ; stands outside of brackets
.a: .b                       # : stands outside of brackets
.a['b']                      # ' is no sign of jq
.a & .b                      # & is no sign of jq
.ä                           # ä is no sign of jq
"""


@pytest.mark.parametrize("expression", RIGHT.strip("\n").splitlines())
def test_nothing_is_wrong(expression: str) -> None:
    assert jq.problem(expression) is None


@pytest.mark.parametrize("line", WRONG.strip("\n").splitlines())
def test_what_is_wrong(line: str) -> None:
    expression, problem = line.split(" # ")
    assert jq.problem(expression.rstrip()) == problem


def test_a_comment_at_the_end_hides_the_bracket_that_argo_cd_adds() -> None:
    assert jq.problem(".spec # all of it\n") is None
    assert jq.problem(".spec # all of it") == "a comment at the end hides the bracket that Argo CD puts behind it"
    assert jq.problem(".spec) # all of it") is None  # which closes del( by itself


@pytest.mark.parametrize("expression", ["", " \n"])
def test_an_empty_one(expression: str) -> None:
    assert jq.problem(expression) == "it is empty"
