"""Does the monitor's resource policy let this client's calls pass?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, warned
from rumkit.checks.from_trail import rows_of, told
from rumkit.checks.mend import mend_resource_policy
from rumkit.checks.policies import (
    FOR_THE_PUBLIC,
    decision_proof,
    for_the_public,
    not_decided,
    why_not,
)
from rumkit.checks.probed import refused
from rumkit.checks.refusal import refusal_of, refused_outcome
from rumkit.checks.ways_in import ADMIT
from rumkit.checks.words import UNSIGNED
from rumkit.evidence.facts import or_none
from rumkit.model import Hop, Outcome, Section
from rumkit.trail.names import RESOURCE_POLICY_CHANGES

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_READ_IT = fixes.advice(
    "Read the monitor's resource policy",
    "Which statement denies, and which condition it asks for (rum:alias, aws:Referer,"
    " aws:SourceIp), only the account tells: name the monitor and a profile, and the changed"
    " policy is printed. Where it asks for an alias, the client sends one with the option alias.",
)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a resource policy that demands `rum:alias` of a client that sends none."""
    document = evidence.resource_policy
    monitor = evidence.monitor
    if document is None:
        return skipped(f"{monitor.name} has no resource policy.")
    unsigned = evidence.flow_or_default() in UNSIGNED
    decision = evidence.anonymous_decision if unsigned else evidence.permission_decision
    proof = decision_proof(
        "rum:GetResourcePolicy", decision, monitor=monitor.name, alias=evidence.alias() or "none"
    )
    asked = decision
    decision, some_only = for_the_public(evidence, asked, unsigned=unsigned)
    if decision.outcome == "cannot-tell":
        text = f"The resource policy's answer depends on the caller: {why_not(decision)}"
        return not_decided(evidence, text, proof, RESOURCE_POLICY_CHANGES)
    if decision.outcome == "allowed":
        return passed("The monitor's resource policy lets this client's calls pass.", proof)
    by_policy = any(name.layer == "resource" for name in decision.decisive)
    refuses = unsigned or (decision.outcome == "explicitly-denied" and by_policy)
    if refuses and some_only:
        return warned(
            f"Not every visitor may send to {monitor.name}. {why_not(asked)} Those whom it keeps"
            " out are answered 403.",
            proof,
            fixes=(FOR_THE_PUBLIC,),
        )
    if refuses:
        return failed(
            f"The resource policy of {monitor.name} refuses this client. {why_not(decision)}",
            proof,
            fixes=mend_resource_policy(evidence),
        )
    return passed("The monitor's resource policy denies nothing to this client.", proof)


def observed(evidence: Evidence) -> Outcome | None:
    """Check what the refusal says of the monitor's resource policy."""
    visit = evidence.visit
    refusal = refusal_of(visit, names.RESOURCE_POLICY)
    if refusal is None:
        return None
    text = f"PutRumEvents is refused: {refusal.why}."
    return refused_outcome(visit, refusal, text, (_READ_IT,))


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for calls that the resource policy denied, or did not allow where none else could."""
    untold = or_none(lambda: evidence.permission_decision.outcome) == "cannot-tell"
    rows = rows_of(evidence, names.RESOURCE_POLICY, undecided=untold)
    if not rows:
        return None
    unsigned = rows[-1].principal == "anonymous"
    lead = (
        "The client sends unsigned, and the monitor has no resource policy that admits its calls."
        if unsigned
        else "The monitor's resource policy refuses this client."
    )
    return told(evidence, rows, lead, (ADMIT if unsigned else _READ_IT,))


CHECK = Check(
    id=names.RESOURCE_POLICY,
    hop=Hop.AUTHORIZE,
    section=Section.RETURNS_403,
    title="The monitor's resource policy lets this client's calls pass",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.RESOURCE_POLICY),
    changes=RESOURCE_POLICY_CHANGES,
    docs=(f"{links.MONITORING}/CloudWatch-RUM-resource-policies.html",),
)
