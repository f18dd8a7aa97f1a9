"""What is asked of a trail, and what it answers: the same for every source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from rumkit.aws.partitions import app_monitor_arn, identity_pool_arn, partition_of
from rumkit.trail.changed import resource_kind
from rumkit.trail.coverage import Coverage, Gap, distinct, with_gaps
from rumkit.trail.events import NETWORK, TrailEvent, frame, read_record
from rumkit.trail.names import (
    ALL_KINDS,
    CHANGES,
    COGNITO,
    COGNITO_SOURCE,
    IAM_SOURCE,
    KIND_OF,
    KINDS,
    PUT_RUM_EVENTS,
    RUM_SOURCE,
    STS,
    names_of,
)
from rumkit.trail.shapes import NO_CALL, UnreadFile, records_of

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from rumkit.model import Question
    from rumkit.target import Window

_ATTACHING = frozenset({"AttachRolePolicy", "DetachRolePolicy"})

Clients = Callable[[str, str], Any]
"""`clients(service, region)` gives a boto3 client; the sources make no sessions of their own."""


@dataclass(frozen=True)
class TrailQuery:
    """What to read from a trail; one query serves any number of app monitors.

    `monitors` are (name, id) pairs, either of which may be "". `roles` are role names or ARNs,
    `pools` identity pool ids; an empty tuple of these restricts nothing. `policies` are the ARNs
    of the managed policies that are attached to the roles, None where they are not known.
    `kinds` are those of `rumkit.trail.names`. `regions` are those of the monitors; IAM, STS and
    the pools are looked for where AWS records them. `outcomes` says whether calls that succeeded
    are wanted too; configuration changes always come whole. PutRumEvents that succeeded are
    many: a busy site makes millions a day. `account` is the account that all of them are in, ""
    where it is not known.
    """

    window: Window
    monitors: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    policies: tuple[str, ...] | None = None
    regions: tuple[str, ...] = ()
    kinds: frozenset[str] = ALL_KINDS
    outcomes: Literal["failures", "all"] = "failures"
    account: str = ""

    def __post_init__(self) -> None:
        if not self.kinds or not self.kinds <= ALL_KINDS:
            raise ValueError(f"kinds are some of {sorted(ALL_KINDS)}, not {sorted(self.kinds)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Return the event names that this query is about."""
        return names_of(self.kinds)

    @property
    def pool_regions(self) -> tuple[str, ...]:
        """Return the Regions of the pools, those of the monitors where no pool is known."""
        regions = sorted({pool.partition(":")[0] for pool in self.pools if ":" in pool})
        return tuple(regions) or self.regions

    @property
    def home_regions(self) -> tuple[str, ...]:
        """Return the Regions that record the calls of IAM, one for each partition."""
        named = (*self.regions, *self.pool_regions) or ("",)
        return tuple(dict.fromkeys(partition_of(region).home for region in named))

    @property
    def all_regions(self) -> tuple[str, ...]:
        """Return the regions of monitors and pools, and those that record IAM."""
        return tuple(sorted({*self.regions, *self.pool_regions, *self.home_regions}))

    def regions_of(self, kind: str) -> tuple[str, ...]:
        """Return the Regions in which the calls of a kind are recorded, none where not known."""
        if not self.regions and not self.pools:
            return ()
        if kind == PUT_RUM_EVENTS:
            return self.regions
        return self.all_regions if kind == CHANGES else self.pool_regions

    @property
    def resource_arns(self) -> dict[str, tuple[str, ...]]:
        """Return the ARNs that data events of each kind name, none for a kind without a name."""
        if not self.account:
            return {}
        names = [name for name, _ in self.monitors]
        monitors = tuple(
            app_monitor_arn(region, self.account, name) for region in self.regions for name in names
        )
        pools = tuple(identity_pool_arn(self.account, pool) for pool in self.pools)
        named = {PUT_RUM_EVENTS: monitors if all(names) else (), COGNITO: pools}
        return {kind: arns for kind, arns in named.items() if arns}

    @property
    def monitor_ids(self) -> dict[str, str]:
        """Return the monitors whose name and id are both known, name to id."""
        return {name: ident for name, ident in self.monitors if name and ident}

    def wants(self, event: TrailEvent) -> bool:
        """Return whether a row answers this query; every source filters with this."""
        kind = KIND_OF.get((event.source, event.name))
        if self.outcomes == "failures" and kind != CHANGES and not event.failed:
            return False
        return self.concerns(event)

    def concerns(self, event: TrailEvent) -> bool:
        """Return whether a row is of the kinds, window and things asked for, failed or not."""
        kind = KIND_OF.get((event.source, event.name))
        if kind not in self.kinds or not self.window.since <= event.time < self.window.until:
            return False
        # An organisation's trail holds the calls of all its accounts, with the same names.
        foreign = self.account and event.account and event.account != self.account
        # A client that calls the wrong region is recorded there, with the monitor's id; a
        # monitor of the same name there is another one.
        astray = event.source == RUM_SOURCE and self.regions and event.region not in self.regions
        if foreign or astray:
            return any(ident and ident == event.monitor_id for _, ident in self.monitors)
        return _ABOUT[kind](self, event)

    def wants_if_attached(self, event: TrailEvent) -> bool:
        """Return whether a policy's change is wanted if it was attached to one of the roles."""
        return self.policies is not None and replace(self, policies=None).wants(event)

    def is_about(self, event: TrailEvent, attached: Iterable[str] = ()) -> bool:
        """Return whether a configuration change is certainly of something that was asked for.

        `attached` are policies that were attached to the roles for a while, beside `policies`.
        """
        if resource_kind(event.source, event.name) == "policy":
            return event.resource in {*(self.policies or ()), *attached}
        if not self.concerns(event):
            return False
        if event.source == RUM_SOURCE:
            return bool(self.monitors) and bool(event.monitor_name or event.monitor_id)
        if event.source == COGNITO_SOURCE:
            return event.identity_pool in self.pools
        return _is_role(self.roles, event.resource)


