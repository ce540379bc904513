"""Comments in values files that silence a rule, each with its reason:

    source:
      targetRevision: HEAD  # kloom: ignore source-floating-revision the preview follows main by design
    # kloom: ignore sync-without-prune the database is removed by hand
    syncPolicy: {automated: {}}

A comment holds for the key of its line, one that stands alone for the key of the next line; and for all of that key's
block. Only rules can be silenced, not what a values file must be.
"""

from __future__ import annotations

from kloom.sdk.patterns import pattern
from kloom.sdk.suggestion import did_you_mean
from kloom.sdk.yaml_reader import MAX_DEPTH, YamlError, compose_documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import yaml

    from kloom.sdk.result import Result

RULE_TAG = "rule"
"""The tag of a Result that holds the id of the rule which found it."""
UNKNOWN_RULE, WITHOUT_REASON, UNUSED = "ignore-unknown-rule", "ignore-without-reason", "ignore-unused"
"""What is wrong with ignores has the ids of rules, too."""

SERVICE_NOWHERE, ROLE_NOWHERE, TWO_CLUSTERS = "service-nowhere", "role-without-cluster", "server-of-two-clusters"
"""Rules on values, which every build finds by itself, and comments silence as the rules on Applications."""
LATER_RULES = ("source-path-missing", "source-file-missing", "source-renderer-mismatch", "source-overridden")
"""Rules that `kloom validate` alone can check; comments in values files silence them there."""

_COMMENT = pattern(r"#[ \t]*kloom:[ \t]*ignore(?![^\s])[ \t]*(\S*)[ \t]*(.*)")


class Ignore:
    """One comment: the rule, the reason, where it stands, and the lines that it holds for."""

    __slots__ = ("column", "first", "last", "line", "reason", "rule")

    def __init__(self, rule: str, reason: str, at: tuple[int, int], lines: tuple[int, int]) -> None:
        self.rule = rule
        self.reason = reason
        self.line, self.column = at
        self.first, self.last = lines


class Ignores:
    """The ignores of some files, and which of them silenced anything.

    ignores = Ignores(RULES_BY_ID)
    ignores.read("services/cart.yaml", text)
    findings = [*ignores.kept(findings), *ignores.mistakes(), *ignores.unused()]
    """

    __slots__ = ("_by_file", "_known", "_used")

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._by_file: dict[str, list[Ignore]] = {}
        self._used: set[Ignore] = set()

    def read(self, file: str, text: str) -> None:
        """Take in the comments of a file, once; the name is the one that findings about it bear."""
        if file not in self._by_file and (found := list(ignores_in(text))):
            self._by_file[file] = found

    def kept(self, results: Iterable[Result]) -> Iterator[Result]:
        """The results that no comment silences."""
        for result in results:
            if not (self._by_file and result.tags.get(RULE_TAG) in self._known and self._silences(result)):
                yield result

    def mistakes(self) -> Iterator[Result]:
        """Comments that name no rule that there is, or give no reason: errors."""
        for file, ignore in self._all():
            if ignore.rule not in self._known:
                hint = did_you_mean(ignore.rule, self._known)
                was = f"was {ignore.rule}" if ignore.rule else "none was named"
                message = f"kloom: ignore must name a rule that can be silenced, {was}; `kloom rules` lists all{hint}"
                yield _at(file, ignore, message, UNKNOWN_RULE)
            elif not ignore.reason:
                message = f"kloom: ignore {ignore.rule} must be followed by the reason"
                yield _at(file, ignore, message, WITHOUT_REASON)

    def unused(self) -> Iterator[Result]:
        """Comments without a mistake that silenced nothing: warnings."""
        for file, ignore in self._all():
            if ignore not in self._used and ignore.rule in self._known and ignore.reason:
                message = f"kloom: ignore {ignore.rule} silences nothing here: take it out"
                yield _at(file, ignore, message, UNUSED).but(severity="warning")

    def _silences(self, result: Result) -> bool:
        rule = result.tags.get(RULE_TAG)
        found = [
            ignore
            for ignore in self._by_file.get(result.file, ())
            if ignore.rule == rule and ignore.reason and ignore.first <= result.line <= ignore.last
        ]
        self._used.update(found)
        return bool(found)

    def _all(self) -> Iterator[tuple[str, Ignore]]:
        return ((file, ignore) for file, ignores in self._by_file.items() for ignore in ignores)


def ignores_in(text: str) -> Iterator[Ignore]:
    """The ignores that a text's comments say; nothing for a text that is no YAML."""
    if "ignore" not in text or not _COMMENT.search(text):
        return
    try:
        roots = compose_documents(text)
    except YamlError:
        return
    nodes = [node for root in roots for node in _nodes(root)]
    blocks = _last_lines(nodes)
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        found = _COMMENT.search(line)
        if found is None or _is_inside_scalar(nodes, number - 1, found.start()):
            continue
        first = number if line[: found.start()].strip() else _next_entry(lines, number)
        last = max(blocks.get(first, first), first)
        yield Ignore(found[1], found[2].strip(), (number, found.start() + 1), (first, last))


def _nodes(root: yaml.Node) -> list[yaml.Node]:
    """All nodes below, each once."""
    found: dict[int, yaml.Node] = {}
    todo = [root]
    while todo:
        node = todo.pop()
        if id(node) not in found:
            found[id(node)] = node
            todo += _parts(node)
    return list(found.values())


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    for part in node.value if isinstance(node.value, list) else ():
        yield from part if isinstance(part, tuple) else (part,)


def _last_lines(nodes: Iterable[yaml.Node]) -> dict[int, int]:
    """The last line of the entry (key and value, or list item) that begins on a line."""
    found: dict[int, int] = {}
    for node in nodes:
        for part in node.value if isinstance(node.value, list) else ():
            first, value = part if isinstance(part, tuple) else (part, part)
            line = first.start_mark.line + 1
            found[line] = max(found.get(line, 0), _last_line(value))
    return found


def _last_line(node: yaml.Node) -> int:
    """The line on which a node ends. The parser has a block end where the next thing begins, so its last part tells."""
    from yaml.nodes import CollectionNode

    for _ in range(MAX_DEPTH):
        if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
            break
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end = node.end_mark
    return int(end.line) + (end.column > 0)


def _is_inside_scalar(nodes: Iterable[yaml.Node], line: int, column: int) -> bool:
    """Whether the place is in the text of a scalar, where `#` begins no comment."""
    return any(
        isinstance(node.value, str)
        and (node.start_mark.line, node.start_mark.column)
        <= (line, column)
        < (node.end_mark.line, node.end_mark.column)
        for node in nodes
    )


def _next_entry(lines: list[str], number: int) -> int:
    """The next line, from the one behind this number on, that is neither empty nor a comment."""
    for at in range(number, len(lines)):
        content = lines[at].strip()
        if content and not content.startswith("#"):
            return at + 1
    return number


def _at(file: str, ignore: Ignore, message: str, rule: str) -> Result:
    from kloom.sdk.result import Result

    return Result.error(message, file=file, line=ignore.line, column=ignore.column, tags={RULE_TAG: rule})
