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
        self._member = zlib.decompressobj(31)
        self._packed = b""

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
            self._packed = self._member.unused_data.lstrip(b"\0")
            self._member = zlib.decompressobj(31)
            if self._packed and not self._packed.startswith(MAGIC[:1]):
                # What follows is no further member, and no damage of those before.
                self._raw, self._packed = io.BytesIO(), b""
        self._packed = self._packed or self._raw.read(_PACKED)
        return bool(self._packed)

    def close(self) -> None:
        """Close the file."""
        self._raw.close()
