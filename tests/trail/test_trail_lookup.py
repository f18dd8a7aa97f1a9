"""Event history: its rate, its pages, its ninety days, and what it can never hold."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
import trail_clients as stand_in
import trail_corpus as corpus
import trail_records as sample

from rumkit.model import NotCollected
from rumkit.target import Window
from rumkit.trail.lookup import LookupSource, TokenBucket


@pytest.fixture(autouse=True)
def _a_fixed_present(monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-05T00:00:00Z")


def source(records, calls=None, page=50, **options):
    history = stand_in.by_region(
        lambda region: stand_in.History(records, region, calls=calls, page=page)
    )
    return LookupSource(stand_in.Clients(cloudtrail=history), **options)


def test_it_holds_management_events_only():
    result = source(sample.installation()).fetch(sample.query())
    assert result.holds == {"sts", "changes"}


def test_a_call_asks_for_one_attribute_and_fifty_events():
    calls: list = []
    source(sample.installation(), calls).fetch(sample.query())
    assert {len(call["LookupAttributes"]) for call in calls} == {1}
    assert {call["MaxResults"] for call in calls} == {50}


def test_all_pages_are_read():
    records = [
        corpus.sts_failure(__import__("random").Random(n), sample.moment(n)) for n in range(7)
    ]
    result = source(records, page=3).fetch(sample.query(kinds=frozenset({"sts"})))
    assert len(result.rows) == 7


def test_calls_do_not_grow_with_the_number_of_monitors():
    counts = []
    for number in (1, 50):
        monitors = tuple((f"shop-{n}", "") for n in range(number))
        counts.append(source(sample.installation()).fetch(sample.query(monitors=monitors)).calls)
    assert counts[0] == counts[1]


def test_a_change_of_iam_is_found_in_the_region_that_records_iam():
    asked = sample.query(regions=("ap-south-1",), pools=(), monitors=())
    rows = source(sample.installation()).fetch(asked).rows
    assert "DeleteRolePolicy" in {row.name for row in rows}


def test_a_window_older_than_ninety_days_is_said_to_be_partly_out_of_sight():
    window = Window(sample.WINDOW.since - timedelta(days=200), sample.WINDOW.until)
    result = source(sample.installation()).fetch(sample.query(window=window))
    assert not result.complete
    assert "90 days" in result.notes[0]


def test_running_out_of_pages_is_said():
    result = source(sample.installation(), max_pages=3).fetch(sample.query())
    assert not result.complete
    assert "not read to the end" in result.notes[0]


def test_a_refusal_names_the_action():
    class Refusing:
        def lookup_events(self, **_):
            raise stand_in.refusal("LookupEvents")

    with pytest.raises(NotCollected) as refused:
        LookupSource(stand_in.Clients(cloudtrail=Refusing())).fetch(sample.query())
    assert refused.value.missing == ("cloudtrail:LookupEvents",)


def test_one_region_that_refuses_leaves_the_others_and_a_note():
    class Refusing:
        def lookup_events(self, **_):
            raise stand_in.refusal("LookupEvents")

    def of(region):
        return (
            Refusing()
            if region == corpus.REGION
            else stand_in.History(sample.installation(), region)
        )

    found = LookupSource(stand_in.Clients(cloudtrail=stand_in.by_region(of))).fetch(sample.query())
    assert {row.name for row in found.rows} == {"DeleteRolePolicy"}
    assert any(corpus.REGION in note for note in found.notes)


def test_no_more_than_two_calls_a_second_begin():
    class Clock:
        at = 0.0

        def time(self):
            return self.at

        def sleep(self, seconds):
            self.at += seconds

    clock, begun = Clock(), []
    bucket = TokenBucket(2.0, clock=clock.time, sleep=clock.sleep)
    for _ in range(9):
        bucket.take()
        begun.append(clock.at)
    assert max(sum(start <= other < start + 1 for other in begun) for start in begun) == 2


def test_the_rate_is_respected_towards_aws(monkeypatch):
    taken = []
    monkeypatch.setattr(TokenBucket, "take", lambda self: taken.append(1))
    history = stand_in.History(sample.installation(), corpus.REGION)
    history.meta = dataclasses.make_dataclass("Meta", ["endpoint_url"])("https://cloudtrail.aws")
    found = LookupSource(stand_in.Clients(cloudtrail=history)).fetch(sample.query())
    assert len(taken) == found.calls > 0
