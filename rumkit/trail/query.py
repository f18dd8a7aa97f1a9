"""What is asked of a trail, and what it answers: the same for every source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from rumkit.trail.events import TrailEvent, frame, read_record
from rumkit.trail.names import (
    ALL_KINDS,
    CHANGES,
    COGNITO,
    IAM_REGION,
    IAM_SOURCE,
    KIND_OF,
    KINDS,
    PUT_RUM_EVENTS,
    RUM_SOURCE,
    STS,
    names_of,
)
from rumkit.trail.shapes import Unread, records_of

if TYPE_CHECKING:
    import pandas as pd

    from rumkit.target import Window

Clients = Callable[[str, str], Any]
"""`clients(service, region)` gives a boto3 client; the sources make no sessions of their own."""


@dataclass(frozen=True)
class TrailQuery:
    """What to read from a trail; one query serves any number of app monitors.

    `monitors` are (name, id) pairs, either of which may be "". `roles` are role names or ARNs,
    `pools` identity pool ids, `policies` the ARNs of policies that are attached to the roles.
    An empty tuple restricts nothing. `kinds` are those of `rumkit.trail.names`. `regions` are
    those of the monitors; IAM, STS and the pools are looked for where AWS records them.
    `outcomes` says whether calls that succeeded are wanted too; configuration changes always
    come whole. PutRumEvents that succeeded are many: a busy site makes millions a day.
    """

    window: Window
    monitors: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    kinds: frozenset[str] = ALL_KINDS
    outcomes: Literal["failures", "all"] = "failures"

    def __post_init__(self) -> None:
        if not self.kinds or not self.kinds <= ALL_KINDS:
            raise ValueError(f"kinds are some of {sorted(ALL_KINDS)}, not {sorted(self.kinds)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Return the event names that this query is about."""
        return names_of(self.kinds)

    @property
    def all_regions(self) -> tuple[str, ...]:
        """Return the regions of monitors and pools, and the one that records IAM."""
        pools = (pool.partition(":")[0] for pool in self.pools if ":" in pool)
        return tuple(sorted({*self.regions, *pools, IAM_REGION}))

    @property
    def monitor_ids(self) -> dict[str, str]:
        """Return the monitors whose name and id are both known, name to id."""
        return {name: ident for name, ident in self.monitors if name and ident}

    def wants(self, event: TrailEvent) -> bool:
        """Return whether a row answers this query; every source filters with this."""
        kind = KIND_OF.get((event.source, event.name))
        if kind not in self.kinds or not self.window.since <= event.time < self.window.until:
            return False
        if self.outcomes == "failures" and kind != CHANGES and not event.failed:
            return False
        if event.source == RUM_SOURCE and self.regions and event.region not in self.regions:
            # A client that calls the wrong region is recorded there, with the monitor's id; a
            # monitor of the same name there is another one.
            return any(ident and ident == event.monitor_id for _, ident in self.monitors)
        return _ABOUT[kind](self, event)


@dataclass(frozen=True)
class TrailResult:
    """What a source answered; `holds` are the kinds that it records at all.

    A kind that is not in `holds` is not recorded there: its absence from `rows` says nothing.
    `unread` counts the records that could not be read, by reason. `bytes_scanned`
    and `cost_usd` are None where the source does not say. `calls` counts AWS requests.
    """

    rows: tuple[TrailEvent, ...]
    source: str
    window: Window
    holds: frozenset[str]
    notes: tuple[str, ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    bytes_scanned: int | None = None
    cost_usd: float | None = None
    calls: int = 0
    complete: bool = True

    def frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame with the columns of `rumkit.trail.events.COLUMNS`."""
        return frame(self.rows)


class TrailSource(Protocol):
    """Whatever holds CloudTrail records and can be asked for some of them."""

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return what the source holds for a query. Raises NotCollected when it can't look."""


class Collector:
    """Reads documents of any shape into the rows that a query wants, each event once."""

    def __init__(self, query: TrailQuery, trail_source: str) -> None:
        self.query = query
        self.trail_source = trail_source
        self.unread: Counter[str] = Counter()
        self.duplicates = 0
        self._rows: dict[str, TrailEvent] = {}

    def add(self, document: object) -> None:
        """Read every record of a document."""
        monitors = self.query.monitor_ids
        for record in records_of(document):
            event = read_record(record, monitors=monitors, trail_source=self.trail_source)
            if isinstance(event, Unread):
                self.unread[event.reason] += 1
            elif self.query.wants(event):
                self._keep(event)

    def add_all(self, documents: Iterable[object]) -> None:
        """Read every record of some documents."""
        for document in documents:
            self.add(document)

    def _keep(self, event: TrailEvent) -> None:
        # Two trails, or one trail for all regions, deliver one event more than once.
        key = event.event_id or f"no id {len(self._rows)}"
        if key in self._rows:
            self.duplicates += 1
        else:
            self._rows[key] = event

    @property
    def rows(self) -> tuple[TrailEvent, ...]:
        """Return the rows, oldest first; equal times are ordered by event id."""
        return tuple(sorted(self._rows.values(), key=lambda row: (row.time, row.event_id)))


def kinds_seen(
    collector: Collector, recorded: frozenset[str] | None, also: frozenset[str] = frozenset()
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the kinds that a source holds: what its trail's selectors say, else what was seen.

    `also` are kinds that were seen in records that the query did not want.

    Records do not say what their trail records: a kind of which there is none may not have
    happened or may not be recorded, and the note says so.
    """
    if recorded is not None:
        return recorded, ()
    seen = also | {KIND_OF[row.source, row.name] for row in collector.rows}
    missing = [kind for kind in KINDS if kind in collector.query.kinds - seen]
    if not missing:
        return seen, ()
    note = (
        f"There is no record here of {', '.join(missing)}; whether the trail records "
        "these at all is not known."
    )
    return seen, (note,)


def _about_monitor(query: TrailQuery, event: TrailEvent) -> bool:
    """Return whether a call is about a monitor of ours, or may be: a refused one may name none."""
    if not query.monitors or not (event.monitor_name or event.monitor_id):
        return True
    return any(
        (name and name == event.monitor_name) or (ident and ident == event.monitor_id)
        for name, ident in query.monitors
    )


def _about_pool(query: TrailQuery, event: TrailEvent) -> bool:
    return not query.pools or not event.identity_pool or event.identity_pool in query.pools


def _about_session(query: TrailQuery, event: TrailEvent) -> bool:
    """STS serves every web identity of the account (clusters, pipelines): keep the browser's."""
    if _is_role(query.roles, event.role) or (event.identity_pool in query.pools):
        return True
    if event.identity_pool and query.pools:
        return False
    if query.roles and event.role:
        return False
    return bool(event.flow or event.identity_pool)


def _about_configuration(query: TrailQuery, event: TrailEvent) -> bool:
    if event.source != IAM_SOURCE:
        return _about_monitor(query, event) and _about_pool(query, event)
    if event.resource.startswith("arn:"):
        return not query.policies or event.resource in query.policies
    return not query.roles or _is_role(query.roles, event.resource)


def _is_role(roles: tuple[str, ...], role: str) -> bool:
    """Compare role names and ARNs; a name has no path, an ARN may."""
    name = role.rsplit("/", 1)[-1]
    return bool(name) and any(name == known.rsplit("/", 1)[-1] for known in roles)


_ABOUT: Mapping[str, Callable[[TrailQuery, TrailEvent], bool]] = {
    PUT_RUM_EVENTS: _about_monitor,
    COGNITO: _about_pool,
    STS: _about_session,
    CHANGES: _about_configuration,
}
