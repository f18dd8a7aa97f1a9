"""JavaScript and TypeScript source as a tree that is searched by place, within bounds.

tree-sitter parses; nothing is ever run. Ancestors are found by descending from the root, so that
nesting costs no recursion.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from rumkit.client.source.fills import restored, statements
from rumkit.client.source.templates import branches

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from tree_sitter import Language as Grammar
    from tree_sitter import Node, Parser, Tree

    from rumkit.client.source.fills import Fill
    from rumkit.client.source.templates import Branch

Language = Literal["javascript", "typescript", "tsx"]
Path: TypeAlias = list["Node"]

_PARSE_SECONDS = 0.06
_ALL_SECONDS = 0.1
_CHUNK = 4_096
_IN_WORD = frozenset(b"$_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MAX_DEPTH = 400
_MAX_OCCURRENCES = 2_000
_MAX_PLACES = 60
FUNCTIONS = frozenset(
    [
        "function_expression",
        "function",
        "arrow_function",
        "function_declaration",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    ]
)
_ARGUMENTS = frozenset(["arguments"])
_WRAPPERS = frozenset(
    [
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    ]
)


@dataclass
class Budget:
    """What may be spent on the trees of all the scripts of a page.

    `seconds` of processor time for parsing, `steps` down the trees for finding places in them.
    Once they are over nothing more is found: what was read until then counts.
    """

    seconds: float = _ALL_SECONDS
    steps: int = 40_000


class ScriptSource:
    """One script: its bytes and, once asked for, its tree. `fills` are what its marks stand for."""

    def __init__(
        self,
        text: str,
        language: Language = "javascript",
        budget: Budget | None = None,
        fills: tuple[Fill, ...] = (),
    ) -> None:
        self._budget = budget or Budget()
        self.data = text.encode("utf-8", "replace")
        self.language = language
        self.fills = fills
        self._occurrences: dict[str, list[int]] = {}
        self._paths: dict[int, Path | None] = {}
        self._statements: list[int] | None = None
        self._ways: dict[int, tuple[Branch, ...]] = {}

    @cached_property
    def _parsed(self) -> tuple[Tree, bool]:
        begun = time.thread_time()
        parsed = _parse(self.data, self.language, min(_PARSE_SECONDS, self._budget.seconds))
        self._budget.seconds -= time.thread_time() - begun
        return parsed

    @property
    def tree(self) -> Tree:
        """Parse the script, up to the time limit; what lies beyond is left out of the tree."""
        return self._parsed[0]

    @property
    def root(self) -> Node:
        """Return the tree's root."""
        return self.tree.root_node

    @property
    def broken(self) -> bool:
        """Say whether the parser met a syntax error, as far as it came."""
        return self.root.has_error and not self._parsed[1]

    def text(self, node: Node, limit: int = 2_000) -> str:
        """Return a node's source text as it was written, cut at the limit."""
        return restored(self.bare_text(node, limit), self.fills)[:limit]

    def bare_text(self, node: Node, limit: int = 2_000) -> str:
        """Return a node's text with the marks in it, cut at the limit."""
        end = min(node.end_byte, node.start_byte + limit)
        return self.data[node.start_byte : end].decode("utf-8", "replace")

    def ways(self, place: int) -> tuple[Branch, ...]:
        """Return the branches of a template, within this text, that hold a place."""
        if not self.fills:
            return ()
        if self._statements is None:
            self._statements = statements(self.data)
        before = bisect_left(self._statements, place)
        if before not in self._ways:
            end = self._statements[before] if before < len(self._statements) else len(self.data)
            text = restored(self.data[:end].decode("utf-8", "replace"), self.fills)
            self._ways[before] = branches(text + " ", len(text)) if before else ()
        return self._ways[before]

    def path(self, start: int) -> Path | None:
        """Return the nodes that hold the byte, root first.

        None when they nest too deeply, and when the budget is spent.
        """
        if start not in self._paths:
            if self._budget.steps <= 0:
                return None
            path = self._path(start)
            self._budget.steps -= len(path)
            self._paths[start] = path if len(path) < _MAX_DEPTH else None
        known = self._paths[start]
        return None if known is None else list(known)

    def place(self, start: int) -> tuple[Node, Node] | None:
        """Return the innermost node at a byte, and its parent: what is soon found."""
        leaf = self.root.descendant_for_byte_range(start, start + 1)
        if leaf is None or leaf.parent is None:
            return None
        return leaf, leaf.parent

    def _path(self, start: int) -> Path:
        cursor = self.tree.walk()
        nodes: Path = []
        for _ in range(_MAX_DEPTH):
            node = cursor.node
            assert node is not None
            nodes.append(node)
            if cursor.goto_first_child_for_byte(start) is None:
                return nodes
            while cursor.node is not None and cursor.node.end_byte <= start:
                if not cursor.goto_next_sibling():
                    return nodes
            if cursor.node is None or cursor.node.start_byte > start:
                return nodes
        return nodes

    def path_to(self, node: Node) -> Path | None:
        """Return the nodes from the root down to this one."""
        path = self.path(node.start_byte)
        return path[: path.index(node) + 1] if path and node in path else None

    def occurrences(self, word: str) -> list[int]:
        """Return the offsets of a whole word; at most a few thousand."""
        if word not in self._occurrences:
            self._occurrences[word] = list(islice(self._find(word), _MAX_OCCURRENCES))
        return self._occurrences[word]

    def occurrences_within(self, word: str, start: int, end: int) -> list[int]:
        """Return the offsets of a whole word between two offsets."""
        occurrences = self.occurrences(word)
        return occurrences[bisect_left(occurrences, start) : bisect_left(occurrences, end)]

    def places(self, pattern: re.Pattern[bytes]) -> list[int]:
        """Return where a pattern is met, inside of what it meets; at most a few dozen places."""
        matches = islice(pattern.finditer(self.data), _MAX_PLACES)
        return [min(match.start() + 1, match.end()) for match in matches]

    def too_common(self, word: str) -> bool:
        """Say whether a word occurs too often to look at every place."""
        return len(self.occurrences(word)) >= _MAX_OCCURRENCES

    def _find(self, word: str) -> Iterator[int]:
        sought = word.encode()
        # With a space around the text each of its bytes has a neighbour.
        text = b" %b " % self.data
        at = text.find(sought, 1)
        while sought and at >= 0:
            end = at + len(sought)
            if text[at - 1] not in _IN_WORD and text[end] not in _IN_WORD:
                yield at - 1
            at = text.find(sought, end)


