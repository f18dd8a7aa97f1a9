"""What the account's operator may do: everything, but for the actions taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT, OPERATOR, OPERATOR_KEY
from rumkit.sandbox.record import assumed_role_arn
from rumkit.sandbox.sts import trusts_account
from rumkit.sandbox.wire.models import SERVICES

if TYPE_CHECKING:
    from rumkit.sandbox.resources import Session
    from rumkit.sandbox.signature import Signed
    from rumkit.sandbox.wire.read import Incoming
    from rumkit.sandbox.world import World

# Operations whose IAM action bears another name.
_ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket", "s3:ListObjects": "s3:ListBucket"}

_WHO = "sts:GetCallerIdentity"


def check_caller(world: World, service: str, incoming: Incoming, signed: Signed | None) -> None:
    """Raise AwsError unless the caller is known and may do this.

    Whoever assumed a role that trusts the account may do what the operator may; guests may not.
    """
    query = incoming.protocol == "query"
    if signed is None:
        raise AwsError(
            "MissingAuthenticationToken" if query else "MissingAuthenticationTokenException",
            "Missing Authentication Token",
            status=403,
        )
    session = world.sessions.get(signed.access_key)
    unknown = signed.access_key != OPERATOR_KEY and session is None
    if unknown or signed.region in world.regions_off:
        raise AwsError(
            "InvalidClientTokenId" if query else "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            status=403 if query else 400,
        )
    action = action_of(service, incoming.operation)
    # GetCallerIdentity needs no permission, but a test may take it away all the same.
    if session is not None and not (_reader(world, session) or action == _WHO):
        raise _denied(assumed_role_arn(session), action, incoming, query=query)
    if action in world.denied_actions:
        raise _denied(OPERATOR, action, incoming, query=query)


def _reader(world: World, session: Session) -> bool:
    role = world.roles.by_arn(session.role_arn)
    return session.flow == "assumed" and role is not None and trusts_account(role.trust)


def action_of(service: str, operation: str) -> str:
    """Return the IAM action of an operation, by the service's signing name."""
    prefix = SERVICES.get(service, ("", service))[1]
    return _ACTIONS.get(f"{prefix}:{operation}", f"{prefix}:{operation}")


def is_write(operation: str) -> bool:
    """Tell whether an operation of the operator changes something."""
    writes = ("Create", "Update", "Delete", "Put", "Set", "Attach", "Detach", "Tag", "Untag")
    return operation.startswith(writes) and operation != "PutRumEvents"


def _denied(who: str, action: str, incoming: Incoming, *, query: bool) -> AwsError:
    return AwsError(
        "AccessDenied" if query else "AccessDeniedException",
        f"User: {who} is not authorized to perform: {action} on resource: "
        f"{_resource(action, incoming)} because no identity-based policy allows "
        f"the {action} action",
        status=403 if incoming.protocol in {"query", "rest"} else 400,
    )


def _resource(action: str, incoming: Incoming) -> str:
    params = incoming.params
    if "RoleName" in params:
        return f"role {params['RoleName']}"
    if "PolicyArn" in params:
        return f"policy {params['PolicyArn']}"
    if "IdentityPoolId" in params:
        pool = params["IdentityPoolId"]
        region = pool.partition(":")[0]
        return f"arn:aws:cognito-identity:{region}:{ACCOUNT}:identitypool/{pool}"
    return f"arn:aws:{action.partition(':')[0]}:*:{ACCOUNT}:*"
