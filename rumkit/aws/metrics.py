"""Arrival as CloudWatch counts it: a sample of RumEventPayloadSize for every accepted event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rumkit.aws.session import AwsSession
    from rumkit.target import Window

# CloudWatch keeps periods under an hour for 63 days at the most; 300 s gives a day in 288 points.
_PERIODS = ((48, 300), (14 * 24, 3600))
_DAY = 86400
_LONG_LOOK = timedelta(days=15)


@dataclass(frozen=True)
class Arrival:
    """Accepted events per period; `counts` are (start of period in UTC, events), gaps are zero.

    `last_before` is the last hour with events in the fifteen days up to the window's end, None
    when there was none: a monitor that was never heard of or long silent.
    """

    period: int
    counts: tuple[tuple[datetime, int], ...]
    last_before: datetime | None

    @property
    def total(self) -> int:
        """Return the number of accepted events in the window."""
        return sum(count for _, count in self.counts)

    @property
    def last(self) -> datetime | None:
        """Return the start of the last period that has events, in the window or before."""
        inside = [moment for moment, count in self.counts if count]
        return inside[-1] if inside else self.last_before


def period_for(window: Window) -> int:
    """Return the period in seconds that shows this window in a few hundred points."""
    return next((period for hours, period in _PERIODS if window.hours <= hours), _DAY)


def read_window(
    session: AwsSession, region: str, monitor: str, window: Window
) -> dict[datetime, int]:
    """Return accepted events per period of the window, periods without events left out."""
    return _read(session, region, monitor, window.since, window.until, period=period_for(window))


def read_last_hour_with_events(
    session: AwsSession, region: str, monitor: str, window: Window
) -> datetime | None:
    """Return the last hour with events in the fifteen days up to the window's end, or None."""
    seen = _read(session, region, monitor, window.until - _LONG_LOOK, window.until, period=3600)
    return max(seen, default=None)


def arrival(window: Window, seen: dict[datetime, int], last_before: datetime | None) -> Arrival:
    """Lay the seen counts on every period of the window, zero where CloudWatch has none."""
    period = period_for(window)
    step = timedelta(seconds=period)
    start = _floor(window.since, period)
    counts: list[tuple[datetime, int]] = []
    while start < window.until:
        counts.append((start, seen.get(start, 0)))
        start += step
    return Arrival(period, tuple(counts), last_before)


def _floor(moment: datetime, period: int) -> datetime:
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % period, UTC)


def _read(
    session: AwsSession, region: str, monitor: str, since: datetime, until: datetime, *, period: int
) -> dict[datetime, int]:
    query: dict[str, Any] = {
        "Id": "arrived",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/RUM",
                "MetricName": "RumEventPayloadSize",
                "Dimensions": [{"Name": "application_name", "Value": monitor}],
            },
            "Period": period,
            "Stat": "SampleCount",
        },
    }
    results = session.read_all(
        "cloudwatch",
        "GetMetricData",
        "MetricDataResults",
        region=region,
        MetricDataQueries=[query],
        StartTime=_floor(since, period),
        EndTime=until,
        ScanBy="TimestampAscending",
    )
    return {
        _floor(moment, period): int(value)
        for result in results
        for moment, value in zip(result["Timestamps"], result["Values"], strict=True)
        if value > 0
    }
