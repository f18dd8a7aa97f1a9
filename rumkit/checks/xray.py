"""The guide's section "X-Ray tracing does not connect client-side and server-side traces"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.words import count, page_host, shown
from rumkit.client.values import Expression, RegExp
from rumkit.model import Hop, NotCollected, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_DOCS = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/configuration.md"
_XRAY = "https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html"
_W3C_SINCE = (1, 25, 0)
_CORS_RISK = (
    "The header makes cross-origin requests ask for permission first (a CORS preflight), so APIs"
    " that do not allow it start to fail; requests that are signed may stop matching their"
    " signature. Limit it to your own APIs with a list of regular expressions."
)
_SLIM = (
    "The slim build takes its telemetries from plugins; whether it traces requests cannot be told"
    " from its configuration."
)
_NO_LIST = "The telemetries are no list, so the client never starts: see client-enabled."
_NOT_ASKED = "This installation does not ask for X-Ray traces."


def _http(snippet: Snippet) -> Any:
    """Return the http telemetry's configuration, None when the telemetry is missing."""
    return snippet.telemetry("http")


def _asks(evidence: Evidence) -> bool:
    """Tell whether the snippet asks for traces in any way."""
    snippet = evidence.snippet
    config = _http(snippet)
    header = isinstance(config, dict) and config.get("addXRayTraceIdHeader")
    return bool(snippet.get("enableXRay", False) or header or snippet.get("enableW3CTraceId"))


def xray_enabled(evidence: Evidence) -> Outcome:
    """Fail for `addXRayTraceIdHeader: true` without `enableXRay: true`."""
    snippet = evidence.snippet
    if not evidence.behaviour.telemetries_option:
        return unknown(_SLIM)
    if snippet.problem("telemetries-not-list"):
        return skipped(_NO_LIST)
    enabled = snippet.get("enableXRay", False)
    has_http = _http(snippet) is not None or _default_http(evidence)
    proof = Proof("snippet", {"enableXRay": shown(enabled), "http telemetry": has_http})
    if isinstance(enabled, Expression):
        return unknown(f"enableXRay is an expression: {shown(enabled)}.", proof)
    if not _asks(evidence):
        return skipped(_NOT_ASKED, proof)
    missing, wanted = [], {}
    if enabled is not True:
        missing.append("enableXRay is not true")
        wanted["X-Ray"] = "enableXRay: true"
    if not has_http:
        missing.append("the http telemetry is missing")
        wanted["the http telemetry"] = _with_header(evidence)
    if missing:
        return failed(
            f"The snippet asks for trace headers, but {' and '.join(missing)}: no trace is begun"
            " and no header is sent. (The guide's text leaves enableXRay out.)",
            proof,
            fixes=(
                fixes.configuration(
                    f"Switch on {' and '.join(wanted)}",
                    ",\n".join(wanted.values()),
                    side_effect=_CORS_RISK,
                ),
            ),
        )
    return passed("The client begins a trace for each request that it records.", proof)


def _default_http(evidence: Evidence) -> bool:
    return (
        evidence.snippet.get("telemetries") is None
        and "http" in evidence.behaviour.default_telemetries
    )


