"""The state of the sandbox: one account with its monitors, pools, sessions, trails and pages."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from rumkit.sandbox.athena_access import Workgroup
from rumkit.sandbox.ids import ACCOUNT, BEGINNING, NOW, REGION, stamp, uuid_of
from rumkit.sandbox.roles import Roles

if TYPE_CHECKING:
    from rumkit.aws.policy import Decision
    from rumkit.sandbox.installation import Installation

Record = dict[str, Any]


@dataclass
class Monitor:
    """An app monitor, in one region."""

    name: str
    id: str
    domains: list[str]
    region: str
    configuration: dict[str, Any]
    created: datetime
    modified: datetime
    cw_log: bool = True
    custom_events: str = "DISABLED"
    state: str = "ACTIVE"
    platform: Literal["Web", "iOS", "Android"] = "Web"
    policy: str | None = None
    policy_revision: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Return the ARN, which holds the name, never the id."""
        return f"arn:aws:rum:{self.region}:{ACCOUNT}:appmonitor/{self.name}"

    @property
    def log_group(self) -> str:
        """Return the name of the log group that RUM writes when it is switched on."""
        return f"/aws/vendedlogs/RUMService_{self.name}{self.id[:8]}"


@dataclass
class Pool:
    """An identity pool; `classic` is None when AllowClassicFlow was never set."""

    id: str
    name: str
    guests: bool = True
    classic: bool | None = None
    roles: dict[str, str] = field(default_factory=dict)
    role_mappings: dict[str, Any] = field(default_factory=dict)
    throttled: bool = False

    @property
    def region(self) -> str:
        """Return the region, the part of the id before the colon."""
        return self.id.partition(":")[0]

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:cognito-identity:{self.region}:{ACCOUNT}:identitypool/{self.id}"


@dataclass(frozen=True)
class Session:
    """Credentials that the sandbox vended to a guest."""

    access_key: str
    secret_key: str
    token: str
    role_arn: str
    session_name: str
    pool_id: str = ""
    identity_id: str = ""
    flow: Literal["basic", "enhanced", "assumed"] = "assumed"
    account: str = ACCOUNT

    @property
    def role_name(self) -> str:
        """Return the role's name."""
        return self.role_arn.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Member:
    """An account of the organization; `state` is `ACTIVE`, `SUSPENDED`, `CLOSED` and the like."""

    number: str
    name: str
    state: str = "ACTIVE"


@dataclass
class Trail:
    """A trail, or an event data store: where it delivers to, and what it records.

    `only` names the resources that its selectors of data events name, all where it is empty.
    `stopped` is when it was stopped last, before `started` where it runs again. `bucket_error`
    and `group_error` are what deliveries have been failing with since `failing`. `owner` is the
    account that it belongs to: an organisation's trail is its management account's. `key` is the
    KMS key of its files, and `governed` is true where Lake Formation guards its table.
    """

    name: str
    region: str = REGION
    log_group: str | None = None
    bucket: str = ""
    data_types: tuple[str, ...] = ()
    logging: bool = True
    only: tuple[str, ...] = ()
    multi_region: bool = True
    started: datetime = BEGINNING
    stopped: datetime | None = None
    bucket_error: str = ""
    group_error: str = ""
    failing: datetime | None = None
    owner: str = ACCOUNT
    key: str = ""
    governed: bool = False

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:cloudtrail:{self.region}:{self.owner}:trail/{self.name}"

    def records(self, record: Record) -> bool:
        """Tell whether the trail writes this record down."""
        if not self._runs_at(record["eventTime"]):
            return False
        if not self.multi_region and record["awsRegion"] != self.region:
            return bool(record["eventSource"] == "iam.amazonaws.com")
        if record["managementEvent"]:
            return True
        return any(
            item["type"] in self.data_types and (not self.only or item["ARN"] in self.only)
            for item in record.get("resources", ())
        )

    def delivers(self, record: Record, medium: Literal["bucket", "group"]) -> bool:
        """Tell whether a record is in the trail's bucket or log group."""
        error = self.bucket_error if medium == "bucket" else self.group_error
        late = (
            bool(error) and self.failing is not None and record["eventTime"] >= stamp(self.failing)
        )
        return self.records(record) and not late

    def delivered(self, clock: datetime, medium: Literal["bucket", "group"]) -> datetime:
        """Return when the trail delivered last."""
        error = self.bucket_error if medium == "bucket" else self.group_error
        if error and self.failing:
            return self.failing
        ended = clock if self.logging else self.stopped or clock
        return ended - timedelta(minutes=4)

    def _runs_at(self, moment: str) -> bool:
        stopped = stamp(self.stopped) if self.stopped else None
        if not self.logging:
            return stopped is not None and moment < stopped
        return moment >= stamp(self.started) or (stopped is not None and moment < stopped)


@dataclass
class LogGroup:
    """What is set on a log group, beside its name."""

    retention: int | None = 30
    log_class: Literal["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"] = "STANDARD"
    created: datetime = BEGINNING
    key: str = ""
    # False when CloudWatch Logs may not use the key: nothing that is written gets in.
    readable: bool = True


@dataclass(frozen=True)
class Call:
    """One API call that reached the sandbox."""

    service: str
    operation: str
    params: dict[str, Any]
    region: str
    caller: str = ""


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
    # Opt-in Regions that the account has not switched on.
    # Athena's workgroups, by name.
    workgroups: dict[str, Workgroup] = field(default_factory=lambda: {"primary": Workgroup()})
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
        found = (m for m in self.monitors.values() if m.id == monitor_id and m.region == region)
        return next(found, None)

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
