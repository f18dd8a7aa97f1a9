"""Reads a HAR file entry by entry, however large, odd or truncated it is.

A sliding window of text goes over the file and every entry is parsed on its own, so memory
holds one entry and not the file. UTF-8 is read as Latin-1, one byte a character: that costs no
more memory for text full of emoji, and `unmangle` turns the few strings that are kept back.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit.aws_answers import what_aws_printed
from rumkit.client.har.stream import CHUNK, READ_ERRORS, characters, open_recording, reason
from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LOW_WATER = 512 << 10
MAX_CHARACTERS = 1 << 30
MAX_VALUE = 128 << 20
MAX_DEPTH = 100_000
MAX_SKIPPED = 8 << 20
MAX_LOST = 200_000
MAX_NAMES = 100_000
# So much of a file that is no HAR is looked at, to say what it is.
_TOLD = 65_536

_DECODER = json.JSONDecoder(strict=False)
_WHITE = re.compile(r"[ \t\r\n]*")
_GAP = re.compile(r"[ \t\r\n,]*")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]"]', re.DOTALL)
_SCALAR_END = re.compile(r"[,\]}]")


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
            stream = stack.enter_context(open_recording(path))
            window = _TextWindow(*characters(stream, path))
            _Walk(window, facts, on_entry).document(path)
        except READ_ERRORS as error:
            if not facts.entries:
                raise BadInput(f"{path.name} can't be read: {reason(error)}.") from None
            facts.problem = f"The file ends early: {reason(error)}."
    return facts


class _TextWindow:
    """The part of the text that is being read, and a position in it."""

    def __init__(self, chunks: Iterator[str], utf8: bool) -> None:
        self.chunks = chunks
        self.utf8 = utf8
        self.text = ""
        self.position = 0
        self.ended = False
        self.total = 0
        self.skipped = 0

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
            raise BadInput("The recording holds more than 1 GB of text; record a shorter one.")

    def peek(self, over: re.Pattern[str] = _WHITE) -> str:
        """Return the next character that is not white space, or an empty text at the end."""
        while True:
            match = over.match(self.text, self.position)
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
        unread = len(self.text) - self.position
        if unread > MAX_VALUE:
            raise _Stop("one entry is larger than 128 MB")
        self.grow(max(CHUNK, unread))

    def _skip(self) -> None:
        """Move behind a value that can't be parsed, by its brackets alone."""
        while True:
            end = _end_of_value(self.text, self.position)
            if end is not None:
                self.skipped += end - self.position
                self.position = end
                if self.skipped > MAX_SKIPPED:
                    raise _Stop("too much of it can't be parsed")
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
        self, window: _TextWindow, facts: HarFacts, on_entry: Callable[[Any, bool], None]
    ) -> None:
        self.window = window
        self.facts = facts
        self.on_entry = on_entry
        self.seen_entries = False

    def document(self, path: Path) -> None:
        first = self.window.peek()
        beginning = self.window.text[:_TOLD]
        if first not in ("{", "["):
            raise BadInput(
                f"{path.name} is not a HAR: it does not begin with a JSON object. A console log is"
                " named with --console, a storage with --storage."
            )
        try:
            while self.window.peek() == "{":
                self._object(
                    {"log": self._log, "entries": self._entries, "snapshot": self._snapshot}
                    | self._about()
                )
            if first == "[":
                self.seen_entries = True
                self._array(self._entry)
        except _Stop as stop:
            self.facts.problem = f"The recording is damaged: {stop}."
        if self.facts.problem and not self.facts.entries:
            raise BadInput(f"{path.name} has no entry that can be read. {self.facts.problem}")
        if not self.seen_entries or (first == "[" and not self.facts.entries):
            what = what_aws_printed(beginning)
            raise BadInput(
                f"{path.name} is not a HAR: it has no log.entries; in the browser's network panel"
                f" choose 'Save all as HAR with content'. {what}".rstrip()
            )

    def _snapshot(self) -> None:
        """Take the entry that a line of a trace of Playwright holds."""
        before = self.facts.entries
        self._entry()
        self.seen_entries = self.seen_entries or self.facts.entries > before

    def _about(self) -> dict[str, Callable[[], Any]]:
        return {"creator": self._creator, "browser": self._browser}

    def _log(self) -> None:
        if self.window.peek() == "{":
            self._object({"entries": self._entries, **self._about()})
        else:
            self._whole()

    def _creator(self) -> None:
        self.facts.creator = _name(self._whole())

    def _browser(self) -> None:
        self.facts.browser = _name(self._whole())

    def _whole(self) -> Any:
        try:
            return self.window.value()
        except _Broken:
            return None

    def _entries(self) -> None:
        if self.window.peek() == "[":
            self.seen_entries = True
            self._array(self._entry)
        else:
            self._whole()

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
        elif _is_entry(entry):
            self.facts.entries += 1
            self.on_entry(entry, self.window.utf8)
        else:
            self.facts.lost += 1

    def _object(self, handlers: Mapping[str, Callable[[], Any]]) -> None:
        self.window.position += 1
        names = 0
        while (character := self.window.peek(_GAP)) != "}":
            names += 1
            if character != '"' or names > MAX_NAMES:
                raise _Stop(_where(character))
            key = self._key()
            handlers.get(key, self._whole)()
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
        while (character := self.window.peek(_GAP)) != "]":
            if character in ("", "}", ":"):
                raise _Stop(_where(character))
            item()
            if self.facts.lost > MAX_LOST:
                raise _Stop("too many of its entries are none")
        self.window.position += 1


def _is_entry(value: Any) -> bool:
    """Tell whether a value is an entry of a HAR; other formats have requests without a URL."""
    request = value.get("request") if isinstance(value, dict) else None
    return isinstance(request, dict) and "url" in request


def _where(character: str) -> str:
    return "something else stands where an entry should" if character else "it ends early"


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    parts = (value.get("name"), value.get("version"))
    return " ".join(part for part in parts if isinstance(part, str))[:80]
