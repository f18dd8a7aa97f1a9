"""The allow-list of what is written: an exchange becomes a HAR entry without secrets, or nothing.

Names are those of DevTools' export. What is not named here never reaches a file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from rumkit.client.har import body as har_body
from rumkit.client.har.conversation import COGNITO_CALLS, Kind
from rumkit.client.har.kinds import SUBRESOURCES, Asked, kind_of_call
from rumkit.client.har.masking import mask_header, mask_page, mask_script
from rumkit.client.har.redact import bare_url, printable, sentence
from rumkit.client.har.scripts import carries_mark
from rumkit.recorder import reduced

if TYPE_CHECKING:
    from rumkit.recorder.capture import Exchange, Headers

_SENT = frozenset(
    {
        "accept", "connection", "content-encoding", "content-type", "origin", "sec-fetch-dest",
        "sec-fetch-mode", "sec-fetch-site", "traceparent", "upgrade-insecure-requests",
        "user-agent", "x-amz-content-sha256", "x-amz-date", "x-amz-target", "x-amzn-trace-id",
        "access-control-request-headers", "access-control-request-method",
    }
)  # fmt: skip
_POLICIES = frozenset(
    {
        "content-security-policy", "content-security-policy-report-only",
        "cross-origin-embedder-policy", "cross-origin-embedder-policy-report-only",
    }
)  # fmt: skip
_RECEIVED = frozenset(
    {
        "access-control-allow-credentials", "access-control-allow-headers",
        "access-control-allow-methods", "access-control-allow-origin", "apigw-requestid",
        "cf-ray", "content-type", "cross-origin-opener-policy", "cross-origin-resource-policy",
        "date", "non-authoritative-reason", "proxy-authenticate", "proxy-connection",
        "proxy-status", "retry-after", "server", "via", "www-authenticate", "x-akamai-request-id",
        "x-adblock", "x-azure-ref", "x-cache", "x-cache-lookup", "x-content-type-options",
        "x-nf-request-id", "x-powered-by", "x-proxy-id", "x-vercel-id", "x-webfilter", "x-mwg-info",
    }
)  # fmt: skip
_RECEIVED_PREFIXES = (
    "x-amzn-", "x-amz-apigw-id", "x-squid", "x-bluecoat", "x-zscaler", "x-forcepoint", "x-iboss",
    "x-netskope", "x-adguard", "x-pi-hole",
)  # fmt: skip
_AWS4 = re.compile(
    r"AWS4-[A-Z0-9-]{1,30} Credential=[^/\s,]{1,256}"
    r"(/\d{8}/[a-z0-9-]{1,32}/[a-z0-9-]{1,32}/aws4_request)"
)
_QUERY_SCOPE = re.compile(r"/\d{8}/[a-z0-9-]{1,32}/[a-z0-9-]{1,32}/aws4_request")
_LIMIT = 1024


def entry_of(exchange: Exchange, pools: frozenset[str] = frozenset()) -> dict[str, Any] | None:
    """Return the HAR entry of an exchange, None for one that no check could use.

    `pools` are the ids of identity pools that the visit named.
    """
    kind = _kind(exchange)
    if kind is None:
        return None
    entry: dict[str, Any] = {
        "_initiator": {"type": "other", "url": bare_url(exchange.initiator)},
        "_resourceType": exchange.resource,
        "cache": {},
        "pageref": exchange.page,
        "request": _request(exchange, kind, pools),
        "response": _response(exchange, kind),
        "serverIPAddress": sentence(exchange.address, limit=60),
        "startedDateTime": iso(exchange.started),
        "time": _milliseconds(exchange),
        "timings": {"send": 0, "wait": _milliseconds(exchange), "receive": 0},
    }
    if exchange.from_cache:
        entry["_fromCache"] = "disk"
    return entry


def iso(moment: float) -> str:
    """Return seconds since 1970 as ISO 8601 with milliseconds and a Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _milliseconds(exchange: Exchange) -> float:
    return round(max(0.0, exchange.ended - exchange.started) * 1000, 1) if exchange.ended else 0.0


def _kind(exchange: Exchange) -> Kind | None:
    """Return what an exchange is for, None to drop it; a reader decides by the same rules."""
    place = exchange.place
    if place is None:
        return None
    asks = exchange.method in ("POST", "OPTIONS")
    kind = Kind.PUT_EVENTS if place.kind is None and place.monitor_id and asks else place.kind
    if kind is None and exchange.resource in SUBRESOURCES:
        return None
    asked = Asked(
        exchange.method,
        {name.lower(): value for name, value in exchange.sent},
        exchange.mime.lower(),
        body=lambda: sent_body(exchange),
        reply=lambda: exchange.reply,
    )
    return kind_of_call(asked, kind, exchange.resource)


def sent_body(exchange: Exchange) -> str:
    """Return a request's body as text."""
    post = {"text": exchange.body} | ({"encoding": "base64"} if exchange.binary else {})
    gzipped = any(n.lower() == "content-encoding" and "gzip" in v for n, v in exchange.sent)
    return har_body.request_body(post, gzipped=gzipped).text if exchange.body else ""


