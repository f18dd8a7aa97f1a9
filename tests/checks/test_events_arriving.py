"""Silence is evaluated by who visited the site meanwhile, where that is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from rumkit.aws.metrics import Arrival
from rumkit.checks.events_not_sent.events_arriving import recorded
from rumkit.model import Status
from rumkit.target import Window

BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(BEGIN, BEGIN + 12 * HOUR)
BEFORE = BEGIN - 2 * HOUR


def evaluated(events, requests, last_before=BEFORE):
    """Evaluate twelve hours of events and requests; None where no site was named."""
    counts = tuple((BEGIN + number * HOUR, seen) for number, seen in enumerate(events))
    traffic = requests and {BEGIN + n * HOUR: seen for n, seen in enumerate(requests) if seen}
    evidence = SimpleNamespace(
        arrival=Arrival(3600, counts, last_before),
        target=SimpleNamespace(window=WINDOW, traffic="alb:app/shop/1"),
        traffic_or_none=lambda: traffic,
        mobile=lambda: False,
    )
    return recorded(evidence)


SILENT = [40] * 6 + [0] * 6
NIGHT = [40, 40, 0, 0, 0, 0, 40, 40, 40, 0, 0, 0]


@pytest.mark.parametrize(
    ("events", "requests", "status", "says"),
    [
        (SILENT, None, Status.FAIL, "none came in the 6.0 h since"),
        (SILENT, [9] * 12, Status.FAIL, "The site had 54 requests since."),
        (SILENT, [9] * 6 + [0] * 6, Status.WARN, "no request since: nobody visited it."),
        (SILENT, [99] * 6 + [1] + [0] * 5, Status.WARN, "1 request since: hardly anybody"),
        (NIGHT, None, Status.PASS, "RUM accepted 200 events"),
        (NIGHT, [9, 9, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9], Status.FAIL, "The site had 27 requests"),
        (NIGHT, [9, 9, 0, 0, 0, 0, 9, 9, 9, 0, 0, 0], Status.PASS, "RUM accepted 200 events"),
        ([0] * 12, [9] * 12, Status.FAIL, "The site had 108 requests in it."),
        ([0] * 12, [0] * 12, Status.WARN, "nobody visited it."),
        (SILENT, [0] * 6 + [9] * 6, Status.FAIL, "the longest gap before was 60 min."),
    ],
    ids=[
        "silence alone",
        "silence of a visited site",
        "silence of both",
        "hardly a visit",
        "a pause as long as the night",
        "visited in a pause as long as the night",
        "nobody in a pause as long as the night",
        "a visited site without any event",
        "an empty window",
        "requests of another site",
    ],
)
def test_silence_is_evaluated_by_the_visits_in_it(events, requests, status, says):
    outcome = evaluated(events, requests)
    assert outcome.status is status
    assert says in outcome.summary


def test_an_empty_window_without_traffic_is_broken():
    assert evaluated([0] * 12, None).status is Status.FAIL


def test_the_requests_are_evidence():
    values = evaluated(SILENT, [9] * 12).evidence[1].values
    assert values == {"requests before the silence": 54, "requests in it": 54}
