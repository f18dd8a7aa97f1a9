"""Consoles and storages as other programs retell them: audits, drivers, replays, requests."""

from __future__ import annotations

import base64
import json

from field_case import Case, console_case
from field_write import CDN, PUT, vended, visit
from har_builder import CANARY, DENIED, IDENTITY, SESSION, SITE

_DENIED: dict[str, object] = {
    "verdict": "broken", "root": ("put-events-denied", "guest-role-permission"), "says": ("403",),
}  # fmt: skip
_STOPPED: dict[str, object] = {"verdict": "broken", "root": ("endpoint-region", "events-arriving")}
_NOTHING: dict[str, object] = {"verdict": "unproven", "root": (None,)}
_UNSAMPLED: dict[str, object] = {
    "verdict": "broken|unproven|degraded", "find": {"session-sample-rate": "fail|warn"},
}  # fmt: skip
_FORBIDDEN = "Failed to load resource: the server responded with a status of 403 ()"
_ENTRY = {
    "source": "network", "description": _FORBIDDEN,
    "sourceLocation": {"type": "source-location", "url": PUT, "line": 0, "column": 0},
}  # fmt: skip
_FETCHED = {"resource": {"url": PUT, "method": "POST", "status_code": 403}}
_CAUGHT = {"type": "Error", "message": "CWR: Failed to retrieve Cognito OpenId token"}
_RUM_ERROR = {"error": {"message": f"Fetch error POST {PUT}", "source": "network", **_FETCHED}}


def _audit(name: str, *items: dict[str, object]) -> str:
    inner = {"id": name, "description": "What was found.", "details": {"items": list(items)}}
    return json.dumps({"lighthouseVersion": "12.8.2", "audits": {name: inner}}, indent=2)


def _bidi(error: str) -> str:
    asked = {"request": {"method": "POST", "url": PUT}, "errorText": error}
    return json.dumps({"type": "event", "method": "network.fetchError", "params": asked})


def _replay(plugin: str, **payload: object) -> str:
    data = {"plugin": plugin, "payload": payload}
    return json.dumps([{"type": 6, "timestamp": 1772355605123, "data": data}])


def _cdp(event: str, number: str = "7.1", **params: object) -> dict[str, object]:
    return {"method": f"Network.{event}", "params": {"requestId": number, **params}}


def _sent(number: str = "7.1") -> dict[str, object]:
    return _cdp("requestWillBeSent", number, type="Fetch", request={"method": "POST", "url": PUT})


def _failed(number: str, error: str, **more: object) -> dict[str, object]:
    return _cdp("loadingFailed", number, type="Fetch", errorText=error, **more)


def _answered(number: str, status: int, kind: str = "Fetch") -> dict[str, object]:
    return _cdp("responseReceived", number, type=kind, response={"url": PUT, "status": status})


def _har() -> str:
    message = DENIED.format(session="CognitoIdentityCredentials")
    har = vended(visit()).put(403, "AccessDeniedException", message, wait=5)
    code = "throw new Error('CWR: Failed to retrieve Cognito identity')"
    return har.add("GET", f"{SITE}/assets/vendor.js", reply=code, kind="script").text()


def _cookie(*, record: bool) -> str:
    state = {"sessionId": SESSION, "record": record, "eventCount": 12 if record else 0}
    return base64.b64encode(json.dumps(state).encode()).decode()


def _kept(name: str, report: str, text: str, **more: object) -> Case:
    files = {"kept.txt": text}
    return Case(name, report, files=files, given={"storage": "kept.txt"}, **more)  # type: ignore[arg-type]


_NO = _cookie(record=False)