def _request(exchange: Exchange, kind: Kind, pools: frozenset[str]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": safe_url(exchange.url),
        "httpVersion": "",
        "headers": [h for name, value in exchange.sent if (h := _sent_header(name, value))],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": -1,
    }
    if text := _sent_text(exchange, kind, pools):
        mime = next((v for n, v in exchange.sent if n.lower() == "content-type"), "")
        request["postData"] = {"mimeType": sentence(mime, limit=80), "text": text}
    return request


def safe_url(url: str) -> str:
    """Return a URL without its query; of a signed one the scope of its signature stays."""
    bare = bare_url(url)
    if "x-amz-signature=" not in url.lower():
        return bare
    scope = _QUERY_SCOPE.search(re.sub("(?i)%2F", "/", urlsplit(url).query))
    credential = quote(f"{reduced.HIDDEN}{scope[0]}", safe="") if scope else reduced.HIDDEN
    return f"{bare}?X-Amz-Credential={credential}&X-Amz-Signature={reduced.HIDDEN}"


def _sent_text(exchange: Exchange, kind: Kind, pools: frozenset[str]) -> str:
    if exchange.method != "POST":
        return ""
    text = sent_body(exchange)
    if kind in COGNITO_CALLS:
        return reduced.cognito_request(text, pools)
    if kind is Kind.ASSUME_ROLE:
        return reduced.role_request(text)
    if kind is Kind.PUT_EVENTS and (batch := har_body.batch(text)):
        return reduced.events_request(batch)
    return ""


def _sent_header(name: str, value: str) -> dict[str, str] | None:
    lowered = name.lower()
    if lowered in _SENT:
        text = bare_url(value) if lowered == "origin" and value != "null" else value
        return {"name": name, "value": sentence(text, limit=_LIMIT)}
    if lowered == "x-amz-security-token":
        return {"name": name, "value": reduced.HIDDEN}
    if lowered == "authorization" and (scope := _AWS4.match(value[:4096])):
        text = f"AWS4-HMAC-SHA256 Credential={reduced.HIDDEN}{scope[1]}, Signature={reduced.HIDDEN}"
        return {"name": name, "value": text}
    return None


def received_headers(headers: Headers) -> list[dict[str, str]]:
    """Return the headers of a reply that are written."""
    return [h for name, value in headers if (h := _received_header(name, value))]


def _received_header(name: str, value: str) -> dict[str, str] | None:
    lowered = name.lower()
    if lowered in _POLICIES:
        return {"name": name, "value": printable(mask_header(value[:65_536]))}
    if lowered == "location":
        return {"name": name, "value": bare_url(value)}
    if lowered in _RECEIVED or lowered.startswith(_RECEIVED_PREFIXES):
        return {"name": name, "value": sentence(value, limit=_LIMIT)}
    return None


def _response(exchange: Exchange, kind: Kind) -> dict[str, Any]:
    response: dict[str, Any] = {
        "status": exchange.status,
        "statusText": sentence(exchange.status_text, limit=80),
        "httpVersion": "",
        "headers": received_headers(exchange.received),
        "cookies": [],
        "content": _content(exchange, kind),
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_transferSize": 0,
        "_error": sentence(exchange.error, limit=120) if exchange.error else exchange.error,
    }
    if exchange.blocked:
        response["_blockedReason"] = sentence(exchange.blocked, limit=80)
    if exchange.cors_error:
        response["_corsError"] = sentence(exchange.cors_error, limit=80)
    if exchange.via_worker:
        response["_fetchedViaServiceWorker"] = True
    return response


def _content(exchange: Exchange, kind: Kind) -> dict[str, Any]:
    content: dict[str, Any] = {"size": 0, "mimeType": sentence(exchange.mime, limit=80)}
    text = exchange.reply
    if exchange.bare:
        content["_bare"] = True
    if not text:
        return content
    if kind is Kind.DOCUMENT:
        page = mask_page(text)
        content |= {"text": page.html, "_masked": page.html != text}
        if page.hashes:
            content["_hashes"] = {masked: list(served) for masked, served in page.hashes}
    elif exchange.resource == "script" and carries_mark(text):
        masked = mask_script(text)
        content |= {"text": masked, "_masked": masked != text}
    elif reply := _reduced_reply(exchange, kind, text):
        content["text"] = reply
    content["size"] = len(content.get("text", ""))
    return content


def _reduced_reply(exchange: Exchange, kind: Kind, text: str) -> str:
    if kind in COGNITO_CALLS:
        return reduced.cognito_reply(text, exchange.status)
    if kind is Kind.ASSUME_ROLE:
        return reduced.role_reply(text, exchange.status)
    if kind in (Kind.PUT_EVENTS, Kind.CLIENT_SCRIPT):
        return reduced.refusal(text)
    return ""
