"""Does the guest role trust guests of the identity pool?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.roles import is_service_linked
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown
from rumkit.checks.from_recording import trust
from rumkit.checks.from_trail import rows_of, told
from rumkit.checks.mend import mend_trust
from rumkit.checks.observed import seen_to_work
from rumkit.checks.policies import decision_proof, why_not
from rumkit.checks.probed import refused
from rumkit.checks.token_vending.guest_roles import other_role
from rumkit.checks.token_vending.refused_calls import refused_call
from rumkit.checks.words import NO_POOL, VENDED
from rumkit.checks.written import problem_proof, sentence, wrong_value
from rumkit.client.har.conversation import Call, Kind
from rumkit.model import Absent, Fix, Hop, Outcome, Proof, Section
from rumkit.trail.names import TRUST_CHANGES

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_ROLE_BY_HAND = fixes.advice(
    "Give the guest role's whole ARN",
    "aws iam get-role --role-name NAME --query Role.Arn prints it; this client needs it.",
)
_LEAVE_ROLE_OUT = fixes.configuration(
    "Leave guestRoleArn out: the client then uses the enhanced flow and the pool's own role",
    "guestRoleArn: undefined",
)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a trust policy whose `aud` names another identity pool."""
    flow = evidence.flow_or_default()
    if flow not in VENDED:
        return skipped(NO_POOL)
    snippet = evidence.snippet_or_none()
    if snippet and (wrong := wrong_value(snippet, "guestRoleArn")):
        return failed(
            f"{sentence(wrong)} The client gets no credentials.",
            problem_proof(wrong),
            fixes=_right_role(evidence),
        )
    role = evidence.guest_role_lookup
    if isinstance(role, Absent):
        if flow != "basic":
            return skipped("The pool's guest role does not exist: see pool-guest-role.")
        return failed(
            f"The guest role {evidence.guest_role_arn} does not exist: {role.reason}.",
            Proof("iam:GetRole", parameters={"Role": evidence.guest_role_arn}),
            fixes=other_role(evidence),
        )
    if flow != "basic" and is_service_linked(role.arn):
        return skipped("The pool's guest role is a service-linked role: see pool-guest-role.")
    decision = evidence.trust_decision
    proof = decision_proof("iam:GetRole", decision, role=role.arn, pool=evidence.pool_id)
    if decision.outcome == "allowed":
        return passed(f"Guests of the pool may assume {role.name}.", proof)
    if decision.outcome == "cannot-tell":
        return unknown(
            f"Whether guests may assume {role.name} cannot be told: {why_not(decision)}", proof
        )
    symptom = (
        "STS answers AssumeRoleWithWebIdentity with 403 AccessDenied."
        if flow == "basic"
        else "In the enhanced flow GetCredentialsForIdentity answers 400"
        " InvalidIdentityPoolConfigurationException."
    )
    return failed(
        f"Guests of {evidence.pool_id} may not assume {role.name}. {why_not(decision)} {symptom}",
        proof,
        fixes=mend_trust(evidence),
    )


def _right_role(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the monitor's own role, and the flow that needs none, where the client knows it."""
    way = _LEAVE_ROLE_OUT if evidence.behaviour.enhanced_flow else _ROLE_BY_HAND
    named = evidence.configured_or_none("GuestRoleArn")
    if not named:
        return (way,)
    role = fixes.configuration("Name the guest role's ARN", fixes.member("guestRoleArn", named))
    return (role, way)


def observed(evidence: Evidence) -> Outcome | None:
    """Check AssumeRoleWithWebIdentity: the guest role trusts this pool's guests."""
    visit = evidence.visit
    outcome = refused_call(
        visit,
        names.GUEST_ROLE_TRUST,
        _sts_sentence,
        lambda call: trust(_role(call), visit.pool_ids),
    )
    good = [c for c in visit.vending if c.kind is Kind.ASSUME_ROLE and c.accepted]
    if outcome or not good:
        return outcome
    return seen_to_work("STS let the guest assume the role.", good[:1])


def _role(call: Call) -> str:
    return call.vending.role_arn if call.vending else ""


def _sts_sentence(call: Call) -> tuple[str, bool]:
    """Say what STS refuses, and whether that is certain."""
    named = f" for {_role(call)}" if _role(call) else ""
    if call.error_type in {"ValidationError", "ValidationException"}:
        return f"STS does not take guestRoleArn for a role's ARN{named}: {call.trouble}.", True
    return (
        f"Cognito gave a token, and STS answers {call.status} {call.error_type}{named}: the role's"
        " trust policy likely does not admit this pool's guests. A missing role or a service"
        " control policy looks the same from here."
    ), False


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for guests to whom STS did not give the role."""
    rows = rows_of(evidence, names.GUEST_ROLE_TRUST)
    if not rows:
        return None
    role = rows[-1].role
    pools = {row.identity_pool for row in rows if row.identity_pool}
    lead = (
        f"STS does not give guests {role or 'the role'}: its trust policy likely does not admit"
        f" {', '.join(sorted(pools)) or 'the identity pool'}. (A role that does not exist is"
        " answered the same.)"
    )
    return told(evidence, rows, lead, trust(role, pools), certain=False)


CHECK = Check(
    id=names.GUEST_ROLE_TRUST,
    hop=Hop.CREDENTIALS,
    section=Section.TOKEN_VENDING,
    title="The guest role trusts guests of the identity pool",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.GUEST_ROLE_TRUST),
    changes=TRUST_CHANGES,
    docs=(f"{links.COGNITO_GUIDE}/role-trust-and-permissions.html",),
)
