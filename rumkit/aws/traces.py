"""X-Ray: whether a server's segment hangs below the client's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rumkit.json_text import json_object
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.aws.rum_logs import StoredEvent
    from rumkit.aws.session import AwsSession

# BatchGetTraces takes five ids a call.
_BATCH = 5


@dataclass(frozen=True)
class Trace:
    """One client trace: the request it was made for, and whether a server segment joined it."""

    id: str
    url: str
    joined: bool
    segments: int


def read_traces(
    session: AwsSession, region: str, events: Sequence[StoredEvent]
) -> tuple[Trace, ...]:
    """Return the traces that the newest xray_trace_events began, at most five.

    A trace is joined when some segment's parent is the client's subsegment; the client's own
    segment exists whether or not the header was sent, so its presence proves nothing.
    """
    oldest = datetime.min.replace(tzinfo=UTC)
    in_order = sorted(events, key=lambda event: event.time or oldest)
    client = {_xray_id(event.trace_id): event for event in in_order if event.trace_id}
    if not client:
        return ()
    ids = list(client)[-_BATCH:]
    reply = session.read("xray", "BatchGetTraces", region=region, TraceIds=ids)
    by_id = {trace.get("Id"): trace for trace in reply.get("Traces", [])}
    if not by_id:
        raise _none_there(session, region)
    return tuple(_trace(client[key], by_id[key]) for key in ids if key in by_id)


def read_destination(session: AwsSession, region: str) -> str:
    """Return where trace segments go: `XRay`, or `CloudWatchLogs` with Transaction Search."""
    reply = session.read("xray", "GetTraceSegmentDestination", region=region)
    return str(reply["Destination"])


def _none_there(session: AwsSession, region: str) -> NotCollected:
    """Return why there are no traces; with Transaction Search X-Ray's own API has none to give."""
    try:
        destination = read_destination(session, region)
    except NotCollected as refusal:
        return NotCollected(
            "traces",
            "X-Ray returned none of the client's traces, and whether CloudWatch Logs keeps them"
            f" (Transaction Search) could not be read: {refusal.reason}",
            missing=refusal.missing,
        )
    if destination == "CloudWatchLogs":
        return NotCollected(
            "traces",
            f"Transaction Search is switched on in {region}: spans go to the log group aws/spans,"
            " and X-Ray's API returns none of them",
            missing=("setting:Transaction Search",),
        )
    return NotCollected(
        "traces",
        "X-Ray returned none of the client's traces; it keeps them for 30 days",
        absent=True,
    )


def _xray_id(trace_id: str) -> str:
    """Write a W3C trace id (32 hex digits) as X-Ray does; leave X-Ray's own as it is."""
    return f"1-{trace_id[:8]}-{trace_id[8:]}" if "-" not in trace_id else trace_id


def _trace(event: StoredEvent, trace: dict[str, Any]) -> Trace:
    documents = [json_object(each.get("Document", "")) for each in trace.get("Segments", [])]
    joined = any(each.get("parent_id") == event.subsegment_id for each in documents)
    return Trace(event.trace_id, event.url, joined, len(documents))
