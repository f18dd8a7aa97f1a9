"""IAM roles with every policy that decides what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.aws_names import arn_parts, is_role_arn
from rumkit.model import NotCollected
from rumkit.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rumkit.aws.session import AwsSession
    from rumkit.aws_names import Arn

SERVICE_ROLE = "AWSServiceRoleForCloudWatchRUM"
_WORKERS = 16


@dataclass(frozen=True)
class NamedPolicy:
    """A policy document under the name by which a person finds it; `arn` is empty if inline."""

    name: str
    document: Any
    arn: str = ""


@dataclass(frozen=True)
class RolePolicies:
    """What a role's identity policies are, and which of them could not be read."""

    policies: tuple[NamedPolicy, ...]
    unread: tuple[NotCollected, ...] = ()


@dataclass(frozen=True)
class Role:
    """A role as GetRole describes it; `trust` is its AssumeRolePolicyDocument.

    `id` (AROA…) and `created` tell a role from an earlier one of the same name.
    """

    arn: str
    name: str
    account: str
    trust: Any
    boundary_arn: str | None
    id: str = ""
    created: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def is_service_linked(arn: str) -> bool:
    """Tell whether a role is an AWS service's own, whose trust policy nobody can change."""
    return ":role/aws-service-role/" in arn


def role_name(arn: str) -> Arn:
    """Split a role's ARN. Raises NotCollected (`absent`) when it is none."""
    if not is_role_arn(arn):
        raise NotCollected(
            "guest_role", f"{arn[:200]!r} is not the ARN of an IAM role", absent=True
        )
    return arn_parts(arn)


def read_role(session: AwsSession, arn: str, account: str) -> Role:
    """Return the role that bears the name in an ARN; its path, and so its ARN, may be another.

    Raises NotCollected, also when it belongs to another account.
    """
    named = role_name(arn)
    if named.account != account:
        raise NotCollected(
            "guest_role",
            f"the role {arn} belongs to account {named.account}, these credentials to {account}",
            missing=(f"input:credentials of account {named.account}",),
        )
    return _role(session, named.name, named.account)


def read_service_role(session: AwsSession, account: str) -> Role:
    """Return the role by which RUM itself publishes metrics and sends trace segments.

    Raises NotCollected, `absent` when there is none. Source: CloudWatch user guide, "Using
    service-linked roles for CloudWatch RUM".
    """
    return _role(session, SERVICE_ROLE, account)


def _role(session: AwsSession, name: str, account: str) -> Role:
    reply = session.read("iam", "GetRole", RoleName=name)["Role"]
    return Role(
        arn=str(reply["Arn"]),
        name=name,
        account=account,
        trust=reply.get("AssumeRolePolicyDocument"),
        boundary_arn=reply.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        id=str(reply["RoleId"]),
        created=reply.get("CreateDate"),
        tags={str(tag["Key"]): str(tag["Value"]) for tag in reply.get("Tags", ())},
    )


def read_account_alias(session: AwsSession) -> str:
    """Return the account's alias, an empty text when it has none; an account has one at most."""
    aliases = session.read_all("iam", "ListAccountAliases", "AccountAliases")
    return str(aliases[0]) if aliases else ""


def read_role_policies(session: AwsSession, name: str) -> RolePolicies:
    """Return a role's inline and managed policies; what was refused is listed, not dropped."""
    with Workers(_WORKERS) as pool:
        listings = [
            pool.submit(_inline, session, name, pool.submit),
            pool.submit(_attached, session, name, pool.submit),
        ]
        policies: list[NamedPolicy] = []
        unread: list[NotCollected] = []
        for listing in listings:
            try:
                reads = listing.result()
            except NotCollected as failure:
                unread.append(failure)
                continue
            for read in reads:
                try:
                    policies.append(read.result())
                except NotCollected as failure:
                    unread.append(failure)
    if unread and all(failure.absent for failure in unread) and not policies:
        raise unread[0]
    return RolePolicies(tuple(policies), tuple(unread))


def read_managed_policy(session: AwsSession, arn: str) -> NamedPolicy:
    """Return the default version of a managed policy."""
    policy = session.read("iam", "GetPolicy", PolicyArn=arn)["Policy"]
    version = session.read(
        "iam", "GetPolicyVersion", PolicyArn=arn, VersionId=policy["DefaultVersionId"]
    )
    return NamedPolicy(
        name=str(policy.get("PolicyName", arn)),
        document=version["PolicyVersion"]["Document"],
        arn=arn,
    )


def _inline(session: AwsSession, name: str, submit: Callable[..., Any]) -> list[Any]:
    names = session.read_all("iam", "ListRolePolicies", "PolicyNames", RoleName=name)
    return [submit(_inline_policy, session, name, policy) for policy in names]


def _inline_policy(session: AwsSession, role: str, policy: str) -> NamedPolicy:
    reply = session.read("iam", "GetRolePolicy", RoleName=role, PolicyName=policy)
    return NamedPolicy(name=policy, document=reply["PolicyDocument"])


def attached_arns(session: AwsSession, name: str) -> tuple[str, ...]:
    """Return the ARNs of a role's managed policies."""
    attached = session.read_all(
        "iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=name
    )
    return tuple(str(item["PolicyArn"]) for item in attached)


def _attached(session: AwsSession, name: str, submit: Callable[..., Any]) -> list[Any]:
    return [submit(read_managed_policy, session, arn) for arn in attached_arns(session, name)]


def simulate(session: AwsSession, role_arn: str, action: str, resource: str) -> str:
    """Return IAM's own decision (`allowed`, `implicitDeny`, `explicitDeny`) on a permission.

    The simulator ignores trust policies and resource policies, so it is a second opinion on
    permissions alone. Source: aws/aws-cli issue 10314.
    """
    reply = session.read(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=role_arn,
        ActionNames=[action],
        ResourceArns=[resource],
    )
    results = reply.get("EvaluationResults", [])
    if not results:
        raise NotCollected("simulation", "iam:SimulatePrincipalPolicy gave no result")
    return str(results[0].get("EvalDecision", ""))
