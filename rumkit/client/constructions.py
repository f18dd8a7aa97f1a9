"""`new X("id", "1.0.0", "eu-west-1", {...})` in minified code: the construction of the web client.

The class has lost its name: it is known by its own members, or by the arguments that it is given.
Only what surrounds a construction is parsed.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rumkit.aws_names import is_region, is_uuid
from rumkit.client.anchors import (
    CLASS,
    GAP,
    OWN_OPTIONS,
    Spot,
    end_after,
    find_spots,
    places,
    start_before,
)
from rumkit.client.find import find_snippets
from rumkit.client.html import Script
from rumkit.client.page import Page
from rumkit.client.source.javascript import FUNCTIONS, ScriptSource, arguments, immediate_call
from rumkit.client.values import Expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from rumkit.client.snippet import Snippet
    from rumkit.client.source.javascript import Path

_VERSION = re.compile(r"v?\d{1,4}(?:\.\d{1,6}){0,3}[\w.+-]{0,30}")
# Members of the client's class: of the full build, and of the slim one.
_MEMBERS = ("constructBuiltinPlugins", "Initialized RUM Slim")
_NEVER_TEXT = frozenset(
    ("array", "arrow_function", "class", "function_expression", "number", "object", "regex")
)
_BUILT_IN = frozenset(("DataView", "Date", "Error", "Promise", "Proxy", "RegExp", "Uint8Array"))
_GIVEN = frozenset(("assignment_expression", "variable_declarator"))
_MODULE_HOLDERS = frozenset(("array", "object", "pair", "ERROR", "expression_statement"))
_AFTER = 6_000
_BESIDE = 500
_LONG = 10_000
_SHORT = 30_000
# A class written as a function is longer than this, and the values around its members are not.
_CLASS_BYTES = 500
_MAX_NEW = 300
_MAX_CANDIDATES = 4
# Of `strength`: what the client's construction has at least, beside its code.
LIKELY = 3

_Range = tuple[int, int]
_RENAMED = re.compile(rf"new\s+{CLASS}\b")


def find_constructions(text: str) -> tuple[Snippet, ...]:
    """Return what may be constructions of the client, with the lines of the text.

    A construction does not tell the build. Never raises; the work is bounded.
    """
    uses = {*places(text, CLASS), *_class_uses(text)}
    search = _Search(text, find_spots(text, uses))
    constructions = search.constructions(lambda made: any(made[0] <= use < made[1] for use in uses))
    if max(map(strength, constructions), default=0) < LIKELY:
        constructions += search.constructions(lambda _: True)
    return tuple(each for each in constructions if strength(each) >= LIKELY)


def strength(snippet: Snippet) -> int:
    """Weigh the arguments, 0 to 8: an id, a version, a Region, and options of the client's own."""
    monitor, version, region = snippet.app_monitor_id, snippet.app_version, snippet.region
    weight = min(len(OWN_OPTIONS & snippet.config.keys()), 3)
    if isinstance(monitor, str) and is_uuid(monitor):
        weight += 2
    if isinstance(region, str) and is_region(region):
        weight += 2
    if isinstance(version, str) and _VERSION.fullmatch(version):
        weight += 1
    return weight


class _Search:
    """A look for constructions at the likely places of a text."""

    def __init__(self, text: str, spots: list[Spot]) -> None:
        self._spots = spots
        self._pieces = [_piece(text, spot.start, spot.end) for spot in spots]
        self._declared: dict[int, str] = {}
        self._seen: set[int] = set()

    def constructions(self, wanted: Callable[[_Range], bool]) -> list[Snippet]:
        """Return the constructions that are wanted and were not looked at before."""
        snippets: list[Snippet] = []
        for index, (spot, piece) in enumerate(zip(self._spots, self._pieces, strict=True)):
            near = [
                (spot.distance(*made), made)
                for made in piece.candidates()
                if made[0] not in self._seen and wanted(made)
            ]
            for distance, made in sorted(near)[:_MAX_CANDIDATES]:
                if distance <= GAP:
                    self._seen.add(made[0])
                    read = self._read(index, made[0])
                    snippets += [each for each in read if each not in snippets]
        return snippets

    def _read(self, index: int, at: int) -> list[Snippet]:
        """Read a construction; what it names may be told at another place of the text.

        In minified code of one scope a free name has one meaning; that the values are then of
        the right kinds, and more of them, is the check on it.
        """
        piece = self._pieces[index]
        best = piece.read(at)
        for other in range(len(self._spots)) if any(map(_unresolved, best)) else ():
            if other != index and (declared := self._declarations(other)):
                again = piece.read(at, declared=declared)
                best = max(best, again, key=lambda read: sum(map(strength, read)))
        return best

    def _declarations(self, index: int) -> str:
        if index not in self._declared:
            self._declared[index] = _declarations(self._pieces[index], self._spots[index])
        return self._declared[index]


