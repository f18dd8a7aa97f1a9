"""Requests of which a console says that they failed.

Where an exporter leaves failed requests out (WebKit, chrome-har, proxies), the console is their
only witness. WebKit says the cause in one message and the address in the next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rumkit.client.har.console_json import NO_ANSWER
from rumkit.client.har.console_lines import Message, moment_of
from rumkit.client.har.redact import bare_url, printable, sentence
from rumkit.client.har.silence import VAGUE, Silent, kind_of, meaning

if TYPE_CHECKING:
    from datetime import datetime

MAX_KEPT = 2_000
# A cause that WebKit says on its own belongs to an address within the next messages.
NEAR = 3


@dataclass(frozen=True, slots=True)
class FailedRequest:
    """A request of which the console says that it failed.

    `url` is bare; it is empty where the console names only the `file`, the address's last part,
    or not even that.
    `status` is 0 when no reply is named; `kind` is None when one came and nothing withheld it.
    `why` is the browser's own wording, bounded.
    """

    url: str
    host: str
    kind: Silent | None
    why: str
    status: int = 0
    file: str = ""
    moment: datetime | None = field(default=None, compare=False)

    @property
    def vague(self) -> bool:
        """Return whether nothing tells why it failed."""
        return (self.kind is None or self.kind in VAGUE) and not self.status

    @property
    def taken(self) -> bool:
        """Return whether it did not fail after all: a reply that nothing withheld says so."""
        return self.kind is None and 200 <= self.status < 300

    @property
    def explained(self) -> str:
        """Return the browser's wording, and what it means where that is known."""
        why = self.why.rstrip(".\u3002")
        said = self.url or self.file
        if not said or self.kind is None or self.kind in VAGUE or self.status:
            return why
        return f"{why} ({meaning(self.kind, self.host, why)})"


