"""What the views count, and when a rate changed."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import UTC, datetime, timedelta

import pytest
import trail_corpus as corpus
import trail_records as sample

from rumkit.frames import typed
from rumkit.target import Window, iso
from rumkit.trail import queries, views
from rumkit.trail.onset import began, bins_of, causes, find_onset
from rumkit.trail.query import RowCollector

SINCE = datetime(2026, 3, 2, tzinfo=UTC)
WIDTH = timedelta(minutes=15)


def rows_of(records):
    collector = RowCollector(sample.query(outcomes="all"), "test")
    collector.add({"Records": records})
    return collector.rows


def test_denied_calls_are_counted_by_monitor_role_and_reason():
    (row,) = queries.denied_by_reason(rows_of(sample.installation()))
    assert (row["monitor"], row["role"], row["calls"]) == (corpus.MONITOR, corpus.ROLE, 4)
    assert row["reason"] == "no identity-based policy allows the rum:PutRumEvents action"
    assert row["last"] - row["first"] == timedelta(minutes=3)
    assert row["per_minute"] == pytest.approx(1.333)


def throttled(minute):
    record = corpus.denied_put(random.Random(minute), sample.moment(minute))
    return record | {"errorCode": "ThrottlingException"}


def test_a_throttled_call_is_not_a_denied_one_and_minutes_without_any_are_counted_as_none():
    rows = rows_of([throttled(1), throttled(4)])
    assert queries.denied_by_reason(rows) == []
    assert [row["calls"] for row in queries.throttled_by_minute(rows)] == [1, 0, 0, 1]


def test_vending_failures_are_counted_by_call_flow_pool_and_role():
    found = {row["name"]: row for row in queries.failed_vending(rows_of(sample.installation()))}
    trust, classic = found["AssumeRoleWithWebIdentity"], found["GetOpenIdToken"]
    assert (trust["flow"], trust["role"]) == ("basic", corpus.ROLE)
    assert trust["identity_pool"] == classic["identity_pool"] == corpus.POOL
    assert classic["error_code"] == "InvalidParameterException"


def test_changes_come_newest_first_with_who_and_what():
    found = views.changes(rows_of(sample.installation()))
    assert [change.name for change in found] == ["UpdateAppMonitor", "DeleteRolePolicy"]
    assert "put-rum-events of shop-guest deleted" in found[1].changed
    assert found[1].principal.endswith("/pipeline")


def test_a_vending_call_joins_the_refusal_of_its_credentials():
    denied = corpus.denied_put(random.Random(1), sample.moment(2))
    key = denied["userIdentity"]["accessKeyId"]
    vended = corpus.sts_failure(random.Random(2), sample.moment(1)) | {
        "errorCode": None,
        "responseElements": {"credentials": {"accessKeyId": key}},
    }
    other = corpus.denied_put(random.Random(3), sample.moment(3))
    (pair,) = queries.vended_then_denied(rows_of([vended, denied, other]))
    assert [iso(pair[name]) for name in ("vended", "time")] == [sample.moment(1), sample.moment(2)]
    assert pair["by"] == "AssumeRoleWithWebIdentity"


@pytest.mark.parametrize("query", queries.QUERIES, ids=lambda query: query.name)
def test_a_query_s_rows_have_exactly_its_columns(query):
    key = corpus.denied_put(random.Random(1), sample.moment(2))["userIdentity"]["accessKeyId"]
    vended = corpus.sts_failure(random.Random(2), sample.moment(1)) | {
        "errorCode": None,
        "responseElements": {"credentials": {"accessKeyId": key}},
    }
    denied = corpus.denied_put(random.Random(1), sample.moment(2))
    rows = rows_of([*sample.installation(), vended, denied, throttled(3)])
    found = query.answer(rows)
    assert found
    assert all(list(row) == list(query.columns) for row in found)
    dtypes = {name: str(dtype) for name, dtype in typed(query.columns, found).dtypes.items()}
    assert dtypes == {name: column.dtype for name, column in query.columns.items()}


def poisson(rng, mean):
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count, product = count + 1, product * rng.random()
    return count


def counts(seed, before, after, edge, length=96):
    rng = random.Random(seed)
    return [poisson(rng, before if index < edge else after) for index in range(length)]


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [(20, 0, "stopped"), (20, 4, "fell"), (0, 5, "began"), (2, 10, "rose")],
)
def test_a_change_of_rate_is_found_where_it_is(before, after, direction):
    found = find_onset(counts(1, before, after, 60), SINCE, WIDTH)
    assert found.direction == direction
    assert found.earliest <= SINCE + 60 * WIDTH <= found.latest


def test_the_interval_holds_the_change_as_often_as_it_says():
    hits = 0
    for seed in range(100):
        found = find_onset(counts(seed, 3, 0.5, 48), SINCE, WIDTH)
        hits += found.moment is not None and found.earliest <= SINCE + 48 * WIDTH <= found.latest
    assert hits >= 90


def test_a_steady_rate_has_no_onset():
    found = [find_onset(counts(seed, 3, 3, 0), SINCE, WIDTH).moment for seed in range(100)]
    assert sum(moment is not None for moment in found) <= 2


@pytest.mark.parametrize("seen", [[], [5] * 7, [0] * 96, [1] * 9 + [0] * 87])
def test_too_little_data_is_said_to_be_too_little(seen):
    found = find_onset(seen, SINCE, WIDTH)
    assert found.moment is None
    assert "Too little data" in found.note


def rhythm(seed, stop):
    rng = random.Random(seed)
    traffic = [20 * (1.1 + math.sin(index / 96 * 2 * math.pi)) for index in range(192)]
    return [
        poisson(rng, mean) if index < stop else 0 for index, mean in enumerate(traffic)
    ], traffic


def test_a_daily_rhythm_is_no_onset_beside_the_site_s_traffic():
    seen, traffic = rhythm(2, 192)
    assert find_onset(seen, SINCE, WIDTH, traffic=traffic).moment is None


def test_without_traffic_a_fall_is_said_to_be_perhaps_the_rhythm():
    seen, _ = rhythm(2, 192)
    found = find_onset(seen, SINCE, WIDTH)
    assert found.moment is None or "daily rhythm" in found.note


def test_a_stop_at_night_is_found_beside_the_traffic():
    seen, traffic = rhythm(2, 70)
    found = find_onset(seen, SINCE, WIDTH, traffic=traffic)
    assert found.direction == "stopped"
    assert found.earliest <= SINCE + 70 * WIDTH <= found.latest


def test_traffic_of_other_bins_is_refused():
    with pytest.raises(ValueError, match="different lengths"):
        find_onset([1] * 10, SINCE, WIDTH, traffic=[1])


def test_moments_are_counted_in_their_bins():
    window = dataclasses.replace(sample.WINDOW, until=sample.WINDOW.since + timedelta(hours=4))
    moments = [window.since, window.since + timedelta(minutes=61), window.until]
    assert bins_of(moments, window, count=4) == [1, 1, 0, 0]


def change(minutes, **more):
    record = views.ConfigurationChange(
        SINCE + 48 * WIDTH + timedelta(minutes=minutes),
        "PutRolePolicy",
        "r",
        "w",
        "p",
        "s",
        "a",
        "",
        "e",
    )
    return dataclasses.replace(record, **more)


def test_causes_are_the_changes_before_the_onset_nearest_first():
    onset = find_onset(counts(1, 20, 0, 48), SINCE, WIDTH)
    long_before, just_before, after = change(-600), change(-5), change(300)
    found = causes(onset, [long_before, after, just_before])
    assert [cause.change for cause in found] == [just_before, long_before]
    assert [cause.within for cause in found] == [True, False]


def test_a_change_that_was_refused_caused_nothing():
    onset = find_onset(counts(1, 20, 0, 48), SINCE, WIDTH)
    assert causes(onset, [change(-5, error_code="AccessDenied")]) == []


def test_without_an_onset_there_is_no_cause():
    onset = find_onset([0] * 96, SINCE, WIDTH)
    assert causes(onset, [change(-5)]) == []


def periods(*runs: tuple[int, int]) -> list[tuple[datetime, int]]:
    """Return arrival in periods of `WIDTH`, of runs of (events, periods)."""
    seen = [events for events, length in runs for _ in range(length)]
    return [(SINCE + number * WIDTH, events) for number, events in enumerate(seen)]


def since_when(arrived, denied=(), changes=(), **more):
    window = Window(SINCE, SINCE + len(arrived) * WIDTH)
    return began(arrived, list(denied), list(changes), window, WIDTH, **more)


def test_arrival_that_stopped_dates_the_beginning_and_its_causes():
    found = since_when(periods((20, 48), (0, 48)), changes=[change(-1)])
    assert (found.what, found.onset.direction) == ("arrival", "stopped")
    assert found.onset.moment == SINCE + 48 * WIDTH
    assert len(found.causes) == 1


def test_denials_date_it_where_arrival_does_not_change():
    steady = periods((20, 96))
    denied = [SINCE + number * WIDTH for number in range(60, 96)]
    found = since_when(steady, denied)
    assert (found.what, found.onset.direction) == ("denials", "began")
    assert found.onset.moment == SINCE + 60 * WIDTH


def test_arrival_that_rises_is_nothing_bad():
    assert since_when(periods((1, 48), (20, 48))) is None


@pytest.mark.parametrize(
    ("runs", "moment"),
    [
        ([(20, 40), (0, 30), (20, 26)], None),
        ([(20, 40), (0, 30), (12, 26)], None),
        ([(20, 40), (0, 30), (4, 26)], 40),
        ([(20, 40), (0, 50), (20, 6)], None),
        ([(20, 40), (0, 55), (3, 1)], 40),
    ],
)
def test_arrival_that_came_back_is_bad_no_more(runs, moment):
    found = since_when(periods(*runs))
    assert (found and found.onset.moment) == (moment and SINCE + moment * WIDTH)


def test_events_that_came_back_with_their_visitors_are_bad_no_more():
    arrived = periods((20, 40), (0, 30), (5, 26))
    visitors = [100] * 70 + [25] * 26
    assert since_when(arrived, traffic=visitors) is None
    assert since_when(arrived, traffic=[100] * 96).what == "arrival"


def test_denials_that_ended_are_bad_no_more():
    steady = periods((20, 96))
    denied = [SINCE + number * WIDTH for number in range(30, 60) for _ in range(3)]
    assert since_when(steady, denied) is None


def test_a_site_that_empties_with_its_events_is_nothing_bad():
    arrived = periods((20, 48), (1, 48))
    assert since_when(arrived).onset.direction == "fell"
    assert since_when(arrived, traffic=[100] * 48 + [5] * 48) is None


def test_traffic_without_any_request_is_not_compared():
    assert since_when(periods((20, 48), (0, 48)), traffic=[0] * 96).what == "arrival"
