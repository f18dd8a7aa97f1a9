"""Amazon CloudWatch metrics, computed from what happened.

AWS/RUM counts the events that were accepted; AWS/ApplicationELB and AWS/CloudFront count the
visitors' requests to the pages, one for each visit.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.installation import SERVICE_ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from rumkit.sandbox.context import Context
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.resources import Monitor
    from rumkit.sandbox.world import World

_NAMESPACE = "AWS/RUM"
_DIMENSION = "application_name"
_EVENT = "com.amazon.rum."
_CLOUDFRONT_REGION = "us-east-1"


def _size(event: dict[str, Any]) -> float | None:
    return _sizes.get(event["event_id"]) or _weighed(event)


def _weighed(event: dict[str, Any]) -> float:
    size = len(json.dumps(event["event_details"])) + len(json.dumps(event["metadata"]))
    return _sizes.setdefault(event["event_id"], float(size))


# An event never changes, and every question about a metric weighs all of them.
_sizes: dict[str, float] = {}


def _counted(kind: str) -> Callable[[dict[str, Any]], float | None]:
    return lambda event: 1.0 if event["event_type"] == f"{_EVENT}{kind}" else None


_MOBILE = {"LogPayloadSize", "SpanPayloadSize"}
_METRICS: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "RumEventPayloadSize": _size,
    # A mobile app sends logs and spans; here each of its events is a log.
    "LogPayloadSize": _size,
    "SpanPayloadSize": lambda _: None,
    "SessionCount": _counted("session_start_event"),
    "PageViewCount": _counted("page_view_event"),
    "JsErrorCount": _counted("js_error_event"),
}
_UNITS = {"RumEventPayloadSize": "Bytes"}


def publishes(world: World, name: str, monitor: Monitor) -> bool:
    """Tell whether RUM publishes a metric of a monitor: by its platform, and by its own role."""
    mobile = monitor.platform != "Web"
    if not world.roles.get(SERVICE_ROLE):
        return False
    return name in _MOBILE if mobile else name not in _MOBILE


def get_metric_data(call: Context) -> dict[str, Any]:
    """GetMetricData for plain metrics (no expressions), in one page."""
    params = call.params
    newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = []
    for query in params["MetricDataQueries"]:
        if "MetricStat" not in query:
            raise AwsError("ValidationError", "The sandbox computes no metric math.", status=400)
        if query.get("ReturnData", True):
            results.append(_series(call, query, newest_first=newest_first))
    return {"MetricDataResults": results, "Messages": []}


def get_metric_statistics(call: Context) -> dict[str, Any]:
    """GetMetricStatistics."""
    params = call.params
    buckets = _buckets(
        call,
        params.get("Namespace", ""),
        params["MetricName"],
        params.get("Dimensions", []),
        (params["StartTime"], params["EndTime"], params["Period"]),
    )
    points = [
        {
            "Timestamp": moment,
            "Unit": _UNITS.get(params["MetricName"], "Count"),
            **{stat: _statistic(stat, values) for stat in params.get("Statistics", [])},
        }
        for moment, values in sorted(buckets.items())
    ]
    return {"Label": params["MetricName"], "Datapoints": points}


def list_metrics(call: Context) -> dict[str, Any]:
    """ListMetrics: those with data, of the monitors of the called region."""
    namespace = call.params.get("Namespace", _NAMESPACE)
    if namespace != _NAMESPACE:
        return {"Metrics": _site_metrics(call, namespace)}
    wanted = call.params.get("MetricName")
    metrics = [
        _metric(monitor, name)
        for monitor in call.world.monitors.values()
        if monitor.region == call.region and call.world.events(monitor)
        for name in _METRICS
        if wanted in {None, name}
        and _dimensions_match(call, monitor)
        and publishes(call.world, name, monitor)
    ]
    return {"Metrics": metrics}


OPERATIONS = {
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "ListMetrics": list_metrics,
}


def _metric(monitor: Monitor, name: str) -> dict[str, Any]:
    return {
        "Namespace": _NAMESPACE,
        "MetricName": name,
        "Dimensions": [{"Name": _DIMENSION, "Value": monitor.name}],
    }


def _site_metrics(call: Context, namespace: str) -> list[dict[str, Any]]:
    return [
        {
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        for place in call.world.installations.values()
        for space, metric, dimensions in _counters(place, call.region)
        if space == namespace and call.params.get("MetricName") in {None, metric}
    ]


def _counters(place: Installation, region: str) -> list[tuple[str, str, dict[str, str]]]:
    """Return what counts a site's requests in a region: namespace, metric, dimensions."""
    counters = []
    if region == place.monitor.region:
        counters.append(
            ("AWS/ApplicationELB", "RequestCount", {"LoadBalancer": place.load_balancer})
        )
    if region == _CLOUDFRONT_REGION:
        named = {"DistributionId": place.distribution, "Region": "Global"}
        counters.append(("AWS/CloudFront", "Requests", named))
    return counters