@dataclass(frozen=True)
class TrailResult:
    """What a source answered; `holds` are the kinds that it records at all.

    A kind that is not in `holds` is not recorded there: its absence from `rows` says nothing.
    `coverage` tells, for each kind and Region, how far the source covers the window: that no
    row of a kind is there proves something only where it is covered. `succeeded` counts by kind
    the successful calls that the source holds beside the rows, None where nobody counted.
    `latest_success` has the time of the last of them by the call's name, as far as it is known.
    `asked` are the questions as they were put to AWS.
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
    coverage: tuple[Coverage, ...] = ()
    succeeded: Mapping[str, int] | None = None
    latest_success: Mapping[str, datetime] = field(default_factory=dict)
    asked: tuple[Question, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame with the columns of `rumkit.trail.events.COLUMNS`."""
        return frame(self.rows)

    def coverage_of(self, *kinds: str) -> tuple[Coverage, ...]:
        """Return the coverage of some kinds, of each Region that matters."""
        return tuple(each for each in self.coverage if each.kind in kinds)

    def covers(self, *kinds: str) -> bool:
        """Return whether the window is covered wholly for all of some kinds, everywhere."""
        by_kind = [self.coverage_of(kind) for kind in kinds]
        return all(found and all(each.state == "covered" for each in found) for found in by_kind)

    def unusable(self) -> str:
        """Say why nothing at all was read of the window; empty where something was."""
        window = (self.window.since, self.window.until)
        none_of_it = [gap for gap in self.gaps(*KINDS) if (gap.since, gap.until) == window]
        why = (*none_of_it, *lost_records(self.unread))
        return " ".join(gap.sentence for gap in why) if none_of_it else ""

    def gaps(self, *kinds: str) -> tuple[Gap, ...]:
        """Return why some kinds are not covered, each reason once."""
        return distinct(gap for each in self.coverage_of(*kinds) for gap in each.gaps)


class TrailSource(Protocol):
    """Whatever holds CloudTrail records and can be asked for some of them."""

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return what the source holds for a query. Raises NotCollected when it can't look."""


