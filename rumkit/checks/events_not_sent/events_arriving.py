"""Do events arrive? The one check that can prove a healthy installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from rumkit.aws.denial import in_short
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, warned, worked
from rumkit.checks.events_not_sent.lost_events import (
    ANSWER_PREFLIGHTS,
    DEPLOYED,
    ELSEWHERE,
    NAMED_BESIDE,
    UNREADABLE,
    past,
)
from rumkit.checks.in_between import answered_sentence, at_that_place, own_endpoint, past_the_worker
from rumkit.checks.observed import not_told, seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.probed import walked as probed
from rumkit.checks.service_role import MAKE_SERVICE_ROLE, SERVICE_ROLE
from rumkit.checks.words import count
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import DATA_PLANE_HOST
from rumkit.client.har.silence import Silent
from rumkit.client.visit import Visit, silence_of
from rumkit.model import Hop, Outcome, Proof, Section, Table
from rumkit.target import iso
from rumkit.trail.names import ANY_CHANGE

if TYPE_CHECKING:
    from datetime import datetime

    from rumkit.aws.metrics import Arrival
    from rumkit.evidence import Evidence
    from rumkit.model import Fix


_ROWS = 6
# Silence shorter than this is no sign of anything, however busy the site.
_SHORTEST_SILENCE = timedelta(minutes=30)
# A silence counts when it is this many times the longest one before it.
_LONGER = 3
# Where the site's requests let one expect so many events, silence tells whatever the gaps before;
# where they let one expect fewer than so many, hardly anybody can have been there.
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


_READ_THE_APPS_LOG = (
    fixes.advice(
        "Where no other check names the cause, read the app's own log",
        "It says whether the agent of OpenTelemetry started, with which monitor's id and Region,"
        " and what its exporter is answered; a build without network permission sends nothing.",
    ),
)


def _look_further(evidence: Evidence) -> tuple[Fix, ...]:
    return _READ_THE_APPS_LOG if evidence.mobile() else _RECORD


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for a monitor that accepted events all night and none since six."""
    arrival, window = evidence.arrival, evidence.target.window
    since, until = window.iso()
    last = arrival.last
    proof = Proof(
        "cloudwatch:GetMetricData",
        {
            "events accepted in the window": arrival.total,
            "last period with events": iso(last) if last else "none in fifteen days",
        },
        {"Namespace": "AWS/RUM", "MetricName": "RumEventPayloadSize", "Stat": "SampleCount"},
        since,
        until,
        _table(arrival),
    )
    if arrival.total:
        return _since_last(evidence, arrival, proof)
    sentence = (
        f"RUM accepted no event in the window; the last came at {iso(last)}."
        if last
        else "RUM accepted no event in the fifteen days up to the end of the window."
    )
    if last is None and evidence.no_service_role():
        return _without_metrics(evidence, sentence, proof)
    visits = _visits(evidence, window.since)
    if visits is None:
        return failed(sentence, proof, fixes=_look_further(evidence))
    beside = _beside(evidence, visits)
    if not visits.silent:
        return warned(f"{sentence} Nor had the site any request: nobody visited it.", proof, beside)
    asked = count(visits.silent, "request")
    return failed(
        f"{sentence} The site had {asked} in it.", proof, beside, fixes=_look_further(evidence)
    )


def _without_metrics(evidence: Evidence, sentence: str, proof: Proof) -> Outcome:
    """Check by the stored events, since RUM cannot publish its metrics."""
    why = (
        f"the role {SERVICE_ROLE}, by which RUM publishes its metrics and sends traces, does not"
        " exist"
    )
    times = [each.time for each in evidence.stored_or_none() or () if each.time]
    if not times:
        return warned(f"{sentence} That proves nothing: {why}.", proof, fixes=(MAKE_SERVICE_ROLE,))
    stored = Proof("rum:GetAppMonitorData", {"events read": len(times), "last": iso(max(times))})
    text = f"RUM stores events, the last at {iso(max(times))}, and no metric counts them: {why}."
    return warned(text, stored, proof, fixes=(MAKE_SERVICE_ROLE,))


