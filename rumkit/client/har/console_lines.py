"""Cuts a saved console into messages: what spans lines, and whose stack belongs to it.

Text as Chromium, Firefox and WebKit save or copy it; JSON as automation tools write it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from rumkit.client.har import fields
from rumkit.client.har.console_json import told_in_words, with_its_request

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINE = 8_192
MAX_STACK = 4_000
# How deep the messages of a report may lie, and among how many parts.
MAX_DEPTH = 8
MAX_PARTS = 100_000
# What a page or a script holds, nobody has said.
_BODIES = frozenset({"content", "postData"})

_LEVEL = re.compile(r"\[(?:Error|Warning|Info|Log|Debug|Trace)\] ?")
_CLOCK = re.compile(r"(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d:\d\d(?:[.,]\d{1,6})?Z?\s+")
_BEFORE = re.compile(r"(\S{1,500}?):(\d{1,7})(?::\d{1,7})?\s+(?=\S)")
# Selenium writes the whole address in front, and a dash or the place behind it.
_ADDRESS = re.compile(r"(https?://\S{1,4096}) (?:-|(\d{1,7}):\d{1,7}) (?=\S)")
_BEHIND = re.compile(r"\s(\S{1,300}?):(\d{1,7}):\d{1,7}$")
_IN_BRACKETS = re.compile(r"\(([^()\s,]{1,300}), line (\d{1,7})\)$")
_FRAME = re.compile(r"(?:.{0,300} @ |[^\s@]{0,200}@|at )\S{1,500}$")
_FRAME_PLACE = re.compile(r"\S:\d{1,7}\)?$|\(anonymous|line \d")
_ASYNC = re.compile(
    r"(?:await in .{1,200}|async .{1,100}|.{1,60} \(async\)|setTimeout|setInterval|setImmediate"
    r"|request(?:AnimationFrame|IdleCallback)|queueMicrotask|PendingScript|new Promise"
    r"|Promise\.\w{1,40}|postMessage|load|click|\(anonymous\)|dispatchEvent)$"
)
_PLACE = re.compile(r"(\S{1,300}?):(\d{1,7})(?::\d{1,7})?$")
_ROW = re.compile(r"(?:XHR|Fetch)?\s?(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)$")
_ROW_REST = re.compile(r"https?://\S+$|\[(?:HTTP/|NS_)[^\]]{1,200}\]$")
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
_LINKED = re.compile(r"<(https?://[^\s<>|]{3,4096})(?:\|[^\s<>]{0,4096})?>")
_ESCAPED = re.compile(r"&(?:quot|#39|#x27|apos);")
_THROWN = re.compile(r"(?:[A-Z]\w{0,40})?Error: ")
_NOTE = ("Note that ", "Either the ", "Source map ", "Caused by", "Require stack:", "- /")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its text, where it arose, its stack as text, its moment in milliseconds.

    `url` is the file that the browser names, `thrown` tells that it is an uncaught error.
    """

    text: str
    url: str = ""
    line: int | None = None
    stack: str = ""
    moment: float = 0.0
    thrown: bool = False


def messages(text: str) -> Iterator[Message]:
    """Yield the messages of a console log, text or JSON, in their order."""
    start = text.lstrip()[:1]
    parsed = fields.parsed(text) if start in ("{", "[") else None
    if parsed is None and start == "{":
        rows = map(fields.parsed, text.splitlines())
        parsed = [row for row in rows if row is not None] or None
    yield from _from_text(text) if parsed is None else _from_json(parsed)


class _LineDraft:
    """A message in the making."""

    def __init__(self, line: str) -> None:
        self.texts = [line]
        self.frames: list[str] = []
        self.place: tuple[str, int] | None = None

    def add(self, line: str) -> None:
        stripped = line.strip()
        if (place := _PLACE.fullmatch(stripped)) and not stripped.startswith("http"):
            self.place = self.place or (place[1], int(place[2]))
            self.frames.append(stripped)
        elif _FRAME.fullmatch(stripped) or _ASYNC.fullmatch(stripped):
            self.frames.append(stripped)
        else:
            frame = line[:1].isspace() and _FRAME_PLACE.search(stripped)
            (self.frames if frame else self.texts).append(stripped)

    def done(self) -> Message:
        text = " ".join(self.texts)[:MAX_LINE]
        text = _CLOCK.sub("", text, count=1) if text[:1].isdigit() else text
        level = _LEVEL.match(text)
        text = text[level.end() :] if level else text
        url, number, text = _located(text)
        if self.place and not url:
            url, number = self.place
        thrown = "Uncaught " in text[:80] and "(in promise)" not in text[:90]
        thrown = thrown or (level is not None and bool(_THROWN.match(text)))
        return Message(text, url, number, " ".join(self.frames)[:MAX_STACK], thrown=thrown)


def _located(text: str) -> tuple[str, int | None, str]:
    """Return the file and line that a message names in front or behind, and the rest."""
    if match := _ADDRESS.match(text):
        return match[1], int(match[2]) if match[2] else None, text[match.end() :]
    if (match := _BEFORE.match(text)) and not match[1].endswith(("http", "https")):
        return match[1], int(match[2]), text[match.end() :]
    match = _IN_BRACKETS.search(text[-400:]) or _BEHIND.search(text[-400:])
    if match and not match[1].startswith("http"):
        return match[1], int(match[2]), text
    return "", None, text


def _plain(text: str) -> str:
    """Return a log without what terminals, chats and tickets put around a browser's words."""
    text = _LINKED.sub(r"\1", _COLOUR.sub("", text))
    return html.unescape(text) if _ESCAPED.search(text) else text


