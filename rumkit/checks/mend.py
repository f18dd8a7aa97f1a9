"""Fixes for policies: the smallest change that the evaluator has proven to allow the call."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rumkit.aws.policy.conditions import take_apart
from rumkit.aws.policy.document import parse_document
from rumkit.aws.policy.mend import minimal_change
from rumkit.aws.policy.mend_statements import new_statement
from rumkit.aws.policy.types import Policies, PolicyDocument
from rumkit.aws.roles import role_name
from rumkit.aws.rum_requests import put_rum_events_request, web_identity_request
from rumkit.checks import authority, fixes, infrastructure
from rumkit.checks.words import UNSIGNED
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.aws.policy.mend import PolicyChange
    from rumkit.aws.policy.types import Request
    from rumkit.evidence import Evidence
    from rumkit.model import Fix


def mend_trust(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what lets guests of the pool assume the guest role."""
    doubts = authority.role_doubts(evidence)
    if doubts:
        return (authority.withheld("Let guests assume the role that is meant for them", doubts),)
    mending = minimal_change(evidence.trust_request, evidence.trust_policies)
    if mending is None:
        return (_by_hand("the role's trust policy"),)
    change = mending.changes[0]
    role = evidence.guest_role
    made = (
        fixes.update_trust(role.name, change.after, f"Change the trust policy: {change.words}"),
        fixes.document("trust-policy", "The same as a document", change.after, target=role.arn),
        *infrastructure.trust_policy(role.name, change.after, _path(role.arn, role.name)),
        _difference(mending.changes),
    )
    undo = fixes.update_trust(role.name, role.trust, "undo")
    return authority.marked(evidence, "widens access", made, undo=undo)


