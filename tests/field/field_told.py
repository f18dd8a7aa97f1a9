"""What browsers, builds and servers say of the client: errors, warnings, cookies."""

from __future__ import annotations

import base64
import json

from field_case import Case, console_case, har_case
from field_write import CDN, COGNITO, PUT, page, vended, visit
from har_builder import IDENTITY, MONITOR, POOL, SESSION, STORED_KEYS, Har

_SITE = "https://www.shop.example"
_FAULT: dict[str, object] = {"verdict": "broken", "root": ("snippet-present",)}


def _answered(status: int, error: str, message: str) -> Har:
    return vended(visit()).put(status, error, message, wait=5).wait(6)


def _cors_of_a_proxy() -> Har:
    har = vended(visit(page(endpoint="https://rum.shop.example"))).wait(5)
    url = f"https://rum.shop.example/appmonitors/{MONITOR}"
    har.preflight(url, "content-type", "", status=404)
    har.put(0, host="rum.shop.example", net="net::ERR_FAILED")
    return har.wait(5)


def _missing_release() -> Har:
    har = Har(version="1.99.0").document(
        html=page(url="https://client.rum.us-east-1.amazonaws.com/1.99.0/cwr.js")
    )
    har.client(403, mime="application/xml", net="net::ERR_BLOCKED_BY_ORB")
    return har.wait(20).api()


def _from_cache() -> Har:
    har = Har(version="1.25.0", stated="1.25.0").document(html=page())
    har.client(cache="disk")
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _identity_gone(message: str, error: str) -> Har:
    return visit().credentials(400, error, message).wait(15).api()


def _only_tunnels() -> Har:
    har = Har(version="1.25.0").document(html=page())
    for host in ("client.rum.us-east-1", "cognito-identity.eu-west-1", "dataplane.rum.eu-west-1"):
        har.add("CONNECT", f"https://{host}.amazonaws.com:443", 200, kind="other")
    return har.wait(20)


def _throttled() -> Har:
    har = vended(visit())
    for _ in range(3):
        har.put(429, "ThrottlingException", "Rate exceeded", wait=5)
    return har.wait(5)


def _session(**changed: object) -> str:
    value = {"sessionId": SESSION, "record": True, "eventCount": 4} | changed
    return base64.b64encode(json.dumps(value).encode()).decode()


