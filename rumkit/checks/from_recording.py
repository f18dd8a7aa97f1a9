"""Fixes with the ids that a recording or a trail holds, where no account was read.

Commands that only look are given whole. What would change a role, a pool or a policy is advice:
whether the role is this site's guest role, and what else it may do, only the account tells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.aws.denial import Denial, denial_of
from rumkit.aws_names import MONITOR_ARN, ROLE_NAME, is_role_arn, known_regions
from rumkit.checks import fixes
from rumkit.client.generations import CDN_HOST

if TYPE_CHECKING:
    from collections.abc import Collection

    from rumkit.model import Fix

_DENIED = re.compile(
    rf"assumed-role/({ROLE_NAME})/({ROLE_NAME}).{{0,300}}?resource: ({MONITOR_ARN})"
)
_ROLE = re.compile(rf"assumed-role/({ROLE_NAME})/")
_ACCOUNT = (
    "Name the monitor and a profile of its account, and the command is printed with the policy"
    " as it is now: rumkit investigate --monitor NAME --profile PROFILE"
)


def permission(message: str) -> tuple[Fix, ...]:
    """Return the permission that a role lacks, when AWS's own message names role and monitor."""
    denial = denial_of(message)
    if denial is not None and (denial.explicit or denial.layer != "identity"):
        return (_by_layer(denial, message),)
    match = _DENIED.search(message)
    if match is None:
        return unnamed_permission()
    role, session, monitor = match.groups()
    if role.startswith("AWSReservedSSO_"):
        return (_no_person(role, session, monitor),)
    return (
        fixes.document(
            "iam-policy",
            f"What {role} lacks, as AWS's answer names it",
            fixes.policy_document(fixes.allow_put_events(monitor)),
            target=role,
            side_effect="Only onto a role of visitors that may do nothing else. With the account,"
            " the command comes with the policy as it is now: rumkit investigate --monitor NAME"
            " --profile PROFILE",
        ),
    )


def refused_role(message: str) -> str:
    """Return the name of the role that AWS's message refuses, empty where it names none."""
    found = _ROLE.search(message)
    return found[1] if found else ""


def _no_person(role: str, session: str, monitor: str) -> Fix:
    """Return what to do where a person signs whose role the Identity Center keeps."""
    return fixes.advice(
        "Give the client other credentials than a person's",
        f"The page hands the client those of {session} ({role}), which the IAM Identity Center"
        " manages: policies put onto that role do not last, and every visitor could hold the"
        " credentials. Let the client use an identity pool with guests (identityPoolId), or give"
        f" setAwsCredentials those of a role that may call rum:PutRumEvents on {monitor} and"
        " nothing else.",
    )


def _by_layer(denial: Denial, message: str) -> Fix:
    """Return where to look for a denial that no further Allow in the role's policies mends."""
    role = refused_role(message)
    of_role = f" of {role}" if role else ""
    if denial.layer == "boundary":
        look = f"aws iam get-role --role-name {role} --query Role.PermissionsBoundary"
        look = look if role else _ACCOUNT
        return fixes.advice(
            f"Change the permissions boundary{of_role}",
            "A boundary allows nothing by itself and limits all that the role's policies allow: it"
            f" must allow rum:PutRumEvents too. {look}",
        )
    if denial.layer == "session":
        return fixes.advice(
            "See which policy the session was given",
            "The role's own policies are not what lacks. Cognito limits guests of the enhanced flow"
            " to a list of services, which has rum:PutRumEvents; a policy that somebody passes with"
            " AssumeRole (own credentials, a broker) must allow it as well.",
        )
    policy = f"the policy {denial.name}" if denial.name else f"one of the policies{of_role}"
    look = f"aws iam list-attached-role-policies --role-name {role}" if role else _ACCOUNT
    if denial.policy:
        look = f"aws iam get-policy --policy-arn {denial.policy}"
    return fixes.advice(
        f"Find the statement that denies in {policy}",
        "Its Deny stands above every Allow, so no further Allow helps: exempt the guest role from"
        f" it, or rum:PutRumEvents, or take the policy off the role. {look}",
    )


