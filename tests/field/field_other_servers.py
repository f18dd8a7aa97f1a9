"""Answers of servers that are not RUM's, scripts that are none, words of the client alone."""

from __future__ import annotations

from typing import Any

from field_case import console_case, har_case
from field_write import CDN, PUT, page, vended, visit
from har_builder import POOL, Har

_WELL: dict[str, object] = {"verdict": "healthy|degraded", "root": (None,)}
_NO_SCRIPT: dict[str, object] = {"verdict": "broken", "root": ("client-script-loads",)}
_ON_THE_WAY: dict[str, object] = {
    "verdict": "broken", "root": ("endpoint-region", "events-arriving"),
    "find": {"guest-role-permission": "pass|skip|unknown", "throttling": "pass|skip|unknown"},
    "never": ("RUM answers", "RUM accepted", "quota of the account"),
}  # fmt: skip
_NOTHING: dict[str, object] = {"verdict": "unproven", "root": (None,)}
_CWR = "Uncaught (in promise) Error: CWR: Failed to retrieve"


def _own(status: int, text: str, **headers: str) -> Har:
    har = vended(visit(page(endpoint="https://rum.shop.example")))
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for _ in range(3):
        har.put(status, host="rum.shop.example", headers=given, text=text, wait=5)
    return har.wait(5).api()


def _script(url: str, status: int, mime: str, reply: str = "", **more: Any) -> Har:
    har = Har(version="1.25.0").document(html=page(url=url))
    return har.client(status, url=url, mime=mime, reply=reply, **more).wait(20).api()


def _lost(net: str, **more: Any) -> Har:
    har = vended(visit())
    for _ in range(3):
        har.put(0, net=net, wait=5).api()
        har.entries[-2] |= more
    return har.wait(5)


def _blocked_by_header() -> Har:
    policy = f"default-src 'self'; script-src 'self' 'unsafe-inline' {CDN}; connect-src 'self'"
    har = Har(version="1.25.0", stated="1.25.0")
    har.document(html=page(), content_security_policy=policy).client()
    return har.wait(25).api()


def _rate_of_one_in_a_hundred() -> Har:
    return visit(page(sessionSampleRate=0.01)).wait(30).api()


def _roles_of_the_pool() -> Har:
    message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
    har = visit().get_id().credentials(400, "InvalidIdentityPoolConfigurationException", message)
    return har.wait(15).api()


def _pool_for_identity() -> Har:
    url = CDN.replace("1.25.0", "1.5.0")
    har = Har(version="1.5.0", stated="1.5.0").document(html=page(url=url)).client()
    har.credentials(400, "ResourceNotFoundException", f"Identity '{POOL}' not found.", POOL)
    return har.wait(15).api()


