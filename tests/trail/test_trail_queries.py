"""Queries in other languages: how they end, what they cost, and that values stay values."""

from __future__ import annotations

import json
import random

import pytest
import trail_clients as stand_in
import trail_corpus as corpus
import trail_records as sample
from hypothesis import given, settings
from hypothesis import strategies as st

from rumkit.model import BadInput, NotCollected
from rumkit.sandbox import insights
from rumkit.trail import athena, athena_table, lake, logs
from rumkit.trail.quoting import Unquotable, quote

REGION = corpus.REGION
STORE = "1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9"
HOSTILE = [
    "x' OR 1=1 --",
    'x" or 1=1 | fields @message #',
    "back`tick",
    "back\\slash\\",
    "new\nline",
    "pipe | limit 1",
    "semi; DROP TABLE trail",
    "% _ * /.*/",
    "'",
    '"',
    "ünïcödé",
    "",
]


def ask_logs(records, query):
    client = stand_in.Logs(records)
    return logs.LogsSource("g", stand_in.Clients(logs=client), region=REGION).fetch(query)


def ask_athena(records, query):
    client = stand_in.Athena(records)
    return athena.AthenaSource(
        "trails.events", stand_in.Clients(athena=client), region=REGION
    ).fetch(query)


def ask_lake(records, query):
    client = stand_in.Lake(records, STORE)
    return lake.LakeSource(STORE, stand_in.Clients(cloudtrail=client), region=REGION).fetch(query)


ASK = {"logs": ask_logs, "athena": ask_athena, "lake": ask_lake}


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize(
    "name", [name for name in HOSTILE if name and "\n" not in name and '"' not in name]
)
def test_a_monitor_finds_itself_and_nothing_else_whatever_its_name(ask, name):
    # ARNs end at blanks and quotation marks, so that only the id tells some of these apart.
    records = [sample.of_monitor(name, "id-of-it", 1), sample.of_monitor("shop", "id-of-shop", 2)]
    found = ASK[ask](records, sample.query(monitors=((name, "id-of-it"),)))
    assert [row.monitor_id for row in found.rows] == ["id-of-it"]


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_no_monitor_has_finds_nothing(ask, name):
    records = [sample.of_monitor("shop", "id-of-shop", 2)]
    found = ASK[ask](
        records, sample.query(monitors=((name, "another"),), kinds=frozenset({"put-rum-events"}))
    )
    assert found.rows == ()


@pytest.mark.parametrize("ask", ASK)
def test_a_name_that_begins_another_name_does_not_find_the_other(ask):
    records = [sample.of_monitor("shop-two", "2", 1), sample.of_monitor("shop", "1", 2)]
    found = ASK[ask](records, sample.query(monitors=(("shop", ""),)))
    assert [row.monitor_name for row in found.rows] == ["shop"]


@pytest.mark.parametrize("ask", ASK)
def test_a_refused_call_that_names_no_monitor_is_kept(ask):
    record = sample.of_monitor("shop", "1") | {"requestParameters": None, "resources": []}
    assert len(ASK[ask]([record], sample.query()).rows) == 1


@settings(max_examples=150, deadline=None)
@given(value=st.text(max_size=30))
@pytest.mark.parametrize("language", ["athena", "lake"])
def test_an_sql_literal_is_the_value_again(language, value):
    import duckdb

    try:
        literal = quote(value, language)
    except Unquotable:
        return
    assert duckdb.connect().execute(f"SELECT {literal}").fetchone() == (value,)


@settings(max_examples=150, deadline=None)
@given(value=st.text(max_size=30))
def test_an_insights_literal_is_the_value_again(value):
    try:
        literal = quote(value, "insights")
    except Unquotable:
        return
    events = [(0, json.dumps({"name": name})) for name in (value, f"{value}x", "another")]
    rows = insights.run(f"filter name = {literal} | fields @message", events)
    assert [json.loads(row[0][1])["name"] for row in rows] == [value]


@pytest.mark.parametrize("language", ["athena", "lake", "insights"])
def test_what_cannot_be_written_is_refused(language):
    with pytest.raises(Unquotable):
        quote("a\0b", language)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Failed", "failed"),
        ("Cancelled", "was cancelled"),
        ("Timeout", "shorter window"),
        ("Unknown", "unknown state"),
        ("Surprising", "ended as Surprising"),
    ],
)
def test_an_insights_query_that_does_not_complete_says_how_it_ended(status, words):
    client = stand_in.Logs(sample.installation(), status=status)
    source = logs.LogsSource("g", stand_in.Clients(logs=client), region=REGION)
    with pytest.raises(NotCollected, match=words):
        source.fetch(sample.query())


def test_an_insights_query_is_waited_for():
    client = stand_in.Logs(sample.installation(), polls=3)
    found = logs.LogsSource("g", stand_in.Clients(logs=client), region=REGION).fetch(sample.query())
    # Two queries, for the calls that failed and for the number of the others.
    assert (client.polled, len(found.rows)) == (3 + 2, 8)


