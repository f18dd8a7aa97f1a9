"""IAM's inline policies of a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.iam.asked import encoded, page, role_of
from rumkit.sandbox.iam.documents import inline_document

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.roles import Role


def put_role_policy(call: Context) -> dict[str, Any]:
    """PutRolePolicy."""
    role, name = role_of(call, change=True), call.params["PolicyName"]
    role.inline[name] = inline_document(role, name, call.params["PolicyDocument"])
    return {}


def get_role_policy(call: Context) -> dict[str, Any]:
    """GetRolePolicy."""
    role = role_of(call)
    name = _name(call, role)
    return {
        "RoleName": role.name,
        "PolicyName": name,
        "PolicyDocument": encoded(role.inline[name]),
    }


def list_role_policies(call: Context) -> dict[str, Any]:
    """ListRolePolicies: the names of the inline policies."""
    return page(call, "PolicyNames", list(role_of(call).inline))


def delete_role_policy(call: Context) -> dict[str, Any]:
    """DeleteRolePolicy."""
    role = role_of(call, change=True)
    del role.inline[_name(call, role)]
    return {}


OPERATIONS = {
    "PutRolePolicy": put_role_policy,
    "GetRolePolicy": get_role_policy,
    "ListRolePolicies": list_role_policies,
    "DeleteRolePolicy": delete_role_policy,
}


def _name(call: Context, role: Role) -> str:
    name: str = call.params["PolicyName"]
    if name not in role.inline:
        raise AwsError("NoSuchEntity", f"The role policy with name {name} cannot be found.")
    return name
