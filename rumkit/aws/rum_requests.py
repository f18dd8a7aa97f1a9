"""The requests that deliver RUM data, with what AWS puts into their context.

Sources: IAM User Guide, "AWS global condition context keys" and "IAM and AWS STS condition
context keys"; CloudWatch User Guide, "Using resource-based policies with CloudWatch RUM".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.partitions import (
    CognitoProvider,
    account_of,
    cognito_provider,
    parse_arn,
    pool_region,
    session_arn,
)
from rumkit.aws.policy.types import ABSENT, NOT_TRUE, PRESENT, KeyValue, Principal, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

PUT_RUM_EVENTS = "rum:PutRumEvents"
BASIC_SESSION = "cwr"
ENHANCED_SESSION = "CognitoIdentityCredentials"

# What every HTTPS request from a browser has, with values that differ from visitor to visitor.
_ANY_REQUEST: Mapping[str, KeyValue] = {
    "aws:SecureTransport": ("true",),
    "aws:CurrentTime": PRESENT,
    "aws:EpochTime": PRESENT,
    "aws:SourceIp": PRESENT,
    "aws:PrincipalIsAWSService": ("false",),
    "aws:ViaAWSService": ("false",),
    "aws:RequestTag/*": ABSENT,
    "aws:TagKeys": ABSENT,
    "aws:SourceArn": ABSENT,
    "aws:SourceAccount": ABSENT,
    "aws:username": ABSENT,
}
_ANONYMOUS: Mapping[str, KeyValue] = {
    "aws:PrincipalType": ("Anonymous",),
    "aws:PrincipalAccount": ("anonymous",),
    "aws:userid": ("anonymous",),
    "aws:PrincipalArn": ABSENT,
    "aws:PrincipalOrgID": ABSENT,
    "aws:PrincipalOrgPaths": ABSENT,
    "aws:PrincipalTag/*": ABSENT,
    "aws:TokenIssueTime": ABSENT,
    "aws:FederatedProvider": ABSENT,
    "aws:MultiFactorAuthPresent": ABSENT,
}
# What differs from visitor to visitor, as it is for one whom no policy lists: the call comes by
# the internet, from an address (MCAST-TEST-NET, RFC 6676) that is nobody's.
UNLISTED: Mapping[str, KeyValue] = {
    "aws:SourceIp": ("233.252.0.1",),
    "aws:SourceVpc": ABSENT,
    "aws:SourceVpce": ABSENT,
    "aws:VpcSourceIp": ABSENT,
}


def put_rum_events_request(
    monitor_arn: str,
    *,
    role_arn: str = "",
    session_name: str = BASIC_SESSION,
    user_arn: str = "",
    pool_id: str = "",
    tags: Mapping[str, str] | None = None,
    monitor_tags: Mapping[str, str] | None = None,
    alias: str | None = None,
    monitor_id: str = "",
    context: Mapping[str, KeyValue] | None = None,
) -> Request:
    """Build rum:PutRumEvents as a role's session, as a user, or (neither given) unsigned.

    `pool_id` says that the role came through an identity pool. `tags` are the role's, for a
    guest's session has no others, and `monitor_tags` the monitor's; None where they are not known.
    `alias` is the client's; None means that it sends none. `context` overrides keys, for instance
    `aws:Referer`.
    """
    principal = _caller(role_arn, session_name, user_arn, pool_id)
    arn = parse_arn(monitor_arn)
    keys = dict(_ANY_REQUEST)
    keys["rum:alias"] = ABSENT if alias is None else (alias,)
    if arn:
        keys["aws:RequestedRegion"] = (arn.region,)
        keys["aws:ResourceAccount"] = (arn.account,)
    keys.update(_ANONYMOUS if principal.kind == "anonymous" else _signed(principal, pool_id))
    keys.update(_tagged("aws:PrincipalTag", tags) | _tagged("aws:ResourceTag", monitor_tags))
    return Request(
        PUT_RUM_EVENTS,
        monitor_arn,
        principal,
        {**keys, **(context or {})},
        {"monitor_id": monitor_id} if monitor_id else {},
    )


def _tagged(key: str, tags: Mapping[str, str] | None) -> dict[str, KeyValue]:
    """Return the keys of tags; none where it is not known which tags there are."""
    if tags is None:
        return {}
    return {f"{key}/*": ABSENT} | {f"{key}/{name}": (value,) for name, value in tags.items()}


def _caller(role_arn: str, session_name: str, user_arn: str, pool_id: str) -> Principal:
    if role_arn:
        provider = cognito_provider(pool_region(pool_id)) if pool_id else CognitoProvider("")
        return Principal(
            "role-session",
            session_arn(role_arn, session_name),
            role_arn,
            account_of(role_arn),
            provider.name,
            provider_certain=provider.certain,
        )
    if user_arn:
        return Principal("user", user_arn, account=account_of(user_arn))
    return Principal("anonymous")


def _signed(principal: Principal, pool_id: str) -> dict[str, KeyValue]:
    keys: dict[str, KeyValue] = {
        "aws:PrincipalAccount": (principal.account,),
        "aws:userid": PRESENT,
    }
    if principal.kind == "user":
        return {
            **keys,
            "aws:PrincipalArn": (principal.arn,),
            "aws:PrincipalType": ("User",),
            "aws:username": (principal.arn.rpartition("/")[2],),
        }
    keys |= {
        "aws:PrincipalArn": (principal.role_arn,),
        "aws:PrincipalType": ("AssumedRole",),
        "aws:TokenIssueTime": PRESENT,
    }
    if pool_id:
        # Credentials of AssumeRoleWithWebIdentity never carry MFA (IAM User Guide, "Compare AWS
        # STS credentials"); whether the key is then missing or false is not documented.
        keys["aws:MultiFactorAuthPresent"] = NOT_TRUE
        keys |= _claims(pool_id)
        keys["aws:FederatedProvider"] = (principal.provider,)
    return keys


def _claims(pool_id: str) -> dict[str, KeyValue]:
    provider = cognito_provider(pool_region(pool_id))
    return {
        provider.key("aud"): (pool_id,),
        provider.key("amr"): ("unauthenticated",),
        provider.key("sub"): PRESENT,
    }


def new_guest(pool_id: str) -> dict[str, KeyValue]:
    """Return the claim of a guest whose identity was just made, as each browser is given one."""
    region = pool_region(pool_id)
    identity = f"{region}:00000000-0000-0000-0000-000000000000"
    return {cognito_provider(region).key("sub"): (identity,)}


def web_identity_request(
    pool_id: str,
    role_arn: str,
    *,
    enhanced: bool = False,
    context: Mapping[str, KeyValue] | None = None,
) -> Request:
    """Build sts:AssumeRoleWithWebIdentity for a guest of an identity pool.

    In the basic flow the browser calls STS; in the enhanced flow Cognito does, for the browser,
    with the same token and so under the same trust policy.
    """
    provider = cognito_provider(pool_region(pool_id))
    keys: dict[str, KeyValue] = {
        **_ANY_REQUEST,
        **_claims(pool_id),
        "sts:RoleSessionName": (ENHANCED_SESSION if enhanced else BASIC_SESSION,),
        "sts:ExternalId": ABSENT,
        "aws:ResourceAccount": (account_of(role_arn),),
    }
    if enhanced:
        # Of Cognito's own call to STS one thing is told: a condition on the visitor's address is
        # never met (Cognito developer guide, "Role trust and permissions").
        keys["aws:SourceIp"] = ABSENT
        del keys["aws:ViaAWSService"], keys["aws:SecureTransport"]
    else:
        keys["aws:RequestedRegion"] = (pool_region(pool_id),)
    return Request(
        "sts:AssumeRoleWithWebIdentity",
        role_arn,
        Principal(
            "web-identity",
            role_arn=role_arn,
            provider=provider.name,
            provider_certain=provider.certain,
        ),
        {**keys, **(context or {})},
        {"pool_id": pool_id, "flow": "enhanced" if enhanced else "basic"},
    )
