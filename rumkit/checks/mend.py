"""Fixes for policies: the smallest change that the evaluator has proven to allow the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.aws.policy_mend import minimal_change
from rumkit.checks import fixes
from rumkit.model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.aws.policy_mend import Change
    from rumkit.evidence import Evidence

_POLICY_NAME = "AllowPutRumEvents"


def mend_trust(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what lets guests of the pool assume the guest role."""
    mending = minimal_change(evidence.trust_request, evidence.trust_policies)
    if mending is None:
        return (_by_hand("the role's trust policy"),)
    change = mending.changes[0]
    role = evidence.guest_role
    return (
        fixes.update_trust(role.name, change.after, f"Change the trust policy: {change.words}"),
        fixes.document("trust-policy", "The same as a document", change.after, target=role.arn),
        _difference(mending.changes),
    )


def mend_permission(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what lets the guest role call PutRumEvents on the monitor."""
    mending = minimal_change(evidence.permission_request, evidence.permission_policies)
    if mending is None:
        return (_by_hand("the policies of the guest role"),)
    found = [fix for change in mending.changes for fix in _permission_fixes(evidence, change)]
    return (*found, _difference(mending.changes), _terraform(evidence))


def _permission_fixes(evidence: Evidence, change: Change) -> Iterable[Fix]:
    title = f"Change the policy {change.name}: {change.words}"
    role = evidence.guest_role
    managed = {policy.name: policy.arn for policy in evidence.guest_role_policies.policies}
    boundary = evidence.guest_role_boundary
    if change.layer == "resource":
        yield _resource_fix(evidence, change)
        return
    if change.layer == "boundary" and boundary:
        yield fixes.new_policy_version(boundary.arn, change.after, title)
    elif change.layer == "identity" and managed.get(change.name):
        yield fixes.new_policy_version(managed[change.name], change.after, title)
    elif change.layer == "identity":
        name = change.name if change.before is not None else _POLICY_NAME
        if change.after is None:
            words = ["aws", "iam", "delete-role-policy", "--role-name", role.name]
            yield fixes.command(title, [*words, "--policy-name", name], target=role.arn)
        else:
            yield fixes.put_role_policy(role.name, name, change.after, title)
    if change.after is not None:
        yield fixes.document("iam-policy", "The same as a document", change.after, target=role.arn)


def _resource_fix(evidence: Evidence, change: Change) -> Fix:
    monitor = evidence.monitor
    if change.after is None:
        words = ["aws", "rum", "delete-resource-policy", "--region", monitor.region]
        return fixes.command(
            f"Remove the resource policy: {change.words}", [*words, "--name", monitor.name]
        )
    return fixes.put_resource_policy(
        monitor, change.after, f"Change the resource policy: {change.words}"
    )


def mend_resource_policy(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what lets this client's call pass the monitor's resource policy."""
    unsigned = evidence.flow_or_default() == "unsigned"
    request = evidence.anonymous_request if unsigned else evidence.permission_request
    policies = evidence.anonymous_policies if unsigned else evidence.permission_policies
    mending = minimal_change(request, policies)
    client = _alias_fix(evidence)
    if mending is None:
        return client or (_by_hand("the monitor's resource policy"),)
    found = [
        _resource_fix(evidence, change) for change in mending.changes if change.layer == "resource"
    ]
    return (*client, *found, _difference(mending.changes))


def _alias_fix(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the alias that the resource policy asks for, as client configuration."""
    wanted = _wanted_alias(evidence.resource_policy)
    if wanted is None or wanted == evidence.alias():
        return ()
    return (
        fixes.configuration(
            "Send the alias that the resource policy asks for",
            f"alias: '{wanted}'",
            side_effect="The option exists from client 1.20.0 on.",
        ),
    )


def _wanted_alias(document: Any) -> str | None:
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        for clause in (statement.get("Condition") or {}).values():
            for key, value in clause.items() if isinstance(clause, dict) else ():
                first = value[0] if isinstance(value, list) and value else value
                if key.lower() == "rum:alias" and isinstance(first, str):
                    return first
    return None


def admit_anonymous(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the resource policy that admits unsigned calls to the monitor."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "rum:PutRumEvents",
                "Resource": evidence.monitor_arn,
            }
        ],
    }
    return (
        fixes.put_resource_policy(
            evidence.monitor,
            policy,
            "Or admit unsigned calls by a resource policy",
            side_effect="Anyone who knows the monitor's id can then send events, and each is"
            " billed; a condition on rum:alias or aws:SourceIp narrows it.",
        ),
    )


def _difference(changes: Iterable[Change]) -> Fix:
    lines = [line for change in changes for line in change.difference]
    return fixes.advice("What the change alters", "\n".join(lines))


def _terraform(evidence: Evidence) -> Fix:
    """Return the same permission as Terraform, where roles are usually managed."""
    role, arn = evidence.guest_role.name, evidence.monitor_arn
    text = (
        'resource "aws_iam_role_policy" "put_rum_events" {\n'
        f'  name = "{_POLICY_NAME}"\n'
        f'  role = "{role}"\n'
        "  policy = jsonencode({\n"
        '    Version = "2012-10-17"\n'
        "    Statement = [{\n"
        '      Effect   = "Allow"\n'
        '      Action   = "rum:PutRumEvents"\n'
        f'      Resource = "{arn}"\n'
        "    }]\n"
        "  })\n"
        "}"
    )
    return Fix("terraform", "Where Terraform manages the role", text, target=role)


def _by_hand(what: str) -> Fix:
    return fixes.advice(
        f"Change {what} by hand",
        f"No single change of {what} that rumkit may propose allows the call; the explanation"
        " above names each statement that decides.",
    )
