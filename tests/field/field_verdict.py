"""What is called broken, degraded, healthy and unproven."""

from __future__ import annotations

from field_case import Case
from field_write import HTML, LEFT_OUT, html, loader, npm, page, script, vended, visit
from har_builder import STORED_KEYS, Har

_API = "https://api.partner.example/v1/prices"
_TRACED = {"enableXRay": True, "telemetries": ["errors", ["http", {"addXRayTraceIdHeader": True}]]}
_CSP = (
    "content-security-policy: script-src 'self' 'unsafe-inline'"
    " https://client.rum.us-east-1.amazonaws.com; connect-src 'self'"
)
_REPORT = {
    "content_security_policy_report_only": "default-src 'self'; report-uri /csp",
}


def _delivers(text: str = "", **headers: str) -> Har:
    return vended(visit(text, **headers)).put(wait=5).put(wait=5).wait(3)


def _trace_header_refused() -> Har:
    har = vended(visit(page(**_TRACED)))
    har.preflight(_API, "x-amzn-trace-id", "content-type", net=None)
    har.api(_API, net="net::ERR_FAILED")
    har.entries[-1]["response"]["status"] = 0
    return har.put(wait=5).put(wait=5).wait(3)


def _throttled_once() -> Har:
    har = vended(visit()).put(wait=5)
    har.put(429, "ThrottlingException", "Rate exceeded", wait=5)
    return har.put(wait=3).put(wait=5).wait(3)


def _purged_and_healed() -> Har:
    har = Har(version="2.1.0", stated="2.1.0").document(html=page(url=_V2)).client()
    har.put(403, "AccessDeniedException", "User is not authorized", wait=5)
    return vended(har).put(wait=5).put(wait=5).wait(3)


_V2 = "https://client.rum.us-east-1.amazonaws.com/2.1.0/cwr.js"


def _errors_of_the_service() -> Har:
    har = vended(visit()).put(500, "InternalServerException", "Internal", wait=5)
    return har.put(wait=2).put(wait=5).wait(3)


def _first_seconds() -> Har:
    return vended(visit()).wait(2)


def _idle_and_pings() -> Har:
    har = _delivers().wait(60)
    return har.beacon().wait(30).beacon().wait(3)


def _limit_reached() -> Har:
    return vended(visit(page(sessionEventLimit=6))).put(wait=5).put(wait=5, events=3).wait(20)


CASES = (
    Case(
        "page-that-cannot-be-read-beside-a-recording",
        "headers saved by a tool in a form of its own, beside a recording that delivers",
        page=page(),
        headers="[HTTP/2 200 OK",
        har=_delivers,
        verdict="healthy",
        root=(None,),
        find={"events-arriving": "pass", "snippet-present": "pass"},
    ),
    Case(
        "trace-header-refused-elsewhere",
        "aws-rum-web 663: the header breaks requests to a partner's API; events arrive",
        har=_trace_header_refused,
        verdict="degraded",
        root=("xray-cors",),
        find={"events-arriving": "pass", "xray-cors": "fail|warn"},
        says=("api.partner.example",),
    ),
    Case(
        "one-in-ten",
        "a rate below one, and events arrive",
        har=lambda: _delivers(page(sessionSampleRate=0.1)),
        verdict="degraded",
        root=(None,),
        find={"session-sample-rate": "warn", "events-arriving": "pass"},
        says=("0\\.1 of the sessions",),
    ),
    Case(
        "page-alone-is-no-proof",
        "a page on which everything is right, and nobody saw an event arrive",
        page=page(),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass", "csp-connect": "pass", "session-sample-rate": "pass"},
    ),
    Case(
        "two-faults",
        "the policy blocks the data plane, and the client has no way to credentials",
        page=page(identityPoolId=LEFT_OUT),
        headers=f"{HTML}\n{_CSP}",
        verdict="broken",
        root=("csp-connect",),
        find={"csp-connect": "fail", "credentials-configured": "fail"},
    ),
    Case(
        "throttled-once",
        "one batch of many was throttled",
        har=_throttled_once,
        verdict="degraded",
        root=(None,),
        find={"events-arriving": "pass|warn", "throttling": "warn|fail"},
    ),
    Case(
        "purged-and-healed",
        "aws-rum-web 583: credentials of another monitor, dropped after one 403",
        har=_purged_and_healed,
        verdict="degraded",
        root=(None,),
        find={"stored-credentials": "warn", "events-arriving": "pass|warn"},
    ),
    Case(
        "one-error-of-the-service",
        "one answer of 500, repeated by the client and then accepted",
        har=_errors_of_the_service,
        verdict="degraded|healthy",
        root=(None,),
        find={"events-arriving": "pass|warn"},
    ),
    Case(
        "first-seconds",
        "a recording that ends before the client first sends",
        har=_first_seconds,
        verdict="unproven",
        root=(None,),
        find={"events-arriving": "unknown", "identity-pool": "pass"},
        path={"credentials": "works", "authorize": "not looked at", "ingest": "not looked at"},
    ),
    Case(
        "pings-of-an-idle-page",
        "aws-rum-web 510: after some time all that is seen are pings",
        har=_idle_and_pings,
        verdict="healthy|degraded",
        root=(None,),
        find={"events-arriving": "pass"},
    ),
    Case(
        "limit-of-the-session",
        "the session reached its limit: what came after was not recorded",
        har=_limit_reached,
        storage={"session": {"record": True, "eventCount": 6}, "cwr_c": STORED_KEYS},
        verdict="broken",
        root=("session-event-limit",),
        says=("sessionEventLimit",),
    ),
    Case(
        "report-only-policy",
        "a policy on trial reports the client and blocks nothing",
        har=lambda: _delivers("", **_REPORT),
        console=(
            (
                "[Report Only] Refused to connect to 'https://dataplane.rum.eu-west-1.amazonaws.com/'"
                ' because it violates the following Content Security Policy directive: "default-src'
                " 'self'\"."
            ),
        ),
        verdict="healthy|degraded",
        root=(None,),
        find={"csp-connect": "pass", "csp-script": "pass"},
    ),
    Case(
        "page-that-changed-since",
        "the recording delivered; the page as it is now blocks the data plane",
        page=page(),
        headers=f"{HTML}\n{_CSP}",
        har=_delivers,
        verdict="broken",
        root=("csp-connect",),
        find={"csp-connect": "fail"},
        says=("2026-03-01",),
    ),
    Case(
        "nothing-traced",
        "enableXRay with a plain 'http': data arrives and traces stay apart",
        har=lambda: _delivers(page(enableXRay=True)),
        verdict="degraded|healthy",
        find={"events-arriving": "pass", "xray-header": "fail|warn|pass|skip"},
    ),
    Case(
        "source-alone-is-no-proof",
        "a module that constructs the client well",
        source=npm(),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass", "credentials-configured": "pass"},
    ),
    Case(
        "two-monitors-on-one-page",
        "aws-rum-web 611: two snippets on one page share one queue",
        page=html(script(loader()), script(loader(monitor="0a1b2c3d-1111-4222-8333-445566778899"))),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        says=("2 clients for 2 monitors",),
    ),
)
