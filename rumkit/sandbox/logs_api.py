"""Amazon CloudWatch Logs: RUM's log groups, the trail's, and Logs Insights on them."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.errors import AwsError, not_found
from rumkit.sandbox.ids import ACCOUNT
from rumkit.sandbox.insights import run
from rumkit.sandbox.insights_parse import MalformedQuery

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context

_PAGE = 1000
_MAX_RESULTS = 10_000
_MAX_ROWS = 100_000
FIELDS = 200
STANDARD = {"STANDARD"}
_TERM = re.compile(r'"([^"]*)"|([^\s"{}]+)')
_JSON_TEST = re.compile(r'\$\.([\w.]+)\s*(=|!=)\s*"?([^"\s)&|}]*)"?')


def describe_log_groups(call: Context) -> dict[str, Any]:
    """DescribeLogGroups of the called region, by prefix or pattern."""
    prefix = call.params.get("logGroupNamePrefix", "")
    pattern = call.params.get("logGroupNamePattern", "")
    names = [n for n in _groups(call) if n.startswith(prefix) and pattern in n]
    return {"logGroups": [_described(call, name) for name in sorted(names)]}


def filter_log_events(call: Context) -> dict[str, Any]:
    """FilterLogEvents with words, or with equalities of JSON fields joined by &&."""
    params = call.params
    name = params.get("logGroupName") or _name(params.get("logGroupIdentifier", ""))
    start, end = params.get("startTime", 0), params.get("endTime", 1 << 62)
    events = [
        (when, message)
        for when, message in _kept(call, name)
        if start <= when < end and _passes(params.get("filterPattern", ""), message)
    ]
    token = params.get("nextToken", "0")
    offset = int(token) if token.isdigit() else 0
    size = min(int(params.get("limit", _PAGE)), _PAGE)
    return {
        "events": [
            {
                "timestamp": when,
                "ingestionTime": when,
                "message": message,
                "logStreamName": "events",
            }
            for when, message in events[offset : offset + size]
        ],
        "nextToken": str(offset + size) if offset + size < len(events) else None,
    }


def start_query(call: Context) -> dict[str, Any]:
    """StartQuery: runs at once, and is complete when its results are asked for."""
    params = call.params
    names = [
        *([params["logGroupName"]] if "logGroupName" in params else []),
        *params.get("logGroupNames", []),
        *(_name(identifier) for identifier in params.get("logGroupIdentifiers", [])),
    ]
    # Seconds by the documentation; the service takes milliseconds as well.
    start, end = (_milliseconds(params[key]) for key in ("startTime", "endTime"))
    events = [e for name in names for e in _kept(call, name) if start <= e[0] <= end]
    classes = {call.world.group(name).log_class for name in names}
    if "DELIVERY" in classes:
        raise AwsError(
            "InvalidParameterException", "Log groups of the class DELIVERY can't be queried."
        )
    try:
        # Fields are discovered in groups of the standard class alone.
        rows = run(params["queryString"], events, discovered=FIELDS if classes == STANDARD else 0)
    except MalformedQuery as error:
        raise AwsError("MalformedQueryException", f"The query is malformed: {error}") from error
    query_id = call.world.next_id("query")
    call.world.queries[query_id] = {
        "rows": rows[: min(int(params.get("limit") or _MAX_RESULTS), _MAX_ROWS)],
        "scanned": len(events),
        "bytes": sum(len(message) for _, message in events),
    }
    return {"queryId": query_id}


def get_query_results(call: Context) -> dict[str, Any]:
    """GetQueryResults."""
    query = call.world.queries.get(call.params["queryId"])
    if query is None:
        raise not_found("Query does not exist.")
    token = call.params.get("nextToken", "0")
    offset = int(token) if token.isdigit() else 0
    size = min(int(call.params.get("maxItems") or _MAX_RESULTS), _MAX_RESULTS)
    return {
        "queryLanguage": "CWLI",
        "status": "Complete",
        "results": [
            [{"field": name, "value": value} for name, value in row]
            for row in query["rows"][offset : offset + size]
        ],
        "nextToken": str(offset + size) if offset + size < len(query["rows"]) else None,
        "statistics": {
            "recordsMatched": float(len(query["rows"])),
            "recordsScanned": float(query["scanned"]),
            "bytesScanned": float(query["bytes"]),
        },
    }


def stop_query(_call: Context) -> dict[str, Any]:
    """StopQuery: every query is over already."""
    return {"success": False}


def describe_log_streams(call: Context) -> dict[str, Any]:
    """DescribeLogStreams: one stream for each group."""
    _events(call, call.params.get("logGroupName") or "")
    return {"logStreams": [{"logStreamName": "events"}]}


OPERATIONS = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "FilterLogEvents": filter_log_events,
    "StartQuery": start_query,
    "GetQueryResults": get_query_results,
    "StopQuery": stop_query,
}


def _groups(call: Context) -> list[str]:
    rum = [
        m.log_group for m in call.world.monitors.values() if m.cw_log and m.region == call.region
    ]
    trails = [
        trail.log_group
        for trail in call.world.trails
        if trail.log_group and trail.region == call.region and trail.owner == ACCOUNT
    ]
    return [*rum, *trails]


def _kept(call: Context, name: str) -> list[tuple[int, str]]:
    """Return a group's events without those that it has dropped by now."""
    group, clock = call.world.group(name), call.world.clock
    if not group.readable:
        return []
    if group.retention is None:
        return _events(call, name)
    oldest = int((clock - timedelta(days=group.retention)).timestamp() * 1000)
    return [event for event in _events(call, name) if event[0] >= oldest]


def _events(call: Context, name: str) -> list[tuple[int, str]]:
    world = call.world
    if name not in _groups(call):
        raise not_found(f"The specified log group does not exist. (Log group: {name})")
    trail = next((t for t in world.trails if t.log_group == name), None)
    if trail is not None:
        return [
            (_when(record["eventTime"]), world.text_of(record["eventID"], record))
            for record in world.records()
            if trail.delivers(record, "group")
        ]
    monitor = next(m for m in world.monitors.values() if m.log_group == name)
    return [
        (event["event_timestamp"], world.text_of(event["event_id"], event))
        for event in world.events(monitor)
    ]


@lru_cache(maxsize=100_000)
def _when(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _milliseconds(value: int) -> int:
    return value if value > 1 << 36 else value * 1000


def _name(identifier: str) -> str:
    parts = identifier.split(":")
    return parts[6] if identifier.startswith("arn:") and len(parts) > 6 else identifier


def _described(call: Context, name: str) -> dict[str, Any]:
    arn = f"arn:aws:logs:{call.region}:{ACCOUNT}:log-group:{name}"
    group = call.world.group(name)
    return {
        "logGroupName": name,
        "creationTime": int(group.created.timestamp() * 1000),
        "retentionInDays": group.retention,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": 0,
        "logGroupClass": group.log_class,
        "kmsKeyId": group.key or None,
    }


def _passes(pattern: str, message: str) -> bool:
    if pattern.strip().startswith("{"):
        document = json.loads(message)
        return all(
            (str(_path(document, path)) == value) == (operator == "=")
            for path, operator, value in _JSON_TEST.findall(pattern)
        )
    return all((quoted or bare) in message for quoted, bare in _TERM.findall(pattern))


def _path(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document
