"""Visits with clients of every generation, and consoles of Firefox in more languages."""

from __future__ import annotations

import base64
import json
from typing import Any

from field_case import Case, console_case, har_case
from field_write import CDN, COGNITO, LEFT_OUT, PUT, html, loader, page, script, vended, visit
from har_builder import DENIED, ROLE, SESSION, SITE, Har

_DENIAL = DENIED.format(session="CognitoIdentityCredentials")
_WELL: dict[str, object] = {"verdict": "healthy|degraded", "root": (None,)}
_ROLE: dict[str, object] = {"verdict": "broken", "root": ("guest-role-permission",)}
_ON_THE_WAY: dict[str, object] = {
    "verdict": "broken", "root": ("endpoint-region", "events-arriving"),
}  # fmt: skip


def _client(version: str, text: str = "", **given: Any) -> Har:
    """Begin a visit with the script of one release."""
    url = CDN.replace("1.25.0", version)
    har = Har(version=version, stated=version)
    return har.document(html=text or page(url=url, **given)).client(url=url)


def _deny(har: Har, wait: float = 5, **more: Any) -> Har:
    return har.put(403, "AccessDeniedException", _DENIAL, wait=wait, **more)


def _purges_and_stops() -> Har:
    return _deny(vended(_deny(vended(_client("2.1.0")))), wait=1).wait(20).api()


def _purges_and_goes_on() -> Har:
    return vended(_deny(_client("2.1.0"))).put(wait=5).put(wait=5).wait(3)


def _repeats() -> Har:
    har = vended(_client("1.13.7"))
    for wait in (5, 2, 4):
        _deny(har, wait=wait)
    return har.wait(20).api()


def _sent_to_oregon() -> Har:
    har = vended(_client("3.2.0", endpoint=LEFT_OUT))
    message = "Credential should be scoped to a valid Region, not 'eu-west-1'."
    host = "dataplane.rum.us-west-2.amazonaws.com"
    return har.put(403, "InvalidSignatureException", message, host=host, wait=5).wait(9).api()


def _slim(status: int, *more: str) -> Har:
    url = "https://client.rum.us-east-1.amazonaws.com/3.2.0/cwr-slim.js"
    har = Har(version="3.2.0", stated="3.2.0")
    text = page(url=url, identityPoolId=LEFT_OUT, signing=False)
    har.document(html=text).client(url=url)
    for _ in range(2 if status == 200 else 1):
        har.put(status, *more, signed=False, wait=5)
    return har.wait(5)


def _traced(**given: Any) -> Har:
    http = ["http", {"addXRayTraceIdHeader": True}] if given.pop("header", True) else "http"
    text = page(enableXRay=True, telemetries=["errors", http])
    return vended(visit(text)).put(wait=5).put(wait=1)


def _untraced() -> Har:
    return _traced().api().api().wait(3)


def _not_let_through() -> Har:
    har = _traced().wait(1)
    url = "https://api.partner.example/stock"
    har.preflight(url, "x-amzn-trace-id", "content-type")
    return har.api(url, net="net::ERR_FAILED", trace="x-amzn-trace-id", status=0).wait(3)


def _consent_first() -> Har:
    held = html(script(loader(), 'type="text/plain" data-category="analytics"'))
    har = Har(version="1.25.0", stated="1.25.0").document(html=held).wait(10).api()
    har.document(f"{SITE}/shop", html=page()).client()
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _consent_not_given() -> Har:
    held = html(script(loader(), 'type="text/plain" data-category="analytics"'))
    return Har(version="1.25.0").document(html=held).wait(20).api()


def _still_asking() -> Har:
    har = visit().wait(1).get_id().credentials(0)
    har.entries[-1]["time"] = 0
    return har


def _cdn_of_ireland() -> Har:
    url = "https://client.rum.eu-west-1.amazonaws.com/1.x/cwr.js"
    har = Har(version="1.25.0").document(html=page(url=url))
    return har.client(0, url=url, net="net::ERR_NAME_NOT_RESOLVED").wait(20).api()


def _of_the_blog() -> Har:
    denial = _DENIAL.replace("Monitor-shop", "Monitor-blog").replace(
        "CognitoIdentityCredentials", "cwr"
    )
    har = visit(page(guestRoleArn=ROLE))
    return har.put(403, "AccessDeniedException", denial, wait=5).wait(15).api()


def _silent(text: str = "") -> Har:
    return visit(text).wait(25).api()


def _full(events: int) -> dict[str, str]:
    value = {"sessionId": SESSION, "record": True, "eventCount": events}
    return {"cookies.txt": f"cwr_s={base64.b64encode(json.dumps(value).encode()).decode()}"}


