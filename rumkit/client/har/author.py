"""Who answered a request: AWS, or something on the way that only looks like it.

AWS marks its answers (`x-amzn-requestid`, an XML `RequestId`, its own JSON); service workers,
company proxies, CDNs, gateways and single-page fallbacks leave marks of their own. Exporters drop
headers, so a missing mark alone turns no good answer of an AWS host into somebody else's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rumkit.client.har.redact import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_MARK = 120


class Author(StrEnum):
    """Who wrote a reply; PROXY is a proxy, CDN, gateway or web server in between."""

    AWS = "aws"
    SERVICE_WORKER = "service-worker"
    PROXY = "proxy"
    EXTENSION = "extension"
    BROWSER = "browser"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReplyMarks:
    """A reply as far as it tells who wrote it.

    `headers` are by lower-case name, `body` is the beginning of the text, `aws` says that the host
    is one of AWS's, `script` that the client script was asked for, `worker` that the exporter
    names the page's service worker as the source.
    """

    status: int
    headers: Mapping[str, str]
    mime: str = ""
    body: str = ""
    host: str = ""
    aws: bool = False
    script: bool = False
    preflight: bool = False
    worker: bool = False
    overridden: bool = False

    def header(self, name: str) -> str:
        """Return a header for a mark, as `name: value`."""
        return sentence(f"{name}: {self.headers.get(name, '')}", limit=_MAX_MARK)

    @property
    def good(self) -> bool:
        """Return whether the status is one of success."""
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Return whether the reply is an HTML page."""
        start = self.body.lstrip("\ufeff \t\r\n")[:15].lower()
        return "html" in self.mime or start.startswith(("<!doctype html", "<html"))

    @property
    def accepts_events(self) -> bool:
        """Return whether the reply is `{}` with 200, as PutRumEvents answers."""
        return self.status == 200 and self.body.strip() == "{}"


_Finding = tuple[Author, str]
_EXTENSION = re.compile(r"(?i)(?:chrome|moz|safari-web|ms-browser|edge|extension)-extension:")
_PLACE = re.compile(r"https?://([\w.-]{1,80})", re.ASCII)
_BY_EXTENSION = re.compile(r"(?i)web ?request api|delegate")
_COMPANY = re.compile(
    r"(?i)\b(?:zscaler|squid|blue ?coat|proxysg|mcafee|web ?gateway|forti(?:gate|proxy|guard|net)"
    r"|cisco|ironport|iboss|forcepoint|websense|sophos|netskope|barracuda|palo ?alto|check ?point"
    r"|symantec|kerio|smoothwall|untangle|contentkeeper|lightspeed|umbrella|opendns|privoxy|skyhigh"
    r"|menlo|wsa/|proxyav|webmarshal|clearswift|kaspersky|eset|avast|adguard)"
)
_PROXY_HEADERS = (
    "proxy-authenticate", "proxy-connection", "proxy-status", "x-cache-lookup", "x-proxy-id",
    "x-mwg-info", "x-webfilter", "x-adblock",
)  # fmt: skip
_PROXY_PREFIXES = (
    "x-cypress", "x-squid", "x-bluecoat", "x-zscaler", "x-iboss", "x-forcepoint", "x-netskope",
    "x-adguard", "x-pi-hole",
)  # fmt: skip
# What AWS WAF sets on its own replies; it stands in their mark.
WAF = "x-amzn-waf-action"
_GATEWAY_HOST = re.compile(r"\.execute-api\.[a-z0-9-]+\.|\.lambda-url\.[a-z0-9-]+\.on\.aws")
_GENERATED = re.compile(r"(?i)(?:lambda|function)generatedresponse|error from cloudfront")
_CDN_HEADERS = ("cf-ray", "x-vercel-id", "x-nf-request-id", "x-azure-ref", "x-akamai-request-id")
_AWS_JSON = re.compile(
    r'"(?:__type|IdentityId|Credentials|Token)"\s*:|rum:PutRumEvents|"message"\s*:', re.IGNORECASE
)
_AWS_XML = re.compile(r"<(?:RequestId|AssumeRoleWithWebIdentityRes|ErrorResponse)\b")


def author_of(reply: ReplyMarks) -> tuple[Author, str]:
    """Return who wrote a reply and by what mark, a phrase of at most 120 characters."""
    for rule in _SCRIPT_RULES if reply.script else _RULES:
        if finding := rule(reply):
            return finding
    return Author.UNKNOWN, "" if reply.headers else "no response headers in the recording"


def _extension(reply: ReplyMarks) -> _Finding | None:
    if _EXTENSION.match(reply.headers.get("location", "").strip()):
        return Author.EXTENSION, f"{reply.status} to an extension's own page"
    reason = reply.headers.get("non-authoritative-reason", "")
    if _BY_EXTENSION.search(reason):
        return Author.EXTENSION, reply.header("non-authoritative-reason")
    return None


def _override(reply: ReplyMarks) -> _Finding | None:
    return (Author.BROWSER, "a local override of the developer tools") if reply.overridden else None


