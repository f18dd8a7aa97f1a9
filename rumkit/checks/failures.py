"""The two symptoms that CloudTrail shows: failed token vending and denied PutRumEvents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.words import count
from rumkit.model import Hop, Proof, Section, Table
from rumkit.target import iso
from rumkit.trail.names import COGNITO, PUT_RUM_EVENTS, STS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome
    from rumkit.trail.events import TrailEvent
    from rumkit.trail.query import TrailResult

_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling"}
_ROWS = 8
_TEXT = 160
_LOGGING = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/logging_cw_api_calls.html"
)


def token_vending_failures(evidence: Evidence) -> Outcome:
    """Fail for AssumeRoleWithWebIdentity calls of browsers that STS refused."""
    seen = evidence.vending
    proof = _proof(seen)
    if seen.rows:
        return _judged(evidence, seen.rows, "token call", proof)
    if COGNITO not in seen.holds:
        return _not_recorded(evidence, COGNITO, "No STS call of a browser failed. ", proof)
    if STS not in seen.holds:
        return _not_recorded(evidence, STS, "No Cognito call of a browser failed. ", proof)
    if not seen.complete:
        return unknown(
            f"No call of a browser failed among those that were read. {' '.join(seen.notes)}",
            proof,
            missing=("setting:deliver a trail to CloudWatch Logs", *evidence.to_record(STS)),
        )
    return passed("No call of a browser to Cognito or STS failed in the window.", proof)


def put_events_denied(evidence: Evidence) -> Outcome:
    """Fail for PutRumEvents calls that ended in AccessDenied."""
    if PUT_RUM_EVENTS not in evidence.trail.holds:
        return _not_recorded(evidence, PUT_RUM_EVENTS, "")
    seen = evidence.put_events
    denied = [row for row in seen.rows if "throttl" not in row.error_code.lower()]
    proof = _proof(seen, denied)
    if denied:
        return _judged(evidence, denied, "PutRumEvents call", proof)
    return passed(
        "No PutRumEvents call was denied in the window. (Whether unsigned calls that are refused"
        " are recorded at all is not documented.)",
        proof,
    )


def _not_recorded(evidence: Evidence, kind: str, lead: str, *proof: Proof) -> Outcome:
    survey = evidence.survey_or_none()
    return unknown(
        lead + evidence.not_recorded(kind),
        *proof,
        fixes=survey.fixes((PUT_RUM_EVENTS, COGNITO)) if survey and not survey.refusals else (),
        missing=evidence.to_record(kind),
    )


def _judged(evidence: Evidence, rows: Sequence[TrailEvent], what: str, proof: Proof) -> Outcome:
    """Fail while failures go on; warn when events have arrived since the last of them."""
    first, last = rows[0], rows[-1]
    words = (
        f"{count(len(rows), what)} failed between {iso(first.time)} and {iso(last.time)}; most"
        f" often {_reasons(rows)}."
    )
    arrived = evidence.last_arrival()
    if arrived is not None and arrived > last.time:
        return warned(f"{words} Events have arrived since.", proof)
    return failed(words, proof, fixes=(_what_remains(rows),))


def _what_remains(rows: Sequence[TrailEvent]) -> Fix:
    """Say where to look when no other check names the cause."""
    codes = {row.error_code for row in rows}
    if codes & _THROTTLED:
        return fixes.advice(
            "Ask AWS for a higher quota of these calls",
            "Service Quotas, Amazon Cognito Identity Pools: the rate of GetId,"
            " GetOpenIdToken and GetCredentialsForIdentity. A longer session (allowCookies: true)"
            " asks less often.",
        )
    return fixes.advice(
        "Where no other check names the cause, read the policies of the organisation",
        "Service control policies and resource control policies deny whatever the account's own"
        " policies allow; only the organisation's management account can change them:"
        " aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY"
        " --target-id ACCOUNT_ID. The messages of the refused calls say which kind denied.",
    )


def _reasons(rows: Sequence[TrailEvent]) -> str:
    (code, name), number = Counter((row.error_code, row.name) for row in rows).most_common(1)[0]
    return f"{name} with {code} ({number})"


def _proof(seen: TrailResult, rows: Sequence[TrailEvent] | None = None) -> Proof:
    rows = seen.rows if rows is None else rows
    since, until = seen.window.iso()
    groups = Counter(
        (row.name, row.error_code, row.error_message[:_TEXT], row.role or row.identity_pool)
        for row in rows
    )
    table = tuple((*map(str, key), str(number)) for key, number in groups.most_common(_ROWS))
    values: dict[str, object] = {"source": seen.source, "failed calls": len(rows)}
    if seen.unread:
        values["records that could not be read"] = sum(seen.unread.values())
    if seen.notes:
        values["notes"] = " ".join(seen.notes)
    return Proof(
        "cloudtrail",
        values,
        since=since,
        until=until,
        table=Table(("call", "error", "message", "role or pool", "calls"), table)
        if table
        else None,
    )


TOKEN_VENDING_FAILURES = Check(
    "token-vending-failures",
    Hop.CREDENTIALS,
    Section.TOKEN_VENDING,
    "Browsers get their credentials from Cognito and STS",
    token_vending_failures,
    ("https://docs.aws.amazon.com/cognito/latest/developerguide/logging-using-cloudtrail.html",),
    symptom=True,
)
PUT_EVENTS_DENIED = Check(
    "put-events-denied",
    Hop.AUTHORIZE,
    Section.RETURNS_403,
    "No PutRumEvents call is denied",
    put_events_denied,
    (_LOGGING,),
    symptom=True,
)
