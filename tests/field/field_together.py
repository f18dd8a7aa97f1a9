"""Answers on the way of one visit, and inputs together: page, recording, console, storage."""

from __future__ import annotations

import base64
import json
from typing import Any

from field_case import Case, har_case
from field_write import COGNITO, PUT, html, npm, page, script, vended, visit
from har_builder import (
    DENIED,
    IDENTITY,
    MONITOR,
    OTHER_MONITOR,
    POOL,
    SESSION,
    SITE,
    STORED_KEYS,
    Har,
)

_DENIAL = DENIED.format(session="CognitoIdentityCredentials")
_WHO = _DENIAL.partition(" because ")[0]
_WELL: dict[str, object] = {"verdict": "healthy|degraded", "root": (None,)}
_NOT_THE_ROLE: dict[str, object] = {
    "verdict": "broken", "root": ("guest-role-permission", "put-events-denied"),
    "wrong": ("put-role-policy",),
}  # fmt: skip
_ON_THE_WAY: dict[str, object] = {
    "verdict": "broken", "root": ("endpoint-region", "events-arriving"),
    "find": {"guest-role-permission": "pass|skip|unknown"},
}  # fmt: skip


def _refused(message: str, status: int = 403, error: str = "AccessDeniedException") -> Har:
    return vended(visit()).put(status, error, message, wait=5).wait(5)


def _delivers(text: str = "") -> Har:
    return vended(visit(text)).put(wait=5).put(wait=5).wait(3)


def _after_sleep() -> Har:
    har = vended(visit()).put(wait=5).put(0, net="net::ERR_NETWORK_IO_SUSPENDED", wait=5)
    return har.wait(1800).put(wait=5).put(wait=5).wait(3)


def _over_quic() -> Har:
    har = vended(visit())
    for _ in range(3):
        har.put(0, net="net::ERR_QUIC_PROTOCOL_ERROR", wait=5).api()
    return har.wait(5)


def _own(status: int, **more: Any) -> Har:
    har = vended(visit(page(endpoint="https://rum.shop.example")))
    for _ in range(3):
        har.put(status, host="rum.shop.example", wait=5, **more)
    return har.wait(5).api()


def _name_of_its_own() -> Har:
    return _own(0, net="net::ERR_CERT_COMMON_NAME_INVALID")


def _too_large_for_nginx() -> Har:
    headers = {"content-type": "text/html", "server": "nginx/1.27.1"}
    text = "<html><head><title>413 Request Entity Too Large</title></head></html>"
    return _own(413, headers=headers, text=text)


def _unpacked_by_nobody() -> Har:
    headers = {"content-type": "application/json", "server": "nginx/1.27.1",
               "x-amzn-requestid": "4b1d0a52-1c8e-4d0b-9c55-0d6f7f4be009",
               "x-amzn-errortype": "SerializationException"}  # fmt: skip
    return _own(400, headers=headers, text='{"message":null}')


def _two_headers() -> Har:
    """Let a proxy's own CORS header stand beside RUM's in the answer to OPTIONS."""
    har = vended(visit(page(endpoint="https://rum.shop.example"))).wait(5)
    har.preflight(f"https://rum.shop.example/appmonitors/{MONITOR}", "content-type", "*")
    for header in har.entries[-1]["response"]["headers"]:
        if header["name"] == "access-control-allow-origin":
            header["value"] = "*, *"
    har.put(0, host="rum.shop.example", net="net::ERR_FAILED")
    return har.wait(5).api()


def _plane_is_down() -> Har:
    har = vended(visit())
    for _ in range(4):
        har.put(500, "InternalServerException", "Internal server error", wait=5)
    return har.wait(5)


def _path_twice() -> Har:
    har = vended(visit(page(endpoint="https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors")))
    har.put(
        404, "UnknownOperationException", "", path=f"/appmonitors/appmonitors/{MONITOR}", wait=5
    )
    return har.wait(5)


def _beacon_refused() -> Har:
    return vended(visit()).wait(2).beacon(403, error="AccessDeniedException", message=_DENIAL)


def _left_with_keepalive() -> Har:
    har = vended(visit()).put(wait=5).put(0, net="net::ERR_ABORTED", wait=4)
    har.document(f"{SITE}/cart", html=page()).client(cache="memory")
    return har.put(wait=5).wait(3)


def _cut_off_and_renewed() -> Har:
    har = Har(exporter="safari", version="1.25.0", stated="1.25.0").document(html=page())
    vended(har.client()).put(wait=5)
    return har.put(wait=5).wait(3)


def _throttled_by_cognito_once() -> Har:
    har = visit().get_id(429, "TooManyRequestsException", "Rate exceeded").wait(5)
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _of_another_site() -> Har:
    har = Har(version="1.25.0", stated="1.25.0")
    har.document("https://blog.other.example/", html=page(monitor=OTHER_MONITOR))
    vended(har.client())
    return har.put(403, "AccessDeniedException", _DENIAL, monitor=OTHER_MONITOR, wait=5).wait(5)


