"""What a recording's witness answers with: an outcome and the calls that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.model import Outcome, Proof, Status, Table
from rumkit.target import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.client.har.conversation import Call
    from rumkit.model import Fix

_MAX_ROWS = 12


def seen_to_work(summary: str, calls: Sequence[Call] = ()) -> Outcome:
    """Return a pass that the browser was seen to make."""
    proof = _proof(calls)
    return Outcome(Status.PASS, summary, (proof,), works=True, moment=proof.since)


def seen_to_fail(
    summary: str,
    calls: Sequence[Call] = (),
    *,
    certain: bool = True,
    fixes: tuple[Fix, ...],
    table: Table | None = None,
) -> Outcome:
    """Return a failure of the browser's; its cause is likely only where it is not certain."""
    proof = _proof(calls, table)
    return Outcome(Status.FAIL, summary, (proof,), fixes, certain=certain, moment=proof.since)


def seen_in_part(
    summary: str,
    calls: Sequence[Call] = (),
    *,
    certain: bool = True,
    fixes: tuple[Fix, ...] = (),
) -> Outcome:
    """Return a warning: it went wrong, and it worked."""
    proof = _proof(calls)
    return Outcome(Status.WARN, summary, (proof,), fixes, certain=certain, moment=proof.since)


def not_told(
    summary: str,
    calls: Sequence[Call] = (),
    *,
    missing: tuple[str, ...] = (),
) -> Outcome:
    """Return an unknown; the summary says what else to look at."""
    return Outcome(Status.UNKNOWN, summary, (_proof(calls),), missing=missing, certain=False)


def _proof(calls: Sequence[Call], table: Table | None = None) -> Proof:
    """Return the calls as evidence: time, operation, host, status, who answered what."""
    moments = [call.started for call in calls if call.started]
    return Proof(
        "recording",
        {"calls": len(calls)} if calls else {},
        since=iso(min(moments)) if moments else "",
        until=iso(max(moments)) if moments else "",
        table=table or _call_table(calls),
    )


def _call_table(calls: Sequence[Call]) -> Table | None:
    """Return a table of calls; None for no calls."""
    rows = tuple(
        (
            call.started.strftime("%H:%M:%S.%f")[:-3] if call.started else "",
            str(call.kind) + (" (beacon)" if call.beacon else ""),
            call.host,
            str(call.status or "none"),
            f"{call.error_type} {call.error_message}".strip()
            or call.blocked
            or call.net_error
            or "",
        )
        for call in calls[:_MAX_ROWS]
    )
    return Table(("time (UTC)", "call", "host", "status", "answer"), rows) if rows else None
