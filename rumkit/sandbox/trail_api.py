"""AWS CloudTrail: Event history, trails, and event data stores (there are none)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.resources import Record, Trail

_HISTORY = timedelta(days=90)
_PAGE = 50


def lookup_events(call: Context) -> dict[str, Any]:
    """LookupEvents: management events of the called region, newest first, 50 to a page."""
    params, clock = call.params, call.world.clock
    attributes = params.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise AwsError(
            "InvalidLookupAttributesException", "You can only specify one attribute.", status=400
        )
    start = max(params.get("StartTime") or clock - _HISTORY, clock - _HISTORY)
    end = params.get("EndTime") or clock
    if start > end:
        raise AwsError("InvalidTimeRangeException", "The start time is after the end time.")
    records = [
        record
        for record in reversed(call.world.management_records())
        if record["awsRegion"] == call.region
        and all(_has(record, a["AttributeKey"], a["AttributeValue"]) for a in attributes)
        and start <= _moment(record["eventTime"]) <= end
    ]
    offset = _offset(params.get("NextToken"))
    size = min(int(params.get("MaxResults") or _PAGE), _PAGE)
    more = offset + size < len(records)
    return {
        "Events": [_event(record) for record in records[offset : offset + size]],
        "NextToken": str(offset + size) if more else None,
    }


def describe_trails(call: Context) -> dict[str, Any]:
    """DescribeTrails."""
    names = set(call.params.get("trailNameList") or [])
    trails = [t for t in call.world.trails if not names or names & {t.name, t.arn}]
    return {"trailList": [_described(trail) for trail in trails]}


def list_trails(call: Context) -> dict[str, Any]:
    """ListTrails."""
    return {
        "Trails": [
            {"TrailARN": t.arn, "Name": t.name, "HomeRegion": t.region} for t in call.world.trails
        ]
    }


def get_trail(call: Context) -> dict[str, Any]:
    """GetTrail."""
    return {"Trail": _described(_trail(call, call.params["Name"]))}


def get_trail_status(call: Context) -> dict[str, Any]:
    """GetTrailStatus."""
    trail, clock = _trail(call, call.params["Name"]), call.world.clock
    to_group = trail.log_group is not None
    return {
        "IsLogging": trail.logging,
        "StartLoggingTime": trail.started,
        "StopLoggingTime": trail.stopped,
        "LatestDeliveryTime": trail.delivered(clock, "bucket") if trail.bucket else None,
        "LatestDeliveryError": trail.bucket_error or None,
        "LatestCloudWatchLogsDeliveryTime": trail.delivered(clock, "group") if to_group else None,
        "LatestCloudWatchLogsDeliveryError": trail.group_error or None,
    }


def get_event_selectors(call: Context) -> dict[str, Any]:
    """GetEventSelectors, in the advanced form."""
    trail = _trail(call, call.params["TrailName"])
    return {"TrailARN": trail.arn, "AdvancedEventSelectors": selectors_of(trail)}


def selectors_of(trail: Trail) -> list[dict[str, Any]]:
    """Return the advanced event selectors of a trail or an event data store."""
    data = [
        _selector(
            f"Data events of {kind}",
            ("eventCategory", ["Data"]),
            ("resources.type", [kind]),
            *([("resources.ARN", named)] if (named := _of_kind(trail.only, kind)) else []),
        )
        for kind in trail.data_types
        if not trail.only or _of_kind(trail.only, kind)
    ]
    return [_selector("Management events", ("eventCategory", ["Management"])), *data]


def _of_kind(arns: tuple[str, ...], kind: str) -> list[str]:
    mark = {"AWS::RUM::AppMonitor": ":appmonitor/", "AWS::Cognito::IdentityPool": ":identitypool/"}
    return [arn for arn in arns if mark.get(kind, kind) in arn]


OPERATIONS = {
    "LookupEvents": lookup_events,
    "DescribeTrails": describe_trails,
    "ListTrails": list_trails,
    "GetTrail": get_trail,
    "GetTrailStatus": get_trail_status,
    "GetEventSelectors": get_event_selectors,
}


@lru_cache(maxsize=100_000)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _has(record: Record, key: str, value: str) -> bool:
    if key in _PLAIN:
        return bool(record[_PLAIN[key]] == value)
    if key == "ResourceName":
        return value in _resource_names(record)
    if key == "ResourceType":
        return any(item["type"] == value for item in record.get("resources", ()))
    attributes = {
        "Username": record["userIdentity"].get("userName", ""),
        "AccessKeyId": record["userIdentity"].get("accessKeyId", ""),
        "ReadOnly": str(record["readOnly"]).lower(),
    }
    return attributes.get(key) == value


_PLAIN = {"EventName": "eventName", "EventSource": "eventSource", "EventId": "eventID"}


def _resource_names(record: Record) -> set[str]:
    params = record.get("requestParameters") or {}
    named = {str(v) for k, v in params.items() if k.lower() in _NAMES}
    return named | {item["ARN"] for item in record.get("resources", ())}


_NAMES = {"name", "rolename", "rolearn", "identitypoolid", "policyname", "policyarn"}


def _event(record: Record) -> dict[str, Any]:
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": record["userIdentity"].get("accessKeyId"),
        "EventTime": _moment(record["eventTime"]),
        "EventSource": record["eventSource"],
        "Username": record["userIdentity"].get("userName"),
        "Resources": [
            {"ResourceType": item["type"], "ResourceName": item["ARN"]}
            for item in record.get("resources", ())
        ],
        "CloudTrailEvent": json.dumps(record),
    }


def _offset(token: str | None) -> int:
    if token is not None and not token.isdigit():
        raise AwsError("InvalidNextTokenException", "Invalid NextToken.", status=400)
    return int(token or 0)


def _trail(call: Context, name: str) -> Trail:
    trail = next((t for t in call.world.trails if name in {t.name, t.arn}), None)
    if trail is None:
        raise AwsError("TrailNotFoundException", f"Unknown trail: {name}", status=400)
    return trail


def _described(trail: Trail) -> dict[str, Any]:
    group = trail.log_group
    return {
        "Name": trail.name,
        "S3BucketName": trail.bucket,
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": trail.multi_region,
        "HomeRegion": trail.region,
        "TrailARN": trail.arn,
        "LogFileValidationEnabled": True,
        "CloudWatchLogsLogGroupArn": (
            f"arn:aws:logs:{trail.region}:{trail.owner}:log-group:{group}:*" if group else None
        ),
        "HasCustomEventSelectors": True,
        "HasInsightSelectors": False,
        "IsOrganizationTrail": trail.owner != ACCOUNT,
        "KmsKeyId": trail.key or None,
    }


def _selector(name: str, *fields: tuple[str, list[str]]) -> dict[str, Any]:
    tests = [{"Field": field, "Equals": values} for field, values in fields]
    return {"Name": name, "FieldSelectors": tests}