CASES = (
    har_case(
        "purges-and-stops",
        "2.x drops its credentials once, and stops at the second 403",
        _purges_and_stops,
        **_ROLE,
    ),
    har_case(
        "purges-and-goes-on",
        "2.x drops another monitor's credentials, and goes on",
        _purges_and_goes_on,
        verdict="degraded|healthy",
        root=(None, "stored-credentials"),
    ),
    har_case("repeats", "1.6 to 1.17 repeat a refused batch twice", _repeats, **_ROLE),
    har_case(
        "sent-to-oregon",
        "3.2.0 without an endpoint sends to us-west-2",
        _sent_to_oregon,
        verdict="broken",
        root=("endpoint-region", "client-version"),
        says=("us-west-2", r"dataplane\.rum\.eu-west-1"),
    ),
    har_case(
        "slim-and-admitted",
        "the slim build, and a resource policy that lets it in",
        lambda: _slim(200),
        **_WELL,
    ),
    har_case(
        "slim-and-refused",
        "the same without the policy",
        lambda: _slim(
            403,
            "AccessDeniedException",
            "User: anonymous is not authorized to"
            " perform: rum:PutRumEvents because no resource-based policy allows the"
            " rum:PutRumEvents action",
        ),
        verdict="broken",
        root=("resource-policy", "signing"),
        wrong=("put-role-policy",),
    ),
    har_case(
        "untraced",
        "X-Ray is on, and no request of the page has the header",
        _untraced,
        verdict="degraded|healthy",
        find={"xray-header": "warn|fail|unknown|pass"},
    ),
    har_case(
        "header-not-let-through",
        "a partner's API does not let the trace header through",
        _not_let_through,
        verdict="degraded",
        find={"xray-cors": "fail|warn"},
        says=("api.partner.example",),
    ),
    har_case(
        "consent-first",
        "the client starts on the second page, after consent",
        _consent_first,
        **_WELL,
    ),
    har_case(
        "consent-not-given",
        "the banner holds the snippet back",
        _consent_not_given,
        verdict="unproven|degraded",
        root=(None,),
        never=("as the first script",),
    ),
    har_case(
        "still-asking",
        "the recording ends while Cognito is asked",
        _still_asking,
        verdict="unproven",
        root=(None,),
    ),
    har_case(
        "cdn-of-ireland",
        "the script's host with the monitor's Region in it",
        _cdn_of_ireland,
        verdict="broken",
        root=("client-script-loads",),
        says=("us-east-1",),
        never=("blocklist",),
    ),
    har_case(
        "credentials-of-the-blog",
        "1.25 signs with what the blog's page has stored",
        _of_the_blog,
        verdict="broken",
        root=("stored-credentials",),
        says=("RUM-Monitor-blog-Unauth",),
        wrong=('"Action": "rum:PutRumEvents"',),
    ),
    Case(
        "session-that-is-full",
        "the cookie counts as many events as the default lets through",
        har=lambda: _silent(page()),
        files=_full(200),
        given={"storage": "cookies.txt"},
        verdict="broken|degraded",
        root=("session-event-limit",),
        says=("200",),
    ),
    Case(
        "session-without-a-limit",
        "the same count where there is no limit",
        har=lambda: vended(visit(page(sessionEventLimit=0))).put(wait=5).put(wait=5).wait(3),
        files=_full(200),
        given={"storage": "cookies.txt"},
        **_WELL,
    ),
    har_case(
        "interval-of-nought",
        "dispatchInterval: 0 sends nothing by itself",
        lambda: vended(visit(page(dispatchInterval=0))).wait(25).api(),
        verdict="broken|unproven|degraded",
        says=("dispatchInterval",),
    ),
    console_case(
        "script-in-spanish",
        "Firefox in Spanish",
        "Content-Security-Policy: La configuración de la página bloqueó la ejecución de un"
        f" script (script-src-elem) en {CDN} porque viola la siguiente directiva:"
        " “script-src 'self'”",
        verdict="broken",
        root=("csp-script",),
    ),
    console_case(
        "request-in-portuguese",
        "Firefox in Portuguese",
        "Requisição cross-origin bloqueada: A política de mesma origem (Same Origin"
        f" Policy) impede a leitura do recurso remoto em {PUT}. (motivo: falha na"
        " requisição CORS). Código de status: (null).",
        **_ON_THE_WAY,
    ),
    console_case(
        "request-in-chinese",
        "Firefox in simplified Chinese",
        f"已拦截跨源请求\uff1a同源策略禁止读取位于 {PUT} 的远程资源。\uff08原因\uff1aCORS"
        " 请求未能成功\uff09。状态码\uff1a(null)。",
        **_ON_THE_WAY,
    ),
    console_case(
        "protection-in-dutch",
        "Firefox in Dutch",
        f"De bron op \u2018{CDN}\u2019 is geblokkeerd omdat Verbeterde bescherming tegen volgen is"
        " ingeschakeld.",
        f"Laden mislukt voor het <script> met bron \u2018{CDN}\u2019.",
        verdict="broken",
        root=("client-script-loads",),
    ),
    console_case(
        "answer-that-safari-keeps",
        "Safari keeps the answer from the page",
        f"[Error] Origin {SITE} is not allowed by Access-Control-Allow-Origin. Status code: 403",
        f"[Error] Fetch API cannot load {PUT} due to access control checks.",
        verdict="broken",
        find={"identity-pool": "pass|skip|unknown"},
        says=("403",),
    ),
    console_case(
        "cognito-that-safari-keeps",
        "the same of Cognito",
        "[Error] Preflight response is not successful. Status code: 503",
        f"[Error] Fetch API cannot load {COGNITO} due to access control checks.",
        verdict="broken",
        root=("token-vending-failures",),
        says=("503",),
    ),
)
