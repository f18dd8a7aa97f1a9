"""What an installation asks of X-Ray, and how it asks rightly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rumkit.checks import fixes
from rumkit.checks.base import skipped
from rumkit.checks.words import page_host_or_none
from rumkit.checks.written import telemetry_name
from rumkit.client.source.spelling import closest
from rumkit.client.values import RegExp

if TYPE_CHECKING:
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome


TRACE_HEADERS = ("x-amzn-trace-id", "traceparent")
W3C_SINCE = (1, 25, 0)
NOT_ASKED = "This installation does not ask for X-Ray traces."
NO_LIST = "The telemetries are not a list, so the client never starts: see client-enabled."
SLIM = (
    "The slim build takes its telemetries from plugins; whether it traces requests cannot be told"
    " from its configuration."
)
CORS_RISK = (
    "The header makes cross-origin requests ask for permission first (a CORS preflight), so APIs"
    " that do not allow it start to fail; requests that are signed may stop matching their"
    " signature. Limit it to your own APIs with a list of regular expressions."
)
_HEADER = "addXRayTraceIdHeader"


def misspelt_header(config: Any) -> str:
    """Return the key that is spelt almost like addXRayTraceIdHeader; empty when there is none."""
    keys = [key for key in config if key != _HEADER] if isinstance(config, dict) else []
    return next((key for key in keys if closest(key.lower(), [_HEADER.lower()], 2)), "")


def asks_for_traces(evidence: Evidence) -> bool:
    """Tell whether the snippet asks for traces in any way."""
    config = evidence.snippet.telemetry("http")
    header = isinstance(config, dict) and config.get(_HEADER)
    return bool(evidence.option("enableXRay") or header or evidence.option("enableW3CTraceId"))


def not_asked(evidence: Evidence) -> Outcome | None:
    """Skip an installation that asks for no traces; None for any other."""
    return None if asks_for_traces(evidence) else skipped(NOT_ASKED)


def add_header(evidence: Evidence) -> Fix:
    """Return the telemetries with the trace header switched on for the site's own APIs."""
    return fixes.configuration(
        "Send the trace header to this site's own APIs",
        with_header(evidence),
        side_effect=CORS_RISK,
    )


def let_header_through(header: str = "x-amzn-trace-id") -> Fix:
    """Return what a cross-origin API must answer to the preflight of a traced request."""
    return fixes.advice(
        "Let the header through on each of these APIs",
        f"Access-Control-Allow-Headers: {header}",
        side_effect="`*` does not cover requests with credentials. Or leave these hosts out of"
        " addXRayTraceIdHeader's list of patterns.",
    )


def with_header(evidence: Evidence) -> str:
    """Return the telemetries as they are, with the header in the http telemetry."""
    listed = evidence.option("telemetries")
    if not isinstance(listed, list):
        listed = list(evidence.behaviour.default_telemetries) or ["errors", "performance"]
    config = evidence.snippet.telemetry("http")
    written = config if isinstance(config, dict) else {}
    wrong = misspelt_header(written)
    kept = {key: value for key, value in written.items() if key != wrong}
    wanted = ["http", {**kept, _HEADER: _own_apis(evidence)}]
    entries = [wanted if telemetry_name(entry) == "http" else entry for entry in listed]
    return fixes.member("telemetries", entries if wanted in entries else [*entries, wanted])


def _own_apis(evidence: Evidence) -> Any:
    """Return patterns of the site's own hosts; true, every host, where they are not known.

    The client tests a request's URL as the page wrote it, so paths are matched beside hosts.
    """
    host = page_host_or_none(evidence)
    if host is None:
        return True
    site = re.escape(host.removeprefix("www.")).replace("\\-", "-")
    return [RegExp(r"^\/[^\/]"), RegExp(rf"^https:\/\/([^\/]+\.)?{site}(:\d+)?\/")]
