"""Whether events arrive: the one check that can prove a healthy installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, warned
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
# With at least so many events to be expected of the site's requests, silence needs no long look;
# with fewer than so many, hardly anybody can have been there.
_TELLING = 10
_LEAST = 3
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
    if arrival.total:
        return _since_last(evidence, arrival, proof)
    said = (
        f"RUM accepted no event in the window; the last came at {iso(last)}."
        if last
        else "RUM accepted no event in the fifteen days up to the end of the window."
    )
    visits = _visits(evidence, window.since)
    if visits is None:
        return failed(said, proof, fixes=_RECORD)
    beside = _beside(evidence, visits)
    if not visits.silent:
        return warned(f"{said} Nor had the site any request: nobody visited it.", proof, beside)
    asked = count(visits.silent, "request")
    return failed(f"{said} The site had {asked} in it.", proof, beside, fixes=_RECORD)


def _since_last(evidence: Evidence, arrival: Arrival, proof: Proof) -> Outcome:
    """Judge the time since the last event of the window, by the site's traffic where known."""
    step, until = timedelta(seconds=arrival.period), evidence.target.window.until
    began = (arrival.last or until) + step
    silence, longest = until - began, longest_gap(arrival)
    unusual = silence > max(_SHORTEST_SILENCE, _LONGER * longest)
    visits = _visits(evidence, began)
    said = (
        f"Events arrived until {iso(began)} and none came in the {_hours(silence)} since; the"
        f" longest gap before was {_hours(longest)}."
    )
    if visits is not None and silence > _SHORTEST_SILENCE:
        beside, expected = _beside(evidence, visits), visits.expected(arrival.total)
        asked = count(visits.silent, "request") if visits.silent else "no request"
        if unusual and expected < _LEAST:
            nobody = "hardly anybody visited it" if visits.silent else "nobody visited it"
            return warned(f"{said} The site had {asked} since: {nobody}.", proof, beside)
        if unusual or expected >= _TELLING:
            return failed(f"{said} The site had {asked} since.", proof, beside, fixes=_RECORD)
    if unusual:
        return failed(said, proof, fixes=_RECORD)
    accepted = count(arrival.total, "event")
    return passed(f"RUM accepted {accepted}, the last at {iso(began - step)}.", proof)


@dataclass(frozen=True)
class _Visits:
    """The site's requests before and in a silence."""

    before: int
    silent: int

    def expected(self, events: int) -> float:
        """Return how many events the requests in the silence had brought at the rate before."""
        return self.silent * events / self.before if self.before else 0.0


def _visits(evidence: Evidence, began: datetime) -> _Visits | None:
    """Return the requests around the beginning of a silence, None where they are not known."""
    requests = evidence.traffic_or_none()
    if requests is None:
        return None
    silent = sum(number for at, number in requests.items() if at >= began)
    before = sum(requests.values()) - silent
    # Events that came without a request were of another site than this one.
    if not before and began > evidence.target.window.since:
        return None
    return _Visits(before, silent)


def _beside(evidence: Evidence, visits: _Visits) -> Proof:
    return Proof(
        "cloudwatch:GetMetricData",
        {"requests before the silence": visits.before, "requests in it": visits.silent},
        {"traffic": evidence.target.traffic},
        *evidence.target.window.iso(),
    )


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