def _from_text(text: str) -> Iterator[Message]:
    text = _plain(text)
    draft: _LineDraft | None = None
    levels = bool(_LEVEL.match(text.lstrip()[:20]))
    for line in text.splitlines():
        if not line.strip():
            continue
        if draft is not None and _continues(line, draft, levels=levels):
            if len(draft.frames) + len(draft.texts) < 200:
                draft.add(line[:MAX_LINE])
            continue
        if draft is not None:
            yield draft.done()
        draft = _LineDraft(line[:MAX_LINE])
    if draft is not None:
        yield draft.done()


def _continues(line: str, draft: _LineDraft, *, levels: bool) -> bool:
    """Tell whether a line belongs to the message above it."""
    if levels:
        return not _LEVEL.match(line)
    if line[0].isspace() or line.startswith(_NOTE):
        return True
    if _ROW.fullmatch(draft.texts[0]):
        return bool(_ROW_REST.fullmatch(line))
    if _PLACE.fullmatch(line) and not line.startswith("http"):
        return True
    if _FRAME.fullmatch(line) and _FRAME_PLACE.search(line):
        return True
    return bool(draft.frames and _ASYNC.fullmatch(line))


def _from_json(parsed: Any) -> Iterator[Message]:
    items = _items_of(parsed) if isinstance(parsed, dict) else parsed
    reader = _JsonReader()
    for item in items if isinstance(items, list) else ():
        if isinstance(item, str):
            yield _whole(item)
        elif isinstance(item, dict):
            yield from reader.told(item)


class _JsonReader:
    """Reads items of a log one after the other: some name a request that an earlier one holds."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.parts = 0

    def told(self, item: dict[str, Any], depth: int = 0) -> Iterator[Message]:
        """Yield what an item tells; what the parts of it tell, where it says nothing itself."""
        self.parts += 1
        if depth > MAX_DEPTH:
            return
        item = with_its_request(item, self.asked)
        for key in ("params", "message", "entry"):
            if isinstance(item.get(key), dict):
                item = {**item, **item[key]}
        text = _text_of(item)
        inner = fields.parsed(text) if text.startswith("{") else None
        if isinstance(inner, dict):
            yield from self.told(inner, depth + 1)
            return
        texts = [each for each in (text, told_in_words(item)) if each]
        yield from (_json_message(item, each) for each in texts)
        held = () if texts or _stored(item) else (v for k, v in item.items() if k not in _BODIES)
        for part in chain.from_iterable(v if isinstance(v, list) else [v] for v in held):
            if self.parts < MAX_PARTS and isinstance(part, dict):
                yield from self.told(part, depth + 1)


def _stored(item: dict[str, Any]) -> bool:
    """Return whether an item is an event that RUM has stored, which tells of arrival."""
    return str(item.get("event_type", "")).startswith("com.amazon.rum.")


def _text_of(item: dict[str, Any]) -> str:
    """Return the text of an item, its arguments or what an audit says of a place."""
    keys = (
        "text",
        "message",
        "msg",
        "log",
        *(("description",) if "sourceLocation" in item else ()),
    )
    text = next((item[key] for key in keys if isinstance(item.get(key), str)), "")
    return text or _arguments(item)


def _items_of(parsed: dict[str, Any]) -> list[Any]:
    """Return the messages that an object holds; itself where it is one."""
    for key in ("messages", "logs", "entries", "console", "devtoolsText", "breadcrumbs"):
        inner = parsed.get(key)
        inner = inner.get("values") if isinstance(inner, dict) else inner
        if isinstance(inner, list) and inner:
            return inner
    return [parsed]


def _whole(text: str) -> Message:
    """Read one message whose lines are known to belong together."""
    first, *rest = _plain(text[: 4 * MAX_LINE]).splitlines() or [""]
    draft = _LineDraft(first[:MAX_LINE])
    for line in rest[:200]:
        draft.add(line[:MAX_LINE])
    return draft.done()


def _json_message(item: dict[str, Any], text: str) -> Message:
    place = fields.mapping(item.get("location")) or fields.mapping(item.get("sourceLocation"))
    url = item.get("url") or place.get("url")
    number = fields.whole(item.get("line", item.get("lineNumber", place.get("lineNumber"))))
    stamp = item.get("timestamp", item.get("time"))
    kind = item.get("type")
    plain = _whole(text)
    return Message(
        plain.text,
        url[:2048] if isinstance(url, str) else plain.url,
        plain.line if number is None else number,
        f"{_stack(item)} {plain.stack}".strip()[:MAX_STACK],
        _milliseconds(stamp),
        plain.thrown or kind in ("pageerror", "exception"),
    )


def _arguments(item: dict[str, Any]) -> str:
    """Join the arguments of console.error as the DevTools protocol and rrweb write them."""
    parsed = item.get("args") or item.get("payload")
    items = parsed[:20] if isinstance(parsed, list) else []
    values = (i.get("value", i.get("description")) if isinstance(i, dict) else i for i in items)
    return " ".join(str(value)[:MAX_LINE] for value in values if isinstance(value, str | int))


def _stack(item: dict[str, Any]) -> str:
    frames = item.get("stack", item.get("stackTrace"))
    if isinstance(frames, dict):
        frames = frames.get("callFrames")
    if isinstance(frames, list):
        return " ".join(str(f.get("url"))[:300] for f in frames[:20] if isinstance(f, dict))
    return frames[:2000] if isinstance(frames, str) else ""


def _milliseconds(stamp: Any) -> float:
    if isinstance(stamp, int | float) and not isinstance(stamp, bool) and abs(stamp) < 1e15:
        return float(stamp)
    moment = fields.moment(stamp)
    return moment.timestamp() * 1000 if moment else 0.0


def moment_of(milliseconds: float) -> datetime | None:
    """Return a moment, None for a clock that does not count from 1970."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds > 1e11 else None
    except (ValueError, OverflowError, OSError):
        return None
