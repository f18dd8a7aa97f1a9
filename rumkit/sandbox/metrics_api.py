"""Amazon CloudWatch metrics of AWS/RUM, computed from the events that were accepted."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from rumkit.sandbox.context import Context
    from rumkit.sandbox.world import Monitor

_NAMESPACE = "AWS/RUM"
_DIMENSION = "application_name"
_EVENT = "com.amazon.rum."


def _size(event: dict[str, Any]) -> float | None:
    return float(len(json.dumps(event["event_details"])) + len(json.dumps(event["metadata"])))


def _counted(kind: str) -> Callable[[dict[str, Any]], float | None]:
    return lambda event: 1.0 if event["event_type"] == f"{_EVENT}{kind}" else None


_METRICS: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "RumEventPayloadSize": _size,
    "SessionCount": _counted("session_start_event"),
    "PageViewCount": _counted("page_view_event"),
    "JsErrorCount": _counted("js_error_event"),
}
_UNITS = {"RumEventPayloadSize": "Bytes"}


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
    if call.params.get("Namespace", _NAMESPACE) != _NAMESPACE:
        return {"Metrics": []}
    wanted = call.params.get("MetricName")
    found = [
        _metric(monitor, name)
        for monitor in call.world.monitors.values()
        if monitor.region == call.region and call.world.events(monitor)
        for name in _METRICS
        if wanted in {None, name} and _dimensions_match(call, monitor)
    ]
    return {"Metrics": found}


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
    found: dict[datetime, list[float]] = defaultdict(list)
    wanted = {item["Name"]: item["Value"] for item in dimensions}
    monitor = call.world.monitors.get((call.region, wanted.get(_DIMENSION, "")))
    value_of = _METRICS.get(name)
    if namespace != _NAMESPACE or value_of is None or monitor is None or len(wanted) != 1:
        return found
    from datetime import UTC, datetime

    for event in call.world.events(monitor):
        seconds = event["event_timestamp"] // 1000
        value = value_of(event)
        if value is not None and start.timestamp() <= seconds < end.timestamp():
            found[datetime.fromtimestamp(seconds - seconds % period, UTC)].append(value)
    return found


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