def _gateway(reply: ReplyMarks) -> _Finding | None:
    """Tell API Gateway and Lambda URLs, whose own replies carry AWS's request ids too."""
    headers = reply.headers
    rest, http = "x-amz-apigw-id" in headers, "apigw-requestid" in headers
    name = "x-amz-apigw-id" if rest else "apigw-requestid" if http else ""
    if "execute-api" in reply.body and not reply.good:
        return Author.PROXY, "the message names execute-api, which is API Gateway"
    if not reply.aws and "x-amzn-trace-id" in headers and not reply.accepts_events:
        return Author.PROXY, "x-amzn-trace-id: a gateway or function"
    if not name and not _GATEWAY_HOST.search(reply.host):
        return None
    passed_on = "x-amzn-remapped-x-amzn-requestid" in headers
    passed_on = passed_on or (http and "x-amzn-requestid" in headers)
    if passed_on or reply.accepts_events:
        return Author.AWS, f"{name or 'gateway host'}, and the answer of PutRumEvents behind it"
    return Author.PROXY, f"{name}: API Gateway" if name else "the host is a gateway's"


def _firewall(reply: ReplyMarks) -> _Finding | None:
    """Tell AWS WAF's own replies, a challenge or a captcha with 202 or 405."""
    return (Author.PROXY, reply.header(WAF)) if WAF in reply.headers else None


def _request_id(reply: ReplyMarks) -> _Finding | None:
    for name in ("x-amzn-requestid", "x-amzn-errortype"):
        if name in reply.headers:
            return Author.AWS, name
    return (Author.AWS, "XML RequestId") if _AWS_XML.search(reply.body) else None


def _worker(reply: ReplyMarks) -> _Finding | None:
    if not reply.worker:
        return None
    if not reply.headers and reply.status >= 500:
        # What came from the network has headers; a reply that a worker makes need not.
        return Author.SERVICE_WORKER, f"status {reply.status} without any header"
    if not reply.headers and not reply.is_page:
        return Author.UNKNOWN, "fetched via the service worker; no response headers"
    return Author.SERVICE_WORKER, "fetched via the service worker, no x-amzn-requestid"


def _company_proxy(reply: ReplyMarks) -> _Finding | None:
    if reply.status in (407, 511):
        return Author.PROXY, f"status {reply.status}"
    for name in ("server", "via", "x-cache", "www-authenticate"):
        if _COMPANY.search(reply.headers.get(name, "")[:512]):
            return Author.PROXY, reply.header(name)
    for name in reply.headers:
        if name in _PROXY_HEADERS or name.startswith(_PROXY_PREFIXES):
            return Author.PROXY, reply.header(name)
    return None


def _cloudfront(reply: ReplyMarks) -> _Finding | None:
    server = "cloudfront" in reply.headers.get("server", "").lower()
    generated = _GENERATED.search(reply.headers.get("x-cache", ""))
    if not server and not generated:
        return None
    names = [name for name in ("server", "x-cache") if name in reply.headers]
    return Author.PROXY, ", ".join(reply.header(name) for name in names)[:_MAX_MARK]


def _page(reply: ReplyMarks) -> _Finding | None:
    if not reply.is_page or (reply.preflight and reply.good):
        return None
    mark = f"status {reply.status} with an HTML page"
    return Author.PROXY, f"{mark}, {reply.header('server')}" if "server" in reply.headers else mark


def _redirect(reply: ReplyMarks) -> _Finding | None:
    if not 300 <= reply.status < 400 or reply.status == 304:
        return None
    if reply.headers.get("non-authoritative-reason", "").upper() == "HSTS":
        return Author.BROWSER, "an internal redirect to https (HSTS)"
    place = _PLACE.match(reply.headers.get("location", "").strip())
    return Author.PROXY, f"status {reply.status}, a redirect{f' to {place[1]}' if place else ''}"


def _aws_body(reply: ReplyMarks) -> _Finding | None:
    if reply.accepts_events:
        return Author.AWS, "body {} with 200, as PutRumEvents answers"
    if reply.aws and _AWS_JSON.search(reply.body):
        return Author.AWS, "AWS's host and JSON"
    return None


def _web_server(reply: ReplyMarks) -> _Finding | None:
    """Tell the site's own server or CDN by its name, at whatever host."""
    for name in ("server", *_CDN_HEADERS, "via", "x-powered-by"):
        if reply.headers.get(name):
            return Author.PROXY, reply.header(name)
    return None


def _own_endpoint(reply: ReplyMarks) -> _Finding | None:
    if reply.aws or not reply.headers or reply.preflight:
        return None
    return Author.PROXY, "an endpoint of its own, no x-amzn-requestid"


def _aws_by_host(reply: ReplyMarks) -> _Finding | None:
    """Trust TLS: nobody but AWS, or a proxy that opens TLS, can answer for one of its hosts."""
    expected = not reply.mime or any(word in reply.mime for word in ("json", "xml", "unknown"))
    if not reply.aws or not expected:
        return None
    if reply.good or not reply.headers or "json" in reply.mime or "xml" in reply.mime:
        return Author.AWS, "AWS's host over TLS, and nothing speaks against it"
    return None


def _cdn_script(reply: ReplyMarks) -> _Finding | None:
    return (Author.AWS, "AWS's CDN for the client") if reply.aws and not reply.is_page else None


_RULES: tuple[Callable[[ReplyMarks], _Finding | None], ...] = (
    _extension, _override, _firewall, _gateway, _request_id, _worker, _company_proxy, _cloudfront,
    _redirect, _page, _aws_body, _web_server, _own_endpoint, _aws_by_host,
)  # fmt: skip
# CloudFront and S3 are AWS's own way of serving the client: their names are no contrary mark.
_SCRIPT_RULES: tuple[Callable[[ReplyMarks], _Finding | None], ...] = (
    _extension, _override, _worker, _company_proxy, _page, _cdn_script,
)  # fmt: skip