def test_an_insights_query_that_never_ends_meets_its_deadline():
    client = stand_in.Logs(sample.installation(), polls=10**9)
    source = logs.LogsSource("g", stand_in.Clients(logs=client), region=REGION, deadline=0.05)
    with pytest.raises(NotCollected, match="did not end in time"):
        source.fetch(sample.query())


def test_a_window_with_more_rows_than_a_query_gives_is_asked_in_halves(monkeypatch):
    monkeypatch.setattr(logs, "LIMIT", 10)
    records = [corpus.denied_put(random.Random(n), sample.moment(n)) for n in range(60)]
    client = stand_in.Logs(records, limit=10)
    found = logs.LogsSource("g", stand_in.Clients(logs=client), region=REGION).fetch(sample.query())
    assert len(found.rows) == 60
    assert len(client.queries) > 6


def test_bytes_that_insights_scanned_are_kept_with_their_cost():
    found = ask_logs(sample.installation(), sample.query())
    assert found.bytes_scanned == 2 * 1000
    assert found.cost_usd == pytest.approx(2 * 5e-9)


def test_a_fleet_asks_insights_as_often_as_one_monitor():
    client = stand_in.Logs(sample.installation())
    monitors = tuple((f"shop-{n}", f"id-{n}") for n in range(100))
    logs.LogsSource("g", stand_in.Clients(logs=client), region=REGION).fetch(
        sample.query(monitors=monitors)
    )
    assert len(client.queries) == 2


def test_a_query_for_more_monitors_than_fit_leaves_the_choice_to_the_reader():
    monitors = tuple(("m" * 200 + str(n), f"id-{n}") for n in range(100))
    assert len(logs.insights_text(sample.query(monitors=monitors))) < 10_000
    assert len(lake.statement(sample.query(monitors=monitors), STORE)) < 10_000


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_an_athena_query_that_does_not_succeed_says_why(state):
    client = stand_in.Athena(sample.installation(), state=state)
    source = athena.AthenaSource("trails.events", stand_in.Clients(athena=client), region=REGION)
    with pytest.raises(NotCollected, match="why it ended"):
        source.fetch(sample.query())


def test_athena_reads_only_the_days_and_regions_of_the_query():
    client = stand_in.Athena(sample.installation())
    athena.AthenaSource("trails.events", stand_in.Clients(athena=client), region=REGION).fetch(
        sample.query()
    )
    text = client.statements[0]
    assert "\"day\" >= '2026/03/02'" in text
    assert "\"day\" <= '2026/03/04'" in text
    assert "\"region\" IN ('eu-west-1', 'us-east-1')" in text


def test_an_athena_table_without_days_is_not_read_whole():
    client = stand_in.Athena(sample.installation(), keys=("region",))
    source = athena.AthenaSource("trails.events", stand_in.Clients(athena=client), region=REGION)
    with pytest.raises(NotCollected, match="create_table_statement"):
        source.fetch(sample.query())
    assert client.statements == []


def test_all_pages_of_an_athena_answer_are_read():
    client = stand_in.Athena(sample.installation(), page=3)
    source = athena.AthenaSource("trails.events", stand_in.Clients(athena=client), region=REGION)
    assert len(source.fetch(sample.query()).rows) == 8


def test_athena_s_cost_is_at_least_that_of_ten_megabytes():
    found = ask_athena(sample.installation(), sample.query())
    assert (found.bytes_scanned, found.cost_usd) == (2 * 5_000_000, pytest.approx(2 * 5e-5))


def test_an_athena_refusal_names_the_action():
    class Refusing:
        def get_table_metadata(self, **_):
            raise stand_in.refusal("GetTableMetadata")

    source = athena.AthenaSource("a.b", stand_in.Clients(athena=Refusing()), region=REGION)
    with pytest.raises(NotCollected) as refused:
        source.fetch(sample.query())
    assert refused.value.missing == ("athena:GetTableMetadata",)


def test_the_table_statement_projects_account_region_and_day():
    text = athena_table.create_table_statement(
        "trails.events",
        "trail-files",
        accounts=["111122223333"],
        regions=[REGION],
        since="2026/01/01",
    )
    assert "PARTITIONED BY (`account` STRING, `region` STRING, `day` STRING)" in text
    assert "s3://trail-files/AWSLogs/${account}/CloudTrail/${region}/${day}'" in text


@pytest.mark.parametrize("bucket", ["a'b", "a\nb", "a`b", ""])
def test_the_table_statement_takes_no_name_that_could_break_it(bucket):
    with pytest.raises(BadInput):
        athena_table.create_table_statement(
            "t.e",
            bucket or "x",
            accounts=["1"],
            regions=["" if not bucket else REGION],
            since="2026/01/01",
        )


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "TIMED_OUT"])
def test_a_lake_query_that_does_not_finish_says_why(status):
    client = stand_in.Lake(sample.installation(), STORE, status=status)
    source = lake.LakeSource(STORE, stand_in.Clients(cloudtrail=client), region=REGION)
    with pytest.raises(NotCollected, match="why it ended"):
        source.fetch(sample.query())


def test_a_store_s_id_cannot_carry_sql():
    with pytest.raises(BadInput):
        lake.LakeSource("x; DROP", stand_in.Clients(cloudtrail=None), region=REGION)
