"""Logs, reports and recordings of other programs than a browser's own tools."""

from __future__ import annotations

import base64
import json
from typing import Any

from field_case import Case, console_case, har_case
from field_write import COGNITO, HTML, PUT, SPA, npm, page, vended, visit
from har_builder import DENIED, MONITOR, OTHER_MONITOR, SESSION, Har

_REFUSED = (
    f"Refused to connect to '{PUT}' because it violates the following Content Security Policy"
    " directive: \"connect-src 'self'\"."
)
_POLICY: dict[str, object] = {
    "verdict": "broken", "root": ("csp-connect",), "find": {"csp-connect": "fail"},
    "says": ("connect-src",),
}  # fmt: skip
_DENIED_BY_RUM: dict[str, object] = {
    "verdict": "broken", "root": ("put-events-denied", "guest-role-permission"), "says": ("403",),
}  # fmt: skip
_STOPPED: dict[str, object] = {
    "verdict": "broken", "root": ("endpoint-region", "events-arriving"),
}  # fmt: skip


def _put_answered(status: int, error: str, message: str, **more: Any) -> Har:
    return vended(visit()).put(status, error, message, wait=5, **more).wait(6)


_REPORT = {
    "csp-report": {
        "document-uri": "https://www.shop.example/cart",
        "violated-directive": "connect-src",
        "effective-directive": "connect-src",
        "original-policy": "default-src 'self'; connect-src 'self'",
        "disposition": "enforce",
        "blocked-uri": PUT,
        "status-code": 200,
    }
}
_REPORTING = [
    {
        "type": "csp-violation",
        "age": 12,
        "url": "https://www.shop.example/",
        "body": {
            "blockedURL": PUT,
            "disposition": "enforce",
            "documentURL": "https://www.shop.example/",
            "effectiveDirective": "connect-src",
            "originalPolicy": "connect-src 'self'",
            "statusCode": 200,
        },
    }
]
_CRUMBS = [
    {"type": "http", "category": "fetch", "level": "error", "timestamp": 1772355605.1,
     "data": {"method": "POST", "url": PUT, "status_code": 403}},
    {"type": "default", "category": "console", "level": "warning", "message": "slow"},
]  # fmt: skip
_SEVERE = {
    "level": "SEVERE",
    "message": f"{PUT} - Failed to load resource: the server responded with a status of 403 ()",
    "source": "network",
    "timestamp": 1772355605123,
}


def _gov() -> Har:
    har = Har(region="us-gov-west-1", version="1.25.0", stated="1.25.0").document(html=SPA)
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _second_client_in_a_frame() -> Har:
    har = vended(visit()).put(wait=5)
    har.put(403, "AccessDeniedException", DENIED.format(session="CognitoIdentityCredentials"),
            monitor=OTHER_MONITOR)  # fmt: skip
    return har.put(wait=5).wait(3)


def _preflight_refused() -> Har:
    har = vended(visit()).wait(5)
    har.preflight(PUT, "content-type,x-amz-date", "", status=403)
    har.put(0, net="net::ERR_FAILED")
    return har.wait(5)


def _cookies_refused() -> Har:
    har = vended(visit()).put(wait=5)
    har.document(html=page()).client()
    return vended(har).put(wait=5, session="0f0f0f0f-aaaa-4bbb-8ccc-0123456789ab").wait(3)


