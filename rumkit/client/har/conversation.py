"""The delivery conversation: what the browser and the RUM client asked, page load by page load.

Every value here passed the allow-list of `entry`; none of them is a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from rumkit.client.har.author import Author
from rumkit.client.har.silence import Shape, Silence, Silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rumkit.client.csp.hashes import ServedHashes
    from rumkit.client.page import Page


class Kind(StrEnum):
    """What a call is for."""

    DOCUMENT = "document"
    CLIENT_SCRIPT = "client script"
    SCRIPT = "script"
    GET_ID = "GetId"
    GET_OPEN_ID_TOKEN = "GetOpenIdToken"  # noqa: S105 - an operation's name
    GET_CREDENTIALS = "GetCredentialsForIdentity"
    COGNITO = "Cognito"
    ASSUME_ROLE = "AssumeRoleWithWebIdentity"
    SITE_TOKEN = "token call of the site's own AWS SDK"  # noqa: S105 - what a call is for
    PUT_EVENTS = "PutRumEvents"
    APPLICATION = "application"


COGNITO_CALLS = frozenset({Kind.GET_ID, Kind.GET_OPEN_ID_TOKEN, Kind.GET_CREDENTIALS, Kind.COGNITO})
VENDING = COGNITO_CALLS | {Kind.ASSUME_ROLE}
AWS_CALLS = VENDING | {Kind.PUT_EVENTS}


@dataclass(frozen=True, slots=True)
class Signature:
    """How a request is signed, evaluated by Authorization or X-Amz-Signature.

    `state` is `header`, `query`, `none`, `stripped` (the exporter removed Authorization, the
    other headers of a signature are there) or `hidden` (no request headers in the file).
    """

    state: str
    date: str = ""
    region: str = ""
    service: str = ""

    @property
    def signed(self) -> bool | None:
        """Return whether the request was signed; None when the file can't tell."""
        return {"none": False, "hidden": None}.get(self.state, True)


@dataclass(frozen=True, slots=True)
class Vending:
    """What a Cognito or STS request asked for.

    `identity` is `given`, `missing`, `malformed` or `unknown`; `identity_mark` is a fingerprint
    of the identity id that was given, so that it can be compared with the pool's id.
    """

    identity_pool_id: str = ""
    identity: str = "unknown"
    identity_mark: str = ""
    role_arn: str = ""
    token_undefined: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """One PutRumEvents body: how many events of which types, of which session and client."""

    monitor_id: str = ""
    app_version: str = ""
    alias: str = ""
    session_id: str = ""
    event_types: tuple[tuple[str, int], ...] = ()
    client: str = ""
    client_version: str = ""

    @property
    def events(self) -> int:
        """Return the number of events."""
        return sum(count for _, count in self.event_types)

    def has(self, ending: str) -> bool:
        """Return whether an event's type ends with this name."""
        return any(name.endswith(ending) for name, _ in self.event_types)


@dataclass(frozen=True, slots=True)
class Cors:
    """The headers of a preflight that decide what the browser lets through, in lower case."""

    asked: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    origin: str = ""
    credentials: bool = False
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One request that matters for delivery.

    `status` is 0 when no reply came; `silence` then says why (with a status, why the browser kept
    the reply from the page). `net_error` is the exporter's error text; an empty text with status 0
    is how Chromium exports a script that a policy blocked, None means no error (or a request still
    under way). `seconds` is the duration. `frame` and `top` tell what a document is for, where a
    header says so. `author` is who answered, `author_mark` by what mark; `aws_host` says that the
    host is one of AWS's and spelt rightly. `body_lost` says
    why a PutRumEvents body could not be read, empty when it could or is not there.
    """

    index: int
    kind: Kind
    method: str
    url: str
    host: str
    path: str
    status: int
    preflight: bool = False
    beacon: bool = False
    started: datetime | None = None
    seconds: float = 0.0
    net_error: str | None = None
    blocked: str = ""
    error_type: str = ""
    error_message: str = ""
    resource_type: str = ""
    mime: str = ""
    page: str = ""
    signature: Signature | None = None
    vending: Vending | None = None
    batch: Batch | None = None
    cors: Cors | None = None
    trace_header: str = ""
    headers_seen: bool = True
    cors_reply: bool | None = None
    clock_skew: float | None = None
    monitor_id: str = ""
    frame: bool = False
    top: bool = False
    author: Author = Author.UNKNOWN
    author_mark: str = ""
    aws_host: bool = False
    via_worker: bool = False
    shape: Shape | None = None
    silence: Silence | None = None
    body_lost: str = ""

    @property
    def silent(self) -> bool:
        """Return whether the page got no reply at all."""
        return self.status <= 0 or self.refused_by_browser

    @property
    def accepted(self) -> bool:
        """Return whether AWS itself gave a good reply, or nothing speaks against it."""
        by_host = self.author is Author.UNKNOWN and self.aws_host
        return self.ok and (self.author is Author.AWS or by_host)

    @property
    def ended(self) -> datetime | None:
        """Return the moment of the reply's end."""
        return self.started + timedelta(seconds=self.seconds) if self.started else None

    @property
    def ok(self) -> bool:
        """Return whether a good reply came; status 200 with ERR_ABORTED is one."""
        good = 200 <= self.status < 300 or self.status == 304
        return good and not self.refused_by_browser

    @property
    def redirected(self) -> bool:
        """Return whether the reply leads to another address, which 304 does not."""
        return 300 <= self.status < 400 and self.status != 304

    @property
    def refused_by_browser(self) -> bool:
        """Return whether the browser withheld the reply from the page, whatever its status."""
        return self.silence is not None and self.status > 0

    @property
    def pending(self) -> bool:
        """Return whether the capture ended, or the page was left, before a reply came."""
        if self.status > 0 or self.silence is None:
            return False
        return self.silence.kind in (Silent.STILL_OPEN, Silent.ABORTED)

    @property
    def failed(self) -> bool:
        """Return whether the call failed for good: an error status, or no reply at all."""
        return not self.ok and not self.pending and not self.redirected

    @property
    def trouble(self) -> str:
        """Return what went wrong in a few words: status, type, message or network error."""
        if self.status >= 400:
            words = [str(self.status), self.error_type, self.error_message]
        else:
            reason = self.blocked or self.net_error
            words = [reason or (self.silence.text if self.silence else "no reply")]
        return " ".join(word for word in words if word).rstrip(".")


