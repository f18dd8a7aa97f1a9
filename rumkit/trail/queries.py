"""Named queries: each a question to CloudTrail that is often asked, whatever holds the records.

A query says which calls it needs, and makes its rows of them; it never knows which source was
asked. To add one, write the function from rows to rows and add a `NamedQuery` to `QUERIES`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from rumkit.model import BadInput
from rumkit.trail.columns import TIME, Column
from rumkit.trail.names import COGNITO, PUT_RUM_EVENTS, STS
from rumkit.trail.views import denied, of_kinds, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rumkit.trail.events import TrailEvent

Rows = list[dict[str, Any]]
_VENDING = frozenset({STS, COGNITO})
_PUTS = frozenset({PUT_RUM_EVENTS})
# A window may be a year: minutes without a call are filled in within two weeks only.
_FILLED = timedelta(days=14)


@dataclass(frozen=True)
class NamedQuery:
    """A question, the kinds of calls that answer it, and the rows and columns of the answer."""

    name: str
    question: str
    kinds: frozenset[str]
    columns: Mapping[str, Column]
    answer: Callable[[Sequence[TrailEvent]], Rows]
    outcomes: Literal["failures", "all"] = "failures"


def named_query(name: str) -> NamedQuery:
    """Return a query by its name. Raises BadInput, with the names that there are."""
    known = {each.name: each for each in QUERIES}
    if name not in known:
        raise BadInput(f"There is no query {name!r}; the queries are {', '.join(known)}.")
    return known[name]


def denied_by_reason(rows: Sequence[TrailEvent]) -> Rows:
    """Count refused PutRumEvents by monitor, role and reason, most first."""
    return _counted(
        of_kinds(rows, _PUTS, denied),
        lambda row: {
            "monitor": row.monitor_name or row.monitor_id,
            "role": row.role,
            "reason": reason_of(row),
        },
    )


def throttled_by_minute(rows: Sequence[TrailEvent]) -> Rows:
    """Count throttled PutRumEvents by minute, minutes without any between them included."""
    throttled = of_kinds(rows, _PUTS, lambda row: row.failure == "throttled")
    counts = Counter(row.time.replace(second=0, microsecond=0) for row in throttled)
    if not counts:
        return []
    first, last = min(counts), max(counts)
    moments = sorted(counts)
    if last - first <= _FILLED:
        minutes = int((last - first).total_seconds() // 60) + 1
        moments = [first + timedelta(minutes=number) for number in range(minutes)]
    return [{"time": moment, "calls": counts[moment]} for moment in moments]


def failed_vending(rows: Sequence[TrailEvent]) -> Rows:
    """Count failed STS and Cognito calls by call, error, flow, pool and role, most first."""
    return _counted(
        of_kinds(rows, _VENDING, lambda row: row.failed),
        lambda row: {
            "name": row.name,
            "error_code": row.error_code,
            "reason": reason_of(row),
            "flow": row.flow,
            "identity_pool": row.identity_pool,
            "role": row.role,
        },
    )


def vended_then_denied(rows: Sequence[TrailEvent]) -> Rows:
    """Pair each refused PutRumEvents with the call that vended its credentials.

    It shows that a browser got credentials and was refused with these very ones, which only a
    trail that records both can tell.
    """
    vended = {
        row.credential_id: row
        for row in of_kinds(rows, _VENDING, lambda row: not row.failed)
        if row.credential_id
    }
    return [
        {
            "time": row.time,
            "vended": vended[row.credential_id].time,
            "by": vended[row.credential_id].name,
            "role": row.role,
            "monitor": row.monitor_name or row.monitor_id,
            "reason": reason_of(row),
            "credential_id": row.credential_id,
        }
        for row in of_kinds(rows, _PUTS, denied)
        if row.credential_id in vended
    ]


def _counted(rows: Iterable[TrailEvent], key: Callable[[TrailEvent], dict[str, str]]) -> Rows:
    """Return rows by key with their number, first, last and rate a minute, most first."""
    groups: dict[tuple[str, ...], list[TrailEvent]] = {}
    for row in rows:
        groups.setdefault(tuple(key(row).values()), []).append(row)
    counted = [
        key(group[0])
        | {"calls": len(group), "first": group[0].time, "last": group[-1].time}
        | {"per_minute": _rate(group)}
        for group in groups.values()
    ]
    return sorted(counted, key=lambda row: (-row["calls"], row["first"]))


def _rate(group: Sequence[TrailEvent]) -> float:
    """Return calls a minute from the first to the last, at least over one minute."""
    minutes = (group[-1].time - group[0].time).total_seconds() / 60
    return round(len(group) / max(1.0, minutes), 3)


_MONITOR = {"monitor": Column("string", "the app monitor's name, or its id")}
_ROLE = {"role": Column("string", "ARN of the role")}
_REASON = {"reason": Column("string", "AWS's reason without the ids, or the error code")}
_COUNTS = {
    "calls": Column("int64", "how many calls"),
    "first": Column(TIME, "the first of them"),
    "last": Column(TIME, "the last of them"),
    "per_minute": Column("float64", "calls a minute from the first to the last"),
}

QUERIES = (
    NamedQuery(
        "denied-by-reason",
        "Which role is refused PutRumEvents on which monitor, why and how often?",
        _PUTS,
        {**_MONITOR, **_ROLE, **_REASON, **_COUNTS},
        denied_by_reason,
    ),
    NamedQuery(
        "throttled-by-minute",
        "In which minutes is PutRumEvents throttled?",
        _PUTS,
        {
            "time": Column(TIME, "start of the minute"),
            "calls": Column("int64", "throttled calls in that minute"),
        },
        throttled_by_minute,
    ),
    NamedQuery(
        "failed-vending",
        "Which call of Cognito or STS fails, in which flow, why and how often?",
        _VENDING,
        {
            "name": Column("string", "the operation"),
            "error_code": Column("string", "AWS's error code"),
            **_REASON,
            "flow": Column("string", "basic, enhanced or empty"),
            "identity_pool": Column("string", "the identity pool, REGION:UUID"),
            **_ROLE,
            **_COUNTS,
        },
        failed_vending,
    ),
    NamedQuery(
        "vended-then-denied",
        "Which credentials were vended and then refused by RUM?",
        _PUTS | _VENDING,
        {
            "time": Column(TIME, "when PutRumEvents was refused"),
            "vended": Column(TIME, "when the credentials were vended"),
            "by": Column("string", "the call that vended them"),
            **_ROLE,
            **_MONITOR,
            **_REASON,
            "credential_id": Column("string", "digest of the access key"),
        },
        vended_then_denied,
        outcomes="all",
    ),
)