class NetworkReader:
    """Takes the messages of a console in their order, keeps the failed requests."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, Silent | None, int], FailedRequest] = {}
        # The place of the last failure, and of the last batch of events that was taken.
        self.failed: dict[tuple[str, str, Silent | None, int], int] = {}
        self.taken: dict[str, int] = {}
        self.cause: tuple[Silent, int] | None = None
        self.cause_number = self.number = 0

    def take(self, message: Message) -> None:
        """Read one message."""
        self.number += 1
        request = _request(message)
        if request and request.file.endswith(".map"):
            return
        if request and request.taken:
            self.taken[request.url] = self.number
            return
        if request is None:
            if cause := _cause(message.text):
                self.cause, self.cause_number = cause, self.number
            return
        if request.vague and self.cause and self.number - self.cause_number <= NEAR:
            kind, status = self.cause
            request = replace(request, kind=kind, status=status)
        key = (request.url, request.file, request.kind, request.status)
        self.failed[key] = self.number
        if key in self.kept and len(self.kept[key].why) > len(request.why):
            return
        if key in self.kept or len(self.kept) < MAX_KEPT:
            self.kept[key] = request

    def requests(self) -> tuple[FailedRequest, ...]:
        """Return the failed requests, each reason once, the vague ones left out where known."""
        by_file: dict[str, list[FailedRequest]] = defaultdict(list)
        lasting = [r for k, r in self.kept.items() if self.failed[k] > self.taken.get(r.url, 0)]
        for request in lasting:
            by_file[request.url or request.file].append(request)
            if request.url:
                by_file[request.file].append(request)
        return tuple(r for r in lasting if not _told_better(r, by_file))


def _told_better(request: FailedRequest, by_file: dict[str, list[FailedRequest]]) -> bool:
    """Tell whether another message says more of the same request."""
    others = [r for r in by_file[request.url or request.file] if r is not request]
    if not request.url and request.file:
        return any(r.url for r in others)
    return request.vague and any(not r.vague for r in others)


_CAUSE = re.compile(
    r"(?i)^(?:error resolving|a server with the specified hostname|could not connect to"
    r"|the network connection was lost|the internet connection appears|the request timed out"
    r"|the certificate for this server|an ssl error|tls|unacceptable tls"
    r"|resource blocked by content blocker|preflight response is not successful"
    r"|origin \S{1,300} is not allowed by access-control|request header field)"
)
_STATUS_CODE = re.compile(r"(?i)status code:\s*(\d{3})")


def _cause(text: str) -> tuple[Silent, int] | None:
    """Return kind and status of a cause that WebKit says without the address."""
    if not _CAUSE.match(text):
        return None
    status = _STATUS_CODE.search(text)
    return kind_of(text) or Silent.CORS, int(status[1]) if status else 0


_URL = r"(https?://[^\s'\"<>“”„«»()]{3,4096})"
# Needles in lower case, the kind, and what stands before the address where there are several.
_WORDINGS: tuple[tuple[tuple[str, ...], Silent, str], ...] = (
    (("content blocker prevented",), Silent.EXTENSION, r"resource from "),
    (("tracking protection",), Silent.EXTENSION, ""),
    (("aktivitätenverfolgung",), Silent.EXTENSION, ""),
    (("contre le pistage",), Silent.EXTENSION, ""),
    (("antirrastreo",), Silent.EXTENSION, ""),
    (("トラッキング防止",), Silent.EXTENSION, ""),
    (("mixed content:",), Silent.MIXED_CONTENT, r"insecure [^']{0,80}'"),
    (("mixed active content",), Silent.MIXED_CONTENT, ""),
    (("insecure content from",), Silent.MIXED_CONTENT, r"insecure content from \W?"),
    (("refused to execute", "mime type"), Silent.CONTENT_TYPE, ""),
    (("refused to execute", "nosniff"), Silent.CONTENT_TYPE, ""),
    (("blocked", "mime"), Silent.CONTENT_TYPE, ""),
    (("blocked", "nosniff"), Silent.CONTENT_TYPE, ""),
    (("digest", "integrity"), Silent.INTEGRITY, ""),
    (("failed integrity metadata",), Silent.INTEGRITY, ""),
    (("hashes in the integrity",), Silent.INTEGRITY, ""),
    (("opaqueresponseblocking",), Silent.ORB, ""),
    (("cross-origin-resource-policy",), Silent.WITHHELD, ""),
    (("cross-origin-embedder-policy",), Silent.WITHHELD, ""),
    (("the fetchevent for", "network error"), Silent.SERVICE_WORKER, ""),
    (("blocked by cors policy", "address space"), Silent.LOCAL_NETWORK, r" at '"),
    (("blocked by cors policy",), Silent.CORS, r" at '"),
    # Chrome logs these where the console's settings ask for it.
    (("failed loading: post",), Silent.UNKNOWN, r'POST "'),
)
_BEFORE_URL = {before: re.compile(f"(?i){before}{_URL}") for _, _, before in _WORDINGS}
_AT = _BEFORE_URL[""]
_PLACED = re.compile(rf"(?i)(?: at | @ |\burl=[\"']){_URL}")
_CANNOT_LOAD = re.compile(rf"(?i)cannot load {_URL}.{{0,40}}due to access control")
_FIREFOX_CODE = re.compile(r":\s?\(?(null|\d{3})\)?[.。]?(?:\s\d{1,5})?$")
_METHOD = "(?:GET|POST|OPTIONS|PUT|HEAD)"
_CHROMIUM = re.compile(rf"\b{_METHOD}\]? (https?://[^\s'\"<>]{{3,4096}})(.{{0,300}})")
# Cypress, tests and servers' logs write the status before the address.
_STATUS_FIRST = re.compile(rf"\b(?:{_METHOD} (\d{{3}})|(\d{{3}}) {_METHOD}) {_URL}")
_ROW = re.compile(rf"^(?:XHR|Fetch)?\s?{_METHOD} {_URL} \[(.{{1,200}})\]$")
# The client only posts to these: a person opened the address.
_BY_HAND = re.compile(
    r"\b(?:GET|HEAD) (?:\d{3} )?https?://(?:dataplane\.rum|cognito-identity|sts)[.-]\S{1,80}?amazonaws\."
)
_STATUS_WORDS = re.compile(
    r"(?:^|\s)(\d{3}) \(|status of (\d{3})|HTTP/\S{1,4} (\d{3})\b|\[(?:[a-z]{2,10} - )?(\d{3})\]"
)
_NAMED_ERROR = re.compile(r"\bnet::ERR_[A-Za-z_.]{3,120}|\bNS_[A-Z_]{3,60}")
_RESOURCE = "failed to load resource: "
_EVENTS = re.compile(r"\bPOST\b.{1,300}/appmonitors/")
_PREFLIGHT = re.compile(r"\bOPTIONS\b")
# Both addresses are known already; what comes behind them is the reason.
_CORS_LEAD = re.compile(r"Access to \w{1,20} at '[^']{1,4096}' from origin '[^']{1,300}' has been ")


def _request(message: Message) -> FailedRequest | None:
    text = message.text
    lowered = text.lower()
    if (at := lowered.find(_RESOURCE)) >= 0:
        return _resource(_at_its_address(message, at), text[at + len(_RESOURCE) :])
    if "http" not in lowered:
        return None
    if match := _CANNOT_LOAD.search(text):
        return _made(message, match[1], Silent.CORS)
    for needles, kind, before in _WORDINGS:
        if all(needle in lowered for needle in needles):
            return _worded(message, kind, before)
    if row := _row(text):
        return None if _BY_HAND.search(text) else _outcome(message, *row)
    if "CORS" in text and (match := _AT.search(text)) and "CORS" in text[match.end() :]:
        return _firefox(message, match)
    if ("<script>" in text or "could not load script" in lowered) and (match := _AT.search(text)):
        return _made(message, match[1], Silent.UNKNOWN)
    if _NAMED_ERROR.search(text) and (match := _AT.search(text)):
        return _outcome(message, match[1], text)
    return None


def _worded(message: Message, kind: Silent, before: str) -> FailedRequest | None:
    if kind is Silent.EXTENSION and "cookie" in _AT.sub("", message.text.lower()):
        return None  # Firefox keeps the storage from a script that it loads.
    match = _BEFORE_URL[before].search(message.text)
    return _made(message, match[1], kind) if match else None


def _row(text: str) -> tuple[str, str] | None:
    """Return the address of a request's row and what came of it; None for another message."""
    if match := _STATUS_FIRST.search(text):
        return match[3], f" {match[1] or match[2]} ()"
    match = _CHROMIUM.search(text) or _ROW.search(text)
    return (match[1], match[2]) if match else None


