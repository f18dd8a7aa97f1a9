"""Reads a saved browser console: policy violations, failed requests, what the RUM client said.

Wordings of Chrome before and after version 130 or so, of Firefox in several languages and of
Safari are known; every other message is dropped. The file is text or JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.client.har import console_words as words
from rumkit.client.har.console_lines import Message, messages, moment_of
from rumkit.client.har.console_network import FailedRequest, NetworkReader
from rumkit.client.har.console_policy import Violation, violation_of
from rumkit.client.har.fields import decoded
from rumkit.client.har.recorder import Issue, told_beside, unsaid
from rumkit.client.har.redact import bare_url, printable, sentence
from rumkit.client.har.sources import read_named

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["ClientMessage", "Console", "FailedRequest", "Violation", "console_from_text",
           "read_console"]  # fmt: skip

MAX_BYTES = 32 << 20
MAX_MESSAGES = 50_000
MAX_KEPT = 2_000
MAX_FRAMES = 20
_CLIENT_FRAME = re.compile(
    r"[^\s()'\"@]{0,300}?(?:\bcwr(?:-slim)?(?:\.min)?\.js|\baws-rum(?:-web|-slim)?[/@.][^\s()'\"]{1,200}"
    r"|client\.rum\.[^\s()'\"]{1,200})(?:\?[^\s:()]{0,80})?(?::\d{1,7}){0,2}"
)
_QUERY = re.compile(r"[?#][^\s:]*")


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """Something the console says of the client: `reason` is one of `console_words.MESSAGES`."""

    reason: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Console:
    """What of a console matters for RUM.

    `messages` counts everything that was in it, `uncaught` the page's uncaught errors; `issues`
    are those of the browser's own list, which only rumkit's recorder saves;
    `client_frames` are the frames of stacks that name the client's files, without queries;
    `last_moment` is that of the last message, where the file has times.
    """

    violations: tuple[Violation, ...] = ()
    issues: tuple[Issue, ...] = ()
    client: tuple[ClientMessage, ...] = ()
    failed_requests: tuple[FailedRequest, ...] = ()
    client_frames: tuple[str, ...] = ()
    messages: int = 0
    uncaught: int = 0
    last_moment: datetime | None = None

    def said(self, *reasons: str) -> ClientMessage | None:
        """Return the first message with one of these reasons."""
        return next((m for m in self.client if m.reason in reasons), None)


def read_console(path: str | Path) -> Console:
    """Read a console log; raises BadInput when the file can't be read."""
    return console_from_text(decoded(read_named(path, "console log", MAX_BYTES)))


def console_from_text(text: str) -> Console:
    """Read a console log that is in memory."""
    violations: dict[Violation, None] = {}
    client: dict[ClientMessage, None] = {}
    frames: dict[str, None] = {}
    network = NetworkReader()
    count = uncaught = 0
    last = 0.0
    for message in messages(text):
        count += 1
        if count > MAX_MESSAGES:
            break
        last = max(last, message.moment)
        uncaught += message.thrown
        if len(frames) < MAX_FRAMES:
            frames.update(dict.fromkeys(_frames(message)))
        if (violation := violation_of(message)) and len(violations) < MAX_KEPT:
            violations.pop(violation, None)
            violations[violation] = None
            continue
        if (known := _client_message(message)) and len(client) < MAX_KEPT:
            client[known] = None
        network.take(message)
    told, issues = told_beside(text)
    return Console(
        violations=(*violations, *unsaid(told, violations)),
        issues=issues,
        client=tuple(client),
        failed_requests=network.requests(),
        client_frames=tuple(frames)[:MAX_FRAMES],
        messages=count,
        uncaught=uncaught,
        last_moment=moment_of(last),
    )


def _frames(message: Message) -> list[str]:
    """Return the places in a message and its stack that name a file of the client at work."""
    if "SyntaxError" in message.text[:200]:
        return []  # The file that could not be parsed, a page of HTML most often.
    place = f"{message.url}:{message.line}" if message.line is not None else message.url
    named = message.text.lower().startswith("failed to load resource") or place in message.stack
    beside = message.stack if named else f"{place} {message.stack}"
    if "cwr" not in beside and "rum" not in beside:
        return []
    frames = (_QUERY.sub("", match[0]) for match in _CLIENT_FRAME.finditer(beside))
    return [printable(frame)[:200] for frame in frames]


def _client_message(message: Message) -> ClientMessage | None:
    lowered = message.text.lower()
    for reason, pattern in words.MESSAGES:
        needles = words.NEEDLES.get(reason, ("cwr: ",))
        if any(needle in lowered for needle in needles) and pattern.search(message.text):
            beside = f"{message.text} {message.url} {message.stack}"
            if reason in words.NEEDS_CLIENT and not words.CLIENT.search(beside):
                continue
            url = bare_url(message.url)
            return ClientMessage(reason, sentence(message.text, limit=300), url)
    return None