def _requests(
    world: World, region: str, metric: tuple[str, str, dict[str, str]]
) -> Iterable[tuple[float, float]]:
    """Yield (seconds, 1.0) for every request that a load balancer or distribution counted."""
    for place in world.installations.values():
        if metric in _counters(place, region):
            for moment in (*place.traffic().requests, *world.requests.get(place.name, ())):
                yield moment.timestamp(), 1.0


def _dimensions_match(call: Context, monitor: Monitor) -> bool:
    return all(
        item["Name"] == _DIMENSION and item.get("Value", monitor.name) == monitor.name
        for item in call.params.get("Dimensions", [])
    )


def _series(call: Context, query: dict[str, Any], *, newest_first: bool) -> dict[str, Any]:
    stat = query["MetricStat"]
    metric = stat["Metric"]
    span = (call.params["StartTime"], call.params["EndTime"], stat["Period"])
    buckets = _buckets(
        call,
        metric.get("Namespace", ""),
        metric.get("MetricName", ""),
        metric.get("Dimensions", []),
        span,
    )
    points = sorted(buckets.items(), reverse=newest_first)
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or metric.get("MetricName", ""),
        "Timestamps": [moment for moment, _ in points],
        "Values": [_statistic(stat["Stat"], values) for _, values in points],
        "StatusCode": "Complete",
    }


def _buckets(
    call: Context,
    namespace: str,
    name: str,
    dimensions: Iterable[dict[str, str]],
    span: tuple[datetime, datetime, int],
) -> dict[datetime, list[float]]:
    start, end, period = span
    if not _kept(call, start, period):
        return {}
    wanted = {item["Name"]: item["Value"] for item in dimensions}
    from datetime import UTC, datetime

    if namespace == _NAMESPACE:
        samples = _events(call, name, wanted)
    else:
        samples = _requests(call.world, call.region, (namespace, name, wanted))
    first, last = start.timestamp(), end.timestamp()
    by_second: dict[float, list[float]] = defaultdict(list)
    for seconds, value in samples:
        if first <= seconds < last:
            by_second[seconds - seconds % period].append(value)
    return {datetime.fromtimestamp(begin, UTC): values for begin, values in by_second.items()}


def _kept(call: Context, start: datetime, period: int) -> bool:
    """Tell whether there are points of this period for a span that begins then."""
    days = (call.world.clock - start).total_seconds() / 86_400
    return period >= (3600 if days > 63 else 300 if days > 15 else 60)


def _events(call: Context, name: str, wanted: dict[str, str]) -> Iterable[tuple[float, float]]:
    """Yield (seconds, value) for every accepted event that a metric of AWS/RUM counts."""
    monitor = call.world.monitors.get((call.region, wanted.get(_DIMENSION, "")))
    if monitor is None or len(wanted) != 1 or not publishes(call.world, name, monitor):
        return
    value_of = _METRICS.get(name)
    if value_of is None:
        return
    for event in call.world.events(monitor):
        value = value_of(event)
        if value is not None:
            yield event["event_timestamp"] // 1000, value


def _statistic(name: str, values: list[float]) -> float:
    if name == "SampleCount":
        return float(len(values))
    if name == "Sum":
        return float(sum(values))
    if name == "Average":
        return sum(values) / len(values)
    if name in {"Minimum", "Maximum"}:
        return min(values) if name == "Minimum" else max(values)
    raise AwsError("InvalidParameterValue", f"The sandbox computes no {name}.", status=400)
