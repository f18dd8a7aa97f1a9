"""Identities, tokens and credentials for guests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rumkit.sandbox.errors import AwsError, not_found
from rumkit.sandbox.ids import letters, uuid_of
from rumkit.sandbox.resources import Pool, Session

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context


def pool_for_guest(call: Context, pool_id: str) -> Pool:
    """Return a pool that lets guests in. Raises AwsError as Cognito does."""
    pool = call.world.pools.get(pool_id)
    if pool is None or pool.region != call.region:
        raise not_found(f"IdentityPool '{pool_id}' not found.")
    if pool.throttled:
        raise AwsError("TooManyRequestsException", "Rate exceeded", status=400)
    if not pool.guests:
        raise AwsError(
            "NotAuthorizedException",
            "Unauthenticated access is not supported for this identity pool.",
        )
    return pool


def pool_of_identity(call: Context, identity_id: str) -> Pool:
    """Return the pool of an identity that exists. Raises AwsError as Cognito does."""
    pool_id = call.world.identities.get(identity_id)
    if pool_id is None or pool_id not in call.world.pools:
        raise not_found(f"Identity '{identity_id}' not found.")
    return pool_for_guest(call, pool_id)


def new_identity(call: Context, pool: Pool) -> str:
    """Return a new guest identity of a pool."""
    identity = f"{pool.region}:{uuid_of('identity', pool.id, call.caller.key, _serial(call))}"
    call.world.identities[identity] = pool.id
    return identity


def new_session(
    call: Context,
    role_arn: str,
    session_name: str,
    *,
    pool_id: str = "",
    identity_id: str = "",
    flow: Literal["basic", "enhanced", "assumed"] = "assumed",
) -> Session:
    """Return new credentials for a role, known to the sandbox from now on."""
    seed = (role_arn, session_name, identity_id, call.caller.key, _serial(call))
    session = Session(
        "ASIA" + letters(16, "access", *seed),
        letters(40, "secret", *seed),
        "IQoJsandbox" + letters(64, "token", *seed),
        role_arn,
        session_name,
        pool_id,
        identity_id,
        flow,
    )
    call.world.sessions[session.access_key] = session
    return session


def _serial(call: Context) -> str:
    return call.world.next_id("vended")
