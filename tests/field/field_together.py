"""Inputs together: page, recording, console, storage, of one site and of several."""

from __future__ import annotations

import base64
import json

from field_case import Case
from field_write import COGNITO, PLANE, PUT, bundled, html, npm, page, script, vended, visit
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


def _cut_off_and_renewed() -> Har:
    har = Har(exporter="safari", version="1.25.0", stated="1.25.0").document(html=page())
    vended(har.client()).put(wait=5)
    return har.put(wait=5).wait(3)


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


def _of_a_bundle(monitor: str, status: int) -> Har:
    har = vended(bundled())
    error = ("AccessDeniedException", _DENIAL) if status == 403 else ()
    for _ in range(1 if error else 2):
        har.put(status, *error, monitor=monitor, wait=5)
    return har.wait(5)


def _shop_and_blog() -> Har:
    har = vended(bundled()).put(wait=5).put(wait=5)
    har.document("https://blog.other.example/", html=page(monitor=OTHER_MONITOR)).client()
    vended(har).put(403, "AccessDeniedException", _DENIAL, monitor=OTHER_MONITOR, wait=5)
    return har.wait(5)


def _two_of_one_origin() -> Har:
    har = vended(visit()).put(wait=5).put(wait=5)
    har.document(f"{SITE}/blog", html=page(monitor=OTHER_MONITOR)).client()
    har.put(403, "AccessDeniedException", _DENIAL, monitor=OTHER_MONITOR, wait=5)
    return har.wait(15).api()


_ALLOWING = (
    "content-type: text/html\ncontent-security-policy: default-src 'self'; script-src 'self'"
    " 'unsafe-inline' https://client.rum.us-east-1.amazonaws.com; connect-src 'self' {}"
)
_REFUSES = (
    f"Refused to connect to '{COGNITO}' because it violates the following Content Security Policy"
    f" directive: \"connect-src 'self' {PLANE}\".\n"
)
CASES = (
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
    Case(
        "source-of-another-build",
        "the source has one monitor, what is deployed sends to another and is accepted",
        source=npm(),
        har=lambda: _of_a_bundle(OTHER_MONITOR, 200),
        verdict="broken|unproven",
        root=("events-arriving", "monitor-exists", "configuration-drift", None),
        says=(OTHER_MONITOR, MONITOR),
    ),
    Case(
        "source-of-another-build-denied",
        "the same, and the other monitor refuses it",
        source=npm(),
        har=lambda: _of_a_bundle(OTHER_MONITOR, 403),
        verdict="broken",
        says=(OTHER_MONITOR,),
    ),
    Case(
        "source-of-this-build",
        "source and deployment agree",
        source=npm(),
        har=lambda: _of_a_bundle(MONITOR, 200),
        **_WELL,  # type: ignore[arg-type]
    ),
    Case(
        "two-sites-and-a-source",
        "the shop delivers; its blog has a monitor of its own, which refuses",
        source=npm(),
        har=_shop_and_blog,
        **_WELL,  # type: ignore[arg-type]
    ),
    Case(
        "two-monitors-of-one-origin",
        "the page that was named delivers; another page of its origin signs with what it stored",
        page=page(),
        har=_two_of_one_origin,
        verdict="broken|degraded",
        root=("stored-credentials",),
        says=(OTHER_MONITOR,),
    ),
    Case(
        "console-of-another-monitor",
        "the console tells of a refusal that is not of the page's monitor",
        page=page(),
        files={"console.txt": f"POST {PUT.replace(MONITOR, OTHER_MONITOR)} 403 (Forbidden)\n"},
        given={"console": "console.txt"},
        verdict="broken|unproven",
        says=(OTHER_MONITOR,),
    ),
    Case(
        "console-of-the-page",
        "the same of the page's own monitor",
        page=page(),
        files={"console.txt": f"POST {PUT} 403 (Forbidden)\n"},
        given={"console": "console.txt"},
        verdict="broken",
        root=("put-events-denied", "guest-role-permission"),
    ),
    Case(
        "policy-and-console-agree",
        "the headers lack Cognito, and the console says so",
        page=page(),
        headers=_ALLOWING.format(PLANE),
        files={"console.txt": _REFUSES},
        given={"console": "console.txt"},
        verdict="broken",
        root=("csp-connect",),
        says=("cognito-identity",),
    ),
    Case(
        "policy-that-was-mended",
        "the headers have Cognito by now, the console is of before",
        page=page(),
        headers=_ALLOWING.format(f"{PLANE} {COGNITO}"),
        files={"console.txt": _REFUSES},
        given={"console": "console.txt"},
        verdict="broken|unproven|degraded",
        find={"csp-connect": "fail|warn|unknown"},
    ),
    Case(
        "all-is-well-in-all",
        "page, recording, console and storage of a visit on which all is well",
        page=page(),
        har=_delivers,
        console=("[HMR] Waiting for update signal from WDS...",),
        storage={"session": {"record": True, "eventCount": 7}, "cwr_c": STORED_KEYS},
        **_WELL,  # type: ignore[arg-type]
    ),
    Case(
        "cookie-of-an-earlier-session",
        "events arrive; the cookie that was saved is of a session that was not drawn",
        har=_delivers,
        storage={"session": {"record": False, "eventCount": 0}},
        verdict="healthy|degraded",
        find={"events-arriving": "pass"},
    ),
    Case(
        "credentials-in-storage",
        "a refusal without a call of Cognito, and stored credentials beside it",
        page=page(),
        har=lambda: visit().put(403, "AccessDeniedException", _DENIAL, wait=5).wait(15).api(),
        storage={"session": {"record": True, "eventCount": 5}, "cwr_c": STORED_KEYS},
        verdict="broken",
        root=("stored-credentials", "guest-role-permission", "put-events-denied"),
        never=("CANARY",),
    ),
)
