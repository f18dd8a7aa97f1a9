"""What a recording says on the fifth and sixth hops: does RUM accept, and do traces join."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rumkit.client.diagnosis.authorize import other_regions
from rumkit.client.diagnosis.case import (
    FIRST_DISPATCH,
    Case,
    RecordingVerdict,
    failed,
    passed,
    unknown,
    warned,
)
from rumkit.client.diagnosis.denial import host_region
from rumkit.client.har.conversation import Kind
from rumkit.model import Status, Table

if TYPE_CHECKING:
    from rumkit.client.har.conversation import Call

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_THROTTLED = re.compile(r"Throttl|TooManyRequests|LimitExceeded")
_TRACE_HEADERS = ("x-amzn-trace-id", "traceparent")
# After the script has loaded the client still has to start; calls in between prove nothing.
_START = 0.3


def monitor_exists(case: Case) -> RecordingVerdict | None:
    """Judge 404, and 400 for an id that is none."""
    for call in case.refused:
        ours = host_region(call) or call.error_type
        if call.status == 404 and ours and call.path.count("/appmonitors/") == 1:
            return failed(
                f"RUM answers 404 {call.error_type}: no app monitor {call.monitor_id} in "
                f"{host_region(call) or call.host}. It was deleted, its id is wrong, or it lives "
                f"in another region.{other_regions(case, call)}{_stops(case)}",
                [call],
            )
        if call.status == 400 and call.monitor_id and not _UUID.fullmatch(call.monitor_id):
            return failed(
                f"RUM answers 400 {call.error_type}: {call.monitor_id!r} is not an app monitor id "
                "(a UUID).",
                [call],
            )
    if case.delivered:
        ids = ", ".join(dict.fromkeys(c.monitor_id for c in case.delivered if c.monitor_id))
        return passed(f"RUM accepts events for {ids}.") if ids else None
    return None


def _stops(case: Case) -> str:
    stops = case.behaviour.disables != "never" and case.version.number
    return f" {case.label.capitalize()} stops after it; silence follows from it." if stops else ""


def throttling(case: Case) -> RecordingVerdict | None:
    """Judge 429 and throttling errors of RUM, Cognito and STS."""
    calls = [*case.puts, *case.vending]
    bad = [c for c in calls if c.status == 429 or _THROTTLED.search(c.error_type)]
    if not bad:
        answered = any(call.status for call in calls)
        return passed("No call was throttled.") if answered else None
    first = bad[0]
    text = f"{first.kind} is throttled: {first.trouble}."
    if all(case.healed(call) for call in bad):
        return warned(f"{text} A later call succeeded.", bad)
    return failed(f"{text} See the quota of {first.kind} calls per second.", bad)


def events_arriving(case: Case) -> RecordingVerdict | None:
    """Judge whether RUM accepted events; a symptom."""
    good = case.delivered
    lost = [call for call in case.refused if not case.healed(call)]
    if good:
        events = sum(call.batch.events for call in good if call.batch)
        text = (
            f"RUM accepted {len(good)} PutRumEvents calls ({events} events that can be counted); "
            "that it also stored them, a recording can't prove."
        )
        return warned(f"{text} {len(lost)} others failed.", lost) if lost else passed(text, good)
    if lost:
        return failed(_not_accepted(case, lost[0]), lost)
    if case.puts:
        return unknown("No PutRumEvents call was answered before the recording ended.", case.puts)
    return _none_sent(case)


def _not_accepted(case: Case, call: Call) -> str:
    cause = case.why_silent(call)
    if not cause:
        if call.status >= 500:
            return f"RUM answers {call.trouble}: an error of the service or of a proxy."
        return f"RUM accepted no events: {call.trouble}."
    preflights = [
        c for c in case.recording.calls if c.preflight and c.kind is Kind.PUT_EVENTS and c.cors
    ]
    refused = [c for c in preflights if c.status >= 400 or not (c.cors and c.cors.origin)]
    if refused and refused[0].status:
        return (
            f"The preflight to {call.host} answers {refused[0].status} without letting the page "
            "send: a custom endpoint must answer OPTIONS with CORS headers."
        )
    return f"The events could not be sent to {call.host}: {cause}."


def _none_sent(case: Case) -> RecordingVerdict | None:
    if not case.loads:
        return None
    if any(call.failed for call in case.vending):
        return unknown("No event was sent: the client got no credentials (see Cognito and STS).")
    alive = max(case.seconds_alive(load) for load in case.loads)
    if case.silent_loads and alive < FIRST_DISPATCH:
        return unknown(
            f"No PutRumEvents call was recorded in the {alive:.0f} s that the client is known to "
            "have run; it first sends after about 5 s. A beacon that is sent when the page is left "
            "is missing in recordings. Record for 15 s, without leaving the page."
        )
    return unknown(
        "No PutRumEvents call was recorded. A request that a policy blocks leaves no entry, nor "
        "does a beacon that is sent when the page is left: save the console beside the recording."
    )


def xray_enabled(case: Case) -> RecordingVerdict | None:
    """Judge whether the client sends trace segments."""
    traced = [call for call in case.puts if call.batch and call.batch.has("xray_trace_event")]
    return passed("The client sends X-Ray trace events.", traced[:1]) if traced else None


def xray_header(case: Case) -> RecordingVerdict | None:
    """Judge whether the page's own requests carry the trace header."""
    with_header = [call for call in _application(case) if call.trace_header]
    if with_header:
        return passed(
            f"{len(with_header)} requests of the page carry {with_header[0].trace_header}.",
        )
    traced = any(call.batch and call.batch.has("xray_trace_event") for call in case.puts)
    wanted = _wanted(case)
    if not traced and not wanted:
        return None
    late = _after_start(case)
    if not late:
        return unknown(
            "The page made no request after the client had started, and only those can carry the "
            "trace header; record a click that calls the API."
        )
    if not traced and not case.delivered:
        return unknown("No events were sent, so the session may not be sampled; no header then.")
    return RecordingVerdict(
        Status.FAIL,
        f"None of the {len(late)} requests that the page made after the client had started "
        "carries X-Amzn-Trace-Id or traceparent"
        + (", although trace events are sent" if traced else "")
        + ": addXRayTraceIdHeader is off in the http telemetry, its patterns match none of these "
        "URLs, or the page passes its headers as a Headers object or a list.",
        certain=traced,
        table=_origins(case, late),
    )


