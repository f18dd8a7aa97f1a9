"""Do Cognito and STS refuse browsers? A symptom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import names
from rumkit.checks.base import Check, passed, unknown
from rumkit.checks.observed import not_told, seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.token_vending.refused_calls import decisive
from rumkit.checks.trail_failures import failures_outcome, failures_proof, not_recorded
from rumkit.model import Hop, Outcome, Section
from rumkit.trail.names import COGNITO, STS

if TYPE_CHECKING:
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for AssumeRoleWithWebIdentity calls of browsers that STS refused."""
    seen = evidence.vending
    proof = failures_proof(seen)
    if seen.rows:
        return failures_outcome(evidence, seen.rows, "token call", proof)
    if COGNITO not in seen.holds:
        return not_recorded(evidence, COGNITO, "No STS call of a browser failed. ", proof)
    if STS not in seen.holds:
        return not_recorded(evidence, STS, "No Cognito call of a browser failed. ", proof)
    if not seen.complete:
        return unknown(
            f"No call of a browser failed among those that were read. {' '.join(seen.notes)}",
            proof,
            missing=("setting:deliver a trail to CloudWatch Logs", *evidence.to_record(STS)),
        )
    return passed("No call of a browser to Cognito or STS failed in the window.", proof)


def observed(evidence: Evidence) -> Outcome | None:
    """Collect every failed Cognito and STS call; a symptom."""
    visit = evidence.visit
    bad = [call for call in visit.vending if call.failed]
    if not bad:
        if any(call.ok for call in visit.vending):
            return seen_to_work("Every Cognito and STS call that was answered succeeded.")
        if visit.vending:
            return not_told("No Cognito or STS call was answered before the recording ended.")
        return None
    first = decisive(visit) or bad[0]
    cause = visit.why_silent(first)
    text = (
        f"{first.kind} got no reply: {cause}."
        if cause
        else f"The first bad reply is {first.kind}'s: {first.trouble}."
    )
    if decisive(visit) is None:
        return seen_in_part(f"{text} It worked later in the recording.", bad)
    return seen_to_fail(text + _afterwards(visit), bad)


def _afterwards(visit: Visit) -> str:
    if visit.behaviour.disables == "any-rejection" and visit.version.number:
        return f" After that {visit.label} stops sending until the page is loaded again."
    return ""


CHECK = Check(
    id=names.TOKEN_VENDING_FAILURES,
    hop=Hop.CREDENTIALS,
    section=Section.TOKEN_VENDING,
    title="Browsers get their credentials from Cognito and STS",
    observed=observed,
    recorded=recorded,
    probed=refused(names.TOKEN_VENDING_FAILURES),
    docs=(
        "https://docs.aws.amazon.com/cognito/latest/developerguide/logging-using-cloudtrail.html",
    ),
    symptom=True,
)
