"""Lines of consoles, of browsers, phones, tests and log tools, and lines of other products."""

from __future__ import annotations

import json

from field_case import console_case
from field_write import CDN, COGNITO, PUT
from har_builder import MONITOR, SITE

_OWN = f"https://rum.shop.example/appmonitors/{MONITOR}"
_CORS = f"Access to fetch at '{_OWN}' from origin '{SITE}' has been blocked by CORS policy: "
_PREFLIGHT = "Response to preflight request doesn't pass access control check: "
_FAILED = f"cwr.js:2  POST {_OWN} net::ERR_FAILED"
_BLOCKED_ON_THE_WAY: dict[str, object] = {
    "verdict": "broken", "root": ("endpoint-region", "events-arriving"),
}  # fmt: skip
_DENIED: dict[str, object] = {
    "verdict": "broken", "root": ("put-events-denied", "guest-role-permission"), "says": ("403",),
}  # fmt: skip
_POLICY: dict[str, object] = {"verdict": "broken", "root": ("csp-connect",)}
_NOTHING: dict[str, object] = {"verdict": "unproven", "root": (None,)}
_VENDING: dict[str, object] = {
    "verdict": "broken", "root": ("token-vending-failures",),
    "find": {"identity-pool": "pass|skip|unknown"},
}  # fmt: skip
_NO_SCRIPT: dict[str, object] = {"verdict": "broken", "root": ("client-script-loads",)}
_CURL = f"""*   Trying 198.51.100.20:443...
> POST /appmonitors/{MONITOR} HTTP/2
> Host: dataplane.rum.eu-west-1.amazonaws.com
> User-Agent: curl/8.9.1
< HTTP/2 403
< x-amzn-errortype: MissingAuthenticationTokenException
< content-type: application/json
{{"message":"Missing Authentication Token"}}""".splitlines()
_CDP = {
    "message": {
        "method": "Network.responseReceived",
        "params": {"requestId": "12.3", "type": "Fetch",
                   "response": {"url": PUT, "status": 403, "statusText": ""}},
    },
    "webview": "A1",
}  # fmt: skip
_CRUMB = {"category": "fetch", "level": "error", "timestamp": 1772355605.1,
          "data": {"method": "POST", "url": PUT, "status_code": 0}}  # fmt: skip