CASES = (
    har_case(
        "limited-by-a-cdn",
        "a CDN's own limit of requests in front of the endpoint",
        lambda: _own(
            429,
            "<html>Rate limited</html>",
            server="cloudflare",
            content_type="text/html",
            retry_after="30",
        ),
        **(_ON_THE_WAY | {"says": ("cloudflare",)}),
    ),
    har_case(
        "collector-that-answers-204",
        "the endpoint is a collector that keeps what it gets",
        lambda: _own(204, "", server="envoy"),
        verdict="broken|unproven",
        root=("endpoint-region", "events-arriving", None),
        never=("RUM accepted",),
    ),
    har_case(
        "password-of-a-stage",
        "the stage's password protects the endpoint too",
        lambda: _own(
            401,
            "<html>401</html>",
            server="nginx",
            content_type="text/html",
            www_authenticate='Basic realm="stage"',
        ),
        **(_ON_THE_WAY | {"says": ("401",)}),
    ),
    har_case(
        "login-for-the-script",
        "a single sign-on answers for the script on the site's host",
        lambda: _script(
            "https://static.shop.example/cwr.js", 200, "text/html", "<html>Sign in</html>"
        ),
        **_NO_SCRIPT,
    ),
    har_case(
        "bucket-denies-the-script",
        "the site's own bucket denies the script",
        lambda: _script(
            "https://static.shop.example/cwr.js",
            403,
            "application/xml",
            "<Error><Code>AccessDenied</Code></Error>",
        ),
        **(_NO_SCRIPT | {"never": ("rum:PutRumEvents",)}),
    ),
    har_case(
        "clock-and-certificates",
        "a wrong clock makes every certificate invalid",
        lambda: _lost("net::ERR_CERT_DATE_INVALID"),
        **{k: v for k, v in _ON_THE_WAY.items() if k != "never"},
        says=("certificate", "Set this computer's clock"),
    ),
    har_case(
        "private-address",
        "a private name server answers with a VPC endpoint's address",
        lambda: _lost("net::ERR_CONNECTION_TIMED_OUT", serverIPAddress="10.0.3.7"),
        **{k: v for k, v in _ON_THE_WAY.items() if k != "never"},
        says=("did not answer in time", r"10\.0\.3\.7, a private address"),
    ),
    har_case(
        "header-blocks-the-plane",
        "the page's header blocks Cognito and RUM; no row tells",
        _blocked_by_header,
        verdict="broken",
        root=("csp-connect",),
        says=("cognito-identity",),
    ),
    har_case(
        "rate-of-one-in-a-hundred",
        "a low rate, and the client asked for nothing",
        _rate_of_one_in_a_hundred,
        verdict="broken|degraded|unproven",
        find={"session-sample-rate": "fail|warn", "identity-pool": "pass|skip|unknown"},
    ),
    har_case(
        "roles-of-the-pool",
        "the pool has no role for guests",
        _roles_of_the_pool,
        verdict="broken",
        root=("pool-guest-role", "guest-role-trust"),
    ),
    har_case(
        "pool-in-place-of-an-identity",
        "an old client without guestRoleArn",
        _pool_for_identity,
        verdict="broken",
        root=("client-version", "credentials-configured"),
        says=("1.5.0",),
        never=("identity.{0,30}was deleted",),
    ),
    console_case(
        "words-of-a-pool-without-roles",
        "the client's own words",
        f"{_CWR} credentials for Cognito identity: Error:"
        " InvalidIdentityPoolConfigurationException: Invalid identity pool configuration."
        " Check assigned IAM roles for this pool.",
        verdict="broken",
        root=("pool-guest-role", "guest-role-trust"),
    ),
    console_case(
        "words-of-a-pool-that-is-gone",
        "the same for a pool that was deleted",
        f"{_CWR} Cognito identity: Error: ResourceNotFoundException: IdentityPool '{POOL}'"
        " not found.",
        verdict="broken",
        root=("identity-pool",),
        says=(POOL,),
    ),
    console_case(
        "words-of-an-undefined-pool",
        "the same for a pool that is undefined",
        f"{_CWR} Cognito identity: Error: ValidationException: 1 validation error detected:"
        " Value 'undefined' at 'identityPoolId' failed to satisfy constraint: Member must"
        " satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+",
        verdict="broken",
        root=(
            "identity-pool",
            "credentials-configured",
            "snippet-present",
            "token-vending-failures",
        ),
        says=("undefined",),
    ),
    console_case(
        "command-where-nothing-is",
        "a page's script calls cwr, and nothing defines it",
        "Uncaught ReferenceError: cwr is not defined",
        "    at (index):44:5",
        verdict="broken",
        root=("snippet-present",),
        says=("cwr\\(\\)",),
    ),
    console_case(
        "class-that-is-not-defined",
        "the code for NPM was pasted into a page",
        "Uncaught ReferenceError: AwsRum is not defined",
        "    at (index):21:18",
        verdict="broken",
        root=("snippet-present",),
    ),
    console_case(
        "written-into-the-document",
        "Chrome warns of a script that document.write brings",
        f"[Violation] A parser-blocking, cross site (i.e. different eTLD+1) script, {CDN},"
        " is invoked via document.write. The network request for this script MAY be blocked"
        " by the browser in this or a future page load due to poor network connectivity.",
        verdict="unproven|degraded",
        root=(None,),
    ),
    console_case(
        "logged-request-that-failed",
        "Chrome logs requests, and one failed",
        f'Fetch failed loading: POST "{PUT}".',
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
    ),
    console_case(
        "logged-request",
        "the same for one that did not",
        f'Fetch finished loading: POST "{PUT}".',
        **_NOTHING,
    ),
)
