"""Reads a HAR file entry by entry, however large, odd or truncated it is.

A sliding window of text goes over the file and every entry is parsed on its own, so memory
holds one entry and not the file. UTF-8 is read as Latin-1, one byte a character: that costs no
more memory for text full of emoji, and `Text.clean` turns the few strings that are kept back.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CHUNK = 4 << 20
LOW_WATER = 512 << 10
MAX_CHARACTERS = 2 << 30
MAX_VALUE = 320 << 20
MAX_DEPTH = 100_000

_DECODER = json.JSONDecoder(strict=False)
_WHITE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]"]', re.DOTALL)
_SCALAR_END = re.compile(r"[,\]}]")
_READ_ERRORS = (OSError, EOFError, zlib.error, UnicodeError)


@dataclass
class HarFacts:
    """What the file said about itself, and what of it could not be read.

    `lost` counts entries that were cut or broken; `problem` says in one sentence where reading
    stopped, and is empty when the file is whole.
    """

    creator: str = ""
    browser: str = ""
    entries: int = 0
    lost: int = 0
    problem: str = ""
    utf8: bool = True


class _Stop(Exception):
    """Nothing more can be read; the message says why."""


class _Broken(Exception):
    """One value can't be parsed, but its end was found."""


def read_har(path: str | Path, on_entry: Callable[[Any, bool], None]) -> HarFacts:
    """Call `on_entry(entry, utf8)` for every whole entry of a HAR, a gzip or a zip of one.

    `utf8` tells that strings hold UTF-8 bytes as Latin-1 characters. Raises BadInput when the
    file can't be opened or is no HAR at all; a damaged HAR is told in the facts instead.
    """
    path = Path(path)
    facts = HarFacts()
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(_open(path))
            window = _Window(*_characters(stream, path))
            facts.utf8 = window.utf8
            _Walk(window, facts, on_entry).document(path)
        except _READ_ERRORS as error:
            if not facts.entries:
                raise BadInput(f"{path.name} can't be read: {_reason(error)}.") from None
            facts.problem = f"The file ends early: {_reason(error)}."
    return facts


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or type(error).__name__
    return str(text)[:120]


def _open(path: Path) -> contextlib.AbstractContextManager[IO[bytes]]:
    if path.is_dir():
        raise BadInput(f"{path.name} is a folder; name the HAR file inside it.")
    try:
        raw = path.open("rb")
    except (OSError, ValueError) as error:
        raise BadInput(f"{path.name or 'The recording'} can't be read: {_reason(error)}.") from None
    head = raw.read(4)
    raw.seek(0)
    if head[:2] == b"\x1f\x8b":
        return contextlib.closing(cast("IO[bytes]", _Gunzip(raw)))
    if head == b"PK\x03\x04":
        raw.close()
        return _zip_member(path)
    return raw


class _Gunzip:
    """Unpacks a gzip file of one or more members; a cut or damaged one simply ends early."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw = raw
        self.member = zlib.decompressobj(31)
        self.packed = b""

    def read(self, size: int) -> bytes:
        parts: list[bytes] = []
        wanted = size
        while wanted > 0 and self._more():
            try:
                part = self.member.decompress(self.packed, wanted)
            except zlib.error:
                self.raw, self.packed = io.BytesIO(), b""
                break
            self.packed = self.member.unconsumed_tail
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def _more(self) -> bool:
        if self.member.eof:
            self.packed = self.member.unused_data.lstrip(b"\0")
            self.member = zlib.decompressobj(31)
        self.packed = self.packed or self.raw.read(1 << 18)
        return bool(self.packed)

    def close(self) -> None:
        self.raw.close()


@contextlib.contextmanager
def _zip_member(path: Path) -> Iterator[IO[bytes]]:
    import zipfile

    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise BadInput(f"{path.name} is a damaged zip file.") from None
    with archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".har")]
        if not names:
            raise BadInput(f"{path.name} is a zip without a .har file in it.")
        try:
            with archive.open(names[0]) as member:
                yield member
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
            raise BadInput(f"{path.name} can't be unpacked; unpack it and name the .har.") from None


def _characters(stream: IO[bytes], path: Path) -> tuple[Iterator[str], bool]:
    first = stream.read(CHUNK)
    if not first.strip(b"\0 \t\r\n"):
        raise BadInput(f"{path.name} is empty; export the HAR again.")
    encoding = _encoding(first)
    if encoding is None:
        body = first[3:] if first.startswith(codecs.BOM_UTF8) else first
        return _latin(stream, body), True
    return _decoded(stream, first, encoding), False


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


def _latin(stream: IO[bytes], first: bytes) -> Iterator[str]:
    chunk = first
    while chunk:
        yield chunk.decode("latin-1")
        chunk = stream.read(CHUNK)


def _decoded(stream: IO[bytes], first: bytes, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    chunk = first
    while chunk:
        yield decoder.decode(chunk)
        chunk = stream.read(CHUNK)
    yield decoder.decode(b"", final=True)


class _Window:
    """The part of the text that is being read, and a position in it."""

    def __init__(self, chunks: Iterator[str], utf8: bool) -> None:
        self.chunks = chunks
        self.utf8 = utf8
        self.text = ""
        self.position = 0
        self.ended = False
        self.total = 0

    def grow(self, wanted: int = CHUNK) -> None:
        """Drop what has been read and add at least `wanted` characters, if there are any."""
        parts = [self.text[self.position :]]
        self.text, self.position = "", 0
        added = 0
        while added < wanted and not self.ended:
            chunk = next(self.chunks, None)
            if chunk is None:
                self.ended = True
                break
            parts.append(chunk)
            added += len(chunk)
        self.total += added
        self.text = "".join(parts)
        if self.total > MAX_CHARACTERS:
            raise BadInput("The recording holds more than 2 GB of text; record a shorter one.")

    def peek(self) -> str:
        """Return the next character that is not white space, or an empty text at the end."""
        while True:
            match = _WHITE.match(self.text, self.position)
            assert match is not None
            self.position = match.end()
            if self.position < len(self.text):
                return self.text[self.position]
            if self.ended:
                return ""
            self.grow()

    def value(self) -> Any:
        """Parse the value at the position; raises _Broken past a bad one, _Stop at the end."""
        if not self.ended and len(self.text) - self.position < LOW_WATER:
            self.grow()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.position)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or len(self.text) - error.pos < 64
            except (RecursionError, ValueError):
                cut = False
            else:
                if self.ended or end < len(self.text) or isinstance(value, str | dict | list):
                    self.position = end
                    return value
                cut = True
            if not cut or self.ended:
                self._skip()
                raise _Broken
            self._longer()

    def _longer(self) -> None:
        held = len(self.text) - self.position
        if held > MAX_VALUE:
            raise _Stop("one entry is larger than 320 MB")
        self.grow(max(CHUNK, held))

    def _skip(self) -> None:
        """Move behind a value that can't be parsed, by its brackets alone."""
        while True:
            end = _end_of_value(self.text, self.position)
            if end is not None:
                self.position = end
                return
            if self.ended:
                raise _Stop("it ends in the middle of an entry")
            self._longer()


