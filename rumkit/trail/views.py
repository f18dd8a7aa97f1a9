"""What the rows of a trail say, counted: refused calls, failed token vending, changes.

Every view takes rows (of one result or of several) and gives a list of frozen dataclasses; `table`
makes a DataFrame of any of them, with the dataclass's fields as columns even when it is empty.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rumkit.trail.changed import resource_kind
from rumkit.trail.names import CHANGES, COGNITO, KIND_OF, PUT_RUM_EVENTS, STS
from rumkit.trail.query import attached_for_a_while

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from rumkit.trail.events import TrailEvent
    from rumkit.trail.query import TrailQuery

_REASON_WORDS: Final = (" because ", " with an explicit deny ")


@dataclass(frozen=True)
class DeniedPuts:
    """Refused PutRumEvents of one monitor, role and reason; `per_minute` over first to last."""

    monitor: str
    role: str
    reason: str
    count: int
    first: datetime
    last: datetime
    per_minute: float


@dataclass(frozen=True)
class VendingFailures:
    """Failed calls of STS and Cognito of one name, reason, flow, pool and role."""

    name: str
    error_code: str
    reason: str
    flow: str
    identity_pool: str
    role: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Change:
    """One configuration change: when, who, on what, and what changed.

    `concerns` is whether it changed a resource that this installation is known to use; a change
    that only may concern it does not. `resource_kind` is monitor, pool, role or policy.
    """

    time: datetime
    name: str
    resource: str
    changed: str
    principal: str
    session_name: str
    source_address: str
    error_code: str
    event_id: str
    concerns: bool = True
    resource_kind: str = ""


@dataclass(frozen=True)
class Minute:
    """How many calls were refused in the minute that begins at `time`."""

    time: datetime
    count: int


def denied(row: TrailEvent) -> bool:
    """Return whether a call was refused for want of permission, not for another reason."""
    return row.failure == "denial"


def denied_puts(rows: Iterable[TrailEvent]) -> list[DeniedPuts]:
    """Return refused PutRumEvents by monitor, role and reason, most first."""
    found = _of(rows, {PUT_RUM_EVENTS}, denied)
    groups = _grouped(found, lambda row: (_monitor(row), row.role, reason_of(row)))
    views = [
        DeniedPuts(
            monitor=key[0],
            role=key[1],
            reason=key[2],
            count=len(group),
            first=group[0].time,
            last=group[-1].time,
            per_minute=_rate(group),
        )
        for key, group in groups
    ]
    return sorted(views, key=lambda view: (-view.count, view.first))


def throttled_puts(rows: Iterable[TrailEvent]) -> list[TrailEvent]:
    """Return PutRumEvents calls that were throttled, oldest first."""
    return _of(rows, {PUT_RUM_EVENTS}, lambda row: row.failure == "throttled")


def vending_failures(rows: Iterable[TrailEvent]) -> list[VendingFailures]:
    """Return failed STS and Cognito calls by call, reason, flow, pool and role, most first."""
    found = _of(rows, {STS, COGNITO}, lambda row: row.failed)
    groups = _grouped(
        found,
        lambda row: (
            row.name,
            row.error_code,
            reason_of(row),
            row.flow,
            row.identity_pool,
            row.role,
        ),
    )
    views = [
        VendingFailures(
            name=key[0],
            error_code=key[1],
            reason=key[2],
            flow=key[3],
            identity_pool=key[4],
            role=key[5],
            count=len(group),
            first=group[0].time,
            last=group[-1].time,
        )
        for key, group in groups
    ]
    return sorted(views, key=lambda view: (-view.count, view.first))


def changes(rows: Iterable[TrailEvent], query: TrailQuery | None = None) -> list[Change]:
    """Return configuration changes, newest first; those that were refused have an error code.

    With the query that gave the rows each change says whether it concerns what was asked for;
    without one all do.
    """
    found = _of(rows, {CHANGES}, lambda _: True)
    roles = [row for row in found if query is not None and query.is_about(row)]
    attached = attached_for_a_while(roles)
    return [
        Change(
            row.time,
            row.name,
            row.resource,
            row.changed,
            row.principal,
            row.session_name,
            row.source_address,
            row.error_code,
            row.event_id,
            concerns=query is None or query.is_about(row, attached),
            resource_kind=resource_kind(row.source, row.name),
        )
        for row in reversed(found)
    ]


def per_minute(rows: Iterable[TrailEvent]) -> list[Minute]:
    """Return the rows counted by minute, empty minutes between the first and the last included."""
    counts = Counter(row.time.replace(second=0, microsecond=0) for row in rows)
    if not counts:
        return []
    first, last = min(counts), max(counts)
    # A window may be a year: a minute each of at most two weeks, then only those with rows.
    if last - first > timedelta(days=14):
        return [Minute(moment, counts[moment]) for moment in sorted(counts)]
    length = int((last - first).total_seconds() // 60) + 1
    moments = (first + timedelta(minutes=number) for number in range(length))
    return [Minute(moment, counts[moment]) for moment in moments]


def vended_then_denied(rows: Sequence[TrailEvent]) -> list[tuple[TrailEvent, TrailEvent]]:
    """Return (vending call, refused PutRumEvents) pairs that share a credential.

    They show that the browser got credentials and was refused with these very ones. Needs a
    trail that records both, and a query for all outcomes.
    """
    vended = {
        row.credential_id: row
        for row in _of(rows, {STS, COGNITO}, lambda row: not row.failed)
        if row.credential_id
    }
    refused = _of(rows, {PUT_RUM_EVENTS}, denied)
    return [(vended[row.credential_id], row) for row in refused if row.credential_id in vended]


def reason_of(row: TrailEvent) -> str:
    """Return why a call failed, without the ids that make every message different.

    IAM's messages end in the reason ("because no identity-based policy allows ..."); other
    messages stand for themselves, and a call without one has its error code.
    """
    message = row.error_message
    for words in _REASON_WORDS:
        _, found, rest = message.partition(words)
        if found:
            return f"{words.strip()} {rest}".removeprefix("because ")
    return message or row.error_code


def table(views: Sequence[Any], of: type[Any]) -> pd.DataFrame:
    """Return views as a DataFrame whose columns are the fields of their dataclass `of`."""
    import pandas as pd

    names = [field.name for field in fields(of)]
    data = {name: [getattr(view, name) for view in views] for name in names}
    dtypes: Any = {name: _DTYPES.get(name, "string") for name in names}
    return pd.DataFrame(data, columns=names).astype(dtypes)


_DTYPES: Final = {
    "concerns": "boolean",
    "time": "datetime64[us, UTC]",
    "first": "datetime64[us, UTC]",
    "last": "datetime64[us, UTC]",
    "count": "int64",
    "per_minute": "float64",
}


def _of(
    rows: Iterable[TrailEvent], kinds: set[str], test: Callable[[TrailEvent], bool]
) -> list[TrailEvent]:
    """Return the rows of some kinds that pass a test, oldest first."""
    found = [row for row in rows if KIND_OF.get((row.source, row.name)) in kinds and test(row)]
    return sorted(found, key=lambda row: (row.time, row.event_id))


def _grouped(
    rows: Iterable[TrailEvent], key: Callable[[TrailEvent], tuple[str, ...]]
) -> list[tuple[tuple[str, ...], list[TrailEvent]]]:
    groups: dict[tuple[str, ...], list[TrailEvent]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.items())


def _monitor(row: TrailEvent) -> str:
    return row.monitor_name or row.monitor_id


def _rate(group: Sequence[TrailEvent]) -> float:
    """Return calls a minute from the first to the last, at least over one minute."""
    minutes = (group[-1].time - group[0].time).total_seconds() / 60
    return round(len(group) / max(1.0, minutes), 3)