CASES = (
    console_case(
        "two-origins-allowed",
        "a proxy adds a CORS header to the one that RUM has given",
        _CORS + "The 'Access-Control-Allow-Origin' header contains multiple values '*, *', but"
        " only one is allowed.",
        f"cwr.js:2  POST {_OWN} net::ERR_FAILED 200 (OK)",
        **(_BLOCKED_ON_THE_WAY | {"says": ("(?i)multiple|twice|more than one|only one",)}),
    ),
    console_case(
        "another-origin-allowed",
        "a proxy allows the production's origin alone",
        _CORS + "The 'Access-Control-Allow-Origin' header has a value"
        " 'https://admin.shop.example' that is not equal to the supplied origin.",
        _FAILED,
        **(_BLOCKED_ON_THE_WAY | {"says": ("(?i)Access-Control-Allow-Origin",)}),
    ),
    console_case(
        "preflight-redirected",
        "the site sends OPTIONS on to its other host",
        _CORS + _PREFLIGHT + "Redirect is not allowed for a preflight request.",
        _FAILED,
        **(_BLOCKED_ON_THE_WAY | {"says": ("(?i)redirect",)}),
    ),
    console_case(
        "packed-bodies-not-allowed",
        "a client of 3.x packs its batches; the proxy's CORS knows the older headers",
        _CORS + "Request header field content-encoding is not allowed by"
        " Access-Control-Allow-Headers in preflight response.",
        _FAILED,
        **(_BLOCKED_ON_THE_WAY | {"says": ("content-encoding",)}),
    ),
    console_case(
        "policy-in-italian",
        "Firefox in Italian",
        "Content-Security-Policy: Le impostazioni della pagina hanno bloccato il caricamento di"
        f" una risorsa (connect-src) in {PUT} in quanto viola la seguente direttiva:"
        " \u201cconnect-src 'self'\u201d",
        **_POLICY,
    ),
    console_case(
        "policy-in-polish",
        "Firefox in Polish",
        "Content-Security-Policy: Ustawienia strony zablokowa\u0142y wczytanie zasobu"
        f" (connect-src) pod adresem {PUT}, poniewa\u017c narusza on nast\u0119puj\u0105c\u0105"
        " dyrektyw\u0119: \u201econnect-src 'self'\u201d",
        **_POLICY,
    ),
    console_case(
        "policy-in-chinese",
        "Firefox in simplified Chinese",
        f"Content-Security-Policy\uff1a\u6b64\u9875\u9762\u7684\u8bbe\u7f6e\u963b\u6b62\u4e86"
        f"\u4f4d\u4e8e {CDN} \u7684\u811a\u672c (script-src-elem) \u8fd0\u884c\uff0c"
        "\u56e0\u4e3a\u5176\u8fdd\u53cd\u4e86\u4ee5\u4e0b\u6307\u4ee4\uff1a"
        "\u201cscript-src 'self'\u201d",
        verdict="broken",
        root=("csp-script",),
    ),
    console_case(
        "policy-in-italian-on-trial",
        "the same of a policy that only reports",
        "Content-Security-Policy (criterio di tipo Report-Only): Le impostazioni della pagina"
        f" bloccherebbero il caricamento di una risorsa (connect-src) in {PUT} in quanto viola"
        " la seguente direttiva: \u201cconnect-src 'self'\u201d",
        verdict="unproven|degraded",
        root=(None,),
    ),
    console_case(
        "policy-stops-another-product",
        "the policy blocks Datadog's RUM, which has the word in its address",
        "Connecting to 'https://rum.browser-intake-datadoghq.eu/api/v2/rum?ddsource=browser'"
        " violates the following Content Security Policy directive: \"connect-src 'self'"
        ' https://*.amazonaws.com". The action has been blocked.',
        **(_NOTHING | {"find": {"csp-connect": "pass|unknown"}}),
    ),
    console_case(
        "blocker-stops-another-product",
        "an ad blocker stops Pingdom's script, which has the word in its address too",
        "GET https://rum-static.pingdom.net/pa-6f2d9c1a.js net::ERR_BLOCKED_BY_CLIENT",
        **_NOTHING,
    ),
    console_case(
        "address-opened-by-hand",
        "somebody opened the data plane's address in the browser",
        f"GET {PUT} 403 (Forbidden)",
        "Failed to load resource: the server responded with a status of 404 (favicon.ico)",
        **_NOTHING,
    ),
    console_case(
        "asked-with-curl",
        "somebody sent a request by hand, which nothing signs",
        *_CURL,
        verdict="unproven",
        root=(None,),
        never=("lacks? rum:PutRumEvents",),
    ),
    console_case(
        "time-in-front",
        "Chrome with time stamps",
        f"09:00:05.123 cwr.js:2  POST {PUT} 403 (Forbidden)",
        **_DENIED,
    ),
    console_case(
        "response-of-a-test",
        "a listener of responses prints the status before the method",
        f"<< 200 GET {SITE}/",
        f"<< 403 POST {PUT}",
        **_DENIED,
    ),
    console_case(
        "good-responses-of-a-test",
        "the same, and RUM takes what it is sent",
        f"<< 200 GET {SITE}/",
        f"<< 200 POST {PUT}",
        verdict="unproven|healthy|degraded",
        root=(None,),
        find={"put-events-denied": "pass|unknown"},
    ),
    console_case(
        "log-of-performance",
        "the performance log of a driver holds the browser's own network events",
        json.dumps([{"level": "INFO", "timestamp": 1, "message": json.dumps(_CDP)}]),
        verdict="broken|unproven",
        find={"put-events-denied": "fail|unknown"},
    ),
    console_case(
        "table-of-a-log-tool",
        "a session replay's console as CSV",
        "Date,Level,Message",
        f'2026-03-01T09:00:05.123Z,error,"POST {PUT} 403 (Forbidden)"',
        **_DENIED,
    ),
    console_case(
        "crumb-without-a-status",
        "a breadcrumb of a fetch that got no answer",
        json.dumps([_CRUMB]),
        **_BLOCKED_ON_THE_WAY,
    ),
    console_case(
        "stream-that-is-none",
        "aws-rum-web 409: a fetch without streams, in a test or by a polyfill",
        "Error: CWR: Failed to retrieve Cognito identity: TypeError:"
        " response.body.getReader is not a function",
        **(_VENDING | {"says": ("(?i)fetch",)}),
    ),
    console_case(
        "fetch-of-a-server",
        "the client ran in Node, which does not resolve the host",
        "Error: CWR: Failed to retrieve Cognito identity: TypeError: fetch failed",
        "    [cause]: Error: getaddrinfo ENOTFOUND cognito-identity.eu-west-1.amazonaws.com",
        **_VENDING,
    ),
    console_case(
        "fetch-of-react-native",
        "React Native's words",
        "WARN  Possible Unhandled Promise Rejection (id: 0):",
        "Error: CWR: Failed to retrieve Cognito identity: TypeError: Network request failed",
        **_VENDING,
    ),
    console_case(
        "tls-in-safari",
        "Safari on a network that opens TLS",
        f"[Error] Fetch API cannot load {COGNITO} due to access control checks.",
        "[Error] Failed to load resource: A TLS error caused the secure connection to fail."
        " (cognito-identity.eu-west-1.amazonaws.com, line 0)",
        "[Error] Unhandled Promise Rejection: Error: CWR: Failed to retrieve Cognito identity:"
        " TypeError: Load failed",
        **(_VENDING | {"says": ("TLS",)}),
    ),
    console_case(
        "lost-in-safari",
        "Safari loses the connection to the script's host",
        "[Error] Failed to load resource: The network connection was lost. (cwr.js, line 0)",
        **_NO_SCRIPT,
    ),
    console_case(
        "lost-in-german",
        "the same in German",
        "[Error] Failed to load resource: Die Netzwerkverbindung wurde unterbrochen."
        " (cwr.js, line 0)",
        **_NO_SCRIPT,
    ),
    console_case(
        "credentials-of-the-page-failed",
        "aws-rum-web 900: the function that the page gave for its credentials is rejected",
        "Uncaught (in promise) InvalidTokenError: refresh token is missing",
        f"    at getCredentials ({SITE}/assets/main.js:12:3)",
        f"    at t.setAwsCredentials ({CDN}:2:4321)",
        verdict="unproven|broken",
        root=(None, "credentials-configured", "token-vending-failures"),
        find={"identity-pool": "pass|skip|unknown"},
    ),
    console_case(
        "quota-of-another-script",
        "the storage is full of what another script keeps",
        "Uncaught QuotaExceededError: Failed to execute 'setItem' on 'Storage': Setting the value"
        " of 'cart' exceeded the quota.",
        f"    at save ({SITE}/assets/main.js:8:1)",
        **_NOTHING,
    ),
    console_case(
        "notice-of-cookies",
        "Chrome's notice of cookies, and an issue of another frame",
        "Third-party cookie will be blocked in future Chrome versions as part of Privacy Sandbox.",
        "[Violation] 'message' handler took 210ms",
        **_NOTHING,
    ),
    console_case(
        "colours-of-a-terminal",
        "a log of CI keeps the colours of its terminal",
        f"\x1b[90m09:00:05\x1b[0m \x1b[31mPOST {PUT} 403 (Forbidden)\x1b[39m",
        **_DENIED,
    ),
    console_case(
        "lines-of-a-pipeline",
        "a hosted pipeline writes a moment with seven digits in front",
        f"2026-03-01T09:00:05.1234567Z   [browser] POST {PUT} 403 (Forbidden)",
        **_DENIED,
    ),
    console_case(
        "linked-by-a-chat",
        "a chat makes a link of each address",
        f"POST <{PUT}|{PUT}> 403 (Forbidden)",
        **_DENIED,
    ),
    console_case(
        "escaped-by-a-ticket",
        "a ticket's export escapes quotes as HTML",
        f"Refused to connect to &#39;{PUT}&#39; because it violates the following Content Security"
        " Policy directive: &quot;connect-src &#39;self&#39;&quot;.",
        **_POLICY,
    ),
    console_case(
        "curled-by-a-word-processor",
        "a word processor curled the quotation marks",
        f"Refused to connect to \u2018{PUT}\u2019 because it violates the following Content"
        " Security Policy directive: \u201cconnect-src \u2018self\u2019\u201d.",
        **_POLICY,
    ),
    console_case(
        "path-of-the-site",
        "a path of the site's own has the word, and is refused",
        f"POST {SITE}/api/rum 403 (Forbidden)",
        **_NOTHING,
    ),
    console_case(
        "script-of-the-site",
        "a script of the site's own has a name that is like the client's",
        f"GET {SITE}/assets/rum-dashboard.js net::ERR_ABORTED 404 (Not Found)",
        **_NOTHING,
    ),
    console_case(
        "timer-of-the-network",
        "the client's host answers too late, in Firefox",
        f"GET {CDN} NS_ERROR_NET_TIMEOUT",
        **_NO_SCRIPT,
    ),
)
