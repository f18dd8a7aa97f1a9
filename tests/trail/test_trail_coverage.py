"""What a source covers of a window: that nothing is there proves something only where it looked."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
import trail_clients as stand_in
import trail_corpus as corpus
import trail_records as sample

from rumkit.aws.log_group import LogGroup
from rumkit.target import Window
from rumkit.trail.coverage import Coverage, Gap, best
from rumkit.trail.files import FileSource
from rumkit.trail.lake import LakeSource
from rumkit.trail.logs import LogsSource
from rumkit.trail.lookup import LookupSource
from rumkit.trail.recorders import group_gaps, of_store, of_trails
from rumkit.trail.selectors import Recorded, recorded_by
from rumkit.trail.trails import LakeStore, Trail, TrailStatus

WINDOW = sample.WINDOW
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
RUM, POOL = "AWS::RUM::AppMonitor", "AWS::Cognito::IdentityPool"
PUT, KINDS = "put-rum-events", {"put-rum-events", "cognito", "sts", "changes"}


def selectors(*data, management=True):
    found = [("eventCategory", "Management")] if management else []
    wholes = [{"FieldSelectors": [{"Field": f, "Equals": [v]}]} for f, v in found]
    for kind, *arns in data:
        fields = [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [kind]},
            *([{"Field": "resources.ARN", "Equals": arns}] if arns else []),
        ]
        wholes.append({"FieldSelectors": fields})
    return {"AdvancedEventSelectors": wholes}


EVERYTHING = selectors((RUM,), (POOL,))


def status(**changed):
    told = {
        "logging": True,
        "started": LONG_AGO,
        "delivered": WINDOW.until,
        "logs_delivered": WINDOW.until,
    }
    return TrailStatus(**(told | changed))


def trail(**changed) -> Trail:
    told = {
        "name": "main",
        "arn": f"arn:aws:cloudtrail:{corpus.REGION}:{corpus.ACCOUNT}:trail/main",
        "region": corpus.REGION,
        "multi_region": True,
        "bucket": "trail-files",
        "prefix": "",
        "log_group": "trail-group",
        "status": status(),
        "selectors": EVERYTHING,
    }
    told |= changed
    recorded = recorded_by(told["selectors"]) if told["selectors"] else Recorded()
    return Trail(recorded=recorded, **told)


def query(**changed):
    return sample.query(account=corpus.ACCOUNT, **changed)


def covered(found: Trail, *, kind=PUT, medium="bucket", asked=None) -> Coverage:
    every = of_trails([found], asked or query(), medium, "here")
    return next(each for each in every if each.kind == kind)


def at(hour, minute=0) -> datetime:
    return WINDOW.since + timedelta(hours=hour, minutes=minute)


def test_a_trail_that_ran_through_the_window_covers_it():
    every = of_trails([trail()], query(), "bucket", "here")
    assert {each.kind for each in every} == KINDS
    assert {each.state for each in every} == {"covered"}


STOPPED = {
    "stopped before the window": (status(logging=False, stopped=at(-1)), "not-covered", ()),
    "stopped within it": (
        status(logging=False, stopped=at(5), delivered=at(5)),
        "partly",
        ((at(0), at(5)),),
    ),
    "begun within it": (status(started=at(9)), "partly", ((at(9), WINDOW.until),)),
    "stopped and begun within it": (
        status(stopped=at(5), started=at(9)),
        "partly",
        ((at(0), at(5)), (at(9), WINDOW.until)),
    ),
    "stopped before it, begun within it": (
        status(stopped=at(-5), started=at(9)),
        "partly",
        ((at(9), WINDOW.until),),
    ),
    "stopped and begun before it": (status(stopped=at(-9), started=at(-5)), "covered", None),
    "silent since the middle": (status(delivered=at(12)), "partly", ((at(0), at(12)),)),
    "late by minutes": (status(delivered=at(23, 50)), "covered", None),
    "failing since the middle": (
        status(delivered=at(12), delivery_error="AccessDenied"),
        "partly",
        ((at(0), at(12)),),
    ),
    "failing from the beginning": (
        status(delivered=None, delivery_error="NoSuchBucket"),
        "not-covered",
        (),
    ),
    "failing towards its log group alone": (
        status(logs_delivered=at(2), logs_error="AccessDenied"),
        "covered",
        None,
    ),
}


@pytest.mark.parametrize("case", STOPPED)
def test_a_trail_covers_what_it_ran_for_and_delivered(case):
    told, state, spans = STOPPED[case]
    found = covered(trail(status=told))
    assert found.state == state
    assert found.spans == (((WINDOW.since, WINDOW.until),) if spans is None else spans)


def test_a_log_group_has_deliveries_of_its_own():
    failing = trail(status=status(logs_delivered=at(2), logs_error="AccessDenied"))
    found = covered(failing, medium="log group")
    assert found.spans == ((at(0), at(2)),)
    assert "AccessDenied" in found.gaps[0].reason


@pytest.mark.parametrize(
    ("changed", "words", "missing"),
    [
        ({"selectors": selectors()}, "does not record PutRumEvents", "setting:record"),
        (
            {"selectors": selectors((RUM, f"{corpus.MONITOR_ARN}-other"))},
            "leave out PutRumEvents calls of",
            "setting:record",
        ),
        ({"selectors": None}, "could not be read", "cloudtrail:GetEventSelectors"),
        ({"status": None}, "could not be read", "cloudtrail:GetTrailStatus"),
        ({"multi_region": False, "region": "us-west-2"}, "us-west-2 only", "multi-Region"),
        ({"status": status(started=None)}, "is not said", ""),
    ],
)
def test_a_gap_says_why_and_what_would_close_it(changed, words, missing):
    found = covered(trail(**changed))
    assert any(words in gap.reason and missing in gap.missing for gap in found.gaps), found.gaps
    assert found.state != "covered"


def test_a_selector_that_names_this_monitor_covers_it():
    found = covered(trail(selectors=selectors((RUM, corpus.MONITOR_ARN))))
    assert found.state == "covered"


def test_a_selector_that_names_resources_is_uncertain_where_the_account_is_not_known():
    asked = sample.query()
    found = covered(trail(selectors=selectors((RUM, corpus.MONITOR_ARN))), asked=asked)
    assert found.state == "partly"


def test_the_changes_of_iam_are_recorded_by_a_trail_of_one_region_with_global_events():
    one = trail(multi_region=False)
    changes = [e for e in of_trails([one], query(), "bucket", "here") if e.kind == "changes"]
    assert {each.region: each.state for each in changes} == {
        corpus.REGION: "covered",
        "us-east-1": "covered",
    }


def test_global_events_that_are_left_out_are_a_gap_of_the_changes():
    found = covered(trail(global_events=False), kind="changes")
    other = [
        each
        for each in of_trails([trail(global_events=False)], query(), "bucket", "here")
        if each.kind == "changes" and each.region == "us-east-1"
    ]
    assert (found.state, other[0].state) == ("covered", "partly")


def test_of_two_trails_the_wider_one_counts():
    late, steady = trail(status=status(started=at(9))), trail()
    for order in ([late, steady], [steady, late]):
        every = of_trails(order, query(), "bucket", "here")
        assert {each.state for each in every} == {"covered"}


def test_where_no_trail_is_known_nothing_is_claimed():
    for unknown in (None, []):
        every = of_trails(unknown, query(), "bucket", "here")
        assert {each.state for each in every} == {"partly"}


def test_gaps_that_overlap_leave_what_lies_between():
    gaps = (Gap("a", "", at(2), at(6)), Gap("b", "", at(4), at(8)), Gap("c", "", at(20), None))
    found = Coverage(PUT, "", WINDOW, "x", gaps)
    assert found.spans == ((at(0), at(2)), (at(8), at(20)))
    assert best([found, Coverage(PUT, "", WINDOW, "y")])[0].source == "y"


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (LogGroup("g", retention=1), "keeps its records for 1 days"),
        (LogGroup("g", created=at(3)), "is new"),
        (LogGroup("g", retention=30, created=at(3)), "is new"),
        (LogGroup("g", log_class="DELIVERY"), "DELIVERY"),
        (None, "no log group"),
    ],
)
def test_a_log_group_s_settings_bound_what_it_holds(group, words, monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-03T12:00:00Z")
    (gap,) = group_gaps(group, "g", WINDOW)
    assert words in gap.reason


def test_a_log_group_that_keeps_long_enough_has_no_gap(monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-03T12:00:00Z")
    group = LogGroup("g", retention=30, log_class="INFREQUENT_ACCESS", created=LONG_AGO)
    assert group_gaps(group, "g", WINDOW) == []


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "covered"),
        ({"enabled": False}, "partly"),
        ({"created": at(5)}, "partly"),
        ({"multi_region": False, "region": "us-west-2"}, "not-covered"),
        ({"selectors": selectors((POOL,))}, "not-covered"),
    ],
)
def test_an_event_data_store_covers_what_it_takes_in(changed, state):
    told = {
        "ident": "1f2e3d4c",
        "name": "lake",
        "region": corpus.REGION,
        "enabled": True,
        "selectors": EVERYTHING,
        "created": LONG_AGO,
        "retention": 3650,
    } | changed
    store = LakeStore(recorded=recorded_by(told["selectors"]), **told)
    found = {each.kind: each for each in of_store(store, query(), "lake")}
    assert found[PUT].state == state


# What sources say of themselves.


def ask_logs(records, *, group=(), trails=(), **more):
    client = stand_in.Logs(records, group=group, **more)
    source = LogsSource(
        "g", stand_in.Clients(logs=client), region=corpus.REGION, trails=list(trails)
    )
    return source.fetch(query())


def success(number=1, minute=40, **changed):
    record = dict(corpus.denied_put(random.Random(number), sample.moment(minute)))
    del record["errorCode"], record["errorMessage"]
    return record | changed


def test_the_denominator_is_the_number_of_calls_that_succeeded():
    records = [*sample.installation(), *(success(number) for number in range(100, 107))]
    found = ask_logs(records, trails=[trail()])
    assert found.succeeded == {PUT: 7, "cognito": 0, "sts": 0}


def test_the_denominator_counts_this_monitor_s_calls_only():
    other = success(1, resources=[], requestParameters={"id": "another", "batchId": "b"})
    assert ask_logs([other], trails=[trail()]).succeeded[PUT] == 0


def test_a_group_of_a_short_retention_does_not_cover_the_window(monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-03T12:00:00Z")
    found = ask_logs(sample.installation(), group={"retentionInDays": 1}, trails=[trail()])
    assert not found.covers(PUT)
    assert "1 days" in found.gaps(PUT)[0].reason


def test_a_group_that_may_not_be_described_is_a_gap_that_names_the_action():
    class Refusing(stand_in.Logs):
        def describe_log_groups(self, **_):
            raise stand_in.refusal("DescribeLogGroups")

    client = stand_in.Clients(logs=Refusing(sample.installation()))
    found = LogsSource("g", client, region=corpus.REGION, trails=[trail()]).fetch(query())
    assert len(found.rows) == 8
    assert [gap.missing for gap in found.gaps(PUT)] == ["logs:DescribeLogGroups"]


def test_a_count_that_fails_costs_the_count_alone():
    class Slow(stand_in.Logs):
        def start_query(self, **asked):
            if "stats" in asked["queryString"]:
                raise stand_in.refusal("StartQuery", "MalformedQueryException")
            return super().start_query(**asked)

    client = stand_in.Clients(logs=Slow(sample.installation()))
    found = LogsSource("g", client, region=corpus.REGION, trails=[trail()]).fetch(query())
    assert (len(found.rows), found.succeeded) == (8, None)


def test_a_part_of_an_answer_is_kept_and_said_to_be_a_part():
    class Repeating(stand_in.Logs):
        def get_query_results(self, **asked):
            return super().get_query_results(**asked) | {"nextToken": "5"}

    client = stand_in.Clients(logs=Repeating(sample.installation(), page=5))
    found = LogsSource("g", client, region=corpus.REGION, trails=[trail()]).fetch(query())
    assert len(found.rows) >= 5
    assert any("twice" in gap.reason for gap in found.gaps(PUT))
    assert not found.complete


def test_all_pages_of_an_insights_answer_are_read():
    assert len(ask_logs(sample.installation(), page=3).rows) == 8


def test_a_call_with_more_fields_than_are_discovered_is_found_by_the_monitor_s_name():
    record = corpus.denied_put(random.Random(1), sample.moment(1))
    events = [{"id": str(n), "type": "x", "details": "{}", "metadata": "{}"} for n in range(100)]
    record["requestParameters"] = {"id": corpus.MONITOR_ID, "rumEvents": events}
    client = stand_in.Logs([record])
    source = LogsSource("g", stand_in.Clients(logs=client), region=corpus.REGION)
    asked = sample.query(monitors=((corpus.MONITOR, ""),))
    assert len(source.fetch(asked).rows) == 1


def test_event_history_covers_management_events_only(monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-05T00:00:00Z")
    history = stand_in.by_region(lambda region: stand_in.History(sample.installation(), region))
    found = LookupSource(stand_in.Clients(cloudtrail=history)).fetch(query())
    states = {each.kind: each.state for each in found.coverage if each.region == corpus.REGION}
    assert states == {
        PUT: "not-covered",
        "cognito": "not-covered",
        "sts": "covered",
        "changes": "covered",
    }
    assert found.succeeded == {"sts": 0}


def test_event_history_that_was_cut_off_covers_what_was_read(monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-05T00:00:00Z")
    records = [corpus.sts_failure(random.Random(n), sample.moment(n * 30)) for n in range(9)]
    history = stand_in.by_region(lambda region: stand_in.History(records, region, page=3))
    source = LookupSource(stand_in.Clients(cloudtrail=history), max_pages=2)
    found = source.fetch(query(kinds=frozenset({"sts"})))
    (only,) = found.coverage
    assert only.state == "partly"
    assert only.spans[-1][1] == WINDOW.until


def test_a_token_that_comes_back_ends_the_reading_and_is_a_gap(monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-05T00:00:00Z")

    class Repeating(stand_in.History):
        def lookup_events(self, **asked):
            return super().lookup_events(**asked) | {"NextToken": "1"}

    history = stand_in.by_region(lambda region: Repeating(sample.installation(), region))
    found = LookupSource(stand_in.Clients(cloudtrail=history)).fetch(query())
    assert not found.covers("sts")
    assert found.calls < 40


# Files.


def folder_of(folder, records, name="1.json.gz"):
    text = json.dumps({"Records": records}, separators=(",", ":")).encode()
    (folder / name).write_bytes(gzip.compress(text))
    return folder


def through_the_day():
    """Records of every hour of the window, of every kind, among them calls that succeeded."""
    noise = [corpus._other(random.Random(n), stamp(at(n // 2, 30 * (n % 2)))) for n in range(48)]
    ours = [corpus.role_change, corpus.sts_failure, corpus.cognito_failure]
    found = [*noise, success(), *(make(random.Random(7), sample.moment(9)) for make in ours)]
    return sorted(found, key=lambda record: record["eventTime"])


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_files_of_the_whole_window_cover_it(tmp_path):
    records = [*through_the_day(), corpus._other(random.Random(99), stamp(at(23, 59)))]
    found = FileSource(str(folder_of(tmp_path, records))).fetch(sample.query())
    assert found.covers(*KINDS), found.gaps(*KINDS)
    assert found.succeeded[PUT] == 1


def test_files_that_begin_or_end_inside_the_window_cover_what_lies_between(tmp_path):
    records = [r for r in through_the_day() if stamp(at(5)) <= r["eventTime"] <= stamp(at(20))]
    found = FileSource(str(folder_of(tmp_path, records))).fetch(sample.query())
    (put,) = found.coverage_of(PUT)
    assert put.spans == ((at(5), at(20)),)


def test_a_day_without_any_file_is_a_gap(tmp_path):
    window = Window(WINDOW.since - timedelta(days=3), WINDOW.until)
    folder_of(tmp_path, [success(1, 0, eventTime=stamp(window.since))])
    folder_of(tmp_path, through_the_day(), "2.json.gz")
    found = FileSource(str(tmp_path)).fetch(sample.query(window=window))
    reasons = " ".join(gap.reason for gap in found.gaps(PUT))
    assert "2026-02-28" in reasons
    assert "2026-03-01" in reasons


def cut_short(data):
    return data[: len(data) // 2]


def wrong_inside(data):
    return data[:60] + b"\xff" * 40 + data[100:]


LOST = {
    "cut": ("bad.json.gz", cut_short),
    "corrupt": ("bad.json.gz", wrong_inside),
    "encrypted": ("bad.json.gz", lambda data: random.Random(1).randbytes(len(data))),
    "empty": ("bad.json.gz", lambda data: b""),
    "a proxy's page": ("bad.json.gz", lambda data: b"<html>sign in</html>"),
    "zipped": ("bad.json.gz.zip", lambda data: b"PK\x03\x04" + data),
    "encrypted by a tool": ("bad.json.gz.gpg", lambda data: data),
    "packed with zstd": ("1_CloudTrail_eu-west-1_20260302T0900Z_x.json.zst", lambda data: data),
    "of no known suffix": ("1_CloudTrail_eu-west-1_20260302T0900Z_x", lambda data: data),
    "half downloaded": ("bad.json.gz.part", cut_short),
}


@pytest.mark.parametrize("case", LOST)
def test_a_file_that_is_lost_leaves_a_gap(case, tmp_path):
    records = [*through_the_day(), corpus._other(random.Random(99), stamp(at(23, 59)))]
    folder_of(tmp_path, records)
    name, damage = LOST[case]
    whole = gzip.compress(json.dumps({"Records": sample.installation()}).encode())
    (tmp_path / name).write_bytes(damage(whole))
    found = FileSource(str(tmp_path)).fetch(sample.query())
    assert not found.covers(PUT)
    assert any("could not be read" in gap.reason for gap in found.gaps(PUT))


def test_a_scan_that_was_ended_by_its_time_limit_leaves_a_gap(tmp_path):
    for number in range(3):
        folder_of(tmp_path, through_the_day(), f"{number}.json.gz")
    found = FileSource(str(tmp_path), deadline=-1.0).fetch(sample.query())
    assert any("time limit" in gap.reason for gap in found.gaps(PUT))


def test_a_folder_with_nothing_of_the_window_covers_nothing(tmp_path):
    old = success(1, eventTime="2020-01-01T00:00:00Z")
    found = FileSource(str(folder_of(tmp_path, [old]))).fetch(sample.query())
    assert {each.state for each in found.coverage} == {"not-covered"}


def test_files_that_name_their_regions_cover_no_other(tmp_path):
    records = [*through_the_day(), corpus._other(random.Random(99), stamp(at(23, 59)))]
    folder_of(tmp_path, records, "1_CloudTrail_us-west-2_20260302T0900Z_x.json.gz")
    found = FileSource(str(tmp_path)).fetch(sample.query())
    assert {each.state for each in found.coverage_of(PUT)} == {"not-covered"}


def test_summaries_of_calls_are_no_calls_and_lose_nothing(tmp_path):
    summary = {
        "eventVersion": "1.0",
        "eventCategory": "Aggregated",
        "eventType": "AwsAggregatedEvent",
        "eventSource": "rum.amazonaws.com",
        "timeWindow": {"windowStart": stamp(at(1)), "windowEnd": stamp(at(1, 5))},
        "summary": {"primaryDimension": {"dimension": "eventName", "statistics": []}},
        "eventName": "PutRumEvents",
    }
    records = [*through_the_day(), corpus._other(random.Random(99), stamp(at(23, 59))), summary]
    found = FileSource(str(folder_of(tmp_path, records))).fetch(sample.query())
    assert found.covers(PUT), found.gaps(PUT)
    assert not [row for row in found.rows if row.name == "PutRumEvents"]


def through_an_endpoint(record, **changed):
    """Write a record as an endpoint of a VPC does: without parameters and resources."""
    gone = {"requestParameters": None, "resources": None, "readOnly": None}
    network = {"eventCategory": "NetworkActivity", "eventType": "AwsVpceEvent"}
    return record | gone | network | {"eventID": "of the endpoint"} | changed


def test_a_call_through_an_endpoint_of_a_vpc_is_counted_once():
    call = success()
    assert ask_logs([call, through_an_endpoint(call)], trails=[trail()]).succeeded[PUT] == 1


def test_files_count_a_call_through_an_endpoint_once(tmp_path):
    call = success()
    folder_of(tmp_path, [*through_the_day(), through_an_endpoint(call)])
    assert FileSource(str(tmp_path)).fetch(sample.query()).succeeded[PUT] == 1


def test_a_call_that_an_endpoint_refused_is_a_denial():
    refused = through_an_endpoint(success(), errorCode="VpceAccessDenied", errorMessage="no")
    (row,) = ask_logs([refused], trails=[trail()]).rows
    assert (row.category, row.failure) == ("NetworkActivity", "denial")


def test_a_group_of_another_account_is_asked_by_its_arn():
    from rumkit.trail import sources
    from rumkit.trail.survey import TrailSurvey

    asked = []

    class Linked(stand_in.Logs):
        def start_query(self, **params):
            asked.append(params["logGroupIdentifiers"])
            return super().start_query(**params)

        def describe_log_groups(self, **params):
            asked.append(params["accountIdentifiers"])
            return super().describe_log_groups(params["logGroupNamePrefix"])

    arn = "arn:aws:logs:eu-central-1:444455556666:log-group:trails"
    clients = stand_in.Clients(logs=Linked(sample.installation()))
    source = sources.choose(TrailSurvey, f"logs:{arn}:*", clients, regions=[corpus.REGION])
    assert len(source.fetch(query()).rows) == 8
    assert clients.asked == [("logs", "eu-central-1")]
    assert sorted(asked) == [["444455556666"], [arn], [arn]]


def test_a_lake_answer_that_breaks_off_is_kept_as_a_part():
    class Repeating(stand_in.Lake):
        def get_query_results(self, **asked):
            return super().get_query_results(QueryId=asked["QueryId"]) | {"NextToken": "again"}

    store = "1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9"
    client = stand_in.Clients(cloudtrail=Repeating(sample.installation(), store))
    found = LakeSource(store, client, region=corpus.REGION).fetch(query())
    assert len(found.rows) == 8
    assert any("twice" in gap.reason for gap in found.gaps(PUT))
    # Of a count that broke off nobody knows how much is missing.
    assert found.succeeded is None


SELECT_LAKE = "SELECT eventName FROM 1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9"


@pytest.mark.parametrize(
    ("spec", "service", "make", "token", "text"),
    [
        ("logs:g", "logs", stand_in.Logs, {"nextToken": "0"}, "fields @message"),
        ("athena:trails.events", "athena", stand_in.Athena, {"NextToken": "0"},
         "SELECT eventname FROM trails.events"),
        (f"lake:{SELECT_LAKE.rpartition(' ')[2]}", "cloudtrail",
         lambda records: stand_in.Lake(records, SELECT_LAKE.rpartition(" ")[2]),
         {"NextToken": "again"}, SELECT_LAKE),
    ],
)  # fmt: skip
def test_a_part_of_an_answer_does_not_answer_a_query_of_ones_own(spec, service, make, token, text):
    from rumkit.model import NotCollected
    from rumkit.trail import sources
    from rumkit.trail.survey import TrailSurvey

    client = make(sample.installation())
    first_page = client.get_query_results
    client.get_query_results = lambda **asked: first_page(**asked) | token
    clients = stand_in.Clients(**{service: client})
    source = sources.choose(TrailSurvey, spec, clients, regions=[corpus.REGION])
    with pytest.raises(NotCollected, match="twice"):
        source.ask(text, query().window)
