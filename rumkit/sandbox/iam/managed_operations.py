"""IAM's managed policies and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.iam.asked import encoded, page, policy_of, tag_list
from rumkit.sandbox.iam.aws_managed import AWS_MANAGED
from rumkit.sandbox.iam.documents import managed_document
from rumkit.sandbox.ids import OPERATOR
from rumkit.sandbox.roles import ManagedPolicy, Version

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context

_MOST_VERSIONS: Final = 5


def create_policy(call: Context) -> dict[str, Any]:
    """CreatePolicy."""
    params, now = call.params, call.world.live()
    name, policies = params["PolicyName"], call.world.roles.policies
    if any(policy.name.lower() == name.lower() for policy in policies.values()):
        message = f"A policy called {name} already exists. Duplicate names are not allowed."
        raise AwsError("EntityAlreadyExists", message)
    policy = ManagedPolicy(
        name,
        {"v1": Version(managed_document(params["PolicyDocument"]), now)},
        path=params.get("Path", "/"),
        description=params.get("Description", ""),
        created=now,
        updated=now,
        tags={tag["Key"]: tag["Value"] for tag in params.get("Tags", ())},
    )
    return {"Policy": _listed(call, call.world.roles.add_policy(policy))}


def get_policy(call: Context) -> dict[str, Any]:
    """GetPolicy."""
    policy = policy_of(call)
    more = {"Description": policy.description or None, "Tags": tag_list(policy.tags)}
    return {"Policy": {**_listed(call, policy), **more}}


def list_policies(call: Context) -> dict[str, Any]:
    """ListPolicies; of AWS's own the few that the sandbox has."""
    params = call.params
    scope, prefix = params.get("Scope", "All"), params.get("PathPrefix", "/")
    own = [] if scope == "AWS" else list(call.world.roles.policies.values())
    of_aws = [] if scope == "Local" else list(AWS_MANAGED.values())
    used = {
        "PermissionsPolicy": "AttachmentCount",
        "PermissionsBoundary": "PermissionsBoundaryUsageCount",
    }
    wanted = used.get(params.get("PolicyUsageFilter", ""))
    if wanted is None and params.get("OnlyAttached"):
        wanted = "AttachmentCount"
    policies = [_listed(call, each) for each in (*own, *of_aws) if each.path.startswith(prefix)]
    return page(call, "Policies", [each for each in policies if wanted is None or each[wanted]])


def delete_policy(call: Context) -> dict[str, Any]:
    """DeletePolicy; one that is in use, or has more than its default version, stays."""
    policy = _own_policy(call, "DeletePolicy")
    if any(_uses(call, policy)):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise AwsError(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy.",
        )
    del call.world.roles.policies[policy.arn]
    return {}


def create_policy_version(call: Context) -> dict[str, Any]:
    """CreatePolicyVersion, five at most."""
    policy = _own_policy(call, "CreatePolicyVersion")
    document = managed_document(call.params["PolicyDocument"])
    if len(policy.versions) >= _MOST_VERSIONS:
        raise AwsError(
            "LimitExceeded",
            f"A managed policy can have up to {_MOST_VERSIONS} versions. Before you create a new "
            "version, you must delete an existing version.",
        )
    policy.newest += 1
    ident = f"v{policy.newest}"
    policy.versions[ident] = Version(document, call.world.live())
    policy.updated = call.world.live()
    if call.params.get("SetAsDefault"):
        policy.default = ident
    return {"PolicyVersion": _version(policy, ident)}


def get_policy_version(call: Context) -> dict[str, Any]:
    """GetPolicyVersion, with its document."""
    policy = policy_of(call)
    ident = _version_id(call, policy)
    document = encoded(policy.versions[ident].document)
    return {"PolicyVersion": {"Document": document, **_version(policy, ident)}}


def list_policy_versions(call: Context) -> dict[str, Any]:
    """ListPolicyVersions, newest first."""
    policy = policy_of(call)
    return page(call, "Versions", [_version(policy, each) for each in reversed(policy.versions)])


def set_default_policy_version(call: Context) -> dict[str, Any]:
    """SetDefaultPolicyVersion."""
    policy = _own_policy(call, "SetDefaultPolicyVersion")
    policy.default = _version_id(call, policy)
    policy.updated = call.world.live()
    return {}


def delete_policy_version(call: Context) -> dict[str, Any]:
    """DeletePolicyVersion; the default version stays."""
    policy = _own_policy(call, "DeletePolicyVersion")
    ident = _version_id(call, policy)
    if ident == policy.default:
        raise AwsError("DeleteConflict", "Cannot delete the default version of a policy.")
    del policy.versions[ident]
    return {}


OPERATIONS = {
    "CreatePolicy": create_policy,
    "GetPolicy": get_policy,
    "ListPolicies": list_policies,
    "DeletePolicy": delete_policy,
    "CreatePolicyVersion": create_policy_version,
    "GetPolicyVersion": get_policy_version,
    "ListPolicyVersions": list_policy_versions,
    "SetDefaultPolicyVersion": set_default_policy_version,
    "DeletePolicyVersion": delete_policy_version,
}


def _own_policy(call: Context, operation: str) -> ManagedPolicy:
    policy = policy_of(call)
    if policy.owner == "aws":
        raise AwsError(
            "AccessDenied",
            f"User: {OPERATOR} is not authorized to perform: iam:{operation} "
            f"on resource: policy {policy.arn}",
        )
    return policy


def _version_id(call: Context, policy: ManagedPolicy) -> str:
    ident: str = call.params["VersionId"]
    if ident not in policy.versions:
        raise AwsError(
            "NoSuchEntity",
            f"Policy {policy.arn} version {ident} does not exist or is not attachable.",
        )
    return ident


def _version(policy: ManagedPolicy, ident: str) -> dict[str, Any]:
    return {
        "VersionId": ident,
        "IsDefaultVersion": ident == policy.default,
        "CreateDate": policy.versions[ident].created,
    }


def _uses(call: Context, policy: ManagedPolicy) -> tuple[int, int]:
    """Count the roles that a policy is attached to, and those that it bounds."""
    attached = sum(policy.arn in role.managed for role in call.world.roles)
    return attached, sum(role.boundary is policy for role in call.world.roles)


def _listed(call: Context, policy: ManagedPolicy) -> dict[str, Any]:
    attached, bounds = _uses(call, policy)
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default,
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounds,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }
