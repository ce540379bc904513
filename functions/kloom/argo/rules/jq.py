"""Whether a jq path expression can be parsed, as far as that shows without a grammar of jq.

Argo CD puts each expression into `del(…)`. Seen is what has no partner, what is no sign of jq, and what stands where it
cannot: an operator without an operand, two operands without an operator. In an expression with statements (`if`,
`reduce`, `as`, …) only brackets and quotes are looked at.
"""

from __future__ import annotations

from kloom.sdk.patterns import pattern

_STATEMENT = pattern(
    r"(?s).*\b(if|then|elif|else|end|as|reduce|foreach|try|catch|def|label|import|include|__loc__)\b.*"
)
_TOKEN = pattern(
    r"""(?xs)
    (?P<space> [ \t\r\n]+ | \#[^\n]* )
    | (?P<field> \.[A-Za-z_][A-Za-z0-9_]* )
    | (?P<number> [0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)? | \.[0-9]+([eE][-+]?[0-9]+)? )
    | (?P<name> [A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)* | \.\. )
    | (?P<variable> \$[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)* )
    | (?P<format> @[A-Za-z_][A-Za-z0-9_]* )
    | (?P<dot> \. )
    | (?P<question> \?(?!//) )
    | (?P<operator> \?// | //= | // | [-+*/%|=!<>]= | [-+*/%|=<>,:;] )
    | (?P<open> [(\[{] )
    | (?P<close> [)\]}] )
    | (?P<quote> " )
    """
)
_IN_TEXT = pattern(r"(?s)\\.|.")
_PARTNERS = {"(": ")", "\\(": ")", "[": "]", "{": "}", '"': '"'}
_OPERANDS = ("field", "number", "name", "variable", "format", "dot", "question", "close", "text")
_WORDS = ("and", "or")
"""Operators that are spelt as names are."""


def problem(expression: str) -> str | None:
    """Why Argo CD cannot parse the expression, None where nothing is seen that is wrong."""
    if not expression.strip():
        return "it is empty"
    found = _Reader(expression).problem()
    # `.a) # b` closes the bracket of del( by itself, and hides the other one
    return None if "#" in expression and ")" in expression else found


class _Reader:
    """One pass over an expression: which brackets and quotes are open, and what was read last."""

    __slots__ = ("ends_in_comment", "expression", "is_loose", "kind", "misplaced", "opened", "sign")

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.is_loose = _STATEMENT.fullmatch(expression) is not None
        self.opened: list[str] = []
        self.kind = self.sign = ""
        self.ends_in_comment = False
        self.misplaced: str | None = None

    def problem(self) -> str | None:
        at = 0
        while at < len(self.expression):
            in_text = self.opened[-1:] == ['"']
            match = (_IN_TEXT if in_text else _TOKEN).match(self.expression, at)
            if match is None:
                return f"{self.expression[at]} is no sign of jq"
            at = match.end()
            if in_text:
                self._read_text(match[0])
            elif found := self._read(match.lastgroup or "", match[0]):
                return found
        if self.opened:
            return f"{self.opened[-1]} has no partner"
        if self.ends_in_comment:
            return "a comment at the end hides the bracket that Argo CD puts behind it"
        if self.is_loose or self.misplaced or self._is_complete():
            return self.misplaced
        return f"nothing stands behind {self.sign}"

    def _read_text(self, sign: str) -> None:
        if sign == '"':
            self.opened.pop()
            self.kind, self.sign = "text", sign
        elif sign == "\\(":
            self.opened.append(sign)
            self.kind, self.sign = "open", sign

    def _read(self, kind: str, sign: str) -> str | None:
        """Take one more token in; the bracket that has no partner."""
        if kind == "space":
            self.ends_in_comment = sign.startswith("#")
            return None
        self.ends_in_comment = False
        if kind == "name" and sign in _WORDS and (self._is_complete() or not self._inside("{")):
            kind = "operator"
        if not self.is_loose:
            self.misplaced = self.misplaced or self._misplaced(kind, sign)
        if kind == "close" and (not self.opened or _PARTNERS[self.opened.pop()] != sign):
            return f"{sign} has no partner"
        if kind in ("open", "quote"):
            self.opened.append(sign)
        is_link = kind == "dot" and self.kind in _OPERANDS
        self.kind, self.sign = "link" if is_link else kind, sign
        return None

    def _misplaced(self, kind: str, sign: str) -> str | None:
        """Why a token cannot stand behind the last one."""
        if kind == "close":
            fits = self._is_complete() or self._may_close()
        elif kind == "question":
            fits = self._is_complete()
        elif kind == "operator":
            if sign in (":", ";") and not self.opened:
                return f"{sign} stands outside of brackets"
            fits = self._is_complete() or sign in ("+", "-") or (sign == ":" and self._inside("["))
        elif self.kind == "link":
            fits = kind == "quote" or sign == "["
        elif self._is_complete() and not self._continues(kind, sign):
            return f"an operator must stand between {self.sign} and {sign}"
        else:
            fits = True
        return None if fits else f"{sign} cannot stand {f'behind {self.sign}' if self.sign else 'at the beginning'}"

    def _may_close(self) -> bool:
        """Whether a bracket may close where no operand ends: [], {}, [1:], {a,}."""
        is_empty = self.kind == "open" and self.sign in ("[", "{")
        return is_empty or (self.sign == ":" and self._inside("[")) or (self.sign == "," and self._inside("{"))

    def _continues(self, kind: str, sign: str) -> bool:
        """Whether a token belongs to the operand that stands before it."""
        if kind in ("field", "dot") or sign == "[":
            return True
        return (sign == "(" and self.kind == "name") or (kind == "quote" and self.kind in ("dot", "format"))

    def _is_complete(self) -> bool:
        """Whether an operand has just ended."""
        return self.kind in _OPERANDS

    def _inside(self, bracket: str) -> bool:
        return self.opened[-1:] == [bracket]
