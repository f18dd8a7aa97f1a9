"""What people paste of a browser's console, with nothing beside it."""

from __future__ import annotations

from field_case import console_case
from field_write import COGNITO, PUT
from har_builder import MONITOR

_SITE = "https://www.shop.example"


_POLICY: dict[str, object] = {
    "verdict": "broken", "root": ("csp-connect",), "find": {"csp-connect": "fail"},
    "says": ("connect-src",),
}  # fmt: skip
_ON_THE_WAY: dict[str, object] = {
    "verdict": "broken", "root": ("endpoint-region", "events-arriving"),
}  # fmt: skip
_VENDING: dict[str, object] = {"verdict": "broken", "root": ("token-vending-failures",)}

CASES = (
    console_case(
        "policy-in-the-words-of-chrome",
        "Chrome's line of a blocked connection, copied with its place",
        f"index-9f3c.js:40 Refused to connect to '{PUT}' because it violates the following Content"
        " Security Policy directive: \"connect-src 'self' https://api.shop.example\".",
        **_POLICY,
    ),
    console_case(
        "policy-in-the-words-of-a-new-chrome",
        "Chrome's newer words of the same",
        f"Connecting to '{PUT}' violates the following Content Security Policy directive:"
        " \"connect-src 'self'\". The action has been blocked.",
        f"Fetch API cannot load {PUT}. Refused to connect because it violates the document's"
        " Content Security Policy.",
        **_POLICY,
    ),
    console_case(
        "policy-in-the-words-of-firefox",
        "Firefox's line of the same, with its quotes",
        "Content-Security-Policy: The page\u2019s settings blocked the loading of a resource"
        f" (connect-src) at {PUT} because it violates the following directive: \u201cconnect-src"
        " 'self'\u201d",
        **_POLICY,
    ),
    console_case(
        "policy-in-the-words-of-an-older-firefox",
        "Firefox before it named the directive twice",
        "Content Security Policy: The page\u2019s settings blocked the loading of a resource at"
        f" {COGNITO} (\u201cconnect-src\u201d).",
        **_POLICY,
    ),
    console_case(
        "policy-in-the-words-of-safari",
        "Safari's line of the same",
        f"[Error] Refused to connect to {PUT} because it does not appear in the connect-src"
        " directive of the Content Security Policy.",
        **_POLICY,
    ),
    console_case(
        "script-in-the-words-of-firefox",
        "Firefox blocks the client's script",
        "Content-Security-Policy: The page\u2019s settings blocked a script (script-src-elem) at"
        " https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js from being executed because it"
        " violates the following directive: \u201cscript-src 'self' 'unsafe-inline'\u201d",
        verdict="broken",
        root=("csp-script",),
        find={"csp-script": "fail"},
    ),
    console_case(
        "refused-by-rum",
        "Chrome's lines of a refused batch",
        f"POST {PUT} 403 (Forbidden)",
        "(anonymous) @ cwr.js:2",
        verdict="broken",
        root=("put-events-denied", "guest-role-permission"),
    ),
    console_case(
        "refused-by-rum-in-firefox",
        "Firefox's line of the same",
        f"XHRPOST{PUT}",
        "[HTTP/2 403  212ms]",
        verdict="broken|unproven",
    ),
    console_case(
        "refused-by-cognito",
        "Chrome's lines of a Cognito that refuses; its reasons are in the answers alone",
        f"POST {COGNITO} 400 (Bad Request)",
        f"POST {COGNITO} 400 (Bad Request)",
        "Uncaught (in promise) Error: CWR: Failed to retrieve credentials for Cognito identity:"
        " Error: ValidationException: 1 validation error detected: Value at 'identityId' failed to"
        " satisfy constraint: Member must not be null",
        **_VENDING,
        says=("400",),
    ),
    console_case(
        "guests-kept-out",
        "amplify-js 1542 in the client's words: the pool admits no guests",
        "Uncaught (in promise) Error: CWR: Failed to retrieve credentials for Cognito identity:"
        " Error: NotAuthorizedException: Unauthenticated access is not supported for this identity"
        " pool.",
        verdict="broken",
        root=("identity-pool",),
        says=("AllowUnauthenticatedIdentities",),
    ),
    console_case(
        "basic-flow-off",
        "the message that the client repeats when the basic flow is off",
        "Uncaught (in promise) Error: CWR: Failed to retrieve Cognito OpenId token: Error:"
        " InvalidParameterException: Basic (classic) flow is not enabled, please use enhanced"
        " flow.",
        verdict="broken",
        root=("classic-flow",),
        says=("AllowClassicFlow",),
    ),
    console_case(
        "pool-without-roles",
        "no role is attached to the pool",
        "Uncaught (in promise) Error: CWR: Failed to retrieve credentials for Cognito identity:"
        " Error: InvalidIdentityPoolConfigurationException: Invalid identity pool configuration."
        " Check assigned IAM roles for this pool.",
        verdict="broken",
        root=("pool-guest-role",),
    ),
    console_case(
        "cognito-not-reached-from-safari",
        "aws-rum-web 227: Safari says Load failed where nothing was reached",
        "[Error] Unhandled Promise Rejection: Error: CWR: Failed to retrieve Cognito identity:"
        " TypeError: Load failed",
        **_VENDING,
    ),
    console_case(
        "sts-not-reached-from-firefox",
        "aws-rum-web 233: Firefox's NetworkError while STS was asked",
        "Uncaught (in promise) Error: CWR: Failed to retrieve credentials from STS: TypeError:"
        " NetworkError when attempting to fetch resource.",
        **_VENDING,
    ),
    console_case(
        "sts-refuses",
        "aws-rum-web 345: the client stumbles over an answer of STS that is an error",
        "Uncaught (in promise) Error: CWR: Failed to retrieve credentials from STS: TypeError:"
        " Cannot read properties of undefined (reading 'split')",
        "    at StsClient.eval (StsClient.js?0019:98:1)",
        **_VENDING,
        says=("STS refused",),
    ),
    console_case(
        "blocked-by-an-extension",
        "an extension blocks the data plane",
        f"POST {PUT} net::ERR_BLOCKED_BY_CLIENT",
        **_ON_THE_WAY,
    ),
    console_case(
        "blocked-in-the-words-of-firefox",
        "Firefox's words of a request that an extension stopped",
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource"
        f" at {PUT}. (Reason: CORS request did not succeed). Status code: (null).",
        **_ON_THE_WAY,
    ),
    console_case(
        "proxy-without-cors",
        "a host of one's own answers without the header that a page of another host needs",
        f"Access to fetch at 'https://rum.shop.example/appmonitors/{MONITOR}' from origin"
        f" '{_SITE}' has been blocked by CORS policy: Response to preflight request doesn't pass"
        " access control check: No 'Access-Control-Allow-Origin' header is present on the requested"
        " resource.",
        f"POST https://rum.shop.example/appmonitors/{MONITOR} net::ERR_FAILED",
        **_ON_THE_WAY,
        says=("(?i)cors|Access-Control-Allow-Origin",),
    ),
    console_case(
        "role-in-the-message",
        "the whole refusal, pasted from the network panel's preview",
        f"POST {PUT} 403 (Forbidden)",
        '{"message":"User: arn:aws:sts::111122223333:assumed-role/RUM-Monitor-shop-Unauth/'
        "CognitoIdentityCredentials is not authorized to perform: rum:PutRumEvents on resource:"
        " arn:aws:rum:eu-west-1:111122223333:appmonitor/shop because no identity-based policy"
        ' allows the rum:PutRumEvents action"}',
        verdict="broken",
        root=("guest-role-permission", "put-events-denied"),
        says=("403|rum:PutRumEvents",),
    ),
    console_case(
        "noise-of-other-scripts",
        "a console with errors of the page's own, and nothing of the client",
        "Failed to load resource: the server responded with a status of 404 (Not Found)",
        "Uncaught TypeError: Cannot read properties of null (reading 'addEventListener')",
        "[Violation] 'setTimeout' handler took 62ms",
        verdict="unproven",
        root=(None,),
    ),
    console_case(
        "debugging-client",
        "debug: true of 2.0 and later, and no request after it",
        "[aws-rum-web:Dispatch] Dispatch is disabled due to a 403 response",
        verdict="broken|unproven",
    ),
)