def _end_of_value(text: str, start: int) -> int | None:
    if text[start : start + 1] not in ("{", "["):
        match = _SCALAR_END.search(text, start)
        return match.start() if match else None
    depth = 0
    for match in _TOKEN.finditer(text, start):
        bracket = text[match.start()]
        if bracket in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise _Stop("it is nested too deeply")
        elif bracket in "}]":
            depth -= 1
            if depth == 0:
                return match.end()
        elif match.end() - match.start() == 1:
            return None
    return None


class _Walk:
    """Walks from the top of the file to its entries."""

    def __init__(
        self, window: _Window, facts: HarFacts, on_entry: Callable[[Any, bool], None]
    ) -> None:
        self.window = window
        self.facts = facts
        self.on_entry = on_entry
        self.seen_entries = False

    def document(self, path: Path) -> None:
        first = self.window.peek()
        if first not in ("{", "["):
            raise BadInput(f"{path.name} is not a HAR: it does not begin with a JSON object.")
        try:
            if first == "{":
                self._object({"log": self._log, "entries": self._entries, **self._about()})
            else:
                self.seen_entries = True
                self._array(self._entry)
        except _Stop as stop:
            self.facts.problem = f"The recording is damaged: {stop}."
        if not self.seen_entries or (not self.facts.entries and first == "["):
            detail = f" ({self.facts.problem})" if self.facts.problem else ""
            raise BadInput(
                f"{path.name} is not a HAR: it has no log.entries{detail}; in the browser's "
                "network panel choose 'Save all as HAR with content'."
            )

    def _about(self) -> dict[str, Callable[[], None]]:
        return {"creator": self._creator, "browser": self._browser}

    def _log(self) -> None:
        if self.window.peek() == "{":
            self._object({"entries": self._entries, **self._about()})
        else:
            self._discard()

    def _creator(self) -> None:
        self.facts.creator = _name(self._whole())

    def _browser(self) -> None:
        self.facts.browser = _name(self._whole())

    def _whole(self) -> Any:
        try:
            return self.window.value()
        except _Broken:
            return None

    def _discard(self) -> None:
        self._whole()

    def _entries(self) -> None:
        if self.window.peek() == "[":
            self.seen_entries = True
            self._array(self._entry)
        else:
            self._discard()

    def _entry(self) -> None:
        try:
            entry = self.window.value()
        except _Broken:
            self.facts.lost += 1
            return
        except _Stop:
            self.facts.lost += 1
            raise
        self._take(entry)

    def _take(self, entry: Any) -> None:
        if isinstance(entry, dict) and isinstance(entry.get("log"), dict):
            inner = entry["log"].get("entries")
            for each in inner if isinstance(inner, list) else ():
                self._take(each)
        elif isinstance(entry, dict) and isinstance(entry.get("request"), dict):
            self.facts.entries += 1
            self.on_entry(entry, self.window.utf8)
        else:
            self.facts.lost += 1

    def _object(self, handlers: Mapping[str, Callable[[], None]]) -> None:
        self.window.position += 1
        while (character := self.window.peek()) != "}":
            if character == ",":
                self.window.position += 1
                continue
            if character != '"':
                raise _Stop(_where(character))
            key = self._key()
            handlers.get(key, self._discard)()
        self.window.position += 1

    def _key(self) -> str:
        try:
            key = self.window.value()
        except _Broken:
            raise _Stop("a name can't be read") from None
        if self.window.peek() != ":":
            raise _Stop(_where(self.window.peek()))
        self.window.position += 1
        if not self.window.peek():
            raise _Stop(_where(""))
        return str(key)

    def _array(self, item: Callable[[], None]) -> None:
        self.window.position += 1
        while (character := self.window.peek()) != "]":
            if character == ",":
                self.window.position += 1
            elif character in ("", "}", ":"):
                raise _Stop(_where(character))
            else:
                item()
        self.window.position += 1


def _where(character: str) -> str:
    return "something else stands where an entry should" if character else "it ends early"


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    parts = (value.get("name"), value.get("version"))
    return " ".join(part for part in parts if isinstance(part, str))[:80]