def _declarations(piece: _CallPiece, spot: Spot) -> str:
    """Return the declarations at a spot and beside it, as one statement."""
    by_place: dict[int, str] = {}
    for place, _ in spot.anchors:
        path = piece.path_at(place) or []
        for outer, node in itertools.pairwise(path):
            if node.type in _GIVEN:
                beside = [each for each in outer.named_children if _named(each)]
                by_place.update(piece.texts(beside, spot.start - _BESIDE, spot.end + _BESIDE))
                break
    return f"var {','.join(by_place.values())};" if by_place else ""


def _unresolved(snippet: Snippet) -> bool:
    told = (snippet.app_monitor_id, snippet.app_version, snippet.region)
    return snippet.config_open or any(isinstance(value, Expression) for value in told)


def _named(node: Node) -> bool:
    """Say whether a node gives a value to a plain name."""
    name = node.child_by_field_name("name") or node.child_by_field_name("left")
    return node.type in _GIVEN and name is not None and name.type == "identifier"


def _piece(text: str, start: int, end: int) -> _CallPiece:
    begin = start_before(text, start)
    return _CallPiece(text, begin, end_after(text, begin, end, min(end + _AFTER, len(text))))


@dataclass
class _CallPiece:
    """A stretch of a text, parsed. Places are offsets in the text, in characters."""

    text: str
    start: int
    end: int

    @cached_property
    def source(self) -> ScriptSource:
        """Return the parsed stretch."""
        return ScriptSource(self.text[self.start : self.end])

    def candidates(self) -> Iterator[tuple[int, int]]:
        """Yield begin and end of the constructions whose arguments have the client's shape."""
        for offset in self.source.occurrences("new")[:_MAX_NEW]:
            path = self.made_at(offset)
            if path is not None and _shaped(self.source, path[-1]):
                yield self.place(path[-1].start_byte), self.place(path[-1].end_byte)

    def made_at(self, offset: int) -> Path | None:
        """Return the path to the construction that begins at a byte."""
        path = self.source.path(offset)
        made = path and len(path) > 1 and path[-2].type == "new_expression"
        return path[:-1] if path and made else None

    def path_at(self, place: int) -> Path | None:
        """Return the nodes that hold a place of the text."""
        return self.source.path(self.byte(place))

    def texts(self, nodes: list[Node], start: int, end: int) -> dict[int, str]:
        """Return the texts of the shorter nodes between two places, by their byte."""
        least, most = self.byte(start), self.byte(end)
        return {
            node.start_byte: self.source.text(node, _LONG)
            for node in nodes
            if node.start_byte <= most
            and node.end_byte >= least
            and node.end_byte - node.start_byte < _LONG
        }

    def read(self, at: int, *, declared: str = "") -> list[Snippet]:
        """Read the construction at a place, with what stands around it and was declared before."""
        path = self.made_at(self.byte(at))
        if path is None:
            return []
        body = _body(path)
        line = self.text.count("\n", 0, self.start) + body.start_point[0] + 1
        code = declared + _renamed(self.source, body, path[-1])
        return _snippets(code, line - declared.count("\n"))

    def place(self, byte: int) -> int:
        """Return the place of a byte of the stretch."""
        return self.start + len(self.source.data[:byte].decode("utf-8", "replace"))

    def byte(self, place: int) -> int:
        """Return the byte of the stretch that a place is at."""
        return len(self.text[self.start : max(place, self.start)].encode("utf-8", "replace"))


