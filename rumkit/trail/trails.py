"""Trails and event data stores as CloudTrail describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.aws.partitions import account_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rumkit.trail.selectors import Recorded


@dataclass(frozen=True)
class TrailStatus:
    """What GetTrailStatus says; times are None and errors empty where it says nothing.

    `started` and `stopped` are the last of each. `delivered` is the last delivery to the bucket,
    `logs_delivered` the last one to the log group.
    """

    logging: bool
    started: datetime | None = None
    stopped: datetime | None = None
    delivered: datetime | None = None
    delivery_error: str = ""
    logs_delivered: datetime | None = None
    logs_error: str = ""


@dataclass(frozen=True)
class Trail:
    """A trail: where it delivers, whether it runs, and what its selectors record.

    `log_group_arn` may be of another account than ours, as may the whole trail: an
    organisation's trail belongs to its management account. `status` and `selectors` are None
    where they could not be read.
    """

    name: str
    arn: str
    region: str
    multi_region: bool
    bucket: str
    prefix: str
    log_group: str
    recorded: Recorded
    status: TrailStatus | None = None
    selectors: Mapping[str, Any] | None = None
    log_group_arn: str = ""
    global_events: bool = True

    @property
    def logging(self) -> bool | None:
        """Return whether the trail runs, None where that could not be read."""
        return None if self.status is None else self.status.logging

    @property
    def logs_account(self) -> str:
        """Return the account that the trail's log group belongs to."""
        return account_of(self.log_group_arn)

    @property
    def records(self) -> frozenset[str]:
        """Return the kinds that arrive from this trail; a stopped one delivers nothing."""
        return frozenset() if self.logging is False else self.recorded.kinds


@dataclass(frozen=True)
class LakeStore:
    """An event data store of CloudTrail Lake; `retention` is in days, None where not said."""

    ident: str
    name: str
    region: str
    enabled: bool
    recorded: Recorded
    selectors: Mapping[str, Any] = field(default_factory=dict)
    multi_region: bool = True
    created: datetime | None = None
    retention: int | None = None
    key: str = ""

    @property
    def records(self) -> frozenset[str]:
        """Return the kinds that this store takes in."""
        return self.recorded.kinds if self.enabled else frozenset()