def mend_permission(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what lets the guest role call PutRumEvents on the monitor."""
    doubts = authority.role_doubts(evidence)
    if doubts:
        title = "Let the role that is meant for guests call PutRumEvents"
        return (authority.withheld(title, doubts),)
    mending = minimal_change(evidence.permission_request, evidence.permission_policies)
    if mending is None:
        return (_by_hand("the policies of the guest role"),)
    made = [fix for change in mending.changes for fix in _permission_fixes(evidence, change)]
    return (*made, _difference(mending.changes))


def _permission_fixes(evidence: Evidence, change: PolicyChange) -> tuple[Fix, ...]:
    if change.layer == "resource":
        return _resource_fixes(evidence, change)
    name, title = change.name, f"Change the policy {change.name}: {change.words}"
    if change.before is None:
        name, title = fixes.POLICY_NAME, f"Create the policy {fixes.POLICY_NAME}"
    role = evidence.guest_role
    managed = {policy.name: policy.arn for policy in evidence.guest_role_policies.policies}
    boundary = evidence.guest_role_boundary
    shared = boundary.arn if change.layer == "boundary" and boundary else managed.get(change.name)
    made: list[Fix] = []
    undo = None
    if shared:
        made.append(fixes.new_policy_version(shared, change.after, title))
        made += infrastructure.managed_policy(shared.rsplit("/", 1)[-1], change.after)
        undo = fixes.new_policy_version(shared, change.before, "undo")
    elif change.layer == "identity":
        delete = fixes.delete_role_policy(role.name, name, title)
        if change.after is None:
            made.append(delete)
        else:
            made.append(fixes.put_role_policy(role.name, name, change.after, title))
            made += infrastructure.role_policy(role.name, name, change.after)
        undo = delete
        if change.before is not None:
            undo = fixes.put_role_policy(role.name, name, change.before, "undo")
    if change.after is not None:
        onto = shared or role.arn
        made.append(
            fixes.document("iam-policy", "The same as a document", change.after, target=onto)
        )
    return authority.marked(evidence, "widens access", made, undo=undo)


def _resource_fixes(evidence: Evidence, change: PolicyChange) -> tuple[Fix, ...]:
    monitor = evidence.monitor
    doubts = authority.monitor_doubts(evidence)
    if doubts:
        return (authority.withheld(f"Change the resource policy: {change.words}", doubts),)
    if change.after is None:
        title = f"Remove the resource policy: {change.words}"
        made: tuple[Fix, ...] = (fixes.delete_resource_policy(monitor, title),)
    else:
        title = f"Change the resource policy: {change.words}"
        made = (
            fixes.put_resource_policy(monitor, change.after, title),
            *infrastructure.resource_policy(monitor, change.after),
        )
    return authority.marked(evidence, "widens access", made, undo=_old_resource_policy(evidence))


def _old_resource_policy(evidence: Evidence) -> Fix:
    """Return the command that restores the resource policy, or the monitor's having none."""
    monitor, before = evidence.monitor, evidence.resource_policy
    if before is None:
        return fixes.delete_resource_policy(monitor, "undo")
    return fixes.put_resource_policy(monitor, before, "undo")


def mend_resource_policy(evidence: Evidence) -> tuple[Fix, ...]:
    """Return what lets this client's call pass the monitor's resource policy."""
    unsigned = evidence.flow_or_default() in UNSIGNED
    request = evidence.anonymous_request if unsigned else evidence.permission_request
    policies = evidence.anonymous_policies if unsigned else evidence.permission_policies
    mending = minimal_change(request, policies)
    client = _alias_fix(evidence)
    if mending is None:
        return client or (_by_hand("the monitor's resource policy"),)
    made = [
        fix
        for change in mending.changes
        if change.layer == "resource"
        for fix in _resource_fixes(evidence, change)
    ]
    return (*client, *made, _difference(mending.changes))


def _alias_fix(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the alias that the resource policy asks for, as client configuration."""
    wanted = _wanted_alias(evidence.resource_policy)
    if wanted is None or wanted == evidence.alias():
        return ()
    return (
        fixes.configuration(
            "Send the alias that the resource policy asks for",
            fixes.member("alias", wanted),
            side_effect="The option exists from client 1.20.0 on.",
        ),
    )


def _wanted_alias(document: Any) -> str | None:
    """Return the first alias that an Allow asks for, or that a Deny spares."""
    for statement in parse_document(PolicyDocument("", document), "resource").statements:
        for clause in statement.conditions:
            test = take_apart(clause)
            spares = test is not None and test.operator.negated
            wanted = clause.key.lower() == "rum:alias" and clause.values
            if wanted and spares is (statement.effect == "Deny"):
                return clause.values[0]
    return None


def admit_anonymous(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the resource policy that admits unsigned calls to the monitor."""
    title = "Or admit unsigned calls by a resource policy"
    policy = public_policy(evidence.monitor_arn)
    doubts = (*authority.monitor_doubts(evidence), *public_doubts(evidence, policy))
    if doubts:
        return (authority.withheld(title, doubts),)
    made = (
        fixes.put_resource_policy(
            evidence.monitor,
            policy,
            title,
            side_effect="Anyone who knows the monitor's id can then send events, and each is"
            " billed; a condition on rum:alias or aws:SourceIp narrows it.",
        ),
        *infrastructure.resource_policy(evidence.monitor, policy),
    )
    return authority.marked(evidence, "widens access", made, undo=_old_resource_policy(evidence))


def public_policy(monitor_arn: str) -> dict[str, Any]:
    """Return the resource policy that lets everybody put events to a monitor."""
    return fixes.policy_document(fixes.allow_put_events(monitor_arn, Principal="*"))


def public_doubts(evidence: Evidence, policy: Any) -> tuple[str, ...]:
    """Return why a policy for unsigned calls may not replace the monitor's; empty when it may."""
    return authority.opening_doubts(
        lambda: (
            evidence.anonymous_request,
            evidence.anonymous_policies,
            Policies(resource=PolicyDocument(evidence.monitor.name, policy)),
        )
    )


def narrow_permission(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the least that the guest role needs; what it denies stays denied."""
    doubts = authority.role_doubts(evidence)
    if doubts:
        title = "Give guests a role of their own that holds nothing beyond RUM"
        return (authority.withheld(title, doubts),)
    role, policies = evidence.guest_role, evidence.guest_role_policies.policies
    kept = [each for policy in policies for each in _denials(policy.document)]
    document = fixes.policy_document(fixes.allow_put_events(evidence.monitor_arn), *kept)
    title = "Allow the guest role no more than this"
    narrower = replace(
        evidence.permission_policies, identity=(PolicyDocument("identity", document),)
    )
    doubts = authority.opening_doubts(
        lambda: (evidence.permission_request, evidence.permission_policies, narrower)
    )
    if doubts:
        return (authority.withheld(title, doubts),)
    lost = "Whatever else uses this role loses the rest of its permissions."
    written = fixes.document(
        "iam-policy", title, document, target=evidence.guest_role_arn, side_effect=lost
    )
    if len(policies) != 1 or policies[0].arn:
        return authority.marked(evidence, "narrows access", [written])
    name = policies[0].name
    made = (
        replace(fixes.put_role_policy(role.name, name, document, title), side_effect=lost),
        *infrastructure.role_policy(role.name, name, document),
        written,
    )
    undo = fixes.put_role_policy(role.name, name, policies[0].document, "undo")
    return authority.marked(evidence, "narrows access", made, undo=undo)


def _denials(document: Any) -> list[dict[str, Any]]:
    """Return the statements that deny, of a document that may hold one alone or none."""
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    listed = statements if isinstance(statements, list) else [statements]
    return [each for each in listed if isinstance(each, dict) and each.get("Effect") == "Deny"]


def new_guest_role(evidence: Evidence, arn: str = "") -> tuple[Fix, ...]:
    """Return the commands that make the guest role again, or a new one that the pool gets.

    Empty when the account or the monitor is not known.
    """
    try:
        account, monitor_arn = evidence.caller, evidence.monitor_arn
        wanted = (
            arn or f"arn:{account.partition}:iam::{account.account}:role/{_role_name(evidence)}"
        )
        named = role_name(wanted)
    except NotCollected:
        return ()
    if named.account != account.account:
        return ()
    purpose = "Make a guest role and give it to the pool"
    if doubts := authority.new_role_doubts(evidence, arn):
        return (authority.withheld(purpose, doubts),)
    enhanced = evidence.flow_or_default() == "enhanced"
    request = web_identity_request(evidence.pool_id, wanted, enhanced=enhanced)
    trust = fixes.policy_document(new_statement("trust", request))
    allow = fixes.policy_document(fixes.allow_put_events(monitor_arn))
    if doubts := new_role_opens(request, trust, allow, monitor_arn):
        return (authority.withheld(purpose, doubts),)
    path = _path(wanted, named.name)
    made = fixes.make_role(named.name, path, trust, allow)
    title = f"Make the guest role {named.name}"
    forms = (
        *infrastructure.trust_policy(named.name, trust, path),
        *infrastructure.role_policy(named.name, fixes.POLICY_NAME, allow),
    )
    removed = fixes.remove_role(named.name)
    if arn:
        undo = fixes.command("undo", *removed)
        created = fixes.command(title, *made, target=arn)
        return authority.marked(evidence, "widens access", (created, *forms), undo=undo)
    given = fixes.guest_role_words(evidence.pool_id, evidence.pool_roles, wanted)
    created = fixes.command(
        f"{title} and give it to the pool", *made, given, target=evidence.pool_id
    )
    before = fixes.guest_role_words(evidence.pool_id, evidence.pool_roles, None)
    undo = fixes.command("undo", before, *removed)
    pool = infrastructure.pool_roles(evidence.pool_id, {"unauthenticated": wanted})
    return authority.marked(evidence, "widens access", (created, *forms, *pool), undo=undo)


def new_role_opens(request: Request, trust: Any, allow: Any, monitor_arn: str) -> tuple[str, ...]:
    """Return why a role may not be made: it trusts, or may do, more than is meant."""
    role = request.resource
    put = put_rum_events_request(monitor_arn, role_arn=role, pool_id=request.facts["pool_id"])
    trusting = Policies(trust=PolicyDocument("trust", trust))
    allowing = Policies(identity=(PolicyDocument("permission", allow),))
    return (
        *authority.opening_doubts(lambda: (request, Policies(), trusting)),
        *authority.opening_doubts(lambda: (put, Policies(), allowing)),
    )


def _path(arn: str, name: str) -> str:
    """Return the path of a role, as its ARN has it before the name."""
    return arn.partition(":role")[2].removesuffix(name)


def _role_name(evidence: Evidence) -> str:
    """Return a name for a new role: 64 of the characters that IAM takes."""
    plain = re.sub(r"[^\w+=,.@-]", "-", evidence.monitor.name, flags=re.ASCII)
    return f"RUM-Monitor-{plain[:46]}-Guest"


def _difference(changes: Iterable[PolicyChange]) -> Fix:
    lines = [line for change in changes for line in change.difference]
    return fixes.advice("What the change alters", "\n".join(lines))


def _by_hand(what: str) -> Fix:
    return fixes.advice(
        f"Change {what} by hand",
        f"No single change of {what} that rumkit may propose allows the call; the explanation"
        " above names each statement that decides.",
    )
