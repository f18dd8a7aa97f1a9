"""What the opt-in probe was answered, as a witness of the check that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.errors import is_throttled
from rumkit.checks import names
from rumkit.model import BadInput, NotCollected, Outcome, Proof, Status, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.aws.probe import ProbeResult, ProbeStep
    from rumkit.checks.names import CheckId
    from rumkit.evidence import Evidence

# The check that a refusal answers, by the call that was refused and AWS's code.
_ANSWERS: dict[tuple[str, str], CheckId] = {
    ("GetId", "ResourceNotFoundException"): names.IDENTITY_POOL,
    ("GetId", "NotAuthorizedException"): names.IDENTITY_POOL,
    ("GetOpenIdToken", "InvalidParameterException"): names.CLASSIC_FLOW,
    ("AssumeRoleWithWebIdentity", "AccessDenied"): names.GUEST_ROLE_TRUST,
    ("PutRumEvents", "ResourceNotFoundException"): names.MONITOR_EXISTS,
    ("PutRumEvents", "MissingAuthenticationTokenException"): names.SIGNING,
    ("PutRumEvents", "InvalidSignatureException"): names.ENDPOINT_REGION,
}


def refused(check: CheckId) -> Callable[[Evidence], Outcome | None]:
    """Return the witness that fails where AWS refused the probe a step that this check is about.

    An accepted event is no proof that browsers send, so a probe that came through says nothing
    here; see events-arriving.
    """

    def probed(evidence: Evidence) -> Outcome | None:
        result = _result(evidence)
        failure = result.first_failure if result else None
        if result is None or failure is None or answers(failure, result, evidence) != check:
            return None
        refusal = f"{failure.name} {failure.http_status} {failure.code}: {failure.message}"
        words = f"AWS refused the probe with {refusal.rstrip('.')}."
        return Outcome(Status.FAIL, words, (_proof(result),))

    return probed


def walked(evidence: Evidence) -> Outcome:
    """Return how far the probe's event came; it changes no status."""
    try:
        result = evidence.probe
    except (NotCollected, BadInput) as gap:
        return _remark(f"No probe was sent: {str(gap).rstrip('.')}.")
    failure = result.first_failure
    if failure is None:
        return _remark(
            f"RUM accepted the probe's own event {result.sent_event_id}: the way is open for a"
            " guest with this configuration; whether browsers take it, only their events show.",
            _proof(result),
        )
    status = failure.http_status or "without an answer"
    return _remark(
        f"The probe's event did not arrive: {failure.name} failed ({status} {failure.code}).",
        _proof(result),
    )


def answers(failure: ProbeStep, result: ProbeResult, evidence: Evidence) -> CheckId | None:
    """Return the id of the check that a failed step answers, None for a network's failure."""
    if is_throttled(failure.code):
        put = failure.name == "PutRumEvents"
        return names.THROTTLING if put else names.TOKEN_VENDING_FAILURES
    if failure.name == "GetCredentialsForIdentity" and failure.http_status == 400:
        return names.GUEST_ROLE_TRUST if _role_exists(evidence) else names.POOL_GUEST_ROLE
    if failure.name == "PutRumEvents" and failure.code == "AccessDeniedException":
        unsigned = result.plan.flow == "unsigned"
        return names.RESOURCE_POLICY if unsigned else names.GUEST_ROLE_PERMISSION
    return _ANSWERS.get((failure.name, failure.code))


def _result(evidence: Evidence) -> ProbeResult | None:
    try:
        return evidence.probe
    except (NotCollected, BadInput):
        return None


def _role_exists(evidence: Evidence) -> bool:
    try:
        return bool(evidence.guest_role)
    except NotCollected:
        return False


def _remark(words: str, *proof: Proof) -> Outcome:
    return Outcome(Status.UNKNOWN, words, proof, certain=False)


def _proof(result: ProbeResult) -> Proof:
    rows = tuple(
        (
            step.name,
            step.request,
            step.status,
            str(step.http_status or ""),
            f"{step.code}: {step.message}" if step.code else "",
        )
        for step in result.steps
    )
    return Proof(
        "probe",
        {"flow": result.plan.flow, "event accepted": result.sent_event_id or "none"},
        table=Table(("call", "asked", "came to", "status", "AWS's answer"), rows),
    )
