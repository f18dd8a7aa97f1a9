"""Recordings as proxies, test runners and sanitizers leave them, and parts of recordings."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from field_case import Case, har_case
from field_write import PUT, SPA, html, page, script, vended, visit
from har_builder import DENIED, OTHER_MONITOR, SESSION, SITE, Har

if TYPE_CHECKING:
    from collections.abc import Callable

_DENIAL = DENIED.format(session="CognitoIdentityCredentials")
_ROLE: dict[str, object] = {
    "verdict": "broken", "root": ("guest-role-permission",), "says": ("rum:PutRumEvents",),
}  # fmt: skip
_WELL: dict[str, object] = {"verdict": "healthy|degraded", "root": (None,)}
_STOPPED = (
    f"Connecting to '{PUT}' violates the following Content Security Policy directive: \"connect-src"
    " 'self' https://cognito-identity.eu-west-1.amazonaws.com\". The action has been blocked."
)
_UNREACHED: dict[str, object] = {
    "verdict": "broken", "root": ("endpoint-region", "events-arriving"),
    "never": ("lacks rum:PutRumEvents", "RUM refuses", "RUM answers"),
}  # fmt: skip


def _denied() -> Har:
    return vended(visit()).put(403, "AccessDeniedException", _DENIAL, wait=5).wait(5)


def _delivers() -> Har:
    return vended(visit()).put(wait=5).put(wait=5).wait(3)


def _by(har: Har, name: str, version: str = "1.0") -> str:
    document = har.document_object()
    document["log"]["creator"] = {"name": name, "version": version}
    return json.dumps(document)


def _file(
    name: str, report: str, text: Callable[[], str | bytes], file: str = "session.har", **more: Any
) -> Case:
    return Case(name, report, files={file: text()}, given={"recording": file}, **more)


def _unreached(error: str, name: str) -> str:
    """Return what a proxy writes for requests that it could not pass on."""
    har = vended(visit())
    for _ in range(3):
        har.put(0, wait=5).api()
    for each in har.entries:
        each.pop("_resourceType")
        if each["request"]["url"] == PUT:
            each["response"] |= {"_error": error, "httpVersion": "unknown", "headers": []}
    return _by(har, name)


def _aborted_in_http_toolkit() -> str:
    har = vended(visit())
    for _ in range(3):
        har.put(0, wait=5).api()
    for each in har.entries:
        each.pop("_resourceType")
        each["response"].pop("_error")
        each |= {"pageref": "Chrome 131 (Desktop)"}
        if not each["response"]["status"]:
            each |= {"time": -1}
            each["response"] |= {
                "content": {"size": 0, "mimeType": "application/x-unknown"}, "bodySize": -1,
            }  # fmt: skip
    return _by(har, "HTTP Toolkit")


def _without_large_bodies() -> str:
    har = _denied()
    har.entries[-1]["request"].pop("postData")
    return _by(har, "HTTP Toolkit")


def _blanked(har: Har, word: str) -> str:
    """Blank what sanitizers blank: every body, cookie and secret header."""
    secret = ("authorization", "cookie", "x-amz-security-token", "x-amz-date", "set-cookie")
    for each in har.entries:
        for part in (each["request"], each["response"]):
            part["cookies"] = [{"name": one["name"], "value": word} for one in part["cookies"]]
            for header in part["headers"]:
                if header["name"].lower() in secret:
                    header["value"] = word
        if "postData" in each["request"]:
            each["request"]["postData"]["text"] = word
        if "text" in each["response"]["content"]:
            each["response"]["content"]["text"] = word
    return _by(har, "WebInspector", "537.36")


def _cypress_blocks() -> Har:
    har = vended(visit())
    headers = {"x-cypress-matched-blocked-host": "*.rum.eu-west-1.amazonaws.com",
               "content-length": "0"}  # fmt: skip
    for _ in range(3):
        har.put(503, headers=headers, text="", wait=5)
    return har.wait(5).api()


def _test_stops_them() -> str:
    har = Har(exporter="playwright", version="1.25.0", stated="1.25.0").document(html=page())
    vended(har.client())
    for _ in range(3):
        har.put(0, net="net::ERR_FAILED", wait=5)
    return _by(har.wait(5).api(), "Playwright", "1.49.1")


def _twice_by_a_worker(*, denied: bool) -> Har:
    """Let Chromium list what a service worker fetches itself beside what the page asked it for."""
    har = vended(visit())
    for _ in range(1 if denied else 2):
        for worker in (True, False):
            har.put(403 if denied else 200, "AccessDeniedException" if denied else "",
                    _DENIAL if denied else "", wait=5 if worker else 0, worker=worker)  # fmt: skip
        har.entries[-1]["_initiator"] = {"type": "script", "url": f"{SITE}/sw.js"}
    return har.wait(5)


def _two_sites() -> Har:
    har = vended(visit()).put(wait=5).put(wait=5)
    har.document("https://partner.example/", html=html(script("partner()")))
    har.put(403, "AccessDeniedException", _DENIAL, monitor=OTHER_MONITOR, wait=5)
    return har.wait(5)


def _dual_stack(**changed: Any) -> Har:
    host = "dataplane.rum.eu-west-1.api.aws"
    har = vended(visit(page(endpoint=f"https://{host}")))
    for _ in range(2):
        har.put(changed.get("status", 200), changed.get("error", ""), changed.get("message", ""),
                host=host, wait=5)  # fmt: skip
    return har.wait(3)


def _two_sessions_over_http() -> Har:
    har = Har(version="1.25.0", stated="1.25.0")
    for number, session in enumerate((SESSION, "0f0f0f0f-aaaa-4bbb-8ccc-0123456789ab")):
        har.document(f"http://intranet.shop.example/{number}", html=page()).client()
        vended(har).put(wait=5, session=session).wait(3)
    return har


def _trace_of_playwright() -> str:
    """Return the network file of a trace: an entry of a HAR in each line."""
    har = Har(exporter="playwright", version="1.25.0", stated="1.25.0").document(html=page())
    vended(har.client()).put(403, "AccessDeniedException", _DENIAL, wait=5).wait(5)
    return _lines_of(har)


def _lines_of(har: Har) -> str:
    lines = ({"type": "resource-snapshot", "snapshot": each} for each in har.entries)
    return "\n".join(map(json.dumps, lines)) + "\n"


def _packed_trace() -> bytes:
    """Return a trace as a test keeps it: requests, console, and bodies in files of their own."""
    har = Har(exporter="playwright", version="1.25.0", stated="1.25.0", installed="arw-module")
    har.document(html=SPA)
    vended(har).wait(20).api()
    content = har.entries[0]["response"]["content"]
    content |= {"_sha1": "0" * 40 + ".html"}
    body = content.pop("text")
    said = {"type": "console", "messageType": "error", "time": 1.5, "text": _STOPPED,
            "location": {"url": f"{SITE}/", "lineNumber": 0}}  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("trace.trace", '{"type":"context-options"}\n' + json.dumps(said) + "\n")
        archive.writestr("trace.network", _lines_of(har))
        archive.writestr("resources/" + "0" * 40 + ".html", body)
    return out.getvalue()


CASES = (
    _file(
        "packed-by-mitmproxy",
        "mitmproxy packs what it dumps to a name ending in .zhar with zlib",
        lambda: zlib.compress(_by(_denied(), "mitmproxy").encode(), 9),
        "session.zhar",
        **_ROLE,
    ),
    _file(
        "ended-by-the-server-in-mitmproxy",
        "a flow of mitmproxy that ended in an error",
        lambda: _unreached("server disconnected", "mitmproxy"),
        **_UNREACHED,
    ),
    _file(
        "not-resolved-in-browsermob",
        "BrowserMob's words for a name that did not resolve",
        lambda: _unreached(
            "Unable to resolve host: dataplane.rum.eu-west-1.amazonaws.com", "BrowserMob Proxy"
        ),
        **(_UNREACHED | {"says": ("could not be resolved",)}),
    ),
    _file(
        "not-connected-in-browsermob",
        "BrowserMob's words for a host that was not reached",
        lambda: _unreached("Unable to connect to host", "BrowserUp Proxy"),
        **(_UNREACHED | {"says": ("(?i)could not be reached|unable to connect",)}),
    ),
    _file(
        "aborted-in-http-toolkit",
        "HTTP Toolkit writes an aborted request with status 0 and no error",
        _aborted_in_http_toolkit,
        verdict="broken|unproven",
        root=("endpoint-region", "events-arriving", None),
        find={"events-arriving": "fail|unknown", "guest-role-permission": "pass|skip|unknown"},
        never=("before the recording ended", "RUM accept"),
    ),
    _file(
        "large-body-left-out",
        "HTTP Toolkit leaves out bodies above 40 KB",
        _without_large_bodies,
        **_ROLE,
    ),
    _file(
        "blanked-by-a-sanitizer",
        "a sanitizer put a word in the place of each body, cookie and secret header",
        lambda: _blanked(_delivers(), "[sanitized]"),
        **(_WELL | {"never": ("unsigned", "no signature")}),
    ),
    _file(
        "blanked-refusal",
        "the same of a visit whose events RUM refuses",
        lambda: _blanked(_denied(), "REDACTED"),
        verdict="broken",
        root=("guest-role-permission", "put-events-denied"),
        find={"signing": "pass|skip|unknown"},
        never=("unsigned", "found no signature", "never saw"),
    ),
    har_case(
        "blocked-by-cypress",
        "blockHosts of Cypress answers 503 itself and names the rule in a header",
        _cypress_blocks,
        **(_UNREACHED | {"says": ("(?i)cypress",)}),
    ),
    _file(
        "stopped-by-a-test",
        "route.abort of Playwright",
        _test_stops_them,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
        find={"guest-role-permission": "pass|skip|unknown"},
    ),
    har_case(
        "rows-of-a-worker",
        "Chromium lists the page's request and that of its service worker",
        lambda: _twice_by_a_worker(denied=False),
        **_WELL,
    ),
    har_case(
        "rows-of-a-worker-denied",
        "the same, where RUM refuses what the worker passes on",
        lambda: _twice_by_a_worker(denied=True),
        verdict="broken",
        root=("guest-role-permission", "put-events-denied"),
        says=("rum:PutRumEvents",),
        never=("service worker.{0,40}gave no reply",),
    ),
    Case(
        "partner-in-the-same-recording",
        "the page's client delivers; the visitor goes on to a site whose own is refused",
        page=page(),
        har=_two_sites,
        verdict="healthy|degraded",
        root=(None,),
        find={"events-arriving": "pass", "put-events-denied": "pass"},
    ),
    har_case(
        "dual-stack-endpoint",
        "the endpoint is AWS's own under api.aws",
        _dual_stack,
        **(_WELL | {"never": ("not AWS", "never saw", "host of the site's own")}),
    ),
    har_case(
        "dual-stack-endpoint-denied",
        "the same, and the role may not",
        lambda: _dual_stack(status=403, error="AccessDeniedException", message=_DENIAL),
        **_ROLE,
    ),
    har_case(
        "intranet-over-http",
        "cookies of the client are Secure: on http each load is a session of its own",
        _two_sessions_over_http,
        **_WELL,
    ),
    _file(
        "network-of-a-trace",
        "the network file of Playwright's trace, unpacked",
        _trace_of_playwright,
        "trace.network",
        **_ROLE,
    ),
    _file(
        "trace-of-a-test",
        "the trace that a test run keeps: its console tells of the policy",
        _packed_trace,
        "trace.zip",
        verdict="broken",
        root=("csp-connect",),
        says=("dataplane",),
    ),
)
