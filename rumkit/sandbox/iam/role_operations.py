"""IAM's roles: made, shown, listed, changed, tagged and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.iam.asked import encoded, page, role_of, tag_list
from rumkit.sandbox.iam.attached_operations import boundary_of
from rumkit.sandbox.iam.aws_managed import RUM_SERVICE, rum_service_role
from rumkit.sandbox.iam.documents import trust_document
from rumkit.sandbox.roles import Role

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context

_MOST_TAGS: Final = 50


def create_role(call: Context) -> dict[str, Any]:
    """CreateRole."""
    params = call.params
    name = params["RoleName"]
    if any(role.name.lower() == name.lower() for role in call.world.roles):
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.")
    role = Role(
        name,
        trust_document(params["AssumeRolePolicyDocument"]),
        path=params.get("Path", "/"),
        description=params.get("Description", ""),
        max_session=params.get("MaxSessionDuration", 3600),
        tags={tag["Key"]: tag["Value"] for tag in params.get("Tags", ())},
        created=call.world.live(),
    )
    if "PermissionsBoundary" in params:
        role.boundary = boundary_of(call, params["PermissionsBoundary"])
    return {"Role": _described(call.world.roles.add(role))}


def get_role(call: Context) -> dict[str, Any]:
    """GetRole."""
    return {"Role": {**_described(role_of(call)), "RoleLastUsed": {}}}


def list_roles(call: Context) -> dict[str, Any]:
    """ListRoles, without tags and boundaries, as IAM lists them."""
    prefix = call.params.get("PathPrefix", "/")
    roles = [_listed(role) for role in call.world.roles if role.path.startswith(prefix)]
    return page(call, "Roles", roles)


def delete_role(call: Context) -> dict[str, Any]:
    """DeleteRole; a role that still has policies stays."""
    role = role_of(call, change=True)
    if role.managed:
        raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    if role.inline:
        raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.")
    call.world.roles.remove(role.name)
    return {}


def update_assume_role_policy(call: Context) -> dict[str, Any]:
    """UpdateAssumeRolePolicy."""
    role = role_of(call, change=True)
    role.trust = trust_document(call.params["PolicyDocument"])
    return {}


def update_role(call: Context) -> dict[str, Any]:
    """UpdateRole: what is not given stays."""
    role = role_of(call, change=True)
    role.description = call.params.get("Description", role.description)
    role.max_session = call.params.get("MaxSessionDuration", role.max_session)
    return {}


def update_role_description(call: Context) -> dict[str, Any]:
    """UpdateRoleDescription."""
    role = role_of(call, change=True)
    role.description = call.params["Description"]
    return {"Role": _described(role)}


def tag_role(call: Context) -> dict[str, Any]:
    """TagRole."""
    role = role_of(call, change=True)
    tags = role.tags | {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
    if len(tags) > _MOST_TAGS:
        raise AwsError(
            "LimitExceeded", f"The number of tags has reached the maximum limit of {_MOST_TAGS}."
        )
    role.tags = tags
    return {}


def untag_role(call: Context) -> dict[str, Any]:
    """UntagRole."""
    role = role_of(call, change=True)
    for key in call.params["TagKeys"]:
        role.tags.pop(key, None)
    return {}


def list_role_tags(call: Context) -> dict[str, Any]:
    """ListRoleTags."""
    return page(call, "Tags", tag_list(role_of(call).tags) or [])


def create_service_linked_role(call: Context) -> dict[str, Any]:
    """CreateServiceLinkedRole, for RUM alone."""
    if call.params["AWSServiceName"] != RUM_SERVICE:
        raise AwsError("InvalidInput", "The sandbox knows no other service than RUM.")
    role = rum_service_role()
    if call.world.roles.get(role.name):
        raise AwsError(
            "InvalidInput",
            f"Service role name {role.name} has been taken in this account, "
            "please try a different suffix.",
        )
    return {"Role": _described(call.world.roles.add(role))}


OPERATIONS = {
    "CreateRole": create_role,
    "GetRole": get_role,
    "ListRoles": list_roles,
    "DeleteRole": delete_role,
    "UpdateAssumeRolePolicy": update_assume_role_policy,
    "UpdateRole": update_role,
    "UpdateRoleDescription": update_role_description,
    "TagRole": tag_role,
    "UntagRole": untag_role,
    "ListRoleTags": list_role_tags,
    "CreateServiceLinkedRole": create_service_linked_role,
}


def _listed(role: Role) -> dict[str, Any]:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(role.trust),
        "Description": role.description or None,
        "MaxSessionDuration": role.max_session,
    }


def _described(role: Role) -> dict[str, Any]:
    # IAM answers `Policy`, though its model says `PermissionsBoundaryPolicy`.
    boundary = role.boundary and {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": role.boundary.arn,
    }
    return {**_listed(role), "PermissionsBoundary": boundary, "Tags": tag_list(role.tags)}
