"""What AWS answered, as CloudTrail recorded it, beside the page; no account is at hand."""

from __future__ import annotations

import json
from typing import Any

from field_case import Case
from field_records import ANONYMOUS, ARN, DAY, GUEST, REFUSED, cognito, record, sts
from field_write import LEFT_OUT, page
from har_builder import IDENTITY, MONITOR, POOL, ROLE

_ORGANISATION = "organizations list-policies"
_ALLOW = f"What {GUEST} lacks"
_BASIC = page(guestRoleArn=ROLE)


def _answered(name: str, report: str, *records: dict[str, Any], **more: Any) -> Case:
    given: dict[str, Any] = {
        "page": page(),
        "plain": DAY,
        "verdict": "broken",
        "never": (_ORGANISATION,),
        **more,
    }
    lines = "\n".join(map(json.dumps, records))
    return Case(name, report, files={"event.json": lines}, given={"trail": "event.json"}, **given)


def _denied(name: str, report: str, clause: str, **more: Any) -> Case:
    return _answered(name, report, record(message=REFUSED + clause), **more)


_SCP = (
    "with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/"
    "o-abcd1234ef/service_control_policy/p-1a2b3c4d"
)
_BY_THE_ORGANISATION: dict[str, Any] = {"root": ("put-events-denied",), "never": (_ALLOW,)}
_PERMISSION: dict[str, Any] = {"root": ("guest-role-permission",), "never": (_ORGANISATION, _ALLOW)}
_THROTTLED = {"errorCode": "ThrottlingException"}
_ELSEWHERE = REFUSED.replace("eu-west-1", "us-west-2")
CASES = (
    _denied(
        "service-control-policy-with-its-arn",
        "IAM, access denied messages: since 2025 an explicit deny names the policy",
        _SCP,
        says=("service control policy", "change p-1a2b3c4d", "management account"),
        **_BY_THE_ORGANISATION,
    ),
    _denied(
        "resource-control-policy",
        "IAM, access denied messages",
        "with an explicit deny in a resource control policy",
        says=("resource control policy", "management account"),
        **_BY_THE_ORGANISATION,
    ),
    _denied(
        "service-control-policy-that-does-not-allow",
        "public notes of sandboxes of training providers, whose policy lists what is allowed",
        "because no service control policy allows the rum:PutRumEvents action",
        says=("service control policy", "management account"),
        **_BY_THE_ORGANISATION,
    ),
    _denied(
        "permissions-boundary",
        "IAM, access denied messages: an Allow in the role's policies mends nothing",
        "because no permissions boundary allows the rum:PutRumEvents action",
        says=("Change the permissions boundary", "Role.PermissionsBoundary"),
        **_PERMISSION,
    ),
    _denied(
        "session-policy",
        "the same for the policy of a session",
        "because no session policy allows the rum:PutRumEvents action",
        says=("which policy the session was given",),
        **_PERMISSION,
    ),
    _denied(
        "deny-in-a-named-policy",
        "the same with an explicit deny in a policy of the role",
        "with an explicit deny in an identity-based policy:"
        " arn:aws:iam::111122223333:policy/OnlyOffice",
        says=("denies in the policy OnlyOffice", "get-policy --policy-arn"),
        **_PERMISSION,
    ),
    _denied(
        "deny-in-the-resource-policy",
        "RUM, resource policies: a Deny with NotIpAddress shuts everybody else out",
        "with an explicit deny in a resource-based policy",
        root=("resource-policy",),
    ),
    _answered(
        "unsigned-without-a-resource-policy",
        "a client with signing: false, and a monitor without a resource policy",
        record(
            message="User: anonymous is not authorized to perform: rum:PutRumEvents on resource:"
            f" {ARN} because no resource-based policy allows the rum:PutRumEvents action",
            userIdentity=ANONYMOUS,
        ),
        page=page(signing=False, identityPoolId=LEFT_OUT),
        root=("resource-policy",),
        says=("sends unsigned",),
    ),
    _answered(
        "throttled",
        "the ingest quota of the account",
        *(record(n, "Rate exceeded", **_THROTTLED) for n in range(3)),
        root=("throttling",),
        says=("--service-code rum --region eu-west-1",),
    ),
    _answered(
        "recorded-in-another-region",
        "aws-rum-web 854: the bundle sends to us-west-2, where the role may not",
        record(
            message=f"{_ELSEWHERE}because no identity-based policy allows the rum:PutRumEvents"
            " action",
            awsRegion="us-west-2",
        ),
        root=("endpoint-region",),
        says=("to us-west-2", "dataplane\\.rum\\.eu-west-1"),
        never=(_ALLOW,),
    ),
    _answered(
        "credentials-that-ended",
        "own credentials that the page did not renew",
        record(
            message="The security token included in the request is expired",
            errorCode="ExpiredTokenException",
        ),
        root=("put-events-denied",),
        says=("ExpiredToken", "setAwsCredentials"),
    ),
    _answered(
        "guests-are-off",
        "GetId of a pool without guest access",
        cognito(
            "GetId",
            "NotAuthorizedException",
            "Unauthenticated access is not supported for this identity pool.",
        ),
        root=("identity-pool",),
        says=("AllowUnauthenticatedIdentities", f"Admit guests to {POOL}"),
    ),
    _answered(
        "pool-is-gone",
        "GetId of a pool that was deleted",
        cognito("GetId", "ResourceNotFoundException", f"IdentityPool '{POOL}' not found."),
        root=("identity-pool",),
        says=("does not know", "list-identity-pools"),
    ),
    _answered(
        "pool-without-a-role",
        "public threads: roles of the pool, or their trust, are wrong",
        cognito(
            "GetCredentialsForIdentity",
            "InvalidIdentityPoolConfigurationException",
            "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
        ),
        root=("pool-guest-role",),
        says=("no role for guests", "trust policy"),
    ),
    _answered(
        "basic-flow-is-off",
        "aws-rum-web 345, amplify-js 9704",
        cognito(
            "GetOpenIdToken",
            "InvalidParameterException",
            "Basic (classic) flow is not enabled, please use enhanced flow.",
        ),
        page=_BASIC,
        root=("classic-flow",),
        says=("guestRoleArn: undefined",),
    ),
    _answered(
        "basic-flow-beside-role-mappings",
        "aws-rum-web 172: a pool that maps its users to roles takes the enhanced flow only",
        cognito(
            "GetOpenIdToken",
            "InvalidParameterException",
            "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.",
        ),
        page=_BASIC,
        root=("classic-flow",),
        says=("role mappings", "guestRoleArn: undefined"),
        never=(_ORGANISATION, "Or allow the basic"),
    ),
    _answered(
        "identity-of-a-login",
        "an identity in local storage that Amplify linked to a login",
        cognito(
            "GetCredentialsForIdentity",
            "NotAuthorizedException",
            f"Access to Identity '{IDENTITY}' is forbidden.",
        ),
        root=("token-vending-failures",),
        find={"identity-pool": "unknown"},
        says=("has logged in", "cwr_i"),
    ),
    _answered(
        "token-of-the-sites-login",
        "the site's login has a provider that the pool does not know",
        cognito(
            "GetId",
            "NotAuthorizedException",
            "Token is not from a supported provider of this identity pool.",
        ),
        find={"identity-pool": "unknown"},
        says=("the site's own login",),
    ),
    _answered(
        "cognito-is-throttled",
        "GetId above its rate",
        cognito("GetId", "TooManyRequestsException", "Rate exceeded"),
        root=("token-vending-failures",),
        says=("(?i)higher quota",),
    ),
    _answered(
        "role-does-not-trust",
        "the trust policy names another pool",
        sts("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        page=_BASIC,
        root=("guest-role-trust",),
        says=("trust policy", f"audience {POOL}"),
    ),
    _answered(
        "role-does-not-trust-in-other-words",
        "public records: the same refusal without a reason",
        sts("AccessDenied", "An unknown error occurred"),
        page=_BASIC,
        root=("guest-role-trust",),
        says=("likely does not admit",),
    ),
    _answered(
        "cognito-asks-for-the-role",
        "in the enhanced flow Cognito itself asks STS",
        sts(
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            session="CognitoIdentityCredentials",
        ),
        root=("guest-role-trust",),
    ),
    _answered(
        "no-token",
        "an old client goes on with the token undefined",
        sts(
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an"
            " Access Token)",
            userIdentity={"type": "WebIdentityUser", "identityProvider": ""},
        ),
        page=_BASIC,
        root=("classic-flow",),
        says=("WebIdentityToken=undefined",),
    ),
    _answered(
        "token-that-ended",
        "one visitor's clock or sleep",
        sts("ExpiredTokenException", "Token expired: current date/time 1772355600 must be before"),
        page=_BASIC,
        find={"guest-role-trust": "unknown"},
        says=("had expired",),
    ),
    _answered(
        "role-behind-a-resource-control-policy",
        "a resource control policy of the organisation denies the role to other identities",
        sts(
            "AccessDenied",
            "User: anonymous is not authorized to perform: sts:AssumeRoleWithWebIdentity on"
            f" resource: {ROLE} with an explicit deny in a resource control policy",
        ),
        page=_BASIC,
        root=("token-vending-failures",),
        find={"guest-role-trust": "unknown"},
        says=("resource control policy", "management account"),
        never=(),
    ),
    _answered(
        "role-of-a-cluster",
        "public records of clusters: STS serves other web identities too",
        sts(
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            session="botocore-session-1",
            userIdentity={"type": "WebIdentityUser", "userName": "system:serviceaccount:shop:api"},
            requestParameters={
                "roleArn": "arn:aws:iam::111122223333:role/shop-api",
                "roleSessionName": "botocore-session-1",
            },
        ),
        verdict="unproven",
        root=(None,),
    ),
    _answered(
        "record-alone",
        "nothing but the record is at hand",
        cognito("GetId", "ResourceNotFoundException", f"IdentityPool '{POOL}' not found."),
        page="",
        root=("identity-pool",),
    ),
    _answered(
        "record-beside-the-monitors-id",
        "the record and the monitor's id, no page",
        record(),
        page="",
        plain={**DAY, "monitor": MONITOR, "region": "eu-west-1"},
        root=("guest-role-permission",),
        says=(_ALLOW,),
    ),
    _answered(
        "mended-since",
        "one refusal, and accepted calls after it: the role was given its permission",
        record(),
        *({k: v for k, v in record(n).items() if not k.startswith("error")} for n in (1, 2)),
        verdict="unproven|degraded",
        root=(None, "put-events-denied", "guest-role-permission"),
        find={"guest-role-permission": "warn", "put-events-denied": "warn"},
        says=("Later ones succeeded, the last at 2026-03-01T09:02:00Z",),
    ),
    _answered(
        "identity-that-is-gone",
        "an identity in local storage that was deleted; the pool is there",
        cognito(
            "GetCredentialsForIdentity",
            "ResourceNotFoundException",
            f"Identity '{IDENTITY}' not found.",
        ),
        find={"identity-pool": "unknown"},
        root=("token-vending-failures",),
        says=("cwr_i",),
    ),
    _answered(
        "key-that-aws-does-not-know",
        "credentials of a role that was deleted",
        record(
            message="The security token included in the request is invalid.",
            errorCode="UnrecognizedClientException",
        ),
        root=("put-events-denied",),
        says=("UnrecognizedClientException", "does not know any more"),
    ),
    _answered(
        "clock-of-a-visitor",
        "a signature of an hour ago",
        record(
            message="Signature expired: 20260301T080000Z is now earlier than 20260301T085500Z",
            errorCode="InvalidSignatureException",
        ),
        root=("put-events-denied",),
        says=("whose clock is wrong",),
    ),
    _answered(
        "calls-of-an-administrator",
        "a denied CreateAppMonitor is none of the browsers' calls",
        record(eventName="CreateAppMonitor", requestParameters={"Name": "shop"}),
        verdict="unproven",
        root=(None,),
    ),
)
