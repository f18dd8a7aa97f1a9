"""What a browser does of its own: it enforces the page's policy, and events happen in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.sandbox.ids import fraction, uuid_of
from rumkit.sandbox.snippet import script_hash

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.snippet import Client

_INLINE = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)
_META = re.compile(
    r"<meta\s+http-equiv=[\"']Content-Security-Policy[\"']\s+content=\"([^\"]*)\"", re.IGNORECASE
)
_CUSTOM = re.compile(r"cwr\('recordEvent',\s*\{\s*type:\s*'([\w.-]+)'")
_PAGES = ("/", "/kettles", "/lamps", "/basket")
_TYPE = "com.amazon.rum."


def browser_allows(place: Installation, kind: str, url: str) -> bool:
    """Tell whether the page's policies let the loader run (`script`) or connect (`connect`).

    It knows the source expressions of the sandbox's own scenarios and of their fixes: hashes,
    nonces, hosts, 'unsafe-inline', 'self', https: and *.
    """
    values = [v for name, v in place.headers if name.lower() == "content-security-policy"]
    values += _META.findall(place.html)
    policies = [part for value in values for part in value.split(",")]
    return all(_policy_allows(_directives(policy), place, kind, url) for policy in policies)


def loader_inserts(html: str) -> bool:
    """Tell whether the loader finds its place: the document's first script must be in its head."""
    first = html.find("<script")
    return 0 <= first < html.find("</head>")


def _directives(policy: str) -> dict[str, list[str]]:
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        words = directive.split()
        if words:
            directives.setdefault(words[0].lower(), words[1:])
    return directives


def _policy_allows(
    directives: dict[str, list[str]], place: Installation, kind: str, url: str
) -> bool:
    if kind == "connect":
        sources = directives.get("connect-src", directives.get("default-src"))
        return sources is None or _host_listed(sources, url, place)
    sources = next(
        (
            directives[n]
            for n in ("script-src-elem", "script-src", "default-src")
            if n in directives
        ),
        None,
    )
    if sources is None:
        return True
    if not _inline_runs(sources, place.html):
        return False
    return "'strict-dynamic'" in sources or _host_listed(sources, url, place)


def _inline_runs(sources: list[str], html: str) -> bool:
    loader = next(((a, t) for a, t in _INLINE.findall(html) if "AwsRumClient" in t), None)
    if loader is None:
        return True
    attributes, text = loader
    strict = any(s.startswith(("'sha256-", "'sha384-", "'sha512-", "'nonce-")) for s in sources)
    if "'unsafe-inline'" in sources and not strict:
        return True
    nonce = re.search(r"nonce=[\"']?([^\"'\s>]+)", attributes)
    if nonce and f"'nonce-{nonce[1]}'" in sources:
        return True
    return script_hash(text) in sources


def _host_listed(sources: list[str], url: str, place: Installation) -> bool:
    wanted = urlsplit(url)
    for source in sources:
        if source in {"*", "https:"} or (source == "'self'" and wanted.hostname == place.host):
            return True
        host = (urlsplit(source if "//" in source else f"https://{source}").hostname or "").lower()
        if host == wanted.hostname:
            return True
        if host.startswith("*.") and str(wanted.hostname).endswith(host[1:]):
            return True
    return False


def events_of(
    client: Client, place: Installation, version: tuple[int, int, int], key: str
) -> list[list[dict[str, Any]]]:
    """Return a session's events in batches, cut off at the session's event limit."""
    limit = client.config.get("sessionEventLimit", 200)
    kinds = _kinds(client.config, version)
    if place.api_host and trace_header_sent(client):
        kinds.append("http_event")
    shown = f"{version[0]}.{version[1]}.{version[2]}"
    pages = 1 + int(fraction("pages", key) * 6)
    events = [_event((key, 0), place.host, shown, "session_start_event", {"version": "1.0.0"})]
    for number in range(pages):
        page = _PAGES[number % len(_PAGES)]
        for kind in kinds:
            details = _details(kind, place, key, number, page)
            events.append(_event((key, len(events)), place.host, shown, kind, details))
    for kind in _CUSTOM.findall(place.html):
        details = {"version": "1.0.0", "step": 1}
        events.append(_event((key, len(events)), place.host, shown, kind, details))
    if isinstance(limit, int) and limit > 0:
        events = events[:limit]
    return [events[start : start + 12] for start in range(0, len(events), 12)][:4]


