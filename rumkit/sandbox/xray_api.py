"""AWS X-Ray: traces of the visitors' requests, joined to a server segment or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import uuid_of

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context

_MAX_HOURS = 6


def batch_get_traces(call: Context) -> dict[str, Any]:
    """BatchGetTraces, at most five ids."""
    ids = call.params["TraceIds"]
    if len(ids) > 5:
        raise AwsError("InvalidRequestException", "At most 5 trace ids are allowed.", status=400)
    searched = call.world.trace_destination == "CloudWatchLogs"
    known = {} if searched else {trace["id"]: trace for trace in _traces(call)}
    return {
        "Traces": [_described(known[each]) for each in ids if each in known],
        "UnprocessedTraceIds": [],
    }


def get_trace_summaries(call: Context) -> dict[str, Any]:
    """GetTraceSummaries of at most six hours; filter expressions are not evaluated."""
    start, end = call.params["StartTime"], call.params["EndTime"]
    if (end - start).total_seconds() > _MAX_HOURS * 3600:
        raise AwsError(
            "InvalidRequestException", "The time range is longer than 6 hours.", status=400
        )
    traces = [t for t in _traces(call) if start.timestamp() <= t["at"] < end.timestamp()]
    return {
        "TraceSummaries": [
            {"Id": t["id"], "Duration": 0.2, "ResponseTime": 0.2, "HasError": False} for t in traces
        ],
        "TracesProcessedCount": len(traces),
    }


def get_trace_segment_destination(call: Context) -> dict[str, Any]:
    """GetTraceSegmentDestination."""
    return {"Destination": call.world.trace_destination, "Status": "ACTIVE"}


OPERATIONS = {
    "BatchGetTraces": batch_get_traces,
    "GetTraceSegmentDestination": get_trace_segment_destination,
    "GetTraceSummaries": get_trace_summaries,
}


def _traces(call: Context) -> list[dict[str, Any]]:
    places = call.world.installations.values()
    seeded = [trace for place in places for trace in place.traffic().traces]
    return [*seeded, *call.world.traces]


def _described(trace: dict[str, Any]) -> dict[str, Any]:
    client = trace["client"]
    start = trace["at"]
    documents = [{**client, "start_time": start, "end_time": start + 0.2}]
    documents[0].pop("version", None)
    if trace["joined"]:
        documents.append(
            {
                "id": uuid_of("server", trace["id"]).replace("-", "")[:16],
                "name": trace["host"],
                "trace_id": trace["id"],
                "parent_id": client["subsegments"][0]["id"],
                "start_time": start + 0.02,
                "end_time": start + 0.15,
                "http": {"request": {"method": "GET"}, "response": {"status": 200}},
            }
        )
    return {
        "Id": trace["id"],
        "Duration": 0.2,
        "LimitExceeded": False,
        "Segments": [{"Id": d["id"], "Document": json.dumps(d)} for d in documents],
    }