def _at_its_address(message: Message, at: int) -> Message:
    """Put a message to the address that a test's or a driver's log writes beside its words."""
    if at == 0 and message.url:
        return message
    before = _AT.findall(message.text[:at])
    behind = _PLACED.findall(message.text[at:])
    named = next(iter([*before[-1:], *behind[:1]]), "")
    return replace(message, url=re.sub(r"(?::\d{1,7}){1,2}$", "", named)) if named else message


def _resource(message: Message, outcome: str) -> FailedRequest | None:
    """Read `Failed to load resource`, whose address is the message's own place."""
    if "access-control" in outcome.lower():
        status = _STATUS_CODE.search(outcome)
        return _made(message, message.url, Silent.CORS, int(status[1]) if status else 0)
    named = _STATUS_WORDS.search(outcome) or _NAMED_ERROR.search(outcome)
    # Safari words the rest in the language of the system.
    otherwise = None if named else _made(message, message.url, Silent.UNKNOWN)
    return _outcome(message, message.url, outcome) or otherwise


def _outcome(message: Message, url: str, outcome: str) -> FailedRequest | None:
    """Read what came of a request: a status, an error, or both."""
    stated = _STATUS_WORDS.search(outcome)
    status = next((int(code) for code in stated.groups() if code), 0) if stated else 0
    error = _NAMED_ERROR.search(outcome)
    kind = kind_of(error[0]) if error else kind_of(outcome)
    if NO_ANSWER in outcome:
        kind = Silent.UNKNOWN
    if error and kind is None and not status:
        kind = Silent.ABORTED if "ABORT" in error[0] else Silent.UNKNOWN
        kind = Silent.CORS if error[0] == "net::ERR_FAILED" else kind
    if error is None and 200 <= status < 300 and _EVENTS.search(message.text):
        return _made(message, url, None, status)
    if (kind is None and status < 400) or (error is None and 0 < status < 400):
        return None
    if status and _PREFLIGHT.search(message.text[:40]):
        return _made(message, url, Silent.CORS)
    return _made(message, url, kind, status)


def _firefox(message: Message, match: re.Match[str]) -> FailedRequest:
    """Read a CORS message of Firefox, which is translated but for its status code."""
    code = _FIREFOX_CODE.search(message.text)
    if "Access-Control-" in message.text[match.end() :] or (code and code[1] != "null"):
        status = int(code[1]) if code and code[1] != "null" else 0
        return _made(message, match[1], Silent.CORS, status)
    return _made(message, match[1], Silent.UNREACHABLE)


def _made(message: Message, address: str, kind: Silent | None, status: int = 0) -> FailedRequest:
    url = bare_url(address.rstrip(".,;:")) if address.startswith("http") else ""
    if not url and re.search(r"amazonaws\.com(?:/|$)", address):
        url = bare_url(f"https://{address}{'' if '/' in address else '/'}")
    host, _, path = url.partition("://")[2].partition("/")
    file = (path if url else printable(address[:300])).rpartition("/")[2]
    why = sentence(_CORS_LEAD.sub("", message.text), limit=300)
    return FailedRequest(url, host, kind, why, status, file, moment_of(message.moment))
