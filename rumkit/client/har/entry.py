"""The allow-list: one raw HAR entry of any exporter becomes a `Call`, or nothing.

What is not named here is dropped: cookies, tokens, keys, queries, bodies. Exporters differ:
Chrome writes `_resourceType` and `response._error`, Firefox and Safari neither, WebPageTest
`_request_type`, `_error_code`, Playwright status -1 and `response._failureText`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from rumkit.client.har import body as har_body
from rumkit.client.har import fields
from rumkit.client.har.answer import Answer
from rumkit.client.har.author import Author, Reply, author_of
from rumkit.client.har.conversation import (
    AWS_CALLS,
    COGNITO_CALLS,
    Call,
    Cors,
    Document,
    Kind,
    Signature,
    Vending,
)
from rumkit.client.har.masking import mask_header, mask_page
from rumkit.client.har.place import Place, place_of
from rumkit.client.har.redact import (
    printable,
    sentence,
    unmangle,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HTML = 20_000_000
MAX_SCRIPT = 16_000_000
MAX_PLACES = 20_000

_SCOPE = re.compile(r"Credential=[^/\s,]{1,256}/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,32})/")
_TARGETS = {
    "GetId": Kind.GET_ID,
    "GetOpenIdToken": Kind.GET_OPEN_ID_TOKEN,
    "GetCredentialsForIdentity": Kind.GET_CREDENTIALS,
}
_SIGNED_TRACES = ("x-amz-date", "x-amz-security-token", "x-amz-content-sha256")
_TRACE_HEADERS = ("x-amzn-trace-id", "traceparent")
_PAGE_HEADERS = frozenset(
    {"content-security-policy", "content-security-policy-report-only", "content-type"}
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SCRIPTS = frozenset({Kind.SCRIPT, Kind.CLIENT_SCRIPT})
_SCRIPT_MIME = ("javascript", "ecmascript")
_SUBRESOURCES = frozenset(
    {"image", "font", "stylesheet", "media", "css", "texttrack", "manifest", "imageset", "other"}
)
_SUBRESOURCE_MIME = ("image/", "font/", "video/", "audio/", "text/css")


class Reading(NamedTuple):
    """What one entry shows: the call, the document when it is a page, a script's text."""

    call: Call
    document: Document | None = None
    script: str = ""


class EntryReader:
    """Reads the entries of one file; what it works out of a URL it works out once.

    `utf8` tells that strings are UTF-8 bytes read as Latin-1; `attached` reads a body that the
    recording keeps in a file of its own.
    """

    def __init__(self, *, attached: har_body.Attached = har_body.no_file) -> None:
        self.utf8 = True
        self.attached = attached
        self._places: dict[str, Place | None] = {}

    def read(self, entry: Mapping[str, Any], index: int) -> Reading | None:
        """Return what an entry shows; None to drop it."""
        request = fields.mapping(entry.get("request"))
        response = fields.mapping(entry.get("response"))
        url = request.get("url")
        place = self.place(url) if isinstance(url, str) else None
        if place is None:
            return None
        resource = _resource_type(entry)
        method = fields.text(request.get("method"), 16).upper()
        kind = place.kind
        calls = method in ("POST", "OPTIONS", "")
        if method == "CONNECT" or (kind in AWS_CALLS and not calls):
            return None  # A tunnel, or a person who opened the address: no call of the client.
        if kind is None and place.monitor_id and method in ("POST", "OPTIONS"):
            kind = Kind.PUT_EVENTS
        if kind is None and (resource in _SUBRESOURCES or _is_subresource(response)):
            return None
        return _Entry(self, entry, place, method).read(kind, resource, index)

    def place(self, url: str) -> Place | None:
        """Return what a URL names, None when it is no http URL."""
        if url not in self._places:
            if len(self._places) > MAX_PLACES:
                self._places.clear()
            self._places[url] = place_of(url)
        return self._places[url]


def _resource_type(entry: Mapping[str, Any]) -> str:
    for key in ("_resourceType", "_request_type", "_type"):
        value = entry.get(key)
        if isinstance(value, str) and value:
            return value[:24].lower()
    return ""


def _is_subresource(response: Mapping[str, Any]) -> bool:
    mime = fields.mapping(response.get("content")).get("mimeType")
    return isinstance(mime, str) and mime[:6].lower().startswith(_SUBRESOURCE_MIME)


