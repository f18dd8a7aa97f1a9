"""Something else than AWS answers: gateways, proxies, CDNs, fallbacks, workers, blockers."""

from __future__ import annotations

from field_case import Case
from field_write import page, vended, visit
from har_builder import MONITOR, Har

_CORS = {"access-control-allow-origin": "*"}
_JSON = {"content-type": "application/json", **_CORS}
_HTML = {"content-type": "text/html; charset=utf-8", **_CORS}
_INDEX = "<!doctype html><html><head><title>Shop</title></head><body><div id=root></div></body>"
_PATH = f"/appmonitors/{MONITOR}"
_NOT_IAM = {"guest-role-permission": "pass|skip|unknown"}
_NO_RUM = (r"\bRUM answers", r"RUM accept", r"RUM refuses", r"RUM found", r"403 Acc")


def _own(endpoint: str, **given: object) -> str:
    return page(endpoint=endpoint, **given)


def _gateway_wants_its_own_scope() -> Har:
    har = vended(visit(_own("https://rum-api.shop.example")))
    headers = {
        **_JSON,
        "x-amzn-requestid": "4b1d0a52-1c8e-4d0b-9c55-0d6f7f4be001",
        "x-amzn-errortype": "InvalidSignatureException",
        "x-amz-apigw-id": "Aa1Bb2Cc3Dd4Ee=",
    }
    text = """{"message":"Credential should be scoped to correct service: 'execute-api'. "}"""
    return har.put(403, host="rum-api.shop.example", headers=headers, text=text, wait=5).wait(9)


def _gateway_without_the_route() -> Har:
    har = vended(visit(_own("https://rum-api.shop.example")))
    headers = {
        **_JSON,
        "x-amzn-requestid": "4b1d0a52-1c8e-4d0b-9c55-0d6f7f4be002",
        "x-amzn-errortype": "MissingAuthenticationTokenException",
        "x-amz-apigw-id": "Aa1Bb2Cc3Dd4Ef=",
    }
    text = '{"message":"Missing Authentication Token"}'
    return har.put(403, host="rum-api.shop.example", headers=headers, text=text, wait=5).wait(9)


def _caddy_forwards_a_signed_request() -> Har:
    har = vended(visit(_own("https://www.shop.example/telemetry")))
    headers = {
        "content-type": "application/json",
        "x-amzn-requestid": "4b1d0a52-1c8e-4d0b-9c55-0d6f7f4be003",
        "x-amzn-errortype": "InvalidSignatureException",
        "server": "Caddy",
        "via": "1.1 Caddy",
    }
    text = '{"message":"The request signature we calculated does not match the one you provided."}'
    path = f"/telemetry{_PATH}"
    har.put(403, host="www.shop.example", path=path, headers=headers, text=text, wait=5)
    return har.wait(9)


def _vercel_has_no_such_function() -> Har:
    har = vended(visit(_own("https://www.shop.example/rum")))
    headers = {**_HTML, "server": "Vercel", "x-vercel-id": "fra1::k2x9-1772355600000-aa"}
    return har.put(
        405, host="www.shop.example", path=f"/rum{_PATH}", headers=headers, text=_INDEX, wait=5
    ).wait(9)


def _nginx_serves_files_only() -> Har:
    har = vended(visit(_own("https://www.shop.example/rum")))
    headers = {**_HTML, "server": "nginx/1.24.0"}
    text = "<html><head><title>405 Not Allowed</title></head><body>nginx</body></html>"
    return har.put(
        405, host="www.shop.example", path=f"/rum{_PATH}", headers=headers, text=text, wait=5
    ).wait(9)


def _worker_gives_the_app_shell() -> Har:
    har = vended(visit())
    headers = {"content-type": "text/html"}
    return har.put(200, headers=headers, text=_INDEX, worker=True, wait=5).wait(9)


def _worker_makes_a_504() -> Har:
    har = vended(visit())
    har.put(504, headers={"x": ""}, text="", worker=True, wait=5).wait(9)
    har.entries[-1]["response"]["headers"] = []
    har.entries[-1]["response"]["statusText"] = "Gateway Timeout"
    return har


def _filter_answers_cognito() -> Har:
    headers = {**_HTML, "server": "Zscaler/6.2"}
    text = "<html><head><title>Access denied</title></head><body>Category: analytics</body></html>"
    return visit().get_id(403, headers=headers, text=text).wait(15)


def _worker_answers_cognito() -> Har:
    headers = {"content-type": "text/html"}
    return visit().get_id(200, headers=headers, text=_INDEX, worker=True).wait(15).api()


def _login_before_cognito() -> Har:
    headers = {"location": "https://login.corp.example/", "server": "WSA/15.0"}
    return visit().get_id(302, headers=headers, text="", net="net::ERR_FAILED").wait(15).api()


def _block_page_with_200() -> Har:
    har = vended(visit())
    headers = {"content-type": "text/html", "server": "Zscaler/6.2"}
    return har.put(200, headers=headers, text="<html>Blocked</html>", wait=5).wait(9)


