"""Finds the few records that matter in trail files, at close to the speed of decompression.

This module runs in worker processes of its own, started by its path, so it imports nothing from
the rest of the library. How it is fast, and why nothing is lost:

- One search with a literal beginning (`"eventName"`) over the raw bytes finds the names that are
  wanted; only those records are cut out and parsed. One pass costs the same for thirty
  names as for one, which searching for each name, or for `errorCode`, does not. Where one kind
  of event is wanted, a single long needle is faster still, because `bytes.find` skips ahead
  by its length.
- A quotation mark inside a JSON string is always escaped, so `"eventName"` and
  `{"eventVersion"` in the bytes are always structure, never somebody's text.
- A cut is used only if everything about it is as CloudTrail writes it. On any surprise (blanks,
  another order of keys, nesting, text that doesn't parse) the file is read again by `split`,
  which follows strings and brackets and needs nothing of the layout.
- libdeflate decompresses a whole file at once and silently stops after the first gzip member;
  the length it should have, and the absence of a second header, are checked, and zlib reads
  what is not certain, what is large (in pieces) and what is broken (as far as it goes).
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

try:
    from deflate import DeflateError, gzip_decompress
except ImportError:  # zlib reads the same files, at about half the speed

    class DeflateError(Exception):  # type: ignore[no-redef]
        """Stands in for libdeflate's error."""

    gzip_decompress = None