@dataclass(frozen=True)
class RecordedDocument:
    """A page in the recording: what is needed to read its snippet and its policies.

    `masked` tells that secrets in its HTML were blanked. `hashes` leads from the hash of an inline
    script whose text changed so (`'sha256-…'`) to those of the script as it was served;
    `mistakes` from wrong hashes of such a script to what was hashed in its place.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    html: str | None = field(default=None, repr=False)
    started: datetime | None = None
    masked: bool = False
    hashes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mistakes: tuple[tuple[str, str], ...] = ()

    def as_page(self) -> Page:
        """Return the page to be read."""
        from rumkit.client.page import page_from_html

        return page_from_html(self.html or "", url=self.url, headers=self.headers)

    def served_hashes(self, text: str) -> ServedHashes | None:
        """Return the hashes of an inline script of `html` as it was served; None if unchanged."""
        from rumkit.client.csp.hashes import ServedHashes, browser_hash

        right = dict(self.hashes).get(browser_hash(text)) if self.hashes else None
        return ServedHashes(right, dict(self.mistakes)) if right else None


@dataclass(frozen=True)
class PageLoad:
    """The calls of one page load, in the order in which they were sent.

    `whole` tells that the load was recorded from its document on.
    """

    number: int
    url: str
    calls: tuple[Call, ...]
    whole: bool
    document: RecordedDocument | None = None

    def of(self, *kinds: Kind) -> list[Call]:
        """Return the calls of these kinds, without preflights."""
        return [call for call in self.calls if call.kind in kinds and not call.preflight]

    @property
    def puts(self) -> list[Call]:
        """Return the PutRumEvents calls, beacons included."""
        return self.of(Kind.PUT_EVENTS)

    @property
    def vending(self) -> list[Call]:
        """Return the Cognito and STS calls."""
        return self.of(*VENDING)

    @property
    def client_started(self) -> datetime | None:
        """Return the moment from which the client can have run."""
        ends = [call.ended for call in self.of(Kind.CLIENT_SCRIPT) if call.ok and call.ended]
        return min(ends) if ends else None

    @property
    def last_moment(self) -> datetime | None:
        """Return the end of the load's last call."""
        return max((call.ended for call in self.calls if call.ended), default=None)

    @property
    def origin(self) -> str:
        """Return scheme and host of the page."""
        return "/".join(self.url.split("/")[:3])


def page_loads(
    calls: Sequence[Call], documents: Iterable[RecordedDocument]
) -> tuple[PageLoad, ...]:
    """Group calls into page loads: by the exporter's page ids, else by top-level documents."""
    ordered = sorted(calls, key=_sent_order)
    groups = _by_page_id(ordered) or _by_document(ordered)
    by_key = {(document.url, document.started): document for document in documents}
    loads = []
    for number, group in enumerate(groups, 1):
        tops = [call for call in group if call.kind is Kind.DOCUMENT and not call.frame]
        top = next((call for call in tops if not call.redirected), tops[-1] if tops else None)
        document = by_key.get((top.url, top.started)) if top else None
        url = top.url if top else ""
        loads.append(PageLoad(number, url, tuple(group), top is not None, document))
    return tuple(loads)


def _sent_order(call: Call) -> tuple[float, int]:
    return (call.started.timestamp() if call.started else 0.0, call.index)


def _by_page_id(calls: Sequence[Call]) -> list[list[Call]] | None:
    """Group by page id when every document has an id of its own."""
    tops = [call for call in calls if call.kind is Kind.DOCUMENT and not call.frame]
    finals = [call.page for call in tops if not call.redirected]
    if not finals or not all(finals) or len(set(finals)) != len(finals):
        return None
    groups: dict[str, list[Call]] = {}
    current = ""
    for call in calls:
        current = call.page or current
        groups.setdefault(current, []).append(call)
    return list(groups.values())


def _by_document(calls: Sequence[Call]) -> list[list[Call]]:
    groups: list[list[Call]] = [[]]
    current: Call | None = None
    for call in calls:
        top = call.kind is Kind.DOCUMENT and not call.frame and not _likely_frame(call, current)
        if top and groups[-1] and not (current and current.redirected):
            groups.append([])
        if top:
            current = call
        groups[-1].append(call)
    return [group for group in groups if group]


def _likely_frame(call: Call, current: Call | None) -> bool:
    """Tell a frame of another host by its page id, where no header says what it is for."""
    if current is None or call.host == current.host or current.redirected:
        return False
    return bool(call.page) and call.page == current.page and not call.top


def as_client_script(calls: Iterable[Call], urls: Iterable[str]) -> tuple[Call, ...]:
    """Name the scripts at these URLs (self-hosted clients) as client scripts."""
    wanted = set(urls)
    return tuple(
        replace(call, kind=Kind.CLIENT_SCRIPT)
        if call.kind is Kind.SCRIPT and call.url in wanted
        else call
        for call in calls
    )
