"""Is PutRumEvents denied? A symptom, seen in the trail and in a recording."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rumkit.aws.denial import denial_of, in_short
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, passed
from rumkit.checks.from_recording import fresh_storage, permission
from rumkit.checks.observed import seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.refusal import Refusal, refusal
from rumkit.checks.trail_failures import (
    beside,
    failures_outcome,
    failures_proof,
    named_by,
    not_covered,
    not_recorded,
    of_the_organisation,
)
from rumkit.checks.words import count
from rumkit.client.har.place import MONITOR_PATH
from rumkit.model import Fix, Hop, NotCollected, Outcome, Section
from rumkit.trail.names import PERMISSION_CHANGES, PUT_RUM_EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.client.har.conversation import Call
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence
    from rumkit.trail.events import TrailEvent


_LOOK_BESIDE = fixes.advice(
    "See the check that names the cause",
    "One batch was lost and the next ones passed: there is nothing to paste here. Where the cause"
    " is known, another check of this hop names it with its fix.",
)


_READ_THE_ANSWER = fixes.advice(
    "Read AWS's sentence in the reply",
    "The network panel shows it as the request's response: which role, which monitor, and which"
    " kind of policy denied. Save all as HAR with content and repeat with --recording FILE: the fix"
    " comes with it. Most often the guest role lacks rum:PutRumEvents on this monitor, or the"
    " browser keeps credentials of another one.",
)


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for PutRumEvents calls that were refused: for want of permission, or of credentials."""
    if PUT_RUM_EVENTS not in evidence.trail.holds:
        return not_recorded(evidence, PUT_RUM_EVENTS, "")
    seen = evidence.put_events
    denied = [row for row in seen.rows if row.failure in {"denial", "other"}]
    proof = failures_proof(seen, denied)
    if denied:
        outcome = failures_outcome(evidence, denied, seen, "PutRumEvents call", proof)
        return replace(outcome, summary=outcome.summary + of_former_role(evidence, denied))
    if not seen.complete:
        return not_covered(evidence, seen, proof)
    return passed(
        f"No PutRumEvents call was denied in the window{beside(seen)}. (Whether"
        " unsigned calls that are refused are recorded at all is not documented.)",
        proof,
    )


def of_former_role(evidence: Evidence, denied: Sequence[TrailEvent]) -> str:
    """Say how many calls sessions of a role made that was deleted since."""
    try:
        former = evidence.former_guest_roles
    except NotCollected:
        return ""
    number = sum(row.role_id in former for row in denied)
    if not number:
        return ""
    return (
        f" {count(number, 'call')} came from sessions of an earlier role of this name, which was"
        " deleted: those credentials stay refused, and end after an hour."
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Collect every refused PutRumEvents call; a symptom."""
    visit = evidence.visit
    cause = refusal(visit)
    if cause is None:
        if not visit.delivered:
            return _by_console(visit)
        accepted = count(len(visit.delivered), "call")
        return seen_to_work(f"No PutRumEvents call was refused, {accepted} accepted.")
    text = f"RUM answers PutRumEvents with {in_short(cause.call.trouble)}."
    text += visit.of_another_monitor(visit.denied)
    if not cause.check:
        text += f" What it means is open: {cause.why}."
    elif cause.check == names.PUT_EVENTS_DENIED:
        text += f" The cause: {cause.why}."
    if visit.healed(cause.call):
        passing = f"{text} Later batches were accepted."
        return seen_in_part(passing, visit.denied, fixes=(_LOOK_BESIDE,))
    return seen_to_fail(text + _afterwards(visit, cause.call), visit.denied, fixes=_ways(cause))


def _ways(cause: Refusal) -> tuple[Fix, ...]:
    """Return what to do: by the check that names the cause, else by what AWS says."""
    message = cause.call.error_message
    denial = denial_of(message)
    if cause.check is None and denial:
        return (*permission(message), fresh_storage())
    by_role = cause.check == names.GUEST_ROLE_PERMISSION and denial is None
    if by_role or cause.check in {None, names.PUT_EVENTS_DENIED}:
        return (of_the_organisation(denial),)
    return (named_by(str(cause.check)),)


def _by_console(visit: Visit) -> Outcome | None:
    """Check by the console, where the exporter leaves failed requests out."""
    request = next((r for r in visit.unrecorded_puts if r.status in {401, 403}), None)
    if request is None:
        return None
    return seen_to_fail(
        f"The console says that {request.host} answers PutRumEvents with {request.status}; what"
        " AWS says in it, no console shows: a HAR with content does, of any browser but Safari."
        f"{visit.not_asked(*MONITOR_PATH.findall(request.url))}",
        fixes=(_READ_THE_ANSWER,),
    )


def _afterwards(visit: Visit, call: Call) -> str:
    if not visit.version.number:
        return ""
    client = visit.label.capitalize()
    if call.cors_reply is False and call.net_error:
        return (
            " The reply has no CORS headers, so the client takes it for a network error: it tries "
            "again and does not switch itself off."
        )
    if call.beacon:
        return " It is a beacon, whose reply the client never sees."
    return {
        "never": f" {client} keeps on sending; each batch is lost.",
        "any-rejection": f" {client} repeats it twice, then stops until reload.",
        "403-or-404": f" {client} stops at once; silence follows from it.",
        "second-403-or-404": (
            f" {client} fetches new credentials once, and stops at the second 403; silence follows"
            " from it."
        ),
    }[visit.behaviour.disables]


CHECK = Check(
    id=names.PUT_EVENTS_DENIED,
    hop=Hop.AUTHORIZE,
    section=Section.RETURNS_403,
    title="No PutRumEvents call is denied",
    observed=observed,
    recorded=recorded,
    changes=PERMISSION_CHANGES,
    docs=(f"{links.MONITORING}/logging_cw_api_calls.html",),
    symptom=True,
    table="denied_put_events",
)