def unnamed_permission() -> tuple[Fix, ...]:
    """Return what to do where AWS's answer names neither the role nor the monitor."""
    return (
        fixes.advice(
            "Allow rum:PutRumEvents to the guest role on this monitor",
            "What was recorded of AWS's answer names neither the role nor the monitor, so no policy"
            f" can be written here. {_ACCOUNT}",
        ),
    )


def trust(role: str, pool_ids: Collection[str]) -> tuple[Fix, ...]:
    """Return what to look at in the account for a role that STS does not give."""
    pools = ", ".join(sorted(pool_ids)) or "this page's identity pool"
    named = role if is_role_arn(role) else "the guest role"
    return (
        fixes.advice(
            "Let the guest role trust guests of this identity pool",
            f"{named} must allow sts:AssumeRoleWithWebIdentity to cognito-identity.amazonaws.com"
            f" for the audience {pools} and amr unauthenticated. Pages and browsers name the role,"
            " and they are no authority, so no command is printed that opens it. " + _ACCOUNT,
        ),
    )


def pools_there(pool_ids: Collection[str]) -> tuple[Fix, ...]:
    """Return the commands that list the pools of the regions that ids name, and what then."""
    regions = {pool.partition(":")[0] for pool in pool_ids} & known_regions()
    another = fixes.advice(
        "Give the page an identity pool that exists",
        "Take the id of a pool that admits guests (region:UUID) and put it into the snippet's"
        f" identityPoolId; a pool that was deleted does not come back under its id. {_ACCOUNT}",
    )
    return (*map(list_pools, sorted(regions)), another)


def list_pools(region: str) -> Fix:
    """Return the command that lists a Region's identity pools."""
    words = ["aws", "cognito-identity", "list-identity-pools", "--max-results", "60"]
    return fixes.command("See which identity pools there are", [*words, "--region", region])


def guests(pool_ids: Collection[str]) -> tuple[Fix, ...]:
    """Return how guests are admitted; the call replaces the whole pool, so it needs the account."""
    pools = ", ".join(sorted(pool_ids)) or "the identity pool"
    return (
        fixes.advice(
            f"Admit guests to {pools}",
            "UpdateIdentityPool resets what it is not given, so the command needs the pool's"
            f" whole configuration, which only the account has. {_ACCOUNT}",
            side_effect=fixes.SCANNERS,
        ),
    )


def guest_role(pool_ids: Collection[str]) -> tuple[Fix, ...]:
    """Return how a pool gets a guest role."""
    pools = ", ".join(sorted(pool_ids)) or "the identity pool"
    return (
        fixes.advice(
            f"Give {pools} a guest role that trusts it",
            "The pool has no role for guests, the role does not exist, or it does not trust the"
            f" pool; Cognito gives all three the same answer. {_ACCOUNT}",
        ),
    )


def enhanced_flow(number: tuple[int, ...] | None, *, role_mappings: bool) -> tuple[Fix, ...]:
    """Return how the page leaves the basic flow, in the versions that know the other one.

    A pool with role mappings takes the enhanced flow only, whatever it allows.
    """
    allow = fixes.advice(
        "Or allow the basic (classic) flow on the identity pool",
        "UpdateIdentityPool resets what it is not given, so the command needs the pool's whole"
        f" configuration, which only the account has. {_ACCOUNT}",
    )
    if number is not None and number < (1, 15, 0):
        leave = fixes.client_url(
            "Load a client that knows the enhanced flow, and remove guestRoleArn",
            f"https://{CDN_HOST}/1.x/cwr.js",
        )
    else:
        leave = fixes.configuration(
            "Remove guestRoleArn: this client then uses the enhanced flow",
            "guestRoleArn: undefined",
            side_effect="The pool's own guest role is used then.",
        )
    return (leave,) if role_mappings else (leave, allow)


def monitors_there(region: str) -> tuple[Fix, ...]:
    """Return the command that lists a region's monitors with their ids."""
    if region not in known_regions():
        return ()
    return (
        fixes.command(
            "See which monitors there are, with their ids",
            ["aws", "rum", "list-app-monitors", "--region", region],
        ),
    )


def fresh_storage() -> Fix:
    """Return how a browser gets rid of credentials of another monitor."""
    return fixes.advice(
        "In this browser, clear the site's storage",
        "Remove cwr_c and cwr_i from local storage (developer tools, Application), then reload;"
        " visitors who hold foreign credentials keep them until they expire.",
    )