def _since_last(evidence: Evidence, arrival: Arrival, proof: Proof) -> Outcome:
    """Check the time since the last event of the window, by the site's traffic where known."""
    step, until = timedelta(seconds=arrival.period), evidence.target.window.until
    began = (arrival.last or until) + step
    silence, longest = until - began, _longest_gap(arrival)
    unusual = silence > max(_SHORTEST_SILENCE, _LONGER * longest)
    visits = _visits(evidence, began)
    sentence = (
        f"Events arrived until {iso(began)} and none came in the {_hours(silence)} since; the"
        f" longest gap before was {_hours(longest)}."
    )
    if visits is not None and silence > _SHORTEST_SILENCE:
        beside, expected = _beside(evidence, visits), visits.expected(arrival.total)
        asked = count(visits.silent, "request") if visits.silent else "no request"
        if unusual and expected < _LEAST:
            nobody = "hardly anybody visited it" if visits.silent else "nobody visited it"
            return warned(f"{sentence} The site had {asked} since: {nobody}.", proof, beside)
        if unusual or expected >= _TELLING:
            return failed(
                f"{sentence} The site had {asked} since.",
                proof,
                beside,
                fixes=_look_further(evidence),
            )
    if unusual:
        return failed(sentence, proof, fixes=_look_further(evidence))
    accepted = count(arrival.total, "event")
    return worked(f"RUM accepted {accepted}, the last at {iso(began - step)}.", proof)


@dataclass(frozen=True)
class _Visits:
    """The site's requests before and in a silence."""

    before: int
    silent: int

    def expected(self, events: int) -> float:
        """Return how many events the silence's requests would have brought at the rate before."""
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


def _longest_gap(arrival: Arrival) -> timedelta:
    """Return the longest silence between two periods with events inside the window."""
    periods = (moment for moment, number in arrival.counts if number)
    return max((later - earlier for earlier, later in pairwise(periods)), default=timedelta(0))


def _table(arrival: Arrival) -> Table:
    rows = tuple((iso(moment), str(number)) for moment, number in arrival.counts if number)
    return Table(("period from", "events accepted"), rows[-_ROWS:])


