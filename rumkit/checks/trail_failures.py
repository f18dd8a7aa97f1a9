"""Failed calls of the trail, as the two symptoms show them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rumkit.aws.errors import is_throttled
from rumkit.checks import fixes
from rumkit.checks.base import failed, unknown, warned
from rumkit.checks.words import count
from rumkit.model import Fix, Outcome, Proof, Table
from rumkit.target import iso
from rumkit.trail.names import COGNITO, PUT_RUM_EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.evidence import Evidence
    from rumkit.trail.events import TrailEvent
    from rumkit.trail.query import TrailResult

_ROWS = 8
_TEXT = 160
# The kinds of policies that no check can read.
_UNREAD = re.compile(r"(?:service|resource) control policy|VPC endpoint policy")
# How AWS ends the message of a denial: which kind of policy decided.
_REASON = re.compile(r"(?:because no|with an explicit deny in) [^.;]{3,160}")


def not_recorded(evidence: Evidence, kind: str, lead: str, *proof: Proof) -> Outcome:
    """Return that calls of a kind are not recorded, with the setting that would record them."""
    survey = evidence.survey_or_none()
    return unknown(
        lead + evidence.not_recorded(kind),
        *proof,
        fixes=survey.fixes((PUT_RUM_EVENTS, COGNITO)) if survey and not survey.refusals else (),
        missing=evidence.to_record(kind),
    )


def not_covered(evidence: Evidence, seen: TrailResult, kind: str, proof: Proof) -> Outcome:
    """Return that no failed call was found, and which part of the window nobody covered."""
    why = " ".join(seen.notes)
    return unknown(
        f"No such call failed among those that were read, which is not all of the window: {why}",
        proof,
        missing=evidence.to_record(kind),
    )


def beside(seen: TrailResult, kind: str) -> str:
    """Return how many successful calls the same source holds, where it counted them."""
    if seen.succeeded is None or kind not in seen.succeeded:
        return ""
    return f", beside {count(seen.succeeded[kind], 'call')} that succeeded"


def failures_outcome(
    evidence: Evidence, rows: Sequence[TrailEvent], what: str, proof: Proof
) -> Outcome:
    """Fail while failures go on; warn when events have arrived since the last of them.

    Where something was changed since the last of them, that may have mended it.
    """
    first, last = rows[0], rows[-1]
    words = (
        f"{count(len(rows), what)} failed between {iso(first.time)} and {iso(last.time)}; most"
        f" often {_reasons(rows)}."
    )
    because = _because(rows)
    # Policies of the organisation no check reads, and without an account none reads any.
    if evidence.account_or_none() is None or _UNREAD.search(because):
        words += because
    arrived = evidence.last_arrival()
    if arrived is not None and arrived > last.time:
        return warned(f"{words} Events have arrived since.", proof)
    remains = _what_remains(rows)
    change = evidence.changed_since(last.time)
    if change is None:
        return failed(words, proof, fixes=(remains,))
    where = f" of {change.resource}" if change.resource else ""
    words += f" The last of them came before {change.name}{where} at {iso(change.time)}."
    return failed(words, proof, fixes=(_wait(), remains))


def _wait() -> Fix:
    """Return what comes first when something was changed since the last refused call."""
    return fixes.advice(
        "Wait for the next event: what was changed since may have mended it",
        "rumkit watch, with the options of this command, says when the first event arrives, or that"
        " calls are refused again.",
    )


def of_the_organisation() -> Fix:
    """Return where to look when no check names the cause of a denial."""
    return fixes.advice(
        "Where no other check names the cause, read the policies of the organisation",
        "Service control policies and resource control policies deny whatever the account's own"
        " policies allow; only the organisation's management account can change them:"
        " aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY"
        " --target-id ACCOUNT_ID. The messages of the refused calls say which kind denied.",
    )


def _what_remains(rows: Sequence[TrailEvent]) -> Fix:
    """Say where to look when no other check names the cause."""
    if any(is_throttled(row.error_code) for row in rows):
        return fixes.advice(
            "Ask AWS for a higher quota of these calls",
            "Service Quotas, Amazon Cognito Identity Pools: the rate of GetId,"
            " GetOpenIdToken and GetCredentialsForIdentity. A longer session (allowCookies: true)"
            " asks less often.",
        )
    return of_the_organisation()


def _reasons(rows: Sequence[TrailEvent]) -> str:
    (code, name), number = Counter((row.error_code, row.name) for row in rows).most_common(1)[0]
    return f"{name} with {code} ({number})"


def _because(rows: Sequence[TrailEvent]) -> str:
    """Return the reason that AWS gives most often, the end of its message."""
    reasons = Counter(m[0] for row in rows if (m := _REASON.search(row.error_message)))
    return f" AWS says: {reasons.most_common(1)[0][0].rstrip('.')}." if reasons else ""


def failures_proof(seen: TrailResult, rows: Sequence[TrailEvent] | None = None) -> Proof:
    """Return failed calls by operation, error, message and role, as evidence."""
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
