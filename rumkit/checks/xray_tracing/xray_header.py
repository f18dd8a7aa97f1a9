"""Does the client send its trace header to the site's APIs?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.observed import not_told, seen_to_fail, seen_to_work
from rumkit.checks.words import count, shown
from rumkit.checks.xray_tracing.tracing import (
    CORS_RISK,
    NO_LIST,
    NOT_ASKED,
    SLIM,
    W3C_SINCE,
    add_header,
    misspelt_header,
)
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.options import KnownOption, LeftOut
from rumkit.client.values import Expression, RegExp, truthy
from rumkit.model import Fix, Hop, NotCollected, Outcome, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `enableXRay: true` alone: traces begin and never reach the server."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    if not behaviour.telemetries_option:
        return unknown(SLIM)
    if snippet.problem("telemetries-not-list"):
        return skipped(NO_LIST)
    if not truthy(evidence.option("enableXRay", default=False)):
        return skipped(NOT_ASKED)
    config = snippet.telemetry("http")
    header = config.get("addXRayTraceIdHeader", False) if isinstance(config, dict) else False
    proof = Proof(
        "snippet",
        {
            "addXRayTraceIdHeader": shown(header),
            "enableW3CTraceId": shown(snippet.setting("enableW3CTraceId")),
            "client": behaviour.label,
        },
    )
    if isinstance(header, Expression):
        return unknown(f"addXRayTraceIdHeader is an expression: {shown(header)}.", proof)
    if (
        "addXRayTraceIdHeader" in snippet.config
        and snippet.setting("addXRayTraceIdHeader") != LeftOut()
    ):
        return failed(
            "addXRayTraceIdHeader stands beside the telemetries; it counts only inside the http"
            " telemetry's own configuration.",
            proof,
            fixes=(add_header(evidence),),
        )
    if not header and (written := misspelt_header(config)):
        return failed(
            f"The http telemetry has {written}, which the client does not know:"
            " addXRayTraceIdHeader is meant. No trace header is sent.",
            proof,
            fixes=(add_header(evidence),),
        )
    if not header:
        return failed(
            "The client begins traces and sends no trace header, so no server segment can join"
            " them: the traces in X-Ray hold only the client's half.",
            proof,
            fixes=(add_header(evidence),),
        )
    return _which_header(evidence, header, proof)


def _which_header(evidence: Evidence, header: Any, proof: Proof) -> Outcome:
    behaviour = evidence.behaviour
    if evidence.option("enableW3CTraceId") is True and behaviour.version < W3C_SINCE:
        return warned(
            f"Client {behaviour.label} does not know enableW3CTraceId and sends X-Amzn-Trace-Id;"
            " traceparent needs 1.25.0.",
            proof,
            fixes=(fixes.NEWER_CLIENT,),
        )
    if isinstance(header, list) and not behaviour.xray_header_list:
        return warned(
            f"Client {behaviour.label} takes the list for true and adds the header to every"
            " request; lists are honoured from 1.16.0 on.",
            proof,
            fixes=(fixes.NEWER_CLIENT,),
        )
    if isinstance(header, list) and any(not isinstance(each, RegExp) for each in header):
        return unknown("The list of patterns holds expressions.", proof)
    return passed("The client adds the trace header to the requests that it records.", proof)


# After the script has loaded the client still has to start; calls in between prove nothing.
_START = timedelta(seconds=0.3)


def observed(evidence: Evidence) -> Outcome | None:
    """Check whether the page's own requests carry the trace header."""
    visit = evidence.visit
    with_header = [call for call in _application(visit) if call.trace_header]
    if with_header:
        return seen_to_work(
            f"{len(with_header)} requests of the page carry {with_header[0].trace_header}.",
        )
    traced = any(call.batch and call.batch.has("xray_trace_event") for call in visit.puts)
    wanted = _wanted(visit)
    if not traced and not wanted:
        return None
    late = _after_start(visit)
    if not late:
        return not_told(
            "The page made no request after the client had started, and only those can carry the "
            "trace header; record a click that calls the API."
        )
    if not traced and not visit.delivered:
        return not_told("No events were sent, so the session may not be sampled; no header then.")
    return seen_to_fail(
        f"The page made {count(len(late), 'request')} after the client had started, without"
        " X-Amzn-Trace-Id or traceparent"
        + (", although trace events are sent" if traced else "")
        + ": addXRayTraceIdHeader is off in the http telemetry, its patterns match none of these "
        "URLs, or the page passes its headers as a Headers object or a list.",
        certain=traced,
        table=_origins(visit, late),
        fixes=(_header_fix(evidence),),
    )


def _header_fix(evidence: Evidence) -> Fix:
    """Return the telemetries with the header; the usual ones where no snippet was read."""
    try:
        return add_header(evidence)
    except NotCollected:
        return fixes.configuration(
            "Send the trace header to this site's own APIs",
            "enableXRay: true,\ntelemetries: ['errors', 'performance',"
            " ['http', { addXRayTraceIdHeader: true }]]",
            side_effect=CORS_RISK,
        )


def _application(visit: Visit) -> list[Call]:
    return [
        call
        for call in visit.recording.of(Kind.APPLICATION)
        if call.resource_type in ("fetch", "xhr", "") and call.headers_seen
    ]


def _after_start(visit: Visit) -> list[Call]:
    """Return the requests of scripts that were answered and came after the client's start."""
    return [
        call
        for load in visit.loads
        for call in load.of(Kind.APPLICATION)
        if call.resource_type in ("fetch", "xhr") and call.headers_seen and call.status
        if load.client_started and call.started and call.started - load.client_started > _START
    ]


def _wanted(visit: Visit) -> bool:
    if visit.setting("enableXRay") != KnownOption(value=True):
        return False
    http = visit.snippets[0].telemetry("http")
    return isinstance(http, dict) and http.get("addXRayTraceIdHeader") is True


def _origins(visit: Visit, calls: list[Call]) -> Table:
    rows: Counter[tuple[str, str]] = Counter()
    for call in calls:
        own = visit.load_of(call).url.split("/")[2:3] == [call.url.split("/")[2]]
        rows[call.host, "same origin" if own else "cross-origin"] += 1
    return Table(
        ("host", "origin", "requests without header"),
        tuple((host, origin, str(number)) for (host, origin), number in sorted(rows.items())[:12]),
    )


CHECK = Check(
    id=names.XRAY_HEADER,
    hop=Hop.TRACE,
    section=Section.XRAY_TRACING,
    title="The client sends its trace header to the site's APIs",
    configured=configured,
    observed=observed,
    docs=(links.CLIENT_OPTIONS,),
)