def _silent(text: str = "") -> Har:
    return vended(visit(text)).wait(25).api()


def _excluded() -> Har:
    har = Har(version="1.25.0", stated="1.25.0")
    har.document(f"{SITE}/account/orders", html=_EXCLUDES)
    return vended(har.client()).wait(25).api()


_EXCLUDES = page(pagesToExclude=["/account/"]).replace("'/account/'", "/\\/account\\//")
_UNSAMPLED = base64.b64encode(
    json.dumps({"sessionId": SESSION, "record": False, "eventCount": 0}).encode()
).decode()
_ELSEWHERE = IDENTITY.replace("eu-west-1", "us-east-1")

CASES = (
    har_case(
        "after-sleep",
        "a laptop sleeps with a request on its way, and goes on",
        _after_sleep,
        **_WELL,
    ),
    har_case(
        "quic-is-broken",
        "a middlebox breaks QUIC to the data plane",
        _over_quic,
        **_ON_THE_WAY,
    ),
    har_case(
        "name-of-its-own",
        "a CNAME of the site's own points at the data plane, whose certificate has other names",
        _name_of_its_own,
        **(_ON_THE_WAY | {"says": (r"certificate", r"rum\.shop\.example")}),
    ),
    har_case(
        "policy-of-a-vpc-endpoint",
        "the request leaves by a VPC endpoint whose policy does not allow it",
        lambda: _refused(
            f"{_WHO} because no VPC endpoint policy allows the rum:PutRumEvents action"
        ),
        **(_NOT_THE_ROLE | {"says": ("VPC endpoint",)}),
    ),
    har_case(
        "policy-of-the-organisation",
        "a service control policy denies it",
        lambda: _refused(f"{_WHO} with an explicit deny in a service control policy"),
        **(_NOT_THE_ROLE | {"says": ("(?i)service control policy",)}),
    ),
    har_case(
        "role-of-the-signed-in",
        "a pool with logins: the role of those who signed in may not",
        lambda: _refused(_DENIAL.replace("RUM-Monitor-shop-Unauth", "amplify-shop-main-authRole")),
        verdict="broken",
        root=("guest-role-permission", "put-events-denied"),
        says=("amplify-shop-main-authRole",),
        wrong=("RUM-Monitor-shop-Unauth",),
    ),
    har_case(
        "role-of-a-developer",
        "the page hands its developer's own credentials to the client",
        lambda: _refused(
            _DENIAL.replace(
                "RUM-Monitor-shop-Unauth/CognitoIdentityCredentials",
                "AWSReservedSSO_Developer_0a1b2c3d4e5f6071/jo@shop.example",
            )
        ),
        verdict="broken",
        root=("guest-role-permission", "put-events-denied"),
        says=("AWSReservedSSO_Developer",),
        wrong=("RUM-Monitor-shop-Unauth",),
    ),
    har_case(
        "clock-that-is-ahead",
        "a visitor's clock is ahead",
        lambda: _refused(
            "Signature not yet current: 20260301T103000Z is still later than 20260301T090505Z"
            " (20260301T090005Z + 5 min.)",
            error="InvalidSignatureException",
        ),
        verdict="broken",
        says=("(?i)clock",),
        find={"guest-role-permission": "pass|skip|unknown"},
    ),
    har_case(
        "too-large-for-the-proxy",
        "the site's own proxy takes bodies up to its default size",
        _too_large_for_nginx,
        **(_ON_THE_WAY | {"says": ("413", "nginx")}),
    ),
    har_case(
        "packed-and-passed-on",
        "the proxy drops content-encoding, so that RUM cannot read what 3.x has packed",
        _unpacked_by_nobody,
        verdict="broken",
        says=("SerializationException",),
        find={"guest-role-permission": "pass|skip|unknown", "monitor-exists": "pass|skip|unknown"},
    ),
    har_case(
        "two-headers-of-cors",
        "the proxy's CORS header stands beside RUM's own",
        _two_headers,
        **(_ON_THE_WAY | {"says": ("CORS",)}),
    ),
    har_case(
        "service-is-down",
        "the data plane answers 500 to each batch",
        _plane_is_down,
        **(_ON_THE_WAY | {"says": ("500",), "wrong": ("put-role-policy",)}),
    ),
    har_case(
        "path-twice",
        "the endpoint was written with the path that the client adds",
        _path_twice,
        verdict="broken",
        root=("endpoint-region",),
        says=("appmonitors",),
    ),
    har_case(
        "beacon-refused",
        "a short visit whose only batch leaves as a beacon, and is refused",
        _beacon_refused,
        verdict="broken",
        root=("guest-role-permission", "put-events-denied"),
    ),
    har_case(
        "left-with-keepalive",
        "the next page cuts off the last batch; its own arrives",
        _left_with_keepalive,
        **_WELL,
    ),
    har_case(
        "cognito-throttled-once",
        "Cognito answers 429 once, and then as ever",
        _throttled_by_cognito_once,
        **_WELL,
    ),
    Case(
        "reload-cut-it-off",
        "a reload cut off the first request; Safari calls that access control; events arrive",
        har=_cut_off_and_renewed,
        console=(
            f"[Error] Fetch API cannot load {COGNITO} due to access control checks.",
            (
                "[Error] Unhandled Promise Rejection: Error: CWR: Failed to retrieve Cognito"
                " identity: TypeError: Load failed"
            ),
        ),
        **_WELL,  # type: ignore[arg-type]
    ),
    Case(
        "recording-of-another-site",
        "the recording is of a blog with a monitor of its own, which is refused",
        page=page(),
        har=_of_another_site,
        verdict="unproven|degraded",
        root=(None,),
        says=(OTHER_MONITOR,),
        wrong=("put-role-policy",),
    ),
    Case(
        "recording-of-the-same-site",
        "the same refusal of the page's own monitor",
        page=page(),
        har=lambda: _refused(_DENIAL),
        verdict="broken",
        root=("guest-role-permission",),
    ),
    Case(
        "policy-for-another-product",
        "events arrive; the console tells of a product that the policy stops",
        page=page(),
        har=_delivers,
        console=(
            (
                "Refused to connect to 'https://rum.browser-intake-datadoghq.eu/api/v2/rum' because"
                " it violates the following Content Security Policy directive: \"connect-src 'self'"
                ' https://*.amazonaws.com".'
            ),
        ),
        **_WELL,  # type: ignore[arg-type]
    ),
    Case(
        "console-tells-of-the-policy",
        "the recording is silent, its console tells of the policy",
        source=npm(),
        har=_silent,
        console=(
            (
                f"Connecting to '{PUT}' violates the following Content Security Policy directive:"
                " \"connect-src 'self' https://cognito-identity.eu-west-1.amazonaws.com\". The"
                " action has been blocked."
            ),
        ),
        verdict="broken",
        root=("csp-connect",),
        says=("dataplane",),
    ),
    Case(
        "storage-tells-of-sampling",
        "the recording is silent; the cookie says that the session is not recorded",
        page=page(sessionSampleRate=0.1),
        har=_silent,
        files={"cookies.txt": f"cwr_u=8b6a3f0e-0000-4000-8000-000000000001; cwr_s={_UNSAMPLED}"},
        given={"storage": "cookies.txt"},
        find={"session-sample-rate": "fail|warn", "credentials-configured": "pass|unknown|warn"},
        verdict="broken|degraded|unproven",
        root=("session-sample-rate", None),
        says=("(?i)sampl",),
    ),
    Case(
        "cookie-with-percent-signs",
        "the same cookie as a header holds it",
        page=page(sessionSampleRate=0.1),
        files={"cookies.txt": "cwr_s=" + _UNSAMPLED.replace("=", "%3D")},
        given={"storage": "cookies.txt"},
        find={"session-sample-rate": "fail|warn"},
        says=("(?i)sampl",),
    ),
    Case(
        "identity-of-another-pool",
        "the browser keeps an identity of a pool in another Region",
        page=page(),
        files={
            "storage.json": json.dumps(
                {"cwr_i": json.dumps({"IdentityId": _ELSEWHERE}), "cwr_c": json.dumps(STORED_KEYS)}
            )
        },
        given={"storage": "storage.json"},
        verdict="unproven|degraded|broken",
        find={"stored-credentials": "warn|fail|unknown", "identity-pool": "pass|skip|unknown"},
        never=("CANARY",),
    ),
    Case(
        "page-that-is-excluded",
        "pagesToExclude covers the page that was recorded",
        har=_excluded,
        verdict="broken|degraded",
        root=("client-enabled",),
        says=("pagesToExclude",),
    ),
    Case(
        "page-that-is-not-excluded",
        "the same snippet on a page that it does not exclude",
        har=lambda: _delivers(_EXCLUDES),
        **_WELL,  # type: ignore[arg-type]
    ),
    Case(
        "switched-off-and-silent",
        "enableRumClient is false, and the recording silent",
        har=lambda: _silent(page(enableRumClient=False)),
        verdict="broken",
        root=("client-enabled",),
    ),
    Case(
        "page-of-yesterday",
        "the saved page has an old pool; the recording shows that today's delivers",
        page=page(identityPoolId=POOL.replace("1111", "9999", 1)),
        har=_delivers,
        **_WELL,  # type: ignore[arg-type]
    ),
    Case(
        "frame-without-a-client",
        "a payment provider's frame is recorded beside the page",
        page=html(script("start()"), '<iframe src="https://pay.example/"></iframe>'),
        har=_silent,
        verdict="unproven|broken|degraded",
        never=("as the first script",),
    ),
)
