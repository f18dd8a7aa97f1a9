"""Failed calls of the trail, as the two symptoms show them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rumkit.aws.denial import Denial, denial_of
from rumkit.aws.errors import is_throttled
from rumkit.checks import fixes
from rumkit.checks.base import failed, unknown, warned
from rumkit.checks.trail_causes import cause_of
from rumkit.checks.words import count
from rumkit.model import Fix, Outcome, Proof, Table
from rumkit.target import iso
from rumkit.trail.names import COGNITO, PUT_NAMES, PUT_RUM_EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.evidence import Evidence
    from rumkit.trail.events import TrailEvent
    from rumkit.trail.query import TrailResult

_ROWS = 8
_TEXT = 160
# A denial of AWS ends with the resource and the reason, behind the caller's long name.
_MESSAGE = 400
# The kinds of policies that no check can read.
_UNREAD = re.compile(r"(?:service|resource) control policy|VPC endpoint policy")
# What comes first when something was changed since the last refused call.
_WAIT = fixes.advice(
    "Wait for the next event: what was changed since may have mended it",
    "rumkit watch, with the options of this command, says when the first event arrives, or that"
    " calls are refused again.",
)
# What else an answer can mean than a policy of the account, and what to do then.
_ANSWERS = (
    (
        re.compile(r"(?i)access to identity .{0,120} is forbidden"),
        fixes.advice(
            "These browsers keep an identity that has logged in",
            "A guest may not use an identity (cwr_i in local storage) that was linked to a login,"
            " by Amplify or an SDK on the same identity pool. Clients from 1.16.2 on ask for a new"
            " one by themselves; for older ones load a newer client, or give RUM its own pool.",
        ),
    ),
    (
        re.compile(r"(?i)not from a supported provider|invalid login token|logins don't match"),
        fixes.advice(
            "These calls are of the site's own login, not of RUM's guests",
            "They carry a token of a login, which RUM's client never does; the pool does not know"
            " the provider that made it: compare the pool's authentication providers (user pool"
            " and app client) with the one that the site logs in with. Where the page hands those"
            " credentials to the client (setAwsCredentials), that is why none come.",
        ),
    ),
    (
        re.compile(r"(?i)identity '[^']{1,120}' not found"),
        fixes.advice(
            "These browsers keep an identity that is gone",
            "The identity in local storage (cwr_i) was deleted, or belongs to another pool. Clients"
            " from 1.16.2 on ask for a new one by themselves; for older ones load a newer client.",
        ),
    ),
    (
        re.compile(r"(?i)unrecognizedclient|invalidclienttokenid|security token .{0,40} invalid"),
        fixes.advice(
            "Single browsers hold credentials that AWS does not know any more",
            "Their role was deleted, its sessions were revoked, or the key is of another partition."
            " Credentials of an identity pool (cwr_c in local storage) end after an hour; clients"
            " from 2.0.0 on drop them at the first refusal. Where all calls fail so, see whether"
            " the Region is switched on for the account.",
        ),
    ),
    (
        re.compile(r"(?i)expired"),
        fixes.advice(
            "Single browsers sent what had expired",
            "A token or credentials that ran out concern the browser that kept them, or whose"
            " clock is wrong. Where many do, see who renews them: the client does for an identity"
            " pool's, the page has to for those of setAwsCredentials.",
        ),
    ),
)


_OVER = fixes.advice(
    "Nothing is to be done where the failures have ended",
    "What was lost in that time is lost. The changes of the window (.changes, --json) say what was"
    " done before they began and before they ended.",
)


def not_recorded(evidence: Evidence, kind: str, lead: str, *proof: Proof) -> Outcome:
    """Return that calls of a kind are not recorded, with the setting that would record them."""
    survey = evidence.survey_or_none()
    return unknown(
        lead + evidence.not_recorded(kind),
        *proof,
        fixes=survey.fixes((PUT_RUM_EVENTS, COGNITO)) if survey and not survey.refusals else (),
        missing=evidence.to_record(kind),
    )


def not_covered(evidence: Evidence, seen: TrailResult, proof: Proof) -> Outcome:
    """Return that no PutRumEvents call failed so, and which part of the window nobody covered.

    Where calls failed for another reason than the one that is asked for, that is said.
    """
    why = " ".join(seen.notes)
    others = Counter(row.error_code for row in seen.rows)
    failed_so = ", ".join(f"{code} ({number})" for code, number in others.most_common(3))
    lead = f"Calls failed with {failed_so} only" if others else "No such call failed"
    return unknown(
        f"{lead} among those that were read, which is not all of the window: {why}",
        proof,
        missing=evidence.to_record(PUT_RUM_EVENTS),
    )


def beside(seen: TrailResult) -> str:
    """Return how many successful PutRumEvents calls the source holds, where it counted them."""
    if seen.succeeded is None or PUT_RUM_EVENTS not in seen.succeeded:
        return ""
    return f", beside {count(seen.succeeded[PUT_RUM_EVENTS], 'call')} that succeeded"


def passed_since(seen: TrailResult, rows: Sequence[TrailEvent]) -> str:
    """Say that calls of the same names have succeeded since the last failure; empty if not."""
    latest = [seen.latest_success.get(name) for name in {row.name for row in rows}]
    moments = [moment for moment in latest if moment is not None]
    if len(moments) < len(latest) or min(moments) <= rows[-1].time:
        return ""
    return f"Later ones succeeded, the last at {iso(max(moments))}."


def failures_outcome(
    evidence: Evidence, rows: Sequence[TrailEvent], seen: TrailResult, what: str, proof: Proof
) -> Outcome:
    """Fail while failures go on; warn when events have arrived since the last of them.

    Where something was changed since the last of them, that may have mended it.
    """
    first, last = rows[0], rows[-1]
    words = (
        f"{count(len(rows), what)} failed ({_reasons(rows, what)}) between {iso(first.time)} and"
        f" {iso(last.time)}."
    )
    because = _because(rows)
    # Policies of the organisation no check reads, and without an account none reads any.
    if evidence.account_or_none() is None or _UNREAD.search(because):
        words += because
    arrived = evidence.last_arrival()
    if arrived is not None and arrived > last.time:
        return warned(f"{words} Events have arrived since.", proof, fixes=(_OVER,))
    remains = _what_remains(evidence, rows)
    if since_then := passed_since(seen, rows):
        return warned(f"{words} {since_then}", proof, fixes=(remains,))
    change = evidence.changed_since(last.time)
    if change is None:
        return failed(words, proof, fixes=(remains,))
    where = f" of {change.resource}" if change.resource else ""
    words += f" The last of them came before {change.name}{where} at {iso(change.time)}."
    return failed(words, proof, fixes=(_WAIT, remains))


def named_by(check: str) -> Fix:
    """Return the advice to look at the check that names the cause."""
    return fixes.advice(
        "See the check that names the cause", f"{check} says what was refused, with its fix."
    )


def of_the_organisation(denial: Denial | None = None) -> Fix:
    """Return where to look when no check names the cause of a denial."""
    if denial is not None and denial.layer == "organisation" and denial.policy:
        return fixes.advice(
            f"Let whoever has the organisation's management account change {denial.name}",
            "It denies whatever the account's own policies allow; only the organisation's"
            " management account can change it: aws organizations describe-policy --policy-id"
            f" {denial.name}",
        )
    if denial is not None and denial.layer == "endpoint":
        return fixes.advice(
            "Allow the call in the policy of the VPC endpoint that it went through",
            "aws ec2 describe-vpc-endpoints shows the endpoints with their policies; browsers"
            " outside that network are not affected.",
        )
    return fixes.advice(
        "Where no other check names the cause, read the policies of the organisation",
        "Service control policies and resource control policies deny whatever the account's own"
        " policies allow; only the organisation's management account can change them:"
        " aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY"
        " --target-id ACCOUNT_ID. The messages of the refused calls say which kind denied.",
    )


def _what_remains(evidence: Evidence, rows: Sequence[TrailEvent]) -> Fix:
    """Say where to look when no other check names the cause."""
    last = rows[-1]
    for words, fix in _ANSWERS:
        if words.search(f"{last.error_code} {last.error_message}"):
            return fix
    if any(is_throttled(row.error_code) for row in rows):
        return fixes.advice(
            "Ask AWS for a higher quota of these calls",
            "Service Quotas, Amazon Cognito Identity Pools: the rate of GetId,"
            " GetOpenIdToken and GetCredentialsForIdentity. A longer session (allowCookies: true)"
            " asks less often.",
        )
    denial = denial_of(last.error_message)
    denied = last.failure == "denial"
    if denied and evidence.account_or_none() is not None:
        # The checks of the account say whether its own policies deny.
        return of_the_organisation(denial)
    if (cause := cause_of(last)) is not None:
        return named_by(cause)
    if denial is not None or (denied and last.name in PUT_NAMES):
        return of_the_organisation(denial)
    return fixes.advice(
        "Read AWS's answer above",
        "It names what it refuses; no check of rumkit's knows this answer.",
    )


def _reasons(rows: Sequence[TrailEvent], what: str) -> str:
    """Return the commonest error, and of which call where `what` does not name it."""
    (code, name), number = Counter((row.error_code, row.name) for row in rows).most_common(1)[0]
    error = code if name in what else f"{code} of {name}"
    return error if number == len(rows) else f"most often {error}, {number}"


def _because(rows: Sequence[TrailEvent]) -> str:
    """Return the reason that AWS gives most often, the end of its message where it is a denial."""
    denials = ((row, denial_of(row.error_message)) for row in rows)
    reasons = Counter(denial.words if denial else row.error_message for row, denial in denials)
    most = reasons.most_common(1)[0][0].strip()
    most = most if len(most) <= _TEXT else f"{most[: _TEXT - 1]}…"
    return f" AWS says: {most.rstrip('.')}." if most else ""


def failures_proof(seen: TrailResult, rows: Sequence[TrailEvent] | None = None) -> Proof:
    """Return failed calls by operation, error, message and role, as evidence."""
    rows = seen.rows if rows is None else rows
    since, until = seen.window.iso()
    groups = Counter(
        (row.name, row.error_code, row.error_message[:_MESSAGE], row.role or row.identity_pool)
        for row in rows
    )
    grouped = tuple((*map(str, key), str(number)) for key, number in groups.most_common(_ROWS))
    values: dict[str, object] = {"source": seen.source, "failed calls": len(rows)}
    if seen.unread:
        values["records that could not be read"] = sum(seen.unread.values())
    if seen.notes:
        values["notes"] = " ".join(seen.notes)
    table = Table(("call", "error", "message", "role or pool", "calls"), grouped)
    return Proof("cloudtrail", values, since=since, until=until, table=table if grouped else None)
