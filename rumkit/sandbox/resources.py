"""What stands in the sandbox's account, and what its visits left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from rumkit.sandbox.ids import ACCOUNT, BEGINNING, REGION, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

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


@dataclass(frozen=True)
class BucketFile:
    """A file of a trail's bucket: packed, with its entity tag and when it was last written."""

    body: bytes
    etag: str
    written: str


@dataclass(frozen=True)
class BucketFiles:
    """The files of a trail's bucket by key, in order, as they are after so many records."""

    trail: str
    records: int
    by_key: Mapping[str, BucketFile]


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


@dataclass(frozen=True)
class Workgroup:
    """A workgroup: where its results go, "" for nowhere; `enforced` overrides the caller."""

    location: str = "s3://athena-results/"
    enforced: bool = False
    enabled: bool = True


@dataclass(frozen=True)
class Traffic:
    """CloudTrail records, accepted RUM events, X-Ray traces and requests, oldest first."""

    records: list[Record] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)
    requests: list[datetime] = field(default_factory=list)
    _by_monitor: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def events_of(self, monitor_id: str) -> list[dict[str, Any]]:
        """Return the events of one monitor; the lists are sorted out once, and grow no more."""
        if not self._by_monitor:
            sorted_out: dict[str, list[dict[str, Any]]] = {"": []}
            for event in self.events:
                sorted_out.setdefault(event["application_id"], []).append(event)
            self._by_monitor.update(sorted_out)
        return self._by_monitor.get(monitor_id, [])
