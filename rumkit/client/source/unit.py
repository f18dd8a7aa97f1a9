"""One script of a page made ready for reading: cut to size, placeholders set aside."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rumkit.client.source.constants import Constants
from rumkit.client.source.javascript import Budget, Source
from rumkit.client.source.placeholders import neutralised

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.html import Script
    from rumkit.client.source.javascript import Language

# The parser reads about four megabytes in a second; of larger scripts only what surrounds the
# client's names is parsed.
_WHOLE = 600_000
_AROUND = 60_000
_MAX_WINDOWS = 8
_NEEDLES = ("AwsRum", "cwr", "client.rum.", "AwsNexusTelemetry")


class Realm:
    """The scripts of one page, which share their globals."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.budget = Budget()

    def add(self, script: Script, language: Language) -> None:
        """Add a script that runs."""
        self.units.append(Unit(script, language, self))

    def unit(self, index: int | None) -> Unit | None:
        """Return the script with an index."""
        return next((u for u in self.units if u.script.index == index), None)

    def others(self, unit: Unit, name: str) -> list[Constants]:
        """Return the folders of the other scripts that hold a name."""
        named = [u for u in self.units if u is not unit and name in u.script.text]
        return [u.constants for u in named[:5]]


class Unit:
    """A script, its tree and its constants."""

    def __init__(self, script: Script, language: Language, realm: Realm) -> None:
        self.script = script
        self.language = language
        self._realm = realm

    def mentions(self, *words: str) -> bool:
        """Say whether the script holds one of the words at all."""
        return any(word in self.script.text for word in words)

    @cached_property
    def _parsed(self) -> tuple[Source, tuple[str, ...]]:
        """Return the source, and the placeholders that had to be replaced to parse it."""
        text = _cut(self.script.text)
        plain = Source(text, self.language, self._realm.budget)
        if not plain.broken:
            return plain, ()
        mended, placeholders = neutralised(text)
        if not placeholders:
            return plain, ()
        return Source(mended, self.language, self._realm.budget), placeholders

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Return template placeholders that made the script unparsable."""
        return self._parsed[1]

    @property
    def source(self) -> Source:
        """Return the parsed source."""
        return self._parsed[0]

    @cached_property
    def constants(self) -> Constants:
        """Return the folder of the script's constants."""
        return Constants(self.source, others=lambda name: self._realm.others(self, name))

    @property
    def broken(self) -> bool:
        """Say whether the script, read whole, holds a syntax error."""
        return len(self.script.text) <= _WHOLE and self.source.broken

    @property
    def broken_line(self) -> int:
        """Return the page's line of the first syntax error."""
        return self.line(self._first_error())

    @property
    def error_bytes(self) -> int:
        """Return the number of bytes in the outermost error nodes."""
        return sum(max(e.end_byte - e.start_byte, 1) for e in _errors(self.source.root))

    def _first_error(self) -> Node:
        found = _errors(self.source.root)
        return found[0] if found else self.source.root

    def line(self, node: Node) -> int:
        """Return the page's line on which a node starts."""
        return (self.script.line or 1) + node.start_point[0]


def _errors(root: Node) -> list[Node]:
    """Return the first outermost error nodes, in bounded work."""
    found: list[Node] = []
    pending = [root]
    for _ in range(20_000):
        if not pending or len(found) >= 200:
            break
        node = pending.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        elif node.has_error:
            pending.extend(reversed(node.children))
    return found


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
        pieces.append(_blank(text, end, start))
        end = min(len(text), place + _AROUND)
        pieces.append(text[start:end])
    pieces.append("\n")
    return "".join(pieces)


def _blank(text: str, start: int, end: int) -> str:
    return "\n" * text.count("\n", start, end)


def _places(text: str) -> list[int]:
    places: list[int] = []
    for needle in _NEEDLES:
        at = text.find(needle)
        while at >= 0 and len(places) < 4 * _MAX_WINDOWS:
            places.append(at)
            at = text.find(needle, at + _AROUND // 2)
    return sorted(places)[:_MAX_WINDOWS]


def _statement_start(text: str, start: int) -> int:
    """Move to just behind the next end of a statement, so that no string is cut open."""
    if start == 0:
        return 0
    for mark in (";\n", "}\n", "\n", ";", "}"):
        at = text.find(mark, start, start + _AROUND // 2)
        if at >= 0:
            return at + len(mark)
    return start
