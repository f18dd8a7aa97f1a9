"""Token calls that an AWS SDK of the site's own made, beside the client or without one."""

from __future__ import annotations

from typing import Any

from field_case import Case
from field_write import LEFT_OUT, bundled, page, script, vended, visit
from har_builder import IDENTITY, Har

_AMPLIFY = "aws-amplify/6.6.0 framework/1"
_LOCATION = "aws-sdk-js/3.620.0 ua/2.0 os/Windows lang/js md/browser#Chrome_128 api/location#3.620"
_OTHER_POOL = "eu-central-1:99990000-aaaa-4bbb-8ccc-ddddeeeeffff"
_NO_GUESTS = (
    400,
    "NotAuthorizedException",
    "Unauthenticated access is not supported for this identity pool.",
)
_NOT_RUM = ("identity-pool", "classic-flow", "pool-guest-role", "guest-role-trust")
_SILENT = dict.fromkeys((*_NOT_RUM, "token-vending-failures"), "pass|skip|unknown")


def _site(har: Har, *answer: Any, pool: str = _OTHER_POOL, sdk: str = _AMPLIFY, **more: Any) -> Har:
    """Let the site's own SDK ask another pool for an identity."""
    return har.cognito(
        "GetId", {"IdentityPoolId": pool}, *answer,
        answered={"IdentityId": IDENTITY}, region=pool.partition(":")[0], sdk=sdk, **more,
    )  # fmt: skip


def _site_signed_in(har: Har) -> Har:
    return har.cognito(
        "GetCredentialsForIdentity",
        {"IdentityId": IDENTITY, "Logins": {"cognito-idp.eu-west-1.amazonaws.com/x": "made.up"}},
        400, "NotAuthorizedException", "Invalid login token. Token expired",
    )  # fmt: skip


def _delivers(har: Har) -> Har:
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _refused_alone() -> Har:
    return _site(bundled(), *_NO_GUESTS).wait(20)


def _clients_own_refused() -> Har:
    return _site(visit()).get_id(*_NO_GUESTS).wait(20)


_HANDED = page(identityPoolId=LEFT_OUT, guestRoleArn=LEFT_OUT)
_HANDS = script("fetchAuthSession().then((s) => cwr('setAwsCredentials', s.credentials));")

CASES = (
    Case(
        "amplify-is-refused-beside-a-client-that-delivers",
        "amplify-js 1089, 1566: a pool without guests, asked before anyone signs in",
        har=lambda: _delivers(_site(visit(), *_NO_GUESTS)),
        verdict="healthy",
        root=(None,),
        find=_SILENT,
        never=("Unauthenticated access",),
    ),
    Case(
        "amplify-is-refused-beside-a-bundle-that-delivers",
        "the same, the client in the site's own bundle",
        har=lambda: _delivers(_site(bundled(), *_NO_GUESTS)),
        verdict="healthy",
        root=(None,),
        find=_SILENT,
        never=("Unauthenticated access",),
    ),
    Case(
        "amplify-after-the-client",
        "the sign-in page asks its own pool once events were sent",
        har=lambda: _site(_delivers(visit()), *_NO_GUESTS).put(wait=5).wait(3),
        verdict="healthy",
        root=(None,),
        find=_SILENT,
    ),
    Case(
        "amplify-without-a-client",
        "a site that signs its visitors in, and has no RUM that a recording shows",
        har=lambda: _site(bundled()).wait(20),
        verdict="unproven",
        root=(None,),
        find={**_SILENT, "snippet-present": "unknown", "credentials-configured": "unknown|skip"},
        never=("The client ran", "fetched or had AWS credentials"),
    ),
    Case(
        "amplify-is-refused-without-a-client",
        "amplify-js 1542: 400 of Cognito on each page; that is no word on RUM",
        har=_refused_alone,
        verdict="unproven",
        root=(None,),
        find={**_SILENT, "snippet-present": "unknown"},
        says=("own AWS SDK", "NotAuthorizedException"),
        never=("The client ran", "browser asked the identity pool"),
    ),
    Case(
        "both-ask-and-the-client-is-refused",
        "amplify-js 9704: two users of Cognito on one page, the client's own pool admits no guests",
        har=_clients_own_refused,
        verdict="broken",
        root=("identity-pool",),
        find={"identity-pool": "fail"},
        says=("11112222-3333-4444-8555-666677778888",),
        never=(_OTHER_POOL,),
    ),
    Case(
        "map-of-location-service-is-throttled",
        "a map asks Cognito through the SDK and is answered TooManyRequestsException",
        har=lambda: _delivers(
            _site(visit(), 400, "TooManyRequestsException", "Too many requests", sdk=_LOCATION)
        ),
        verdict="healthy",
        root=(None,),
        find={**_SILENT, "throttling": "pass|unknown"},
        never=("TooManyRequests",),
    ),
    Case(
        "sign-in-that-expired",
        "the application renews the credentials of somebody who signed in, in vain",
        har=lambda: _site_signed_in(_delivers(visit())).put(wait=5).wait(3),
        verdict="healthy",
        root=(None,),
        find=_SILENT,
        never=("Token expired",),
    ),
    Case(
        "client-waits-for-the-sdk",
        "aws-rum-web 345: setAwsCredentials with what Amplify gets, and Amplify gets nothing",
        har=lambda: _site(visit(_HANDED + _HANDS), *_NO_GUESTS).wait(20),
        verdict="unproven|broken",
        root=(None, "credentials-configured"),
        find={"identity-pool": "skip|unknown", "token-vending-failures": "unknown"},
        says=("own AWS SDK", "setAwsCredentials"),
    ),
    Case(
        "renewal-fails-and-events-go-on",
        "the client renews what it has stored and gets 502; what it has is good for a while",
        har=lambda: visit().get_id().credentials(502).put(wait=5).put(wait=5).wait(3),
        verdict="healthy|degraded",
        root=(None,),
        find={"token-vending-failures": "warn", "events-arriving": "pass"},
        says=("Events were accepted after it all the same",),
    ),
    Case(
        "amplify-gets-no-answer",
        "an ad blocker lets the client through and stops what the SDK asks elsewhere",
        har=lambda: _delivers(_site(visit(), 0, net="net::ERR_BLOCKED_BY_CLIENT")),
        verdict="healthy",
        root=(None,),
        find=_SILENT,
    ),
)