def _parse(data: bytes, language: Language, seconds: float) -> tuple[Tree, bool]:
    """Return the tree, and whether the time ended before the text did."""
    parser = _parser(language)
    deadline = time.thread_time() + seconds
    late = parsed = False
    handed = 0

    def read(offset: int, _point: object) -> bytes:
        nonlocal late, handed
        # The tree's nodes ask for their text here too, once all is parsed.
        late = late or (not parsed and time.thread_time() >= deadline)
        # What was handed out once is there again: the parser crashes on a text that changes.
        end = handed if late and not parsed else offset + _CHUNK
        handed = max(handed, end)
        return data[offset:end]

    tree = parser.parse(read)
    parsed = True
    assert tree is not None
    return tree, late


def _parser(language: Language) -> Parser:
    """Return a parser of its own for each script: parsers are not to be shared by threads."""
    import tree_sitter

    return tree_sitter.Parser(_grammar(language))


@cache
def _grammar(language: Language) -> Grammar:
    import tree_sitter

    if language == "javascript":
        import tree_sitter_javascript

        return tree_sitter.Language(tree_sitter_javascript.language())
    import tree_sitter_typescript

    if language == "tsx":
        return tree_sitter.Language(tree_sitter_typescript.language_tsx())
    return tree_sitter.Language(tree_sitter_typescript.language_typescript())


def bare(node: Node) -> Node:
    """Strip parentheses and TypeScript's assertions from an expression."""
    for _ in range(_MAX_DEPTH):
        if node.type not in _WRAPPERS:
            break
        inner = next((c for c in node.named_children if c.type != "comment"), None)
        if node.type == "type_assertion":
            inner = node.named_children[-1] if node.named_children else None
        if inner is None:
            break
        node = inner
    return node


def brief(node: Node | None, limit: int = 100) -> str:
    """Return a short node's text; nothing of a longer one, which no name is."""
    return text_of(node) if node and node.end_byte - node.start_byte <= limit else ""


def text_of(node: Node | None) -> str:
    """Return a node's whole text; nothing for none."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def is_field(parent: Node, field: str, child: Node) -> bool:
    """Say whether a node is its parent's child of this name."""
    return parent.child_by_field_name(field) == child


def first_part(node: Node) -> Node | None:
    """Return the first named child; None when there is none."""
    return node.named_child(0) if node.named_child_count else None


def callee_of(call: Node) -> Node | None:
    """Return what is called or constructed."""
    return call.child_by_field_name("function") or call.child_by_field_name("constructor")


def arguments(call: Node) -> list[Node]:
    """Return the arguments of a call or a construction."""
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "arguments":
        return []
    return [child for child in listed.named_children if child.type != "comment"]


def enclosing(path: Path, kinds: frozenset[str]) -> tuple[int, Node] | None:
    """Return the innermost node of some kinds that holds the path's last node, and its depth."""
    for depth in range(len(path) - 2, -1, -1):
        if path[depth].type in kinds:
            return depth, path[depth]
    return None


def call_around(path: Path) -> Path | None:
    """Return the path to the innermost call or construction that is given the path's end."""
    holder = enclosing(path, _ARGUMENTS)
    return path[: holder[0]] if holder else None


def immediate_call(path: Path, depth: int) -> Node | None:
    """Return the call that runs the function at `path[depth]` on the spot.

    Knows `(function(){...})(...)`, `!function(){...}(...)`, `.call(this, ...)` and `await`.
    """
    at = depth - 1
    while at >= 0 and path[at].type in _WRAPPERS:
        at -= 1
    if at < 0:
        return None
    outer = path[at]
    if outer.type == "call_expression":
        callee = outer.child_by_field_name("function")
        return outer if callee is not None and bare(callee) == path[depth] else None
    if outer.type == "member_expression" and at > 0 and path[at - 1].type == "call_expression":
        method = outer.child_by_field_name("property")
        if method is not None and method.text == b"call":
            return path[at - 1]
    return None


def bound_arguments(call: Node) -> list[Node]:
    """Return the arguments that reach the function's parameters (`.call` gives `this` first)."""
    given = arguments(call)
    callee = call.child_by_field_name("function")
    method = bare(callee).child_by_field_name("property") if callee is not None else None
    return given[1:] if method is not None and method.text == b"call" else given


def parameters(function: Node) -> list[Node]:
    """Return a function's formal parameters, as patterns."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return [single]
    listed = function.child_by_field_name("parameters")
    if listed is None:
        return []
    return [c for c in listed.named_children if c.type != "comment"]
