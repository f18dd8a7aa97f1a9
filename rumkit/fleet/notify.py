"""Tells people what changed since the last run: a file, a webhook of Slack or Teams, an SNS topic.

Nothing is told where nothing changed. A notification that fails is told in the run itself, and
changes neither its rows nor its exit code.

Sources: Slack, "Sending messages using incoming webhooks"; Microsoft Teams, "Create incoming
webhooks with Workflows" (an adaptive card in a message); Amazon SNS API reference, Publish.
"""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from rumkit.aws.partitions import parse_arn
from rumkit.fleet.page import WORDS, headline
from rumkit.fleet.rows import TOLD_TO_END, MonitorRow, MonitorState
from rumkit.model import BadInput
from rumkit.show import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rumkit.fleet.run import FleetRun

_SHOWN: Final = 20
_SECONDS: Final = 15
# SNS takes 256 KB, Slack 40,000 characters, Teams 28 KB for a card.
_LONGEST: Final = 12_000


@dataclass(frozen=True)
class NotificationChannel:
    """Whom to tell: `kind` is `file`, `slack`, `teams` or `sns`, `to` a path, URL or ARN."""

    kind: str
    to: str

    @property
    def name(self) -> str:
        """Return the channel without what is secret in it: a webhook's address is its key."""
        return f"{self.kind}:{urlsplit(self.to).hostname if '://' in self.to else self.to}"


def parse_channel(text: str) -> NotificationChannel:
    """Read `file:PATH`, `slack:URL`, `teams:URL` or `sns:ARN`. Raises BadInput."""
    kind, _, to = text.partition(":")
    if kind not in _SENDERS or not to:
        raise BadInput("--notify takes file:PATH, slack:URL, teams:URL or sns:TOPIC_ARN.")
    if kind in {"slack", "teams"}:
        address = urlsplit(to)
        local = address.hostname in {"127.0.0.1", "localhost"}
        if not address.hostname or not (address.scheme == "https" or local):
            raise BadInput(f"--notify {kind} takes an https address.")
    if kind == "sns" and (parse_arn(to) is None or ":sns:" not in to):
        raise BadInput(f"--notify sns takes a topic's ARN, not {to!r}.")
    return NotificationChannel(kind, to)


def news(run: FleetRun) -> list[MonitorRow]:
    """Return what somebody has to hear of: what became bad, worse or good since the last run."""
    return [
        row
        for row in run.rows
        if row.error != TOLD_TO_END
        and (row.change in {"new", "worse", "mended"} or (row.change == "first" and not row.good))
    ]


def tell(run: FleetRun, channels: Sequence[NotificationChannel], *, link: str = "") -> list[str]:
    """Tell every channel what changed, and return what went wrong, a sentence each."""
    changed = news(run)
    if not changed:
        return []
    failures = []
    for channel in channels:
        try:
            _SENDERS[channel.kind](channel.to, message(run, changed, link), _subject(run))
        except Exception as error:  # noqa: BLE001 - whatever it is, the run's result stands
            why = words.one_line(error).replace(channel.to, "the address")[:300]
            kind = type(error).__name__
            failures.append(f"The notification by {channel.name} was not sent: {kind}: {why}.")
    return failures


def message(run: FleetRun, changed: Sequence[MonitorRow], link: str) -> str:
    """Return the news as plain text: the difference, the cause, the fix's first line, a link."""
    lines = [f"{_subject(run)} ({run.time})"]
    for row in changed[:_SHOWN]:
        lines += ["", *_lines_of(row, link)]
    if len(changed) > _SHOWN:
        lines += ["", f"and {len(changed) - _SHOWN} more"]
    if link:
        lines += ["", f"{link.rstrip('/')}/latest/fleet.html"]
    return "\n".join(lines)[:_LONGEST]


def _subject(run: FleetRun) -> str:
    return f"App monitors: {headline(run.rows)}"


def _lines_of(row: MonitorRow, link: str) -> list[str]:
    name = " ".join(filter(None, (row.name, row.place, row.region)))
    owner = f", {row.owner}" if row.owner else ""
    lines = [
        words.one_line(
            f"{row.change}: {name} is {WORDS[MonitorState(row.state)]}{owner}"
            f"{f', since {row.began}' if row.began else ''}"
        )
    ]
    if not row.good:
        lines.append(f"  cause: {row.reason[:350]}")
    if row.fix and not row.good:
        lines.append(f"  fix: {words.one_line(row.fix)[:300]}")
    if link and row.report:
        lines.append(f"  {link.rstrip('/')}/{row.report}")
    return lines


def _to_file(to: str, text: str, _: str) -> None:
    with Path(to).open("a", encoding="utf-8") as file:
        file.write(text + "\n\n")


def _to_slack(to: str, text: str, _: str) -> None:
    # Slack reads these three as markup, and a message may call everyone by it.
    _post(to, {"text": escape(text)})


def _to_teams(to: str, text: str, _: str) -> None:
    # What a card reads as Markdown is escaped.
    plain = re.sub(r"([\\`*_\[\]])", r"\\\1", text)
    blocks = [{"type": "TextBlock", "text": part, "wrap": True} for part in plain.split("\n\n")]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    _post(to, {"type": "message", "attachments": [attachment]})


def _post(to: str, data: Mapping[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked when it was read
        to, json.dumps(data).encode(), {"content-type": "application/json"}, method="POST"
    )
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=_SECONDS) as answer:
        answer.read(1000)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is told goes to the address that a person named, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow no redirect."""


def _to_sns(to: str, text: str, subject: str) -> None:
    from rumkit.fleet.writing import writing_client

    client = writing_client("sns", region=to.split(":")[3])
    plain = subject.encode("ascii", "replace").decode()[:99]
    client.publish(TopicArn=to, Subject=plain, Message=text)


# Each takes where to, the message, and its subject.
_SENDERS: Final[Mapping[str, Callable[[str, str, str], None]]] = {
    "file": _to_file,
    "slack": _to_slack,
    "teams": _to_teams,
    "sns": _to_sns,
}
