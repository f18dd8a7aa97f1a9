"""Records out of JSON text of any layout, following strings and brackets and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# CloudTrail's own limit for an event is 256 KB; records inside other wrappers may be larger.
MAX_UNIT: Final = 8_000_000
# After a break the search goes on at the next record. Text that breaks again and again is
# given up, so that the time stays in proportion to its length.
_MAX_BREAKS: Final = 50
# Far below what a JSON parser takes.
_DEEPEST: Final = 500
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_WRAPPERS: Final = {
    b'"Records"', b'"Events"', b'"logEvents"', b'"events"', b'"data"', b'"Messages"'
}  # fmt: skip
_RECORD: Final = re.compile(rb'{\s{0,64}"eventVersion"')


def units(pieces: Iterable[bytes], problems: list[str]) -> Iterator[bytes]:
    """Yield the objects of a stream: those in a wrapper's list, else the outermost ones.

    What is not JSON, or breaks off, is added to `problems`; whole records after it are found.
    """
    splitter = _Splitter(problems)
    for piece in pieces:
        yield from splitter.feed(piece)
    yield from splitter.close()


class _Splitter:
    """Follows brackets and strings over pieces of text; holds at most one unit."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.held = b""
        self.at = 0  # everything in `held` before this has been looked at
        self.stack: list[bytes] = []
        self.unit = -1  # where the present unit begins in `held`, or -1
        self.level = 0  # how many brackets are open at the unit's own
        self.key = b""  # the last string at depth one: the key of a wrapper's list
        self.lost = False  # looking for the next record after a break
        self.breaks = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the units that end in a piece."""
        if self.breaks > _MAX_BREAKS:
            return
        self.held += piece
        yield from self._read()
        while len(self.held) > MAX_UNIT and self.breaks <= _MAX_BREAKS:
            self._break("a record is too large or not JSON")
            yield from self._read()

    def close(self) -> Iterator[bytes]:
        """Yield what can be had after a unit that the end of the text cut off, and report it."""
        while not self.lost and (self.unit >= 0 or self.stack or self.held.strip(b" \t\r\n,\0")):
            if self.breaks > _MAX_BREAKS:
                return
            self._break("text breaks off inside a record" if self.unit >= 0 else "text is not JSON")
            yield from self._read()

    def _read(self) -> Iterator[bytes]:
        """Yield the units that end in what is held, then drop what is done with."""
        reading = True
        while reading:
            reading = False
            if self.lost and not self._find_record():
                return
            for match in _TOKEN.finditer(self.held, self.at):
                token = match[0]
                if token == b'"':  # a string that goes on in the next piece
                    break
                self.at = match.end()
                if token[:1] == b'"':
                    if len(self.stack) == 1:
                        self.key = token
                elif token in b"{[" and len(self.stack) < _DEEPEST:
                    self._open(token, match.start())
                elif not self._fits(token):
                    self._break("text is not JSON")
                    reading = self.breaks <= _MAX_BREAKS
                    break
                elif self.stack:
                    yield from self._close(match.end())
        self._forget()

    def _open(self, token: bytes, at: int) -> None:
        if len(self.stack) == 1 and token == b"[" and self.key in _WRAPPERS:
            self.unit = -1  # the object was a wrapper: its items are the units
        self.stack.append(token)
        if token == b"{" and self.unit < 0 and len(self.stack) <= 3:
            self.unit, self.level = at, len(self.stack)

    def _fits(self, token: bytes) -> bool:
        """Return whether a bracket closes the last open one; after a break there may be none.

        One that would open more than any record does fits nowhere.
        """
        if token in b"{[":
            return False
        if not self.stack:
            return self.breaks > 0
        return self.stack[-1] == (b"{" if token == b"}" else b"[")

    def _close(self, end: int) -> Iterator[bytes]:
        if self.unit >= 0 and len(self.stack) == self.level:
            yield self.held[self.unit : end]
            self.unit = -1
        self.stack.pop()

    def _break(self, problem: str) -> None:
        """Report a problem and go on behind the beginning of the unit that had it."""
        self.problems.append(problem)
        self.breaks += 1
        if self.unit >= 0:
            self.at = self.unit + 1
        self.stack.clear()
        self.unit, self.lost = -1, True

    def _find_record(self) -> bool:
        match = _RECORD.search(self.held, self.at)
        if match is None:
            # A beginning may lie across two pieces.
            self.held, self.at = self.held[max(self.at, len(self.held) - 96) :], 0
            return False
        self.at, self.lost = match.start(), False
        return True

    def _forget(self) -> None:
        start = self.unit if self.unit >= 0 else self.at
        self.held, self.at = self.held[start:], self.at - start
        self.unit = 0 if self.unit >= 0 else -1