# A file that is larger than this when decompressed is read in pieces, so that memory is bounded.
WHOLE: Final = 24_000_000
_PIECE: Final = 1 << 20
# CloudTrail's own limit for an event is 256 KB; wrappers of other shapes may be larger.
_MAX_UNIT: Final = 8_000_000
_MAGIC: Final = b"\x1f\x8b\x08"
_START: Final = b'{"eventVersion"'
_HEAD: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:{\s*"Records"\s*:\s*\[\s*)?{"eventVersion"')
_TAIL: Final = re.compile(rb"[\s\]},]*\Z")
_BETWEEN: Final = re.compile(rb"\s*,?\s*\Z")
_BEFORE: Final = (b",", b"[", b"\n", b"")
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_WRAPPERS: Final = {b'"Records"', b'"Events"', b'"logEvents"', b'"events"'}
_RESYNC: Final = re.compile(rb'{\s*"eventVersion"')
_NEIGHBOURS: Final = 4


class Surprise(Exception):
    """The bytes are not as CloudTrail writes them; read the file the careful way."""


@dataclass(frozen=True)
class Plan:
    """What to look for: event names, and those of them whose successes are not wanted."""

    names: tuple[str, ...]
    failures_only: frozenset[str] = frozenset()

    @property
    def pattern(self) -> re.Pattern[bytes]:
        """Return the search for a trail file as CloudTrail writes it."""
        return re.compile(rb'"eventName"\s*+:\s*+"(' + self._alternatives + rb')"')

    @property
    def loose_pattern(self) -> re.Pattern[bytes]:
        r"""Return the search that also sees records kept as text (`\"eventName\":\"GetId\"`)."""
        return re.compile(
            rb'\\{0,7}"eventName\\{0,7}"\s*+:\s*+\\{0,7}"(' + self._alternatives + rb')\\{0,7}"'
        )

    @property
    def _alternatives(self) -> bytes:
        return b"|".join(re.escape(name.encode()) for name in self.names)


@dataclass
class Found:
    """What a file held: records as JSON bytes, its size when decompressed, what was wrong."""

    records: list[bytes] = field(default_factory=list)
    size: int = 0
    problems: list[str] = field(default_factory=list)


def scan_file(path: str, plan: Plan) -> Found:
    """Scan one file, gzipped or plain. Never raises for what the file holds."""
    try:
        size = Path(path).stat().st_size
        if size <= WHOLE:
            return scan_bytes(Path(path).read_bytes(), plan)
        return _scan_pieces(lambda found: _file_pieces(path, found), plan)
    except OSError as error:
        return Found(problems=[f"file can't be read: {type(error).__name__}"])


def scan_bytes(data: bytes, plan: Plan) -> Found:
    """Scan a file's contents, gzipped or plain."""
    if not data.startswith(_MAGIC[:2]):
        return _scan_whole(data, plan, Found(size=len(data)))
    whole = _inflate(data)
    if whole is not None:
        return _scan_whole(whole, plan, Found(size=len(whole)))
    return _scan_pieces(lambda found: _inflated(_slices(data), found), plan)


def _inflate(data: bytes) -> bytes | bytearray | None:
    """Return a gzip file's contents if it certainly has one member and is not large."""
    size = int.from_bytes(data[-4:], "little")
    if gzip_decompress is None or not 0 < size <= WHOLE or data.find(_MAGIC, 1) >= 0:
        return None
    try:
        whole: bytearray = gzip_decompress(data, size)
    except (DeflateError, ValueError, MemoryError):
        return None
    return whole if len(whole) == size else None


def _slices(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), _PIECE):
        yield data[at : at + _PIECE]


def _file_pieces(path: str, found: Found) -> Iterator[bytes]:
    with Path(path).open("rb") as stream:
        first = stream.read(_PIECE)
        rest = iter(lambda: stream.read(_PIECE), b"")

        def pieces() -> Iterator[bytes]:
            yield first
            yield from rest

        yield from _inflated(pieces(), found) if first.startswith(_MAGIC[:2]) else pieces()


def _inflated(packed: Iterable[bytes], found: Found) -> Iterator[bytes]:
    """Decompress gzip members one after the other; a broken one gives what it holds."""
    engine = zlib.decompressobj(31)
    for piece in packed:
        data = piece
        while data:
            if engine.eof:
                data = data.lstrip(b"\0")  # padding between or after members
                if not data:
                    break
                engine = zlib.decompressobj(31)
            try:
                out = engine.decompress(data, _PIECE)
            except zlib.error:
                found.problems.append("gzip data is corrupt")
                return
            if out:
                yield out
            data = engine.unused_data if engine.eof else engine.unconsumed_tail
    if not engine.eof:
        yield engine.flush()
        found.problems.append("gzip data is truncated")


def _scan_whole(data: bytes | bytearray, plan: Plan, found: Found) -> Found:
    try:
        if not _HEAD.match(data, 0, 200):
            raise Surprise
        found.records = list(_cuts(data, plan, plan_pattern(plan)))
        if not _TAIL.search(data, max(0, len(data) - 64)):
            raise Surprise
    except Surprise:
        found.records = list(split([bytes(data)], plan, found))
    return found


def _scan_pieces(pieces: Any, plan: Plan) -> Found:
    """Scan what is too large to hold, or broken: `pieces(found)` begins from the start."""
    found = Found()
    try:
        found.records = list(_cuts_of_pieces(pieces(found), plan, found))
    except Surprise:
        found = Found()
        counted = _counted(pieces(found), found)
        found.records = list(split(counted, plan, found))
    return found


def _counted(pieces: Iterable[bytes], found: Found) -> Iterator[bytes]:
    for piece in pieces:
        found.size += len(piece)
        yield piece


def _cuts_of_pieces(pieces: Iterable[bytes], plan: Plan, found: Found) -> Iterator[bytes]:
    """Cut records out of a stream; what follows the last record's start waits for the next piece."""
    pattern = plan_pattern(plan)
    kept, first = b"", True
    for piece in _counted(pieces, found):
        kept += piece
        if first and len(kept) >= 200:
            if not _HEAD.match(kept, 0, 200):
                raise Surprise
            first = False
        cut = kept.rfind(_START)
        if cut > 0 and not first:
            yield from _cuts(kept[:cut], plan, pattern)
            kept = kept[cut:]
        elif len(kept) > _MAX_UNIT:
            raise Surprise
    # A stream that stops inside a record is for the careful way, which counts what it lost.
    if first or not _TAIL.search(kept, max(0, len(kept) - 64)) or not kept.rstrip():
        raise Surprise
    yield from _cuts(kept, plan, pattern)


_patterns: dict[tuple[str, ...], re.Pattern[bytes]] = {}


def plan_pattern(plan: Plan) -> re.Pattern[bytes]:
    """Return a plan's compiled search."""
    if plan.names not in _patterns:
        _patterns[plan.names] = plan.pattern
    return _patterns[plan.names]


def _cuts(data: bytes | bytearray, plan: Plan, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
    """Yield the records that hold a wanted name, cut out of the text. Raises Surprise."""
    end = 0
    for match in pattern.finditer(data):
        at = match.start()
        if at < end:
            continue  # a second name inside the record that was just cut
        start = data.rfind(_START, end, at)
        if start < 0:
            raise Surprise
        following = data.find(_START, at)
        stop = len(data) if following < 0 else following
        raw = bytes(data[start:stop])
        if match[1].decode() in plan.failures_only and b'"errorCode"' not in raw:
            end = stop
            continue
        record = _whole_record(data, start, raw, last=following < 0)
        end = start + len(record)
        yield record


def _whole_record(data: bytes | bytearray, start: int, raw: bytes, *, last: bool) -> bytes:
    """Return the record that a cut begins with, if the cut is exactly that record."""
    _check_level(data, start)
    try:
        text = raw.decode()
        _, length = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        raise Surprise from None
    record = raw if length == len(text) else text[:length].encode()
    rest = raw[len(record) :]
    if not (_TAIL if last else _BETWEEN).match(rest):
        raise Surprise
    return record


_DECODER: Final = json.JSONDecoder()


def _check_level(data: bytes | bytearray, start: int) -> None:
    """Raise Surprise if an object that looks like a record is nested inside another.

    No service is known to log whole CloudTrail events as parameters of a call. If one did, the first of
    them would follow `[` or `:` instead of a comma: look at this record and a few before it.
    """
    at = start
    for _ in range(_NEIGHBOURS):
        before = bytes(data[max(0, at - 16) : at]).rstrip(b" \t\r")
        if at < 200 and _HEAD.match(data, 0, at + len(_START)):
            return
        if not before.endswith((b",", b"\n")):
            raise Surprise
        at = data.rfind(_START, 0, at)
        if at < 0:
            return


def split(pieces: Iterable[bytes], plan: Plan, found: Found) -> Iterator[bytes]:
    """Yield the wanted records of JSON text of any layout, following strings and brackets."""
    pattern = plan.loose_pattern
    for unit in units(pieces, found):
        match = pattern.search(unit)
        if match is None:
            continue
        if match[1].decode() in plan.failures_only and b"errorCode" not in unit:
            if len(pattern.findall(unit)) == 1:
                continue
        yield unit


def units(pieces: Iterable[bytes], found: Found) -> Iterator[bytes]:
    """Yield the objects of a stream: those in a wrapper's list, else the outermost ones.

    Text that breaks off is counted in `found.problems`; after text that is not JSON the search goes
    on at the next record's start.
    """
    splitter = _Splitter(found)
    for piece in pieces:
        yield from splitter.feed(piece)
    yield from splitter.close()


class _Splitter:
    """Follows brackets and strings over pieces of text; holds at most one unit."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.held = b""
        self.at = 0  # everything in `held` before this has been looked at
        self.stack: list[bytes] = []
        self.unit = -1  # where the present unit begins in `held`
        self.level = 0  # how deep a unit's brackets are nested
        self.key = b""  # the last string at depth one: the key of a wrapper's list

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self.held += piece
        for match in _TOKEN.finditer(self.held, self.at):
            token = match[0]
            if token == b'"':  # a string that goes on in the next piece
                self.at = match.start()
                break
            self.at = match.end()
            if token[:1] == b'"':
                if len(self.stack) == 1:
                    self.key = token
            elif token in b"{[":
                self._open(token, match.start())
            else:
                yield from self._close(token, match.end())
        self._forget()

    def _open(self, token: bytes, at: int) -> None:
        if len(self.stack) == 1 and token == b"[" and self.key in _WRAPPERS:
            self.unit = -1  # the object was a wrapper: its items are the units
        self.stack.append(token)
        if token == b"{" and self.unit < 0 and len(self.stack) <= 3:
            self.unit, self.level = at, len(self.stack)

    def _close(self, token: bytes, at: int) -> Iterator[bytes]:
        fits = self.stack and self.stack[-1] == (b"{" if token == b"}" else b"[")
        if not fits:
            self._lost("text is not JSON")
            return
        if self.unit >= 0 and len(self.stack) == self.level:
            yield self.held[self.unit : at]
            self.unit = -1
        self.stack.pop()

    def _lost(self, problem: str) -> None:
        self.found.problems.append(problem)
        self.stack.clear()
        self.unit = -1

    def _forget(self) -> None:
        """Drop what is done with; give up on a unit that is larger than any record."""
        start = self.unit if self.unit >= 0 else self.at
        self.held, self.at = self.held[start:], self.at - start
        self.unit = 0 if self.unit >= 0 else -1
        if len(self.held) > _MAX_UNIT:
            self._lost("a record is too large")
            self.held, self.at = b"", 0

    def close(self) -> Iterator[bytes]:
        """Report a unit that the end of the text cut off."""
        if self.unit >= 0 or self.stack or self.held.strip():
            self.found.problems.append("text breaks off inside a record")
        yield from ()


def serve() -> None:
    """Answer batches of paths from standard input until it ends.

    One line of JSON asks: the plan first, then lists of paths. One line answers a list: size,
    problems and the lengths of the records that follow it.
    """
    asked = json.loads(sys.stdin.buffer.readline())
    plan = Plan(tuple(asked["names"]), frozenset(asked["failures_only"]))
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        answer, records = [], []
        for path in json.loads(line):
            found = scan_file(path, plan)
            answer.append([found.size, found.problems, [len(each) for each in found.records]])
            records += found.records
        out.write(json.dumps(answer).encode() + b"\n")
        out.write(b"".join(records))
        out.flush()


if __name__ == "__main__":
    serve()