def _kinds(config: dict[str, Any], version: tuple[int, int, int]) -> list[str]:
    default = ["errors", "performance", "http"] if version >= (3, 0, 0) else []
    given = config.get("telemetries", default)
    names = {item[0] if isinstance(item, list) and item else item for item in given or []}
    kinds = ["page_view_event"]
    if "performance" in names:
        kinds += ["performance_navigation_event", "largest_contentful_paint_event"]
    if "http" in names and config.get("enableXRay"):
        kinds.append("xray_trace_event")
    return kinds


def trace_header_sent(client: Client) -> bool:
    """Tell whether the client adds the trace header to requests of the page."""
    options = [
        item[1].get("addXRayTraceIdHeader")
        for item in client.config.get("telemetries") or []
        if isinstance(item, list) and len(item) > 1 and item[0] == "http"
    ]
    return bool(client.config.get("enableXRay")) and any(options)


def _details(kind: str, place: Installation, key: str, number: int, page: str) -> dict[str, Any]:
    if kind == "page_view_event":
        return {"version": "1.0.0", "pageId": page, "interaction": number}
    if kind == "xray_trace_event":
        return _segment(place, key, number)
    if kind == "http_event":
        return _refused_request(place)
    return {"version": "1.0.0", "value": round(200 + 900 * fraction(kind, key, number), 1)}


def _refused_request(place: Installation) -> dict[str, Any]:
    """Return a request whose preflight the API refused: the browser tells no status."""
    return {
        "version": "1.0.0",
        "request": {"method": "GET", "url": f"https://{place.api_host}/api/products"},
        "error": {"version": "1.0.0", "type": "TypeError", "message": "Failed to fetch"},
    }


def _segment(place: Installation, key: str, number: int) -> dict[str, Any]:
    """Return the client's segment, which is sent whether or not the header was."""
    host = place.api_host or place.host
    url = f"https://{host}/api/products"
    hexadecimal = uuid_of("trace", key, number).replace("-", "")
    return {
        "version": "1.0.0",
        "name": "rum.aws.amazon.com",
        "origin": "AWS::RUM::AppMonitor",
        "id": uuid_of("segment", key, number).replace("-", "")[:16],
        "trace_id": f"1-{int(key.rsplit('@', 1)[-1]):08x}-{hexadecimal[:24]}",
        "http": {
            "request": {"method": "GET", "traced": True, "url": url},
            "response": {"status": 200},
        },
        "subsegments": [
            {
                "id": uuid_of("subsegment", key, number).replace("-", "")[:16],
                "name": host,
                "namespace": "remote",
                "http": {"request": {"method": "GET", "url": url}, "response": {"status": 200}},
            }
        ],
    }


def _event(
    key: tuple[str, int], host: str, version: str, kind: str, details: dict[str, Any]
) -> dict[str, Any]:
    metadata = {
        "version": "1.0.0",
        "browserLanguage": "en-GB",
        "browserName": "Chrome",
        "browserVersion": "144.0.0.0",
        "osName": "Linux",
        "deviceType": "desktop",
        "platformType": "web",
        "pageId": details.get("pageId", "/"),
        "title": "Shop",
        "domain": host,
        "interaction": key[1],
        "countryCode": "IE",
        "aws:client": "arw-script",
        "aws:clientVersion": version,
    }
    return {
        "id": uuid_of("rum-event", *key),
        "type": f"{_TYPE}{kind}" if kind.endswith("_event") else kind,
        "metadata": json.dumps(metadata),
        "details": json.dumps(details),
    }
