"""Do sessions end before they reach their event limit?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.observed import seen_in_part, seen_to_fail
from rumkit.checks.words import count, shown
from rumkit.client.options import KnownOption, LeftOut
from rumkit.model import Absent, Fix, Hop, NotCollected, Outcome, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.aws.rum_logs import SessionSizes
    from rumkit.client.har.storage import StoredSession
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_ROWS = 8
_DEFAULT = 200
# A page load records about this many events by itself: start, view, vitals, resources.
_LOW = 25
# Sessions that happen to stop at the limit are rare; above this share the limit cuts visits.
_MANY = 0.05
# So many errors thrown and not sent, or events counted and not sent, are no chance.
_MANY_ERRORS = 3
_MANY_UNSENT = 20
_LET_LOGS_USE_THE_KEY = fixes.advice(
    "Let CloudWatch Logs use the key",
    "The key's policy must allow the service logs.REGION.amazonaws.com kms:Encrypt*, kms:Decrypt*,"
    " kms:ReEncrypt*, kms:GenerateDataKey* and kms:Describe*, with the log group's ARN in the"
    " encryption context kms:EncryptionContext:aws:logs:arn; and the key must be enabled.",
)
_NO_LIMIT_NEEDED = (
    "Without a limit a session can record (and cost) any number of events; replay and traces"
    " count too."
)


def configured(evidence: Evidence) -> Outcome | None:
    """Warn for a `sessionEventLimit` that page loads alone can reach."""
    limit = evidence.option("sessionEventLimit", default=_DEFAULT)
    proof = Proof("snippet", {"sessionEventLimit": shown(limit)})
    if not isinstance(limit, int | float):
        return unknown(f"The event limit {shown(limit)} is not a number.", proof)
    if limit <= 0:
        return passed("Sessions have no event limit.", proof)
    if limit < _LOW and evidence.missing("session_sizes"):
        return warned(
            f"A session records {limit:g} events and no more; page loads alone can reach that."
            " (How many do was not counted.)",
            proof,
            fixes=_raise(int(limit)),
        )
    return unknown(
        f"A session records {limit:g} events; whether sessions reach that, stored events tell.",
        proof,
        missing=evidence.missing("session_sizes"),
    )


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for sessions that stop at exactly `sessionEventLimit` events."""
    limit = evidence.option("sessionEventLimit", default=_DEFAULT)
    if not isinstance(limit, int | float) or limit <= 0:
        return None
    sizes = evidence.session_sizes
    return _counted(sizes, int(limit)) if sizes.sessions else _none_kept(evidence)


def _none_kept(evidence: Evidence) -> Outcome:
    """Say why no session is in the log group, where events arrive and its key may keep them out."""
    none = "No session of the window was seen, so none could reach the limit."
    try:
        group = evidence.monitor_log_group
    except NotCollected:
        return unknown(none)
    if isinstance(group, Absent) or not group.key or not evidence.arrival_or_none():
        return unknown(none)
    return unknown(
        f"Events arrive, and none of the window is in the log group {group.name}. It is encrypted"
        f" with {group.key}, which likely does not let CloudWatch Logs use it: what RUM writes is"
        " lost there.",
        Proof(
            "logs:DescribeLogGroups", {"kmsKeyId": group.key, "stored bytes": group.stored_bytes}
        ),
        fixes=(_LET_LOGS_USE_THE_KEY,),
    )


def _counted(sizes: SessionSizes, limit: int) -> Outcome:
    at_limit = sizes.sizes.get(limit, 0)
    share = at_limit / sizes.sessions
    most = Counter(sizes.sizes).most_common(_ROWS)
    seen = Proof(
        "logs:StartQuery",
        {"sessions": sizes.sessions, f"with exactly {limit} events": at_limit},
        table=Table(
            ("events in the session", "sessions"),
            tuple((str(events), str(sessions)) for events, sessions in most),
        ),
    )
    if not at_limit:
        return passed(f"None of {count(sizes.sessions, 'session')} reached {limit} events.", seen)
    words = (
        f"{at_limit} of {count(sizes.sessions, 'session')} ({share:.0%}) end at exactly {limit}"
        " events: what came after was not recorded."
    )
    if share < _MANY:
        return warned(words, seen, fixes=_raise(limit))
    return failed(words, seen, fixes=_raise(limit))


