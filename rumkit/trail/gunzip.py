"""Gzip files, whole and fast where that is certain, in pieces where it is not.

libdeflate decompresses a whole file at once and silently stops after the first gzip member: the
length that the file should have, and the absence of a second header, are checked. zlib reads the
rest: several members, large files, and broken ones as far as they go.
"""

from __future__ import annotations

import re
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Final

from rumkit.plain_file import open_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

try:
    import deflate
except ImportError:  # zlib reads the same files, at about half the speed
    deflate = None  # type: ignore[assignment]
try:
    import stringzilla
except ImportError:  # re finds the same, more slowly
    stringzilla = None

# A file that is larger than this when decompressed is read in pieces, so that memory is bounded.
WHOLE: Final = 24_000_000
PIECE: Final = 1 << 20
MAGIC: Final = b"\x1f\x8b"
# The beginning of a member: deflate, and flags whose reserved bits are zero (RFC 1952).
_HEADER: Final = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_HEADER_START: Final = MAGIC + b"\x08"


def inflate(data: bytes) -> bytearray | None:
    """Return a gzip file's contents if it certainly has one member and is not large."""
    size = int.from_bytes(data[-4:], "little")
    if deflate is None or not 0 < size <= WHOLE or _has_more_members(data):
        return None
    try:
        whole: bytearray = deflate.gzip_decompress(data, size)
    except (deflate.DeflateError, ValueError, MemoryError):
        return None
    return whole if len(whole) == size else None


def _has_more_members(data: bytes) -> bool:
    """Tell whether another member may begin in gzip data; by chance it may seem so."""
    at = stringzilla.find(data, _HEADER_START, 1) if stringzilla else 1
    return at >= 0 and _HEADER.search(data, at) is not None


def slices(data: bytes | bytearray) -> Iterator[bytes | bytearray]:
    """Yield data in pieces."""
    for at in range(0, len(data), PIECE):
        yield data[at : at + PIECE]


def file_pieces(path: str, problems: list[str]) -> Iterator[bytes]:
    """Yield a file's contents in pieces, decompressed if it is gzip whatever its name."""
    with open_plain(path) as stream:
        first = stream.read(PIECE)
        pieces = chain([first], iter(lambda: stream.read(PIECE), b""))
        packed = first.startswith(MAGIC)
        yield from gathered(inflated(pieces, problems)) if packed else pieces


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what comes in small pieces in large ones: each costs a look at what is held."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def inflated(packed: Iterable[bytes | bytearray], problems: list[str]) -> Iterator[bytes]:
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
            before = engine.copy()
            try:
                out = engine.decompress(data, PIECE)
            except zlib.error:
                problems.append("gzip data is corrupt")
                yield _up_to_error(before, data)
                return
            if out:
                yield out
            data = engine.unused_data if engine.eof else engine.unconsumed_tail
    if not engine.eof:
        yield engine.flush()
        problems.append("gzip data is truncated")


def _up_to_error(engine: zlib._Decompress, data: bytes | bytearray) -> bytes:
    """Return what comes before an error: a call that fails gives nothing of what it had."""
    out = bytearray()
    try:
        for at in range(0, len(data), 16):
            out += engine.decompress(data[at : at + 16])
    except zlib.error:
        pass
    return bytes(out)
