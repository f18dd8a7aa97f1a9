"""What a browser told while it was recorded, in one shape for every browser.

It lives in memory only and holds secrets; `allowed` is the one way from here into a file.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from rumkit.client.har.conversation import AWS_CALLS, Kind
from rumkit.client.har.entry import MAX_HTML, MAX_SCRIPT
from rumkit.client.har.place import NamedByUrl, place_of
from rumkit.client.har.scripts import carries_mark, is_bare

MAX_EXCHANGES = 20_000
MAX_MESSAGES = 5_000
MAX_REPLY = 65_536
Headers = list[tuple[str, str]]


@dataclass
class Exchange:
    """One request and what came of it; moments are seconds since 1970.

    `resource` is DevTools' kind in lower case. `body` is text, or base64 where `binary` tells so.
    `error` is None while nothing failed.
    """

    url: str
    method: str
    resource: str
    page: str
    started: float
    sent: Headers = field(default_factory=list)
    body: str = ""
    binary: bool = False
    status: int = 0
    status_text: str = ""
    received: Headers = field(default_factory=list)
    mime: str = ""
    reply: str = ""
    bare: bool = False
    error: str | None = None
    blocked: str = ""
    cors_error: str = ""
    via_worker: bool = False
    from_cache: bool = False
    initiator: str = ""
    address: str = ""
    ended: float = 0.0

    @property
    def place(self) -> NamedByUrl | None:
        """Return what the URL names."""
        return place_of(self.url)

    @property
    def aws(self) -> bool:
        """Return whether it is a call of the client, by host, path, target header or body."""
        place = self.place
        if place is None:
            return False
        targets = any(name.lower() == "x-amz-target" for name, _ in self.sent)
        return place.kind in AWS_CALLS or bool(place.monitor_id) or targets or self.puts

    @property
    def puts(self) -> bool:
        """Return whether it is a PutRumEvents call, at whatever host."""
        place = self.place
        if place is None or self.method != "POST":
            return False
        batch = '"RumEvents"' in self.body[:MAX_REPLY]
        return place.kind is Kind.PUT_EVENTS or bool(place.monitor_id) or batch

    @property
    def client_script(self) -> bool:
        """Return whether it is the client's script, by its name."""
        place = self.place
        return place is not None and place.kind is Kind.CLIENT_SCRIPT

    @property
    def wants_reply(self) -> bool:
        """Return whether the reply's body is worth asking for."""
        return self.resource in ("document", "script") or self.aws

    @property
    def done(self) -> bool:
        """Return whether nothing more will come."""
        return self.ended > 0

    def take_reply(self, text: str, *, binary: bool = False) -> None:
        """Keep the reply's body, base64 if `binary`, as far as it may decide something."""
        if binary:
            text = _decoded(text)
        self.bare = self.resource == "script" and not self.client_script and is_bare(text)
        if self.resource == "document":
            self.reply = text[:MAX_HTML]
        elif self.resource == "script" and carries_mark(text):
            self.reply = text[:MAX_SCRIPT]
        else:
            self.reply = text[:MAX_REPLY] if self.aws or self.client_script else ""


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except ValueError:
        return ""


@dataclass
class Capture:
    """Everything that was told; `pages` are (id, address, moment), `states` what pages said.

    `private` are the ids of the pages in a private window, `unobserved` sentences on what could
    not be seen, each once.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    pages: list[tuple[str, str, float]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    violations: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    private: set[str] = field(default_factory=set)
    unobserved: dict[str, None] = field(default_factory=dict)
    left_out: int = 0

    @property
    def page(self) -> str:
        """Return the id of the page that is open."""
        return self.pages[-1][0] if self.pages else "page_1"

    def open_page(self, url: str, moment: float) -> None:
        """Begin another page; what follows belongs to it."""
        self.pages.append((f"page_{len(self.pages) + 1}", url, moment))

    def add(self, exchange: Exchange) -> Exchange:
        """Add a request, and return it."""
        if len(self.exchanges) < MAX_EXCHANGES:
            self.exchanges.append(exchange)
        else:
            self.left_out += 1
        return exchange

    def say(self, message: dict[str, Any]) -> None:
        """Add a message of the console."""
        if len(self.messages) < MAX_MESSAGES:
            self.messages.append(message)

    def of_page(self, page: str) -> list[Exchange]:
        """Return the requests of one page."""
        return [each for each in self.exchanges if each.page == page]
