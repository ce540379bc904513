"""What is wrong with a text that is no YAML, in a person's words, and where to put it right.

The parser tells where it could not go on. What has to be changed often stands before that: the quote that nobody
closed, the key without its colon.

    mistake(text, error)    ("a quote that is never closed opens here", 1, 16)
"""

from __future__ import annotations

import re
from itertools import pairwise

from yaml._yaml import CParser
from yaml.error import YAMLError
from yaml.tokens import (
    AliasToken,
    BlockEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    ScalarToken,
    StreamEndToken,
    ValueToken,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yaml.error import Mark, MarkedYAMLError
    from yaml.tokens import Token

    Mistake = tuple[str, int, int]
    """What must hold or what is there; line and column, from 1."""

_EXPLAINED = 100_000
"""In longer texts the parser's own words have to do."""
_CONFLICT = re.compile(r"(<{7}|\|{7}|={7}|>{7})( .*)?")
_NO_SPACE = re.compile(r"(?P<dash>-)(?=[^\s-])|[^\s:]+?(?P<colon>:)(?!//)(?=[^\s:])")
_ALIAS = re.compile(r"\*([^\s,\[\]{}]+)")
_BEGINS_COLLECTION = re.compile(r"- |.*:(\s|$)")
_WRITTEN = (AliasToken, BlockEntryToken, ScalarToken, ValueToken)
_OPENERS = {FlowMappingStartToken: "{", FlowSequenceStartToken: "["}
_CLOSERS = {FlowMappingEndToken: "}", FlowSequenceEndToken: "]"}
_CLOSED_BY = {"{": "}", "[": "]"}
_LONGEST_NAME = 60
TEMPLATE = "a template is not rendered here: write what it makes, or quote it"


def mistake(text: str, error: MarkedYAMLError) -> Mistake | None:
    """The mistake that made the parser give up; None where its own words are the best that can be said."""
    mark = error.problem_mark
    if mark is None or len(text) > _EXPLAINED:
        return None
    lines = text.splitlines()
    return _conflict(lines, mark) or _explained(text, lines, error, mark)


def _conflict(lines: Sequence[str], mark: Mark) -> Mistake | None:
    """The first mark that a merge left, not behind the place where the parser gave up; a line of = may be a text's."""
    signs = "<|=>" if any(line.startswith(("<<<<<<<", ">>>>>>>")) for line in lines) else "|"
    for number, line in enumerate(lines[: mark.line + 1], start=1):
        if line[:1] in signs and _CONFLICT.fullmatch(line):
            return "a merge conflict must be resolved first, its marks are still here", number, 1
    return None


def _explained(text: str, lines: Sequence[str], error: MarkedYAMLError, mark: Mark) -> Mistake | None:
    problem, context, around = error.problem or "", error.context or "", error.context_mark or mark
    character = text[mark.index : mark.index + 1]
    if character == "\t" and ("tab" in problem or "start any token" in problem):
        return "indentation must be spaces, was a tab", *_place(mark)
    if "start any token" in problem:
        return f"a value must not begin with {character}: quote it", *_place(mark)
    if context in ("while scanning an alias", "while scanning an anchor"):
        return f"a value must not begin with {text[around.index]}: quote it", *_place(around)
    if problem == "found undefined alias" and (alias := _ALIAS.match(text, mark.index)):
        return f"no &{alias[1]} stands above; a value that begins with * must be quoted", *_place(mark)
    if problem.startswith("block sequence entries are not allowed"):
        return "a list must begin on a line of its own; a text that begins with - must be quoted", *_place(mark)
    if context == "while scanning a quoted scalar":
        return "a quote that is never closed opens here", *_place(around)
    if problem == "could not find expected ':'":
        return _without_colon(lines, around)
    if problem.startswith("mapping values are not allowed"):
        return _second_value(text, lines, mark)
    if problem.startswith("did not find expected") and context != "while scanning a block scalar":
        is_map, is_list = context.endswith("a block mapping"), context.endswith("a block collection")
        other_kind = around.column == mark.column and ((is_map and character == "-") or is_list)
        return (
            _template(text, mark)
            or _unbalanced(text, mark)
            or _behind_a_quote(text, mark)
            or (_other_kind(around, mark, is_map=is_map) if other_kind else None)
            or _indentation(lines, mark.line)
        )
    return None


def _without_colon(lines: Sequence[str], mark: Mark) -> Mistake:
    """A line that should be a key, or lacks the space behind its colon or dash."""
    line = lines[mark.line]
    name = line[mark.column :].strip()
    if name.startswith("{{"):
        return TEMPLATE, *_place(mark)
    name = name if len(name) <= _LONGEST_NAME else "a key"
    without_space = _without_space(line, mark.line, mark.column)
    return without_space or (f"{name} must be followed by a colon", *_place(mark))


def _without_space(line: str, number: int, column: int) -> Mistake | None:
    found = _NO_SPACE.match(line, column)
    if found is None or ": " in line[column:]:
        return None
    sign = found.lastgroup or ""
    return f"the {sign} must be followed by a space", number + 1, found.end(sign) + 1


def _second_value(text: str, lines: Sequence[str], mark: Mark) -> Mistake | None:
    """A colon where no key can be: what stands before it is a value already, or should be a key itself."""
    before = [token for token in _tokens(text[: mark.index]) if isinstance(token, _WRITTEN)]
    if not before or not isinstance(before[-1], ScalarToken):
        return None
    start, earlier = before[-1].start_mark, before[-2] if len(before) > 1 else None
    if isinstance(earlier, ValueToken) and earlier.start_mark.line == start.line == mark.line:
        return 'a value with ": " in it must be quoted', *_place(start)
    if start.line == mark.line or (isinstance(earlier, ValueToken) and earlier.start_mark.line == start.line):
        return _indentation(lines, mark.line)
    if isinstance(earlier, BlockEntryToken):
        return _without_space(lines[start.line], start.line, start.column) or _indentation(lines, mark.line)
    return _without_colon(lines, start)


def _template(text: str, mark: Mark) -> Mistake | None:
    """The braces of a template where a value begins, which are two maps to the parser."""
    tokens = [token for token in _tokens(text) if token.start_mark.index <= mark.index]
    for outer, inner in pairwise(tokens):
        is_opened_twice = isinstance(outer, FlowMappingStartToken) and isinstance(inner, FlowMappingStartToken)
        if is_opened_twice and inner.start_mark.index == outer.end_mark.index:
            return TEMPLATE, *_place(outer.start_mark)
    return None


def _unbalanced(text: str, mark: Mark) -> Mistake | None:
    """A bracket that is not closed, or closed by another one, or closes nothing; a comma that is missing."""
    tokens = list(_tokens(text))
    behind = [token for token in tokens if token.start_mark.index >= mark.index]
    opened: list[Token] = []
    for token in tokens[: len(tokens) - len(behind)]:
        _open_or_close(opened, token)
    closer = _CLOSERS.get(type(behind[0]), "") if behind else ""
    if not opened:
        return (f"the {closer} closes nothing", *_place(mark)) if closer else None
    opener, line = _OPENERS[type(opened[-1])], opened[-1].start_mark.line + 1
    if closer and closer != _CLOSED_BY[opener]:
        return f"must be {_CLOSED_BY[opener]}, for the {opener} in line {line}, was {closer}", *_place(mark)
    never_closed = _left_open(opened, behind)
    if never_closed is None:
        wrong = f"a comma must stand before this, or a value, inside of {opener} {_CLOSED_BY[opener]}"
        is_colon = isinstance(behind[0], ValueToken)
        return wrong, *(_word_before(text, tokens[-len(behind) - 1]) if is_colon else _place(mark))
    if not isinstance(tokens[-1], StreamEndToken):  # what follows cannot be read, so nothing is known of it
        return None
    return f"the {_OPENERS[type(never_closed)]} that opens here is never closed", *_place(never_closed.start_mark)


def _word_before(text: str, token: Token) -> tuple[int, int]:
    """Where the last word of a token begins: a key behind a value without a comma is one text with it."""
    if not isinstance(token, ScalarToken) or not token.plain:
        return _place(token.start_mark)
    start, end = token.start_mark.index, token.end_mark.index
    before = text[start:end].rstrip()
    *above, last = (text[:start] + before[: max(map(before.rfind, " \t\r\n")) + 1] + "x").splitlines()
    return len(above) + 1, len(last)


def _left_open(opened: Sequence[Token], behind: Sequence[Token]) -> Token | None:
    """The innermost of these brackets that nothing behind closes."""
    still_open = list(opened)
    for token in behind:
        _open_or_close(still_open, token)
    return next((token for token in reversed(opened) if token in still_open), None)


def _open_or_close(opened: list[Token], token: Token) -> None:
    if type(token) in _OPENERS:
        opened.append(token)
    elif type(token) in _CLOSERS and opened:
        opened.pop()


def _behind_a_quote(text: str, mark: Mark) -> Mistake | None:
    """More text behind a closing quote: a quote inside of quotes, or one that was opened and not closed before."""
    scalars = [token for token in _tokens(text[: mark.index]) if isinstance(token, ScalarToken)]
    if not scalars or scalars[-1].style not in ("'", '"') or scalars[-1].end_mark.line != mark.line:
        return None
    start, style = scalars[-1].start_mark, scalars[-1].style
    if start.line != mark.line:
        return f"the quote that opens here must be closed before line {mark.line + 1}", *_place(start)
    inside = "''" if style == "'" else '\\"'
    return f"nothing may follow the closing quote; a {style} inside of quotes is written {inside}", *_place(mark)


def _other_kind(around: Mark, mark: Mark, *, is_map: bool) -> Mistake:
    """A list item among keys, or a key among list items, in the same column."""
    began = f"that begins in line {around.line + 1}"
    message = f"a key, as those of the map {began}, was a list item" if is_map else f"an item of the list {began}"
    return f"must be {message}", *_place(mark)


def _indentation(lines: Sequence[str], at: int) -> Mistake | None:
    """A line that is indented as none of those is that it could continue."""
    indent = _indent(lines[at]) if at < len(lines) else 0
    first = max((number for number in range(min(at, len(lines))) if lines[number].startswith("---")), default=-1)
    above = [number for number in range(first + 1, min(at, len(lines))) if _has_content(lines[number])]
    if not above:
        return None
    levels = list(_levels(lines, above))
    if indent in levels:
        return None
    deeper, shallower = ([level for level in levels if level > indent], [level for level in levels if level < indent])
    if not deeper:
        return f"must not be indented deeper than line {above[-1] + 1}, which has its value already", at + 1, indent + 1
    known = " or ".join(map(str, (*shallower[:1], deeper[-1])))
    return f"must be indented by {known} spaces, as the lines above, was {indent}", at + 1, indent + 1


def _levels(lines: Sequence[str], above: Sequence[int]) -> Iterator[int]:
    """The columns at which the collections begin that are still open below these lines, the deepest first."""
    limit = len(lines[above[-1]]) + 1
    for number in reversed(above):
        line = lines[number]
        columns = [_indent(line)]
        while line[columns[-1] :].startswith("- "):
            column = columns[-1] + 1 + _indent(line[columns[-1] + 1 :])
            if not _BEGINS_COLLECTION.match(line, column):
                break
            columns.append(column)
        for column in reversed(columns):
            if column < limit:
                yield column
                limit = column
        if limit == 0:
            return


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _has_content(line: str) -> bool:
    return line.strip() != "" and not line.lstrip().startswith("#")


def _tokens(text: str) -> Iterator[Token]:
    """The tokens, to the place where there are none any more."""
    parser = CParser(text)
    try:
        while (token := parser.get_token()) is not None:
            yield token
    except YAMLError:
        return
    finally:
        parser.dispose()


def _place(mark: Mark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1