class RowCollector:
    """Reads documents of any shape into the rows that a query wants, each event once.

    `succeeded` counts by kind the successful calls that came along and were not asked for.
    """

    def __init__(self, query: TrailQuery, trail_source: str) -> None:
        self.query = query
        self.trail_source = trail_source
        self.unread: Counter[str] = Counter()
        self.succeeded: Counter[str] = Counter()
        self.latest_success: dict[str, datetime] = {}
        self._rows: dict[str, TrailEvent] = {}
        self._policies: list[TrailEvent] = []

    def add(self, document: object) -> None:
        """Read every record of a document."""
        monitors = self.query.monitor_ids
        for record in records_of(document):
            event = read_record(record, monitors=monitors, trail_source=self.trail_source)
            if isinstance(event, UnreadFile):
                self.unread[event.reason] += 1
            elif self.query.wants(event):
                self._keep(event)
            elif event.category == NETWORK:
                # What passed an endpoint of a VPC is recorded once more by the service itself.
                continue
            elif not event.failed and self.query.concerns(event):
                self.succeeded[KIND_OF[event.source, event.name]] += 1
                before = self.latest_success.get(event.name, event.time)
                self.latest_success[event.name] = max(event.time, before)
            elif event.policy and self.query.wants_if_attached(event):
                self._policies.append(event)

    def add_all(self, documents: Iterable[object]) -> None:
        """Read every record of some documents."""
        for document in documents:
            self.add(document)

    def _keep(self, event: TrailEvent) -> None:
        # Two trails, or one trail for all regions, deliver one event more than once.
        self._rows.setdefault(event.event_id or f"no id {len(self._rows)}", event)

    @property
    def rows(self) -> tuple[TrailEvent, ...]:
        """Return the rows, oldest first; equal times are ordered by event id.

        Changes of policies that were attached or detached within the window are among them.
        """
        for policy in attached_for_a_while(self._rows.values()):
            for event in self._policies:
                if event.resource == policy:
                    self._rows.setdefault(event.event_id or f"{policy} {event.time}", event)
        return tuple(sorted(self._rows.values(), key=lambda row: (row.time, row.event_id)))

    @property
    def seen(self) -> frozenset[str]:
        """Return the kinds of which there was any call, whatever came of it."""
        kinds = {KIND_OF[row.source, row.name] for row in self.rows}
        return frozenset(kinds | set(self.succeeded))


def attached_for_a_while(rows: Iterable[TrailEvent]) -> frozenset[str]:
    """Return the policies that changes of roles attached or detached."""
    return frozenset(row.policy for row in rows if row.name in _ATTACHING and row.policy)


def lost_records(unread: Mapping[str, int]) -> tuple[Gap, ...]:
    """Return a gap for records that are there and could not be read: any of them may be ours."""
    lost = {reason: count for reason, count in unread.items() if reason not in NO_CALL}
    return tuple(
        Gap(f"{count} of its records or files could not be read: {reason}")
        for reason, count in lost.items()
    )


def result_of(
    collector: RowCollector,
    coverage: tuple[Coverage, ...],
    gaps: Iterable[Gap],
    *,
    known: bool,
    seen: frozenset[str] = frozenset(),
) -> TrailResult:
    """Return what a source that was read answers, without what the reading cost.

    `known` says that `coverage` comes from the selectors of what writes the source. Else records
    do not say what their trail records: a kind of which there is none, `seen` included, may not
    have happened or may not be recorded.
    """
    more = (*gaps, *lost_records(collector.unread))
    present = seen | collector.seen
    notes: tuple[str, ...] = ()
    if known:
        present = frozenset(each.kind for each in coverage if each.state != "not-covered")
    elif missing := [kind for kind in KINDS if kind in collector.query.kinds - present]:
        untold = f"There is no record here of {', '.join(missing)}; whether the trail records these"
        notes = (f"{untold} at all is not known.",)
    return TrailResult(
        rows=collector.rows,
        source=collector.trail_source,
        window=collector.query.window,
        holds=present,
        notes=notes,
        unread=dict(collector.unread),
        coverage=with_gaps(coverage, more),
    )


def _about_monitor(query: TrailQuery, event: TrailEvent) -> bool:
    """Return whether a call is about a monitor of ours, or may be: a refused one may name none."""
    if not query.monitors:
        return True
    if not (event.monitor_name or event.monitor_id):
        return _about_pool(query, event)
    return any(
        (name and name == event.monitor_name) or (ident and ident == event.monitor_id)
        for name, ident in query.monitors
    )


def _about_pool(query: TrailQuery, event: TrailEvent) -> bool:
    return not query.pools or not event.identity_pool or event.identity_pool in query.pools


def _about_session(query: TrailQuery, event: TrailEvent) -> bool:
    """STS serves every web identity of the account (clusters, pipelines): keep the browser's."""
    if _is_role(query.roles, event.role) or event.identity_pool in query.pools:
        return True
    if (event.identity_pool and query.pools) or (event.role and query.roles):
        return False
    return bool(event.flow or event.identity_pool)


def _about_configuration(query: TrailQuery, event: TrailEvent) -> bool:
    if event.source != IAM_SOURCE:
        return _about_monitor(query, event) and _about_pool(query, event)
    if resource_kind(event.source, event.name) == "policy":
        return query.policies is None or event.resource in query.policies
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
