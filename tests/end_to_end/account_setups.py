"""Accounts as code and consoles set them up: faults, and what only looks like one."""

from __future__ import annotations

import json

from account_case import (  # type: ignore[import-not-found]
    ARN,
    ATTACH,
    COGNITO,
    DROP,
    MONITOR,
    POLICY,
    POOL,
    ROLE,
    ROLE_ARN,
    UPDATE_POOL,
    AccountCase,
    allow,
    aws,
    deny,
    distrusted,
    healthy,
    managed,
    permission,
    policy,
    pool_roles,
    resource_policy,
    trust,
    trusted,
    works,
)

_APPS = ARN.rpartition("/")[0]
_AUD = {f"{COGNITO}:aud": POOL}
_BY_TAG = policy(allow(condition={"StringEquals": {"aws:ResourceTag/team": "web"}}))
_BY_VARIABLE = allow(f"{_APPS}/${{aws:PrincipalTag/app}}")
_TAG_ROLE = aws(f"iam tag-role --role-name {ROLE} --tags Key=app,Value={MONITOR}")
_WITHOUT_MFA = {
    "Sid": "NeedsMfa",
    "Effect": "Deny",
    "NotAction": ["iam:ChangePassword", "sts:GetSessionToken"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
_OLDER_SESSIONS = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-03-02T08:00:00Z"}},
}
_SERVICE_ROLE = (
    "arn:aws:iam::111122223333:role/aws-service-role/rum.amazonaws.com/"
    "AWSServiceRoleForCloudWatchRUM"
)
_MAY_PASS = {"guest-role-permission": "pass"}

CASES = (
    distrusted(
        "amr-of-another-domain",
        "restaurant-reviews 3: the condition key is of amazon.com",
        trust(trusted() | {"Condition": {
            "StringEquals": _AUD,
            "ForAnyValue:StringLike": {"cognito-identity.amazon.com:amr": "unauthenticated"},
        }}),
        says=("cognito-identity.amazon.com:amr is not this token's",),
    ),
    distrusted(
        "session-name-of-the-basic-flow",
        "the trust was pinned to the session's name of the other flow",
        trust(trusted(more={"StringEquals": {"sts:RoleSessionName": "cwr"}})),
        says=("sts:RoleSessionName",),
    ),
    AccountCase(
        "service-linked-role-as-guests",
        "aws-sdk-ios-samples 195: the pool was given a role that a service made for itself",
        (pool_roles(f"unauthenticated={_SERVICE_ROLE}"),),
        root=("pool-guest-role",),
        find={"pool-guest-role": "fail", "guest-role-trust": "skip"},
        says=("a service-linked role", "nobody can change that"),
        never=("update-assume-role-policy",),
        mends=True,
    ),
    works(
        "audience-by-a-wildcard",
        "any pool of the Region: too much, and it works",
        (trust(trusted("eu-west-1:*", operators=("StringLike", "ForAnyValue:StringLike"))),),
        find={"guest-role-trust": "pass|warn"},
    ),
    healthy(
        "pool-with-providers",
        "people who log in by a user pool or the site's own login beside the guests",
        (
            aws(
                f"{UPDATE_POOL} shop --allow-unauthenticated-identities --no-allow-classic-flow"
                " --developer-provider-name login.shop --cognito-identity-providers"
                " ProviderName=cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Kx7mQ2pLd,ClientId=abc"
            ),
        ),
    ),
    permission(
        "action-of-cloudwatch",
        "the console's name of the service before the action's: nothing is allowed by it",
        policy(allow(action="cloudwatch:PutRumEvents")),
        says=("written cloudwatch:PutRumEvents; the service prefix is rum",),
    ),
    permission(
        "denied-without-mfa",
        "the guardrail for people's MFA is attached to every role: no guest ever has MFA",
        managed("force-mfa", _WITHOUT_MFA),
        ATTACH,
        says=("NeedsMfa", "aws:MultiFactorAuthPresent"),
        mends=False,
    ),
    works(
        "older-sessions-revoked",
        "the console's button that revokes sessions: those that begin later may",
        (policy(_OLDER_SESSIONS, name="AWSRevokeOlderSessions"),),
        find=_MAY_PASS,
    ),
    works(
        "allowed-by-the-monitors-tag",
        "permissions by tags, and the monitor has its tag",
        (aws(f"rum tag-resource --resource-arn {ARN} --tags team=web"), _BY_TAG),
        find=_MAY_PASS,
    ),
    permission(
        "tag-that-the-monitor-lacks",
        "the same, and the monitor was made without it",
        _BY_TAG,
        says=("this request has no aws:ResourceTag/team",),
        mends=False,
    ),
    works(
        "name-by-the-roles-tag",
        "the role's tag holds the monitor's name",
        (_TAG_ROLE, policy(_BY_VARIABLE)),
        find=_MAY_PASS,
    ),
    permission(
        "variable-in-the-old-version",
        "the same in a policy whose Version knows no variables",
        _TAG_ROLE,
        aws(
            f"iam put-role-policy --role-name {ROLE} --policy-name {POLICY} --policy-document",
            json.dumps({"Version": "2008-10-17", "Statement": [_BY_VARIABLE]}),
        ),
        says=("need the policy's Version to be 2012-10-17",),
    ),
    permission(
        "resource-policy-for-the-account",
        "an example of alchemy: the account alone lets none of its roles in",
        DROP,
        resource_policy(allow() | {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}),
    ),
    AccountCase(
        "all-other-roles-denied-without-the-path",
        "a Deny that spares the guest role, whose ARN lacks its path: whom it spares stays",
        (
            resource_policy(
                deny({"ArnNotEquals": {"aws:PrincipalArn": ROLE_ARN.replace("service-role/", "")}})
            ),
        ),
        root=("resource-policy",),
        find={"resource-policy": "fail"},
        says=(f"aws:PrincipalArn is `{ROLE_ARN}`",),
    ),
    AccountCase(
        "other-organisations-denied",
        "a perimeter; which organisation the account is in was not read, and no event came since",
        (resource_policy(deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-abcd1234ef"}})),),
        verdict="degraded",
        find={"resource-policy": "warn"},
        says=("o-abcd1234ef", "No event has come since the policies were changed"),
    ),
)  # fmt: skip
