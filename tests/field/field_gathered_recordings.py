"""Recordings and consoles of a third gathering."""

from __future__ import annotations

from field_case import console_case, har_case
from field_write import (
    CDN,
    PUT,
    page,
    vended,
    visit,
)
from har_builder import DENIED, ROLE, SITE, Har


def _other_region() -> Har:
    har = Har(version="1.25.0", stated="1.25.0", region="us-west-2").document(html=page())
    vended(har.client())
    message = "Credential should be scoped to a valid Region, not 'eu-west-1'."
    return har.put(403, "InvalidSignatureException", message, wait=5, scope="eu-west-1").wait(5)


def _two_origins() -> Har:
    har = vended(visit()).put(wait=5)
    har.document("https://pay.partner.example/checkout", html="<html><body>Pay</body></html>")
    return har.wait(20)


def _role_elsewhere() -> Har:
    har = Har(version="1.25.0", stated="1.25.0").document(html=page(guestRoleArn=ROLE)).client()
    har.get_id().open_id_token()
    har.sts(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    return har.wait(15).api()


def _beacons_only() -> Har:
    har = vended(visit()).wait(2)
    return har.beacon().wait(1)


def _service_answers() -> Har:
    har = vended(visit())
    for _ in range(4):
        har.put(503, "ServiceUnavailableException", "Service Unavailable", wait=4)
    return har.wait(4)


def _late_identity() -> Har:
    return visit().wait(3).get_id(429, "TooManyRequestsException", "Rate exceeded").wait(15).api()


def _playwright(**changed: object) -> Har:
    har = Har(exporter="playwright", version="1.25.0", stated="1.25.0").document(html=page())
    vended(har.client())
    message = DENIED.format(session="CognitoIdentityCredentials")
    return har.put(403, "AccessDeniedException", message, wait=5).wait(5)


def _firefox() -> Har:
    har = Har(exporter="firefox", version="1.25.0", stated="1.25.0").document(html=page())
    return vended(har.client()).put(wait=5).put(wait=5).wait(3)


CASES = (
    console_case(
        "cypress-log",
        "Cypress prints a request row",
        f"(fetch) POST 403 {PUT}",
        verdict="broken",
        root=("put-events-denied",),
    ),
    console_case(
        "edge-devtools",
        "Edge's wording of a blocked request",
        f"POST {PUT} net::ERR_BLOCKED_BY_ADMINISTRATOR",
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
    ),
    console_case(
        "brave-shields",
        "Brave's shields stop the script",
        f"GET {CDN} net::ERR_BLOCKED_BY_CLIENT",
        verdict="broken",
        root=("client-script-loads",),
    ),
    console_case(
        "firefox-strict",
        "Firefox's strict protection stops the script",
        f"The resource at \u201c{CDN}\u201d was blocked because content blocking is enabled.",
        f"Loading failed for the <script> with source \u201c{CDN}\u201d.",
        verdict="broken",
        root=("client-script-loads",),
    ),
    console_case(
        "duckduckgo",
        "a content blocker of Safari",
        f"[Error] Content blocker prevented frame displaying {SITE}/ from loading a resource"
        f" from {PUT}",
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
    ),
    console_case(
        "sdk-of-the-site",
        "another client's words: nothing of RUM",
        "[Datadog] RUM: Application ID is not configured, no RUM data will be collected.",
        verdict="unproven",
        root=(None,),
    ),
    console_case(
        "debug-of-the-client",
        "the client's own lines with debug: true, and all goes well",
        "[aws-rum-web:Dispatch] Dispatching 4 events",
        verdict="unproven|healthy",
        root=(None,),
    ),
    console_case(
        "unsampled",
        "the client says that the session is not sampled",
        "[aws-rum-web:SessionManager] Session is NOT sampled",
        verdict="broken|unproven|degraded",
        find={"session-sample-rate": "fail|warn"},
    ),
    har_case(
        "signed-for-another-region",
        "the endpoint of another Region than the argument",
        _other_region,
        verdict="broken",
        root=("endpoint-region",),
    ),
    har_case(
        "on-to-another-site",
        "the visitor goes on to a partner's site, which has no client",
        _two_origins,
        verdict="healthy|degraded",
        root=(None,),
    ),
    har_case(
        "role-that-does-not-trust",
        "STS refuses the role",
        _role_elsewhere,
        verdict="broken",
        root=("guest-role-trust",),
    ),
    har_case(
        "beacons-alone",
        "a short visit: what was recorded left with a beacon",
        _beacons_only,
        verdict="healthy|degraded|unproven",
        root=(None,),
    ),
    har_case(
        "service-unavailable",
        "the data plane answers 503 for a while",
        _service_answers,
        verdict="broken",
        root=("events-arriving",),
    ),
    har_case(
        "cognito-is-throttled",
        "Cognito takes no more requests",
        _late_identity,
        verdict="broken",
        root=("throttling", "token-vending-failures"),
    ),
    har_case(
        "test-of-playwright",
        "recordHar of a test",
        _playwright,
        verdict="broken",
        root=("guest-role-permission",),
    ),
    har_case(
        "export-of-firefox",
        "Firefox's own export of a good visit",
        _firefox,
        verdict="healthy|degraded",
        root=(None,),
    ),
)
