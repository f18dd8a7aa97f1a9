"""Which managed policies a role has: attached ones, and one as its permissions boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.iam.asked import page, policy_named, policy_of, role_of

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.roles import ManagedPolicy

_MOST_ATTACHED: Final = 10


def attach_role_policy(call: Context) -> dict[str, Any]:
    """AttachRolePolicy; again is no error."""
    role, arn = role_of(call, change=True), call.params["PolicyArn"]
    policy = policy_named(call, arn)
    if policy is None:
        message = f"Policy {arn} does not exist or is not attachable."
        raise AwsError("NoSuchEntity", message)
    if policy.path.startswith("/aws-service-role/"):
        message = "Cannot attach a Service Role Policy to a Customer Role."
        raise AwsError("PolicyNotAttachable", message)
    if arn not in role.managed and len(role.managed) >= _MOST_ATTACHED:
        message = f"Cannot exceed quota for PoliciesPerRole: {_MOST_ATTACHED}"
        raise AwsError("LimitExceeded", message)
    role.managed[arn] = policy
    return {}


def detach_role_policy(call: Context) -> dict[str, Any]:
    """DetachRolePolicy."""
    role, arn = role_of(call, change=True), call.params["PolicyArn"]
    if role.managed.pop(arn, None) is None:
        raise AwsError("NoSuchEntity", f"Policy {arn} was not found.")
    return {}


def list_attached_role_policies(call: Context) -> dict[str, Any]:
    """ListAttachedRolePolicies."""
    prefix = call.params.get("PathPrefix", "/")
    attached = [each for each in role_of(call).managed.values() if each.path.startswith(prefix)]
    named = [{"PolicyName": each.name, "PolicyArn": each.arn} for each in attached]
    return page(call, "AttachedPolicies", named)


def list_entities_for_policy(call: Context) -> dict[str, Any]:
    """ListEntitiesForPolicy: roles, as the account has nothing else with policies."""
    params, policy = call.params, policy_of(call)
    prefix, usage = params.get("PathPrefix", "/"), params.get("PolicyUsageFilter")
    roles = [
        {"RoleName": role.name, "RoleId": role.id}
        for role in call.world.roles
        if params.get("EntityFilter", "Role") == "Role"
        and role.path.startswith(prefix)
        and (
            (usage != "PermissionsBoundary" and policy.arn in role.managed)
            or (usage != "PermissionsPolicy" and role.boundary is policy)
        )
    ]
    return {"PolicyGroups": [], "PolicyUsers": [], **page(call, "PolicyRoles", roles)}


def put_role_permissions_boundary(call: Context) -> dict[str, Any]:
    """PutRolePermissionsBoundary."""
    role = role_of(call, change=True)
    role.boundary = boundary_of(call, call.params["PermissionsBoundary"])
    return {}


def delete_role_permissions_boundary(call: Context) -> dict[str, Any]:
    """DeleteRolePermissionsBoundary."""
    role_of(call, change=True).boundary = None
    return {}


def boundary_of(call: Context, arn: str) -> ManagedPolicy:
    """Return the policy that is to bound a role. Raises AwsError when it cannot."""
    policy = policy_named(call, arn)
    if policy is None:
        message = f"Scope ARN: {arn} does not exist or is not attachable."
        raise AwsError("NoSuchEntity", message)
    return policy


OPERATIONS = {
    "AttachRolePolicy": attach_role_policy,
    "DetachRolePolicy": detach_role_policy,
    "ListAttachedRolePolicies": list_attached_role_policies,
    "ListEntitiesForPolicy": list_entities_for_policy,
    "PutRolePermissionsBoundary": put_role_permissions_boundary,
    "DeleteRolePermissionsBoundary": delete_role_permissions_boundary,
}
