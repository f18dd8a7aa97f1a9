"""Gzip, unpacked as far as it is asked for: of any number of members, cut or damaged."""

from __future__ import annotations

import io
import zlib
from typing import IO, Final

MAGIC: Final = b"\x1f\x8b"
_PACKED: Final = 1 << 18


def gunzip(data: bytes, limit: int) -> bytes:
    """Return at most `limit` bytes of what is packed; nothing when it is damaged."""
    unpacker = Gunzip(io.BytesIO(data))
    unpacked = unpacker.read(limit)
    return b"" if unpacker.damaged else unpacked


class Gunzip:
    """Unpacks a file; a cut or damaged one ends early, and `damaged` tells of the second."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.damaged = False
        self._raw = raw
        self._member = zlib.decompressobj(47)  # Of gzip, or of zlib as mitmproxy packs.
        self._packed = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return the next bytes: `size` of them, or fewer at the end."""
        parts: list[bytes] = []
        wanted = size
        while wanted > 0 and not self.damaged and self._more():
            try:
                part = self._member.decompress(self._packed, wanted)
            except zlib.error:
                self.damaged = True
                break
            self._packed = self._member.unconsumed_tail
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def _more(self) -> bool:
        if self._member.eof:
            self._packed = self._next_member()
            self._member = zlib.decompressobj(31)
        if not self._packed and not self._ended:
            self._packed = self._raw.read(_PACKED)
        return bool(self._packed)

    def _next_member(self) -> bytes:
        """Return the beginning of what follows a member and its padding, if it is one."""
        rest = self._member.unused_data.lstrip(b"\0")
        while not rest and (piece := self._raw.read(_PACKED)):
            rest = piece.lstrip(b"\0")
        self._ended = not rest.startswith(MAGIC[:1])
        return b"" if self._ended else rest

    def close(self) -> None:
        """Close the file."""
        self._raw.close()
