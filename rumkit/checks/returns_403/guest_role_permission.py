"""May the guest role call PutRumEvents on this monitor?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.denial import denial_of
from rumkit.aws.policy.excess import excess_permissions
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, warned
from rumkit.checks.from_recording import permission, refused_role, unnamed_permission
from rumkit.checks.from_trail import rows_of
from rumkit.checks.mend import mend_permission, narrow_permission
from rumkit.checks.observed import seen_to_fail, seen_to_work
from rumkit.checks.policies import (
    FOR_THE_PUBLIC,
    decision_proof,
    for_the_public,
    not_decided,
    why_not,
)
from rumkit.checks.probed import refused
from rumkit.checks.refusal import other_regions, refusal_of, refused_outcome
from rumkit.checks.trail_failures import failures_proof, passed_since
from rumkit.checks.words import VENDED, count
from rumkit.evidence.facts import or_none
from rumkit.model import Hop, Outcome, Proof, Section
from rumkit.target import iso
from rumkit.trail.names import PERMISSION_CHANGES

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_WORKS_NOW = fixes.advice(
    "Paste nothing while it works",
    "The same browser's later batches were accepted: the permission was given meanwhile. If it"
    " comes and goes, the trail tells who changes it: --monitor NAME --profile PROFILE.",
)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a role whose policy names `appmonitor/shop` when the monitor is `shop-v2`."""
    if evidence.flow_or_default() not in VENDED:
        return skipped("This client does not sign with the credentials of a guest role.")
    decision = evidence.permission_decision
    role = evidence.guest_role.name
    proof = decision_proof(
        "iam:GetRolePolicy",
        decision,
        role=evidence.guest_role_arn,
        resource=evidence.monitor_arn,
        simulator=evidence.simulation_or_reason(),
    )
    asked = decision
    decision, some_only = for_the_public(evidence, asked)
    unread = evidence.guest_role_policies.unread
    if unread and decision.outcome != "explicitly-denied":
        raise unread[0]
    layers = {name.layer for name in decision.decisive}
    if decision.outcome == "explicitly-denied" and layers == {"resource"}:
        return skipped(
            f"The monitor's resource policy denies the call, whatever {role} may: see"
            " resource-policy.",
            proof,
        )
    if decision.outcome == "cannot-tell":
        text = f"Whether {role} may call PutRumEvents cannot be told: {why_not(decision)}"
        return not_decided(evidence, text, proof, PERMISSION_CHANGES)
    if decision.outcome != "allowed" and some_only:
        return warned(
            f"Not every visitor may send to {evidence.monitor.name}. {why_not(asked)} To all others"
            f" the guest role {role} gives no rum:PutRumEvents; they are answered 403.",
            proof,
            fixes=(FOR_THE_PUBLIC,),
        )
    if decision.outcome != "allowed":
        return failed(
            f"The guest role {role} may not call rum:PutRumEvents on {evidence.monitor.name}."
            f" {why_not(decision)} PutRumEvents answers 403 AccessDeniedException."
            f"{_made_again(evidence)}",
            proof,
            fixes=mend_permission(evidence),
        )
    return _too_much(evidence, proof)


def _made_again(evidence: Evidence) -> str:
    created = evidence.guest_role.created
    if created is None or created < evidence.target.window.since:
        return ""
    return (
        f" The role was created at {iso(created)}, within the window: it was likely deleted and"
        " made again without its policies."
    )


def _too_much(evidence: Evidence, proof: Proof) -> Outcome:
    role = evidence.guest_role.name
    excess = excess_permissions(evidence.permission_policies, evidence.monitor_arn)
    if not excess:
        return passed(f"{role} may call rum:PutRumEvents on {evidence.monitor.name}.", proof)
    return warned(
        f"{role} may call PutRumEvents, and more than that; anyone on the internet can hold its"
        f" credentials: {'; '.join(excess[:5])}.",
        proof,
        fixes=narrow_permission(evidence),
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Check whether the guest role may put events on this monitor."""
    visit = evidence.visit
    if refusal := refusal_of(visit, names.GUEST_ROLE_PERMISSION):
        likely = "" if refusal.certain else " The role's policies likely lack rum:PutRumEvents."
        likely += other_regions(visit, refusal.call)
        healed = visit.healed(refusal.call)
        text = f"PutRumEvents {'was' if healed else 'is'} refused: {refusal.why}.{likely}"
        ways = (_WORKS_NOW,) if healed else permission(refusal.call.error_message)
        return refused_outcome(visit, refusal, text, ways)
    denied = [r for r in visit.unrecorded_puts if r.status == 403]
    if denied and any(call.accepted for call in visit.vending):
        return seen_to_fail(
            f"The console says that {denied[0].host} answers 403, to credentials that were fetched"
            " on this page: the role's policies likely lack rum:PutRumEvents on this monitor.",
            certain=False,
            fixes=unnamed_permission(),
        )
    signed = [c for c in visit.delivered if c.signature and c.signature.signed]
    return seen_to_work("The role may put events on this monitor.", signed[:1]) if signed else None


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail by what AWS said of refused calls, where the account's own policies can't be read."""
    untold = or_none(lambda: evidence.permission_decision.outcome) == "cannot-tell"
    rows = rows_of(evidence, names.GUEST_ROLE_PERMISSION, undecided=untold)
    if not rows:
        return None
    last = rows[-1]
    denial, message = denial_of(last.error_message), last.error_message
    role = last.role.rpartition("/")[2] or refused_role(message) or "The guest role"
    text = (
        f"{role} may not call rum:PutRumEvents: {count(len(rows), 'call')} refused"
        f"{f' {denial.words}' if denial else ''}, the last at {iso(last.time)}."
    )
    since_then = passed_since(evidence.put_events, rows)
    say = warned if since_then else failed
    return say(
        f"{text} {since_then}".rstrip(),
        failures_proof(evidence.put_events, rows),
        fixes=permission(message),
        certain=denial is not None,
    )


CHECK = Check(
    id=names.GUEST_ROLE_PERMISSION,
    hop=Hop.AUTHORIZE,
    section=Section.RETURNS_403,
    title="The guest role may call PutRumEvents on this app monitor, and no more",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.GUEST_ROLE_PERMISSION),
    changes=PERMISSION_CHANGES,
    docs=(f"{links.MONITORING}/CloudWatch-RUM-get-started-authorization.html",),
)
