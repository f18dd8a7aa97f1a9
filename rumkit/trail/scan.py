r"""Finds the few records that matter in trail files, at close to the speed of decompression.

How it is fast, and why nothing is lost:

- One search over the raw bytes finds each `"eventName"`, with the processor's vector instructions;
  one letter of what follows rules most names out, and only records of wanted names are cut out
  and parsed. One pass costs the same for thirty names as for one; a search for each name or each
  event source costs a pass each, and as much again wherever the account uses that service a lot.
- A quotation mark inside a JSON string is always escaped, so `"eventName"` and
  `{"eventVersion"` in the bytes are always structure, never somebody's text. (A letter may be
  escaped too, as `\u0050`; no writer of JSON does that to ASCII letters, and no trail has it.)
- A cut is used only if everything about it is as CloudTrail writes it. On any surprise (blanks,
  another order of keys, nesting, text that doesn't parse) the file is read again by `split`,
  which follows strings and brackets and needs nothing of the layout.

It runs in worker processes of its own: only the standard library, three neighbours and two
libraries without any dependency are imported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rumkit.plain_file import read_plain
from rumkit.trail.gunzip import MAGIC, WHOLE, file_pieces, gathered, inflate, inflated, slices
from rumkit.trail.split import MAX_UNIT, units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

try:
    import stringzilla
except ImportError:  # re finds the same, at about half the speed
    stringzilla = None

_KEY: Final = b'"eventName"'
# The shortest name, GetId, has its closing quotation mark where the others have a sixth letter.
_SIXTH: Final = 5
_QUOTE: Final = ord('"')
_START: Final = b'{"eventVersion"'
_TIME_KEY: Final = b'"eventTime"'
_TIME: Final = re.compile(_TIME_KEY + rb'\s*:\s*"([0-9T:.+Z-]{10,40})"')
_HEAD: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:{\s*"Records"\s*:\s*\[\s*)?{"eventVersion"')
# A record's name for its event, as JSON has it, and as JSON within a text does.
_NAMED: Final = re.compile(rb'vent_?[Nn]ame\\{0,7}"')
_LISTED: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*{\s*"Records"')
# A bucket tells its readers of new files in records that look like a trail's.
_NOTICE: Final = re.compile(rb'eventSource\\{0,7}"\s{0,9}:\s{0,9}\\{0,7}"aws:s3\\{0,7}"')
_LIST_END: Final = re.compile(rb"\]\s*}\s*\Z")
_TAIL: Final = re.compile(r"\s*(?:\]\s*}\s*)?")
_BETWEEN: Final = re.compile(r"\s*,?\s*")
_HEAD_BYTES: Final = 200
_NOTICE_BYTES: Final = 4000
_NEIGHBOURS: Final = 4
_DECODER: Final = json.JSONDecoder()


class Surprise(Exception):
    """The bytes are not as CloudTrail writes them; read the file the careful way."""


@dataclass(frozen=True)
class ScanPlan:
    """What to look for: event names, and those of them whose successes are only counted.

    `marks` are texts, by event name, one of which a call has to hold to be counted; a name
    without marks counts whatever it holds.
    """

    names: tuple[str, ...]
    failures_only: frozenset[str] = frozenset()
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def value(self) -> re.Pattern[bytes]:
        """Return what follows `"eventName"` where the name is a wanted one, the name as a group."""
        return re.compile(rb'[: \t\r\n]++"(' + self._alternatives + rb')"')

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Return the search for the end of `"eventName"` and a wanted name.

        The engine looks for the first byte one at a time, and N is far rarer than a quotation
        mark; the look at the next letter spares most attempts at thirty names.
        """
        letters = bytes(sorted({name.encode()[0] for name in self.names}))
        return re.compile(
            rb'Name"[: \t\r\n]++"(?=[' + letters + rb"])(" + self._alternatives + rb')"'
        )

    @cached_property
    def sixths(self) -> frozenset[int]:
        """Return the sixth bytes of the wanted names, a closing quotation mark included."""
        return frozenset((name + '"').encode()[_SIXTH] for name in self.names)

    @cached_property
    def loose_pattern(self) -> re.Pattern[bytes]:
        r"""Return the search that also sees records kept as text (`\"eventName\":\"GetId\"`)."""
        return re.compile(
            rb'\\{0,7}"eventName\\{0,7}"\s*+:\s*+\\{0,7}"(' + self._alternatives + rb')\\{0,7}"'
        )

    @property
    def _alternatives(self) -> bytes:
        return b"|".join(re.escape(name.encode()) for name in self.names)


