"""The allow-list: one raw HAR entry of any exporter becomes a `Call`, or nothing.

What is not named here is dropped: cookies, tokens, keys, queries, bodies. Exporters differ:
Chrome writes `_resourceType` and `response._error`, Firefox and Safari neither, WebPageTest
`_request_type`, `_error_code`, Playwright status -1 and `response._failureText`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.client import har_body
from rumkit.client import har_fields as fields
from rumkit.client.conversation import (
    AWS_CALLS,
    COGNITO_CALLS,
    Call,
    Cors,
    Document,
    Kind,
    Signature,
    Vending,
)
from rumkit.client.redact import (
    bare_url,
    hide_secrets,
    printable,
    sentence,
    unmangle,
    without_form_values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HTML = 20_000_000

_AWS_SUFFIX = r"(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn)"
_REGION = r"([a-z]{2,4}(?:-[a-z]+){1,3}-\d)"
COGNITO_HOST = re.compile(rf"cognito-identity(?:-fips)?\.{_REGION}\.{_AWS_SUFFIX}")
STS_HOST = re.compile(rf"sts(?:-fips)?(?:\.{_REGION})?\.{_AWS_SUFFIX}")
DATA_PLANE_HOST = re.compile(rf"dataplane\.rum(?:-fips)?\.{_REGION}\.{_AWS_SUFFIX}")
CLIENT_HOST = re.compile(rf"client\.rum\.{_REGION}\.{_AWS_SUFFIX}")
_CLIENT_FILE = re.compile(r"/cwr(?:-slim)?(?:\.min)?\.js$")
_MONITOR_PATH = re.compile(r"/appmonitors/([^/]{1,64})/?$")
_SCOPE = re.compile(r"Credential=[^/\s,]{1,256}/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,32})/")
_QUERY_SCOPE = re.compile(r"/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,32})/aws4_request")
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
_BLOCKED = frozenset({"_blockedReason", "blockedReason", "_blocked_reason", "_blocked"})
_SCRIPT_MIME = ("javascript", "ecmascript")
_SUBRESOURCES = frozenset(
    {"image", "font", "stylesheet", "media", "css", "texttrack", "manifest", "imageset", "other"}
)
_SUBRESOURCE_MIME = ("image/", "font/", "video/", "audio/", "text/css")


def read_entry(
    entry: Mapping[str, Any], index: int, utf8: bool
) -> tuple[Call, Document | None] | None:
    """Return the call that this entry shows and, for a page, its document; None to drop it.

    `utf8` tells that strings are UTF-8 bytes read as Latin-1.
    """
    request = fields.mapping(entry.get("request"))
    response = fields.mapping(entry.get("response"))
    url = request.get("url")
    if not isinstance(url, str):
        return None
    place = _place(url)
    if place is None:
        return None
    resource = _resource_type(entry)
    method = fields.text(request.get("method"), 16).upper()
    kind = _kind_by_place(method, *place)
    if kind is None and (resource in _SUBRESOURCES or _is_subresource(response)):
        return None
    reader = _Reader(entry, request, response, utf8)
    return reader.read(url, place, method, kind=kind, resource=resource, index=index)


def _place(url: str) -> tuple[str, str] | None:
    """Return host and path of an http URL, bounded."""
    if url[:4].lower() != "http":
        return None
    try:
        parts = urlsplit(url[:8192])
        return (parts.hostname or "").lower().rstrip("."), parts.path
    except ValueError:
        return None


def _kind_by_place(method: str, host: str, path: str) -> Kind | None:
    if COGNITO_HOST.fullmatch(host):
        return Kind.COGNITO
    if STS_HOST.fullmatch(host):
        return Kind.ASSUME_ROLE
    if DATA_PLANE_HOST.fullmatch(host):
        return Kind.PUT_EVENTS
    if _MONITOR_PATH.search(path[-128:]) and method in ("POST", "OPTIONS"):
        return Kind.PUT_EVENTS
    if CLIENT_HOST.fullmatch(host) or _CLIENT_FILE.search(path[-64:]):
        return Kind.CLIENT_SCRIPT
    return None


def _resource_type(entry: Mapping[str, Any]) -> str:
    for key in ("_resourceType", "_request_type", "_type"):
        value = entry.get(key)
        if isinstance(value, str) and value:
            return value[:24].lower()
    return ""


def _is_subresource(response: Mapping[str, Any]) -> bool:
    mime = fields.mapping(response.get("content")).get("mimeType")
    return isinstance(mime, str) and mime[:6].lower().startswith(_SUBRESOURCE_MIME)


class _Reader:
    """Reads the parts of one entry; lives as long as the entry does."""

    def __init__(
        self,
        entry: Mapping[str, Any],
        request: Mapping[str, Any],
        response: Mapping[str, Any],
        utf8: bool,
    ) -> None:
        self.entry = entry
        self.request = request
        self.response = response
        self.utf8 = utf8
        self.sent = fields.headers(request.get("headers"))

    @cached_property
    def received(self) -> dict[str, str]:
        return fields.headers(self.response.get("headers"))

    def read(
        self,
        url: str,
        place: tuple[str, str],
        method: str,
        *,
        kind: Kind | None,
        resource: str,
        index: int,
    ) -> tuple[Call, Document | None] | None:
        resource = resource or self._guess_resource(method, kind)
        preflight = method == "OPTIONS" and (
            resource == "preflight"
            or "access-control-request-method" in self.sent
            or kind is not None
        )
        kind = self._kind(kind, method, resource)
        if kind is None:
            return None
        bare = bare_url(url)
        call = Call(
            index=index,
            kind=kind,
            method=method,
            url=bare,
            host=place[0][:256],
            path=_path(bare),
            status=fields.status(self.response.get("status"), self.entry.get("_responseCode")),
            status_text=sentence(self.response.get("statusText"), limit=80),
            preflight=preflight,
            started=fields.moment(self.entry.get("startedDateTime")),
            seconds=fields.seconds(self.entry.get("time")),
            net_error=self._net_error(),
            blocked=self._blocked(),
            resource_type=resource,
            from_cache=bool(self.entry.get("_fromCache")) or fields.fetched_from_cache(self.entry),
            mime=self._mime(),
            initiator=self._initiator(),
            page=fields.text(self.entry.get("pageref"), 120),
            trace_header=next((name for name in _TRACE_HEADERS if name in self.sent), ""),
            headers_seen=bool(self.sent),
            cors=self._cors() if preflight else None,
            frame=kind is Kind.DOCUMENT and self.sent.get("sec-fetch-dest") in ("iframe", "frame"),
        )
        if kind in AWS_CALLS and not preflight:
            call = self._aws(call, url)
        document = self._document(call) if kind is Kind.DOCUMENT and not call.frame else None
        return call, document

    def _aws(self, call: Call, url: str) -> Call:
        """Add what only Cognito, STS and PutRumEvents calls have."""
        error_type, message = self._error(call.status)
        put = call.kind is Kind.PUT_EVENTS
        return replace(
            call,
            beacon=put and self._is_beacon(url, call.resource_type),
            error_type=error_type,
            error_message=message,
            signature=self._signature(url),
            vending=None if put else self._vending(call.kind),
            batch=har_body.batch(self._body()) if put else None,
            cors_reply=("access-control-allow-origin" in self.received) if self.received else None,
            clock_skew=self._skew(call.started),
            monitor_id=_monitor_id(_place(url)) if put else "",
        )

    def _guess_resource(self, method: str, kind: Kind | None) -> str:
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
        if mime.startswith("text/html") and method == "GET" and "x-requested-with" not in self.sent:
            accept = self.sent.get("accept", "")
            return "document" if "text/html" in accept or not self.sent else "fetch"
        return "script" if kind is Kind.CLIENT_SCRIPT else "fetch"

    def _kind(self, kind: Kind | None, method: str, resource: str) -> Kind | None:
        operation = self.sent.get("x-amz-target", "").rpartition(".")
        if operation[0].endswith("AWSCognitoIdentityService"):
            return _TARGETS.get(operation[2], Kind.COGNITO)
        if kind is Kind.COGNITO and method == "POST":
            return har_body.cognito_operation(self._body(), self._reply())
        if kind is not None:
            return None if kind is Kind.CLIENT_SCRIPT and resource == "document" else kind
        if resource in ("document", "html") and method == "GET":
            return Kind.DOCUMENT
        if resource == "script":
            return Kind.SCRIPT
        body = self.request.get("postData")
        if method == "POST" and body and har_body.looks_like_batch(self._body()):
            return Kind.PUT_EVENTS
        if resource in _SUBRESOURCES:
            return None
        return Kind.APPLICATION

    def _body(self) -> str:
        return har_body.request_text(self.request.get("postData"))

    def _reply(self) -> str:
        return har_body.reply_text(self.response.get("content"), limit=65_536)

    def _mime(self) -> str:
        mime = fields.mapping(self.response.get("content")).get("mimeType")
        mime = mime if isinstance(mime, str) and mime else self.received.get("content-type", "")
        return printable(mime[:80]).lower()

    def _net_error(self) -> str | None:
        for source, key in (
            (self.response, "_error"),
            (self.response, "_failureText"),
            (self.entry, "_error"),
            (self.entry, "_failureText"),
        ):
            value = source.get(key)
            if isinstance(value, str):
                return sentence(value, limit=120)
            if isinstance(value, dict):
                return sentence(value.get("errorText") or value.get("message"), limit=120)
        return None

    def _blocked(self) -> str:
        for source in (self.entry, self.response, self.request):
            for key in _BLOCKED & source.keys():
                value = source[key]
                if isinstance(value, str | int) and not isinstance(value, bool) and value:
                    return sentence(str(value), limit=80)
        return ""

    def _initiator(self) -> str:
        value = self.entry.get("_initiator")
        if isinstance(value, str):
            return bare_url(value, limit=512)
        found = fields.mapping(value)
        if isinstance(found.get("url"), str):
            return bare_url(found["url"], limit=512)
        frames = fields.mapping(found.get("stack")).get("callFrames")
        first = fields.mapping(frames[0]) if isinstance(frames, list) and frames else {}
        return bare_url(first.get("url"), limit=512)

    def _is_beacon(self, url: str, resource: str) -> bool:
        query = "X-Amz-Signature=" in url[:16_384]
        return resource in ("ping", "beacon") or query or self.sent.get("x-amz-beacon") == "true"

    def _signature(self, url: str) -> Signature:
        authorization = self.sent.get("authorization", "")
        if authorization:
            match = _SCOPE.search(authorization[:4096])
            return Signature("header", *match.groups()) if match else Signature("header")
        if "X-Amz-Signature=" in url or "x-amz-signature=" in url[:16_384].lower():
            match = _QUERY_SCOPE.search(re.sub("(?i)%2F", "/", url[:16_384]))
            return Signature("query", *match.groups()) if match else Signature("query")
        if not self.sent:
            return Signature("hidden")
        if any(name in self.sent for name in _SIGNED_TRACES):
            return Signature("stripped", date=self.sent.get("x-amz-date", "")[:8])
        return Signature("none")

    def _error(self, status: int) -> tuple[str, str]:
        if status < 400 and not self.received.get("x-amzn-errortype"):
            return "", ""
        error_type, message = har_body.error(self._reply())
        header = self.received.get("x-amzn-errortype", "").split(":")[0]
        message = message or self.received.get("x-amzn-errormessage", "")
        if self.utf8:
            message = unmangle(message[:2000])
        return sentence(header or error_type, limit=100), sentence(message)

    def _vending(self, kind: Kind) -> Vending:
        content = self._reply()
        if kind in COGNITO_CALLS:
            return har_body.cognito(self._body(), content, kind)
        return har_body.assume_role(self.request.get("postData"), content)

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
                headers.append((name, printable(hide_secrets(text))))
        html = har_body.reply_text(self.response.get("content"), limit=MAX_HTML)
        html = _SURROGATES.sub("\ufffd", unmangle(html) if self.utf8 else html)
        kept = without_form_values(html)
        return Document(
            call.url,
            call.status,
            tuple(headers),
            kept or None,
            call.page,
            call.started,
            masked=kept != html,
        )


def _monitor_id(place: tuple[str, str] | None) -> str:
    match = _MONITOR_PATH.search(place[1][-128:]) if place else None
    return printable(match[1]) if match else ""


def _path(url: str) -> str:
    return url[slash:] if (slash := url.find("/", 8)) > 0 else "/"
