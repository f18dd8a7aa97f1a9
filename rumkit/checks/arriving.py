"""Whether events arrive: the one check that can prove a healthy installation."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed
from rumkit.checks.words import count
from rumkit.model import Hop, Proof, Section, Table
from rumkit.target import iso

if TYPE_CHECKING:
    from datetime import datetime

    from rumkit.aws.metrics import Arrival
    from rumkit.evidence import Evidence
    from rumkit.model import Outcome

# Silence shorter than this is no sign of anything, however busy the site.
_SHORTEST_SILENCE = timedelta(minutes=30)
# A silence counts when it is this many times the longest one before it.
_LONGER = 3
_ROWS = 6
_RECORD = (
    fixes.advice(
        "Where no other check names the cause, record a browser",
        "Open the page with the developer tools' network panel, wait ten seconds, save all as HAR"
        " with content, and repeat with --recording FILE: it shows blockers, names that do not"
        " resolve and whatever else happens in the browser alone. --probe sends one marked event"
        " the way a browser would.",
    ),
)


def events_arriving(evidence: Evidence) -> Outcome:
    """Fail for a monitor that accepted events all night and none since six."""
    arrival, window = evidence.arrival, evidence.target.window
    since, until = window.iso()
    last = arrival.last
    proof = Proof(
        "cloudwatch:GetMetricData",
        {"events accepted in the window": arrival.total, "last period with events": _when(last)},
        {"Namespace": "AWS/RUM", "MetricName": "RumEventPayloadSize", "Stat": "SampleCount"},
        since,
        until,
        _table(arrival),
    )
    if last is None:
        return failed(
            "RUM accepted no event in the fifteen days up to the end of the window.",
            proof,
            fixes=_RECORD,
        )
    if not arrival.total:
        return failed(
            f"RUM accepted no event in the window; the last came at {iso(last)}.",
            proof,
            fixes=_RECORD,
        )
    silence = window.until - last - timedelta(seconds=arrival.period)
    if silence > max(_SHORTEST_SILENCE, _LONGER * longest_gap(arrival)):
        return failed(
            f"Events arrived until {iso(last + timedelta(seconds=arrival.period))} and none came"
            f" in the {_hours(silence)} since; the longest gap before was"
            f" {_hours(longest_gap(arrival))}.",
            proof,
            fixes=_RECORD,
        )
    return passed(f"RUM accepted {count(arrival.total, 'event')}, the last at {iso(last)}.", proof)


def longest_gap(arrival: Arrival) -> timedelta:
    """Return the longest silence between two periods with events inside the window."""
    periods = [moment for moment, number in arrival.counts if number]
    gaps = [later - earlier for earlier, later in pairwise(periods)]
    return max(gaps, default=timedelta(0))


def _table(arrival: Arrival) -> Table:
    seen = [(moment, number) for moment, number in arrival.counts if number][-_ROWS:]
    return Table(
        ("period from", "events accepted"), tuple((iso(at), str(number)) for at, number in seen)
    )


def _when(moment: datetime | None) -> str:
    return iso(moment) if moment else "none in fifteen days"


def _hours(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


EVENTS_ARRIVING = Check(
    "events-arriving",
    Hop.INGEST,
    Section.EVENTS_NOT_SENT,
    "RUM accepts events of this monitor",
    events_arriving,
    ("https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-RUM-metrics.html",),
    symptom=True,
)