@dataclass
class ScannedFile:
    """What a file held: parsed records, its size when decompressed, and what was wrong.

    `seen` are the wanted names that occur at all, those of calls that succeeded too, which
    `succeeded` counts; `latest` has the time of the last such call of each name. `first` and
    `last` are the times of its first and last record, "" where there is none to be read.
    """

    records: list[Any] = field(default_factory=list)
    size: int = 0
    problems: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    succeeded: dict[str, int] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    latest: dict[str, str] = field(default_factory=dict)

    def count(self, name: str, raw: bytes, plan: ScanPlan) -> None:
        """Count a call that succeeded, if it is one of those that the plan is about."""
        if b'"NetworkActivity"' in raw:
            return  # the service's own record counts
        marks = plan.marks.get(name, ())
        if not marks or any(mark.encode() in raw for mark in marks):
            self.succeeded[name] = self.succeeded.get(name, 0) + 1
            if moment := _TIME.search(raw):
                self.latest[name] = max(self.latest.get(name, ""), moment[1].decode())

    def note_times(self, data: bytes | bytearray) -> None:
        """Note the times of the first and the last record of a text, cheaply."""
        first = _TIME.search(data)
        if first is None:
            return
        last = _TIME.match(data, data.rfind(_TIME_KEY))
        times = [each[1].decode() for each in (first, last) if each]
        self.first = min([*times, *([self.first] if self.first else [])])
        self.last = max([*times, self.last])


def scan_file(path: str, plan: ScanPlan) -> ScannedFile:
    """Scan one file, gzipped or plain. Never raises for what the file holds."""
    try:
        size = Path(path).stat().st_size
        if size <= WHOLE:
            return scan_bytes(read_plain(path), plan)
        return _scan_pieces(lambda problems: file_pieces(path, problems), plan)
    except OSError as error:
        return ScannedFile(problems=[f"file can't be read: {type(error).__name__}"])


def scan_bytes(data: bytes, plan: ScanPlan) -> ScannedFile:
    """Scan a file's contents, gzipped or plain."""
    if not data.startswith(MAGIC):
        return _scan_whole(data, plan, ScannedFile(size=len(data)))
    whole = inflate(data)
    if whole is not None:
        return _scan_whole(whole, plan, ScannedFile(size=len(whole)))
    return _scan_pieces(lambda problems: gathered(inflated(slices(data), problems)), plan)


def _scan_whole(data: bytes | bytearray, plan: ScanPlan, result: ScannedFile) -> ScannedFile:
    if not data or data.isspace():
        result.problems.append("an empty file")
        return result
    if _is_notice(data):
        result.problems.append("a bucket's notice of a new file, which is to be fetched from there")
        return result
    result.note_times(data)
    try:
        _check_head(data)
        _check_end(data)
        result.records = list(_cuts(data, plan, result))
    except Surprise:
        result.records = list(split(map(bytes, slices(data)), plan, result))
    if not result.first and not result.problems and _holds_nothing(data):
        # An object or a list of nothing is no file of a trail: something else was read.
        result.problems.append("a file without a CloudTrail record")
    return result


def _is_notice(data: bytes | bytearray) -> bool:
    """Tell whether a bucket's notice begins a file; what a caller wrote follows who called."""
    notice = _NOTICE.search(data, 0, _NOTICE_BYTES)
    return notice is not None and data.find(b"userIdentity", 0, notice.start()) < 0


def _holds_nothing(data: bytes | bytearray) -> bool:
    """Tell whether no event is named, and no list of records is given that might be empty."""
    return not _NAMED.search(data) and not _LISTED.match(data)


def _scan_pieces(pieces: Callable[[list[str]], Iterable[bytes]], plan: ScanPlan) -> ScannedFile:
    """Scan what is too large to hold, or broken: `pieces` begins from the start."""
    found = ScannedFile()
    try:
        found.records = list(_cuts_of_pieces(pieces(found.problems), plan, found))
    except Surprise:
        found = ScannedFile()
        counted = _counted(pieces(found.problems), found)
        found.records = list(split(counted, plan, found))
    return found


def _counted(pieces: Iterable[bytes], result: ScannedFile) -> Iterator[bytes]:
    for piece in pieces:
        result.size += len(piece)
        result.note_times(piece)
        yield piece


def _cuts_of_pieces(pieces: Iterable[bytes], plan: ScanPlan, result: ScannedFile) -> Iterator[Any]:
    """Cut records out of a stream; the last record's start waits for the next piece."""
    kept, first = b"", True
    for piece in _counted(pieces, result):
        kept += piece
        if first:
            _check_head(kept)
            first = False
        cut = kept.rfind(_START)
        if cut > 0:
            yield from _cuts(kept[:cut], plan, result)
            kept = kept[cut:]
        if len(kept) > MAX_UNIT:
            raise Surprise
    _check_end(kept)
    yield from _cuts(kept, plan, result)