CASES = (
    console_case(
        "report-of-the-policy",
        "the report that a browser posts to report-uri",
        json.dumps(_REPORT),
        **_POLICY,
    ),
    console_case(
        "report-of-the-reporting-api",
        "the newer form of the same, a list",
        json.dumps(_REPORTING, indent=1),
        **_POLICY,
    ),
    console_case(
        "report-that-only-tries",
        "the same report of a policy on trial, which blocks nothing",
        json.dumps({"csp-report": _REPORT["csp-report"] | {"disposition": "report"}}),
        verdict="unproven|healthy|degraded",
        root=(None,),
        find={"csp-connect": "pass|unknown|warn"},
    ),
    console_case(
        "log-of-electron",
        "the log of an Electron application's main process",
        f'[41231:0301/090005.123456:INFO:CONSOLE(2)] "{_REFUSED}",'
        " source: app://shop/assets/index.js (2)",
        **_POLICY,
    ),
    console_case(
        "log-of-android",
        "logcat of an application of Capacitor",
        f'03-01 09:00:05.123 12345 12345 I chromium: [INFO:CONSOLE(2)] "{_REFUSED}",'
        " source: https://localhost/assets/index.js (2)",
        **_POLICY,
    ),
    console_case(
        "log-of-capacitor",
        "Capacitor's own line on Android",
        f"E/Capacitor/Console: File: https://localhost/assets/index.js - Line 2 - Msg: {_REFUSED}",
        **_POLICY,
    ),
    console_case(
        "log-of-puppeteer",
        "lines that a test printed, each as JSON",
        json.dumps({"type": "error", "text": _REFUSED, "url": "https://www.shop.example/"}),
        **_POLICY,
    ),
    console_case(
        "log-of-playwright",
        "a reporter's line with its place",
        "[chromium] > shop.spec.ts:12:3 > browser console error: Failed to load resource: the"
        f" server responded with a status of 403 () at {PUT}:0:0",
        **_DENIED_BY_RUM,
    ),
    console_case(
        "log-of-selenium",
        "Selenium's browser log, as Java prints it",
        f"[2026-03-01T09:00:05.123Z] [SEVERE] {PUT} - Failed to load resource: the server"
        " responded with a status of 403 ()",
        **_DENIED_BY_RUM,
    ),
    console_case(
        "log-of-webdriver",
        "the same as Python and JavaScript give it",
        json.dumps([_SEVERE]),
        **_DENIED_BY_RUM,
    ),
    console_case(
        "crumbs-of-sentry",
        "breadcrumbs of an event of Sentry",
        json.dumps(_CRUMBS),
        **_DENIED_BY_RUM,
    ),
    console_case(
        "rows-of-the-network-panel",
        "rows that were copied out of the network panel",
        "Name\tStatus\tType\tInitiator\tSize\tTime",
        f"{MONITOR}\t403\tfetch\tcwr.js:2\t1.1 kB\t61 ms",
        verdict="broken|unproven",
        find={"put-events-denied": "fail|unknown"},
    ),
    console_case(
        "copied-as-fetch",
        "a request copied as fetch: there is no answer in it",
        f'fetch("{PUT}", {{',
        '  "headers": { "content-type": "application/json" },',
        '  "body": "{}", "method": "POST"',
        "});",
        verdict="unproven",
        root=(None,),
    ),
    console_case(
        "request-that-failed-in-puppeteer",
        "a listener of requestfailed",
        f"requestfailed: POST {PUT} net::ERR_BLOCKED_BY_CLIENT",
        **_STOPPED,
    ),
    console_case(
        "error-that-cypress-caught",
        "an exception of the application's, as Cypress tells it",
        "The following error originated from your application code, not from Cypress. It was"
        " caused by an unhandled promise rejection.",
        "  > CWR: Failed to retrieve Cognito identity: Error: NotAuthorizedException:"
        " Unauthenticated access is not supported for this identity pool.",
        verdict="broken",
        root=("identity-pool",),
    ),
    console_case(
        "tracking-prevention-of-edge",
        "Edge keeps a storage from a script of a third party",
        "Tracking Prevention blocked access to storage for"
        " https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js.",
        verdict="unproven|degraded",
        root=(None,),
    ),
    console_case(
        "worker-that-failed",
        "a service worker's own fetch was rejected",
        f'The FetchEvent for "{PUT}" resulted in a network error response: the promise was'
        " rejected.",
        "sw.js:1 Uncaught (in promise) TypeError: Failed to fetch",
        verdict="broken|unproven",
        says=("(?i)service worker",),
    ),
    console_case(
        "old-webkit-words",
        "Safari on a page whose default-src decides",
        f"[Error] Refused to connect to {PUT} because it appears in neither the connect-src"
        " directive nor the default-src directive of the Content Security Policy.",
        **_POLICY,
    ),
    har_case(
        "clock-of-the-visitor",
        "a visitor's clock is an hour off, and AWS refuses the signature",
        lambda: _put_answered(
            403,
            "InvalidSignatureException",
            "Signature expired: 20260301T080005Z is now earlier than 20260301T085505Z"
            " (20260301T090005Z - 5 min.)",
        ),
        verdict="broken|degraded",
        says=("(?i)clock",),
    ),
    har_case(
        "expired-token",
        "a laptop that slept sends with credentials that have expired",
        lambda: _put_answered(
            403, "ExpiredTokenException", "The security token included in the request is expired"
        ),
        verdict="broken|degraded",
        root=("stored-credentials", "put-events-denied", "token-vending-failures"),
        says=("(?i)expired",),
        find={"guest-role-permission": "pass|skip|unknown"},
    ),
    har_case(
        "token-of-another-partition",
        "the credentials are of another partition or account, and the token is not known",
        lambda: _put_answered(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        verdict="broken",
        find={"guest-role-permission": "pass|skip|unknown"},
        says=("(?i)token|credential",),
    ),
    har_case(
        "partition-of-the-government",
        "a monitor in us-gov-west-1 delivers",
        _gov,
        verdict="healthy|degraded",
        root=(None,),
    ),
    har_case(
        "frame-with-a-client-of-its-own",
        "a frame holds a client of another monitor, which is refused; the page's own delivers",
        _second_client_in_a_frame,
        verdict="broken|degraded",
        find={"events-arriving": "pass|warn|fail"},
        says=(OTHER_MONITOR,),
    ),
    har_case(
        "preflight-that-is-refused",
        "a firewall refuses OPTIONS to the data plane",
        _preflight_refused,
        verdict="broken",
        root=("endpoint-region", "events-arriving", "put-events-denied"),
        find={"guest-role-permission": "pass|skip|unknown"},
    ),
    har_case(
        "new-session-at-each-load",
        "cookies are refused: each load of the page is a session of its own, and all arrive",
        _cookies_refused,
        verdict="healthy|degraded",
        root=(None,),
        find={"events-arriving": "pass"},
    ),
    har_case(
        "batch-that-is-too-large",
        "RUM refuses one batch as too large, and takes the others",
        lambda: (
            vended(visit())
            .put(wait=5)
            .put(413, "RequestEntityTooLargeException", "Request size exceeds limit", wait=5)
            .put(wait=5)
            .wait(3)
        ),
        verdict="degraded|broken",
        says=("413",),
    ),
    Case(
        "cookies-of-two-monitors",
        "cookieAttributes.unique names the cookies by their monitor",
        files={
            "storage.txt": json.dumps(
                {
                    f"cwr_s_{MONITOR}": base64.b64encode(
                        json.dumps(
                            {"sessionId": SESSION, "record": False, "eventCount": 0}
                        ).encode()
                    ).decode(),
                    f"cwr_u_{MONITOR}": "8b6a3f0e-0000-4000-8000-000000000001",
                }
            )
        },
        given={"storage": "storage.txt"},
        verdict="broken|unproven|degraded",
        says=("(?i)sampl",),
    ),
    Case(
        "cookies-refused",
        "document.cookie is empty though the page sets cookies",
        page=page(),
        headers=HTML,
        files={"storage.txt": '""\n'},
        given={"storage": "storage.txt"},
        verdict="unproven|degraded",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    Case(
        "bundle-and-its-console",
        "a source with the right ids beside the console of an old client that Cognito refuses",
        source=npm(),
        files={
            "console.txt": f"POST {COGNITO} 400 (Bad Request)\n"
            "Error: CWR: Failed to retrieve Cognito identity: Error: ResourceNotFoundException:"
            " IdentityPool 'eu-west-1:11112222-3333-4444-8555-666677778888' not found.\n"
        },
        given={"console": "console.txt"},
        verdict="broken",
        root=("identity-pool",),
    ),
)
