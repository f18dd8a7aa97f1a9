"""Fixes that give a pool, or a snippet, the guest role that it should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.mend import new_guest_role

if TYPE_CHECKING:
    from rumkit.evidence import Evidence
    from rumkit.model import Fix


def other_role(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what puts an existing role in the place of one that does not exist."""
    configured = evidence.configured_or_none("GuestRoleArn")
    if configured and configured != evidence.guest_role_arn:
        if evidence.flow_or_default() == "basic":
            return (
                fixes.configuration(
                    "Put the monitor's guest role into the snippet",
                    fixes.member("guestRoleArn", configured),
                ),
            )
        return (give_role(evidence, configured),)
    return new_guest_role(evidence, evidence.guest_role_arn) or (
        fixes.advice(
            "Make the guest role again",
            f"Create {evidence.guest_role_arn} with a trust policy for {evidence.pool_id} and"
            " rum:PutRumEvents on this monitor, or name another role.",
        ),
    )


def give_role(evidence: Evidence, arn: str) -> Fix:
    """Return the command that gives the pool this guest role."""
    return fixes.set_guest_role(evidence.pool_id, evidence.pool_roles, arn)