def places(data: bytes | bytearray, plan: ScanPlan) -> Iterator[tuple[int, str]]:
    """Yield where each `"eventName"` of a wanted name begins, and the name."""
    if stringzilla is None:
        for match in plan.pattern.finditer(data):
            if data.endswith(_KEY[:-5], 0, match.start()):
                yield match.start() - len(_KEY[:-5]), match[1].decode()
        return
    find, match_value, sixths = stringzilla.Str(data).find, plan.value.match, plan.sixths
    key, mark, letter = len(_KEY), len(_KEY) + 1, len(_KEY) + 2 + _SIXTH
    # Nearer to the end than this no name can be whole, and the look at its letter has a byte.
    end = len(data) - (letter + 1 - key)
    at = find(_KEY, 0, end)
    while at >= 0:
        # Where blanks stand before the name, the letter says nothing.
        if data[at + letter] in sixths or data[at + mark] != _QUOTE:
            value = match_value(data, at + key)
            if value:
                yield at, value[1].decode()
        at = find(_KEY, at + key - 1, end)


def _cuts(data: bytes | bytearray, plan: ScanPlan, result: ScannedFile) -> Iterator[Any]:
    """Yield the records that hold a wanted name, cut out of the text. Raises Surprise."""
    end = 0
    for at, name in places(data, plan):
        if at < end:
            continue  # a second name inside the record that was just cut
        start = data.rfind(_START, end, at)
        if start < 0:
            raise Surprise
        following = data.find(_START, at)
        stop = len(data) if following < 0 else following
        raw = bytes(data[start:stop])
        result.seen.add(name)
        if name in plan.failures_only and b'"errorCode"' not in raw:
            result.count(name, raw, plan)
            continue
        record = _whole_record(data, start, raw, last=following < 0)
        end = stop
        if _is_wanted(record, plan):
            yield record


def _whole_record(data: bytes | bytearray, start: int, raw: bytes, *, last: bool) -> Any:
    """Return the record that a cut begins with, if the cut is exactly that record."""
    _check_level(data, start)
    try:
        text = raw.decode()
        record, length = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        raise Surprise from None
    if not (_TAIL if last else _BETWEEN).fullmatch(text, length):
        raise Surprise
    return record


def _check_head(data: bytes | bytearray) -> None:
    """Raise Surprise if this does not begin as trail files, or lines of records, do."""
    if not _HEAD.match(data, 0, _HEAD_BYTES):
        raise Surprise


def _check_end(data: bytes | bytearray) -> None:
    """Raise Surprise if the last record is not whole: the careful way counts what was lost."""
    start = data.rfind(_START)
    if start < 0:
        raise Surprise
    raw = bytes(data[start:])
    _whole_record(data, start, raw, last=True)
    # A list that was opened has to be closed; in a later piece its beginning is not seen.
    if _LISTED.match(data, 0, _HEAD_BYTES) and not _LIST_END.search(raw, max(0, len(raw) - 64)):
        raise Surprise


def _check_level(data: bytes | bytearray, start: int) -> None:
    """Raise Surprise if an object that looks like a record is nested inside another.

    No service is known to log whole CloudTrail events as parameters of a call. If one did, the
    first of them would follow `[` or `:` instead of a comma: look at this record and a few
    before it.
    """
    at = start
    for _ in range(_NEIGHBOURS):
        if at < _HEAD_BYTES and _HEAD.match(data, 0, at + len(_START)):
            return
        before = bytes(data[max(0, at - 16) : at]).rstrip(b" \t\r")
        if not before.endswith((b",", b"\n")):
            raise Surprise
        at = data.rfind(_START, 0, at)
        if at < 0:
            return


def split(pieces: Iterable[bytes], plan: ScanPlan, result: ScannedFile) -> Iterator[Any]:
    """Yield the wanted records of JSON text of any layout, following strings and brackets."""
    pattern = plan.loose_pattern
    for unit in units(pieces, result.problems):
        names = {name.decode() for name in pattern.findall(unit)}
        result.seen |= names
        if not names:
            continue
        if names <= plan.failures_only and b"errorCode" not in unit:
            if len(names) == 1:
                result.count(next(iter(names)), unit, plan)
            continue
        try:
            record = json.loads(unit.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            result.problems.append("a record is not JSON")
            continue
        if _is_wanted(record, plan):
            yield record


def _is_wanted(record: Any, plan: ScanPlan) -> bool:
    """Return whether a parsed record is wanted; the name may have stood in one of its texts.

    What is no record itself may hold one (an event of Event history) and goes to the reader.
    """
    if not isinstance(record, dict) or "eventName" not in record:
        return True
    name = record["eventName"]
    if not isinstance(name, str) or name not in plan.names:
        return False
    return name not in plan.failures_only or bool(record.get("errorCode"))
