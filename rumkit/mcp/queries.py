"""The tables that an agent may ask for, read on their own, with what is not recorded said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from rumkit.mcp import answers
from rumkit.model import NotCollected
from rumkit.trail.names import CHANGES, COGNITO, PUT_RUM_EVENTS, STS

if TYPE_CHECKING:
    from rumkit.evidence import Evidence

Kind = Literal["denied_calls", "failures", "changes", "arrival"]
# The table, the fact behind it, and the kinds of record that a trail has to hold for it.
_TABLES: dict[Kind, tuple[str, str, tuple[str, ...]]] = {
    "denied_calls": ("denied_put_events", "put_events", (PUT_RUM_EVENTS,)),
    "failures": ("token_failures", "vending", (STS, COGNITO)),
    "changes": ("changes", "changes", (CHANGES,)),
    "arrival": ("arrival", "arrival", ()),
}
_STRANGERS = ("rows",)


def asked(evidence: Evidence, kind: Kind, limit: int, timeout: float) -> dict[str, Any]:
    """Return one table; that it could not be read, or is not recorded, is no empty table."""
    name, fact, kinds = _TABLES[kind]
    window = evidence.target.window.iso()
    data: dict[str, Any] = {"table": name, "since": window[0], "until": window[1]}
    with evidence.session.patience.limited(timeout):
        try:
            source = getattr(evidence, fact)
        except NotCollected as gap:
            missing = list(gap.missing)
            unread = {**data, "not_collected": gap.reason, "would_answer_it": missing}
            return answers.answer(unread, ("not_collected",))
        data |= answers.table(evidence.rows_of(name), limit)
    if kinds:
        absent = [each for each in kinds if each not in source.holds]
        data |= {"source": source.source, "not_recorded_by_any_trail": absent}
        data["not_covered"] = [gap.sentence for gap in source.gaps(*kinds)]
    elif name == "arrival":
        last = evidence.last_arrival()
        data["last_period_with_events"] = last and last.isoformat()
        data["events_in_all"] = source.total
    return answers.answer(data, _STRANGERS)