def _application(case: Case) -> list[Call]:
    return [
        call
        for call in case.recording.of(Kind.APPLICATION)
        if call.resource_type in ("fetch", "xhr", "") and call.headers_seen
    ]


def _after_start(case: Case) -> list[Call]:
    late = []
    for load in case.loads:
        start = load.client_started
        for call in load.of(Kind.APPLICATION) if start else ():
            assert start is not None
            waited = (call.started - start).total_seconds() if call.started else 0.0
            scripted = call.resource_type in ("fetch", "xhr") and call.headers_seen
            if scripted and waited > _START and call.status:
                late.append(call)
    return late


def _wanted(case: Case) -> bool:
    if case.option("enableXRay") is not True or not case.snippets:
        return False
    http: Any = case.snippets[0].telemetry("http")
    return isinstance(http, dict) and http.get("addXRayTraceIdHeader") is True


def _origins(case: Case, calls: list[Call]) -> Table:
    rows: dict[tuple[str, str], int] = {}
    for call in calls:
        own = case.load_of(call).url.split("/")[2:3] == [call.url.split("/")[2]]
        key = (call.host, "same origin" if own else "cross-origin")
        rows[key] = rows.get(key, 0) + 1
    return Table(
        ("host", "origin", "requests without header"),
        tuple((host, kind, str(count)) for (host, kind), count in sorted(rows.items())[:12]),
    )


def xray_cors(case: Case) -> RecordingVerdict | None:
    """Judge the preflights of the page's APIs: do they let the trace header through."""
    if case.console and (said := case.console.said("cors-trace-header")):
        return failed(f"The browser refused a traced request: {said.text}")
    asked = [
        call
        for call in case.recording.calls
        if call.preflight
        and call.kind is Kind.APPLICATION
        and call.cors
        and set(call.cors.asked) & set(_TRACE_HEADERS)
    ]
    bad = [call for call in asked if not _lets_through(call)]
    if bad:
        hosts = ", ".join(dict.fromkeys(call.host for call in bad))
        return failed(
            f"{hosts} does not allow the trace header in its preflight's "
            "Access-Control-Allow-Headers, so the page's own requests there fail.",
            bad,
        )
    return passed("The preflights allow the trace header.", asked[:1]) if asked else None


def _lets_through(call: Call) -> bool:
    cors = call.cors
    if cors is None or not call.status or not cors.answered:
        return True
    if call.status >= 400 or not cors.origin:
        return False
    wildcard = "*" in cors.allowed and not cors.credentials
    needed = set(cors.asked) & set(_TRACE_HEADERS)
    return wildcard or needed <= set(cors.allowed)