class _Entry:
    """Reads the parts of one entry; lives as long as the entry does."""

    def __init__(
        self, reader: EntryReader, entry: Mapping[str, Any], place: Place, method: str
    ) -> None:
        self.reader = reader
        self.utf8 = reader.utf8
        self.entry = entry
        self.request: Mapping[str, Any] = entry["request"]
        self.response = fields.mapping(entry.get("response"))
        self.place = place
        self.method = method
        self.sent = fields.headers(self.request.get("headers"))

    @cached_property
    def received(self) -> dict[str, str]:
        return fields.headers(self.response.get("headers"))

    def read(self, kind: Kind | None, resource: str, index: int) -> Reading | None:
        resource = resource or self._guess_resource(kind)
        asks = resource == "preflight" or "access-control-request-method" in self.sent
        preflight = self.method == "OPTIONS" and (asks or kind is not None)
        kind = self._kind(kind, resource)
        if kind is None:
            return None
        started = fields.moment(self.entry.get("startedDateTime"))
        status = fields.status(self.response.get("status"), self.entry.get("_responseCode"))
        aws = kind in AWS_CALLS and not preflight
        page = kind is Kind.DOCUMENT
        answer = Answer(self.entry, self.place.host, self.sent)
        author, mark = self._author(answer, kind, status, preflight=preflight)
        call = Call(
            index=index,
            kind=kind,
            method=self.method,
            url=self.place.url,
            host=self.place.host,
            path=self.place.path,
            status=status,
            status_text=sentence(self.response.get("statusText"), limit=80),
            preflight=preflight,
            started=started,
            seconds=fields.seconds(self.entry.get("time")),
            net_error=answer.net_error,
            blocked=answer.blocked,
            resource_type=resource,
            from_cache=answer.from_cache,
            mime=self._mime(),
            initiator=self._initiator(),
            page=fields.text(self.entry.get("pageref"), 120),
            trace_header=next((name for name in _TRACE_HEADERS if name in self.sent), ""),
            headers_seen=bool(self.sent),
            cors=self._cors() if preflight else None,
            frame=page and self.sent.get("sec-fetch-dest") in ("iframe", "frame"),
            top=page and self.sent.get("sec-fetch-dest") == "document",
            aws_host=bool(self.place.aws and self.place.aws.possible),
            via_worker=answer.via_worker,
            shape=None if status else answer.shape,
            silence=answer.withheld if status else answer.silence,
            author=author,
            author_mark=mark,
            **(self._aws(kind, resource, status, started) if aws else {}),
        )
        return Reading(
            call,
            self._document(call) if page and not call.frame else None,
            self._text(MAX_SCRIPT) if kind in _SCRIPTS and call.ok else "",
        )

    def _author(
        self, answer: Answer, kind: Kind, status: int, *, preflight: bool
    ) -> tuple[Author, str]:
        if not status or (kind not in AWS_CALLS and kind is not Kind.CLIENT_SCRIPT):
            return Author.UNKNOWN, ""
        return author_of(
            Reply(
                status=status,
                headers=self.received,
                mime=self._mime(),
                body=self._reply[:4096],
                host=self.place.host,
                aws=bool(self.place.aws and self.place.aws.possible),
                script=kind is Kind.CLIENT_SCRIPT,
                preflight=preflight,
                worker=answer.via_worker,
                overridden=answer.overridden,
            )
        )

    def _aws(
        self, kind: Kind, resource: str, status: int, started: datetime | None
    ) -> dict[str, Any]:
        """Return what only Cognito, STS and PutRumEvents calls have."""
        error_type, message = self._error(status)
        put = kind is Kind.PUT_EVENTS
        batch = har_body.batch(self._body) if put else None
        return {
            "beacon": put and self._is_beacon(resource),
            "error_type": error_type,
            "error_message": message,
            "signature": self._signature(),
            "vending": None if put else self._vending(kind),
            "batch": batch,
            "body_lost": self._why_lost() if put and batch is None else "",
            "cors_reply": "access-control-allow-origin" in self.received if self.received else None,
            "clock_skew": self._skew(started),
            "monitor_id": self.place.monitor_id if put else "",
        }

    def _why_lost(self) -> str:
        lost = self._sent_body.lost
        return lost or ("it is cut off or no JSON" if self._body else "")

    def _guess_resource(self, kind: Kind | None) -> str:
        dest = self.sent.get("sec-fetch-dest", "")
        if dest in ("document", "iframe", "frame"):
            return "document"
        if dest == "empty":
            return "fetch"
        if dest:
            return dest[:24]
        mime = self._mime()
        if any(word in mime for word in _SCRIPT_MIME):
            return "script"
        if (
            mime.startswith("text/html")
            and self.method == "GET"
            and "x-requested-with" not in self.sent
        ):
            # chrome-har writes no Accept header; a navigation asks for an upgrade to https.
            asks = "text/html" in self.sent.get("accept", "")
            asks = asks or "upgrade-insecure-requests" in self.sent
            return "document" if asks or not self.sent else "fetch"
        return "script" if kind is Kind.CLIENT_SCRIPT else "fetch"

    def _kind(self, kind: Kind | None, resource: str) -> Kind | None:
        if "x-amz-target" in self.sent:
            service, _, operation = self.sent["x-amz-target"].rpartition(".")
            if service.endswith("AWSCognitoIdentityService"):
                return _TARGETS.get(operation, Kind.COGNITO)
        if kind is Kind.COGNITO and self.method == "POST":
            return har_body.cognito_operation(self._body, self._reply)
        if kind is not None:
            return None if kind is Kind.CLIENT_SCRIPT and resource == "document" else kind
        if resource in ("document", "html") and self.method == "GET":
            return Kind.DOCUMENT
        if resource == "script":
            return Kind.SCRIPT
        if self.method == "POST" and har_body.looks_like_batch(self._body):
            return Kind.PUT_EVENTS
        if resource in _SUBRESOURCES:
            return None
        return Kind.APPLICATION

    @cached_property
    def _sent_body(self) -> har_body.RequestBody:
        return har_body.request_body(
            self.request.get("postData"),
            gzipped="gzip" in self.sent.get("content-encoding", ""),
            attached=self.reader.attached,
        )

    @property
    def _body(self) -> str:
        return self._sent_body.text

    @cached_property
    def _reply(self) -> str:
        return self._content(65_536)

    def _text(self, limit: int) -> str:
        """Return the text of a page or script as the browser read it."""
        text = self._content(limit)
        return _SURROGATES.sub("\ufffd", unmangle(text) if self.utf8 else text)

    def _content(self, limit: int) -> str:
        content = self.response.get("content")
        return har_body.reply_text(content, limit=limit, attached=self.reader.attached)

    def _mime(self) -> str:
        mime = fields.mapping(self.response.get("content")).get("mimeType")
        mime = mime if isinstance(mime, str) and mime else self.received.get("content-type", "")
        return printable(mime[:80]).lower()

    def _initiator(self) -> str:
        value = self.entry.get("_initiator")
        if isinstance(value, dict):
            stack = fields.mapping(value.get("stack")).get("callFrames")
            first = fields.mapping(stack[0]) if isinstance(stack, list) and stack else {}
            value = value.get("url") or first.get("url")
        place = self.reader.place(value) if isinstance(value, str) else None
        return place.url if place else ""

    def _is_beacon(self, resource: str) -> bool:
        return resource in ("ping", "beacon") or self.place.query_signature is not None

    def _signature(self) -> Signature:
        authorization = self.sent.get("authorization", "")
        if authorization:
            match = _SCOPE.search(authorization[:4096])
            return Signature("header", *match.groups()) if match else Signature("header")
        if self.place.query_signature:
            return self.place.query_signature
        if not self.sent:
            return Signature("hidden")
        if any(name in self.sent for name in _SIGNED_TRACES):
            return Signature("stripped", date=self.sent.get("x-amz-date", "")[:8])
        return Signature("none")

    def _error(self, status: int) -> tuple[str, str]:
        if status < 400 and not self.received.get("x-amzn-errortype"):
            return "", ""
        error_type, message = har_body.error(self._reply)
        header = self.received.get("x-amzn-errortype", "").split(":")[0]
        message = message or self.received.get("x-amzn-errormessage", "")
        if self.utf8:
            message = unmangle(message[:2000])
        return sentence(header or error_type, limit=100), sentence(message)

    def _vending(self, kind: Kind) -> Vending:
        content = self._reply
        if kind in COGNITO_CALLS:
            return har_body.cognito(self._body, content, kind)
        return har_body.assume_role(self.request.get("postData"), self._body, content)

    def _cors(self) -> Cors:
        def names(value: str) -> tuple[str, ...]:
            return tuple(part.strip().lower() for part in value[:4096].split(",") if part.strip())

        return Cors(
            names(self.sent.get("access-control-request-headers", "")),
            names(self.received.get("access-control-allow-headers", "")),
            sentence(self.received.get("access-control-allow-origin", ""), limit=256),
            self.received.get("access-control-allow-credentials", "").lower() == "true",
            bool(self.received),
        )

    def _skew(self, started: datetime | None) -> float | None:
        """Return how far the browser's clock is ahead of the server's, in seconds."""
        signed = fields.amz_moment(self.sent.get("x-amz-date", "")) or started
        served = self.received.get("date", "")
        if signed is None or not served:
            return None
        from email.utils import parsedate_to_datetime

        try:
            there = parsedate_to_datetime(served[:64])
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        there = there.replace(tzinfo=UTC) if there.tzinfo is None else there
        return round((signed - there).total_seconds(), 1)

    def _document(self, call: Call) -> Document:
        headers = []
        for name, value in fields.pairs(self.response.get("headers")):
            if name in _PAGE_HEADERS:
                text = unmangle(value[:65_536]) if self.utf8 else value[:65_536]
                headers.append((name, printable(mask_header(text))))
        html = self._text(MAX_HTML)
        kept = mask_page(html)
        return Document(
            call.url,
            call.status,
            tuple(headers),
            kept.html or None,
            call.page,
            call.started,
            masked=kept.html != html,
            hashes=kept.hashes,
        )
