"""One piece of script made ready for reading: cut to size, parsed, its constants at hand."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import count, pairwise
from typing import TYPE_CHECKING

from rumkit.aws_names import UUID
from rumkit.client.source.conditions import condition
from rumkit.client.source.constants import Constants
from rumkit.client.source.fills import marked, naturally_filled, restored, without_marks
from rumkit.client.source.javascript import Budget, ScriptSource, is_field
from rumkit.client.source.pieces import NEEDLES, OPTIONS, mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from rumkit.client.source.fills import Fill
    from rumkit.client.source.javascript import Path
    from rumkit.client.source.pieces import Piece
    from rumkit.client.variables import Variables

# The parser reads about two megabytes in a second; of larger scripts only what surrounds the
# client's names is parsed.
_WHOLE = 60_000
_AROUND = 8_000
_MAX_WINDOWS = 4
_MAX_PLACES = 60
_NEAR = 3_000
_CURLY = re.compile("[\u2018\u2019\u201c\u201d]".encode())
_UUID = re.compile(UUID)
# What only a server's own file asks for.
_SERVER = re.compile(r"""(?:\brequire\(\s*|\bfrom\s+)['"](express|fastify|koa|@hapi/hapi)['"]""")
# What Next.js takes of a server component alone.
_COMPONENT = re.compile(
    r"""^export\s+(?:const\s+metadata\b|(?:async\s+)?function\s+generateMetadata\b)"""
    r"""|\bfrom\s+['"](?:next/headers)['"]|\bimport\s+['"]server-only['"]""",
    re.MULTILINE,
)
_OF_NEXT = re.compile(r"""\bfrom\s+['"]next(?:/[\w/-]+)?['"]|['"]server-only['"]|\bMetadata\b""")
_CLIENT_COMPONENT = re.compile(r"""^\s*['"]use client['"]""", re.MULTILINE)
_MAX_SERVER_TEXT = 200_000
_CHOICES = frozenset(["if_statement", "ternary_expression"])
_TEXTS = frozenset(["string", "template_string", "binary_expression"])


class Realm:
    """The scripts of one page, which share their globals, and the time for reading them."""

    def __init__(self, variables: Variables | None = None) -> None:
        self.variables = variables
        self.units: list[Unit] = []
        self.budget = Budget()
        self.numbers = count()

    def add(self, piece: Piece) -> Unit:
        """Add a script that runs on the page."""
        unit = Unit(piece, self)
        self.units.append(unit)
        return unit

    def others(self, unit: Unit, name: str) -> list[Constants]:
        """Return the folders of the other scripts that hold a name."""
        named = [u for u in self.units if u is not unit and name in u.piece.text]
        return [u.constants for u in named[:5]]


class Unit:
    """A piece of script, its tree and its constants; outside a realm it sees no other script."""

    def __init__(self, piece: Piece, realm: Realm, *, alone: bool = False) -> None:
        self.piece = piece
        self._realm = realm
        self._alone = alone
        self._number = next(realm.numbers)

    def mentions(self, *words: str) -> bool:
        """Say whether the script holds one of the words at all."""
        return any(word in self.piece.text for word in words)

    @cached_property
    def names_client(self) -> bool:
        """Say whether the script names the client, or several of its options."""
        return mentions(self.piece.text)

    @cached_property
    def server(self) -> str:
        """Return the server's framework that the script loads, which no browser has, or nothing."""
        match = _SERVER.search(self.piece.text[:_MAX_SERVER_TEXT])
        return match[1] if match else ""

    @cached_property
    def server_component(self) -> bool:
        """Say whether the script is a server component of Next.js, which no browser runs."""
        text = self.piece.text[:_MAX_SERVER_TEXT]
        named = _COMPONENT.search(text) and _OF_NEXT.search(text)
        return bool(named) and not _CLIENT_COMPONENT.search(text)

    @cached_property
    def source(self) -> ScriptSource:
        """Parse the script in the language, and if need be without tags, that fits it best."""
        text = _cut(self.piece.text)
        text = text if self.piece.fills else without_marks(text)
        best: ScriptSource | None = None
        least = 0
        for version, fills in self._versions(text):
            for language in self.piece.languages:
                tried = ScriptSource(version, language, self._realm.budget, fills)
                if not tried.broken:
                    return tried
                wrong = error_bytes(tried)
                if best is None or wrong < least:
                    best, least = tried, wrong
        assert best is not None
        return best

    def _versions(self, text: str) -> Iterator[tuple[str, tuple[Fill, ...]]]:
        """Yield the text as it stands, then with marks for its tags, if it has any."""
        if not naturally_filled(text):
            yield text, self.piece.fills
        tagged = marked(text, self.piece.fills)
        if len(tagged[1]) > len(self.piece.fills):
            yield tagged

    @property
    def tags(self) -> tuple[str, ...]:
        """Return the template tags that had to be set aside to parse the script."""
        return tuple(fill.source for fill in self.source.fills[len(self.piece.fills) :])

    @cached_property
    def constants(self) -> Constants:
        """Return the folder of the script's constants."""
        others = (lambda _name: ()) if self._alone else self._others
        return Constants(self.source, others=others, variables=self._realm.variables)

    def _others(self, name: str) -> list[Constants]:
        return self._realm.others(self, name)

    def condition(self, place: Path, *, start: int = 0) -> str:
        """Say under which condition a place runs; empty when it runs at once."""
        when = condition(place, start=start, calls_of=self._calls_of)
        return restored(when, self.source.fills)

    def _calls_of(self, function: Node) -> list[Path]:
        uses = [*self.constants.calls_of(function), *self.constants.handed_over(function)]
        paths = map(self.source.path_to, uses)
        return [path for path in paths if path is not None]

    def choices(self, place: Path) -> tuple[tuple[str, int], ...]:
        """Return the choices (of the code, of the template around it) that lead to a place."""
        choices = list(self.piece.choices)
        choices += [
            (f"{self._number} {b.choice}", b.way) for b in self.source.ways(place[-1].start_byte)
        ]
        for node, child in pairwise(place):
            if node.type in _CHOICES:
                way = 0 if is_field(node, "consequence", child) else 1
                choices.append((f"{self._number} {node.start_byte} {node.type}", way))
            elif child.type == "pair" and place[-1].type in _TEXTS and child == place[-2]:
                # Texts under several names of one object: one for each environment.
                choices.append((f"{self._number} {node.start_byte} object", child.start_byte))
        return tuple(choices)

    @property
    def broken(self) -> bool:
        """Say whether the script, read whole, holds a syntax error."""
        if len(self.piece.text) > _WHOLE:
            return False
        return self.source.broken or self._curly_quote is not None

    @property
    def broken_line(self) -> int:
        """Return the page's line of the first syntax error."""
        broken = [*errors(self.source.root), self._curly_quote or self.source.root]
        return self.line(broken[0])

    @cached_property
    def _curly_quote(self) -> Node | None:
        """Return a name with a word processor's quote in it, which no browser takes for one."""
        for offset in self.source.places(_CURLY):
            path = self.source.path(offset)
            if path and path[-1].type.endswith("identifier"):
                return path[-1]
        return None

    def line(self, node: Node) -> int:
        """Return the page's line on which a node starts."""
        return self.piece.line + node.start_point[0]


def errors(root: Node) -> list[Node]:
    """Return the outermost error nodes, in bounded work."""
    nodes: list[Node] = []
    pending = [root]
    for _ in range(5_000):
        if not pending or len(nodes) >= 200:
            break
        node = pending.pop()
        if node.is_error or node.is_missing:
            nodes.append(node)
        elif node.has_error:
            pending.extend(reversed(node.children))
    return nodes


def error_bytes(source: ScriptSource) -> int:
    """Return the number of bytes in the outermost error nodes."""
    return sum(max(e.end_byte - e.start_byte, 1) for e in errors(source.root))


def _cut(text: str) -> str:
    """Blank out what lies far from the client's names in a large script, keeping its lines."""
    if len(text) <= _WHOLE:
        return text
    pieces: list[str] = []
    end = 0
    for place in _places(text):
        if place < end - _AROUND // 2:
            continue
        start = max(end, _statement_start(text, max(0, place - _AROUND)))
        pieces.append("\n" * text.count("\n", end, start))
        end = min(len(text), place + _AROUND)
        pieces.append(text[start:end])
    pieces.append("\n")
    return "".join(pieces)


def _places(text: str) -> list[int]:
    """Return where the client is named; places with an id nearby count first."""
    places: list[int] = []
    for needle in (*NEEDLES, *OPTIONS):
        at = text.find(needle)
        while at >= 0 and len(places) < _MAX_PLACES:
            places.append(at)
            at = text.find(needle, at + _AROUND // 2)

    def without_id(place: int) -> bool:
        return _UUID.search(text, max(0, place - _NEAR), place + _NEAR) is None

    return sorted(sorted(places, key=without_id)[:_MAX_WINDOWS])


def _statement_start(text: str, start: int) -> int:
    """Move to just behind the next end of a statement, so that no string is cut open."""
    if start == 0:
        return 0
    for mark in (";\n", "}\n", "\n", ";", "}"):
        at = text.find(mark, start, start + _AROUND // 2)
        if at >= 0:
            return at + len(mark)
    return start
