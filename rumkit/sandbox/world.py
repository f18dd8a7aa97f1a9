"""The state of the sandbox: one account with its monitors, pools, sessions, trails and pages."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from rumkit.sandbox.ids import NOW, uuid_of
from rumkit.sandbox.resources import (
    BucketFiles,
    Call,
    LogGroup,
    Member,
    Monitor,
    Pool,
    Record,
    Session,
    Trail,
    Workgroup,
)
from rumkit.sandbox.roles import Roles
from rumkit.sandbox.trail_sql import Tables

if TYPE_CHECKING:
    from rumkit.aws.policy import Decision
    from rumkit.sandbox.installation import Installation


@dataclass
class World:
    """Everything the sandbox knows. `lock` guards every read and write of it."""

    clock: datetime = NOW
    # Up to when visitors have come; None as long as nobody moved the clock.
    visited: datetime | None = None
    monitors: dict[tuple[str, str], Monitor] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    roles: Roles = field(default_factory=Roles)
    # The accounts of the organization, this one among them; empty where it is in none.
    organization: list[Member] = field(default_factory=list)
    trails: list[Trail] = field(default_factory=list)
    # Event data stores of CloudTrail Lake; what they record is told as a trail's is.
    stores: list[Trail] = field(default_factory=list)
    # Log groups on which something else is set than the default, by name.
    groups: dict[str, LogGroup] = field(default_factory=dict)
    # Athena's workgroups, by name.
    workgroups: dict[str, Workgroup] = field(default_factory=lambda: {"primary": Workgroup()})
    # Opt-in Regions that the account has not switched on.
    regions_off: set[str] = field(default_factory=set)
    # With Transaction Search this is CloudWatchLogs, and X-Ray's own API has no traces.
    trace_destination: Literal["XRay", "CloudWatchLogs"] = "XRay"
    service_control: dict[str, Any] = field(default_factory=dict)
    throttled_monitors: set[str] = field(default_factory=set)
    installations: dict[str, Installation] = field(default_factory=dict)
    journal: list[Record] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)
    # Requests to the sites since the sandbox began, by installation.
    requests: dict[str, list[datetime]] = field(default_factory=dict)
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    decided: dict[str, Decision] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)
    denied_actions: set[str] = field(default_factory=set)
    latency_ms: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    counter: int = 0
    # What is made of the records for queries, and as the files of a bucket.
    tables: Tables = field(default_factory=Tables)
    files: dict[str, BucketFiles] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def group(self, name: str) -> LogGroup:
        """Return what is set on a log group."""
        return self.groups.get(name, LogGroup())

    def live(self) -> datetime:
        """Return when a call made now is said to have happened.

        The clock stands still and queries end at it, exclusive; so it is the second before.
        """
        return self.clock - timedelta(seconds=1)

    def next_id(self, kind: str) -> str:
        """Return the next UUID of a kind; the same calls give the same ids."""
        self.counter += 1
        return uuid_of(kind, self.counter)

    def monitor_by_id(self, monitor_id: str, region: str) -> Monitor | None:
        """Return the monitor with this id in a region."""
        monitors = (m for m in self.monitors.values() if m.id == monitor_id and m.region == region)
        return next(monitors, None)

    def management_records(self) -> list[Record]:
        """Return all management records, seeded and live, oldest first."""
        return sorted(
            (record for record in self.records() if record["managementEvent"]),
            key=lambda record: (record["eventTime"], record["eventID"]),
        )

    def text_of(self, ident: str, document: Record) -> str:
        """Return a record or event as JSON, which is written once; neither ever changes."""
        text = self._texts.get(ident)
        if text is None:
            text = self._texts[ident] = json.dumps(document)
        return text

    def records(self) -> list[Record]:
        """Return every CloudTrail record that could exist, whether a trail keeps it or not."""
        seeded = [r for place in self.installations.values() for r in place.traffic().records]
        return [*seeded, *self.journal]

    def events(self, monitor: Monitor) -> list[dict[str, Any]]:
        """Return the RUM events that a monitor accepted, as its log group holds them."""
        seeded = [
            event
            for place in self.installations.values()
            for event in place.traffic().events_of(monitor.id)
        ]
        return [*seeded, *(e for e in self.accepted if e["application_id"] == monitor.id)]