CASES = (
    console_case(
        "not-a-constructor",
        "webpack's words where the import names no class",
        "Uncaught TypeError: aws_rum_web__WEBPACK_IMPORTED_MODULE_4__.default is not a constructor",
        "    at ./src/rum.js (main.js:4321:9)",
        **_FAULT,
        says=(r"import \{ AwsRum \}",),
    ),
    console_case(
        "package-not-installed",
        "a build that does not find the package",
        "ERROR in ./src/rum.js 1:0-38",
        "Module not found: Error: Can't resolve 'aws-rum-web' in '/app/src'",
        **_FAULT,
        says=("npm install aws-rum-web",),
    ),
    console_case(
        "package-of-the-sdk-missing",
        "aws-rum-web 461: a module of the SDK is not there",
        "Error: Cannot find module '@aws-sdk/fetch-http-handler'",
        "Require stack:",
        "- /var/task/node_modules/aws-rum-web/dist/cjs/dispatch/Authentication.js",
        verdict="broken",
        root=("snippet-present", "client-version"),
        says=("fetch-http-handler",),
    ),
    console_case(
        "window-is-not-defined",
        "aws-rum-web 415: the client was made on the server",
        "ReferenceError: window is not defined",
        "    at new Orchestration (/app/node_modules/aws-rum-web/dist/cjs/orchestration/"
        "Orchestration.js:71:30)",
        "    at /app/.next/server/pages/_app.js:12:3",
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn|unknown"},
        says=("(?i)server",),
    ),
    console_case(
        "cookie-rejected-by-firefox",
        "Firefox refuses a cookie of a frame of another site",
        "Cookie \u201ccwr_s\u201d has been rejected because it is in a cross-site context and"
        " its \u201cSameSite\u201d is \u201cLax\u201d or \u201cStrict\u201d.",
        verdict="unproven|degraded",
        root=(None,),
        says=("cwr_s",),
    ),
    console_case(
        "cookie-rejected-by-its-domain",
        "cookieAttributes name a domain that is not the page's",
        "Cookie \u201ccwr_u\u201d has been rejected for invalid domain.",
        verdict="unproven|degraded",
        root=(None,),
        says=("cwr_u",),
    ),
    console_case(
        "sandboxed-frame",
        "a frame without allow-same-origin has no storage",
        "Uncaught SecurityError: Failed to read the 'cookie' property from 'Document': The"
        " document is sandboxed and lacks the 'allow-same-origin' flag.",
        f"    at t.getCookie ({CDN}:2:1234)",
        verdict="broken",
        root=("snippet-present", "client-enabled"),
        says=("allow-same-origin",),
    ),
    console_case(
        "cognito-without-cors",
        "a proxy answers Cognito's preflight",
        f"Access to fetch at '{COGNITO}' from origin '{_SITE}' has been blocked by CORS policy:"
        " Response to preflight request doesn't pass access control check: It does not have"
        " HTTP ok status.",
        f"POST {COGNITO} net::ERR_FAILED",
        verdict="broken",
        root=("token-vending-failures",),
    ),
    console_case(
        "preloaded-in-vain",
        "a hint of Chrome that breaks nothing",
        f"The resource {CDN} was preloaded using link preload but not used within a few seconds"
        " from the window's load event.",
        verdict="unproven",
        root=(None,),
    ),
    console_case(
        "slip-of-another-script",
        "a syntax error somewhere, in no script of the client's",
        "Uncaught SyntaxError: Invalid or unexpected token (at (index):212:14)",
        verdict="unproven",
        root=(None,),
    ),
    console_case(
        "unknown-command",
        "the client's own words of a command that it does not know",
        "Uncaught (in promise) Error: CWR: UnsupportedOperationException: setUserId",
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn"},
        says=("command",),
    ),
    console_case(
        "both-in-one-line",
        "a log that puts the level and the place in front",
        f"2026-03-01 09:00:05 ERROR (browser) [https://www.shop.example/] POST {PUT} 403"
        " (Forbidden)",
        verdict="broken",
        root=("put-events-denied",),
    ),
    console_case(
        "html-for-the-script",
        "a page of the site came in place of the script",
        "cwr.js:1 Uncaught SyntaxError: Unexpected token '<' (at cwr.js:1:1)",
        verdict="broken",
        root=("client-script-loads",),
    ),
    har_case(
        "proxy-that-knows-no-options",
        "aws-rum-web 273: a proxy answers OPTIONS with 404",
        _cors_of_a_proxy,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
        says=("(?i)OPTIONS|CORS",),
    ),
    har_case(
        "release-that-does-not-exist",
        "public code: a version that was never released",
        _missing_release,
        verdict="broken",
        root=("client-script-loads",),
    ),
    har_case(
        "script-out-of-the-cache",
        "the script comes from the disk, and all is well",
        _from_cache,
        verdict="healthy|degraded",
        root=(None,),
    ),
    har_case(
        "identity-that-is-gone",
        "the identity that the browser keeps was deleted",
        lambda: _identity_gone(f"Identity '{IDENTITY}' not found.", "ResourceNotFoundException"),
        verdict="broken",
        says=("(?i)cwr_i|identity",),
        find={"guest-role-permission": "pass|skip|unknown"},
    ),
    har_case(
        "identity-of-somebody",
        "the stored identity belongs to somebody who had signed in",
        lambda: _identity_gone(
            f"Access to Identity '{IDENTITY}' is forbidden.", "NotAuthorizedException"
        ),
        verdict="broken",
        says=("(?i)cwr_i|identity",),
    ),
    har_case(
        "tunnels-alone",
        "a proxy that was not told to open TLS shows tunnels and nothing more",
        _only_tunnels,
        verdict="unproven",
        root=(None,),
        find={"events-arriving": "unknown"},
    ),
    har_case(
        "monitor-that-was-deleted",
        "RUM does not know the monitor any more",
        lambda: _answered(404, "ResourceNotFoundException", "App monitor not found"),
        verdict="broken",
        root=("monitor-exists",),
    ),
    har_case(
        "throttled-all-the-time",
        "each batch is throttled",
        _throttled,
        verdict="broken",
        root=("throttling",),
    ),
    Case(
        "nothing-recorded",
        "the recording was begun and saved at once",
        files={"empty.har": '{"log": {"version": "1.2", "creator": {"name": "x"}, "entries": []}}'},
        given={"recording": "empty.har"},
        verdict="unproven",
        root=(None,),
    ),
    Case(
        "storage-of-a-good-session",
        "cookies and credentials of a session that records",
        files={
            "storage.json": json.dumps(
                {
                    "cwr_s": _session(),
                    "cwr_u": "8b6a3f0e-0000-4000-8000-000000000001",
                    "cwr_i": json.dumps({"IdentityId": IDENTITY}),
                    "cwr_c": json.dumps(STORED_KEYS),
                }
            )
        },
        given={"storage": "storage.json"},
        verdict="unproven|degraded|healthy",
        root=(None,),
        find={"snippet-present": "pass"},
        never=("CANARY",),
    ),
    Case(
        "cookie-that-was-cut",
        "a session's cookie, cut by the tool that copied it",
        files={"storage.txt": f"cwr_s={_session()[:20]}\n"},
        given={"storage": "storage.txt"},
        verdict="unproven",
        root=(None,),
    ),
    Case(
        "storage-as-an-array",
        "Object.entries of the storage",
        files={"storage.json": json.dumps([["theme", "dark"], ["cwr_s", _session(record=False)]])},
        given={"storage": "storage.json"},
        verdict="broken|unproven|degraded",
        says=("(?i)sampl",),
    ),
    Case(
        "rows-of-the-application-panel",
        "rows copied out of the developer tools",
        files={
            "storage.txt": "cwr_u\t8b6a3f0e-0000-4000-8000-000000000001\t.shop.example\t/\n"
            f"cwr_s\t{_session(record=False)}\t.shop.example\t/\tSession\n"
        },
        given={"storage": "storage.txt"},
        verdict="broken|unproven|degraded",
        says=("(?i)sampl",),
    ),
    Case(
        "page-of-a-user-pool-and-console",
        "the page names a user pool; its host does not exist",
        page=page(identityPoolId=POOL.replace(":", "_")),
        files={
            "console.txt": "POST https://cognito-identity.eu-west-1_11112222-3333-4444-8555-"
            "666677778888.amazonaws.com/ net::ERR_NAME_NOT_RESOLVED\n"
        },
        given={"console": "console.txt"},
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
    ),
)
