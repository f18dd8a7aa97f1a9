"""Arrival as CloudWatch counts it: a sample of RumEventPayloadSize for every accepted event.

Mobile apps send logs and spans, which have a metric each. Beside arrival are the requests to the
site, as its load balancer or its distribution counts them.
Sources: CloudWatch API reference, GetMetricData; CloudWatch user guide, "CloudWatch metrics that
you can collect with CloudWatch RUM".
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rumkit.model import NotCollected, Question
from rumkit.target import iso, now

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rumkit.aws.monitor import Monitor
    from rumkit.aws.session import AwsSession
    from rumkit.target import Site, Window

# 300 s gives a day in 288 points.
_PERIODS = ((48, 300), (14 * 24, 3600))
_DAY = 86400
# From a start so long ago there are points of these periods (in seconds) and longer ones alone.
_KEPT = ((timedelta(days=63), 3600), (timedelta(days=15), 300))
_WEB_METRICS = ("RumEventPayloadSize",)
_MOBILE_METRICS = ("LogPayloadSize", "SpanPayloadSize")
_LONG_LOOK = timedelta(days=15)
# CloudFront's metrics are all in this region, under a dimension of their own.
_CLOUDFRONT_REGION = "us-east-1"


@dataclass(frozen=True)
class Metric:
    """One metric of CloudWatch: where it is, by which dimensions, and the statistic to ask."""

    region: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str

    def query(self, period: int) -> dict[str, Any]:
        """Return the metric as GetMetricData asks for it, in periods of so many seconds."""
        named = [{"Name": name, "Value": value} for name, value in self.dimensions]
        metric = {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": named}
        return {
            "Id": "counted",
            "MetricStat": {"Metric": metric, "Period": period, "Stat": self.stat},
        }


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
    """Return the period in seconds that shows this window in a few hundred points.

    How short a period may be depends on how long ago the window begins, not on its length.
    """
    age = now() - window.since
    least = next((period for limit, period in _KEPT if age > limit), 60)
    fitting = next((period for hours, period in _PERIODS if window.hours <= hours), _DAY)
    return max(fitting, least)


def read_window(session: AwsSession, monitor: Monitor, window: Window) -> dict[datetime, int]:
    """Return accepted events per period of the window, periods without events left out."""
    return _accepted(session, monitor, window.since, window.until, period_for(window))


def questions(monitor: Monitor, window: Window) -> tuple[Question, ...]:
    """Return what `read_window` asks of CloudWatch, a question for each metric."""
    return tuple(_question(metric, window) for metric in _accepted_metrics(monitor))


def traffic_question(region: str, site: Site, window: Window) -> Question:
    """Return what `read_traffic` asks of CloudWatch."""
    return _question(_requests(region, site), window)


def _question(metric: Metric, window: Window) -> Question:
    period = period_for(window)
    named = " ".join(f"{name}={value}" for name, value in metric.dimensions)
    words = ("aws", "cloudwatch", "get-metric-data", "--region", metric.region)
    start = iso(_floor(window.since, period))
    when = ("--start-time", start, "--end-time", iso(window.until))
    asked = ("--metric-data-queries", json.dumps([metric.query(period)]))
    return Question(
        "metrics",
        f"{metric.stat} of {metric.namespace} {metric.name}, {named}, every {period} s",
        f"CloudWatch in {metric.region}",
        (*words, *when, *asked),
    )


def read_last_hour_with_events(
    session: AwsSession, monitor: Monitor, window: Window
) -> datetime | None:
    """Return the last hour with events in the fifteen days up to the window's end, or None."""
    seen = _accepted(session, monitor, window.until - _LONG_LOOK, window.until, 3600)
    return max(seen, default=None)


def read_traffic(
    session: AwsSession, region: str, site: Site, window: Window
) -> dict[datetime, int]:
    """Return the site's requests per period of the window, the periods of `read_window`.

    CloudWatch has no data for a period without requests, and none for a name that does not
    exist. Raises NotCollected when there was no request in fifteen days either.
    """
    metric = _requests(region, site)
    seen = _read(session, metric, window.since, window.until, period=period_for(window))
    if seen or _read(session, metric, window.until - _LONG_LOOK, window.until, period=3600):
        return seen
    raise NotCollected(
        "traffic",
        f"CloudWatch counted no request of {site.kind}:{site.name} in {metric.region} in the"
        " fifteen days up to the end of the window; it may have another name or region",
        missing=("input:traffic",),
    )


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


def _accepted(
    session: AwsSession, monitor: Monitor, since: datetime, until: datetime, period: int
) -> dict[datetime, int]:
    counts: Counter[datetime] = Counter()
    for metric in _accepted_metrics(monitor):
        counts.update(_read(session, metric, since, until, period=period))
    return dict(counts)


def _accepted_metrics(monitor: Monitor) -> list[Metric]:
    """Return the metrics whose samples are what a monitor of this platform accepted."""
    of = (("application_name", monitor.name),)
    names = _MOBILE_METRICS if monitor.mobile else _WEB_METRICS
    return [Metric(monitor.region, "AWS/RUM", name, of, "SampleCount") for name in names]


def _requests(region: str, site: Site) -> Metric:
    if site.kind == "alb":
        balancer = (("LoadBalancer", site.name),)
        return Metric(region, "AWS/ApplicationELB", "RequestCount", balancer, "Sum")
    name = (("DistributionId", site.name), ("Region", "Global"))
    return Metric(_CLOUDFRONT_REGION, "AWS/CloudFront", "Requests", name, "Sum")


def _read(
    session: AwsSession, metric: Metric, since: datetime, until: datetime, *, period: int
) -> dict[datetime, int]:
    results = session.read_all(
        "cloudwatch",
        "GetMetricData",
        "MetricDataResults",
        region=metric.region,
        MetricDataQueries=[metric.query(period)],
        StartTime=_floor(since, period),
        EndTime=until,
        ScanBy="TimestampAscending",
    )
    _require_complete(metric, results)
    return {
        _floor(moment, period): int(value)
        for result in results
        for moment, value in zip(result["Timestamps"], result["Values"], strict=False)
        if value > 0
    }


def _require_complete(metric: Metric, results: Sequence[Mapping[str, Any]]) -> None:
    """Raise NotCollected unless CloudWatch says that these are all points of the metric.

    PartialData stands in every page but the last; in the last one it means that points are missing.
    """
    status = str(results[-1]["StatusCode"]) if results else "no result"
    uneven = any(len(each["Timestamps"]) != len(each["Values"]) for each in results)
    if status == "Complete" and not uneven:
        return
    name = f"{metric.namespace} {metric.name} in {metric.region}"
    if status == "Forbidden":
        raise NotCollected(
            "arrival",
            f"cloudwatch:GetMetricData may not be read for {name} (StatusCode Forbidden)",
            missing=("cloudwatch:GetMetricData",),
        )
    told = "of uneven lists" if uneven else f"with StatusCode {status}"
    raise NotCollected(
        "arrival",
        f"CloudWatch answered for {name} {told}: points may be missing; repeat later",
        missing=("later:cloudwatch:GetMetricData",),
    )
