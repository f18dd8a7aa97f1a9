"""The tables that an agent may ask for, read on their own, with what is not recorded said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from rumkit.evidence.views import plain_rows
from rumkit.mcp import answers
from rumkit.model import NotCollected
from rumkit.trail.names import CHANGES, COGNITO, PUT_RUM_EVENTS, STS

if TYPE_CHECKING:
    from rumkit.evidence import Evidence

Kind = Literal["denied_calls", "failures", "changes", "arrival"]
_ARRIVAL = "arrival"
# The table, and the kinds of record that a trail has to hold for it.
_TABLES: dict[Kind, tuple[str, tuple[str, ...]]] = {
    "denied_calls": ("denied_put_events", (PUT_RUM_EVENTS,)),
    "failures": ("token_failures", (STS, COGNITO)),
    "changes": ("changes", (CHANGES,)),
    "arrival": (_ARRIVAL, ()),
}


def asked(evidence: Evidence, kind: Kind, limit: int, timeout: float) -> dict[str, Any]:
    """Return one table; that it could not be read, or is not recorded, is no empty table.

    Raises BadInput for a target that does not exist: its rows would be everybody's.
    """
    name, kinds = _TABLES[kind]
    with evidence.session.patience.limited(timeout):
        evidence.refuse_bad_input()
        evidence.refuse_misspelt_monitor()
        since, until = evidence.target.window.iso()
        data = {"table": name, "since": since, "until": until}
        try:
            read = _calls(evidence, kinds, limit) if kinds else _arrival(evidence, limit)
        except NotCollected as gap:
            unread = {"not_collected": gap.reason, "would_answer_it": list(gap.missing)}
            return answers.answer(data | unread, ("not_collected",))
    return answers.answer(data | read, ("rows",))


def _calls(evidence: Evidence, kinds: tuple[str, ...], limit: int) -> dict[str, Any]:
    """Read the trail for these records alone."""
    read = evidence.read_trail(frozenset(kinds), "failures")
    return {
        **answers.table(plain_rows(read.rows), limit),
        "source": read.source,
        "not_recorded_by_any_trail": [each for each in kinds if each not in read.holds],
        "not_covered": [gap.sentence for gap in read.gaps(*kinds)],
    }


def _arrival(evidence: Evidence, limit: int) -> dict[str, Any]:
    arrived, last = evidence.arrival, evidence.last_arrival()
    return {
        **answers.table(evidence.rows_of(_ARRIVAL), limit),
        "last_period_with_events": last and last.isoformat(),
        "events_in_all": arrived.total,
    }
