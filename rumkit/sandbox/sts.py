"""AWS STS: web identities evaluated by the trust policy, and who the caller is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.authorise import may_assume
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT, OPERATOR
from rumkit.sandbox.record import assumed_role_arn, web_identity
from rumkit.sandbox.resources import Session
from rumkit.sandbox.vending import new_session

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.roles import Role

_NOT_A_TOKEN = (
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"  # noqa: S105
)


def assume_role_with_web_identity(call: Context) -> dict[str, Any]:
    """AssumeRoleWithWebIdentity, the second half of the basic (classic) flow."""
    token, role_arn = call.params["WebIdentityToken"], call.params["RoleArn"]
    identity = call.world.tokens.get(token)
    if identity is None:
        # No record: who it is, and so whose account it is, was never known.
        raise AwsError("InvalidIdentityToken", _NOT_A_TOKEN, status=400)
    pool = call.world.pools.get(call.world.identities.get(identity, ""))
    session_name = call.params["RoleSessionName"]
    pool_id = pool.id if pool else ""
    if not may_assume(call.world, role_arn, pool, enhanced=False, address=call.caller.address):
        denied = AwsError(
            "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", status=403
        )
        nobody = Session("", "", "", role_arn, session_name, pool_id, identity, "basic")
        call.record(web_identity(call.caller, nobody, error=denied))
        raise denied
    session = new_session(
        call, role_arn, session_name, pool_id=pool_id, identity_id=identity, flow="basic"
    )
    call.record(web_identity(call.caller, session))
    return {
        "Credentials": _credentials(session),
        "SubjectFromWebIdentityToken": identity,
        "AssumedRoleUser": _assumed(call, session),
        "Provider": "cognito-identity.amazonaws.com",
        "Audience": pool_id,
    }


def assume_role(call: Context) -> dict[str, Any]:
    """AssumeRole: the operator, or who has assumed a role, may assume what trusts the account."""
    account, role = _asked(call)
    if role is None or not trusts_account(role.trust, call.params.get("ExternalId", "")):
        raise AwsError(
            "AccessDenied",
            f"User: {OPERATOR} is not authorized to perform: sts:AssumeRole "
            f"on resource: {call.params['RoleArn']}",
            status=403,
        )
    session = new_session(call, role.arn, call.params["RoleSessionName"])
    session = call.world.sessions[session.access_key] = replace(session, account=account)
    return {"Credentials": _credentials(session), "AssumedRoleUser": _assumed(call, session)}


def _asked(call: Context) -> tuple[str, Role | None]:
    """Return the account and the role that are asked for.

    Each account of the organization that is active has the roles and monitors of this one.
    """
    asked = call.params["RoleArn"]
    account = asked.split(":")[4]
    active = {each.number for each in call.world.organization if each.state == "ACTIVE"}
    there = asked.replace(f":{account}:", f":{ACCOUNT}:") if account in active else asked
    return account, call.world.roles.by_arn(there)


def get_caller_identity(call: Context) -> dict[str, Any]:
    """GetCallerIdentity."""
    if call.session is None:
        return {"UserId": "AIDASANDBOXOPERATOR00", "Account": ACCOUNT, "Arn": OPERATOR}
    assumed = _assumed(call, call.session)
    return {
        "UserId": assumed["AssumedRoleId"],
        "Account": call.session.account,
        "Arn": assumed["Arn"],
    }


OPERATIONS = {
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
    "AssumeRole": assume_role,
    "GetCallerIdentity": get_caller_identity,
}


def _credentials(session: Session) -> dict[str, Any]:
    return {
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret_key,
        "SessionToken": session.token,
        # Clients compare it with their own clock, which does not stand still.
        "Expiration": datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1),
    }


def _assumed(call: Context, session: Session) -> dict[str, str]:
    role = call.world.roles.by_arn(session.role_arn)
    role_id = role.id if role else "AROASANDBOX"
    return {
        "AssumedRoleId": f"{role_id}:{session.session_name}",
        "Arn": assumed_role_arn(session),
    }


def trusts_account(trust: dict[str, Any], external_id: str | None = None) -> bool:
    """Tell whether a role trusts the account, with this external id where one is given."""
    statements = trust.get("Statement", [])
    return any(
        "sts:AssumeRole" in str(statement.get("Action"))
        and ACCOUNT in str(statement)
        and external_id in {None, *_external_ids(statement, external_id)}
        for statement in (statements if isinstance(statements, list) else [statements])
    )


def _external_ids(statement: dict[str, Any], given: str | None) -> tuple[str | None, ...]:
    """Return the external ids that a statement takes; without a condition, whatever is given."""
    wanted = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId", given)
    return tuple(wanted) if isinstance(wanted, list) else (wanted,)
