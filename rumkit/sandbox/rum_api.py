"""CloudWatch RUM's control plane: app monitors, their policies and their data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.errors import AwsError, invalid, not_found
from rumkit.sandbox.ids import uuid_of
from rumkit.sandbox.resources import Monitor
from rumkit.sandbox.rum_data import put_rum_events

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rumkit.sandbox.context import Context

_MAX_POLICY = 4096
# What events of GetAppMonitorData are chosen by.
_FILTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "EventType": lambda event: event["event_type"],
    "Browser": lambda event: event["metadata"].get("browserName"),
    "OS": lambda event: event["metadata"].get("osName"),
    "Device": lambda event: event["metadata"].get("deviceType"),
    "Country": lambda event: event["metadata"].get("countryCode"),
    "Page": lambda event: event["metadata"].get("pageId"),
}


def get_app_monitor(call: Context) -> dict[str, Any]:
    """GetAppMonitor, by name."""
    return {"AppMonitor": _described(_monitor(call))}


def list_app_monitors(call: Context) -> dict[str, Any]:
    """ListAppMonitors of the called region, paged."""
    monitors = sorted(
        (m for m in call.world.monitors.values() if m.region == call.region),
        key=lambda monitor: monitor.name,
    )
    start = _offset(call.params.get("NextToken"))
    size = int(call.params.get("MaxResults", 50))
    page = monitors[start : start + size]
    return {
        "AppMonitorSummaries": [_summary(monitor) for monitor in page],
        "NextToken": str(start + size) if start + size < len(monitors) else None,
    }


def create_app_monitor(call: Context) -> dict[str, Any]:
    """CreateAppMonitor; without a configuration RUM samples a tenth of the sessions."""
    name, params = call.params["Name"], call.params
    if (call.region, name) in call.world.monitors:
        raise AwsError("ConflictException", f"App monitor {name} already exists.", status=409)
    configuration = {
        "SessionSampleRate": 0.1,
        "AllowCookies": False,
        "EnableXRay": False,
        **params.get("AppMonitorConfiguration", {}),
    }
    monitor = Monitor(
        name,
        uuid_of("monitor", name, call.world.next_id("monitor")),
        _domains(params) or ["localhost"],
        call.region,
        configuration,
        call.world.clock,
        call.world.clock,
        cw_log=params.get("CwLogEnabled", False),
        custom_events=params.get("CustomEvents", {}).get("Status", "DISABLED"),
        state="CREATED",
        platform=params.get("Platform", "Web"),
        tags=params.get("Tags", {}),
    )
    call.world.monitors[call.region, name] = monitor
    return {"Id": monitor.id}


def update_app_monitor(call: Context) -> dict[str, Any]:
    """UpdateAppMonitor: a configuration given replaces the old one, other parts stay."""
    monitor, params = _monitor(call), call.params
    if "AppMonitorConfiguration" in params:
        monitor.configuration = dict(params["AppMonitorConfiguration"])
    if "CustomEvents" in params:
        monitor.custom_events = params["CustomEvents"].get("Status", "DISABLED")
    monitor.domains = _domains(params) or monitor.domains
    monitor.cw_log = params.get("CwLogEnabled", monitor.cw_log)
    monitor.modified = call.world.clock
    return {}


def delete_app_monitor(call: Context) -> dict[str, Any]:
    """DeleteAppMonitor."""
    monitor = _monitor(call)
    del call.world.monitors[monitor.region, monitor.name]
    return {}


def get_resource_policy(call: Context) -> dict[str, Any]:
    """GetResourcePolicy; none is a 404."""
    monitor = _monitor(call)
    if monitor.policy is None:
        raise AwsError(
            "PolicyNotFoundException", f"No resource policy found for {monitor.arn}", status=404
        )
    return {"PolicyDocument": monitor.policy, "PolicyRevisionId": str(monitor.policy_revision)}


def put_resource_policy(call: Context) -> dict[str, Any]:
    """PutResourcePolicy, checked as far as RUM documents its checks."""
    monitor, text = _monitor(call), call.params["PolicyDocument"]
    if len(text) > _MAX_POLICY:
        raise AwsError("PolicySizeLimitExceededException", "The policy is larger than 4 KB.")
    try:
        document = json.loads(text)
        actions = [_listed(s.get("Action")) for s in _listed(document["Statement"])]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AwsError("MalformedPolicyDocumentException", "The policy is malformed.") from None
    if any(action.lower() != "rum:putrumevents" for group in actions for action in group):
        raise AwsError("MalformedPolicyDocumentException", "The only action is rum:PutRumEvents.")
    monitor.policy = text
    monitor.policy_revision += 1
    return {"PolicyDocument": text, "PolicyRevisionId": str(monitor.policy_revision)}


def delete_resource_policy(call: Context) -> dict[str, Any]:
    """DeleteResourcePolicy."""
    answer = get_resource_policy(call)
    _monitor(call).policy = None
    return {"PolicyRevisionId": answer["PolicyRevisionId"]}


def get_app_monitor_data(call: Context) -> dict[str, Any]:
    """GetAppMonitorData: raw events of a span of time, newest first, filtered by event type."""
    monitor, span = _monitor(call), call.params["TimeRange"]
    after, before = span["After"], span.get("Before") or call.world.clock.timestamp() * 1000
    wanted = [
        (_FILTERS[f["Name"]], f.get("Values") or [])
        for f in call.params.get("Filters") or []
        if f.get("Name") in _FILTERS
    ]
    events = [
        event
        for event in call.world.events(monitor)
        if after <= event["event_timestamp"] < before
        and all(read(event) in values for read, values in wanted)
    ]
    events.sort(key=lambda event: (-event["event_timestamp"], event["event_id"]))
    start = _offset(call.params.get("NextToken"))
    size = int(call.params.get("MaxResults") or 100)
    return {
        "Events": [json.dumps(event) for event in events[start : start + size]],
        "NextToken": str(start + size) if start + size < len(events) else None,
    }


def list_tags_for_resource(call: Context) -> dict[str, Any]:
    """ListTagsForResource."""
    monitor = _tagged(call)
    return {"ResourceArn": monitor.arn, "Tags": monitor.tags}


def tag_resource(call: Context) -> dict[str, Any]:
    """TagResource."""
    _tagged(call).tags.update(call.params["Tags"])
    return {}


def untag_resource(call: Context) -> dict[str, Any]:
    """UntagResource."""
    for key in call.params["TagKeys"]:
        _tagged(call).tags.pop(key, None)
    return {}


def _tagged(call: Context) -> Monitor:
    arn = call.params["ResourceArn"]
    monitor = next((m for m in call.world.monitors.values() if m.arn == arn), None)
    if monitor is None:
        raise not_found(f"{arn} not found.", resourceName=arn, resourceType="AppMonitor")
    return monitor


def metric_definitions(call: Context) -> dict[str, Any]:
    """BatchGetRumMetricDefinitions: no extended metrics are defined."""
    _monitor(call, "AppMonitorName")
    return {"MetricDefinitions": []}


def metrics_destinations(call: Context) -> dict[str, Any]:
    """ListRumMetricsDestinations: none."""
    _monitor(call, "AppMonitorName")
    return {"Destinations": []}


OPERATIONS = {
    "GetAppMonitor": get_app_monitor,
    "ListAppMonitors": list_app_monitors,
    "CreateAppMonitor": create_app_monitor,
    "UpdateAppMonitor": update_app_monitor,
    "DeleteAppMonitor": delete_app_monitor,
    "GetResourcePolicy": get_resource_policy,
    "PutResourcePolicy": put_resource_policy,
    "DeleteResourcePolicy": delete_resource_policy,
    "GetAppMonitorData": get_app_monitor_data,
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "BatchGetRumMetricDefinitions": metric_definitions,
    "ListRumMetricsDestinations": metrics_destinations,
    "PutRumEvents": put_rum_events,
}


def _monitor(call: Context, key: str = "Name") -> Monitor:
    name = call.params[key]
    monitor = call.world.monitors.get((call.region, name))
    if monitor is None:
        raise not_found(
            f"App monitor {name} not found.", resourceName=name, resourceType="AppMonitor"
        )
    return monitor


def _described(monitor: Monitor) -> dict[str, Any]:
    arn_less = {k: v for k, v in monitor.configuration.items() if v is not None}
    log: dict[str, Any] = {"CwLogEnabled": monitor.cw_log}
    if monitor.cw_log:
        log["CwLogGroup"] = monitor.log_group
    return {
        "Name": monitor.name,
        "Id": monitor.id,
        "Domain": monitor.domains[0] if len(monitor.domains) == 1 else None,
        "DomainList": monitor.domains if len(monitor.domains) > 1 else None,
        "State": monitor.state,
        "Platform": monitor.platform,
        "Created": _short(monitor.created),
        "LastModified": _short(monitor.modified),
        "Tags": monitor.tags,
        "AppMonitorConfiguration": arn_less,
        "DataStorage": {"CwLog": log},
        "CustomEvents": {"Status": monitor.custom_events},
    }


def _summary(monitor: Monitor) -> dict[str, Any]:
    return {
        "Name": monitor.name,
        "Id": monitor.id,
        "State": monitor.state,
        "Platform": monitor.platform,
        "Created": _short(monitor.created),
        "LastModified": _short(monitor.modified),
    }


def _short(moment: datetime) -> str:
    # The API's timestamps are exactly 19 characters long.
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _domains(params: dict[str, Any]) -> list[str]:
    if params.get("Domain") and params.get("DomainList"):
        raise invalid("Domain and DomainList exclude each other.")
    domain = params.get("Domain")
    return [domain] if domain else list(params.get("DomainList") or [])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise invalid("Invalid NextToken.")
    return int(token)
