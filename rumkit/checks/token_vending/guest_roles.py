"""Fixes that give a pool, or a snippet, the guest role that it should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.roles import Role
from rumkit.checks import authority, fixes
from rumkit.checks.mend import new_guest_role

if TYPE_CHECKING:
    from rumkit.evidence import Evidence
    from rumkit.model import Fix


def other_role(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what puts an existing role in the place of one that does not exist."""
    namesake = evidence.role_of_that_name
    configured = evidence.configured_or_none("GuestRoleArn")
    exists = namesake.arn if isinstance(namesake, Role) else configured
    if exists and exists != evidence.guest_role_arn:
        if evidence.flow_or_default() == "basic":
            title = "Put the ARN of a role that exists into the snippet"
            return (fixes.configuration(title, fixes.member("guestRoleArn", exists)),)
        return give_role(evidence, exists)
    return new_guest_role(evidence, evidence.guest_role_arn) or (
        fixes.advice(
            "Make the guest role again",
            "Create the role with a trust policy for guests of the identity pool and"
            " rum:PutRumEvents on this monitor, or name another role.",
        ),
    )


def give_role(evidence: Evidence, arn: str) -> tuple[Fix, ...]:
    """Return what gives the pool a role that the account has."""
    doubts = authority.given_role_doubts(evidence, arn)
    if doubts:
        return (authority.withheld("Give the identity pool its guest role", doubts),)
    roles = evidence.pool_roles
    undo = fixes.command("undo", fixes.guest_role_words(evidence.pool_id, roles, roles.guest))
    made = (fixes.set_guest_role(evidence.pool_id, roles, arn),)
    return authority.marked(evidence, "widens access", made, undo=undo)