def _hours(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def observed(evidence: Evidence) -> Outcome | None:
    """Check whether RUM accepted events; a symptom."""
    visit = evidence.visit
    good = visit.delivered
    lost = [call for call in visit.refused if not visit.healed(call) or _for_good(call)]
    if good and (whose := visit.of_another_monitor(good)):
        return _for_another(evidence, good, whose)
    if good:
        return _accepted(visit, good, lost)
    if elsewhere := visit.answered_in_between:
        first = elsewhere[0]
        return seen_to_fail(answered_sentence(first), elsewhere, fixes=at_that_place(visit, first))
    if lost:
        return seen_to_fail(_not_accepted(visit, lost[0]), lost, fixes=past(visit, lost[0]))
    answered = [call for call in visit.puts if call.ok]
    if answered:
        return not_told(
            f"PutRumEvents was answered with {answered[0].status}; that it was RUM that answered,"
            " the recording does not tell.",
            answered,
        )
    if visit.puts:
        return not_told("No PutRumEvents call was answered before the recording ended.", visit.puts)
    return _by_console(visit) or _none_sent(visit)


def _for_another(evidence: Evidence, good: list[Call], whose: str) -> Outcome:
    """Say that a site sends to another monitor; whether others send to this one, AWS tells."""
    text = f"RUM accepts what this site sends, and it is not for this monitor.{whose} Another build"
    say = seen_in_part if evidence.arrival_or_none() else seen_to_fail
    return say(f"{text} or configuration is deployed.", good, fixes=(DEPLOYED,))


def _for_good(call: Call) -> bool:
    """Tell whether a batch is lost though later ones pass: no client sends it again."""
    return 400 <= call.status < 500 and call.status not in {401, 403, 404, 429}


def _accepted(visit: Visit, good: list[Call], lost: list[Call]) -> Outcome:
    counted = [call.batch.events for call in good if call.batch]
    events = f"{sum(counted)} events that can be counted" if counted else "events not counted"
    text = (
        f"RUM accepted {count(len(good), 'PutRumEvents call')} ({events}); that it also stored"
        " them, a recording can't prove."
    )
    if not lost:
        absent = "no extension, content blocker or stored credentials of a visitor were at work"
        return seen_to_work(f"{text}{_left_out(visit)}{visit.in_fresh_profile(absent)}", good)
    why = silence_of(lost[0]) or in_short(lost[0].trouble)
    others = count(len(lost), "other")
    whose = visit.of_another_monitor(lost)
    return seen_in_part(f"{text} {others} failed: {why}.{whose}", lost, fixes=(NAMED_BESIDE,))


def _not_accepted(visit: Visit, call: Call) -> str:
    preflights = [
        c for c in visit.recording.calls if c.preflight and c.kind is Kind.PUT_EVENTS and c.cors
    ]
    refused = [c for c in preflights if c.status >= 400 or not (c.cors and c.cors.origin)]
    if refused and refused[0].status and not call.status:
        return (
            f"The preflight to {call.host} answers {refused[0].status} without letting the page "
            "send: a custom endpoint must answer OPTIONS with CORS headers."
        )
    if cause := silence_of(call):
        return f"The events could not be sent to {call.host}: {cause}."
    if call.status >= 500:
        return f"PutRumEvents answers {call.trouble}: an error of the service or of a proxy."
    if call.error_type.startswith(UNREADABLE):
        return f"RUM could not read the events as they came: {call.trouble}."
    return f"RUM accepted no events: {in_short(call.trouble)}."


def _by_console(visit: Visit) -> Outcome | None:
    """Check by what the console says of requests, where the exporter leaves failed ones out."""
    for request in visit.unrecorded_puts:
        why = request.explained
        if request.status:
            text = f"The console says that {request.host} answers {request.status}: {why}."
            return seen_to_fail(text, fixes=(NAMED_BESIDE,))
        if request.kind is Silent.SERVICE_WORKER:
            text = f"The page's service worker failed the request to {request.host}: {why}."
            return seen_to_fail(text, fixes=(past_the_worker(request.host),))
        text = f"The console says that the events could not be sent to {request.host}: {why}."
        if request.kind is Silent.CORS and not DATA_PLANE_HOST.fullmatch(request.host):
            text = f"{text} A custom endpoint must answer OPTIONS with CORS headers."
            return seen_to_fail(text, fixes=(ANSWER_PREFLIGHTS,))
        return seen_to_fail(text, fixes=(own_endpoint(visit), ELSEWHERE))
    return None


def _left_out(visit: Visit) -> str:
    """Say in a sentence which page loads of other sites were left out; empty when none were."""
    if not visit.strangers:
        return ""
    sites = sorted({load.origin for load in visit.strangers})
    monitors = sorted({c.monitor_id for load in visit.strangers for c in load.puts} - {""})
    return (
        f" What {', '.join(sites[:3])} sends to app monitor {', '.join(monitors[:3])} was left out:"
        " what was named has another."
    )


def _none_sent(visit: Visit) -> Outcome | None:
    if visit.strangers and not visit.puts:
        return not_told(
            f"The recording shows no event of this page's app monitor.{_left_out(visit)} Record"
            " this page, or give the recording alone.",
            missing=("input:recording",),
        )
    if hidden := visit.recording.hidden_hosts:
        return not_told(
            f"What went to {', '.join(hidden)} is hidden in tunnels: the proxy that recorded did"
            " not open TLS for it. Switch decryption (SSL proxying) on for it and record again.",
            missing=("input:recording",),
        )
    if not visit.loads:
        return None
    if visit.held_back:
        calls = count(visit.held_back, "PutRumEvents call")
        return not_told(
            f"The client was about to send: the recorder held {calls} back (--dry), so that RUM's"
            " answer was not seen. Record without --dry."
        )
    asked = visit.recording.of(Kind.CLIENT_SCRIPT) or visit.vending
    if not asked and any(load.whole for load in visit.loads):
        return not_told(
            "No PutRumEvents call was recorded, nor any other request of a client: snippet-present"
            " says what is known of it."
        )
    if any(call.failed for call in visit.vending):
        return not_told("No event was sent: the client got no credentials (see Cognito and STS).")
    alive = max(visit.seconds_alive(load) for load in visit.loads)
    first = visit.first_dispatch - 1.5
    if visit.silent_loads and alive < visit.first_dispatch:
        return not_told(
            f"No PutRumEvents call was recorded in the {alive:.0f} s that the client is known to "
            f"have run; it first sends after about {first:.0f} s. A beacon that is sent when the"
            " page is left is missing in recordings. Record for"
            f" {first + 10:.0f} s, without leaving the page."
        )
    return not_told(
        "No PutRumEvents call was recorded. A request that a policy blocks leaves no entry, nor "
        "does a beacon that is sent when the page is left: save the console beside the recording."
    )


CHECK = Check(
    id=names.EVENTS_ARRIVING,
    hop=Hop.INGEST,
    section=Section.EVENTS_NOT_SENT,
    title="RUM accepts events of this monitor",
    observed=observed,
    recorded=recorded,
    probed=probed,
    changes=ANY_CHANGE,
    mobile=True,
    docs=(f"{links.MONITORING}/CloudWatch-RUM-metrics.html",),
    symptom=True,
    table="arrival",
)
