"""Events that arrived, as RUM keeps them: GetAppMonitorData and the monitor's log group."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rumkit.aws import errors
from rumkit.aws.log_group import find_log_group
from rumkit.json_text import json_object
from rumkit.model import Absent, NotCollected, Question

if TYPE_CHECKING:
    from rumkit.aws.log_group import LogGroup
    from rumkit.aws.monitor import Monitor
    from rumkit.aws.session import AwsSession
    from rumkit.target import Window

PREFIX = "com.amazon.rum."
XRAY_EVENT = PREFIX + "xray_trace_event"
HTTP_EVENT = PREFIX + "http_event"

_MOST_EMPTY_PAGES = 20
_PAGE = 100
_ONE_PAGE = ("--max-items", str(_PAGE))
_DEADLINE = 30.0
_POLL = 0.25
_MAX_ROWS = 10_000
_TEXT = 200

# Two stages: events per session, then sessions per number of events. The id is cut out of the
# text, since only log groups of the standard class know the fields of a message. Sessions of
# clients up to 1.12 without cookies share the nil id and say nothing about any one session.
_SESSIONS_QUERY = (
    r'parse @message /"sessionId\\?":\s*\\?"(?<session>[0-9a-fA-F-]{36})/'
    ' | filter ispresent(session) and session != "00000000-0000-0000-0000-000000000000"'
    " | stats count(*) as events by session"
    " | stats count(*) as sessions by events | sort sessions desc"
)


@dataclass(frozen=True)
class StoredEvent:
    """One event that RUM stored; every text is bounded, and any of them may be empty.

    `trace_id` and `subsegment_id` are those of an xray_trace_event; `url` is the application's
    request of a trace or http event, `status` its reply's, None when there was none.
    """

    time: datetime | None
    type: str
    session: str
    domain: str
    client_version: str
    url: str
    trace_id: str = ""
    subsegment_id: str = ""
    status: int | None = None


@dataclass(frozen=True)
class SessionSizes:
    """How many sessions recorded how many events: `sizes` maps events to sessions."""

    sizes: dict[int, int]

    @property
    def sessions(self) -> int:
        """Return the number of sessions."""
        return sum(self.sizes.values())


def read_events(
    session: AwsSession, monitor: Monitor, window: Window, event_type: str = ""
) -> tuple[StoredEvent, ...]:
    """Return up to a hundred stored events of the window; RUM keeps them for 30 days.

    A page without events that names another one is not the end. Raises NotCollected where such
    pages have no end.
    """
    params = _asked_for(monitor, window, event_type)
    seen: list[str] = []
    while len(seen) < _MOST_EMPTY_PAGES:
        reply = session.read("rum", "GetAppMonitorData", region=monitor.region, **params)
        token = str(reply.get("NextToken") or "")
        if reply["Events"] or not token:
            return tuple(_event(text) for text in reply["Events"][:_PAGE])
        if token in seen:
            break
        seen.append(token)
        params["NextToken"] = token
    raise NotCollected(
        "stored_events",
        "rum:GetAppMonitorData answers with pages without events that always name another one",
        missing=("answer:rum:GetAppMonitorData",),
    )


def _asked_for(monitor: Monitor, window: Window, event_type: str) -> dict[str, Any]:
    """Return the parameters of GetAppMonitorData."""
    params: dict[str, Any] = {
        "Name": monitor.name,
        "TimeRange": {
            "After": int(window.since.timestamp() * 1000),
            "Before": int(window.until.timestamp() * 1000),
        },
        "MaxResults": _PAGE,
    }
    if event_type:
        params["Filters"] = [{"Name": "EventType", "Values": [event_type]}]
    return params


def read_log_group(session: AwsSession, monitor: Monitor) -> LogGroup | Absent:
    """Return the monitor's log group. Raises NotCollected when it keeps none."""
    name = _log_group(monitor)
    groups = session.read_all(
        "logs", "DescribeLogGroups", "logGroups", region=monitor.region, logGroupNamePrefix=name
    )
    absent = Absent(f"there is no log group {name} in {monitor.region}: no event was ever kept")
    return find_log_group(groups, name) or absent


def _log_group(monitor: Monitor) -> str:
    if monitor.log_group is None:
        raise NotCollected(
            "session_sizes",
            f"{monitor.name} keeps no log group, so events per session cannot be counted",
            missing=("setting:DataStorage.CwLog.CwLogEnabled of the app monitor",),
        )
    return monitor.log_group


