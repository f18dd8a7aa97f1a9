"""What the probe was answered, put beside the finding that it concerns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rumkit.model import BadInput, NotCollected, Proof, Status, Table

if TYPE_CHECKING:
    from rumkit.aws.probe import ProbeResult, ProbeStep
    from rumkit.evidence import Evidence
    from rumkit.model import Finding

_ARRIVING = "events-arriving"
_THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException"})
# The check that a refusal answers, by the call that was refused and AWS's code.
_ANSWERS = {
    ("GetId", "ResourceNotFoundException"): "identity-pool",
    ("GetId", "NotAuthorizedException"): "identity-pool",
    ("GetOpenIdToken", "InvalidParameterException"): "classic-flow",
    ("AssumeRoleWithWebIdentity", "AccessDenied"): "guest-role-trust",
    ("PutRumEvents", "ResourceNotFoundException"): "monitor-exists",
    ("PutRumEvents", "MissingAuthenticationTokenException"): "signing",
    ("PutRumEvents", "InvalidSignatureException"): "endpoint-region",
}


def with_probe(found: Finding, evidence: Evidence) -> Finding:
    """Return a finding with the probe's answer, when one was asked for and bears on it.

    What AWS just refused a guest is a fail, whatever looked right. An accepted event is no
    proof that browsers send, so it changes no status.
    """
    if not evidence.target.probe:
        return found
    try:
        result = evidence.probe
    except (NotCollected, BadInput) as gap:
        return _not_probed(found, gap) if found.check == _ARRIVING else found
    if found.check == _ARRIVING:
        return _with_the_walk(found, result)
    failure = result.first_failure
    if failure is None or answers(failure, result, evidence) != found.check:
        return found
    return _refused(found, failure, _proof(result))


def answers(failure: ProbeStep, result: ProbeResult, evidence: Evidence) -> str:
    """Return the id of the check that a failed step answers, nothing for a network's failure."""
    if failure.code in _THROTTLED:
        return "throttling" if failure.name == "PutRumEvents" else "token-vending-failures"
    if failure.name == "GetCredentialsForIdentity" and failure.http_status == 400:
        return "guest-role-trust" if _role_exists(evidence) else "pool-guest-role"
    if failure.name == "PutRumEvents" and failure.code == "AccessDeniedException":
        return "resource-policy" if result.plan.flow == "unsigned" else "guest-role-permission"
    return _ANSWERS.get((failure.name, failure.code), "")


def _role_exists(evidence: Evidence) -> bool:
    try:
        return bool(evidence.guest_role)
    except NotCollected:
        return False


def _refused(found: Finding, failure: ProbeStep, proof: Proof) -> Finding:
    said = f"{failure.name} {failure.http_status} {failure.code}: {failure.message}"
    words = f"AWS refused the probe with {said.rstrip('.')}."
    before = "" if found.status is Status.SKIP else f" {found.summary}"
    return replace(
        found,
        status=Status.FAIL,
        summary=f"{words}{before}",
        evidence=(proof, *found.evidence),
        missing=(),
    )


def _with_the_walk(found: Finding, result: ProbeResult) -> Finding:
    failure = result.first_failure
    if failure is None:
        words = (
            f"RUM accepted the probe's own event {result.sent_event_id}: the way is open for a"
            " guest with this configuration; whether browsers take it, only their events show."
        )
    else:
        status = failure.http_status or "without an answer"
        words = (
            f"The probe's event did not arrive: {failure.name} failed ({status} {failure.code})."
        )
    return replace(
        found, summary=f"{found.summary} {words}", evidence=(*found.evidence, _proof(result))
    )


def _not_probed(found: Finding, gap: Exception) -> Finding:
    reason = str(gap).rstrip(".")
    return replace(found, summary=f"{found.summary} No probe was sent: {reason}.")


def _proof(result: ProbeResult) -> Proof:
    rows = tuple(
        (step.name, step.request, step.status, str(step.http_status or ""), _answer(step))
        for step in result.steps
    )
    sent = result.sent_event_id or "none"
    return Proof(
        "probe",
        {"flow": result.plan.flow, "event accepted": sent},
        table=Table(("call", "asked", "came to", "status", "AWS's answer"), rows),
    )


def _answer(step: ProbeStep) -> str:
    return f"{step.code}: {step.message}" if step.code else ""
