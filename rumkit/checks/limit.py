"""Whether sessions end at their event limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.words import count, shown
from rumkit.client.values import Expression
from rumkit.model import Hop, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.aws.rum_logs import SessionSizes
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_DEFAULT = 200
# A page load records about this many events by itself: start, view, vitals, resources.
_LOW = 25
# Sessions that happen to stop at the limit are rare; above this share the limit cuts visits.
_MANY = 0.05
_ROWS = 8
_NO_LIMIT_NEEDED = (
    "Without a limit a session can record (and cost) any number of events; replay and traces"
    " count too."
)


def session_event_limit(evidence: Evidence) -> Outcome:
    """Fail for sessions that stop at exactly `sessionEventLimit` events."""
    limit = evidence.snippet.get("sessionEventLimit", _DEFAULT)
    proof = Proof("snippet", {"sessionEventLimit": shown(limit)})
    if isinstance(limit, Expression):
        return unknown(f"The event limit is an expression: {shown(limit)}.", proof)
    if not isinstance(limit, int | float):
        return unknown(f"The event limit {shown(limit)} is no number.", proof)
    if limit <= 0:
        return passed("Sessions have no event limit.", proof)
    if limit < _LOW and evidence.missing("session_sizes"):
        return warned(
            f"A session records {limit:g} events and no more; page loads alone can reach that."
            " (How many do was not counted.)",
            proof,
            fixes=_raise(int(limit)),
        )
    return _seen(evidence.session_sizes, int(limit), proof)


def _seen(sizes: SessionSizes, limit: int, proof: Proof) -> Outcome:
    if not sizes.sessions:
        return unknown("No session of the window was seen, so none could reach the limit.", proof)
    at_limit = sizes.sizes.get(limit, 0)
    share = at_limit / sizes.sessions
    rows = sorted(sizes.sizes.items(), key=lambda item: -item[1])[:_ROWS]
    seen = Proof(
        "logs:StartQuery",
        {"sessions": sizes.sessions, f"with exactly {limit} events": at_limit},
        table=Table(
            ("events in the session", "sessions"),
            tuple((str(events), str(sessions)) for events, sessions in rows),
        ),
    )
    if not at_limit:
        return passed(f"None of {count(sizes.sessions, 'session')} reached {limit} events.", seen)
    words = (
        f"{at_limit} of {count(sizes.sessions, 'session')} ({share:.0%}) end at exactly {limit}"
        " events: what came after was not recorded."
    )
    if share < _MANY:
        return warned(words, proof, seen, fixes=_raise(limit))
    return failed(words, proof, seen, fixes=_raise(limit))


def _raise(limit: int) -> tuple[Fix, ...]:
    return (
        fixes.configuration(
            "Remove the limit", "sessionEventLimit: 0", side_effect=_NO_LIMIT_NEEDED
        ),
        fixes.configuration("Or raise it", f"sessionEventLimit: {max(limit * 5, _DEFAULT)}"),
    )


SESSION_EVENT_LIMIT = Check(
    "session-event-limit",
    Hop.SESSION,
    Section.EVENTS_NOT_SENT,
    "Sessions end before they reach their event limit",
    session_event_limit,
    ("https://github.com/aws-observability/aws-rum-web/blob/main/docs/configuration.md",),
)