def read_session_sizes(session: AwsSession, monitor: Monitor, window: Window) -> SessionSizes:
    """Return the sizes of the window's sessions, counted in the monitor's log group.

    Raises NotCollected when the monitor keeps no log group, or the query does not end in time.
    """
    started = session.read(
        "logs",
        "StartQuery",
        region=monitor.region,
        logGroupName=_log_group(monitor),
        startTime=int(window.since.timestamp()),
        endTime=int(window.until.timestamp()),
        queryString=_SESSIONS_QUERY,
        limit=_MAX_ROWS,
    )
    reply = _await_query(session, monitor.region, started["queryId"])
    rows = [{cell["field"]: cell.get("value", "") for cell in row} for row in reply["results"]]
    return SessionSizes({int(float(row["events"])): int(float(row["sessions"])) for row in rows})


def sessions_question(monitor: Monitor, window: Window) -> Question:
    """Return what `read_session_sizes` asks of Logs Insights. Raises NotCollected likewise."""
    group = _log_group(monitor)
    since, until = (str(int(at.timestamp())) for at in (window.since, window.until))
    words = ("aws", "logs", "start-query", "--region", monitor.region, "--log-group-name", group)
    when = ("--start-time", since, "--end-time", until, "--limit", str(_MAX_ROWS))
    return Question(
        "insights",
        _SESSIONS_QUERY,
        f"log group {group} in {monitor.region}",
        (*words, *when, "--query-string", _SESSIONS_QUERY),
    )


def events_question(monitor: Monitor, window: Window, event_type: str = "") -> Question:
    """Return what `read_events` asks of RUM."""
    params = _asked_for(monitor, window, event_type)
    only = ("--filters", json.dumps(params["Filters"])) if event_type else ()
    words = ("aws", "rum", "get-app-monitor-data", "--region", monitor.region)
    asked = ("--name", monitor.name, "--time-range", json.dumps(params["TimeRange"]))
    since, until = window.iso()
    what = f"{event_type} events" if event_type else "events"
    text = f"a page of at most {_PAGE} {what} of {monitor.name}, {since} to {until}"
    return Question("rum", text, f"RUM in {monitor.region}", (*words, *asked, *only, *_ONE_PAGE))


def _await_query(session: AwsSession, region: str, query: str) -> dict[str, Any]:
    """Ask until the query has ended; each answer differs, so none of them is remembered."""
    deadline = time.monotonic() + _DEADLINE
    while True:
        with errors.explained("logs", "GetQueryResults", region):
            reply: dict[str, Any] = session.client("logs", region).get_query_results(queryId=query)
        status = reply.get("status")
        if status == "Complete":
            return reply
        if status not in {"Scheduled", "Running"} or time.monotonic() > deadline:
            raise NotCollected(
                "session_sizes",
                f"the query of the monitor's log group ended as {status} within {_DEADLINE:.0f} s",
                missing=("later:logs:GetQueryResults",),
            )
        time.sleep(_POLL)


def _event(text: str) -> StoredEvent:
    record = json_object(text)
    details, user = _part(record, "event_details"), _part(record, "user_details")
    metadata = _part(record, "metadata")
    segment = _first_subsegment(details)
    # A trace keeps its request inside the subsegment, an http event at the top.
    http = _part(segment, "http") or details
    status = _part(http, "response").get("status")
    return StoredEvent(
        time=_moment(record.get("event_timestamp")),
        type=_text(record.get("event_type")),
        session=_text(user.get("sessionId")),
        domain=_text(metadata.get("domain")),
        client_version=_text(metadata.get("aws:clientVersion")),
        url=_text(_part(http, "request").get("url")),
        trace_id=_text(details.get("trace_id")),
        subsegment_id=_text(segment.get("id")),
        status=status if isinstance(status, int) and not isinstance(status, bool) else None,
    )


def _first_subsegment(details: dict[str, Any]) -> dict[str, Any]:
    subsegments = details.get("subsegments")
    first = subsegments[0] if isinstance(subsegments, list) and subsegments else {}
    return first if isinstance(first, dict) else {}


def _part(record: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a nested object, which RUM also hands out as JSON text."""
    value = record.get(name)
    if isinstance(value, str):
        return json_object(value)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return str(value)[:_TEXT] if isinstance(value, str | int | float) else ""


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def budget(events: tuple[StoredEvent, ...]) -> Counter[str]:
    """Return how many events of each type there are: what eats a session's limit."""
    return Counter(event.type.removeprefix(PREFIX) for event in events)