def xray_header(evidence: Evidence) -> Outcome:
    """Fail for `enableXRay: true` alone: traces begin and never reach the server."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    if not behaviour.telemetries_option:
        return unknown(_SLIM)
    if snippet.problem("telemetries-not-list"):
        return skipped(_NO_LIST)
    if snippet.get("enableXRay", False) is not True:
        return skipped(_NOT_ASKED)
    config = _http(snippet)
    header = config.get("addXRayTraceIdHeader", False) if isinstance(config, dict) else False
    proof = Proof(
        "snippet",
        {
            "addXRayTraceIdHeader": shown(header),
            "enableW3CTraceId": shown(snippet.get("enableW3CTraceId", False)),
            "client": behaviour.label,
        },
    )
    if isinstance(header, Expression):
        return unknown(f"addXRayTraceIdHeader is an expression: {shown(header)}.", proof)
    if snippet.get("addXRayTraceIdHeader") is not None:
        return failed(
            "addXRayTraceIdHeader stands beside the telemetries; it counts only inside the http"
            " telemetry's own configuration.",
            proof,
            fixes=(_add_header(evidence),),
        )
    if not header:
        return failed(
            "The client begins traces and sends no trace header, so no server segment can join"
            " them: the traces in X-Ray hold only the client's half.",
            proof,
            fixes=(_add_header(evidence),),
        )
    return _which_header(evidence, header, proof)


def _which_header(evidence: Evidence, header: Any, proof: Proof) -> Outcome:
    snippet, behaviour = evidence.snippet, evidence.behaviour
    if snippet.get("enableW3CTraceId") is True and behaviour.version < _W3C_SINCE:
        return warned(
            f"Client {behaviour.label} does not know enableW3CTraceId and sends X-Amzn-Trace-Id;"
            " traceparent needs 1.25.0.",
            proof,
        )
    if isinstance(header, list) and not behaviour.xray_header_list:
        return warned(
            f"Client {behaviour.label} takes the list for true and adds the header to every"
            " request; lists are honoured from 1.16.0 on.",
            proof,
        )
    if isinstance(header, list) and any(not isinstance(each, RegExp) for each in header):
        return unknown("The list of patterns holds expressions.", proof)
    return passed("The client adds the trace header to the requests that it records.", proof)


def _add_header(evidence: Evidence) -> Fix:
    return fixes.configuration(
        "Send the trace header to this site's own APIs",
        _with_header(evidence),
        side_effect=_CORS_RISK,
    )


def _with_header(evidence: Evidence) -> str:
    """Return the telemetries as they are, with the header in the http telemetry."""
    listed = evidence.snippet.get("telemetries")
    if not isinstance(listed, list):
        listed = list(evidence.behaviour.default_telemetries) or ["errors", "performance"]
    config = _http(evidence.snippet)
    kept = config if isinstance(config, dict) else {}
    wanted = ["http", {**kept, "addXRayTraceIdHeader": _own_apis(evidence)}]
    names = [each[0] if isinstance(each, list) and each else each for each in listed]
    pairs = zip(names, listed, strict=True)
    entries = [wanted if name == "http" else entry for name, entry in pairs]
    entries += [] if "http" in names else [wanted]
    return fixes.member("telemetries", entries)


def _own_apis(evidence: Evidence) -> Any:
    """Return patterns of the site's own hosts; true, every host, where they are not known.

    The client tests a request's URL as the page wrote it, so paths are matched beside hosts.
    """
    try:
        host = page_host(evidence)
    except NotCollected:
        host = None
    if host is None:
        return True
    site = re.escape(host.removeprefix("www.")).replace("\\-", "-")
    return [RegExp(r"^\/[^\/]"), RegExp(rf"^https:\/\/([^\/]+\.)?{site}(:\d+)?\/")]


def xray_cors(evidence: Evidence) -> Outcome:
    """Be answered by a recording: a preflight whose reply does not allow the header."""
    if not _asks(evidence):
        return skipped(_NOT_ASKED)
    header = _header_name(evidence)
    if header is None:
        return skipped("No trace header is sent.")
    failing = evidence.unanswered_requests
    if not failing:
        return unknown(
            f"Whether cross-origin APIs let {header} through, only a browser recording shows."
        )
    rows = tuple((url, str(times)) for url, times in failing.items())
    return failed(
        f"{count(len(failing), 'cross-origin API')} fail in browsers without a status, as a"
        f" refused preflight does: likely they do not allow the header {header}.",
        Proof("rum:GetAppMonitorData", {"header": header}, table=Table(("API", "failures"), rows)),
        fixes=(
            fixes.advice(
                "Let the header through on each of these APIs",
                f"Access-Control-Allow-Headers: {header}",
                side_effect="`*` does not cover requests with credentials.",
            ),
            _add_header(evidence),
        ),
    )


def _header_name(evidence: Evidence) -> str | None:
    config = _http(evidence.snippet)
    if not isinstance(config, dict) or not config.get("addXRayTraceIdHeader"):
        return None
    w3c = evidence.snippet.get("enableW3CTraceId") is True
    return "traceparent" if w3c and evidence.behaviour.version >= _W3C_SINCE else "x-amzn-trace-id"


def xray_joined(evidence: Evidence) -> Outcome:
    """Fail for traces that hold the client's segment and no server's."""
    if not _asks(evidence):
        return skipped(_NOT_ASKED)
    traces = evidence.traces
    if not traces:
        return unknown("RUM stored no trace event in the window.")
    joined = [trace for trace in traces if trace.joined]
    rows = tuple((each.id, each.url, "yes" if each.joined else "no") for each in traces)
    proof = Proof(
        "xray:BatchGetTraces",
        {"traces": len(traces), "joined": len(joined)},
        table=Table(("trace", "request", "joined"), rows),
    )
    if len(joined) == len(traces):
        return passed(f"A server segment joined each of {count(len(traces), 'trace')}.", proof)
    if joined:
        return warned(f"{len(joined)} of {len(traces)} traces were joined by a server.", proof)
    return failed(
        f"No server segment joined any of {count(len(traces), 'trace')}: the header does not"
        " arrive, or the server behind it is not instrumented or ignores it.",
        proof,
        fixes=(
            fixes.advice(
                "Instrument the first server hop",
                "Switch on X-Ray tracing on the API Gateway stage, or instrument the service (AWS"
                " Distro for OpenTelemetry), so that it honours the incoming trace header.",
            ),
        ),
    )


CHECKS = (
    Check(
        "xray-enabled",
        Hop.TRACE,
        Section.XRAY_TRACING,
        "The client begins traces",
        xray_enabled,
        (_DOCS,),
    ),
    Check(
        "xray-header",
        Hop.TRACE,
        Section.XRAY_TRACING,
        "The client sends its trace header to the site's APIs",
        xray_header,
        (_DOCS,),
    ),
    Check(
        "xray-cors",
        Hop.TRACE,
        Section.XRAY_TRACING,
        "Cross-origin APIs let the trace header through",
        xray_cors,
        (_DOCS,),
    ),
    Check(
        "xray-joined",
        Hop.TRACE,
        Section.XRAY_TRACING,
        "Server segments join the client's traces",
        xray_joined,
        (_XRAY,),
        symptom=True,
    ),
)
