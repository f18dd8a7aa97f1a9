"""Athena's tables as AWS documents them, its workgroups, and what it needs of the caller."""

from __future__ import annotations

from datetime import timedelta

import boto3
import duckdb
import pytest
import trail_corpus as corpus
import trail_records as sample
from botocore.config import Config

from rumkit.model import BadInput, NotCollected
from rumkit.sandbox.ids import OPERATOR_KEY, OPERATOR_SECRET
from rumkit.sandbox.resources import Workgroup
from rumkit.sandbox.runner import Sandbox
from rumkit.target import Window
from rumkit.trail import athena_table
from rumkit.trail.athena import AthenaSource
from rumkit.trail.athena_table import missing_partitions, partition_conditions
from rumkit.trail.query import TrailQuery

REGION = corpus.REGION


def table(keys, **settings) -> athena_table.AthenaTable:
    metadata = {
        "TableMetadata": {
            "Name": "events",
            "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in keys.items()],
            "Parameters": settings,
        }
    }
    return athena_table.described(metadata, ("AwsDataCatalog", "trails", "events"))


BY_HAND = dict.fromkeys(("region", "year", "month", "day"), "string")


def days_read(query, keys):
    """Return the days of January to April that the conditions let through, by a real engine."""
    connection = duckdb.connect()
    columns = ", ".join(f"{name} {kind}" for name, kind in keys.items())
    connection.execute(f"CREATE TABLE partitions ({columns.replace('string', 'VARCHAR')})")
    start = sample.WINDOW.since - timedelta(days=60)
    for number in range(120):
        day = start + timedelta(days=number)
        row = {"region": REGION, "account": corpus.ACCOUNT, "year": f"{day:%Y}"}
        row |= {"month": f"{day:%m}", "day": f"{day:%d}"}
        values = [row[name] for name in keys]
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO partitions VALUES ({marks})", values)
    where = " AND ".join(partition_conditions(query, table(keys)))
    text = f"SELECT year, month, day FROM partitions WHERE {where} ORDER BY 1, 2, 3"
    return ["-".join(f"{int(part):02d}" for part in row) for row in
            connection.execute(text).fetchall()]  # fmt: skip


@pytest.mark.parametrize(
    "keys",
    [
        BY_HAND,
        {"account": "string", **BY_HAND},
        {"region": "string", "year": "int", "month": "int", "day": "int"},
    ],
    ids=["of one account", "of an organisation", "with numbers"],
)
def test_a_table_with_partitions_by_hand_is_read_by_its_days(keys):
    window = Window(sample.WINDOW.since - timedelta(days=2), sample.WINDOW.until)
    read = days_read(sample.query(window=window, account=corpus.ACCOUNT), keys)
    assert read == ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]


def test_another_account_of_an_organisation_is_not_read():
    keys = {"account": "string", **BY_HAND}
    assert days_read(sample.query(account="999988887777"), keys) == []


def test_a_partition_that_nobody_added_is_a_gap_of_its_day():
    window = Window(sample.WINDOW.since - timedelta(days=2), sample.WINDOW.until)
    rows = [
        {"region": REGION, "year": "2026", "month": "02", "day": "28"},
        {"region": REGION, "year": "2026", "month": "03", "day": "02"},
        {"region": "us-east-1", "year": "2026", "month": "03", "day": "01"},
    ]
    gaps = missing_partitions(sample.query(window=window), table(BY_HAND), rows)
    assert [(gap.reason[-10:], gap.until - gap.since) for gap in gaps] == [
        ("2026/03/01", timedelta(days=1))
    ]


def test_a_table_by_days_alone_with_a_year_beside_is_not_read_whole():
    with pytest.raises(NotCollected, match="year, month and day"):
        partition_conditions(sample.query(), table({"region": "string", "year": "string"}))


@pytest.mark.parametrize("form", ["yyyy/MM/dd", "yyyy-MM-dd"])
def test_a_projected_day_is_written_as_the_projection_does(form):
    keys = {"day": "string"}
    (condition,) = partition_conditions(
        sample.query(), table(keys, **{"projection.day.format": form})
    )
    assert form.replace("yyyy", "2026").replace("MM", "03").replace("dd", "02") in condition


