"""Amazon Cognito identity pools: what a guest calls, and what an operator configures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.authorise import may_assume
from rumkit.sandbox.errors import AwsError, not_found
from rumkit.sandbox.ids import uuid_of
from rumkit.sandbox.record import cognito as cognito_record
from rumkit.sandbox.record import web_identity
from rumkit.sandbox.resources import Pool
from rumkit.sandbox.vending import new_identity, new_session, pool_for_guest, pool_of_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.sandbox.context import Context

_BAD_ROLES = "Invalid identity pool configuration. Check assigned IAM roles for this pool."


def get_id(call: Context) -> dict[str, Any]:
    """GetId: a new guest identity."""

    def answer() -> dict[str, Any]:
        pool = pool_for_guest(call, call.params["IdentityPoolId"])
        return {"IdentityId": new_identity(call, pool)}

    return _recorded(call, "GetId", answer)


def get_open_id_token(call: Context) -> dict[str, Any]:
    """GetOpenIdToken: the first half of the basic (classic) flow."""

    def answer() -> dict[str, Any]:
        identity = call.params["IdentityId"]
        pool = pool_of_identity(call, identity)
        if pool.classic is False:
            raise AwsError(
                "InvalidParameterException",
                "Basic (classic) flow is not enabled, please use enhanced flow.",
            )
        if pool.role_mappings:
            raise AwsError(
                "InvalidParameterException",
                "Basic (classic) flow is not supported with RoleMappings, please use enhanced"
                " flow.",
            )
        token = f"eyJsandbox.{uuid_of('token', identity, call.world.next_id('token'))}.guest"
        call.world.tokens[token] = identity
        return {"IdentityId": identity, "Token": token}

    return _recorded(call, "GetOpenIdToken", answer)


def get_credentials_for_identity(call: Context) -> dict[str, Any]:
    """GetCredentialsForIdentity: the enhanced flow, in which Cognito calls STS itself."""

    def answer() -> dict[str, Any]:
        identity = call.params["IdentityId"]
        pool = pool_of_identity(call, identity)
        arn = pool.roles.get("unauthenticated", "")
        if not arn:
            raise AwsError("InvalidIdentityPoolConfigurationException", _BAD_ROLES)
        session = new_session(
            call,
            arn,
            "CognitoIdentityCredentials",
            pool_id=pool.id,
            identity_id=identity,
            flow="enhanced",
        )
        if not may_assume(call.world, arn, pool, enhanced=True):
            denied = AwsError("AccessDenied", "Not authorized to perform the operation")
            call.record(web_identity(call.caller, session, error=denied))
            raise AwsError("InvalidIdentityPoolConfigurationException", _BAD_ROLES)
        call.record(web_identity(call.caller, session))
        return {
            "IdentityId": identity,
            "Credentials": {
                "AccessKeyId": session.access_key,
                "SecretKey": session.secret_key,
                "SessionToken": session.token,
                # Browsers compare it with their own clock, which does not stand still.
                "Expiration": _an_hour_on(),
            },
        }

    return _recorded(call, "GetCredentialsForIdentity", answer)


def describe_identity_pool(call: Context) -> dict[str, Any]:
    """DescribeIdentityPool."""
    return _described(_pool(call))


def list_identity_pools(call: Context) -> dict[str, Any]:
    """ListIdentityPools of the called region, in one page."""
    pools = [p for p in call.world.pools.values() if p.region == call.region]
    return {
        "IdentityPools": [
            {"IdentityPoolId": p.id, "IdentityPoolName": p.name}
            for p in sorted(pools, key=lambda pool: pool.name)
        ]
    }


def create_identity_pool(call: Context) -> dict[str, Any]:
    """CreateIdentityPool."""
    name = call.params["IdentityPoolName"]
    pool_id = f"{call.region}:{uuid_of('pool', name, call.world.next_id('pool'))}"
    pool = Pool(
        pool_id,
        name,
        call.params["AllowUnauthenticatedIdentities"],
        call.params.get("AllowClassicFlow"),
    )
    call.world.pools[pool_id] = pool
    return _described(pool)


def update_identity_pool(call: Context) -> dict[str, Any]:
    """UpdateIdentityPool: replaces the whole configuration, as AWS does."""
    pool = _pool(call)
    pool.name = call.params["IdentityPoolName"]
    pool.guests = call.params["AllowUnauthenticatedIdentities"]
    pool.classic = call.params.get("AllowClassicFlow")
    return _described(pool)


def delete_identity_pool(call: Context) -> dict[str, Any]:
    """DeleteIdentityPool."""
    del call.world.pools[_pool(call).id]
    return {}


def get_identity_pool_roles(call: Context) -> dict[str, Any]:
    """GetIdentityPoolRoles."""
    pool = _pool(call)
    answer: dict[str, Any] = {"IdentityPoolId": pool.id, "Roles": dict(pool.roles)}
    if pool.role_mappings:
        answer["RoleMappings"] = pool.role_mappings
    return answer


def set_identity_pool_roles(call: Context) -> dict[str, Any]:
    """SetIdentityPoolRoles: replaces all roles of the pool."""
    pool = _pool(call)
    pool.roles = dict(call.params["Roles"])
    pool.role_mappings = call.params.get("RoleMappings", {})
    return {}


OPERATIONS = {
    "GetId": get_id,
    "GetOpenIdToken": get_open_id_token,
    "GetCredentialsForIdentity": get_credentials_for_identity,
    "DescribeIdentityPool": describe_identity_pool,
    "ListIdentityPools": list_identity_pools,
    "CreateIdentityPool": create_identity_pool,
    "UpdateIdentityPool": update_identity_pool,
    "DeleteIdentityPool": delete_identity_pool,
    "GetIdentityPoolRoles": get_identity_pool_roles,
    "SetIdentityPoolRoles": set_identity_pool_roles,
}


def _pool(call: Context) -> Pool:
    pool = call.world.pools.get(call.params["IdentityPoolId"])
    if pool is None or pool.region != call.region:
        raise not_found(f"IdentityPool '{call.params['IdentityPoolId']}' not found.")
    return pool


def _described(pool: Pool) -> dict[str, Any]:
    return {
        "IdentityPoolId": pool.id,
        "IdentityPoolName": pool.name,
        "AllowUnauthenticatedIdentities": pool.guests,
        "AllowClassicFlow": pool.classic,
        "IdentityPoolTags": {},
    }


def _an_hour_on() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


def _recorded(call: Context, name: str, answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    shown = {key[0].lower() + key[1:]: value for key, value in call.params.items()}
    identity = call.params.get("IdentityId", "")
    pool_id = call.params.get("IdentityPoolId") or call.world.identities.get(identity, "")
    pool = call.world.pools.get(pool_id)
    try:
        result = answer()
    except AwsError as error:
        call.record(cognito_record(call.caller, name, pool, shown, error=error))
        raise
    call.record(cognito_record(call.caller, name, pool, shown, answer=_shown(result)))
    return result


def _shown(result: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"identityId": result["IdentityId"]}
    if "Credentials" in result:
        shown["credentials"] = {"accessKeyId": result["Credentials"]["AccessKeyId"]}
    return shown
