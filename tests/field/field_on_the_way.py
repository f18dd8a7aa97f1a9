"""What answers a visit's requests on their way, and what it means for the client."""

from __future__ import annotations

import json
from typing import Any

from field_case import har_case
from field_write import LEFT_OUT, PLANE, PUT, html, loader, page, script, vended, visit
from har_builder import (
    DENIED,
    MONITOR,
    SITE,
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


def _throttled_by_cognito_once() -> Har:
    har = visit().get_id(429, "TooManyRequestsException", "Rate exceeded").wait(5)
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _from_the_middle(*, quiet: bool) -> Har:
    """Begin a recording long after the page was loaded, with credentials in storage."""
    har = Har(version="1.25.0", stated="1.25.0", page=1)
    for _ in range(3):
        har.api().wait(10)
        if not quiet:
            har.put(wait=5)
    return har.api()


def _path_of_the_site() -> Har:
    har = vended(visit()).put(wait=5)
    url, body = "https://api.shop.example/v1/appmonitors/42", '{"name": "checkout"}'
    har.add("POST", url, 500, received={"content-type": "application/json"}, body=body)
    return har.put(wait=5).wait(3)


def _mended() -> Har:
    har = vended(visit()).put(403, "AccessDeniedException", _DENIAL, wait=5).wait(60)
    har.document(html=page()).client()
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _broken_since() -> Har:
    har = vended(visit()).put(wait=5).put(wait=5).wait(600)
    har.document(html=page()).client()
    return vended(har).put(403, "AccessDeniedException", _DENIAL, wait=5).wait(5)


def _typed(**headers: str) -> Har:
    text = json.dumps({"__type": "com.amazonaws.rum#AccessDeniedException", "Message": _DENIAL})
    har = vended(visit())
    given = {"content-type": "application/json", **headers}
    return har.put(403, headers=given, text=text, wait=5).wait(5)


def _own_credentials() -> Har:
    text = html(script(loader(identityPoolId=LEFT_OUT) + "cwr('setAwsCredentials', window.creds);"))
    return visit(text).put(wait=5).put(wait=5).wait(3)


def _upgraded() -> Har:
    text = page(endpoint=PLANE.replace("https:", "http:"))
    har = Har(version="1.25.0", stated="1.25.0")
    vended(har.document("http://intranet.shop.example/", html=text).client()).wait(5)
    inside = {"location": PUT, "non-authoritative-reason": "HSTS"}
    har.add("POST", PUT.replace("https:", "http:"), 307, received=inside)
    return har.put().wait(3)


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
        **(_ON_THE_WAY | {"says": (r"two origins \(\*, \*\)",)}),
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
    har_case(
        "from-the-middle",
        "the recording begins long after the page was loaded, and events arrive",
        lambda: _from_the_middle(quiet=False),
        **_WELL,
    ),
    har_case(
        "from-the-middle-and-quiet",
        "the same with nothing to send, since nothing happens on the page",
        lambda: _from_the_middle(quiet=True),
        verdict="unproven",
        root=(None,),
        find={"events-arriving": "unknown"},
    ),
    har_case(
        "path-of-the-site",
        "an API of the site's own has a path like the client's, and answers 500",
        _path_of_the_site,
        **(_WELL | {"find": {"events-arriving": "pass"}}),
    ),
    har_case(
        "mended-meanwhile",
        "the role was given its permission between two loads of the page",
        _mended,
        verdict="healthy|degraded",
        find={"events-arriving": "pass|warn"},
        never=("is refused",),
        wrong=('"Action": "rum:PutRumEvents"',),
    ),
    har_case(
        "broken-meanwhile",
        "the role lost its permission between two loads of the page",
        _broken_since,
        verdict="broken",
        root=("guest-role-permission",),
    ),
    har_case(
        "type-with-a-link",
        "the header names the error as older services of AWS do",
        lambda: _typed(
            **{
                "x-amzn-errortype": "AccessDeniedException:http://internal.amazon.com/"
                "coral/com.amazon.coral.service/"
            }
        ),
        verdict="broken",
        root=("guest-role-permission",),
    ),
    har_case(
        "type-in-the-body",
        "a tool drops the headers of AWS; the body has a type and a message",
        _typed,
        verdict="broken",
        root=("guest-role-permission",),
    ),
    har_case(
        "credentials-of-the-page",
        "the page gives the client its own credentials, and events arrive",
        _own_credentials,
        **_WELL,
    ),
    har_case(
        "upgraded-by-the-browser",
        "the browser itself sends a request for http on to https",
        _upgraded,
        **_WELL,
    ),
)
