"""Reads a saved browser console: policy violations and what the RUM client said.

Wordings of Chrome before and after version 130 or so, of Firefox and of Safari are known; every
other message is dropped. The file is text (one message a line), or JSON (an object with
`messages` or `devtoolsText`, or a list).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit.client.har import console_words as words
from rumkit.client.har.redact import bare_url, printable, sentence
from rumkit.model import BadInput

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from rumkit.client.har.silence import Silent

MAX_BYTES = 32 << 20
MAX_MESSAGES = 50_000
MAX_KEPT = 2_000
MAX_LINE = 8_192


@dataclass(frozen=True, slots=True)
class Violation:
    """A content security policy violation.

    `blocked` is the URL without its query, or `inline`; `suggested_hash` what the browser says
    would let the inline script run.
    """

    directive: str
    blocked: str
    report_only: bool = False
    suggested_hash: str = ""
    policy: str = ""
    page: str = ""
    line: int | None = None
    trusted_types: bool = False
    moment: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """Something the console says of the client: `reason` is one of `console_words.REASONS`."""

    reason: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class FailedRequest:
    """A request of which the console says that it failed.

    `url` is bare, empty where the console names only the host or the file (`host` then holds it).
    `status` is 0 when no reply came; `why` is the browser's own wording, bounded.
    """

    url: str
    host: str
    kind: Silent
    why: str
    status: int = 0
    moment: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Console:
    """What of a console matters for RUM.

    `messages` counts everything that was in it, `uncaught` the page's uncaught errors;
    `last_moment` is that of the last message, where the file has times.
    """

    violations: tuple[Violation, ...] = ()
    client: tuple[ClientMessage, ...] = ()
    network: tuple[tuple[str, str], ...] = ()
    failed_requests: tuple[FailedRequest, ...] = ()
    messages: int = 0
    uncaught: int = 0
    last_moment: datetime | None = None

    def said(self, *reasons: str) -> ClientMessage | None:
        """Return the first message with one of these reasons."""
        return next((m for m in self.client if m.reason in reasons), None)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    url: str = ""
    line: int | None = None
    stack: str = ""
    moment: float = 0.0


def read_console(path: str | Path) -> Console:
    """Read a console log; raises BadInput when the file can't be read."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "bad name"
        raise BadInput(f"The console log {path.name} can't be read: {why}.") from None
    return console_from_text(_decoded(data))


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def console_from_text(text: str) -> Console:
    """Read a console log that is in memory."""
    violations: dict[Violation, None] = {}
    client: dict[ClientMessage, None] = {}
    network: dict[tuple[str, str], None] = {}
    count = uncaught = 0
    last = 0.0
    for line in _lines(text):
        count += 1
        if count > MAX_MESSAGES:
            break
        last = max(last, line.moment)
        uncaught += line.text.find("Uncaught ", 0, 80) >= 0 and "(in promise)" not in line.text[:90]
        if (violation := _violation(line)) and len(violations) < MAX_KEPT:
            violations.pop(violation, None)
            violations[violation] = None
        elif (message := _message(line)) and len(client) < MAX_KEPT:
            client[message] = None
        elif (trouble := _network(line)) and len(network) < MAX_KEPT:
            network[trouble] = None
    return Console(
        tuple(violations),
        tuple(client),
        tuple(network),
        messages=count,
        uncaught=uncaught,
        last_moment=_moment(last),
    )


def _moment(milliseconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds > 1e11 else None
    except (ValueError, OverflowError, OSError):
        return None


def _lines(text: str) -> Iterator[_Line]:
    if text.lstrip()[:1] in ("{", "["):
        try:
            found = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict | list):
            yield from _json_lines(found)
            return
    for line in text.splitlines():
        if line.strip() and not line.startswith(("    at ", "\tat ", "    @")):
            yield _Line(line[:MAX_LINE])


def _json_lines(found: dict[str, Any] | list[Any]) -> Iterator[_Line]:
    items: Any = found
    if isinstance(found, dict):
        for key in ("messages", "logs", "entries", "console", "devtoolsText"):
            if isinstance(found.get(key), list) and found[key]:
                items = found[key]
                break
        else:
            return
    for item in items:
        if isinstance(item, str):
            yield _Line(item[:MAX_LINE])
        elif isinstance(item, dict):
            yield _json_line(item)