def _block_page_for_the_script() -> Har:
    har = Har(version="1.25.0").document(html=page())
    url = "https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js"
    headers = {"content-type": "text/html", "server": "Zscaler/6.2"}
    har.add("GET", url, received=headers, reply="<html>Blocked</html>", kind="script")
    return har.wait(20).api()


def _hotel_login() -> Har:
    har = vended(visit())
    headers = {"location": "http://login.hotel.example/?url=rum", "content-type": "text/html"}
    return har.put(302, headers=headers, text="", net="net::ERR_FAILED", wait=5).wait(9)


def _blocker_swaps_the_script() -> Har:
    har = Har(version="1.25.0").document(html=page())
    har.add(
        "GET",
        "https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js",
        307,
        received={
            "location": "chrome-extension://abcdefghijklmnop/web_accessible_resources/noop.js",
            "non-authoritative-reason": "WebRequest API",
        },
        kind="script",
    )
    return har.wait(20).api().wait(5)


def _proxy_that_signs() -> Har:
    text = page(endpoint="https://telemetry.shop.example", signing=False, identityPoolId="")
    har = Har(version="3.2.0", stated="3.2.0").document(html=text.replace("1.25.0", "3.2.0"))
    har.client()
    headers = {
        **_JSON,
        "x-amzn-requestid": "4b1d0a52-1c8e-4d0b-9c55-0d6f7f4be004",
        "server": "nginx",
    }
    for _ in range(2):
        har.put(
            200, host="telemetry.shop.example", signed=False, headers=headers, text="{}", wait=5
        )
    return har.wait(4)


def _queue_in_between() -> Har:
    har = vended(visit(_own("https://collect.shop.example")))
    headers = {**_JSON, "server": "awselb/2.0"}
    return har.put(
        200, host="collect.shop.example", headers=headers, text='{"status":"queued"}', wait=5
    ).wait(9)


def _collector_of_ones_own() -> Har:
    har = vended(visit(_own("https://collect.shop.example")))
    headers = {"server": "nginx"}
    for _ in range(2):
        har.put(204, host="collect.shop.example", headers=headers, text="", wait=5)
    return har.wait(3)


def _asked_by_waf() -> Har:
    har = vended(visit(_own("https://www.shop.example/rum")))
    headers = {"server": "CloudFront", "x-amzn-waf-action": "challenge"}
    return har.put(
        202, host="www.shop.example", path=f"/rum{_PATH}", headers=headers, text="", wait=5
    ).wait(9)


def _bot_challenge() -> Har:
    har = vended(visit(_own("https://www.shop.example/rum")))
    headers = {**_HTML, "server": "cloudflare", "cf-ray": "9aa0-FRA", "cf-mitigated": "challenge"}
    return har.put(
        403, host="www.shop.example", path=f"/rum{_PATH}", headers=headers, text=_INDEX, wait=5
    ).wait(9)


def _waf_on_the_data_planes_place() -> Har:
    har = vended(visit())
    headers = {"content-type": "text/html", "server": "squid/6.6", "x-squid-error": "ERR_ACCESS"}
    har.preflight(f"https://dataplane.rum.eu-west-1.amazonaws.com{_PATH}", "x-amz-date", "")
    return har.put(403, headers=headers, text="<html>ERR_ACCESS_DENIED</html>", wait=5).wait(9)