def test_a_workgroup_may_be_named():
    asked = []

    class Client:
        def get_table_metadata(self, **_):
            return {"TableMetadata": {"Name": "t", "PartitionKeys": [{"Name": "day"}]}}

        def start_query_execution(self, **params):
            asked.append(params["WorkGroup"])
            raise NotCollected("trail", "enough")

    for spec in ("a.b", "a.b@analysts"):
        with pytest.raises(NotCollected):
            AthenaSource(spec, lambda *_: Client(), region=REGION).fetch(sample.query())
    assert set(asked) == {"primary", "analysts"}


@pytest.mark.parametrize("spec", ["a", "a.b@", ".b", "a.b.c.d"])
def test_what_names_no_table_is_refused(spec):
    with pytest.raises(BadInput):
        AthenaSource(spec, lambda *_: None, region=REGION)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox("guest-role-permission") as running:
        yield running


@pytest.fixture
def ask(sandbox):
    """Ask the sandbox's Athena, or its Lake; what a test changes there is put back."""
    world, place = sandbox.world, sandbox.installation
    session = boto3.Session(OPERATOR_KEY, OPERATOR_SECRET)

    def clients(service, region):
        config = Config(retries={"max_attempts": 0})
        return session.client(service, region, endpoint_url=sandbox.url, config=config)

    query = TrailQuery(
        Window(world.clock - timedelta(days=1), world.clock),
        monitors=((place.monitor.name, place.monitor.id),),
        regions=(REGION,),
    )

    def fetch(spec="trails.account_trail"):
        return AthenaSource(spec, clients, region=REGION).fetch(query)

    yield fetch
    world.denied_actions = set()
    world.workgroups = {"primary": Workgroup()}
    world.trails[0].key, world.trails[0].governed = "", False


ENCRYPTED = "arn:aws:kms:eu-west-1:111122223333:key/1"
NEEDED = (
    ("glue:GetDatabase", {}),
    ("glue:GetTable", {}),
    ("glue:GetPartitions", {}),
    ("s3:GetBucketLocation", {}),
    ("s3:ListBucket", {}),
    ("s3:GetObject", {}),
    ("s3:PutObject", {}),
    ("kms:Decrypt", {"key": ENCRYPTED}),
    ("kms:GenerateDataKey", {"key": ENCRYPTED}),
    ("lakeformation:GetDataAccess", {"governed": True}),
)


@pytest.mark.parametrize(("action", "settings"), NEEDED, ids=[action for action, _ in NEEDED])
def test_a_permission_that_athena_lacks_is_named(sandbox, ask, action, settings):
    sandbox.world.denied_actions = {action}
    for name, value in settings.items():
        setattr(sandbox.world.trails[0], name, value)
    with pytest.raises(NotCollected) as refused:
        ask()
    assert refused.value.missing == (action,)


@pytest.mark.parametrize(
    ("workgroup", "spec", "words"),
    [
        (Workgroup(location=""), "trails.account_trail", "no place for results"),
        (Workgroup(location="", enforced=True), "trails.account_trail", "no place for results"),
        (Workgroup(enabled=False), "trails.account_trail", "WorkGroup primary is disabled"),
        (Workgroup(), "trails.account_trail@nobody", "WorkGroup nobody is not found"),
    ],
)
def test_a_workgroup_that_can_take_no_query_says_why(sandbox, ask, workgroup, spec, words):
    sandbox.world.workgroups = {"primary": workgroup}
    with pytest.raises(NotCollected, match=words):
        ask(spec)


def test_a_named_workgroup_is_asked(sandbox, ask):
    sandbox.world.workgroups = {"analysts": Workgroup()}
    assert len(ask("trails.account_trail@analysts").rows) > 20


def test_the_successful_calls_are_counted_beside_the_rows(ask):
    found = ask()
    assert found.succeeded["put-rum-events"] > 100
    assert found.succeeded["cognito"] > found.succeeded["sts"] > 100


def test_a_long_list_of_partitions_is_one_statement():
    window = Window(sample.WINDOW.since - timedelta(days=364), sample.WINDOW.until)
    (condition, *_) = partition_conditions(sample.query(window=window), table(BY_HAND))
    assert condition.count("OR") == 12