def _raise(limit: int) -> tuple[Fix, ...]:
    return (
        fixes.configuration(
            "Remove the limit", "sessionEventLimit: 0", side_effect=_NO_LIMIT_NEEDED
        ),
        fixes.configuration("Or raise it", f"sessionEventLimit: {max(limit * 5, _DEFAULT)}"),
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Check the session's event limit, from the cookie's counter or from the events sent."""
    visit = evidence.visit
    if visit.console and visit.console.said("event-limit"):
        return seen_to_fail(
            "The client says that the session's event limit is exceeded.", fixes=_raise(_DEFAULT)
        )
    sent = _sent_by_session(visit)
    limit, literal = _limit(visit)
    for session in visit.storage.sessions if visit.storage else ():
        if outcome := _by_counter(visit, session, sent.get(session.session_id, 0), limit, literal):
            return outcome
    for session_id, events in sent.items():
        if limit and events >= limit:
            return seen_to_fail(
                f"The recorded session sent {events} events, which is its limit "
                f"(sessionEventLimit {limit}); nothing can follow in this session.",
                [c for c in visit.delivered if c.batch and c.batch.session_id == session_id],
                certain=literal and events == limit,
                fixes=_raise(limit),
            )
    if not literal and (outcome := _cut_short(visit, sent)):
        return outcome
    if sent and limit and literal:
        most = max(sent.values())
        return passed(f"At most {most} of {limit} events were sent in a session.")
    return None


def _cut_short(visit: Visit, sent: dict[str, int]) -> Outcome | None:
    """Warn of a session that sent a page load's resources and never the load itself.

    The client records both by one telemetry, so that something ended the session between them.
    """
    if visit.refused or len(sent) != 1 or not _lacks_navigation(visit):
        return None
    last = max((call.ended for call in visit.delivered if call.ended), default=None)
    ended = visit.recording.ended
    if last is None or ended is None or (ended - last).total_seconds() < visit.first_dispatch:
        return None
    events = next(iter(sent.values()))
    return seen_in_part(
        f"The session sent {events} events and then nothing, without the page load itself"
        " (performance_navigation_event): it likely has reached its sessionEventLimit. The cookie"
        " cwr_s (eventCount) and the page's snippet would prove it.",
        visit.delivered,
        certain=False,
        fixes=_raise(events),
    )


def _lacks_navigation(visit: Visit) -> bool:
    types = {name for call in visit.delivered if call.batch for name, _ in call.batch.event_types}
    resources = any(name.endswith("performance_resource_event") for name in types)
    return resources and not any(name.endswith("performance_navigation_event") for name in types)


def _limit(visit: Visit) -> tuple[int, bool]:
    """Return the limit, 0 for none or unknown, and whether the page states it."""
    if not visit.snippets:
        return _DEFAULT, False
    match visit.setting("sessionEventLimit"):
        case KnownOption(int(value) | float(value)):
            return max(0, int(value)), True
        case LeftOut():
            return visit.behaviour.session_event_limit, True
        case _:
            return 0, False


def _sent_by_session(visit: Visit) -> dict[str, int]:
    sent: Counter[str] = Counter()
    for call in visit.delivered:
        if call.batch and call.batch.session_id:
            sent[call.batch.session_id] += call.batch.events
    return sent


def _by_counter(
    visit: Visit, session: StoredSession, sent: int, limit: int, literal: bool
) -> Outcome | None:
    counted = session.event_count or 0
    if not session.record or not counted:
        return None
    if limit and literal and counted >= limit:
        return seen_to_fail(
            f"The session's cookie cwr_s counts {counted} events, and sessionEventLimit is {limit}:"
            " nothing more is sent in this session, not even by the next pages.",
            fixes=_raise(limit),
        )
    if counted == _DEFAULT and not literal and not visit.snippets:
        return seen_to_fail(
            "The session's cookie cwr_s counts 200 events, which is the default of "
            "sessionEventLimit: nothing more is sent in this session.",
            certain=False,
            fixes=_raise(_DEFAULT),
        )
    if not literal and sent and _stuck(visit, counted, sent):
        return seen_to_fail(
            f"The session sent {sent} events and then fell silent while the page went on, and "
            f"its cookie cwr_s counts {counted}: it likely has reached its sessionEventLimit. The "
            "page's snippet would prove it.",
            visit.delivered,
            certain=False,
            fixes=_raise(sent),
        )
    return None


def _stuck(visit: Visit, counted: int, sent: int) -> bool:
    """Tell whether the counter stands exactly at what was sent while the page made more events.

    Old clients go on counting instead; then far more is counted than was sent.
    """
    if visit.refused:
        return False
    if counted >= sent + _MANY_UNSENT:
        return True
    if counted != sent:
        return False
    if _lacks_navigation(visit):
        return True
    errors = sum(
        number
        for call in visit.delivered
        if call.batch
        for name, number in call.batch.event_types
        if name.endswith("js_error_event")
    )
    thrown = visit.console.uncaught if visit.console else 0
    return errors > 0 and thrown >= errors + _MANY_ERRORS


CHECK = Check(
    id=names.SESSION_EVENT_LIMIT,
    hop=Hop.SESSION,
    section=Section.EVENTS_NOT_SENT,
    title="Sessions end before they reach their event limit",
    configured=configured,
    observed=observed,
    recorded=recorded,
    docs=(links.CLIENT_OPTIONS,),
    table="sessions",
)