CASES = (
    console_case("audit", "a report of Lighthouse", _audit("errors-in-console", _ENTRY), **_DENIED),
    console_case(
        "audit-of-a-good-visit",
        "its list of requests, in which RUM takes what it is sent",
        _audit("network-requests", {"url": PUT, "statusCode": 200, "resourceType": "Fetch"}),
        **_NOTHING,
    ),
    console_case(
        "load-test",
        "k6 writes the browser's lines as key and value",
        f'time="2026-03-01T09:00:05Z" level=error msg="{_FORBIDDEN}" browser_source=network'
        f' line_number=0 source=browser url="{PUT}"',
        **_DENIED,
    ),
    console_case("bidi", "an event of WebDriver BiDi", _bidi("NS_ERROR_UNKNOWN_HOST"), **_STOPPED),
    console_case(
        "bidi-of-a-page-that-was-left",
        "the next page cut the request off",
        _bidi("NS_BINDING_ABORTED"),
        **_NOTHING,
    ),
    console_case(
        "replay-with-its-console",
        "rrweb's plugin for the console",
        _replay(
            "rrweb/console@1",
            level="error",
            payload=['"Error: CWR: Failed to retrieve Cognito identity: TypeError: Load failed"'],
        ),
        verdict="broken",
        root=("token-vending-failures",),
    ),
    console_case(
        "replay-with-its-network",
        "a plugin for the network",
        _replay("rrweb/network@1", requests=[{"url": PUT, "method": "POST", "status": 403}]),
        **_DENIED,
    ),
    console_case(
        "another-product-saw-it",
        "an error event of Datadog's RUM, deep in its export",
        json.dumps({"data": [{"type": "rum", "attributes": {"attributes": _RUM_ERROR}}]}),
        **_DENIED,
    ),
    console_case(
        "events-that-name-a-request-by-its-number",
        "a driver's performance log: the failure itself has no address",
        json.dumps(
            [
                {"level": "INFO", "message": json.dumps({"message": each, "webview": "A1"})}
                for each in (_sent(), _failed("7.1", "net::ERR_BLOCKED_BY_CLIENT", canceled=False))
            ]
        ),
        **_STOPPED,
    ),
    console_case(
        "preflight-among-events",
        "403 is the preflight's answer: no role was asked",
        json.dumps([_sent(), _answered("8", 403, "Preflight"), _failed("7.1", "net::ERR_FAILED")]),
        **(_STOPPED | {"find": {"put-events-denied": "pass|skip|unknown"}}),
    ),
    console_case(
        "events-of-a-good-visit",
        "RUM takes a batch, the next page cuts off another",
        json.dumps(
            [
                _sent(),
                _answered("7.1", 200),
                _sent("9"),
                _failed("9", "net::ERR_ABORTED", canceled=True),
            ]
        ),
        **_NOTHING,
    ),
    console_case(
        "recording-named-as-a-console",
        "somebody named a HAR with --console; what scripts hold, nobody has said",
        _har(),
        **(_DENIED | {"find": {"token-vending-failures": "pass|skip|unknown"}}),
    ),
    console_case(
        "event-that-rum-has-stored",
        "aws-rum-web 550: the client's own failure, among the events that arrived",
        json.dumps({"event_type": "com.amazon.rum.js_error_event", "event_details": _CAUGHT}),
        **_NOTHING,
    ),
    console_case(
        "list-of-requests",
        "an agent's tool lists requests with an arrow",
        f"[GET] {SITE}/ => [200] OK",
        f"[POST] {PUT} => [403] Forbidden",
        **_DENIED,
    ),
    console_case(
        "list-in-brackets",
        "another one has the outcome in brackets; one request is still open",
        f"reqid=1 GET {SITE}/ [success - 200]",
        f"reqid=2 POST {PUT} [pending]",
        **_NOTHING,
    ),
    console_case(
        "refused-once",
        "2.x fetches new credentials after a first 403, and the next batch is taken",
        f"<< 403 POST {PUT}",
        f"<< 200 POST {PUT}",
        **_NOTHING,
    ),
    console_case(
        "address-of-the-visitors-network",
        "Chrome 142: the data plane's name resolves to a private address",
        f"Access to fetch at '{PUT}' from origin '{SITE}' has been blocked by CORS policy:"
        " Permission was denied for this request to access the `local` address space.",
        f"cwr.js:2  POST {PUT} net::ERR_FAILED",
        **(_STOPPED | {"says": ("visitor's own network",)}),
    ),
    console_case(
        "clock-and-certificate",
        "the computer's clock is years behind",
        f"POST {PUT} net::ERR_CERT_DATE_INVALID",
        **(_STOPPED | {"says": ("this computer's clock",)}),
    ),
    console_case(
        "told-to-wait",
        "Chrome's row of a throttled batch",
        f"POST {PUT} 429 (Too Many Requests)",
        verdict="broken",
        root=("throttling",),
    ),
    console_case(
        "storage-kept-from-the-script",
        "Firefox keeps cookies from the script that it has loaded",
        f"Request to access cookie or storage on \u201c{CDN}\u201d was blocked because we are"
        " blocking all third-party storage access requests and Enhanced Tracking Protection is"
        " enabled.",
        **_NOTHING,
    ),
    console_case(
        "source-map-that-is-missing",
        "developer tools look for the script's source map",
        f"DevTools failed to load source map: Could not load content for {CDN}.map: HTTP error:"
        " status code 403, net::ERR_HTTP_RESPONSE_CODE_FAILURE",
        **_NOTHING,
    ),
    console_case(
        "page-of-a-unit-test",
        "jsdom loads no script from elsewhere",
        "  console.error",
        f'    Error: Could not load script: "{CDN}"',
        verdict="broken",
        root=("client-script-loads",),
    ),
    _kept(
        "cookies-printed-by-a-test",
        "print(driver.get_cookies())",
        str([{"domain": "www.shop.example", "name": "cwr_s", "secure": True, "value": _NO}]),
        **_UNSAMPLED,
    ),
    _kept(
        "request-as-curl",
        "Copy as cURL of any request of the page",
        f"curl '{SITE}/' \\\n  -H 'accept: text/html' \\\n"
        f"  -b 'sid={CANARY}; cwr_s={_NO}' \\\n  -H 'dnt: 1'\n",
        **_UNSAMPLED,
    ),
    _kept(
        "request-as-powershell",
        "Copy as PowerShell; this session is recorded",
        "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n"
        '$session.Cookies.Add((New-Object System.Net.Cookie("cwr_s", '
        f'"{_cookie(record=True)}", "/", "www.shop.example")))\n',
        **_NOTHING,
    ),
    _kept(
        "storage-by-origin",
        "Cypress keeps the storage of each origin",
        json.dumps({SITE: {"cwr_i": json.dumps({"IdentityId": IDENTITY}), "theme": "dark"}}),
        **_NOTHING,
    ),
)