CASES = (
    Case(
        "gateway-wants-its-own-scope",
        "aws-rum-web 207: the endpoint is an API Gateway with IAM authorisation",
        har=_gateway_wants_its_own_scope,
        verdict="broken",
        root=("endpoint-region", "events-arriving", "put-events-denied"),
        find=_NOT_IAM,
        says=("API Gateway", "signing: false|`signing: false`"),
        never=_NO_RUM,
    ),
    Case(
        "gateway-without-the-route",
        "aws-rum-web 601: an API of its own answers 403 to the client's events",
        har=_gateway_without_the_route,
        verdict="broken",
        root=("endpoint-region", "events-arriving", "put-events-denied"),
        find={**_NOT_IAM, "signing": "pass|skip|unknown|warn"},
        says=("API Gateway",),
        never=(*_NO_RUM, "found no signature"),
    ),
    Case(
        "caddy-forwards-a-signed-request",
        "aws-rum-web 572: a Caddy server passes signed events on, all are refused",
        har=_caddy_forwards_a_signed_request,
        verdict="broken",
        root=("signing", "endpoint-region"),
        find=_NOT_IAM,
        says=("(?i)proxy", "signing: false"),
        never=("lacks? rum:PutRumEvents",),
    ),
    Case(
        "vercel-has-no-such-function",
        "single-page hosts answer POST to a path without a function with 405",
        har=_vercel_has_no_such_function,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
        find=_NOT_IAM,
        says=("(?i)vercel|www.shop.example's own server",),
        never=_NO_RUM,
    ),
    Case(
        "nginx-serves-files-only",
        "a forwarded path that nginx does not know takes GET alone",
        har=_nginx_serves_files_only,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
        find={"monitor-exists": "pass|skip|unknown", **_NOT_IAM},
        says=("nginx",),
        never=_NO_RUM,
    ),
    Case(
        "worker-gives-the-app-shell",
        "workbox navigateFallback and catch handlers give index.html to every failed request",
        har=_worker_gives_the_app_shell,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
        find={"events-arriving": "fail", **_NOT_IAM},
        says=("service worker", "event.request.url"),
        never=(*_NO_RUM, "the visitor's network"),
    ),
    Case(
        "worker-makes-a-504",
        "angular 37133: the service worker of Angular answers 504 itself to POST requests",
        har=_worker_makes_a_504,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
        says=("service worker",),
        never=_NO_RUM,
    ),
    Case(
        "filter-answers-cognito",
        "company proxies block by category; here Cognito is answered in its place",
        har=_filter_answers_cognito,
        verdict="broken",
        root=("token-vending-failures",),
        find={"identity-pool": "pass|unknown", "events-arriving": "unknown"},
        says=("(?i)proxy",),
        never=("Cognito refuses", "Cognito knows", "guest access is likely off"),
    ),
    Case(
        "worker-answers-cognito",
        "a service worker gives the application's page to a request to Cognito",
        har=_worker_answers_cognito,
        verdict="broken",
        root=("token-vending-failures",),
        find={"identity-pool": "pass|unknown", "events-arriving": "unknown"},
        path={"authorize": "not reached", "ingest": "not reached"},
        says=("service worker",),
        never=("Cognito knows", "RUM never saw"),
    ),
    Case(
        "login-before-cognito",
        "a proxy wants a login first and redirects the request to Cognito",
        har=_login_before_cognito,
        verdict="broken",
        root=("token-vending-failures",),
        path={"authorize": "not reached", "ingest": "not reached"},
        says=("login.corp.example|WSA",),
        never=("Cognito knows", "Cognito refuses"),
    ),
    Case(
        "block-page-with-200",
        "a filter answers the data plane with its page and status 200",
        har=_block_page_with_200,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
        find=_NOT_IAM,
        path={"ingest": "broken"},
        says=("Zscaler",),
        never=_NO_RUM,
    ),
    Case(
        "block-page-for-the-script",
        "a filter answers the client's own host with its page and status 200",
        har=_block_page_for_the_script,
        verdict="broken",
        root=("client-script-loads",),
        says=("Zscaler", "proxy"),
        never=("fallback page of the site",),
    ),
    Case(
        "hotel-login",
        "a network that wants a login answers every request with a redirect to its page",
        har=_hotel_login,
        verdict="broken",
        root=("endpoint-region", "events-arriving", "put-events-denied"),
        find=_NOT_IAM,
        says=("redirect",),
        never=_NO_RUM,
    ),
    Case(
        "blocker-swaps-the-script",
        "uBlock Origin redirects listed scripts to a file of its own",
        har=_blocker_swaps_the_script,
        verdict="broken",
        root=("client-script-loads",),
        find={"csp-script": "pass|unknown"},
        says=("extension",),
        never=("CDN of the client exists in us-east-1 only",),
    ),
    Case(
        "proxy-that-signs",
        "aws-rum-web 273: unsigned events to a proxy that signs them, all arrive",
        har=_proxy_that_signs,
        verdict="healthy|degraded",
        find={"events-arriving": "pass", "signing": "pass|skip|unknown"},
        never=("never saw these events", "MissingAuthenticationToken"),
    ),
    Case(
        "queue-in-between",
        "an endpoint of its own takes events into a queue and says so with 200",
        har=_queue_in_between,
        verdict="unproven",
        find={"events-arriving": "unknown"},
        never=("RUM accepted", "RUM accepts", "never saw"),
    ),
    Case(
        "collector-of-ones-own",
        "a collector takes events with 204 and passes them on by itself",
        har=_collector_of_ones_own,
        verdict="unproven",
        root=(None,),
        never=("RUM accepted", "RUM accepts", "never saw"),
    ),
    Case(
        "asked-by-waf",
        "AWS WAF in front of the site answers 202 and wants a challenge solved",
        har=_asked_by_waf,
        verdict="broken",
        root=("endpoint-region",),
        find=_NOT_IAM,
        says=("AWS WAF",),
        never=_NO_RUM,
    ),
    Case(
        "bot-challenge",
        "bot protection in front of the site challenges the forwarded path",
        har=_bot_challenge,
        verdict="broken",
        root=("endpoint-region", "events-arriving", "put-events-denied"),
        find=_NOT_IAM,
        says=("cloudflare",),
        never=_NO_RUM,
    ),
    Case(
        "squid-denies-the-data-plane",
        "a filtering proxy that opens TLS denies the data plane",
        har=_waf_on_the_data_planes_place,
        verdict="broken",
        root=("endpoint-region", "events-arriving", "put-events-denied"),
        find=_NOT_IAM,
        says=("(?i)a proxy between", "squid"),
        never=_NO_RUM,
    ),
)