def _shaped(source: ScriptSource, made: Node) -> bool:
    """Say whether a construction could be the client's, by the kinds of its arguments."""
    named = made.child_by_field_name("constructor")
    given = [each.type for each in arguments(made)]
    name = source.text(named, 200).rpartition(".")[2] if named is not None else ""
    if name in {CLASS, *_BUILT_IN}:
        return name == CLASS
    return len(given) in {3, 4} and not _NEVER_TEXT.intersection(given[:3])


def _body(path: Path) -> Node:
    """Return the innermost code that bundlers wrap and that is still worth reading whole.

    webpack and Turbopack keep modules as `123: (e, t, n) => {...}` or `[123, e => {...}]`,
    SystemJS as `execute: function () {...}`; a whole script may be `(() => {...})()`.
    """
    body = path[0]
    in_module = False
    for depth, (outer, node) in enumerate(itertools.pairwise(path)):
        inside = node.child_by_field_name("body") if node.type in FUNCTIONS else None
        if inside is None or inside.type != "statement_block":
            continue
        module = not in_module and _holds_module(outer, node)
        long = body.end_byte - body.start_byte > _SHORT
        if module or (long and immediate_call(path, depth + 1) is not None):
            body = inside
        in_module = in_module or module
    return body


def _holds_module(outer: Node, function: Node) -> bool:
    name = function.child_by_field_name("name") or outer.child_by_field_name("key")
    if name is not None and name.type in {"property_identifier", "identifier"}:
        return outer.type in _MODULE_HOLDERS and name.text == b"execute"
    return outer.type in _MODULE_HOLDERS


def _renamed(source: ScriptSource, body: Node, made: Node) -> str:
    """Return the statements of a body that matter, the construction's class written `AwsRum`."""
    named = made.child_by_field_name("constructor")
    assert named is not None
    lines = b"\n" * (named.end_point[0] - named.start_point[0])
    pieces: list[bytes] = []
    row = body.start_point[0]
    least, most = made.start_byte - GAP, made.end_byte + _AFTER
    for node in body.children:
        start, end = node.start_byte, node.end_byte
        pieces.append(b"\n" * (node.start_point[0] - row) or b" ")
        row = node.start_point[0]
        if start <= named.start_byte < end:
            before = source.data[start : named.start_byte]
            pieces += [before, b" ", CLASS.encode(), lines, source.data[named.end_byte : end]]
        elif node.type not in {"{", "}"} and start <= most and end >= least:
            pieces.append(source.data[start:end])
        else:
            continue
        row = node.end_point[0]
    return b"".join(pieces).decode("utf-8", "replace")


def _snippets(body: str, line: int) -> list[Snippet]:
    """Read the constructions of the renamed class in a piece of code.

    Those of other classes have reads of their own. That the code was cut out of its script is no
    fault.
    """
    script = Script(index=0, text=body, attributes={}, line=line)
    page = Page("", "", 200, (), body, scripts=(script,), language="javascript")
    return [
        replace(
            snippet,
            script_index=None,
            problems=tuple(each for each in snippet.problems if each.code != "syntax"),
        )
        for snippet in find_snippets(page)
        if snippet.kind == "npm" and _RENAMED.match(snippet.source)
    ]


def _class_uses(text: str) -> Iterator[int]:
    """Yield where the client's own class is constructed, when the text holds the class."""
    for member in _MEMBERS:
        at = text.find(member)
        if at < 0:
            continue
        piece = _piece(text, at, at)
        path = piece.path_at(at)
        name = _class_name(piece.source, path) if path else ""
        if name:
            for spelling in (f"new {name}(", f"new {name} (", f"new({name})("):
                yield from places(text, spelling)
        made = next((node for node in path or () if node.type == "new_expression"), None)
        if made is not None:
            yield piece.place(made.end_byte) - 1


def _class_name(source: ScriptSource, path: Path) -> str:
    """Return the name of the class, or of what a function makes, that holds the path's end."""
    for node in reversed(path):
        name = node.child_by_field_name("name") or node.child_by_field_name("left")
        made = node.type in _GIVEN and node.end_byte - node.start_byte > _CLASS_BYTES
        whole = made or node.type in {"class", "class_declaration"}
        if whole and name is not None and name.type == "identifier":
            return source.text(name, 60)
    return ""
