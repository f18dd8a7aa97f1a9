"""Opens a HAR whatever wraps it: gzip, zip, a byte order mark, UTF-16; gives its characters."""

from __future__ import annotations

import codecs
import contextlib
import zipfile
import zlib
from itertools import chain
from typing import IO, TYPE_CHECKING, cast

from rumkit.client.gunzip import MAGIC, Gunzip
from rumkit.client.har.sources import TRACE, ZIP, open_zip, zip_members
from rumkit.model import BadInput
from rumkit.plain_file import open_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 4 << 20
_ZLIB = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
READ_ERRORS = (OSError, EOFError, zlib.error, UnicodeError)


def reason(error: BaseException) -> str:
    """Return why a file could not be read, in a few words."""
    text = getattr(error, "strerror", None) or type(error).__name__
    return str(text)[:120]


def open_recording(path: Path) -> contextlib.AbstractContextManager[IO[bytes]]:
    """Open a recording, unpacked; raises BadInput when it can't be."""
    if path.is_dir():
        raise BadInput(f"{path.name} is a folder; name the HAR file inside it.")
    try:
        raw = open_plain(path)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path.name or 'The recording'} can't be read: {reason(error)}.") from None
    head = raw.read(4)
    raw.seek(0)
    if head.startswith((MAGIC, *_ZLIB)):
        return contextlib.closing(cast("IO[bytes]", Gunzip(raw)))
    if head == ZIP:
        raw.close()
        return _zip_member(path)
    return raw


@contextlib.contextmanager
def _zip_member(path: Path) -> Iterator[IO[bytes]]:
    with open_zip(path) as archive:
        members = zip_members(archive)
        names = [name for end in (".har", TRACE) for name in members if name.lower().endswith(end)]
        if not names:
            raise BadInput(f"{path.name} is a zip without a .har file in it.")
        try:
            with archive.open(names[0]) as member:
                yield member
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
            raise BadInput(f"{path.name} can't be unpacked; unpack it and name the .har.") from None


def characters(stream: IO[bytes], path: Path) -> tuple[Iterator[str], bool]:
    """Return chunks of text, and whether they are UTF-8 bytes as Latin-1 characters."""
    first = stream.read(CHUNK)
    if not first.strip(b"\0 \t\r\n"):
        raise BadInput(f"{path.name} is empty; export the HAR again.")
    encoding = _encoding(first)
    rest = iter(lambda: stream.read(CHUNK), b"")
    chunks = chain([first.removeprefix(codecs.BOM_UTF8)], rest)
    return codecs.iterdecode(chunks, encoding or "latin-1", "replace"), encoding is None


def _encoding(head: bytes) -> str | None:
    """Return the codec of a UTF-16 or UTF-32 file, None for UTF-8."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1:2] == b"\0" and head[0:1] != b"\0":
        return "utf-16-le"
    if head[0:1] == b"\0" and head[1:2] != b"\0":
        return "utf-16-be"
    return None
