"""The ways in which a client that has none gets credentials, or needs none.

What exists is named; what has to be created is given whole, as commands and as infrastructure
code. Sources: "Authorize your application to send data to AWS" in the RUM user guide; the
API references of Cognito identity pools, IAM and CloudWatch RUM.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rumkit.aws.partitions import cognito_provider
from rumkit.aws.rum_requests import web_identity_request
from rumkit.checks import authority, fixes, infrastructure
from rumkit.checks.mend import new_role_opens, public_doubts, public_policy
from rumkit.model import Fix, NotCollected

if TYPE_CHECKING:
    from rumkit.aws.monitor import Monitor
    from rumkit.evidence import Evidence

SLIM_SIGNS = fixes.advice(
    "Let the slim build sign",
    "Give it setSigningConfigFactory(createSigningConfig) of @aws-rum/web-core and credentials"
    " with setAwsCredentials, or load the full build, which signs with an identity pool.",
)
ADMIT = fixes.advice(
    "Or let the monitor admit unsigned calls",
    "Put a resource policy on the monitor that allows rum:PutRumEvents to everyone; with the"
    " monitor and a profile of its account named, rumkit prints it whole.",
    side_effect="Anyone who knows the monitor's id can then send events, and each is billed.",
)
_ANYONE = (
    "Anyone who knows the monitor's id can then send events, and each is billed; a condition on"
    " rum:alias narrows it."
)
_BY_HAND = fixes.advice(
    "Name an identity pool that admits guests, or let the monitor admit unsigned calls",
    "Which pool exists, and which monitor this is, was not read, so nothing can be pasted:"
    " name the monitor (--monitor) and sign in to its account, and the commands are printed"
    " with their ids. `aws rum get-app-monitor --name NAME` shows the pool of a monitor.",
)
_MADE = "00000000-0000-0000-0000-000000000000"
_PRINT = "echo \"identityPoolId: '$POOL'\""


def ways_to_credentials(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what lets the client send, the shortest way first; never empty."""
    ways = _existing_pool(evidence)
    if evidence.admits_anyone():
        ways = (_unsigned("Send unsigned: the monitor's resource policy admits it"), *ways)
    return ways or _made(evidence) or (_BY_HAND,)


def _unsigned(title: str) -> Fix:
    """Return the line that lets a client without a pool send unsigned."""
    return fixes.configuration(
        title, "signing: false", side_effect="The option counts from client 1.11.0 on."
    )


def _existing_pool(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the monitor's own pool, or the one pool of the account that is made for it."""
    pool = evidence.configured_or_none("IdentityPoolId") or evidence.only_matching_pool()
    if not pool:
        return ()
    return (
        fixes.configuration(
            "Name the monitor's identity pool",
            fixes.member("identityPoolId", pool),
            side_effect=fixes.SCANNERS,
        ),
    )


def _made(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the whole set that makes a pool with a guest role, and the unsigned way beside it."""
    try:
        monitor, arn, account = evidence.monitor, evidence.monitor_arn, evidence.caller
    except NotCollected:
        return ()
    name = re.sub(r"[^\w+=,.@-]", "-", monitor.name, flags=re.ASCII)[:40]
    role = f"RUM-Monitor-{name}-Guest"
    role_arn = f"arn:{account.partition}:iam::{account.account}:role/{role}"
    allow = fixes.policy_document(fixes.allow_put_events(arn))
    pool = f"{monitor.region}:{_MADE}"
    trust = _trust(monitor.region, pool)
    doubts = (
        *authority.monitor_doubts(evidence),
        *new_role_opens(web_identity_request(pool, role_arn), trust, allow, arn),
    )
    if doubts:
        return (authority.withheld("Make an identity pool with a guest role", doubts),)
    in_template = _trust(monitor.region, infrastructure.POOL_ID)
    made = (
        _pool_commands(monitor, f"RUM-{name}", role, role_arn, allow),
        *infrastructure.pool_with_role(f"RUM-{name}", role, in_template, allow),
        _public_policy(evidence, arn),
    )
    then = _unsigned("And, where the resource policy was put, send unsigned")
    return (*authority.marked(evidence, "widens access", made), then)


def _pool_commands(monitor: Monitor, pool: str, role: str, role_arn: str, allow: Any) -> Fix:
    """Return the commands in the order in which each needs what the one before made."""
    region = ["--region", monitor.region]
    made = f"{monitor.region}:{_MADE}"
    make = ["aws", "cognito-identity", "create-identity-pool", *region]
    make += ["--identity-pool-name", pool, "--allow-unauthenticated-identities"]
    make += ["--query", "IdentityPoolId", "--output", "text"]
    create = ["aws", "iam", "create-role", "--role-name", role]
    create += ["--assume-role-policy-document", fixes.compact(_trust(monitor.region, made))]
    permit = ["aws", "iam", "put-role-policy", "--role-name", role]
    permit += ["--policy-name", fixes.POLICY_NAME, "--policy-document", fixes.compact(allow)]
    give = ["aws", "cognito-identity", "set-identity-pool-roles", *region]
    give += ["--identity-pool-id", made, "--roles", fixes.compact({"unauthenticated": role_arn})]
    title = "Make an identity pool with a guest role; the last line prints what the page needs"
    fix = fixes.command(title, make, create, permit, give, side_effect=fixes.SCANNERS)
    if fix.kind != "aws-cli":
        return fix
    first, *rest = fix.text.splitlines()
    lines = [f"POOL=$({first})", *(_with_pool(line, made) for line in rest), _PRINT]
    return replace(fix, text="\n".join(lines), target=monitor.name)


def _with_pool(line: str, made: str) -> str:
    """Put the shell variable in the place of the id that stands for the pool that is made.

    Inside a document, which stands in single quotes, the quotes are closed around it.
    """
    return line.replace(f'"{made}"', '"\'"$POOL"\'"').replace(made, '"$POOL"')


def _trust(region: str, pool: str | infrastructure.Reference) -> dict[str, Any]:
    """Return the trust policy for guests of one pool, by its id or a template's reference."""
    provider = cognito_provider(region)
    return fixes.policy_document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider.name},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {provider.key("aud"): pool},
                "ForAnyValue:StringLike": {provider.key("amr"): "unauthenticated"},
            },
        }
    )


def _public_policy(evidence: Evidence, arn: str) -> Fix:
    policy = public_policy(arn)
    title = "Or admit unsigned calls, without any pool"
    doubts = public_doubts(evidence, policy)
    if doubts:
        return authority.withheld(title, doubts)
    return fixes.put_resource_policy(evidence.monitor, policy, title, side_effect=_ANYONE)
