"""Why a request got no reply, as only the whole recording tells.

The preflight knows more than its request, the next page load tells that a page was left, the
console names what the exporter leaves out, and a reply is "still to come" only at the very end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rumkit.client.har.author import Author
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import aws_host
from rumkit.client.har.silence import VAGUE, Shape, Silence, Silent, clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rumkit.client.har.console import Console

# A reply that is this much overdue while the recording goes on is no longer "still to come".
PATIENCE = timedelta(seconds=10)
_AUTHORS = {
    Silent.EXTENSION: Author.EXTENSION,
    Silent.PROXY: Author.PROXY,
    Silent.SERVICE_WORKER: Author.SERVICE_WORKER,
    **dict.fromkeys(
        (
            Silent.POLICY, Silent.MIXED_CONTENT, Silent.ADMINISTRATOR, Silent.DEVTOOLS, Silent.ORB,
            Silent.CONTENT_TYPE, Silent.INTEGRITY, Silent.WITHHELD, Silent.CORS,
        ),
        Author.BROWSER,
    ),
}  # fmt: skip


def with_silences(
    calls: Iterable[Call], console: Console | None = None, end: datetime | None = None
) -> tuple[Call, ...]:
    """Return the calls, each one without a reply with the reason for it.

    `end` is the last moment that the recording knows of.
    """
    calls = tuple(calls)
    if not any(call.silent for call in calls):
        return calls
    context = _Context(calls, console, end)
    return tuple(context.settled(call) if call.silent else call for call in calls)


class _Context:
    """What surrounds a call: its preflights, the page, the next page, the end, the console."""

    def __init__(
        self, calls: Sequence[Call], console: Console | None, end: datetime | None
    ) -> None:
        self.reasons = _by_url(console) if console else {}
        self.preflights: dict[str, list[Call]] = defaultdict(list)
        for call in calls:
            if call.preflight:
                self.preflights[call.url].append(call)
        self.documents = [c for c in calls if c.kind is Kind.DOCUMENT and not c.frame]
        self.begun = sorted(c.started for c in self.documents if c.started)
        self.end = end

    def settled(self, call: Call) -> Call:
        silence = self._by_console(call) or call.silence or self._by_shape(call)
        if silence.kind is Silent.DNS:
            silence = _dns(call, silence)
        author = _AUTHORS.get(silence.kind, call.author)
        mark = silence.text if author is not Author.UNKNOWN else ""
        return replace(call, silence=silence, author=author, author_mark=mark[:120])

    def _by_console(self, call: Call) -> Silence | None:
        """Take the console's reason where the entry names none, or only a vague one."""
        if call.silence and call.silence.kind not in VAGUE:
            return None
        kind = self.reasons.get(call.url)
        return Silence(kind, clause(kind, call.host)) if kind else None

    def _by_shape(self, call: Call) -> Silence:
        shape = call.shape
        if shape in (Shape.UNSENT, Shape.EMPTY):
            return self._blocked_early(call)
        if shape is Shape.STOPPED:
            return _made(Silent.EXTENSION, call)
        if shape is Shape.RESET:
            return _made(Silent.RESET, call)
        if shape is Shape.UNREACHED:
            return self._unreached(call)
        if shape is Shape.FAILED:
            return self._failed(call)
        return self._left(call) or (
            _made(Silent.ABORTED, call, certain=False)
            if shape is Shape.ABORTED
            else self._overdue(call)
        )

    def _blocked_early(self, call: Call) -> Silence:
        page = self._page_of(call)
        if call.url.startswith("http:") and page.startswith("https:"):
            return _made(Silent.MIXED_CONTENT, call)
        return _made(Silent.POLICY, call, certain=call.shape is Shape.UNSENT)

    def _unreached(self, call: Call) -> Silence:
        host = aws_host(call.host)
        if host and not host.possible:
            return _made(Silent.DNS, call)
        reset = any(c.shape is Shape.RESET for c in self._own_preflights(call))
        return _made(Silent.RESET if reset else Silent.UNREACHABLE, call)

    def _failed(self, call: Call) -> Silence:
        """Read net::ERR_FAILED, which Chromium writes when the cause lies with another request."""
        if call.via_worker:
            return _made(Silent.SERVICE_WORKER, call, certain=False)
        preflights = self._own_preflights(call)
        causes = [c.silence for c in preflights if c.silent and c.silence]
        if causes:
            return causes[-1]
        origins = [c.cors.origin if c.cors else "" for c in preflights]
        if twice := next((each for each in origins if "," in each), ""):
            text = f"its preflight was allowed for two origins ({twice}), which no browser takes"
            return Silence(Silent.CORS, text)
        if any(c.status >= 400 for c in preflights) or not all(origins):
            return _made(Silent.CORS, call)
        text = (
            f"the page got no reply that it may read ({call.net_error}): one without CORS headers,"
            " or the request was stopped in the browser, as tests and extensions do"
        )
        return Silence(Silent.CORS, text, certain=False)

    def _own_preflights(self, call: Call) -> list[Call]:
        return [] if call.preflight else self.preflights.get(call.url, [])

    def _left(self, call: Call) -> Silence | None:
        """Tell that the page was left: another page began before the reply came."""
        begun = call.started
        if begun is None or call.kind is Kind.DOCUMENT:
            return None
        place = bisect_left(self.begun, begun)
        if place < len(self.begun) and self.begun[place] <= begun + PATIENCE:
            return _made(Silent.ABORTED, call)
        return None

    def _overdue(self, call: Call) -> Silence:
        waited = self.end - call.started if self.end and call.started else timedelta(0)
        if waited <= PATIENCE:
            return _made(Silent.STILL_OPEN, call)
        text = (
            f"no reply came in the {waited.total_seconds():.0f} s that the recording went on; "
            "what drops packets silently (a firewall) looks like this"
        )
        return Silence(Silent.TIMEOUT, text, certain=False)

    def _page_of(self, call: Call) -> str:
        if not self.documents:
            return ""
        place = bisect_right(self.documents, call.index, key=lambda document: document.index)
        return self.documents[max(0, place - 1)].url


def _by_url(console: Console) -> dict[str, Silent]:
    """Return the reasons that a console gives, by URL: policies, then the plainest failure."""
    reasons = {
        request.url: request.kind
        for request in console.failed_requests
        if request.url and request.kind and request.kind not in VAGUE and not request.status
    }
    blocked = (v.blocked for v in console.violations if not v.report_only)
    return reasons | dict.fromkeys(blocked, Silent.POLICY)


def _made(kind: Silent, call: Call, *, certain: bool = True) -> Silence:
    return Silence(kind, clause(kind, call.host), certain)


def _dns(call: Call, silence: Silence) -> Silence:
    """Tell a host of AWS that is spelt rightly from one that can't exist."""
    host = aws_host(call.host)
    if host is None or silence.host_possible is not None:
        return silence
    text = silence.text
    if host.possible:
        text += (
            ", although it is spelt rightly: the visitor's network, a DNS list or a blocker keeps "
            "it from being resolved"
        )
    elif host.kind is Kind.CLIENT_SCRIPT:
        text += ", and no such host exists: the client's CDN is in us-east-1 only"
    else:
        wrong = f"{host.region!r}" if host.region else "an empty text"
        text += f", and no such host exists: {wrong} stands where the Region belongs"
    return Silence(silence.kind, text, silence.certain, host.possible)