def _json_line(item: dict[str, Any]) -> _Line:
    text = next((item[k] for k in ("text", "message", "msg") if isinstance(item.get(k), str)), "")
    url = item.get("url")
    place = item.get("location")
    if isinstance(place, dict):
        url = url or place.get("url")
    number = item.get("line", item.get("lineNumber"))
    frames = item.get("stack")
    stamp = item.get("timestamp", item.get("time"))
    stack = ""
    if isinstance(frames, list):
        stack = " ".join(str(f.get("url"))[:300] for f in frames[:20] if isinstance(f, dict))
    elif isinstance(frames, str):
        stack = frames[:2000]
    return _Line(
        text[:MAX_LINE],
        url[:2048] if isinstance(url, str) else "",
        number if isinstance(number, int) and not isinstance(number, bool) else None,
        stack,
        float(stamp) if isinstance(stamp, int | float) and abs(stamp) < 1e15 else 0.0,
    )


def _first(patterns: Iterable[re.Pattern[str]], text: str) -> str | None:
    for pattern in patterns:
        match = pattern.search(text)
        if match:
            return match[1] if match.groups() else ""
    return None


def _violation(line: _Line) -> Violation | None:
    text = line.text
    lowered = text.lower()
    if words.TRUSTED_TYPES.search(text):
        return _made(line, "require-trusted-types-for", "", trusted=True)
    if "policy" not in lowered and "refused to" not in lowered:
        return None
    if (url := _first(words.CONNECT, text)) is not None:
        return _made(line, _directive(text) or "connect-src", bare_url(url.rstrip(".")))
    if (url := _first(words.SCRIPT, text)) is not None:
        return _made(line, _directive(text) or "script-src", bare_url(url))
    if _first(words.INLINE, text) is not None:
        directive = _directive(text) or "script-src"
        return _made(line, directive, "inline") if "style" not in directive else None
    match = words.FIREFOX.search(text)
    if match and not lowered.startswith("content-security-policy: ignoring"):
        old = words.FIREFOX_OLD_DIRECTIVE.search(text)
        directive = match[1] or (old[1] if old else "") or _directive(text) or ""
        target = match[2].rstrip(".,")
        inline = target.lower() in ("inline", "self") and directive.startswith("script")
        return _made(line, directive.lower(), "inline" if inline else bare_url(target))
    return None


def _directive(text: str) -> str:
    return (_first(words.DIRECTIVE, text) or "").lower()


def _made(line: _Line, directive: str, blocked: str, *, trusted: bool = False) -> Violation:
    suggested = words.HASH.search(line.text[line.text.find("directive") + 1 :].rpartition('". ')[2])
    suggested = suggested or (words.HASH.search(line.text) if "hash" in line.text.lower() else None)
    policy = words.POLICY.search(line.text)
    return Violation(
        directive=directive,
        blocked=blocked,
        report_only=bool(words.REPORT_ONLY.search(line.text)),
        suggested_hash=suggested[1] if suggested else "",
        policy=printable(policy[1].strip())[:2000] if policy else "",
        page=bare_url(line.url),
        line=line.line,
        trusted_types=trusted,
        moment=_moment(line.moment),
    )


def _message(line: _Line) -> ClientMessage | None:
    lowered = line.text.lower()
    for reason, pattern in words.MESSAGES:
        needles = words.NEEDLES.get(reason, ("cwr: ",))
        if any(needle in lowered for needle in needles) and pattern.search(line.text):
            beside = f"{line.text} {line.url} {line.stack}"
            if reason in words.NEEDS_CLIENT and not words.CLIENT.search(beside):
                continue
            return ClientMessage(reason, sentence(line.text, limit=300), bare_url(line.url))
    return None


def _network(line: _Line) -> tuple[str, str] | None:
    named = "net::" in line.text or "NS_" in line.text
    match = words.NETWORK.search(line.text) if named else None
    if not match:
        return None
    url = words.URL.search(line.text)
    found = bare_url(url[0] if url else line.url)
    return (found, match[1] or match[2]) if found else None
